/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_stamp.c - time stamps of received frames: control messages of every kind,
 * with too little room, and by ioctl. */
#include "tests/guest/kernel/observe.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 256, RECENT_S = 30, OLD_TIMESTAMPING = 37, NEW_TIMESTAMPING = 65 };

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

/* A stamp is the wall clock at reception: seconds, and a part of a second below its limit. */
static const char *plausible(int64_t seconds, int64_t part, int64_t part_limit)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds == 0 && part == 0) {
        return "zero";
    }
    return seconds <= now.tv_sec && seconds >= now.tv_sec - RECENT_S && part >= 0 &&
                   part < part_limit
               ? "now"
               : "wrong";
}

static struct text stamps_text(const struct cmsghdr *message)
{
    struct text made = {""};
    struct timespec stamps[3];
    const size_t len = message->cmsg_len - CMSG_LEN(0);
    size_t used = 0;
    for (size_t i = 0; i < 3 && (i + 1) * sizeof stamps[0] <= len; i++) {
        memcpy(&stamps[i], CMSG_DATA(message) + i * sizeof stamps[0], sizeof stamps[0]);
        const struct text one =
            text(" %s", plausible(stamps[i].tv_sec, stamps[i].tv_nsec, 1000000000));
        memcpy(made.chars + used, one.chars, strlen(one.chars) + 1);
        used += strlen(one.chars);
    }
    return made;
}

static struct text control_text(const struct cmsghdr *message)
{
    const struct text head = text("level %d type %d length %zu", message->cmsg_level,
                                  message->cmsg_type, message->cmsg_len - CMSG_LEN(0));
    struct timeval coarse;
    uint32_t number;
    if (message->cmsg_type == SCM_TIMESTAMP && message->cmsg_len == CMSG_LEN(sizeof coarse)) {
        memcpy(&coarse, CMSG_DATA(message), sizeof coarse);
        return text("%s %s", head.chars, plausible(coarse.tv_sec, coarse.tv_usec, 1000000));
    }
    if (message->cmsg_len == CMSG_LEN(sizeof number)) {
        memcpy(&number, CMSG_DATA(message), sizeof number);
        return text("%s %u", head.chars, number);
    }
    return text("%s%s", head.chars, stamps_text(message).chars);
}

/* Receives one frame with so much room for control messages, and tells of these. */
static void receive(int fd, size_t room, const char *name)
{
    uint8_t control[ROOM] = {0};
    struct can_frame frame;
    struct iovec piece = {&frame, sizeof frame};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = room > 0 ? control : NULL,
                             .msg_controllen = room};
    poll_now(fd, COMES_MS);
    const ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
    say(name, "%s, %s, control %zu bytes", rc_text(size).chars, msg_text(message.msg_flags).chars,
        (size_t)message.msg_controllen);
    if (size < 0) {
        return;
    }
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL;
         one = CMSG_NXTHDR(&message, one)) {
        say(text("%s: control", name).chars, "%s", control_text(one).chars);
    }
}

static void one_kind(const struct links *links, int option, int value, const char *name)
{
    static const size_t rooms[] = {0, 1, 15, 16, 17, 23, 24, 28, 31, 32, 48, 63, 64, 80, ROOM};
    const struct pair pair = pair_of(links);
    say(text("%s: set", name).chars, "%s",
        rc_text(setsockopt(pair.rx, SOL_SOCKET, option, &value, sizeof value)).chars);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        put(pair.tx, 0x123, "s");
        receive(pair.rx, rooms[i], text("%s, room %zu", name, rooms[i]).chars);
    }
    close_pair(pair);
}

static void set(int fd, int option, int value)
{
    must(setsockopt(fd, SOL_SOCKET, option, &value, sizeof value), "option");
}

/* Several kinds at once, and one that waits when the option comes and goes. */
static void combinations(const struct links *links)
{
    static const int software = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    const struct pair pair = pair_of(links);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "nothing asked");
    set(pair.rx, SO_TIMESTAMP, 1);
    set(pair.rx, SO_TIMESTAMPNS, 1);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "microseconds, then nanoseconds");
    set(pair.rx, SO_TIMESTAMP, 1);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "microseconds again");
    set(pair.rx, OLD_TIMESTAMPING, software);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "microseconds and time stamping");
    set(pair.rx, SO_RXQ_OVFL, 1);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "and overflow");
    put(pair.tx, 0x123, "a");
    receive(pair.rx, 64, "all three, room 64");
    set(pair.rx, SO_TIMESTAMP, 0);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "microseconds off");
    set(pair.rx, OLD_TIMESTAMPING, 0);
    set(pair.rx, SO_RXQ_OVFL, 0);
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "all off");
    put(pair.tx, 0x123, "a");
    pause_ms(QUIET_MS);
    set(pair.rx, SO_TIMESTAMP, 1);
    receive(pair.rx, ROOM, "asked when the frame was there");
    close_pair(pair);
}

static void options_read_back(const struct links *links)
{
    static const int options[] = {SO_TIMESTAMP_OLD,   SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_OLD,
                                  SO_TIMESTAMPNS_NEW, OLD_TIMESTAMPING, NEW_TIMESTAMPING};
    const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        set(fd, options[i], 0x18);
        for (size_t j = 0; j < sizeof options / sizeof options[0]; j++) {
            int value = -1;
            socklen_t len = sizeof value;
            const struct text result =
                rc_text(getsockopt(fd, SOL_SOCKET, options[j], &value, &len));
            say(text("%d set: %d", options[i], options[j]).chars, "%s, %d", result.chars, value);
        }
        set(fd, options[i], 0);
    }
    static const int wrong[] = {1 << 20,
                                -1,
                                SOF_TIMESTAMPING_OPT_ID,
                                SOF_TIMESTAMPING_OPT_STATS,
                                SOF_TIMESTAMPING_RAW_HARDWARE,
                                SOF_TIMESTAMPING_OPT_CMSG,
                                SOF_TIMESTAMPING_TX_SOFTWARE};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        say(text("time stamping %x", (unsigned)wrong[i]).chars, "%s",
            rc_text(setsockopt(fd, SOL_SOCKET, OLD_TIMESTAMPING, &wrong[i], sizeof(int))).chars);
    }
    close(fd);
}

static void ask(int fd, const char *name)
{
    struct timeval coarse = {0};
    struct timespec fine = {0};
    struct text result = rc_text(ioctl(fd, SIOCGSTAMP_OLD, &coarse));
    say(text("%s: SIOCGSTAMP", name).chars, "%s, %s", result.chars,
        plausible(coarse.tv_sec, coarse.tv_usec, 1000000));
    result = rc_text(ioctl(fd, SIOCGSTAMPNS_OLD, &fine));
    say(text("%s: SIOCGSTAMPNS", name).chars, "%s, %s", result.chars,
        plausible(fine.tv_sec, fine.tv_nsec, 1000000000));
    memset(&coarse, 0, sizeof coarse);
    memset(&fine, 0, sizeof fine);
    result = rc_text(ioctl(fd, SIOCGSTAMP_NEW, &coarse));
    say(text("%s: SIOCGSTAMP, new", name).chars, "%s, %s", result.chars,
        plausible(coarse.tv_sec, coarse.tv_usec, 1000000));
    result = rc_text(ioctl(fd, SIOCGSTAMPNS_NEW, &fine));
    say(text("%s: SIOCGSTAMPNS, new", name).chars, "%s, %s", result.chars,
        plausible(fine.tv_sec, fine.tv_nsec, 1000000000));
}

static void by_ioctl(const struct links *links)
{
    struct pair pair = pair_of(links);
    ask(pair.rx, "nothing received");
    put(pair.tx, 0x123, "a");
    take_text(pair.rx, COMES_MS);
    ask(pair.rx, "received after the first question");
    close_pair(pair);
    pair = pair_of(links);
    put(pair.tx, 0x123, "a");
    take_text(pair.rx, COMES_MS);
    ask(pair.rx, "received before the first question");
    put(pair.tx, 0x123, "a");
    pause_ms(QUIET_MS);
    ask(pair.rx, "another waits");
    set(pair.rx, SO_TIMESTAMP, 1);
    take_text(pair.rx, COMES_MS);
    ask(pair.rx, "received by recv with SO_TIMESTAMP");
    put(pair.tx, 0x123, "a");
    receive(pair.rx, ROOM, "recvmsg with SO_TIMESTAMP");
    ask(pair.rx, "received by recvmsg with SO_TIMESTAMP");
    say("to nowhere", "%s", rc_text(ioctl(pair.rx, SIOCGSTAMP_OLD, nowhere())).chars);
    close_pair(pair);
}

/* Stamps of frames sent one after another do not go back. */
static void order(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct timespec last = {0};
    bool ordered = true;
    set(pair.rx, SO_TIMESTAMPNS, 1);
    for (int i = 0; i < 20; i++) {
        put(pair.tx, 0x123, "o");
    }
    for (int i = 0; i < 20; i++) {
        uint8_t control[ROOM] = {0};
        struct can_frame frame;
        struct timespec stamp = {0};
        struct iovec piece = {&frame, sizeof frame};
        struct msghdr message = {.msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};
        poll_now(pair.rx, COMES_MS);
        must(recvmsg(pair.rx, &message, MSG_DONTWAIT), "recvmsg");
        memcpy(&stamp, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof stamp);
        ordered = ordered && (stamp.tv_sec > last.tv_sec ||
                              (stamp.tv_sec == last.tv_sec && stamp.tv_nsec >= last.tv_nsec));
        last = stamp;
    }
    say("stamps of 20 frames", "%s", ordered ? "in order" : "not in order");
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    static const int software = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    /* A kernel stamps the frames of all as soon as one socket asks; some answers depend on it. */
    must(on(raw_socket(links.index[0], 0), SOL_SOCKET, SO_TIMESTAMP), "stamp");
    pause_ms(QUIET_MS);
    one_kind(&links, SO_TIMESTAMP_OLD, 1, "microseconds");
    one_kind(&links, SO_TIMESTAMPNS_OLD, 1, "nanoseconds");
    one_kind(&links, SO_TIMESTAMP_NEW, 1, "microseconds, new");
    one_kind(&links, SO_TIMESTAMPNS_NEW, 1, "nanoseconds, new");
    one_kind(&links, OLD_TIMESTAMPING, software, "time stamping");
    one_kind(&links, NEW_TIMESTAMPING, software, "time stamping, new");
    one_kind(&links, OLD_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE, "collected, not reported");
    one_kind(&links, OLD_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE, "reported, not collected");
    combinations(&links);
    options_read_back(&links);
    by_ioctl(&links);
    order(&links);
    return 0;
}
