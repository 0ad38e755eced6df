/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_socket.c - the interface as a node, with one end of a socket pair in the place
 * of the CAN socket; the bytes of its frames are written down from linux/can.h. A real kernel is
 * asked by tests/qemu. */
#include "sim/can/can_socket.h"
#include "tests/can/bus_rig.h"

#include <sys/socket.h>
#include <unistd.h>

enum { CLASSICAL_BYTES = 16, FD_BYTES = 72, REPORTS_MAX = 8 };

struct outside {
    struct rig *rig;
    struct real_time *driver;
    struct can_socket *socket;
    int fd; /* Our end: the interface. */
    const char *reports[REPORTS_MAX];
    size_t reports_len;
};

static void on_report(void *ctx, const char *interface, const char *text, sim_ns_t now_ns)
{
    struct outside *out = ctx;
    cr_expect_str_eq(interface, "vcan0");
    (void)now_ns;
    cr_assert_lt(out->reports_len, REPORTS_MAX);
    out->reports[out->reports_len++] = text;
}

static void outside_init(struct outside *out, uint32_t data_bps)
{
    struct err err;
    int ends[2];
    *out = (struct outside){.rig = rig_new(2, data_bps, NULL)};
    out->driver = real_time_new(&out->rig->sim, &err);
    cr_assert_not_null(out->driver, "%s", err.text);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    out->fd = ends[1];
    out->socket = can_socket_new(&out->rig->bus, out->driver, ends[0], "vcan0", on_report, out);
    cr_assert_not_null(out->socket);
}

static void outside_release(struct outside *out)
{
    can_socket_free(out->socket);
    real_time_free(out->driver);
    rig_free(out->rig);
    if (out->fd >= 0) {
        close(out->fd);
    }
}

static void run_for(struct outside *out, sim_ns_t ns)
{
    real_time_run(out->driver, out->rig->sim.now_ns + ns);
}

/* However long it takes: the time-out of the test is the limit. */
#define RUN_UNTIL(out, condition)                                                                  \
    do {                                                                                           \
        run_for((out), SIM_MS(1));                                                                 \
    } while (!(condition))

static void arrives(const struct outside *out, const void *bytes, size_t len)
{
    cr_assert_eq(write(out->fd, bytes, len), (ssize_t)len);
}

static void expect_sent(const struct outside *out, const uint8_t *bytes, size_t len)
{
    uint8_t got[FD_BYTES + 1];
    cr_assert_eq(read(out->fd, got, sizeof got), (ssize_t)len);
    cr_expect_arr_eq(got, bytes, len);
}

/* Identifiers are in the byte order of the machine, as the kernel has them. */
#define ID(n)                                                                                      \
    (uint8_t)((n)&0xFFu), (uint8_t)((n) >> 8 & 0xFFu), (uint8_t)((n) >> 16 & 0xFFu),               \
        (uint8_t)((n) >> 24)

Test(can_socket, simulated_frames_leave_as_linux_writes_them, .timeout = 30)
{
    static const uint8_t standard[CLASSICAL_BYTES] = {ID(0x7E8u), 3, 0, 0, 0, 0x02, 0x50, 0x03};
    static const uint8_t extended[CLASSICAL_BYTES] = {ID(0x98DAF110u), 1, 0, 0, 0, 0xAA};
    static const uint8_t remote[CLASSICAL_BYTES] = {ID(0x40000123u), 4};
    struct outside out;
    outside_init(&out, 0);
    rig_send(out.rig, 0, "7E8#025003");
    rig_send(out.rig, 0, "18DAF110#AA");
    rig_send(out.rig, 0, "123#R4");
    run_for(&out, SIM_MS(2));
    expect_sent(&out, standard, sizeof standard);
    expect_sent(&out, extended, sizeof extended);
    expect_sent(&out, remote, sizeof remote);
    cr_expect_eq(can_socket_stats(out.socket).sent, 3);
    outside_release(&out);
}

Test(can_socket, fd_frames_keep_their_flags_both_ways, .timeout = 30)
{
    /* CANFD_BRS is 1, CANFD_ESI 2. */
    static const uint8_t frame[FD_BYTES] = {ID(0x123u), 12, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct outside out;
    outside_init(&out, 2000000);
    rig_send(out.rig, 0, "123##1010203040506070809000000");
    run_for(&out, SIM_MS(2));
    expect_sent(&out, frame, sizeof frame);
    arrives(&out, frame, sizeof frame);
    RUN_UNTIL(&out, rig_count(out.rig, 1, SEEN_FRAME) == 2);
    rig_assert_frame(rig_seen(out.rig, 1, SEEN_FRAME, 1), "123##1010203040506070809000000");
    outside_release(&out);
}

Test(can_socket, what_arrives_is_seen_by_all_and_not_sent_back, .timeout = 30)
{
    static const uint8_t frame[CLASSICAL_BYTES] = {ID(0x7E0u), 2, 0, 0, 0, 0x01, 0x3E};
    struct outside out;
    uint8_t byte = 0;
    outside_init(&out, 0);
    arrives(&out, frame, sizeof frame);
    RUN_UNTIL(&out, rig_count(out.rig, 0, SEEN_FRAME) == 1);
    rig_assert_frame(rig_seen(out.rig, 0, SEEN_FRAME, 0), "7E0#013E");
    rig_assert_frame(rig_seen(out.rig, 1, SEEN_FRAME, 0), "7E0#013E");
    cr_expect_eq(read(out.fd, &byte, 1), -1);
    cr_expect_eq(can_socket_stats(out.socket).received, 1);
    outside_release(&out);
}

Test(can_socket, a_burst_longer_than_the_queue_arrives_whole_and_in_order, .timeout = 30)
{
    enum { BURST = 3 * CAN_QUEUE_MAX };
    struct outside out;
    outside_init(&out, 0);
    for (unsigned i = 0; i < BURST; i++) {
        const uint8_t frame[CLASSICAL_BYTES] = {ID(0x700u), 1, 0, 0, 0, (uint8_t)i};
        arrives(&out, frame, sizeof frame);
    }
    RUN_UNTIL(&out, rig_count(out.rig, 0, SEEN_FRAME) == BURST);
    for (unsigned i = 0; i < BURST; i++) {
        cr_expect_eq(rig_seen(out.rig, 0, SEEN_FRAME, i)->frame.data[0], (uint8_t)i);
    }
    outside_release(&out);
}

Test(can_socket, frames_wait_while_the_interface_has_no_room, .timeout = 30)
{
    static const uint8_t last[CLASSICAL_BYTES] = {ID(0x111u), 0};
    struct outside out;
    uint8_t got[FD_BYTES];
    uint64_t sent = 0;
    outside_init(&out, 0);
    while (can_socket_stats(out.socket).retries == 0) {
        rig_send(out.rig, 0, "100#");
        run_for(&out, SIM_US(400));
        sent++;
    }
    rig_send(out.rig, 0, "111#");
    run_for(&out, SIM_MS(3));
    cr_assert_lt(can_socket_stats(out.socket).sent, sent + 1);
    for (uint64_t i = 0; i < sent; i++) {
        while (read(out.fd, got, sizeof got) != CLASSICAL_BYTES) {
            run_for(&out, SIM_MS(1));
        }
    }
    RUN_UNTIL(&out, can_socket_stats(out.socket).sent == sent + 1);
    expect_sent(&out, last, sizeof last);
    cr_expect_eq(can_socket_stats(out.socket).lost_out, 0);
    outside_release(&out);
}

Test(can_socket, error_frames_are_counted_and_a_change_is_told_once, .timeout = 30)
{
    /* linux/can/error.h: CAN_ERR_FLAG 0x20000000, BUSOFF 0x40, RESTARTED 0x100. */
    static const uint8_t bus_off[CLASSICAL_BYTES] = {ID(0x20000040u), 8};
    static const uint8_t restarted[CLASSICAL_BYTES] = {ID(0x20000100u), 8};
    struct outside out;
    outside_init(&out, 0);
    arrives(&out, bus_off, sizeof bus_off);
    arrives(&out, bus_off, sizeof bus_off);
    arrives(&out, restarted, sizeof restarted);
    RUN_UNTIL(&out, can_socket_stats(out.socket).error_frames == 3);
    cr_assert_eq(out.reports_len, 2);
    cr_expect_str_eq(out.reports[0], "the controller is bus-off");
    cr_expect_str_eq(out.reports[1], "the controller has been restarted");
    cr_expect_eq(rig_count(out.rig, 0, SEEN_FRAME), 0);
    outside_release(&out);
}

Test(can_socket, an_interface_that_goes_away_is_told_and_nothing_else_happens, .timeout = 30)
{
    struct outside out;
    outside_init(&out, 0);
    close(out.fd);
    out.fd = -1;
    RUN_UNTIL(&out, !can_socket_is_up(out.socket));
    rig_send(out.rig, 0, "123#");
    run_for(&out, SIM_MS(5));
    cr_assert_eq(out.reports_len, 1);
    cr_expect_eq(can_socket_stats(out.socket).lost_out, 1);
    cr_expect_eq(rig_count(out.rig, 1, SEEN_FRAME), 1, "the simulated bus goes on");
    outside_release(&out);
}

Test(can_socket, what_is_no_frame_is_dropped_and_counted, .timeout = 30)
{
    static const uint8_t too_long[CLASSICAL_BYTES] = {ID(0x123u), 9};
    struct outside out;
    outside_init(&out, 0);
    arrives(&out, too_long, sizeof too_long);
    arrives(&out, too_long, 3);
    RUN_UNTIL(&out, can_socket_stats(out.socket).lost_in == 2);
    cr_expect_eq(rig_count(out.rig, 0, SEEN_FRAME), 0);
    outside_release(&out);
}
