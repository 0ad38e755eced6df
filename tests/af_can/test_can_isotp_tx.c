/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_isotp_tx.c - what an ISO-TP socket sends, when, and how it ends. */
#include "sim/can/can_wire.h"
#include "tests/af_can/isotp_rig.h"

#include <string.h>

/* Linux kernel ISO-TP (can-isotp with isotpsend and isotprecv), as printed by candump. The same
 * trace is in tests/proto/test_isotp.c. */
Test(can_isotp_tx, sends_the_frames_that_candump_showed_of_the_kernel)
{
    struct isotp_rig rig;
    static uint8_t data[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xCA, 0xFE, 0x99, 0xAA};
    struct af_can_message message = {.data = data, .data_bytes = sizeof data};
    rig_start(&rig, true, 0);
    cr_assert_eq(af_can_send(rig.socket, &message), 10);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300000");
    rig_expect(&rig, "1000us 7E0#100A112233445566 1000us 7E0#21CAFE99AA");
    rig_release(&rig);
}

Test(can_isotp_tx, single_frame_is_as_short_as_its_message)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 2), 2);
    rig_run(&rig, 0);
    cr_assert_eq(rig_send(&rig, 7), 7);
    rig_run(&rig, 0);
    rig_expect(&rig, "1000us 7E0#020001 1000us 7E0#0700010203040506");
    rig_release(&rig);
}

Test(can_isotp_tx, padding_fills_single_last_and_no_other_frame)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_TX_PADDING);
    cr_assert_eq(rig_send(&rig, 2), 2);
    rig_run(&rig, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300000");
    rig_expect(
        &rig,
        "1000us 7E0#020001AAAAAAAAAA 1000us 7E0#1008000102030405 1000us 7E0#210607AAAAAAAAAA");
    rig_release(&rig);
}

Test(can_isotp_tx, extension_goes_before_everything_and_is_asked_of_answers)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR);
    cr_assert_eq(rig_send(&rig, 6), 6);
    rig_run(&rig, 0);
    cr_assert_eq(rig_send(&rig, 7), 7);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#F1300000");
    rig_expect(&rig, "1000us 7E0#F106000102030405 1000us 7E0#F110070001020304");
    rig_peer(&rig, "7E8#10300000");
    rig_expect(&rig, "1000us 7E0#F1210506");
    rig_release(&rig);
}

/* Before the first consecutive frame there is no gap, and frame_txtime (50 us unless set) counts
 * towards the others. */
Test(can_isotp_tx, separation_time_begins_with_the_echo)
{
    static const struct {
        const char *flow_control;
        const char *expected;
    } cases[] = {
        {"7E8#300000", "1000us 7E0#21060708090A0B0C 1050us 7E0#220D0E0F10111213 1100us 7E0#2314"},
        {"7E8#300005", "1000us 7E0#21060708090A0B0C 6050us 7E0#220D0E0F10111213 11100us 7E0#2314"},
        {"7E8#3000F3", "1000us 7E0#21060708090A0B0C 1350us 7E0#220D0E0F10111213 1700us 7E0#2314"},
        {"7E8#3000F0",
         "1000us 7E0#21060708090A0B0C 128050us 7E0#220D0E0F10111213 255100us 7E0#2314"},
        {"7E8#3000FA",
         "1000us 7E0#21060708090A0B0C 128050us 7E0#220D0E0F10111213 255100us 7E0#2314"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_start(&rig, true, 0);
        cr_assert_eq(rig_send(&rig, 21), 21);
        rig_run(&rig, 0);
        rig_expect(&rig, "1000us 7E0#1015000102030405");
        rig_peer(&rig, cases[i].flow_control);
        rig_run(&rig, SIM_S(1));
        rig_expect(&rig, cases[i].expected);
        rig_release(&rig);
    }
}

Test(can_isotp_tx, gap_comes_on_top_of_the_time_on_the_bus)
{
    struct isotp_rig rig;
    rig_start(&rig, false, 0);
    rig.muted = true;
    cr_assert_eq(rig_send(&rig, 20), 20);
    rig_run(&rig, SIM_MS(2));
    struct can_frame cts = {.id = ECU_ID, .len_bytes = 3, .data = {0x30, 0, 2}};
    can_node_send(&rig.peer, &cts);
    while (rig.frames < 2) {
        cr_assert(sim_step(&rig.sim));
    }
    sim_ns_t first_at_ns = rig.sim.now_ns;
    while (rig.frames < 3) {
        cr_assert(sim_step(&rig.sim));
    }
    cr_assert_eq(rig.last.data[0], 0x22);
    sim_ns_t on_bus_ns = rig.sim.now_ns - first_at_ns - SIM_MS(2) - SIM_US(50);
    cr_assert(on_bus_ns >= SIM_US(222) && on_bus_ns <= SIM_US(270), "111 to 135 bits of 2 us: %lu",
              (unsigned long)on_bus_ns);
    rig_release(&rig);
}

Test(can_isotp_tx, forced_separation_time_replaces_the_one_of_the_receiver)
{
    struct isotp_rig rig;
    const struct can_isotp_options options = {.flags = CAN_ISOTP_FORCE_TXSTMIN,
                                              .frame_txtime = CAN_ISOTP_FRAME_TXTIME_ZERO};
    const uint32_t stmin_ns = 300000;
    rig_init(&rig, true);
    rig.socket = rig_open(&rig);
    rig_set(rig.socket, CAN_ISOTP_OPTS, &options, sizeof options);
    rig_set(rig.socket, CAN_ISOTP_TX_STMIN, &stmin_ns, sizeof stmin_ns);
    rig_bind(&rig, rig.socket, TESTER_ID, ECU_ID);
    cr_assert_eq(rig_send(&rig, 14), 14);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#30007F");
    rig_run(&rig, SIM_S(1));
    rig_expect(&rig, "1000us 7E0#100E000102030405 1000us 7E0#21060708090A0B0C 1300us 7E0#220D");
    rig_release(&rig);
}

Test(can_isotp_tx, block_ends_in_another_flow_control_that_does_not_change_the_pace)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 30), 30);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300201");
    rig_run(&rig, SIM_MS(100));
    rig_expect(&rig, "1000us 7E0#101E000102030405 1000us 7E0#21060708090A0B0C "
                     "2050us 7E0#220D0E0F10111213");
    rig_peer(&rig, "7E8#300064");
    rig_run(&rig, SIM_MS(100));
    rig_expect(&rig, "101000us 7E0#231415161718191A 102050us 7E0#241B1C1D");
    cr_assert_eq(rig_poll(&rig), POLLOUT | POLLWRNORM | POLLWRBAND);
    rig_release(&rig);
}

Test(can_isotp_tx, sequence_number_follows_15_with_0)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig.muted = true;
    cr_assert_eq(rig_send(&rig, 6 + 7 * 17), 6 + 7 * 17);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300000");
    rig_run(&rig, 14 * SIM_US(50));
    cr_assert_eq(rig.last.data[0], 0x2F);
    rig_run(&rig, SIM_US(50));
    cr_assert_eq(rig.last.data[0], 0x20);
    rig_run(&rig, SIM_US(50));
    cr_assert_eq(rig.last.data[0], 0x21);
    rig_release(&rig);
}

/* Errors: reported by poll(), then by the first call that looks, once. */
Test(can_isotp_tx, error_is_told_once)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, SIM_S(1) - 1);
    cr_assert_eq(rig_poll(&rig), POLLWRBAND, "neither writable nor in error yet: %x",
                 rig_poll(&rig));
    rig_run(&rig, 1);
    cr_assert_eq(rig_poll(&rig), POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR);
    rig.log[0] = '\0';
    rig_receive(&rig);
    rig_receive(&rig);
    rig_expect(&rig, "ECOMM EAGAIN");
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(rig_error(&rig), ECOMM);
    cr_assert_eq(rig_error(&rig), 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(rig_send(&rig, 8), -ECOMM, "sock_alloc_send_skb() tells it too");
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_release(&rig);
}

Test(can_isotp_tx, flow_control_decides_how_it_ends)
{
    static const struct {
        const char *frame;
        int error;
    } cases[] = {
        {"7E8#320000", EMSGSIZE}, {"7E8#330000", EBADMSG}, {"7E8#3F0000", EBADMSG},
        {"7E8#3000", EBADMSG},    {"7E8#300000", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_start(&rig, true, 0);
        cr_assert_eq(rig_send(&rig, 8), 8);
        rig_run(&rig, 0);
        rig_peer(&rig, cases[i].frame);
        cr_assert_eq(rig_error(&rig), cases[i].error, "%s", cases[i].frame);
        cr_assert((rig_poll(&rig) & POLLOUT) != 0);
        rig_run(&rig, SIM_S(5));
        cr_assert_eq(rig_error(&rig), 0, "%s: nothing comes after", cases[i].frame);
        rig_release(&rig);
    }
}

Test(can_isotp_tx, wait_frames_prolong_by_a_second_each_without_limit)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    for (int i = 0; i < 20; i++) {
        rig_run(&rig, SIM_MS(990));
        rig_peer(&rig, "7E8#310000");
    }
    rig_run(&rig, SIM_S(1) - 1);
    cr_assert_eq(rig_error(&rig), 0);
    rig_run(&rig, 1);
    cr_assert_eq(rig_error(&rig), ECOMM);
    rig_release(&rig);
}

Test(can_isotp_tx, flow_control_at_the_last_moment_is_in_time)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, SIM_S(1) - 1);
    struct can_frame cts = {.id = ECU_ID, .len_bytes = 3, .data = {0x30}};
    can_node_send(&rig.peer, &cts);
    rig_run(&rig, SIM_S(2));
    rig_expect(&rig, "1000us 7E0#1008000102030405 1000999us 7E0#210607");
    cr_assert_eq(rig_error(&rig), 0);
    rig_release(&rig);
}

Test(can_isotp_tx, one_message_at_a_time)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    cr_assert_eq(rig_send(&rig, 1), -EAGAIN);
    cr_assert_eq(rig_send(&rig, 0), -EAGAIN, "asked before the length is");
    rig_run(&rig, 0);
    unsigned changes = rig.changes;
    rig_peer(&rig, "7E8#300000");
    cr_assert_gt(rig.changes, changes, "the one that waits is told");
    cr_assert_eq(rig_send(&rig, 1), 1);
    cr_assert_eq(rig_send(&rig, 1), -EAGAIN, "a single frame is under way as well");
    rig_run(&rig, 0);
    cr_assert_eq(rig_send(&rig, 1), 1);
    rig_release(&rig);
}

Test(can_isotp_tx, wait_tx_done_returns_with_the_end)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_WAIT_TX_DONE);
    cr_assert_eq(rig_send(&rig, 20), AF_CAN_SEND_WAITS);
    rig_run(&rig, SIM_MS(2));
    cr_assert_eq(af_can_send_result(rig.socket), AF_CAN_SEND_WAITS);
    rig_peer(&rig, "7E8#300000");
    rig_run(&rig, SIM_US(49));
    cr_assert_eq(af_can_send_result(rig.socket), AF_CAN_SEND_WAITS);
    rig_run(&rig, SIM_US(1));
    cr_assert_eq(rig_send(&rig, 1), -EAGAIN, "the result is for another call");
    cr_assert_eq(af_can_send_result(rig.socket), 20);
    cr_assert_eq(rig_send(&rig, 1), AF_CAN_SEND_WAITS);
    rig_run(&rig, 0);
    cr_assert_eq(af_can_send_result(rig.socket), 1);
    rig_release(&rig);
}

Test(can_isotp_tx, wait_tx_done_returns_the_error_and_leaves_none)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_WAIT_TX_DONE);
    cr_assert_eq(rig_send(&rig, 20), AF_CAN_SEND_WAITS);
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(af_can_send_result(rig.socket), -ECOMM);
    cr_assert_eq(rig_error(&rig), 0);
    rig_release(&rig);
}

Test(can_isotp_tx, abandoned_send_frees_the_socket_for_the_next)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_WAIT_TX_DONE);
    cr_assert_eq(rig_send(&rig, 20), AF_CAN_SEND_WAITS);
    rig_run(&rig, SIM_MS(1));
    af_can_send_abandon(rig.socket);
    rig_peer(&rig, "7E8#300000");
    rig_run(&rig, SIM_S(5));
    rig_expect(&rig, "1000us 7E0#1014000102030405");
    cr_assert_eq(rig_error(&rig), 0);
    cr_assert_eq(rig_send(&rig, 1), AF_CAN_SEND_WAITS);
    rig_release(&rig);
}

Test(can_isotp_tx, lengths_from_1_to_66000)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 0), -EINVAL);
    cr_assert_eq(rig_send(&rig, 66001), -EINVAL);
    cr_assert_eq(rig_send(&rig, 66000), 66000);
    rig_run(&rig, 0);
    rig_expect(&rig, "1000us 7E0#1000000101D00001");
    rig.muted = true;
    rig_peer(&rig, "7E8#300000");
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(rig.frames, 1 + (66000 - 2 + 6) / 7);
    rig_release(&rig);
}

Test(can_isotp_tx, length_of_12_bits_as_long_as_it_suffices)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 4095), 4095);
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(rig_error(&rig), ECOMM);
    cr_assert_eq(rig_send(&rig, 4096), 4096);
    rig_run(&rig, 0);
    rig_expect(&rig, "1000us 7E0#1FFF000102030405 1001000us 7E0#1000000010000001");
    rig_release(&rig);
}

/* The length byte of 8 bits and rounding up to a length that CAN FD has, with 0xCC. */
Test(can_isotp_tx, fd_single_frames)
{
    struct isotp_rig rig;
    rig_start_fd(&rig, 64, 0);
    static const size_t lengths[] = {7, 8, 11, 62};
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        cr_assert_eq(rig_send(&rig, lengths[i]), (long)lengths[i]);
        rig_run(&rig, 0);
    }
    rig_expect(&rig,
               "1000us 7E0##10700010203040506 1000us 7E0##100080001020304050607CCCC "
               "1000us 7E0##1000B000102030405060708090ACCCCCC "
               "1000us 7E0##1003E000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
               "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D");
    rig_release(&rig);
}

Test(can_isotp_tx, fd_messages_of_several_frames)
{
    struct isotp_rig rig;
    rig_start_fd(&rig, 12, CAN_ISOTP_TX_PADDING);
    cr_assert_eq(rig_send(&rig, 11), 11);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8##0300000");
    rig_expect(&rig, "1000us 7E0##1100B00010203040506070809 1000us 7E0##1210AAAAAAAAAAAAA");
    rig_release(&rig);
}

Test(can_isotp_tx, broadcast_of_single_frames_takes_no_longer_message)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_SF_BROADCAST);
    cr_assert_eq(rig_send(&rig, 8), -EINVAL);
    cr_assert_eq(rig_send(&rig, 7), 7);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#0101");
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#0700010203040506 EAGAIN");
    rig_release(&rig);
}

Test(can_isotp_tx, broadcast_of_longer_messages_asks_nobody)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_CF_BROADCAST);
    cr_assert_eq(rig_send(&rig, 14), 14);
    rig_run(&rig, SIM_S(1));
    rig_expect(&rig, "1000us 7E0#100E000102030405 1050us 7E0#21060708090A0B0C 1100us 7E0#220D");
    cr_assert_eq(rig_error(&rig), 0);
    rig_release(&rig);
}

Test(can_isotp_tx, silence_after_a_block_is_an_error)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 20), 20);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300100");
    rig_run(&rig, SIM_S(1) - 1);
    cr_assert_eq(rig_error(&rig), 0);
    rig_run(&rig, 1);
    cr_assert_eq(rig_error(&rig), ECOMM);
    rig_release(&rig);
}

/* Neither of the two time-outs concerns the message as a whole. */
Test(can_isotp_tx, long_messages_may_take_long)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig.muted = true;
    cr_assert_eq(rig_send(&rig, 6 + 7 * 20), 6 + 7 * 20);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#30137F");
    rig_run(&rig, 18 * (SIM_MS(127) + SIM_US(50)));
    for (int i = 0; i < 4; i++) {
        rig_run(&rig, SIM_MS(900));
        rig_peer(&rig, "7E8#310000");
    }
    rig_peer(&rig, "7E8#300000");
    cr_assert_eq(rig.frames, 1 + 20);
    cr_assert_eq(rig_error(&rig), 0);
    cr_assert_neq(rig_poll(&rig) & POLLOUT, 0);
    rig_release(&rig);
}

Test(can_isotp_tx, consecutive_frame_that_cannot_be_sent_is_an_error_after_two_seconds)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 20), 20);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300064");
    af_can_set_up(rig.stack, rig.ifindex, false);
    cr_assert_eq(rig_error(&rig), ENETDOWN);
    rig_run(&rig, SIM_MS(100) + SIM_US(50) + SIM_S(2) - 1);
    cr_assert_eq(rig_error(&rig), 0);
    rig_run(&rig, 1);
    cr_assert_eq(rig_error(&rig), ECOMM);
    rig_release(&rig);
}

/* A bus on which nobody acknowledges: the echo never comes. */
Test(can_isotp_tx, missing_echo_is_an_error_after_two_seconds)
{
    struct isotp_rig rig;
    rig_start(&rig, false, 0);
    can_node_set_power(&rig.peer, false);
    cr_assert_eq(rig_send(&rig, 7), 7);
    rig_run(&rig, SIM_S(2) - 1);
    cr_assert_eq(rig_error(&rig), 0);
    rig_run(&rig, 1);
    cr_assert_eq(rig_error(&rig), ECOMM);
    rig_release(&rig);
}

Test(can_isotp_tx, flow_control_of_the_same_socket_is_not_taken_for_an_echo)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 21), 21);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300001");
    rig_peer(&rig, "7E8#1010000102030405");
    rig_run(&rig, SIM_MS(3));
    rig_expect(&rig, "1000us 7E0#1015000102030405 1000us 7E0#21060708090A0B0C 1000us 7E0#300000 "
                     "2050us 7E0#220D0E0F10111213 3100us 7E0#2314");
    rig_release(&rig);
}

Test(can_isotp_tx, close_waits_for_the_end)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert(!af_can_socket_close_waits(rig.socket));
    cr_assert_eq(rig_send(&rig, 8), 8);
    cr_assert(af_can_socket_close_waits(rig.socket));
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300000");
    cr_assert(!af_can_socket_close_waits(rig.socket));
    rig_release(&rig);
}

/* A real kernel: a process that SIGKILL ends in the middle leaves its peer with ETIMEDOUT. */
Test(can_isotp_tx, close_without_waiting_gives_the_message_up)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 21), 21);
    af_can_socket_close(rig.socket);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300001");
    rig_peer(&rig, "7E8#1010000102030405");
    rig_run(&rig, SIM_S(5));
    rig_expect(&rig, "1000us 7E0#1015000102030405");
    rig_release(&rig);
}

Test(can_isotp_tx, interface_down_is_told_and_nothing_can_be_sent)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    af_can_set_up(rig.stack, rig.ifindex, false);
    cr_assert_eq(rig_error(&rig), ENETDOWN);
    rig_run(&rig, SIM_S(1));
    cr_assert_eq(rig_error(&rig), ECOMM);
    cr_assert_eq(rig_send(&rig, 8), -ENETDOWN);
    cr_assert_neq(rig_poll(&rig) & POLLOUT, 0);
    rig_release(&rig);
}
