/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/bcm_transmit.c - the broadcast manager as sender: connecting, single frames,
 * periodic ones, their counts, what is read back, and what is refused. */
#include "tests/guest/kernel/bcm.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PERIOD_MS = 20, PERIOD_US = PERIOD_MS * 1000, ID = 0x6F3 };

/* How many frames come within a time: "about 10", as a loaded machine allows. */
static void say_count(int monitor, const char *name, int about, int within_ms)
{
    struct canfd_frame frame;
    const long begin = now_ms();
    int count = 0;
    for (long left; (left = begin + within_ms - now_ms()) > 0;) {
        count += take(monitor, &frame, sizeof frame, (int)left) > 0;
    }
    if (count >= about - about / 5 - 1 && count <= about + about / 5 + 1) {
        say(name, "about %d frames", about);
    } else {
        say(name, "%d frames, not %d", count, about);
    }
}

static void say_frames(int monitor, const char *name, int quiet_ms)
{
    struct canfd_frame frame;
    int count = 0;
    for (ssize_t size; (size = take(monitor, &frame, sizeof frame, quiet_ms)) >= 0; count++) {
        say(text("%s: frame %d", name, count).chars, "%s", frame_text(&frame, size).chars);
    }
    if (count == 0) {
        say(text("%s: frames", name).chars, "none");
    }
}

/* Takes what is there, without waiting for more: a periodic frame would always come. */
static void discard(int monitor)
{
    struct canfd_frame frame;
    pause_ms(2);
    while (recv(monitor, &frame, sizeof frame, MSG_DONTWAIT) > 0) {
    }
}

static int monitor_of(const struct links *links, int which)
{
    return raw_only(links->index[which], ID);
}

static void connect_fresh(sa_family_t family, int index, const char *name)
{
    const struct sockaddr_can address = {.can_family = family, .can_ifindex = index};
    const int fd = must(socket(PF_CAN, SOCK_DGRAM, CAN_BCM), "socket");
    say(name, "%s", rc_text(connect(fd, (const struct sockaddr *)&address, sizeof address)).chars);
    close(fd);
}

static void connecting(const struct links *links)
{
    static const struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1, .len = 1};
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const struct sockaddr *name = (const struct sockaddr *)&address;
    int fd = must(socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_BCM), "socket");
    say("not connected: write", "%s", bcm_write(fd, &job, 0).chars);
    say("not connected: read", "%s", bcm_text(fd, 0).chars);
    say("not connected: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    say("bind", "%s", rc_text(bind(fd, name, sizeof address)).chars);
    for (socklen_t len = 0; len <= 24; len++) {
        const int one = must(socket(PF_CAN, SOCK_DGRAM, CAN_BCM), "socket");
        say(text("connect, length %u", len).chars, "%s", rc_text(connect(one, name, len)).chars);
        close(one);
    }
    connect_fresh(AF_INET, links->index[0], "connect, family internet");
    connect_fresh(AF_UNSPEC, links->index[0], "connect, unspecified");
    connect_fresh(AF_CAN, 4711, "connect, unknown index");
    connect_fresh(AF_CAN, 1, "connect, loopback interface");
    connect_fresh(AF_CAN, -1, "connect, index -1");
    connect_fresh(AF_CAN, 0, "connect, any interface");
    address.can_ifindex = links->index[0];
    say("connect", "%s", rc_text(connect(fd, name, sizeof address)).chars);
    say("connect again", "%s", rc_text(connect(fd, name, sizeof address)).chars);
    socklen_t len = sizeof address;
    say("getsockname", "%s", rc_text(getsockname(fd, (struct sockaddr *)&address, &len)).chars);
    say("getpeername", "%s", rc_text(getpeername(fd, (struct sockaddr *)&address, &len)).chars);
    say("listen", "%s", rc_text(listen(fd, 1)).chars);
    say("shutdown", "%s", rc_text(shutdown(fd, SHUT_RDWR)).chars);
    int value = 0;
    len = sizeof value;
    say("getsockopt", "%s", rc_text(getsockopt(fd, SOL_CAN_BASE + CAN_BCM, 1, &value, &len)).chars);
    say("setsockopt", "%s",
        rc_text(setsockopt(fd, SOL_CAN_BASE + CAN_BCM, 1, &value, sizeof value)).chars);
    say("poll", "%s", poll_text(poll_now(fd, 0)).chars);
    close(fd);
}

static struct text send_to(int fd, sa_family_t family, int index, socklen_t len)
{
    static const struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1, .len = 1};
    const struct sockaddr_can address = {.can_family = family, .can_ifindex = index};
    uint8_t bytes[BCM_MESSAGE_MAX];
    const size_t size = bcm_message(&job, bytes);
    return rc_text(sendto(fd, bytes, size, 0, (const struct sockaddr *)&address, len));
}

static void any_interface(const struct links *links)
{
    static const struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1, .len = 1};
    const int any = bcm_open(0), one = bcm_open(links->index[0]);
    const int first = monitor_of(links, 0), second = monitor_of(links, 1);
    say("connected to any: write", "%s", bcm_write(any, &job, 0).chars);
    say("connected to any: sendto second", "%s", send_to(any, AF_CAN, links->index[1], 24).chars);
    say("connected to any: heard", "%s", take_text(second, COMES_MS).chars);
    say("connected to any: sendto any", "%s", send_to(any, AF_CAN, 0, 24).chars);
    say("connected to any: sendto unknown", "%s", send_to(any, AF_CAN, 4711, 24).chars);
    say("connected to any: sendto loopback", "%s", send_to(any, AF_CAN, 1, 24).chars);
    say("connected to any: sendto wrong family", "%s",
        send_to(any, AF_INET, links->index[1], 24).chars);
    say("connected to any: sendto, length 7", "%s", send_to(any, AF_CAN, links->index[1], 7).chars);
    say("connected to first: sendto second", "%s", send_to(one, AF_CAN, links->index[1], 24).chars);
    say("connected to first: heard by first", "%s", take_text(first, QUIET_MS).chars);
    say("connected to first: heard by second", "%s", take_text(second, QUIET_MS).chars);
    close(any);
    close(one);
    close(first);
    close(second);
}

static void sizes(const struct links *links)
{
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1, .len = 1};
    static const size_t tried[] = {1, 4, 55, 56, 57, 71, 72, 73, 88, 128};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        say(text("TX_SEND, %zu bytes", tried[i]).chars, "%s", bcm_write(fd, &job, tried[i]).chars);
    }
    discard(monitor);
    static const uint32_t counts[] = {0, 1, 2, 256, 257};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        job.nframes = counts[i];
        job.opcode = TX_SEND;
        say(text("TX_SEND of %u frames", counts[i]).chars, "%s", bcm_write(fd, &job, 0).chars);
        job.opcode = TX_SETUP;
        say(text("TX_SETUP of %u frames", counts[i]).chars, "%s", bcm_write(fd, &job, 0).chars);
        discard(monitor);
    }
    job = (struct bcm_job){.id = ID, .nframes = 1, .len = 1};
    for (uint32_t opcode = 0; opcode <= 14; opcode++) {
        job.opcode = opcode;
        say(text("opcode %u", opcode).chars, "%s", bcm_write(fd, &job, 0).chars);
    }
    bcm_say_all(fd, "answers", QUIET_MS);
    close(fd);
    close(monitor);
}

static void single_frames(const struct links *links)
{
    static const uint8_t lengths[] = {0, 8, 9, 64, 65};
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1};
    for (size_t i = 0; i < sizeof lengths; i++) {
        job.len = lengths[i];
        const struct text written = bcm_write(fd, &job, 0);
        say(text("TX_SEND, length %u", lengths[i]).chars, "%s, heard %s", written.chars,
            take_text(monitor, QUIET_MS).chars);
        job.opcode = TX_SETUP;
        say(text("TX_SETUP, length %u", lengths[i]).chars, "%s", bcm_write(fd, &job, 0).chars);
        job.opcode = TX_SEND;
    }
    say("own frames", "%s", bcm_text(fd, QUIET_MS).chars);
    close(fd);
    close(monitor);
}

static void periodic(const struct links *links)
{
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    struct bcm_job job = {.opcode = TX_SETUP,
                          .flags = SETTIMER | STARTTIMER,
                          .id = ID,
                          .nframes = 1,
                          .len = 2,
                          .second_us = PERIOD_US};
    say("periodic: setup", "%s", bcm_write(fd, &job, 0).chars);
    say_count(monitor, "periodic: in 490 ms", 25, 490);
    job.flags = 0;
    job.data = "changed!";
    say("periodic: new data", "%s", bcm_write(fd, &job, 0).chars);
    discard(monitor);
    job = (struct bcm_job){.opcode = TX_READ, .id = ID};
    say("periodic: TX_READ", "%s", bcm_write(fd, &job, 0).chars);
    say("periodic: read", "%s", bcm_text(fd, COMES_MS).chars);
    job.opcode = TX_DELETE;
    say("periodic: TX_DELETE", "%s", bcm_write(fd, &job, 0).chars);
    discard(monitor);
    say("periodic: TX_DELETE again", "%s", bcm_write(fd, &job, 0).chars);
    job.opcode = TX_READ;
    say("periodic: TX_READ when deleted", "%s", bcm_write(fd, &job, 0).chars);
    say_frames(monitor, "periodic: when deleted", 3 * PERIOD_MS);
    say("periodic: messages", "%s", bcm_text(fd, 0).chars);
    job = (struct bcm_job){.opcode = TX_SETUP,
                           .flags = SETTIMER | STARTTIMER,
                           .id = ID,
                           .nframes = 1,
                           .len = 2,
                           .second_us = PERIOD_US};
    must(bcm_write(fd, &job, 0).chars[0] == 'E' ? -1 : 0, "setup");
    job.second_us = 0;
    say("periodic: interval 0 stops it", "%s", bcm_write(fd, &job, 0).chars);
    discard(monitor);
    say_frames(monitor, "periodic: stopped", 3 * PERIOD_MS);
    job.second_us = PERIOD_US;
    must(bcm_write(fd, &job, 0).chars[0] == 'E' ? -1 : 0, "setup");
    close(fd);
    discard(monitor);
    say_frames(monitor, "periodic: closed", 3 * PERIOD_MS);
    close(monitor);
}

static void counted(const struct links *links, uint32_t flags, uint32_t count, long second_us,
                    const char *name)
{
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    const struct bcm_job job = {.opcode = TX_SETUP,
                                .flags = flags,
                                .count = count,
                                .id = ID,
                                .nframes = 3,
                                .len = 2,
                                .first_us = PERIOD_US,
                                .second_us = second_us};
    const long begin = now_ms();
    const struct text written = bcm_write(fd, &job, 0);
    say(name, "%s", written.chars);
    if (second_us == 0) {
        say_frames(monitor, name, 10 * PERIOD_MS);
        bcm_say_all(fd, name, QUIET_MS);
    } else {
        const struct text message = bcm_text(fd, COMES_MS);
        say(text("%s: message", name).chars, "%s", message.chars);
        if (message.chars[0] == 'T') {
            say(text("%s: it comes", name).chars, "after %s",
                since_text(begin, ((long)count - 1) * PERIOD_MS).chars);
        }
        say_count(monitor, text("%s: in 590 ms", name).chars, (int)count + 500 / 50, 590);
    }
    close(fd);
    close(monitor);
}

static void counts(const struct links *links)
{
    const uint32_t both = SETTIMER | STARTTIMER;
    counted(links, both, 5, 0, "5 frames");
    counted(links, both | TX_COUNTEVT, 5, 0, "5 frames, told");
    counted(links, both | TX_COUNTEVT, 1, 0, "1 frame, told");
    counted(links, both | TX_COUNTEVT | TX_ANNOUNCE, 3, 0, "3 frames, announced, told");
    counted(links, both | TX_COUNTEVT | TX_CP_CAN_ID, 2, 0, "2 frames, identifier copied, told");
    counted(links, both, 0, 0, "no frames");
    counted(links, SETTIMER, 5, 0, "set, not started");
    counted(links, STARTTIMER, 5, 0, "started, not set");
    counted(links, TX_ANNOUNCE, 0, 0, "announced only");
    counted(links, 0, 0, 0, "nothing asked");
    counted(links, both | TX_COUNTEVT, 5, 50000, "5 frames, then slower, told");
}

static void sequence(const struct links *links)
{
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    struct bcm_job job = {.opcode = TX_SETUP,
                          .flags = SETTIMER,
                          .count = 4,
                          .id = ID,
                          .nframes = 3,
                          .len = 1,
                          .first_us = PERIOD_US};
    must(bcm_write(fd, &job, 0).chars[0] == 'E' ? -1 : 0, "setup");
    job.flags = STARTTIMER;
    say("started later", "%s", bcm_write(fd, &job, 0).chars);
    say_frames(monitor, "started later", 5 * PERIOD_MS);
    job.flags = STARTTIMER | SETTIMER | TX_RESET_MULTI_IDX;
    say("begins anew", "%s", bcm_write(fd, &job, 0).chars);
    say_frames(monitor, "begins anew", 5 * PERIOD_MS);
    job.nframes = 2;
    say("fewer frames", "%s", bcm_write(fd, &job, 0).chars);
    say_frames(monitor, "fewer frames", 5 * PERIOD_MS);
    job.nframes = 5;
    say("more frames", "%s", bcm_write(fd, &job, 0).chars);
    job.opcode = TX_READ;
    job.nframes = 0;
    say("read: TX_READ", "%s", bcm_write(fd, &job, 0).chars);
    bcm_say_all(fd, "read", QUIET_MS);
    discard(monitor);
    close(fd);
    close(monitor);
}

static void intervals(const struct links *links)
{
    static const struct bcm_timeval tried[] = {
        {0, 1000000}, {0, -1}, {-1, 0}, {400 * 86400L, 0}, {1000000, 0}};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        const struct bcm_job job = {.opcode = TX_SETUP, .id = ID, .nframes = 1, .len = 1};
        const int fd = bcm_open(links->index[0]);
        uint8_t bytes[BCM_MESSAGE_MAX];
        const size_t size = bcm_message(&job, bytes);
        const uint32_t flags = SETTIMER;
        memcpy(bytes + offsetof(struct bcm_msg_head, flags), &flags, sizeof flags);
        memcpy(bytes + offsetof(struct bcm_msg_head, ival2), &tried[i], sizeof tried[i]);
        say(text("interval %ld s %ld us", tried[i].tv_sec, tried[i].tv_usec).chars, "%s",
            rc_text(write(fd, bytes, size)).chars);
        close(fd);
    }
}

static void set_up(const struct links *links, int up)
{
    struct ifreq request = {0};
    const int fd = must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket");
    strncpy(request.ifr_name, links->name[0], IFNAMSIZ - 1);
    request.ifr_flags = (short)(up ? IFF_UP : 0);
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(fd);
}

static void interface_down(const struct links *links)
{
    const int fd = bcm_open(links->index[0]);
    const int monitor = monitor_of(links, 0);
    struct bcm_job job = {.opcode = TX_SEND, .id = ID, .nframes = 1, .len = 1};
    set_up(links, 0);
    say("down: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    say("down: read", "%s", bcm_text(fd, 0).chars);
    say("down: TX_SEND", "%s", bcm_write(fd, &job, 0).chars);
    job.opcode = TX_SETUP;
    job.flags = SETTIMER | STARTTIMER;
    job.second_us = PERIOD_US;
    say("down: TX_SETUP", "%s", bcm_write(fd, &job, 0).chars);
    set_up(links, 1);
    discard(monitor);
    say_count(monitor, "up: in 190 ms", 10, 190);
    set_up(links, 0);
    set_up(links, 1);
    say("down and up: read", "%s", bcm_text(fd, 0).chars);
    discard(monitor);
    say_count(monitor, "down and up: in 190 ms", 10, 190);
    close(fd);
    close(monitor);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    connecting(&links);
    any_interface(&links);
    sizes(&links);
    single_frames(&links);
    periodic(&links);
    counts(&links);
    sequence(&links);
    intervals(&links);
    interface_down(&links);
    return 0;
}
