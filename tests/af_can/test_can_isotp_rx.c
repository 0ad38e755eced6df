/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_isotp_rx.c - what an ISO-TP socket makes of frames, and what it answers. */
#include "tests/af_can/isotp_rig.h"

#include <stdio.h>
#include <string.h>

/* Linux kernel ISO-TP (can-isotp with isotpsend and isotprecv), as printed by candump. */
Test(can_isotp_rx, answers_as_candump_showed_of_the_kernel)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#100A112233445566");
    rig_receive(&rig);
    rig_peer(&rig, "7E8#21CAFE99AA");
    cr_assert_neq(rig_poll(&rig) & POLLIN, 0);
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#300000 EAGAIN got 112233445566CAFE99AA");
    rig_release(&rig);
}

Test(can_isotp_rx, single_frames_of_every_length)
{
    static const struct {
        const char *frame;
        const char *expected;
    } cases[] = {
        {"7E8#01AA", "got AA"},
        {"7E8#0701020304050607", "got 01020304050607"},
        {"7E8#02AABBCCDD", "got AABB"}, /* The rest is padding. */
        {"7E8#03AABB", "EAGAIN"},       /* Longer than the frame. */
        {"7E8#0001", "EAGAIN"},         /* Length 0. */
        {"7E8#0F01020304050607", "EAGAIN"},
        {"7E8#R8", "EAGAIN"},
        {"000007E8#01AA", "EAGAIN"}, /* The same number, but of 29 bits. */
        {"7E8##001AA", "EAGAIN"},    /* CAN FD is another channel. */
        {"7E8#40AA", "EAGAIN"},      /* No such frame type. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_start(&rig, true, 0);
        rig_peer(&rig, cases[i].frame);
        rig_receive(&rig);
        rig_expect(&rig, cases[i].expected);
        rig_release(&rig);
    }
}

Test(can_isotp_rx, flow_control_says_what_was_set_and_repeats_after_each_block)
{
    struct isotp_rig rig;
    const struct can_isotp_fc_options fc = {.bs = 2, .stmin = 0xFB, .wftmax = 3};
    rig_init(&rig, true);
    rig.socket = rig_open(&rig);
    rig_set(rig.socket, CAN_ISOTP_RECV_FC, &fc, sizeof fc);
    rig_bind(&rig, rig.socket, TESTER_ID, ECU_ID);
    rig_peer(&rig, "7E8#101E000102030405");
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_expect(&rig, "1000us 7E0#3002FB");
    rig_peer(&rig, "7E8#220D0E0F10111213");
    rig_expect(&rig, "1000us 7E0#3002FB");
    rig_peer(&rig, "7E8#231415161718191A");
    rig_peer(&rig, "7E8#241B1C1D");
    rig_receive(&rig);
    rig_expect(&rig, "got 30 bytes, sum 435");
    rig_release(&rig);
}

Test(can_isotp_rx, flow_control_is_padded_like_everything_else)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_TX_PADDING | CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR);
    rig_peer(&rig, "7E8#10100A1122334455");
    rig_expect(&rig, "1000us 7E0#F1300000AAAAAAAA");
    rig_release(&rig);
}

Test(can_isotp_rx, ext_address_serves_both_directions_unless_another_is_set)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_EXTEND_ADDR);
    rig_peer(&rig, "7E8#1001AA");
    rig_peer(&rig, "7E8#F101BB");
    rig_receive(&rig);
    rig_receive(&rig);
    rig_expect(&rig, "got BB EAGAIN");
    rig_release(&rig);
}

Test(can_isotp_rx, lost_frame_is_a_wrong_sequence_number)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#101E000102030405");
    rig_peer(&rig, "7E8#220D0E0F10111213");
    cr_assert_neq(rig_poll(&rig) & POLLERR, 0);
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_receive(&rig);
    rig_receive(&rig);
    rig_run(&rig, SIM_S(2));
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#300000 EILSEQ EAGAIN EAGAIN");
    rig_release(&rig);
}

Test(can_isotp_rx, silence_of_a_second_ends_the_reception)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#101E000102030405");
    rig_run(&rig, SIM_MS(999));
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_run(&rig, SIM_S(1) - 1);
    cr_assert_eq(rig_error(&rig), 0);
    rig_run(&rig, 1);
    rig_receive(&rig);
    rig_peer(&rig, "7E8#220D0E0F10111213");
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#300000 ETIMEDOUT EAGAIN");
    rig_release(&rig);
}

Test(can_isotp_rx, new_message_replaces_the_unfinished_one_without_a_word)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#101E000102030405");
    rig_peer(&rig, "7E8#01AA");
    rig_peer(&rig, "7E8#1008000102030405");
    rig_peer(&rig, "7E8#1008101112131415");
    rig_peer(&rig, "7E8#211617");
    rig_receive(&rig);
    rig_receive(&rig);
    rig_run(&rig, SIM_S(5));
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#300000 1000us 7E0#300000 1000us 7E0#300000 got AA "
                     "got 1011121314151617 EAGAIN");
    rig_release(&rig);
}

/* isotp_rcv_cf() stops the timer for a frame of the wrong length and lets the reception hang: it
 * needs the right frame, or fails with the next wrong one. */
Test(can_isotp_rx, consecutive_frame_of_the_wrong_length_is_passed_over)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#100E000102030405");
    rig_peer(&rig, "7E8#210607");
    rig_run(&rig, SIM_S(5));
    rig_receive(&rig);
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_peer(&rig, "7E8#220D");
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#300000 EAGAIN got 000102030405060708090A0B0C0D");
    rig_release(&rig);
}

Test(can_isotp_rx, first_frames_that_are_none)
{
    static const char *const frames[] = {
        "7E8#1005000102030405", /* Would have fitted a single frame. */
        "7E8#1000000000010102", /* The same, with a length of 32 bits. */
        "7E8#100A0001020304",   /* Shorter than the frame could be. */
        "7E8#1000FFFFFFFF0102", /* The kernel's sum wraps around: not even an overflow. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
        struct isotp_rig rig;
        rig_start(&rig, true, 0);
        rig_peer(&rig, frames[i]);
        rig_run(&rig, SIM_S(2));
        rig_receive(&rig);
        rig_expect(&rig, "EAGAIN");
        rig_release(&rig);
    }
}

Test(can_isotp_rx, longest_message_has_66000_bytes)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#1000000101D10001");
    rig_run(&rig, SIM_S(2));
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0#320000 EAGAIN");
    rig_peer(&rig, "7E8#1000000101D00001");
    rig_expect(&rig, "2001000us 7E0#300000");
    struct can_frame frame = {.id = ECU_ID, .len_bytes = 8};
    for (unsigned i = 0; i < 9428; i++) {
        frame.data[0] = (uint8_t)(0x20 | ((i + 1) & 15));
        can_node_send(&rig.peer, &frame);
        rig_run(&rig, SIM_MS(1));
    }
    frame.len_bytes = 3;
    frame.data[0] = 0x20 | (9429 & 15);
    can_node_send(&rig.peer, &frame);
    rig_run(&rig, 0);
    rig_receive(&rig);
    rig_expect(&rig, "got 66000 bytes, sum 1");
    rig_release(&rig);
}

Test(can_isotp_rx, padding_is_checked_as_asked)
{
    enum { LEN = CAN_ISOTP_CHK_PAD_LEN, DATA = CAN_ISOTP_CHK_PAD_DATA, PAD = CAN_ISOTP_RX_PADDING };
    static const struct {
        uint32_t flags;
        const char *frame;
        const char *expected;
    } cases[] = {
        {PAD | LEN, "7E8#01AA555555555555", "got AA"},
        {PAD | LEN, "7E8#01AA666666666666", "got AA"},
        {PAD | LEN, "7E8#01AA5555555555", "EBADMSG"},
        {PAD | DATA, "7E8#01AA555555555555", "got AA"},
        {PAD | DATA, "7E8#01AA5555", "got AA"},
        {PAD | DATA, "7E8#01AA555555555554", "EBADMSG"},
        {PAD, "7E8#01AA6666", "got AA"},
        {LEN, "7E8#01AA", "got AA"}, /* No padding: as short as can be. */
        {LEN, "7E8#01AA55", "EBADMSG"},
        {DATA, "7E8#01AA", "EBADMSG"}, /* Nothing to compare with: refused. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_start(&rig, true, cases[i].flags);
        rig_peer(&rig, cases[i].frame);
        rig_receive(&rig);
        rig_expect(&rig, cases[i].expected);
        rig_release(&rig);
    }
}

Test(can_isotp_rx, padding_of_last_frame_and_flow_control_is_checked)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_DATA);
    rig.muted = true;
    rig_peer(&rig, "7E8#1008000102030405");
    rig_peer(&rig, "7E8#2106075555555555");
    rig_receive(&rig);
    rig_peer(&rig, "7E8#1008000102030405");
    rig_peer(&rig, "7E8#2106075555555556");
    rig_receive(&rig);
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#3000005555555556");
    rig_receive(&rig);
    rig_expect(&rig, "got 0001020304050607 EBADMSG EBADMSG");
    rig_release(&rig);
}

Test(can_isotp_rx, listener_is_silent)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_LISTEN_MODE);
    rig_peer(&rig, "7E8#100A112233445566");
    rig_peer(&rig, "7E8#21CAFE99AA");
    rig_receive(&rig);
    rig_expect(&rig, "got 112233445566CAFE99AA");
    rig_release(&rig);
}

Test(can_isotp_rx, half_duplex_ignores_what_does_not_fit_the_direction)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_HALF_DUPLEX);
    rig.muted = true;
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#01AA");
    rig_peer(&rig, "7E8#300000");
    cr_assert_eq(rig.last.data[0], 0x21);
    rig_receive(&rig);
    rig_peer(&rig, "7E8#01BB");
    rig_receive(&rig);
    rig_expect(&rig, "EAGAIN got BB");
    rig_release(&rig);
}

Test(can_isotp_rx, half_duplex_hears_no_flow_control_while_receiving)
{
    struct isotp_rig rig;
    rig_start(&rig, true, CAN_ISOTP_HALF_DUPLEX);
    rig_peer(&rig, "7E8#100A112233445566");
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#300000");
    rig_expect(&rig, "1000us 7E0#300000 1000us 7E0#1008000102030405");
    rig_release(&rig);
}

Test(can_isotp_rx, listener_is_silent_after_a_block_too)
{
    struct isotp_rig rig;
    const struct can_isotp_options options = {.flags = CAN_ISOTP_LISTEN_MODE};
    const struct can_isotp_fc_options fc = {.bs = 1};
    rig_init(&rig, true);
    rig.socket = rig_open(&rig);
    rig_set(rig.socket, CAN_ISOTP_OPTS, &options, sizeof options);
    rig_set(rig.socket, CAN_ISOTP_RECV_FC, &fc, sizeof fc);
    rig_bind(&rig, rig.socket, TESTER_ID, ECU_ID);
    rig_peer(&rig, "7E8#1010000102030405");
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_peer(&rig, "7E8#220D0E0F");
    rig_receive(&rig);
    rig_expect(&rig, "got 000102030405060708090A0B0C0D0E0F");
    rig_release(&rig);
}

Test(can_isotp_rx, full_duplex_is_the_rule)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig.muted = true;
    cr_assert_eq(rig_send(&rig, 8), 8);
    rig_run(&rig, 0);
    rig_peer(&rig, "7E8#100A112233445566");
    rig_peer(&rig, "7E8#300000");
    rig_peer(&rig, "7E8#21CAFE99AA");
    rig_receive(&rig);
    rig_expect(&rig, "got 112233445566CAFE99AA");
    cr_assert_eq(rig_error(&rig), 0);
    cr_assert_neq(rig_poll(&rig) & POLLOUT, 0);
    rig_release(&rig);
}

static void start_with_rx_stmin(struct isotp_rig *rig, bool stamps)
{
    const struct can_isotp_options options = {.flags = CAN_ISOTP_FORCE_RXSTMIN};
    const uint32_t stmin_ns = 2000000;
    const int on = 1;
    rig_init(rig, true);
    rig->muted = true;
    rig->socket = rig_open(rig);
    rig_set(rig->socket, CAN_ISOTP_OPTS, &options, sizeof options);
    rig_set(rig->socket, CAN_ISOTP_RX_STMIN, &stmin_ns, sizeof stmin_ns);
    if (stamps) {
        cr_assert_eq(af_can_setsockopt(rig->socket, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on), 0);
    }
    rig_bind(rig, rig->socket, TESTER_ID, ECU_ID);
}

Test(can_isotp_rx, forced_rx_stmin_drops_what_comes_too_soon)
{
    struct isotp_rig rig;
    start_with_rx_stmin(&rig, true);
    for (int gap_us = 1999; gap_us <= 2000; gap_us++) {
        rig_peer(&rig, "7E8#1014000102030405");
        rig_peer(&rig, "7E8#21060708090A0B0C");
        rig_run(&rig, SIM_US(gap_us));
        rig_peer(&rig, "7E8#220D0E0F10111213");
        rig_receive(&rig);
    }
    rig_expect(&rig, "EAGAIN got 20 bytes, sum 190");
    rig_release(&rig);
}

/* As a real kernel was seen to do, however long the gap. */
Test(can_isotp_rx, forced_rx_stmin_drops_everything_while_nobody_wants_time_stamps)
{
    struct isotp_rig rig;
    start_with_rx_stmin(&rig, false);
    rig_peer(&rig, "7E8#1014000102030405");
    rig_run(&rig, SIM_MS(200));
    rig_peer(&rig, "7E8#21060708090A0B0C");
    rig_run(&rig, SIM_MS(800));
    rig_receive(&rig);
    rig_expect(&rig, "ETIMEDOUT");
    rig_release(&rig);
}

Test(can_isotp_rx, fd_single_frame_of_more_than_8_bytes_has_its_length_in_the_second)
{
    static const struct {
        const char *frame;
        const char *expected;
    } cases[] = {
        {"7E8##001AA", "got AA"},
        {"7E8##0000A0102030405060708090A", "got 0102030405060708090A"},
        {"7E8##0000901020304050607080955", "got 010203040506070809"},
        {"7E8##0000B0102030405060708090A", "EAGAIN"},
        {"7E8##0090102030405060708090A0B", "EAGAIN"},
        {"7E8#01AA", "EAGAIN"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_start_fd(&rig, 64, 0);
        rig_peer(&rig, cases[i].frame);
        rig_receive(&rig);
        rig_expect(&rig, cases[i].expected);
        rig_release(&rig);
    }
}

/* 21 bytes are the least that do not fit a single frame of 24. */
Test(can_isotp_rx, fd_message_goes_by_the_length_of_its_first_frame)
{
    struct isotp_rig rig;
    rig_start_fd(&rig, 64, 0);
    rig_peer(&rig, "7E8##01014000102030405060708090A0B0C0D0E0F101112131415");
    rig_expect(&rig, "");
    rig_peer(&rig, "7E8##01010000102030405060708090A0B0C0D");
    rig_peer(&rig, "7E8##0210E0F");
    rig_receive(&rig);
    rig_expect(&rig, "1000us 7E0##1300000 got 000102030405060708090A0B0C0D0E0F");
    rig_release(&rig);
}

Test(can_isotp_rx, frames_of_other_local_sockets_count)
{
    struct isotp_rig rig;
    int error = 0;
    rig_start(&rig, true, 0);
    struct af_can_socket *raw = af_can_socket_open(rig.stack, SOCK_RAW, CAN_RAW, NULL, &error);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = rig.ifindex};
    cr_assert_eq(af_can_bind(raw, &address, sizeof address), 0);
    struct af_can_wire_frame {
        uint32_t can_id;
        uint8_t len, flags, res0, len8_dlc, data[8];
    } frame = {.can_id = ECU_ID, .len = 2, .data = {1, 0xAA}};
    struct af_can_message message = {.data = &frame, .data_bytes = sizeof frame};
    cr_assert_eq(af_can_send(raw, &message), 16);
    rig_run(&rig, 0);
    rig.log[0] = '\0';
    rig_receive(&rig);
    rig_expect(&rig, "got AA");
    rig_release(&rig);
}

Test(can_isotp_rx, two_sockets_of_a_host_talk_to_each_other)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    rig.muted = true;
    struct af_can_socket *tester = rig.socket;
    struct af_can_socket *ecu = rig_open(&rig);
    rig_bind(&rig, ecu, ECU_ID, TESTER_ID);
    cr_assert_eq(rig_send(&rig, 1000), 1000);
    rig_run(&rig, SIM_S(1));
    rig.socket = ecu;
    rig_receive(&rig);
    cr_assert_eq(rig_send(&rig, 300), 300);
    rig_run(&rig, SIM_S(1));
    rig.socket = tester;
    rig_receive(&rig);
    rig_expect(&rig, "got 1000 bytes, sum 124716 got 300 bytes, sum 33586");
    cr_assert_eq(rig_error(&rig), 0);
    rig_release(&rig);
}

Test(can_isotp_rx, sockets_with_the_same_identifiers_all_receive)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    struct af_can_socket *other = rig_open(&rig);
    rig_bind(&rig, other, TESTER_ID, ECU_ID);
    rig_peer(&rig, "7E8#01AA");
    rig_receive(&rig);
    rig.socket = other;
    rig_receive(&rig);
    rig_expect(&rig, "got AA got AA");
    rig_release(&rig);
}

Test(can_isotp_rx, receive_tells_sender_interface_and_cut_messages)
{
    struct isotp_rig rig;
    uint8_t data[2];
    struct sockaddr_can from;
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#03AABBCC");
    rig_peer(&rig, "7E8#03DDEEFF");
    struct af_can_message message = {
        .data = data, .data_bytes = 2, .address = &from, .address_bytes = sizeof from};
    cr_assert_eq(af_can_receive(rig.socket, &message), 2);
    cr_assert_eq(message.flags & MSG_TRUNC, MSG_TRUNC);
    cr_assert_eq(message.address_bytes, 16);
    cr_assert_eq(from.can_family, AF_CAN);
    cr_assert_eq(from.can_ifindex, rig.ifindex);
    cr_assert_eq(from.can_addr.tp.rx_id, 0, "the kernel leaves them out");
    message = (struct af_can_message){.data = data, .data_bytes = 2, .flags = MSG_TRUNC};
    cr_assert_eq(af_can_receive(rig.socket, &message), 3);
    cr_assert_eq(data[1], 0xEE);
    rig_release(&rig);
}
