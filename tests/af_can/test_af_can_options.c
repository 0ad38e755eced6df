/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can_options.c - options of SOL_SOCKET and requests that concern a socket.
 * The figures are answers of Linux 6.1 (x86-64). */
#include "tests/af_can/af_can_rig.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/time.h>

Test(af_can_options, the_buffers_are_doubled_and_limited)
{
    static const struct {
        int name;
        int read_as;
        int asked;
        int given;
    } rows[] = {
        {SO_RCVBUF, SO_RCVBUF, 0, 2304},
        {SO_RCVBUF, SO_RCVBUF, -1, 425984},
        {SO_RCVBUF, SO_RCVBUF, 1152, 2304},
        {SO_RCVBUF, SO_RCVBUF, 1153, 2306},
        {SO_RCVBUF, SO_RCVBUF, 300000, 425984},
        {SO_RCVBUFFORCE, SO_RCVBUF, 300000, 600000},
        {SO_RCVBUFFORCE, SO_RCVBUF, -1, 2304},
        {SO_RCVBUFFORCE, SO_RCVBUF, 0x7FFFFFFF, 0x7FFFFFFE},
        {SO_SNDBUF, SO_SNDBUF, 0, 4608},
        {SO_SNDBUF, SO_SNDBUF, 3000, 6000},
        {SO_SNDBUFFORCE, SO_SNDBUF, 300000, 600000},
    };
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_RCVBUF), 212992);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_SNDBUF), 212992);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert_eq(rig_set(socket, SOL_SOCKET, rows[i].name, rows[i].asked), 0);
        const int given = rig_get(socket, SOL_SOCKET, rows[i].read_as);
        cr_expect_eq(given, rows[i].given, "row %zu: %d", i, given);
    }
    rig_free(rig);
}

Test(af_can_options, what_a_socket_is)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_DOMAIN), AF_CAN);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_TYPE), SOCK_RAW);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_PROTOCOL), 0); /* So says Linux. */
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_ERROR), 0);
    static const int read_only[] = {SO_DOMAIN,     SO_TYPE,     SO_PROTOCOL, SO_ERROR,
                                    SO_ACCEPTCONN, SO_SNDLOWAT, 99};
    for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
        cr_expect_eq(rig_set(socket, SOL_SOCKET, read_only[i], 1), -ENOPROTOOPT);
    }
    int value;
    size_t len = sizeof(value);
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, 99, &value, &len), -ENOPROTOOPT);
    rig_free(rig);
}

Test(af_can_options, options_without_effect_are_kept)
{
    static const struct {
        int name;
        int asked;
        int given;
    } rows[] = {
        {SO_REUSEADDR, 5, 1},  {SO_BROADCAST, 1, 1}, {SO_KEEPALIVE, 2, 1},
        {SO_DONTROUTE, 1, 1},  {SO_MARK, 7, 7},      {SO_PRIORITY, 4, 4},
        {SO_PRIORITY, -1, -1}, {SO_RCVLOWAT, 0, 1},  {SO_RCVLOWAT, -5, 0x7FFFFFFF},
        {SO_RXQ_OVFL, 9, 1},   {SO_BSDCOMPAT, 1, 0},
    };
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert_eq(rig_set(socket, SOL_SOCKET, rows[i].name, rows[i].asked), 0);
        cr_expect_eq(rig_get(socket, SOL_SOCKET, rows[i].name), rows[i].given, "row %zu", i);
    }
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_REUSEPORT, 1), -EOPNOTSUPP);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_PEEK_OFF, 1), -EOPNOTSUPP);
    cr_assert_eq(rig_set(socket, SOL_SOCKET, SO_BUSY_POLL, -1), -EINVAL);
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, "", 1), -EINVAL);
    rig_free(rig);
}

Test(af_can_options, timeouts_are_kept_in_jiffies_of_four_milliseconds)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    struct timeval value = {3, 4001};
    size_t len = sizeof(value);
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, len), 0);
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, &len), 0);
    cr_assert_eq(value.tv_sec, 3);
    cr_assert_eq(value.tv_usec, 8000);
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, &len), 0);
    cr_assert_eq(value.tv_sec, 0);
    value = (struct timeval){1, 1000000};
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, len), -EDOM);
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, 8), -EINVAL);
    rig_free(rig);
}

Test(af_can_options, a_socket_can_name_a_device)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_open(rig);
    char name[16] = "";
    size_t len = sizeof(name);
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
    cr_assert_eq(len, 0);
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, "can9", 5), -ENODEV);
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, "can1", 4), 0);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_BINDTOIFINDEX), rig->index[1]);
    len = 15;
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name, &len), -EINVAL);
    len = 16;
    cr_assert_eq(af_can_getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
    cr_assert_eq(len, 5);
    cr_assert_str_eq(name, "can1");
    cr_assert_eq(af_can_setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, "", 0), 0);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_BINDTOIFINDEX), 0);
    rig_free(rig);
}

Test(af_can_options, the_stamp_request_knows_the_last_frame_that_was_read)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    int64_t stamp[2];
    size_t len = 0;
    cr_assert_eq(af_can_socket_ioctl(socket, SIOCGSTAMP_OLD, stamp, &len), -ENOENT);
    rig_peer_send(rig, "123#"); /* 47 bits and a stuff bit every now and then: below 150 us. */
    rig_run_ms(rig, 5);
    cr_assert_eq(rig_drain(socket), 1);
    cr_assert_eq(af_can_socket_ioctl(socket, SIOCGSTAMPNS_OLD, stamp, &len), 0);
    cr_assert_eq(len, 16);
    cr_assert_eq(stamp[0], (int64_t)(RIG_EPOCH_NS / SIM_S(1)));
    cr_assert_lt(stamp[1], 150000);
    const int64_t fraction_ns = stamp[1];
    cr_assert_eq(af_can_socket_ioctl(socket, _IOR(0x89, 6, long long[2]), stamp, &len), 0);
    cr_assert_eq(stamp[1], fraction_ns / 1000);
    static const unsigned long others[] = {FIONREAD, SIOCOUTQ, 0x1234};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        cr_assert_eq(af_can_socket_ioctl(socket, others[i], stamp, &len), -ENOTTY);
    }
    rig_free(rig);
}

/* What setting an option to 1 answers, and what reading it then gives in how many bytes, as
 * tests/guest/kernel/expected/raw_options.txt has it. */
Test(af_can_options, rare_options_are_refused_as_the_kernel_does)
{
    static const struct {
        int name;
        int set;
        int get;
        size_t len;
        unsigned char first;
    } rows[] = {
        {13, -EINVAL, 0, 8, 0},
        {14, 0, 0, 4, 0},
        {15, -EOPNOTSUPP, 0, 4, 0},
        {19, -ENOPROTOOPT, 0, 4, 1},
        {20, -EINVAL, 0, 16, 0},
        {25, -ENODEV, 0, 0, 0},
        {26, -EINVAL, 0, 0, 0},
        {27, -ENOENT, -ENOPROTOOPT, 64, 0},
        {28, -ENOPROTOOPT, -ENOTCONN, 64, 0},
        {32, 0, -ENOPROTOOPT, 64, 0},
        {37, 0, 0, 8, 1},
        {42, -EOPNOTSUPP, -EOPNOTSUPP, 64, 0},
        {44, 0, 0, 4, 1},
        {47, 0, 0, 8, 1},
        {48, -ENOPROTOOPT, 0, 4, 64},
        {50, -EINVAL, -ENOPROTOOPT, 64, 0},
        {53, 0, -ENOPROTOOPT, 64, 0},
        {54, -ENOPROTOOPT, -ENOPROTOOPT, 64, 0},
        {55, -ENOPROTOOPT, 0, 36, 0},
        {60, -EOPNOTSUPP, 0, 4, 0},
        {61, -EINVAL, 0, 8, 0},
        {65, 0, 0, 8, 1},
        {69, 0, 0, 4, 1},
        {70, 0, -ENOPROTOOPT, 64, 0},
        {72, 0, 0, 4, 1},
        {73, -EOPNOTSUPP, 0, 4, 0},
        {74, 0, 0, 4, 1},
        {75, 0, 0, 4, 1},
        {76, -ENOPROTOOPT, -ENOPROTOOPT, 64, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig *rig = rig_new(0, 0);
        struct af_can_socket *socket = rig_open(rig);
        unsigned char value[64] = {0};
        size_t len = sizeof(value);
        const int name = rows[i].name;
        cr_expect_eq(rig_set(socket, SOL_SOCKET, name, 1), rows[i].set, "set %d", name);
        cr_expect_eq(af_can_getsockopt(socket, SOL_SOCKET, name, value, &len), rows[i].get,
                     "get %d", name);
        cr_expect_eq(len, rows[i].len, "length of %d", name);
        cr_expect_eq(value[0], rows[i].first, "value of %d", name);
        rig_free(rig);
    }
}
