/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_options.c - every option of SOL_SOCKET and SOL_CAN_RAW: what is there at
 * first, what is read back, values that are too short or too long. */
#include "tests/guest/kernel/observe.h"

#include <errno.h>
#include <linux/can/isotp.h>
#include <string.h>
#include <unistd.h>

enum { SOCKET_OPTIONS_MAX = 80, VALUE_MAX = 64 };

/* Options that tell of the machine or of other parts of the kernel, not of CAN. */
static const int left_out[] = {
    16, 17,         /* Credentials: of the process. */
    30, 31, 59,     /* Security modules. */
    56,             /* SO_INCOMING_NAPI_ID. */
    57,             /* SO_COOKIE: a running number. */
    71,             /* SO_NETNS_COOKIE. */
    49,             /* SO_INCOMING_CPU. */
    77, 78, 79, 80, /* Younger than the kernel. */
};

static int is_left_out(int option)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (left_out[i] == option) {
            return 1;
        }
    }
    return 0;
}

static struct text get_text(int fd, int level, int option, socklen_t room)
{
    uint8_t value[VALUE_MAX];
    socklen_t len = room;
    memset(value, 0xA5, sizeof value);
    const int rc = getsockopt(fd, level, option, value, &len);
    if (rc < 0) {
        return text("%s, length %u", rc_text(rc).chars, len);
    }
    return text("%u: %s", len, bytes_text(value, len <= 16 ? len : 16).chars);
}

static struct text set_text(int fd, int level, int option, const void *value, socklen_t len)
{
    return rc_text(setsockopt(fd, level, option, value, len));
}

static void at_first(const struct links *links)
{
    const int fd = raw_socket(links->index[0], 0);
    for (int option = 0; option <= SOCKET_OPTIONS_MAX; option++) {
        if (!is_left_out(option)) {
            say(text("SOL_SOCKET %d", option).chars, "%s",
                get_text(fd, SOL_SOCKET, option, VALUE_MAX).chars);
        }
    }
    for (int option = 0; option <= 10; option++) {
        say(text("SOL_CAN_RAW %d", option).chars, "%s",
            get_text(fd, SOL_CAN_RAW, option, VALUE_MAX).chars);
    }
    static const int levels[] = {0, 6, SOL_CAN_BASE, SOL_CAN_RAW + 1, SOL_CAN_ISOTP, 263, -1};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const int one = 1;
        say(text("level %d", levels[i]).chars, "get %s",
            get_text(fd, levels[i], 1, VALUE_MAX).chars);
        say(text("level %d", levels[i]).chars, "set %s",
            set_text(fd, levels[i], 3, &one, sizeof one).chars);
    }
    close(fd);
}

static void socket_options_set(const struct links *links)
{
    for (int option = 0; option <= SOCKET_OPTIONS_MAX; option++) {
        if (is_left_out(option)) {
            continue;
        }
        /* A fresh socket for each: one option may change another, or detach the socket. */
        const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
        const int values[] = {1, 0};
        const struct text set = set_text(fd, SOL_SOCKET, option, values, sizeof values[0]);
        const struct text got = get_text(fd, SOL_SOCKET, option, VALUE_MAX);
        const struct text eight = set_text(fd, SOL_SOCKET, option, values, sizeof values);
        const struct text three = set_text(fd, SOL_SOCKET, option, values, 3);
        const struct text none = set_text(fd, SOL_SOCKET, option, values, 0);
        say(text("SOL_SOCKET %d set to 1", option).chars,
            "%s, then %s; 8 bytes %s, 3 bytes %s, none %s", set.chars, got.chars, eight.chars,
            three.chars, none.chars);
        close(fd);
    }
}

static void raw_options_set(const struct links *links)
{
    const int values[3] = {1, 1, 0};
    for (int option = 0; option <= 10; option++) {
        for (socklen_t len = 0; len <= 12; len++) {
            const int fd = raw_socket(links->index[0], 0);
            const struct text set = set_text(fd, SOL_CAN_RAW, option, values, len);
            const struct text got = get_text(fd, SOL_CAN_RAW, option, VALUE_MAX);
            say(text("SOL_CAN_RAW %d, %u bytes", option, len).chars, "%s, then %s", set.chars,
                got.chars);
            close(fd);
        }
    }
}

static void raw_values(const struct links *links)
{
    static const int values[] = {0, 1, 2, 256, -1, 1 << 30};
    for (int option = CAN_RAW_LOOPBACK; option <= CAN_RAW_JOIN_FILTERS; option++) {
        const int fd = raw_socket(links->index[0], 0);
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            const struct text set = set_text(fd, SOL_CAN_RAW, option, &values[i], sizeof values[i]);
            say(text("SOL_CAN_RAW %d to %d", option, values[i]).chars, "%s, then %s", set.chars,
                get_text(fd, SOL_CAN_RAW, option, VALUE_MAX).chars);
        }
        say(text("SOL_CAN_RAW %d from nowhere", option).chars, "%s",
            set_text(fd, SOL_CAN_RAW, option, nowhere(), 4).chars);
        close(fd);
    }
}

static void short_room(const struct links *links)
{
    static const int socket_options[] = {SO_TYPE,   SO_ERROR,    SO_RCVBUF, SO_RCVTIMEO,
                                         SO_LINGER, SO_PROTOCOL, SO_DOMAIN};
    const int fd = raw_socket(links->index[0], 0);
    for (size_t i = 0; i < sizeof socket_options / sizeof socket_options[0]; i++) {
        for (socklen_t room = 0; room <= 20; room += room < 4 ? 1 : 4) {
            say(text("SOL_SOCKET %d, room %u", socket_options[i], room).chars, "%s",
                get_text(fd, SOL_SOCKET, socket_options[i], room).chars);
        }
        say(text("SOL_SOCKET %d, room -1", socket_options[i]).chars, "%s",
            get_text(fd, SOL_SOCKET, socket_options[i], (socklen_t)-1).chars);
    }
    for (int option = CAN_RAW_ERR_FILTER; option <= CAN_RAW_JOIN_FILTERS; option++) {
        for (socklen_t room = 0; room <= 6; room++) {
            say(text("SOL_CAN_RAW %d, room %u", option, room).chars, "%s",
                get_text(fd, SOL_CAN_RAW, option, room).chars);
        }
        say(text("SOL_CAN_RAW %d, room -1", option).chars, "%s",
            get_text(fd, SOL_CAN_RAW, option, (socklen_t)-1).chars);
    }
    close(fd);
}

static void buffer_sizes(const struct links *links)
{
    static const int sizes[] = {0,    1,      1000,   1152,   1153,    2304, 4608,
                                8192, 100000, 212992, 300000, 1 << 30, -1};
    static const int options[] = {SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE};
    const int fd = raw_socket(links->index[0], 0);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            const int asked =
                options[i] == SO_SNDBUF || options[i] == SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF;
            int got = -1;
            socklen_t len = sizeof got;
            const struct text set =
                set_text(fd, SOL_SOCKET, options[i], &sizes[j], sizeof sizes[j]);
            getsockopt(fd, SOL_SOCKET, asked, &got, &len);
            say(text("SOL_SOCKET %d to %d", options[i], sizes[j]).chars, "%s, then %d", set.chars,
                got);
        }
    }
    close(fd);
}

static void time_outs(const struct links *links)
{
    static const struct timeval values[] = {{0, 0},       {1, 500000}, {0, 1},       {-1, 0},
                                            {0, 1000000}, {0, -1},     {10000000, 0}};
    static const int options[] = {SO_RCVTIMEO_OLD, SO_SNDTIMEO_OLD, SO_RCVTIMEO_NEW,
                                  SO_SNDTIMEO_NEW};
    const int fd = raw_socket(links->index[0], 0);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            struct timeval got = {0};
            socklen_t len = sizeof got;
            const struct text set =
                set_text(fd, SOL_SOCKET, options[i], &values[j], sizeof values[j]);
            getsockopt(fd, SOL_SOCKET, options[i], &got, &len);
            say(text("SOL_SOCKET %d to %ld s %ld us", options[i], values[j].tv_sec,
                     values[j].tv_usec)
                    .chars,
                "%s, then %ld s %ld us", set.chars, got.tv_sec, got.tv_usec);
        }
    }
    close(fd);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    at_first(&links);
    socket_options_set(&links);
    raw_options_set(&links);
    raw_values(&links);
    short_room(&links);
    buffer_sizes(&links);
    time_outs(&links);
    return 0;
}
