/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_bcm.c - CAN_BCM: connecting, requests and their errors, tasks that send.
 *
 * Expectations come from net/can/bcm.c and Documentation/networking/can.rst ("Broadcast Manager
 * Protocol Sockets") of Linux 6.1. */
#include "tests/af_can/bcm_rig.h"

#include <poll.h>

enum { HEAD = 56, FRAME = 16, FD_FRAME = 72 };

Test(can_bcm, the_socket_is_connected_not_bound)
{
    struct bcm_rig *rig = rig_new(true);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = rig->ifindex[0]};
    size_t len_bytes = sizeof address;
    cr_assert_eq(af_can_bind(rig->socket, &address, sizeof address), -EOPNOTSUPP);
    cr_assert_eq(af_can_getsockname(rig->socket, &address, &len_bytes), -EOPNOTSUPP);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .frames = {"123#01"}), -ENOTCONN);
    cr_assert_eq(af_can_connect(rig->socket, &address, 7), -EINVAL);
    cr_assert_eq(rig_connect(rig->socket, 1), -ENODEV); /* lo. */
    cr_assert_eq(rig_connect(rig->socket, 99), -ENODEV);
    cr_assert_eq(rig_connect(rig->socket, -1), -ENODEV);
    cr_assert_eq(af_can_connect(rig->socket, &address, 8), 0);
    cr_assert_eq(rig_connect(rig->socket, rig->ifindex[0]), -EISCONN);
    rig_free(rig);
}

Test(can_bcm, a_malformed_request_is_refused)
{
    struct bcm_rig *rig = rig_start();
    const struct {
        const char *what;
        struct ask ask;
        long answer;
    } rows[] = {
        {"no opcode", {.opcode = 0}, -EINVAL},
        {"an answer's opcode", {.opcode = RX_CHANGED}, -EINVAL},
        {"TX_SEND without frame", {.opcode = TX_SEND, .can_id = 1}, -EINVAL},
        {"TX_SEND of two", {.opcode = TX_SEND, .frames = {"001#", "002#"}}, -EINVAL},
        {"TX_SEND of one among two",
         {.opcode = TX_SEND, .nframes = 1, .frames = {"001#", "002#"}},
         -EINVAL},
        {"TX_SETUP without frame", {.opcode = TX_SETUP, .can_id = 1}, -EINVAL},
        {"TX_SETUP of 257", {.opcode = TX_SETUP, .nframes = 257, .frames = {"001#"}}, -EINVAL},
        {"TX_SETUP of more than there are",
         {.opcode = TX_SETUP, .nframes = 2, .frames = {"001#"}},
         -EFAULT},
        {"RX_SETUP of 258", {.opcode = RX_SETUP, .nframes = 258, .frames = {"001#"}}, -EINVAL},
        {"RX_SETUP of more than there are",
         {.opcode = RX_SETUP, .nframes = 2, .frames = {"001#"}},
         -EFAULT},
        {"a negative interval",
         {.opcode = TX_SETUP, .flags = SETTIMER, .ival2_us = -1, .frames = {"001#"}},
         -EINVAL},
        {"RX_RTR_FRAME without the flag in the identifier",
         {.opcode = RX_SETUP, .flags = RX_RTR_FRAME, .frames = {"001#"}},
         -EINVAL},
        {"nothing to delete", {.opcode = TX_DELETE, .can_id = 1}, -EINVAL},
        {"no filter to delete", {.opcode = RX_DELETE, .can_id = 1}, -EINVAL},
        {"nothing to read", {.opcode = TX_READ, .can_id = 1}, -EINVAL},
        {"no filter to read", {.opcode = RX_READ, .can_id = 1}, -EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const long answer = rig_ask_on(rig->socket, &rows[i].ask);
        cr_expect_eq(answer, rows[i].answer, "%s: %ld", rows[i].what, answer);
    }
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "");
    rig_free(rig);
}

static long send_bytes(struct bcm_rig *rig, const void *bytes, size_t len_bytes)
{
    uint8_t copy[512] = {0};
    memcpy(copy, bytes, len_bytes);
    const struct af_can_message message = {.data = copy, .data_bytes = len_bytes};
    return af_can_send(rig->socket, &message);
}

Test(can_bcm, behind_the_head_come_whole_frames_of_the_kind_it_names)
{
    struct bcm_rig *rig = rig_start();
    uint8_t bytes[256] = {TX_SEND};
    cr_assert_eq(send_bytes(rig, bytes, 0), -EINVAL);
    cr_assert_eq(send_bytes(rig, bytes, HEAD - 1), -EINVAL);
    bytes[52] = 1; /* nframes */
    cr_assert_eq(send_bytes(rig, bytes, HEAD + FRAME - 1), -EINVAL);
    cr_assert_eq(send_bytes(rig, bytes, HEAD + FRAME), HEAD + FRAME);
    cr_assert_eq(send_bytes(rig, bytes, HEAD + FD_FRAME), -EINVAL);
    bytes[5] = CAN_FD_FRAME >> 8; /* flags */
    cr_assert_eq(send_bytes(rig, bytes, HEAD + FRAME), -EINVAL);
    cr_assert_eq(send_bytes(rig, bytes, HEAD + FD_FRAME), HEAD + FD_FRAME);
    rig_free(rig);
}

Test(can_bcm, tx_send_sends_once)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .frames = {"123#0102"}), HEAD + FRAME);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .flags = CAN_FD_FRAME, .frames = {"124##0010203"}),
                 HEAD + FD_FRAME);
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "0us 123#0102\n0us 124##0010203\n");
    rig_free(rig);
}

Test(can_bcm, a_cycle_starts_at_once_and_keeps_its_period)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 10000,
                         .frames = {"123#01"}),
                 HEAD + FRAME);
    rig_run(rig, SIM_MS(35));
    rig_expect(rig, "0us 123#01\n10000us 123#01\n20000us 123#01\n30000us 123#01\n");
    rig_free(rig);
}

Test(can_bcm, a_bus_with_bit_times_does_not_shift_the_cycle)
{
    struct bcm_rig *rig = rig_new(false);
    rig_connect(rig->socket, rig->ifindex[0]);
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 1000,
            .frames = {"555#"});
    rig_run(rig, SIM_US(2500));
    unsigned first = 0, second = 0, third = 0;
    cr_assert_eq(sscanf(rig->log, "%uus 555#\n%uus 555#\n%uus", &first, &second, &third), 3);
    cr_assert_eq(second - first, 1000);
    cr_assert_eq(third - second, 1000);
    cr_assert(first > 80 && first < 120, "%u", first);
    rig_free(rig);
}

/* The frame at the start counts as one of them. */
Test(can_bcm, count_frames_come_at_ival1_then_ival2_holds)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER | TX_COUNTEVT, .count = 3,
            .ival1_us = 1000, .ival2_us = 5000, .frames = {"123#01"});
    rig_run(rig, SIM_MS(8));
    rig_expect(rig, "0us 123#01\n1000us 123#01\n2000us TX_EXPIRED 123 on 0:\n2000us 123#01\n"
                    "7000us 123#01\n");
    cr_assert_eq(rig->head->opcode, TX_EXPIRED);
    cr_assert_eq(rig->head->count, 0);
    cr_assert_eq(rig->head->ival1.tv_usec, 1000);
    cr_assert_eq(rig->head->ival2.tv_usec, 5000);
    rig_free(rig);
}

Test(can_bcm, without_ival2_it_ends_when_they_are_sent)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .count = 2, .ival1_us = 1000,
            .frames = {"123#01"});
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "0us 123#01\n1000us 123#01\n");
    rig_free(rig);
}

Test(can_bcm, set_but_not_started_nothing_is_sent)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER, .ival2_us = 1000, .frames = {"123#01"});
    rig_run(rig, SIM_MS(2));
    rig_expect(rig, "");
    rig_ask(rig, .opcode = TX_SETUP, .flags = TX_ANNOUNCE, .frames = {"123#02"});
    rig_run(rig, SIM_MS(2));
    rig_expect(rig, "2000us 123#02\n");
    rig_ask(rig, .opcode = TX_SETUP, .flags = STARTTIMER, .frames = {"123#03"});
    rig_run(rig, SIM_US(1500));
    rig_expect(rig, "4000us 123#03\n5000us 123#03\n");
    rig_free(rig);
}

Test(can_bcm, new_content_does_not_disturb_the_cycle)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 1000,
            .frames = {"123#01"});
    rig_run(rig, SIM_US(1500));
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .frames = {"123#02"}), HEAD + FRAME);
    rig_run(rig, SIM_MS(1));
    rig_expect(rig, "0us 123#01\n1000us 123#01\n2000us 123#02\n");
    /* Both intervals zero: the timer is off. */
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER, .frames = {"123#03"});
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER, .ival2_us = 1000, .frames = {"123#04"});
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "");
    rig_free(rig);
}

static void put_setup(uint8_t *bytes, uint32_t nframes)
{
    struct bcm_msg_head head;
    memset(&head, 0, sizeof head);
    head.opcode = TX_SETUP;
    head.flags = SETTIMER | STARTTIMER | TX_CP_CAN_ID;
    head.ival2.tv_usec = 1000;
    head.can_id = 0x123;
    head.nframes = nframes;
    memcpy(bytes, &head, sizeof head);
}

Test(can_bcm, refused_content_changes_nothing)
{
    struct bcm_rig *rig = rig_start();
    uint8_t bytes[HEAD + FRAME] = {0};
    uint8_t *frame = bytes + HEAD;
    put_setup(bytes, 1);
    frame[4] = 1; /* len */
    frame[8] = 0xAA;
    cr_assert_eq(send_bytes(rig, bytes, sizeof bytes), HEAD + FRAME);
    rig_run(rig, SIM_US(500));
    frame[4] = 9;
    frame[8] = 0xBB;
    cr_assert_eq(send_bytes(rig, bytes, sizeof bytes), -EINVAL);
    rig_run(rig, SIM_MS(1));
    rig_expect(rig, "0us 123#AA\n1000us 123#AA\n");
    rig_free(rig);
}

Test(can_bcm, a_sequence_goes_round)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .can_id = 0x42,
                         .ival2_us = 1000, .frames = {"101#01", "102#02", "103#03"}),
                 HEAD + 3 * FRAME);
    rig_run(rig, SIM_US(3500));
    rig_expect(rig, "0us 101#01\n1000us 102#02\n2000us 103#03\n3000us 101#01\n");
    rig_ask(rig, .opcode = TX_SETUP, .flags = TX_RESET_MULTI_IDX | TX_CP_CAN_ID, .can_id = 0x42,
            .frames = {"101#A1", "102#A2", "103#A3"});
    rig_run(rig, SIM_MS(2));
    rig_expect(rig, "4000us 042#A1\n5000us 042#A2\n");
    /* A shorter sequence starts anew; a longer one than the first has no place, and one that
     * became shorter does not grow again. */
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .can_id = 0x42, .frames = {"101#B1", "102#B2"}),
                 HEAD + 2 * FRAME);
    rig_run(rig, SIM_MS(3));
    rig_expect(rig, "6000us 101#B1\n7000us 102#B2\n8000us 101#B1\n");
    cr_assert_eq(
        rig_ask(rig, .opcode = TX_SETUP, .can_id = 0x42, .frames = {"101#01", "102#02", "103#03"}),
        -E2BIG);
    rig_free(rig);
}

Test(can_bcm, a_sequence_has_at_most_256_frames)
{
    struct bcm_rig *rig = rig_start();
    static uint8_t bytes[HEAD + 257 * FRAME];
    put_setup(bytes, 256);
    struct af_can_message message = {.data = bytes, .data_bytes = HEAD + 256 * FRAME};
    cr_assert_eq(af_can_send(rig->socket, &message), HEAD + 256 * FRAME);
    put_setup(bytes, 257);
    message.data_bytes += FRAME;
    cr_assert_eq(af_can_send(rig->socket, &message), -EINVAL);
    rig_run(rig, SIM_US(1500));
    rig_expect(rig, "0us 123#\n1000us 123#\n");
    cr_assert_eq(rig_ask(rig, .opcode = TX_READ, .can_id = 0x123), HEAD);
    cr_assert(rig_take(rig));
    cr_assert_eq(rig->message_bytes, HEAD + 256 * FRAME);
    rig_free(rig);
}

Test(can_bcm, tx_read_tells_what_is_set)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .count = 9, .ival1_us = 1000,
            .ival2_us = 2000000, .frames = {"123#01", "124#02"}, .can_id = 0x77);
    rig_run(rig, SIM_US(1500));
    rig_expect(rig, "0us 123#01\n1000us 124#02\n");
    cr_assert_eq(rig_ask(rig, .opcode = TX_READ, .can_id = 0x77), HEAD);
    rig_run(rig, 0);
    rig_expect(rig, "1500us TX_STATUS 077 on 0: 123#01 124#02\n");
    cr_assert_eq(rig->head->flags, SETTIMER | STARTTIMER | TX_ANNOUNCE);
    cr_assert_eq(rig->head->count, 7);
    cr_assert_eq(rig->head->ival1.tv_usec, 1000);
    cr_assert_eq(rig->head->ival2.tv_sec, 2);
    cr_assert_eq(rig->head->nframes, 2);
    cr_assert_eq(rig->from_bytes, 8);
    cr_assert_eq(rig->from.can_family, AF_CAN);
    rig_free(rig);
}

Test(can_bcm, tx_delete_ends_the_cycle)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 1000,
            .frames = {"123#01"});
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER | CAN_FD_FRAME,
            .ival2_us = 1000, .frames = {"123##002"});
    rig_run(rig, SIM_US(500));
    rig_expect(rig, "0us 123#01\n0us 123##002\n");
    /* The classical one and that of CAN FD are two. */
    cr_assert_eq(rig_ask(rig, .opcode = TX_DELETE, .can_id = 0x123), HEAD);
    cr_assert_eq(rig_ask(rig, .opcode = TX_DELETE, .can_id = 0x123), -EINVAL);
    rig_run(rig, SIM_MS(1));
    rig_expect(rig, "1000us 123##002\n");
    cr_assert_eq(rig_ask(rig, .opcode = TX_DELETE, .flags = CAN_FD_FRAME, .can_id = 0x123), HEAD);
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "");
    rig_free(rig);
}

Test(can_bcm, closing_ends_every_cycle)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 1000,
            .frames = {"123#01"});
    rig_ask(rig, .opcode = RX_SETUP, .flags = SETTIMER | STARTTIMER, .ival1_us = 1000,
            .can_id = 0x124);
    af_can_socket_close(rig->socket);
    rig->socket = rig_open(rig);
    rig_run(rig, SIM_S(1));
    rig_expect(rig, "0us 123#01\n");
    rig_free(rig);
}

Test(can_bcm, a_socket_for_any_interface_takes_it_from_the_address)
{
    struct bcm_rig *rig = rig_new(true);
    cr_assert_eq(rig_connect(rig->socket, 0), 0);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .frames = {"123#00"}), -ENODEV);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .frames = {"123#00"}), -ENODEV);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .to = 1, .frames = {"123#00"}), -ENODEV);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .to = 99, .frames = {"123#00"}), -ENODEV);
    const int first = rig->ifindex[0], second = rig->ifindex[1];
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .to = first, .frames = {"101#"}), HEAD + FRAME);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .to = second,
                         .ival2_us = 1000, .frames = {"102#"}),
                 HEAD + FRAME);
    rig_run(rig, SIM_US(500));
    rig_expect(rig, "0us 101#\n0us 102#\n");
    /* The task belongs to the interface. */
    cr_assert_eq(rig_ask(rig, .opcode = TX_DELETE, .to = first, .can_id = 0x102), -EINVAL);
    cr_assert_eq(rig_ask(rig, .opcode = TX_DELETE, .to = second, .can_id = 0x102), HEAD);
    rig_free(rig);
}

Test(can_bcm, an_address_has_a_length_and_a_family)
{
    struct bcm_rig *rig = rig_new(true);
    uint8_t bytes[HEAD] = {TX_READ};
    struct sockaddr_can to = {.can_family = AF_CAN};
    struct af_can_message message = {
        .data = bytes, .data_bytes = sizeof bytes, .address = &to, .address_bytes = 7};
    rig_connect(rig->socket, 0);
    cr_assert_eq(af_can_send(rig->socket, &message), -EINVAL);
    message.address_bytes = 8;
    to.can_ifindex = 99;
    cr_assert_eq(af_can_send(rig->socket, &message), -ENODEV);
    to.can_family = AF_UNSPEC;
    cr_assert_eq(af_can_send(rig->socket, &message), -EINVAL);
    rig_free(rig);
}

Test(can_bcm, a_connected_socket_does_not_look_at_the_address)
{
    struct bcm_rig *rig = rig_start();
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .to = 99, .frames = {"123#01"}), HEAD + FRAME);
    rig_run(rig, 0);
    rig_expect(rig, "0us 123#01\n");
    rig_free(rig);
}

Test(can_bcm, an_interface_that_goes_down_is_told_and_the_cycle_survives_it)
{
    struct bcm_rig *rig = rig_start();
    rig_ask(rig, .opcode = TX_SETUP, .flags = SETTIMER | STARTTIMER, .ival2_us = 1000,
            .frames = {"123#01"});
    rig_run(rig, SIM_US(500));
    af_can_set_up(rig->stack, rig->ifindex[1], false);
    cr_assert_eq(af_can_poll(rig->socket) & POLLERR, 0);
    af_can_set_up(rig->stack, rig->ifindex[0], false);
    cr_assert_eq(af_can_poll(rig->socket) & POLLERR, POLLERR);
    uint8_t bytes[128];
    struct af_can_message message = {.data = bytes, .data_bytes = sizeof bytes};
    cr_assert_eq(af_can_receive(rig->socket, &message), -ENETDOWN);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SEND, .frames = {"124#"}), -ENETDOWN);
    rig_run(rig, SIM_MS(1));
    rig_expect(rig, "0us 123#01\n");
    af_can_set_up(rig->stack, rig->ifindex[0], true);
    rig_run(rig, SIM_MS(1));
    rig_expect(rig, "2000us 123#01\n");
    rig_free(rig);
}

Test(can_bcm, frames_for_which_the_queue_has_no_room_are_lost_and_tx_send_says_so)
{
    struct bcm_rig *rig = rig_new(false);
    rig_connect(rig->socket, rig->ifindex[0]);
    long answer = 0;
    unsigned sent = 0;
    while ((answer = rig_ask(rig, .opcode = TX_SEND, .frames = {"123#"})) > 0) {
        sent++;
    }
    cr_assert_eq(answer, -ENOBUFS);
    cr_assert(sent >= AF_CAN_TX_QUEUE_LEN && sent <= AF_CAN_TX_QUEUE_LEN + 1, "%u", sent);
    cr_assert_eq(rig_ask(rig, .opcode = TX_SETUP, .flags = TX_ANNOUNCE, .can_id = 1,
                         .frames = {"301#", "302#"}),
                 HEAD + 2 * FRAME);
    rig_run(rig, SIM_MS(10));
    cr_assert_null(strstr(rig->log, "301#"));
    rig->log_len = 0;
    /* Its turn is over. */
    rig_ask(rig, .opcode = TX_SETUP, .flags = TX_ANNOUNCE, .can_id = 1, .frames = {"301#", "302#"});
    rig_run(rig, SIM_MS(10));
    cr_assert_not_null(strstr(rig->log, "302#"));
    rig_free(rig);
}
