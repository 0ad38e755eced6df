/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/bcm_receive.c - the broadcast manager as receiver: filters on contents,
 * time-outs, throttling, multiplexed messages, remote frames, and what is read back. */
#include "tests/guest/kernel/bcm.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ID = 0x6F3, TIME_OUT_MS = 100, TIME_OUT_US = TIME_OUT_MS * 1000 };

struct pair {
    int bcm;
    int peer; /* RAW: sends, and hears ID. */
};

static struct pair pair_of(const struct links *links)
{
    return (struct pair){bcm_open(links->index[0]), raw_only(links->index[0], ID)};
}

static void close_pair(struct pair pair)
{
    close(pair.bcm);
    close(pair.peer);
}

static void set(struct pair pair, const struct bcm_job *job, const char *name)
{
    say(name, "%s", bcm_write(pair.bcm, job, 0).chars);
}

/* Sends a frame of so many bytes, which begin with these, and says what comes of it. */
static void feed(struct pair pair, const char *data, uint8_t len)
{
    const struct can_frame frame = frame_of(ID, len, data);
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, frame_text(&frame, CAN_MTU).chars, 10);
}

static void by_identifier(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct bcm_job job = {.opcode = RX_SETUP, .flags = RX_FILTER_ID, .id = ID};
    set(pair, &job, "identifier: RX_SETUP");
    feed(pair, "same", 4);
    feed(pair, "same", 4);
    feed(pair, "", 0);
    job.opcode = RX_READ;
    set(pair, &job, "identifier: RX_READ");
    bcm_say_all(pair.bcm, "identifier: read", QUIET_MS);
    job.opcode = RX_DELETE;
    set(pair, &job, "identifier: RX_DELETE");
    feed(pair, "gone", 4);
    set(pair, &job, "identifier: RX_DELETE again");
    job.opcode = RX_READ;
    set(pair, &job, "identifier: RX_READ when deleted");
    job = (struct bcm_job){.opcode = RX_SETUP, .id = ID};
    set(pair, &job, "no frames, no flags: RX_SETUP");
    feed(pair, "none", 4);
    feed(pair, "none", 4);
    close_pair(pair);
}

static void by_content(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct bcm_job job = {.opcode = RX_SETUP,
                          .id = ID,
                          .nframes = 1,
                          .len = 8,
                          .data = "\xFF\x00\x0F\x00\x00\x00\x00\x00"};
    set(pair, &job, "content: RX_SETUP");
    feed(pair, "\x01\x02\x03\x04", 4);
    feed(pair, "\x01\x02\x03\x04", 4);
    feed(pair, "\x01\xEE\x13\x04", 4);
    feed(pair, "\x02\xEE\x13\x04", 4);
    feed(pair, "\x02\xEE\x14\x04\x05", 5);
    feed(pair, "\x02\xEE\x14\x04\x05\x06", 6);
    feed(pair, "\x02", 1);
    job.flags = RX_CHECK_DLC;
    set(pair, &job, "content and length: RX_SETUP");
    feed(pair, "\x02\x00\x00\x04", 4);
    feed(pair, "\x02\x00\x00\x04\x05", 5);
    feed(pair, "\x02\x00\x00\x04\x06", 5);
    job.opcode = RX_READ;
    job.nframes = 0;
    set(pair, &job, "content: RX_READ");
    bcm_say_all(pair.bcm, "content: read", QUIET_MS);
    job = (struct bcm_job){.opcode = RX_SETUP,
                           .id = ID,
                           .nframes = 1,
                           .len = 8,
                           .data = "\x00\x00\x00\x00\x00\x00\x00\x00"};
    set(pair, &job, "empty mask: RX_SETUP");
    feed(pair, "\x01\x02\x03\x04", 4);
    feed(pair, "\x05\x06\x07\x08", 4);
    close_pair(pair);
}

static void multiplexed(const struct links *links)
{
    const struct pair pair = pair_of(links);
    static const char data[] = "\xFF\x00\x00\x00\x00\x00\x00\x00"  /* Where the multiplex is. */
                               "\x01\xFF\x00\x00\x00\x00\x00\x00"  /* Of 1 the next byte counts. */
                               "\x02\x00\xFF\x00\x00\x00\x00\x00"; /* Of 2 the one after. */
    struct bcm_job job = {.opcode = RX_SETUP, .id = ID, .nframes = 3, .len = 8, .data = data};
    set(pair, &job, "multiplex: RX_SETUP");
    feed(pair, "\x01\xAA\x00", 3);
    feed(pair, "\x01\xAA\x01", 3);
    feed(pair, "\x01\xAB\x01", 3);
    feed(pair, "\x02\xAA\x00", 3);
    feed(pair, "\x02\xAB\x00", 3);
    feed(pair, "\x02\xAB\x01", 3);
    feed(pair, "\x03\xAB\x01", 3);
    close_pair(pair);
}

static void time_outs(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct bcm_job job = {
        .opcode = RX_SETUP, .flags = SETTIMER | RX_FILTER_ID, .id = ID, .first_us = TIME_OUT_US};
    set(pair, &job, "time-out: RX_SETUP, not started");
    say("time-out: before the first frame", "%s", bcm_text(pair.bcm, 2 * TIME_OUT_MS).chars);
    long begin = now_ms();
    feed(pair, "a", 1);
    const struct text first = bcm_text(pair.bcm, COMES_MS);
    say("time-out: after a frame", "%s after %s", first.chars,
        since_text(begin, TIME_OUT_MS).chars);
    say("time-out: told once", "%s", bcm_text(pair.bcm, 3 * TIME_OUT_MS).chars);
    feed(pair, "a", 1);
    job.opcode = RX_DELETE;
    set(pair, &job, "time-out: RX_DELETE");
    say("time-out: when deleted", "%s", bcm_text(pair.bcm, 2 * TIME_OUT_MS).chars);
    job.opcode = RX_SETUP;
    job.flags = SETTIMER | STARTTIMER | RX_FILTER_ID;
    begin = now_ms();
    set(pair, &job, "started: RX_SETUP");
    const struct text started = bcm_text(pair.bcm, COMES_MS);
    say("started: message", "%s after %s", started.chars, since_text(begin, TIME_OUT_MS).chars);
    /* A job does not grow: it needs a new one. */
    job.opcode = RX_DELETE;
    set(pair, &job, "started: RX_DELETE");
    job.opcode = RX_SETUP;
    job.flags = SETTIMER | STARTTIMER | RX_NO_AUTOTIMER;
    job.nframes = 1;
    job.len = 8;
    job.data = "\xFF\x00\x00\x00\x00\x00\x00\x00";
    set(pair, &job, "no automatic timer: RX_SETUP");
    say("no automatic timer: first", "%s", bcm_text(pair.bcm, COMES_MS).chars);
    feed(pair, "b", 1);
    say("no automatic timer: afterwards", "%s", bcm_text(pair.bcm, 2 * TIME_OUT_MS).chars);
    close_pair(pair);
}

/* Frames with the same content go on restarting the timer; RX_ANNOUNCE_RESUME. */
static void resuming(const struct links *links, uint32_t flags, const char *name)
{
    const struct pair pair = pair_of(links);
    const struct bcm_job job = {.opcode = RX_SETUP,
                                .flags = SETTIMER | flags,
                                .id = ID,
                                .nframes = 1,
                                .len = 8,
                                .first_us = TIME_OUT_US,
                                .data = "\xFF\x00\x00\x00\x00\x00\x00\x00"};
    set(pair, &job, text("%s: RX_SETUP", name).chars);
    feed(pair, "c", 1);
    for (int i = 0; i < 4; i++) {
        pause_ms(TIME_OUT_MS / 2);
        feed(pair, "c", 1);
    }
    say(text("%s: time-out", name).chars, "%s", bcm_text(pair.bcm, COMES_MS).chars);
    feed(pair, "c", 1);
    say(text("%s: time-out again", name).chars, "%s", bcm_text(pair.bcm, COMES_MS).chars);
    close_pair(pair);
}

static void throttled(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct bcm_job job = {.opcode = RX_SETUP,
                          .flags = SETTIMER,
                          .id = ID,
                          .nframes = 1,
                          .len = 8,
                          .second_us = 2 * TIME_OUT_US,
                          .data = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"};
    set(pair, &job, "throttle: RX_SETUP");
    feed(pair, "1", 1);
    feed(pair, "2", 1);
    feed(pair, "3", 1);
    const long begin = now_ms();
    const struct text late = bcm_text(pair.bcm, COMES_MS);
    say("throttle: the last one comes", "%s, %s", late.chars,
        now_ms() - begin > TIME_OUT_MS ? "later" : "at once");
    say("throttle: nothing more", "%s", bcm_text(pair.bcm, 3 * TIME_OUT_MS).chars);
    feed(pair, "4", 1);
    feed(pair, "5", 1);
    job.second_us = 0;
    set(pair, &job, "throttle off: RX_SETUP");
    bcm_say_all(pair.bcm, "throttle off", 10);
    feed(pair, "6", 1);
    feed(pair, "7", 1);
    job.opcode = RX_READ;
    job.nframes = 0;
    set(pair, &job, "throttle: RX_READ");
    bcm_say_all(pair.bcm, "throttle: read", QUIET_MS);
    close_pair(pair);
}

static void remote_frames(const struct links *links)
{
    const struct pair pair = pair_of(links);
    const int monitor = raw_only(links->index[0], ID);
    struct bcm_job job = {.opcode = RX_SETUP,
                          .flags = RX_RTR_FRAME,
                          .id = ID | CAN_RTR_FLAG,
                          .nframes = 1,
                          .len = 3,
                          .data = "rtr-----"};
    struct can_frame frame = {.can_id = ID | CAN_RTR_FLAG};
    set(pair, &job, "remote: RX_SETUP");
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, "remote: asked", QUIET_MS);
    say("remote: answered", "%s", take_text(monitor, QUIET_MS).chars);
    job.nframes = 2;
    job.data = "rtr-----rtr+++++";
    set(pair, &job, "remote: with two frames");
    job.nframes = 0;
    set(pair, &job, "remote: with none");
    job = (struct bcm_job){.opcode = RX_SETUP, .flags = RX_FILTER_ID, .id = ID | CAN_RTR_FLAG};
    set(pair, &job, "remote, by identifier: RX_SETUP");
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, "remote, by identifier", QUIET_MS);
    close_pair(pair);
    close(monitor);
}

/* One message as recvmsg() tells it. */
static void receive(const struct links *links, struct pair pair, const char *name, int flags,
                    size_t room)
{
    uint8_t bytes[128], control[128];
    struct sockaddr_can from = {0};
    struct iovec piece = {bytes, room};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    put(pair.peer, ID, "recv");
    poll_now(pair.bcm, COMES_MS);
    const ssize_t size = recvmsg(pair.bcm, &message, flags);
    if (size < 0) {
        say(name, "%s", rc_text(size).chars);
    } else {
        say(name, "%zd, %s, %s, control %zu bytes", size, msg_text(message.msg_flags).chars,
            address_text(links, &from, message.msg_namelen).chars, (size_t)message.msg_controllen);
    }
    bcm_say_all(pair.bcm, text("%s: left", name).chars, 10);
}

static void receive_flags(const struct links *links)
{
    static const struct {
        const char *name;
        int flags;
        size_t room;
    } rows[] = {{"recvmsg", 0, 128},
                {"recvmsg, room 16", 0, 16},
                {"recvmsg, room 0", 0, 0},
                {"recvmsg, trunc", MSG_TRUNC, 16},
                {"recvmsg, peek", MSG_PEEK, 128},
                {"recvmsg, wait for all", MSG_WAITALL, 128}};
    const struct pair pair = pair_of(links);
    const struct bcm_job job = {.opcode = RX_SETUP, .flags = RX_FILTER_ID, .id = ID};
    set(pair, &job, "recvmsg: RX_SETUP");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        receive(links, pair, rows[i].name, rows[i].flags, rows[i].room);
    }
    must(on(pair.bcm, SOL_SOCKET, SO_TIMESTAMP), "stamp");
    receive(links, pair, "recvmsg, with a time stamp", 0, 128);
    int waiting = -1;
    say("FIONREAD", "%s", rc_text(ioctl(pair.bcm, FIONREAD, &waiting)).chars);
    say("poll", "%s", poll_text(poll_now(pair.bcm, 0)).chars);
    close_pair(pair);
}

static void any_interface(const struct links *links)
{
    const int bcm = bcm_open(0);
    const int second = raw_socket(links->index[1], SOCK_NONBLOCK);
    const struct bcm_job job = {.opcode = RX_SETUP, .flags = RX_FILTER_ID, .id = ID};
    uint8_t bytes[128];
    struct sockaddr_can from = {0};
    socklen_t len = sizeof from;
    say("any: RX_SETUP", "%s", bcm_write(bcm, &job, 0).chars);
    put(second, ID, "any");
    poll_now(bcm, COMES_MS);
    const struct text got =
        rc_text(recvfrom(bcm, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &len));
    say("any: heard", "%s, %s", got.chars, address_text(links, &from, len).chars);
    close(bcm);
    close(second);
}

static void sizes(const struct links *links)
{
    static const uint32_t counts[] = {1, 2, 256, 257, 300};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const struct pair pair = pair_of(links);
        const struct bcm_job job = {.opcode = RX_SETUP, .id = ID, .nframes = counts[i], .len = 8};
        const size_t size = sizeof(struct bcm_msg_head) + counts[i] * CAN_MTU;
        say(text("RX_SETUP of %u frames", counts[i]).chars, "%s",
            bcm_write(pair.bcm, &job, counts[i] <= BCM_FRAMES_MAX ? size : 0).chars);
        close_pair(pair);
    }
    static const size_t tried[] = {1, 55, 56, 57, 71, 73, 88, 89};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        const struct pair pair = pair_of(links);
        const struct bcm_job job = {.opcode = RX_SETUP, .id = ID, .nframes = 1, .len = 8};
        say(text("RX_SETUP, %zu bytes", tried[i]).chars, "%s",
            bcm_write(pair.bcm, &job, tried[i]).chars);
        close_pair(pair);
    }
    struct bcm_job job = {.opcode = RX_SETUP, .id = ID, .nframes = 2, .len = 8};
    const struct pair pair = pair_of(links);
    set(pair, &job, "more frames later: first 2");
    job.nframes = 3;
    set(pair, &job, "more frames later: then 3");
    job.nframes = 1;
    set(pair, &job, "more frames later: then 1");
    job.flags = RX_FILTER_ID;
    set(pair, &job, "more frames later: filter with frames");
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    by_identifier(&links);
    by_content(&links);
    multiplexed(&links);
    time_outs(&links);
    resuming(&links, 0, "resume");
    resuming(&links, RX_ANNOUNCE_RESUME, "resume, announced");
    throttled(&links);
    remote_frames(&links);
    receive_flags(&links);
    any_interface(&links);
    sizes(&links);
    return 0;
}
