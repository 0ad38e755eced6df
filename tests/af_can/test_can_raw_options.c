/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_raw_options.c - filters and the other options of CAN_RAW. */
#include "tests/af_can/af_can_rig.h"

static const uint32_t probes[] = {
    0x000,
    0x123,
    0x124,
    0x523,
    0x7FF,
    0x123 | CAN_RTR_FLAG,
    0x123 | CAN_EFF_FLAG,
    0x7FF | CAN_EFF_FLAG,
    0x12345678 | CAN_EFF_FLAG,
    0x123 | CAN_EFF_FLAG | CAN_RTR_FLAG,
};

/* Bit n: probe n comes through. */
static unsigned heard(struct rig *rig, struct af_can_socket *sender, struct af_can_socket *socket)
{
    unsigned set = 0;
    for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
        const struct af_can_wire_frame frame = {.can_id = probes[i]};
        cr_assert_eq(rig_send_bytes(sender, &frame, AF_CAN_MTU), 16);
        rig_run_ms(rig, 1);
        const size_t count = rig_drain(socket);
        cr_assert_leq(count, 1, "probe %zu came %zu times", i, count);
        set |= (unsigned)count << i;
    }
    return set;
}

static int set_filters(struct af_can_socket *socket, const struct can_filter *filters, size_t len)
{
    return af_can_setsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, filters, len * sizeof(*filters));
}

/* The kernel's answers: tests/guest/kernel/expected/raw_filter.txt. */
Test(can_raw_options, one_filter_lets_through_what_the_kernel_lets_through)
{
    enum { SFF = CAN_SFF_MASK };
    static const struct {
        struct can_filter filter;
        unsigned heard;
    } rows[] = {
        {{0, 0}, 0x3FF},
        {{0x123, SFF}, 0x262},
        {{0x123, SFF | CAN_EFF_FLAG}, 0x022},
        {{0x123, SFF | CAN_RTR_FLAG}, 0x042},
        {{0x123, SFF | CAN_EFF_FLAG | CAN_RTR_FLAG}, 0x002},
        {{0x123 | CAN_RTR_FLAG, SFF | CAN_EFF_FLAG | CAN_RTR_FLAG}, 0x020},
        {{0x123 | CAN_EFF_FLAG, CAN_EFF_MASK | CAN_EFF_FLAG}, 0x240},
        {{0x123 | CAN_EFF_FLAG, CAN_EFF_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG}, 0x040},
        {{0x123, CAN_EFF_MASK}, 0x262},
        {{0x12345678 | CAN_EFF_FLAG, CAN_EFF_MASK | CAN_EFF_FLAG}, 0x100},
        {{0x12345678, CAN_EFF_MASK | CAN_EFF_FLAG}, 0},
        {{0x12345678 | CAN_EFF_FLAG, SFF | CAN_EFF_FLAG}, 0x100},
        /* find_rcv_list(): for standard frames only their 11 bits count. */
        {{0x12345123, CAN_EFF_MASK | CAN_EFF_FLAG}, 0x022},
        {{0x123, 0x0FF}, 0x26A},
        {{0x123 | CAN_INV_FILTER, SFF}, 0x19D},
        {{CAN_INV_FILTER, 0}, 0},
        {{0x123, SFF | CAN_ERR_FLAG}, 0},
    };
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert_eq(set_filters(socket, &rows[i].filter, 1), 0);
        const unsigned got = heard(rig, sender, socket);
        cr_expect_eq(got, rows[i].heard, "row %zu: %03X", i, got);
    }
    rig_free(rig);
}

Test(can_raw_options, no_filter_lets_nothing_through)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(set_filters(socket, NULL, 0), 0);
    cr_assert_eq(heard(rig, sender, socket), 0);
    size_t len = 64;
    char value[64];
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, value, &len), 0);
    cr_assert_eq(len, 0);
    rig_free(rig);
}

Test(can_raw_options, several_filters_let_a_frame_through_once_and_joined_ones_must_all_agree)
{
    static const struct can_filter filters[] = {{0x123, 0x0FF}, {0x100, 0x700}, {0x003, 0x003}};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(set_filters(socket, filters, ARRAY_SIZE(filters)), 0);
    cr_assert_eq(heard(rig, sender, socket), 0x2FE);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, 1), 0);
    cr_assert_eq(heard(rig, sender, socket), 0x262);
    static const struct can_filter inverted[] = {{0x123 | CAN_INV_FILTER, CAN_SFF_MASK},
                                                 {0x124 | CAN_INV_FILTER, CAN_SFF_MASK}};
    cr_assert_eq(set_filters(socket, inverted, 2), 0);
    cr_assert_eq(heard(rig, sender, socket), 0x199);
    cr_assert_eq(set_filters(socket, inverted, 1), 0);
    cr_assert_eq(heard(rig, sender, socket), 0x19D);
    cr_assert_eq(set_filters(socket, NULL, 0), 0);
    cr_assert_eq(heard(rig, sender, socket), 0);
    rig_free(rig);
}

Test(can_raw_options, there_are_at_most_512_filters_of_whole_size)
{
    static const struct can_filter filters[513];
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(set_filters(socket, filters, 512), 0);
    cr_assert_eq(set_filters(socket, filters, 513), -EINVAL);
    cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, filters, 12), -EINVAL);
    static struct can_filter room[512];
    size_t len = 512 * sizeof(*room) - 1;
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, room, &len), -ERANGE);
    cr_assert_eq(len, sizeof(room));
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, room, &len), 0);
    rig_free(rig);
}

Test(can_raw_options, filters_set_before_bind_are_in_force_after_it)
{
    static const struct can_filter filter = {0x123, CAN_SFF_MASK};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sender = rig_bound(rig, rig->index[0]);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(set_filters(socket, &filter, 1), 0);
    cr_assert_eq(rig_bind(socket, rig->index[0]), 0);
    cr_assert_eq(heard(rig, sender, socket), 0x262);
    rig_free(rig);
}

Test(can_raw_options, each_is_an_int_with_the_kernels_default)
{
    static const struct {
        int name;
        int initial;
    } rows[] = {{CAN_RAW_LOOPBACK, 1},     {CAN_RAW_RECV_OWN_MSGS, 0}, {CAN_RAW_FD_FRAMES, 0},
                {CAN_RAW_JOIN_FILTERS, 0}, {CAN_RAW_ERR_FILTER, 0},    {CAN_RAW_XL_FRAMES, 0}};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const int name = rows[i].name;
        cr_assert_eq(rig_get(socket, SOL_CAN_RAW, name), rows[i].initial);
        cr_assert_eq(rig_set(socket, SOL_CAN_RAW, name, 7), 0);
        cr_assert_eq(rig_get(socket, SOL_CAN_RAW, name), 7);
        static const int value[2] = {1, 1};
        cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_RAW, name, value, 1), -EINVAL);
        cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_RAW, name, value, 8), -EINVAL);
        unsigned char byte = 0;
        size_t len = 1;
        cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, name, &byte, &len), 0);
        cr_assert_eq(byte, 7);
    }
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, 8, 1), -ENOPROTOOPT);
    cr_assert_eq(rig_set(socket, SOL_CAN_BASE, CAN_RAW_LOOPBACK, 1), -EINVAL);
    int value;
    size_t len = sizeof(value);
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, 8, &value, &len), -ENOPROTOOPT);
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_BASE, 1, &value, &len), -EINVAL);
    rig_free(rig);
}

Test(can_raw_options, can_xl_includes_can_fd)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_XL_FRAMES, 1), 0);
    cr_assert_eq(rig_get(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), 1);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 0), -EINVAL);
    cr_assert_eq(rig_get(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), 1);
    rig_free(rig);
}

Test(can_raw_options, the_error_filter_keeps_the_bits_of_an_error_class)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, -1), 0);
    cr_assert_eq((unsigned)rig_get(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER), CAN_ERR_MASK);
    rig_free(rig);
}
