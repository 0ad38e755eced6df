/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_raw.c - sending and receiving with CAN_RAW. */
#include "tests/af_can/af_can_rig.h"

Test(can_raw, a_frame_reaches_the_station_on_the_bus_and_its_answer_comes_back)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_send(socket, "123#1122"), 16);
    rig_peer_send(rig, "456#AABB");
    rig_run_ms(rig, 2);
    cr_assert_eq(rig->seen_len, 1);
    cr_assert_eq(rig->seen[0].id, 0x123);
    const struct rig_received got = rig_receive(socket);
    cr_assert_eq(got.result, 16);
    cr_assert_eq(got.frame.can_id, 0x456);
    cr_assert_eq(got.frame.len, 2);
    cr_assert_eq(got.frame.data[1], 0xBB);
    cr_assert_eq(rig_receive(socket).result, -EAGAIN);
    rig_free(rig);
}

Test(can_raw, other_sockets_of_the_host_get_a_frame_when_it_has_gone_over_the_bus)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *other = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_send(sender, "123#"), 16);
    sim_run_until(&rig->sim, SIM_US(80));
    cr_assert_eq(rig_receive(other).result, -EAGAIN);
    rig_run_ms(rig, 1);
    const struct rig_received got = rig_receive(other);
    cr_assert_eq(got.result, 16);
    cr_assert_eq(got.flags, MSG_DONTROUTE);
    cr_assert_eq(rig_receive(sender).result, -EAGAIN);
    rig_free(rig);
}

Test(can_raw, own_frames_come_back_only_if_asked_for_and_are_marked)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1), 0);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_receive(socket).flags, MSG_DONTROUTE | MSG_CONFIRM);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_receive(socket).flags, 0);
    rig_free(rig);
}

Test(can_raw, without_loopback_no_socket_of_the_host_gets_the_frame)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *other = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(sender, SOL_CAN_RAW, CAN_RAW_LOOPBACK, 0), 0);
    cr_assert_eq(rig_set(sender, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1), 0);
    cr_assert_eq(rig_send(sender, "123#"), 16);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    cr_assert_eq(rig_receive(sender).result, -EAGAIN);
    cr_assert_eq(rig_receive(other).result, -EAGAIN);
    rig_free(rig);
}

Test(can_raw, what_a_closed_socket_has_sent_still_goes_out)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *other = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_send(sender, "123#"), 16);
    cr_assert_eq(rig_send(sender, "124#"), 16);
    af_can_socket_close(sender);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 2);
    /* The controller had the first one already; the second has lost its owner in the queue. */
    cr_assert_eq(rig_receive(other).flags, MSG_DONTROUTE);
    cr_assert_eq(rig_receive(other).flags, 0);
    rig_free(rig);
}

Test(can_raw, a_socket_of_all_interfaces_is_told_which_one_it_was)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *all = rig_bound(rig, 0);
    struct af_can_socket *one = rig_bound(rig, rig->index[1]);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    const struct rig_received got = rig_receive(all);
    cr_assert_eq(got.result, 16);
    cr_assert_eq(got.address.can_family, AF_CAN);
    cr_assert_eq(got.address.can_ifindex, rig->index[0]);
    cr_assert_eq(got.address_bytes, 8);
    cr_assert_eq(rig_receive(one).result, -EAGAIN);
    cr_assert_eq(rig_send(all, "123#"), -ENXIO);
    rig_free(rig);
}

static long send_to(struct af_can_socket *socket, int ifindex, size_t address_bytes)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    struct af_can_wire_frame frame = rig_wire("123#");
    return af_can_send(socket, &(struct af_can_message){.data = &frame,
                                                        .data_bytes = AF_CAN_MTU,
                                                        .address = &address,
                                                        .address_bytes = address_bytes});
}

Test(can_raw, an_address_that_comes_with_the_frame_chooses_the_interface)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(send_to(socket, rig->index[0], 8), 16);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    cr_assert_eq(send_to(socket, rig->index[0], 7), -EINVAL);
    cr_assert_eq(send_to(socket, rig->index[0], 0), -EINVAL);
    cr_assert_eq(send_to(socket, 99, 16), -ENXIO);
    cr_assert_eq(send_to(socket, 1, 16), -EPERM); /* lo is no CAN interface. */
    rig_free(rig);
}

Test(can_raw, sizes_that_are_no_frame_are_refused)
{
    static const size_t sizes[] = {0, 8, 12, 13, 15, 17, 71, 72, 73, 2060, 2061};
    struct rig *rig = rig_new(2000000, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    static const unsigned char zeros[2061];
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        cr_assert_eq(rig_send_bytes(socket, zeros, sizes[i]), -EINVAL, "%zu", sizes[i]);
    }
    struct af_can_wire_frame long_one = rig_wire("123#1122334455667788");
    long_one.len = 9;
    cr_assert_eq(rig_send_bytes(socket, &long_one, AF_CAN_MTU), -EINVAL);
    rig_free(rig);
}

Test(can_raw, a_frame_of_can_fd_needs_the_option_and_an_interface_that_can)
{
    struct rig *rig = rig_new(2000000, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_send(socket, "123##1AABB"), -EINVAL);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1), 0);
    cr_assert_eq(rig_send(socket, "123##1AABB"), 72);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    cr_assert_eq(rig->seen[0].flags, CAN_FLAG_FD | CAN_FLAG_BRS);
    cr_assert_eq(rig_bind(socket, rig->index[1]), 0);
    cr_assert_eq(rig_send(socket, "123##1AABB"), -EINVAL);
    struct af_can_wire_frame too_long = rig_wire("123##1AABB");
    too_long.len = 65;
    cr_assert_eq(rig_bind(socket, rig->index[0]), 0);
    cr_assert_eq(rig_send_bytes(socket, &too_long, AF_CANFD_MTU), -EINVAL);
    rig_free(rig);
}

Test(can_raw, sockets_that_did_not_ask_for_can_fd_see_none_of_it)
{
    struct rig *rig = rig_new(2000000, 0);
    struct af_can_socket *plain = rig_bound(rig, rig->index[0]);
    struct af_can_socket *fd = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1), 0);
    rig_peer_send(rig, "123##1AABB");
    rig_peer_send(rig, "124#01");
    rig_run_ms(rig, 2);
    const struct rig_received first = rig_receive(fd);
    cr_assert_eq(first.result, 72);
    cr_assert_eq(first.frame.flags, CANFD_FDF | CANFD_BRS);
    cr_assert_eq(rig_receive(fd).result, 16);
    cr_assert_eq(rig_drain(plain), 1);
    rig_free(rig);
}

Test(can_raw, a_length_that_can_fd_does_not_have_is_rounded_up_on_the_bus_only)
{
    struct rig *rig = rig_new(2000000, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1), 0);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1), 0);
    struct af_can_wire_frame frame = {.can_id = 0x123, .len = 13};
    memset(frame.data, 0xEE, sizeof(frame.data));
    cr_assert_eq(rig_send_bytes(socket, &frame, AF_CANFD_MTU), 72);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen[0].len_bytes, 16);
    cr_assert_eq(rig->seen[0].data[12], 0xEE);
    cr_assert_eq(rig->seen[0].data[13], 0);
    const struct rig_received echo = rig_receive(socket);
    cr_assert_eq(echo.frame.len, 13);
    cr_assert_eq(echo.frame.flags, CANFD_FDF);
    rig_free(rig);
}

Test(can_raw, a_short_buffer_cuts_the_frame_and_says_so)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    rig_peer_send(rig, "456#1122334455667788");
    rig_peer_send(rig, "457#");
    rig_run_ms(rig, 2);
    const struct rig_received peeked = rig_receive_with(socket, MSG_PEEK, 72, 0);
    cr_assert_eq(peeked.result, 16);
    cr_assert_eq(peeked.flags, 0);
    /* raw_recvmsg() tells the cut length, with MSG_TRUNC in the call as well. */
    const struct rig_received cut = rig_receive_with(socket, MSG_TRUNC, 10, 0);
    cr_assert_eq(cut.result, 10);
    cr_assert_eq(cut.flags, MSG_TRUNC);
    cr_assert_eq(rig_receive_with(socket, MSG_ERRQUEUE, 72, 0).result, -EAGAIN);
    cr_assert_eq(rig_receive(socket).frame.can_id, 0x457);
    rig_free(rig);
}

static int bind_bytes(struct af_can_socket *socket, sa_family_t family, int ifindex, size_t len)
{
    unsigned char bytes[200];
    struct sockaddr_can address = {.can_family = family, .can_ifindex = ifindex};
    memset(bytes, 0xAA, sizeof(bytes));
    memcpy(bytes, &address, 8);
    return af_can_bind(socket, bytes, len);
}

Test(can_raw, bind_looks_at_eight_bytes_and_at_nothing_after_them)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(bind_bytes(socket, AF_CAN, rig->index[0], 7), -EINVAL);
    cr_assert_eq(bind_bytes(socket, AF_INET, rig->index[0], 16), -EINVAL);
    cr_assert_eq(bind_bytes(socket, AF_CAN, 99, 16), -ENODEV);
    cr_assert_eq(bind_bytes(socket, AF_CAN, 1, 16), -ENODEV);
    cr_assert_eq(bind_bytes(socket, AF_CAN, rig->index[0], 129), -EINVAL);
    cr_assert_eq(bind_bytes(socket, AF_CAN, rig->index[0], 8), 0);
    cr_assert_eq(bind_bytes(socket, AF_CAN, rig->index[1], 128), 0);
    cr_assert_eq(bind_bytes(socket, AF_CAN, 99, 16), -ENODEV); /* It stays where it was. */
    struct sockaddr_can name = {0};
    size_t len = sizeof(name);
    cr_assert_eq(af_can_getsockname(socket, &name, &len), 0);
    cr_assert_eq(len, 8);
    cr_assert_eq(name.can_family, AF_CAN);
    cr_assert_eq(name.can_ifindex, rig->index[1]);
    cr_assert_eq(af_can_getpeername(socket, &name, &len), -EOPNOTSUPP);
    cr_assert_eq(af_can_connect(socket, &name, sizeof(name)), -EOPNOTSUPP);
    rig_free(rig);
}

Test(can_raw, bound_anew_a_socket_hears_the_new_interface_only)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_drain(socket), 0); /* Not bound yet. */
    cr_assert_eq(rig_bind(socket, rig->index[0]), 0);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_drain(socket), 1);
    cr_assert_eq(rig_bind(socket, rig->index[1]), 0);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_drain(socket), 0);
    cr_assert_eq(rig_bind(socket, 0), 0);
    rig_peer_send(rig, "456#");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_drain(socket), 1);
    rig_free(rig);
}

Test(can_raw, remote_and_extended_frames_keep_their_flags)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_send(socket, "12345678#R5"), 16);
    rig_peer_send(rig, "12345679#R3");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen[0].flags, CAN_FLAG_EXT | CAN_FLAG_RTR);
    cr_assert_eq(rig->seen[0].len_bytes, 5);
    const struct rig_received got = rig_receive(socket);
    cr_assert_eq(got.frame.can_id, 0x12345679 | CAN_EFF_FLAG | CAN_RTR_FLAG);
    cr_assert_eq(got.frame.len, 3);
    rig_free(rig);
}
