/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_io.c - sending and receiving classical frames by RAW sockets: in one
 * piece, in several pieces, several messages in one call, with every flag. */
#include "tests/guest/kernel/observe.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

struct pair {
    int tx;
    int rx;
};

static struct pair pair_of(const struct links *links)
{
    return (struct pair){raw_socket(links->index[0], SOCK_NONBLOCK),
                         raw_socket(links->index[0], SOCK_NONBLOCK)};
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

static void pieces(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct can_frame frame = frame_of(0x123, 8, "abcdefgh");
    uint8_t *bytes = (uint8_t *)&frame;
    struct iovec three[3] = {{bytes, 5}, {bytes + 5, 0}, {bytes + 5, 11}};
    say("writev of 5, 0 and 11 bytes", "%s", rc_text(writev(pair.tx, three, 3)).chars);
    say("writev: heard", "%s", raw_text(pair.rx, COMES_MS).chars);
    struct iovec short_of[2] = {{bytes, 8}, {bytes + 8, 7}};
    say("writev of 8 and 7 bytes", "%s", rc_text(writev(pair.tx, short_of, 2)).chars);
    put(pair.tx, 0x124, "12345678");
    poll_now(pair.rx, COMES_MS);
    uint8_t into[16] = {0};
    struct iovec two[2] = {{into, 9}, {into + 9, 7}};
    const struct text got = rc_text(readv(pair.rx, two, 2));
    say("readv into 9 and 7 bytes", "%s, %s", got.chars, bytes_text(into, 16).chars);
    put(pair.tx, 0x125, "12345678");
    poll_now(pair.rx, COMES_MS);
    memset(into, 0xA5, sizeof into);
    two[1].iov_len = 3;
    const struct text cut = rc_text(readv(pair.rx, two, 2));
    say("readv into 9 and 3 bytes", "%s, %s", cut.chars, bytes_text(into, 16).chars);
    close_pair(pair);
}

static ssize_t receive(int fd, void *bytes, size_t room, int flags, int *told)
{
    struct iovec piece = {bytes, room};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    const ssize_t size = recvmsg(fd, &message, flags);
    *told = message.msg_flags;
    return size;
}

static void receive_flags(const struct links *links)
{
    static const struct {
        const char *name;
        int flags;
        size_t room;
    } rows[] = {
        {"peek", MSG_PEEK, 16},
        {"peek, room 4", MSG_PEEK, 4},
        {"peek and trunc, room 4", MSG_PEEK | MSG_TRUNC, 4},
        {"trunc, room 4", MSG_TRUNC, 4},
        {"room 0", 0, 0},
        {"trunc, room 0", MSG_TRUNC, 0},
        {"trunc, room 72", MSG_TRUNC, 72},
        {"wait for all, room 32", MSG_WAITALL, 32},
        {"out of band", MSG_OOB, 16},
        {"error queue", MSG_ERRQUEUE, 16},
    };
    const struct pair pair = pair_of(links);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[72] = {0};
        int told = 0;
        put(pair.tx, 0x123, "1234");
        poll_now(pair.rx, COMES_MS);
        const struct text size =
            rc_text(receive(pair.rx, bytes, rows[i].room, rows[i].flags, &told));
        say(text("recvmsg, %s", rows[i].name).chars, "%s, %s, left %s", size.chars,
            size.chars[0] == 'E' ? "-" : msg_text(told).chars, raw_text(pair.rx, 0).chars);
    }
    close_pair(pair);
}

static void send_flags(const struct links *links)
{
    static const struct {
        const char *name;
        int flags;
    } rows[] = {{"none", 0},
                {"DONTWAIT", MSG_DONTWAIT},
                {"NOSIGNAL", MSG_NOSIGNAL},
                {"CONFIRM", MSG_CONFIRM},
                {"DONTROUTE", MSG_DONTROUTE},
                {"MORE", MSG_MORE},
                {"EOR", MSG_EOR},
                {"OOB", MSG_OOB},
                {"FASTOPEN", MSG_FASTOPEN}};
    const struct pair pair = pair_of(links);
    const struct can_frame frame = frame_of(0x123, 1, "f");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct text sent = rc_text(send(pair.tx, &frame, sizeof frame, rows[i].flags));
        say(text("send with %s", rows[i].name).chars, "%s, heard %s", sent.chars,
            take_text(pair.rx, QUIET_MS).chars);
    }
    close_pair(pair);
}

static void several_messages(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct can_frame frames[4];
    struct iovec pieces_of[4];
    struct mmsghdr messages[4] = {{.msg_len = 0}};
    for (unsigned i = 0; i < 4; i++) {
        frames[i] = frame_of(0x300 + i, 2, "mm");
        pieces_of[i] = (struct iovec){&frames[i], i == 2 ? 15 : 16};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces_of[i], .msg_iovlen = 1};
    }
    say("sendmmsg of 4, the third too short", "%s",
        rc_text(sendmmsg(pair.tx, messages, 4, 0)).chars);
    say("sendmmsg: lengths", "%u %u %u %u", messages[0].msg_len, messages[1].msg_len,
        messages[2].msg_len, messages[3].msg_len);
    pause_ms(QUIET_MS);
    for (unsigned i = 0; i < 4; i++) {
        pieces_of[i].iov_len = 16;
        messages[i].msg_len = 99;
    }
    say("recvmmsg of 4, not waiting", "%s",
        rc_text(recvmmsg(pair.rx, messages, 4, MSG_DONTWAIT, NULL)).chars);
    say("recvmmsg: lengths", "%u %u %u %u", messages[0].msg_len, messages[1].msg_len,
        messages[2].msg_len, messages[3].msg_len);
    say("recvmmsg: second frame", "%s", frame_text(&frames[1], CAN_MTU).chars);
    say("recvmmsg of an empty queue", "%s",
        rc_text(recvmmsg(pair.rx, messages, 4, MSG_DONTWAIT, NULL)).chars);
    say("sendmmsg of none", "%s", rc_text(sendmmsg(pair.tx, messages, 0, 0)).chars);
    put(pair.tx, 0x310, "w");
    poll_now(pair.rx, COMES_MS);
    say("recvmmsg of 4, waiting for one", "%s",
        rc_text(recvmmsg(pair.rx, messages, 4, MSG_WAITFORONE, NULL)).chars);
    close_pair(pair);
}

static void how_much_waits(const struct links *links)
{
    const struct pair pair = pair_of(links);
    int bytes = -1;
    struct text result = rc_text(ioctl(pair.rx, FIONREAD, &bytes));
    say("FIONREAD, nothing waits", "%s, %d", result.chars, bytes);
    put(pair.tx, 0x123, "1");
    put(pair.tx, 0x124, "2");
    pause_ms(QUIET_MS);
    result = rc_text(ioctl(pair.rx, FIONREAD, &bytes));
    say("FIONREAD, two frames wait", "%s, %d", result.chars, bytes);
    result = rc_text(ioctl(pair.tx, TIOCOUTQ, &bytes));
    say("SIOCOUTQ", "%s, %d", result.chars, bytes);
    say("an unknown ioctl", "%s", rc_text(ioctl(pair.rx, 0x89FF, &bytes)).chars);
    say("a terminal's ioctl", "%s", rc_text(ioctl(pair.rx, TIOCGWINSZ, &bytes)).chars);
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    write_sizes(&links);
    pieces(&links);
    receive_flags(&links);
    send_flags(&links);
    several_messages(&links);
    how_much_waits(&links);
    return 0;
}
