/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_fd.c - the sizes of what is read from and written to a RAW socket that
 * takes CAN FD frames, classical ones and others, and what lies in them. */
#include "tests/guest/kernel/observe.h"

#include <string.h>
#include <unistd.h>

struct pair {
    int tx;
    int rx;
};

static struct pair pair_of(const struct links *links)
{
    const struct pair pair = {raw_socket(links->index[0], SOCK_NONBLOCK),
                              raw_socket(links->index[0], SOCK_NONBLOCK)};
    must(on(pair.tx, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    must(on(pair.rx, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    return pair;
}

static void close_pair(struct pair pair)
{
    close(pair.tx);
    close(pair.rx);
}

/* The frame as bytes, so that what lies behind its data is told, too. */
static struct text raw_text(int fd, int wait_ms)
{
    uint8_t bytes[128];
    const ssize_t size = take(fd, bytes, sizeof bytes, wait_ms);
    if (size < 0) {
        return rc_text(size);
    }
    return text("%zd bytes: %s", size, bytes_text(bytes, (size_t)size).chars);
}

static void read_sizes(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct canfd_frame fd_frame = {.can_id = 0x124, .len = 3, .data = {1, 2, 3}};
    for (size_t room = 0; room <= 80; room += room < 20 ? 1 : 4) {
        uint8_t bytes[80];
        put(pair.tx, 0x123, "12345678");
        must(write_patiently(pair.tx, &fd_frame, sizeof fd_frame), "FD");
        poll_now(pair.rx, COMES_MS);
        pause_ms(2);
        memset(bytes, 0xA5, sizeof bytes);
        const struct text classic = rc_text(read(pair.rx, bytes, room));
        const struct text seen = bytes_text(bytes, 18);
        const struct text fd = rc_text(read(pair.rx, bytes, room));
        say(text("read into %zu bytes", room).chars, "classic %s, FD %s, left %s, %s",
            classic.chars, fd.chars, take_text(pair.rx, 0).chars, seen.chars);
    }
    put(pair.tx, 0x125, "a");
    poll_now(pair.rx, COMES_MS);
    say("read to nowhere", "%s", rc_text(read(pair.rx, nowhere(), 16)).chars);
    say("read to nowhere: left", "%s", take_text(pair.rx, 0).chars);
    close_pair(pair);
}

static void write_sizes(const struct links *links)
{
    const struct pair pair = pair_of(links);
    uint8_t bytes[80] = {0x23, 1, 0, 0, 2, 0, 0, 0, 0xAB, 0xCD, 0xEF};
    for (size_t size = 0; size <= 80; size += size < 20 || size > 68 ? 1 : 4) {
        const struct text written = rc_text(write(pair.tx, bytes, size));
        const int went = written.chars[0] != 'E';
        say(text("write %zu bytes", size).chars, "%s, heard %s", written.chars,
            raw_text(pair.rx, went ? COMES_MS : 0).chars);
    }
    say("write from nowhere", "%s", rc_text(write(pair.tx, nowhere(), 16)).chars);
    close_pair(pair);
}

/* Length bytes that do not fit, flags, reserved bytes. */
static void write_contents(const struct links *links)
{
    static const struct {
        const char *name;
        size_t size;
        struct canfd_frame frame;
    } rows[] = {
        {"classic, length 0", CAN_MTU, {.can_id = 0x10, .len = 0, .data = {1, 2, 3}}},
        {"classic, length 8", CAN_MTU, {.can_id = 0x10, .len = 8, .data = {1, 2, 3}}},
        {"classic, length 9", CAN_MTU, {.can_id = 0x10, .len = 9, .data = {1, 2, 3}}},
        {"classic, length 64", CAN_MTU, {.can_id = 0x10, .len = 64}},
        {"classic, length 255", CAN_MTU, {.can_id = 0x10, .len = 255}},
        {"classic, padding and reserved set",
         CAN_MTU,
         {.can_id = 0x11,
          .len = 2,
          .flags = 0xFF,
          .__res0 = 0xEE,
          .__res1 = 0x0C,
          .data = {1, 2, 3, 4, 5, 6, 7, 8}}},
        {"classic, length 8 and DLC 15", CAN_MTU, {.can_id = 0x11, .len = 8, .__res1 = 15}},
        {"remote, length 4", CAN_MTU, {.can_id = 0x12 | CAN_RTR_FLAG, .len = 4, .data = {1}}},
        {"standard with high bits", CAN_MTU, {.can_id = 0x12345678, .len = 1}},
        {"extended", CAN_MTU, {.can_id = 0x12345678 | CAN_EFF_FLAG, .len = 1}},
        {"FD, length 8", CANFD_MTU, {.can_id = 0x13, .len = 8, .data = {1}}},
        {"FD, length 9", CANFD_MTU, {.can_id = 0x13, .len = 9, .data = {1}}},
        {"FD, length 12", CANFD_MTU, {.can_id = 0x13, .len = 12, .data = {1}}},
        {"FD, length 63", CANFD_MTU, {.can_id = 0x13, .len = 63, .data = {1}}},
        {"FD, length 64", CANFD_MTU, {.can_id = 0x13, .len = 64, .data = {1}}},
        {"FD, length 65", CANFD_MTU, {.can_id = 0x13, .len = 65}},
        {"FD, BRS", CANFD_MTU, {.can_id = 0x14, .len = 1, .flags = CANFD_BRS}},
        {"FD, ESI", CANFD_MTU, {.can_id = 0x14, .len = 1, .flags = CANFD_ESI}},
        {"FD, FDF", CANFD_MTU, {.can_id = 0x14, .len = 1, .flags = CANFD_FDF}},
        {"FD, all flags and reserved set",
         CANFD_MTU,
         {.can_id = 0x14, .len = 1, .flags = 0xFF, .__res0 = 0xEE, .__res1 = 0xDD}},
        {"FD, remote", CANFD_MTU, {.can_id = 0x15 | CAN_RTR_FLAG, .len = 2}},
    };
    const struct pair pair = pair_of(links);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct text written = rc_text(write(pair.tx, &rows[i].frame, rows[i].size));
        const int went = written.chars[0] != 'E';
        say(rows[i].name, "%s, heard %s", written.chars,
            raw_text(pair.rx, went ? COMES_MS : QUIET_MS).chars);
    }
    close_pair(pair);
}

static void without_fd(const struct links *links)
{
    const struct pair pair = pair_of(links);
    const int zero = 0;
    must(setsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &zero, sizeof zero), "no FD");
    const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
    const struct canfd_frame frame = {.can_id = 0x20, .len = 1};
    must(on(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    must(write(fd, &frame, sizeof frame), "write");
    put(fd, 0x21, "c");
    say("a socket without FD hears", "%s", raw_text(pair.rx, COMES_MS).chars);
    say("and then", "%s", raw_text(pair.rx, QUIET_MS).chars);
    must(on(pair.rx, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    must(write(fd, &frame, sizeof frame), "write");
    pause_ms(QUIET_MS);
    must(setsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &zero, sizeof zero), "no FD");
    say("an FD frame that waits while FD is switched off", "%s", raw_text(pair.rx, 0).chars);
    close(fd);
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    read_sizes(&links);
    write_sizes(&links);
    write_contents(&links);
    without_fd(&links);
    return 0;
}
