/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can_queue.c - transmit queue, send buffer, receive buffer, poll. */
#include "tests/af_can/af_can_rig.h"

enum { DEFAULT_FIT = 278 }; /* 212992 / 768, and the one that goes over; as on Linux 6.1. */

static unsigned fill(struct af_can_socket *socket, long last)
{
    unsigned sent = 0;
    long result;
    while ((result = rig_send(socket, "123#1122334455667788")) == 16) {
        sent++;
    }
    cr_assert_eq(result, last, "%ld", result);
    return sent;
}

Test(af_can_queue, ten_frames_wait_behind_the_one_that_the_controller_has)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(fill(socket, -ENOBUFS), 11);
    cr_assert_neq(af_can_poll(socket) & POLLOUT, 0); /* The buffer has room, the queue has none. */
    sim_run_until(&rig->sim, SIM_US(300));
    cr_assert_eq(fill(socket, -ENOBUFS), 1);
    rig_run_ms(rig, 10);
    cr_assert_eq(rig->seen_len, 12);
    rig_free(rig);
}

Test(af_can_queue, frames_leave_in_the_order_of_the_calls_whatever_their_identifiers)
{
    static const char *const frames[] = {"700#", "100#", "600#", "200#"};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
        cr_assert_eq(rig_send(socket, frames[i]), 16);
    }
    rig_run_ms(rig, 2);
    cr_assert_eq(rig->seen_len, 4);
    cr_assert_eq(rig->seen[1].id, 0x100);
    cr_assert_eq(rig->seen[3].id, 0x200);
    rig_free(rig);
}

Test(af_can_queue, a_socket_of_high_priority_overtakes_and_has_ten_places_of_its_own)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *urgent = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(urgent, SOL_SOCKET, SO_PRIORITY, 6), 0);
    cr_assert_eq(fill(socket, -ENOBUFS), 11);
    for (unsigned i = 0; i < 10; i++) {
        cr_assert_eq(rig_send(urgent, "700#"), 16);
    }
    cr_assert_eq(rig_send(urgent, "700#"), -ENOBUFS);
    rig_run_ms(rig, 10);
    cr_assert_eq(rig->seen_len, 21);
    cr_assert_eq(rig->seen[0].id, 0x123);
    cr_assert_eq(rig->seen[1].id, 0x700);
    cr_assert_eq(rig->seen[10].id, 0x700);
    cr_assert_eq(rig->seen[11].id, 0x123);
    rig_free(rig);
}

Test(af_can_queue, a_small_send_buffer_makes_the_call_wait_before_the_queue_is_full)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_SNDBUF, 0), 0);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_SNDBUF), 4608);
    /* 6 of 768 bytes, and the one that the driver has is not counted. */
    cr_assert_eq(fill(socket, -EAGAIN), 7);
    cr_assert_eq(af_can_poll(socket) & POLLOUT, 0);
    rig->changes = 0;
    while (rig->changes == 0) {
        cr_assert(sim_step(&rig->sim));
    }
    /* Nobody is woken before half of the buffer is free: 2 frames of 768 are left in it. */
    cr_assert_eq(fill(socket, -EAGAIN), 4);
    rig_free(rig);
}

Test(af_can_queue, pollout_comes_when_less_than_half_of_the_send_buffer_is_in_use)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_SNDBUF, 0), 0);
    cr_assert_eq(af_can_poll(socket), POLLOUT | POLLWRNORM | POLLWRBAND);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(rig_send(socket, "123#"), 16);
    }
    cr_assert_neq(af_can_poll(socket) & POLLOUT, 0);
    cr_assert_eq(rig_send(socket, "123#"), 16); /* 3 * 768 and the 1 are not below 2304. */
    cr_assert_eq(af_can_poll(socket) & POLLOUT, 0);
    rig_free(rig);
}

static void receive_many(struct rig *rig, unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++) {
        rig_peer_send(rig, text);
        rig_run_ms(rig, 1);
    }
}

Test(af_can_queue, as_many_frames_fit_a_receive_buffer_as_in_the_kernel)
{
    static const struct {
        int asked;
        size_t fit;
    } rows[] = {{1, 3}, {4000, 11}, {106496, DEFAULT_FIT}};
    struct rig *rig = rig_new(2000000, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1), 0);
    receive_many(rig, 300, "123#11");
    cr_assert_eq(rig_drain(socket), DEFAULT_FIT);
    receive_many(rig, 300, "123##1112233445566778899AABBCC");
    cr_assert_eq(rig_drain(socket), DEFAULT_FIT);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_RCVBUF, rows[i].asked), 0);
        receive_many(rig, 300, "123#11");
        cr_assert_eq(rig_drain(socket), rows[i].fit);
    }
    rig_free(rig);
}

/* __alloc_skb(): powers of two from 512 on, which hold 320 bytes of struct skb_shared_info, and 256
 * bytes of struct sk_buff. */
Test(af_can_queue, long_messages_take_as_much_of_the_buffer_as_their_memory_is_large)
{
    static const struct {
        size_t len;
        unsigned fit; /* In 4608 bytes. */
    } rows[] = {{1, 6}, {192, 6}, {193, 4}, {704, 4}, {705, 2}, {1728, 2}, {1729, 2}, {4095, 1}};
    static const unsigned char data[4095];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig *rig = rig_new(0, 0);
        struct af_can_socket *socket = rig_open(rig);
        cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_RCVBUF, 2304), 0);
        unsigned fit = 0;
        while (af_can_queue(socket, data, rows[i].len, data, 16, 0, 0)) {
            fit++;
        }
        cr_expect_eq(fit, rows[i].fit, "%zu: %u", rows[i].len, fit);
        rig_free(rig);
    }
}

Test(af_can_queue, what_was_lost_is_told_with_the_frames_that_come_after)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_RCVBUF, 1), 0);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_RXQ_OVFL, 1), 0);
    receive_many(rig, 8, "123#");
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(rig_receive(socket).control_bytes, 0);
    }
    receive_many(rig, 1, "123#");
    const struct rig_received got = rig_receive(socket);
    cr_assert_eq(got.control_bytes, CMSG_SPACE(4));
    uint32_t lost;
    memcpy(&lost, CMSG_DATA((const struct cmsghdr *)(const void *)got.control), sizeof(lost));
    cr_assert_eq(lost, 5);
    rig_free(rig);
}

Test(af_can_queue, each_arrival_is_told_to_the_owner_and_poll_shows_it)
{
    struct rig *rig = rig_new(0, 0);
    unsigned changes = 0;
    int error;
    struct af_can_socket *socket =
        af_can_socket_open(rig->stack, SOCK_RAW, CAN_RAW, &changes, &error);
    cr_assert_eq(rig_bind(socket, rig->index[0]), 0);
    receive_many(rig, 2, "123#");
    cr_assert_eq(changes, 2);
    cr_assert_eq(af_can_poll(socket) & (POLLIN | POLLRDNORM), POLLIN | POLLRDNORM);
    cr_assert_eq(rig_drain(socket), 2);
    cr_assert_eq(af_can_poll(socket) & POLLIN, 0);
    rig_free(rig);
}

/* vcan has no queue and frees a frame at once. */
Test(af_can_queue, an_instant_bus_takes_a_burst_without_a_word_and_at_one_instant)
{
    struct rig *rig = rig_with(&(struct can_bus_cfg){.instant = true}, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    for (unsigned i = 0; i < 400; i++) {
        cr_assert_eq(rig_send(socket, "123#"), 16);
        cr_assert_neq(af_can_poll(socket) & POLLOUT, 0);
    }
    sim_run_until(&rig->sim, 0);
    cr_assert_eq(rig->seen_len, 400);
    rig_free(rig);
}
