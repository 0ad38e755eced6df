/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_bcm_rx.c - CAN_BCM: filters on content, time-outs, throttling, answers to
 * remote frames.
 *
 * Expectations come from net/can/bcm.c and Documentation/networking/can.rst of Linux 6.1. */
#include "tests/af_can/bcm_rig.h"

enum { HEAD = 56, FRAME = 16, FD_FRAME = 72 };

Test(can_bcm_rx, a_filter_on_the_identifier_tells_every_frame)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .flags = RX_FILTER_ID, .can_id = 0x123), HEAD);
    rig_peer(rig, "123#01");
    rig_peer(rig, "123#01");
    rig_peer(rig, "124#01");
    rig_peer(rig, "123#R");
    rig_peer(rig, "00000123#01");
    rig_peer(rig, "123##001");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n0us RX_CHANGED 123 on 2: 123#01\n");
    cr_assert_eq(rig->head->flags, RX_FILTER_ID);
    cr_assert_eq(rig->from_bytes, 8);
    cr_assert_eq(rig->message_flags, 0);
    rig_free(rig);
}

/* Without frames there is nothing to compare: the flag is set for the caller. */
Test(can_bcm_rx, no_mask_means_a_filter_on_the_identifier)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x123), HEAD);
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .flags = RX_FILTER_ID, .frames = {"124#FF"}),
                 HEAD);
    rig_peer(rig, "123#01");
    rig_peer(rig, "124#01");
    rig_peer(rig, "124#01");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n0us RX_CHANGED 124 on 2: 124#01\n"
                    "0us RX_CHANGED 124 on 2: 124#01\n");
    cr_assert_eq(rig_ask(rig, .opcode = RX_READ, .can_id = 0x123), HEAD);
    cr_assert(rig_take(rig));
    cr_assert_eq(rig->head->opcode, RX_STATUS);
    cr_assert_eq(rig->head->flags, RX_FILTER_ID);
    cr_assert_eq(rig->head->nframes, 0);
    rig_free(rig);
}

Test(can_bcm_rx, only_a_change_within_the_mask_is_told)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .frames = {"123#00F0"}), HEAD + FRAME);
    rig_peer(rig, "123#0011");
    rig_peer(rig, "123#FF1F");
    rig_peer(rig, "123#0021");
    rig_peer(rig, "123#00210000");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#0011\n0us RX_CHANGED 123 on 2: 123#0021\n");
    /* Setting it up again begins anew. */
    rig_ask(rig, .opcode = RX_SETUP, .frames = {"123#00F0"});
    rig_peer(rig, "123#0021");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#0021\n");
    rig_free(rig);
}

Test(can_bcm_rx, rx_check_dlc_tells_a_change_of_length)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = RX_CHECK_DLC, .frames = {"123#FF"});
    rig_peer(rig, "123#01");
    rig_peer(rig, "123#0100");
    rig_peer(rig, "123#0101");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n0us RX_CHANGED 123 on 2: 123#0100\n");
    rig_free(rig);
}

/* The first frame masks the multiplexer, the others say: this one, and this is what matters. */
Test(can_bcm_rx, each_multiplexed_content_is_watched_for_itself)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .frames = {"123#FF", "123#01FF", "123#0200FF"}),
                 HEAD + 3 * FRAME);
    rig_peer(rig, "123#0111");
    rig_peer(rig, "123#021122");
    rig_peer(rig, "123#0111");
    rig_peer(rig, "123#023322");
    rig_peer(rig, "123#0399");
    rig_peer(rig, "123#0112");
    rig_peer(rig, "123#021123");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#0111\n0us RX_CHANGED 123 on 2: 123#021122\n"
                    "0us RX_CHANGED 123 on 2: 123#0112\n0us RX_CHANGED 123 on 2: 123#021123\n");
    cr_assert_eq(
        rig_ask(rig, .opcode = RX_SETUP, .frames = {"123#FF", "123#01FF", "123#02FF", "123#03FF"}),
        -E2BIG);
    rig_free(rig);
}

Test(can_bcm_rx, can_fd_content_is_compared_to_its_end)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .flags = CAN_FD_FRAME,
                         .frames = {"123##000000000000000000000FF00"}),
                 HEAD + FD_FRAME);
    rig_peer(rig, "123#01");
    rig_peer(rig, "123##0000000000000000000001100");
    rig_peer(rig, "123##0AA00000000000000000011BB");
    rig_peer(rig, "123##0AA00000000000000000022BB");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#000000000000000000001100\n"
                    "0us RX_CHANGED 123 on 2: 123#AA00000000000000000022BB\n");
    rig_free(rig);
}

Test(can_bcm_rx, a_cyclic_frame_that_stays_away_is_told_once)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER | STARTTIMER, .ival1_us = 10000,
            .frames = {"123#FF"});
    rig_run(rig, SIM_MS(9));
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_MS(9));
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "9000us RX_CHANGED 123 on 2: 123#01\n28000us RX_TIMEOUT 123 on 2:\n");
    cr_assert_eq(rig->head->ival1.tv_usec, 10000);
    /* It comes back with the content it had: no change, but it is watched again. */
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "1028000us RX_TIMEOUT 123 on 2:\n");
    rig_free(rig);
}

Test(can_bcm_rx, the_time_out_starts_with_starttimer_or_the_first_frame)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER, .ival1_us = 10000, .can_id = 0x123);
    rig_run(rig, SIM_MS(50));
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_MS(50));
    rig_expect(rig, "50000us RX_CHANGED 123 on 2: 123#01\n60000us RX_TIMEOUT 123 on 2:\n");
    rig_ask(rig, .opcode = RX_SETUP, .flags = STARTTIMER, .can_id = 0x123);
    rig_run(rig, SIM_MS(50));
    rig_expect(rig, "110000us RX_TIMEOUT 123 on 2:\n");
    rig_free(rig);
}

Test(can_bcm_rx, rx_no_autotimer_watches_only_until_the_first_frame)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER | STARTTIMER | RX_NO_AUTOTIMER,
            .ival1_us = 10000, .can_id = 0x123);
    rig_run(rig, SIM_MS(5));
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "5000us RX_CHANGED 123 on 2: 123#01\n");
    rig_free(rig);
}

Test(can_bcm_rx, rx_announce_resume_tells_the_same_content_after_a_time_out)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER | STARTTIMER | RX_ANNOUNCE_RESUME,
            .ival1_us = 10000, .frames = {"123#FF"});
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_MS(20));
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_MS(5));
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n10000us RX_TIMEOUT 123 on 2:\n"
                    "20000us RX_CHANGED 123 on 2: 123#01\n");
    rig_free(rig);
}

/* Documentation: "throttle: ival2 between two RX_CHANGED". The first is told at once, what comes
 * meanwhile is told when the time is over, and only the latest of it. */
Test(can_bcm_rx, ival2_is_the_least_time_between_two_changes)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER, .ival2_us = 10000, .frames = {"123#FF"});
    for (unsigned i = 1; i <= 5; i++) {
        char frame[16];
        snprintf(frame, sizeof frame, "123#%02X", i);
        rig_peer(rig, frame);
        rig_run(rig, SIM_MS(4));
    }
    rig_run(rig, SIM_MS(30));
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n10000us RX_CHANGED 123 on 2: 123#03\n"
                    "20000us RX_CHANGED 123 on 2: 123#05\n");
    /* Nothing was held back at 30 ms: the next change is told at once again. */
    rig_peer(rig, "123#06");
    rig_expect(rig, "50000us RX_CHANGED 123 on 2: 123#06\n");
    rig_run(rig, SIM_MS(10));
    rig_peer(rig, "123#07");
    rig_expect(rig, "60000us RX_CHANGED 123 on 2: 123#07\n");
    rig_free(rig);
}

Test(can_bcm_rx, new_intervals_tell_what_is_held_back)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER, .ival2_us = 10000, .can_id = 0x123);
    rig_peer(rig, "123#01");
    rig_run(rig, SIM_MS(1));
    rig_peer(rig, "123#02");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n");
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER, .can_id = 0x123);
    rig_peer(rig, "123#03");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "1000us RX_CHANGED 123 on 2: 123#02\n1000us RX_CHANGED 123 on 2: 123#03\n");
    rig_free(rig);
}

Test(can_bcm_rx, a_remote_frame_is_answered)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .flags = RX_RTR_FRAME,
                         .can_id = 0x123 | CAN_RTR_FLAG, .frames = {"124#0102"}),
                 HEAD + FRAME);
    cr_assert_eq(rig_ask(rig, .opcode = RX_SETUP, .flags = RX_RTR_FRAME | TX_CP_CAN_ID,
                         .can_id = 0x125 | CAN_RTR_FLAG, .frames = {"126#03"}),
                 HEAD + FRAME);
    rig_peer(rig, "123#01");
    rig_peer(rig, "123#R");
    rig_peer(rig, "125#R");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "0us 124#0102\n0us 125#03\n");
    rig_free(rig);
}

Test(can_bcm_rx, a_deleted_filter_is_silent_and_the_others_stay)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER | STARTTIMER, .ival1_us = 1000,
            .can_id = 0x123);
    rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x124);
    cr_assert_eq(rig_ask(rig, .opcode = RX_DELETE, .can_id = 0x123), HEAD);
    cr_assert_eq(rig_ask(rig, .opcode = RX_DELETE, .can_id = 0x123), -EINVAL);
    rig_peer(rig, "123#01");
    rig_peer(rig, "124#01");
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "0us RX_CHANGED 124 on 2: 124#01\n");
    rig_free(rig);
}

Test(can_bcm_rx, filters_see_what_the_host_sends_itself)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x123);
    rig_ask(rig, .opcode = TX_SEND, .frames = {"123#01"});
    rig_run(rig, 0);
    cr_assert_not_null(strstr(rig->log, "RX_CHANGED 123 on 2: 123#01"), "%s", rig->log);
    rig_free(rig);
}

/* BCM_CAN_FLAGS_MASK: the upper four are marks of the kernel's. */
Test(can_bcm_rx, of_the_flags_of_a_frame_only_four_are_told)
{
    struct bcm_rig *rig = rig_start();
    uint8_t bytes[HEAD + FD_FRAME] = {TX_SEND};
    bytes[5] = CAN_FD_FRAME >> 8;
    bytes[52] = 1; /* nframes */
    bytes[HEAD] = 0x23;
    bytes[HEAD + 5] = 0xF0 | CANFD_BRS; /* flags */
    rig_ask(rig, .opcode = RX_SETUP, .flags = CAN_FD_FRAME, .can_id = 0x23);
    const struct af_can_message message = {.data = bytes, .data_bytes = sizeof bytes};
    cr_assert_eq(af_can_send(rig->socket, &message), HEAD + FD_FRAME);
    rig_run(rig, 0);
    cr_assert_not_null(strstr(rig->log, "RX_CHANGED"));
    const uint8_t *frame = (const uint8_t *)rig->head + HEAD;
    cr_assert_eq(frame[5], CANFD_BRS | CANFD_FDF);
    rig_free(rig);
}

/* The classical and the CAN FD filter of one identifier, and the one on any interface, each tell
 * their own frames, once. */
Test(can_bcm_rx, filters_of_one_identifier_do_not_mix)
{
    struct bcm_rig *rig = rig_new(true);
    rig_connect(rig->socket, 0);
    rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x123);
    rig_ask(rig, .opcode = RX_SETUP, .flags = CAN_FD_FRAME, .can_id = 0x123);
    rig_ask(rig, .opcode = RX_SETUP, .flags = RX_CHECK_DLC, .to = rig->ifindex[1], .can_id = 0x123);
    rig_peer(rig, "123#01");
    rig_peer(rig, "123##002");
    rig_expect(rig, "0us RX_CHANGED 123 on 2: 123#01\n0us RX_CHANGED 123 on 2: 123#02\n");
    struct can_frame frame = {.id = 0x123};
    can_node_send(&rig->peer[1], &frame);
    rig_run(rig, 0);
    rig_expect(rig, "0us RX_CHANGED 123 on 3: 123#\n0us RX_CHANGED 123 on 3: 123#\n");
    /* That on any interface comes first (can_receive()). */
    cr_assert_eq(rig->head->flags, RX_FILTER_ID | RX_CHECK_DLC);
    rig_free(rig);
}

Test(can_bcm_rx, a_message_is_cut_to_the_room_without_a_mark)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x123);
    const struct can_frame frame = {.id = 0x123};
    can_node_send(&rig->peer[0], &frame);
    sim_run_until(&rig->sim, SIM_MS(1));
    struct af_can_message message = {
        .data = rig->head, .data_bytes = 16, .flags = MSG_PEEK | MSG_TRUNC};
    cr_assert_eq(af_can_receive(rig->socket, &message), 16);
    cr_assert_eq(message.flags, 0);
    cr_assert(rig_take(rig));
    cr_assert_eq(rig->message_bytes, HEAD + FRAME);
    rig_free(rig);
}

Test(can_bcm_rx, a_message_that_finds_no_room_is_lost)
{
    struct bcm_rig *rig = rig_start();
    const int small = 1;
    cr_assert_eq(af_can_setsockopt(rig->socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    rig_ask(rig, .opcode = RX_SETUP, .can_id = 0x123);
    struct can_frame frame = {.id = 0x123};
    for (unsigned i = 0; i < 32; i++) {
        can_node_send(&rig->peer[0], &frame);
    }
    sim_run_until(&rig->sim, SIM_MS(1));
    unsigned told = 0;
    while (rig_take(rig)) {
        told++;
    }
    cr_assert(told > 0 && told < 32, "%u", told);
    rig_peer(rig, "123#01");
    cr_assert_not_null(strstr(rig->log, "123#01"));
    rig_free(rig);
}
