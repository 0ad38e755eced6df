/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can_cmsg.c - control messages of a received frame. */
#include "tests/af_can/af_can_rig.h"

#include <linux/net_tstamp.h>

/* A socket with the option set, and one frame for it. */
static struct rig_received receive_with_option(int name, int value, size_t control_bytes,
                                               sim_ns_t *arrived_ns)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, name, value), 0);
    rig_peer_send(rig, "123#11");
    while (rig->seen_len == 0 && rig_receive_with(socket, MSG_PEEK, 72, 0).result < 0) {
        cr_assert(sim_step(&rig->sim));
    }
    *arrived_ns = rig->sim.now_ns;
    rig_run_ms(rig, 1);
    const struct rig_received got = rig_receive_with(socket, 0, 72, control_bytes);
    cr_assert_eq(got.result, 16);
    rig_free(rig);
    return got;
}

static const struct cmsghdr *header_of(const struct rig_received *got)
{
    return (const struct cmsghdr *)(const void *)got->control;
}

Test(af_can_cmsg, the_stamp_is_of_the_type_asked_for_and_alone)
{
    static const struct {
        int name;
        bool ns;
    } rows[] = {{SO_TIMESTAMP_OLD, false},
                {SO_TIMESTAMP_NEW, false},
                {SO_TIMESTAMPNS_OLD, true},
                {SO_TIMESTAMPNS_NEW, true}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        sim_ns_t at_ns;
        const struct rig_received got = receive_with_option(rows[i].name, 1, 256, &at_ns);
        cr_assert_eq(got.control_bytes, CMSG_SPACE(16));
        cr_assert_eq(header_of(&got)->cmsg_level, SOL_SOCKET);
        cr_assert_eq(header_of(&got)->cmsg_type, rows[i].name);
        cr_assert_eq(header_of(&got)->cmsg_len, CMSG_LEN(16));
        int64_t stamp[2];
        memcpy(stamp, CMSG_DATA(header_of(&got)), sizeof(stamp));
        const uint64_t wall_ns = RIG_EPOCH_NS + at_ns;
        cr_assert_eq(stamp[0], (int64_t)(wall_ns / SIM_S(1)));
        cr_assert_eq(stamp[1], (int64_t)(wall_ns % SIM_S(1) / (rows[i].ns ? 1 : 1000)));
    }
}

Test(af_can_cmsg, software_stamps_come_as_three_of_which_the_first_counts)
{
    sim_ns_t at_ns;
    const struct rig_received got = receive_with_option(
        SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE, 256, &at_ns);
    cr_assert_eq(got.control_bytes, CMSG_SPACE(48));
    cr_assert_eq(header_of(&got)->cmsg_type, SO_TIMESTAMPING);
    int64_t stamps[6];
    memcpy(stamps, CMSG_DATA(header_of(&got)), sizeof(stamps));
    cr_assert_eq(stamps[1], (int64_t)((RIG_EPOCH_NS + at_ns) % SIM_S(1)));
    for (size_t i = 2; i < ARRAY_SIZE(stamps); i++) {
        cr_assert_eq(stamps[i], 0);
    }
}

Test(af_can_cmsg, stamps_that_nobody_makes_or_asks_for_do_not_come)
{
    static const int flags[] = {SOF_TIMESTAMPING_RX_SOFTWARE, SOF_TIMESTAMPING_SOFTWARE,
                                SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE, 0};
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        sim_ns_t at_ns;
        cr_assert_eq(receive_with_option(SO_TIMESTAMPING, flags[i], 256, &at_ns).control_bytes, 0);
    }
}

/* Room, and what is written of 32 bytes: as recvmsg() of Linux 6.1 does. */
Test(af_can_cmsg, a_short_control_buffer_cuts_the_message_and_says_so)
{
    static const struct {
        size_t room;
        size_t used;
    } rows[] = {{8, 0}, {12, 0}, {16, 16}, {20, 20}, {24, 24}, {28, 28}};
    sim_ns_t at_ns;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct rig_received got = receive_with_option(SO_TIMESTAMP, 1, rows[i].room, &at_ns);
        cr_assert_eq(got.flags, MSG_CTRUNC);
        cr_assert_eq(got.control_bytes, rows[i].used);
        cr_assert(rows[i].used == 0 || header_of(&got)->cmsg_len == rows[i].used);
    }
    cr_assert_eq(receive_with_option(SO_TIMESTAMP, 1, 32, &at_ns).flags, 0);
    cr_assert_eq(receive_with_option(SO_TIMESTAMP, 1, 0, &at_ns).flags, MSG_CTRUNC);
}

Test(af_can_cmsg, a_frame_older_than_the_option_gets_the_time_at_which_it_is_read)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    rig_peer_send(rig, "123#11");
    rig_run_ms(rig, 7);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1), 0);
    const struct rig_received got = rig_receive(socket);
    int64_t stamp[2];
    memcpy(stamp, CMSG_DATA(header_of(&got)), sizeof(stamp));
    cr_assert_eq(stamp[1], SIM_MS(7));
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 0), 0);
    rig_peer_send(rig, "123#11");
    rig_run_ms(rig, 1);
    cr_assert_eq(rig_receive(socket).control_bytes, 0);
    rig_free(rig);
}

Test(af_can_cmsg, the_option_reads_back_in_the_form_in_which_it_was_set)
{
    static const int names[] = {SO_TIMESTAMP_OLD, SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    for (size_t set = 0; set < ARRAY_SIZE(names); set++) {
        cr_assert_eq(rig_set(socket, SOL_SOCKET, names[set], 1), 0);
        for (size_t get = 0; get < ARRAY_SIZE(names); get++) {
            cr_assert_eq(rig_get(socket, SOL_SOCKET, names[get]), get == set);
        }
    }
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_TIMESTAMPING, 1 << 16), -EINVAL);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_STATS), -EINVAL);
    rig_free(rig);
}
