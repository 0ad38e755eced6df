/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_wait.c - waiting for frames: poll, select, epoll, blocking calls and their
 * time-outs, signals, and how many frames wait for a reader that does not read. */
#include "tests/guest/kernel/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_SENDS_MS = 100, TIME_OUT_MS = 200, BURST = 400 };

struct pair {
    int tx;
    int rx;
};

static struct pair pair_of(const struct links *links)
{
    return (struct pair){raw_socket(links->index[0], 0), raw_socket(links->index[0], 0)};
}

static void close_pair(struct pair pair)
{
    close(pair.tx);
    close(pair.rx);
}

/* A child that sends one frame after a while. */
static void send_later(struct pair pair)
{
    if (must(fork(), "fork") == 0) {
        pause_ms(CHILD_SENDS_MS);
        put(pair.tx, 0x123, "later");
        _exit(0);
    }
}

static void polling(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct pollfd ready = {.fd = pair.rx, .events = POLLIN};
    say("poll, nothing waits", "%s", poll_text(poll_now(pair.rx, 0)).chars);
    long begin = now_ms();
    const struct text none = rc_text(poll(&ready, 1, TIME_OUT_MS));
    say("poll, time-out", "%s after %s", none.chars, since_text(begin, TIME_OUT_MS).chars);
    put(pair.tx, 0x1, "a");
    put(pair.tx, 0x2, "b");
    pause_ms(QUIET_MS);
    say("poll, two wait", "%s", poll_text(poll_now(pair.rx, 0)).chars);
    take_text(pair.rx, 0);
    say("poll, one waits", "%s", poll_text(poll_now(pair.rx, 0)).chars);
    take_text(pair.rx, 0);
    say("poll, all read", "%s", poll_text(poll_now(pair.rx, 0)).chars);
    begin = now_ms();
    send_later(pair);
    const struct text one = rc_text(poll(&ready, 1, COMES_MS));
    say("poll, a frame comes", "%s after %s", one.chars, since_text(begin, CHILD_SENDS_MS).chars);
    wait(NULL);
    ready.events = 0;
    const struct text nothing = rc_text(poll(&ready, 1, 0));
    say("poll for nothing", "%s, %s", nothing.chars, poll_text((unsigned)ready.revents).chars);
    close_pair(pair);
}

static void selecting(const struct links *links)
{
    const struct pair pair = pair_of(links);
    fd_set in, out, except;
    struct timeval limit = {.tv_usec = 0};
    for (int sent = 0; sent <= 1; sent++) {
        FD_ZERO(&in);
        FD_SET(pair.rx, &in);
        out = except = in;
        if (sent) {
            put(pair.tx, 0x1, "a");
            pause_ms(QUIET_MS);
        }
        const struct text count = rc_text(select(pair.rx + 1, &in, &out, &except, &limit));
        say(text("select, %d wait", sent).chars, "%s, in %d, out %d, except %d", count.chars,
            FD_ISSET(pair.rx, &in) != 0, FD_ISSET(pair.rx, &out) != 0,
            FD_ISSET(pair.rx, &except) != 0);
    }
    close_pair(pair);
}

static struct text wait_epoll(int set)
{
    struct epoll_event event = {.events = 0};
    const int count = epoll_wait(set, &event, 1, QUIET_MS);
    return count == 1 ? text("%s", poll_text(event.events).chars) : rc_text(count);
}

static void epolling(const struct links *links, uint32_t mode, const char *name)
{
    const struct pair pair = pair_of(links);
    const int set = must(epoll_create1(0), "epoll");
    struct epoll_event event = {.events = EPOLLIN | mode};
    must(epoll_ctl(set, EPOLL_CTL_ADD, pair.rx, &event), "add");
    say(text("%s, nothing waits", name).chars, "%s", wait_epoll(set).chars);
    put(pair.tx, 0x1, "a");
    put(pair.tx, 0x2, "b");
    pause_ms(QUIET_MS);
    say(text("%s, two wait", name).chars, "%s", wait_epoll(set).chars);
    say(text("%s, again", name).chars, "%s", wait_epoll(set).chars);
    take_text(pair.rx, 0);
    say(text("%s, one was read", name).chars, "%s", wait_epoll(set).chars);
    put(pair.tx, 0x3, "c");
    pause_ms(QUIET_MS);
    say(text("%s, another came", name).chars, "%s", wait_epoll(set).chars);
    drain(pair.rx);
    say(text("%s, all read", name).chars, "%s", wait_epoll(set).chars);
    event.events = EPOLLIN | EPOLLOUT | mode;
    must(epoll_ctl(set, EPOLL_CTL_MOD, pair.rx, &event), "modify");
    say(text("%s, for writing as well", name).chars, "%s", wait_epoll(set).chars);
    say(text("%s, for writing, again", name).chars, "%s", wait_epoll(set).chars);
    put(pair.rx, 0x4, "d");
    pause_ms(QUIET_MS);
    say(text("%s, for writing, after a frame was sent", name).chars, "%s", wait_epoll(set).chars);
    close(set);
    close_pair(pair);
}

static void limit_waits(int fd, int option, int ms)
{
    const struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    must(setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit), "time-out");
}

static void blocking(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct can_frame frame;
    limit_waits(pair.rx, SO_RCVTIMEO, TIME_OUT_MS);
    long begin = now_ms();
    struct text result = rc_text(read(pair.rx, &frame, sizeof frame));
    say("read with a time-out", "%s after %s", result.chars, since_text(begin, TIME_OUT_MS).chars);
    begin = now_ms();
    result = rc_text(recv(pair.rx, &frame, sizeof frame, MSG_DONTWAIT));
    say("read with a time-out, DONTWAIT", "%s after %s", result.chars, since_text(begin, 0).chars);
    limit_waits(pair.rx, SO_RCVTIMEO, 0);
    begin = now_ms();
    send_later(pair);
    result = rc_text(read(pair.rx, &frame, sizeof frame));
    say("read that waits", "%s after %s", result.chars, since_text(begin, CHILD_SENDS_MS).chars);
    wait(NULL);
    const int flags = fcntl(pair.rx, F_GETFL);
    must(fcntl(pair.rx, F_SETFL, flags | O_NONBLOCK), "fcntl");
    say("read, made not to wait by fcntl", "%s",
        rc_text(read(pair.rx, &frame, sizeof frame)).chars);
    int wait_not = 0;
    must(ioctl(pair.rx, FIONBIO, &wait_not), "FIONBIO");
    say("made to wait by ioctl", "%d", (fcntl(pair.rx, F_GETFL) & O_NONBLOCK) != 0);
    limit_waits(pair.tx, SO_SNDTIMEO, TIME_OUT_MS);
    say("write with a time-out", "%s", rc_text(write(pair.tx, &frame, sizeof frame)).chars);
    struct mmsghdr message = {.msg_len = 0};
    struct iovec piece = {&frame, sizeof frame};
    struct timespec limit = {.tv_nsec = TIME_OUT_MS * 1000000L};
    message.msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
    say("recvmmsg of one, with a time-out", "%s",
        rc_text(recvmmsg(pair.rx, &message, 1, 0, &limit)).chars);
    close_pair(pair);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
}

static void interrupted(const struct links *links, int flags, const char *name)
{
    const struct pair pair = pair_of(links);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
    const struct itimerval timer = {.it_value.tv_usec = CHILD_SENDS_MS * 1000};
    struct can_frame frame;
    sigaction(SIGALRM, &action, NULL);
    long begin = now_ms();
    setitimer(ITIMER_REAL, &timer, NULL);
    if (must(fork(), "fork") == 0) {
        pause_ms(3L * CHILD_SENDS_MS);
        put(pair.tx, 0x123, "later");
        _exit(0);
    }
    const struct text result = rc_text(read(pair.rx, &frame, sizeof frame));
    say(text("read, %s", name).chars, "%s after %s", result.chars,
        since_text(begin, flags != 0 ? 3 * CHILD_SENDS_MS : CHILD_SENDS_MS).chars);
    wait(NULL);
    drain(pair.rx);
    limit_waits(pair.rx, SO_RCVTIMEO, TIME_OUT_MS);
    begin = now_ms();
    setitimer(ITIMER_REAL, &timer, NULL);
    const struct text limited = rc_text(read(pair.rx, &frame, sizeof frame));
    say(text("read with a time-out, %s", name).chars, "%s after %s", limited.chars,
        since_text(begin, CHILD_SENDS_MS).chars);
    close_pair(pair);
}

/* How many frames of a burst a socket keeps, and what SO_RXQ_OVFL tells of the others. */
static void overflow(const struct links *links, int receive_buffer)
{
    const struct pair pair = pair_of(links);
    const struct text name =
        receive_buffer > 0 ? text("buffer %d", receive_buffer) : text("default buffer");
    if (receive_buffer > 0) {
        must(setsockopt(pair.rx, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer),
             "buffer");
    }
    must(on(pair.rx, SOL_SOCKET, SO_RXQ_OVFL), "overflow");
    for (unsigned i = 0; i < BURST; i++) {
        put(pair.tx, i, "12345678");
    }
    pause_ms(QUIET_MS);
    put(pair.tx, 0x700, "last");
    pause_ms(QUIET_MS);
    int count = 0;
    struct can_frame frame;
    while (recv(pair.rx, &frame, sizeof frame, MSG_DONTWAIT) > 0) {
        count++;
    }
    say(text("%s, kept of %d", name.chars, BURST).chars, "%d, last %X", count, frame.can_id);
    put(pair.tx, 0x701, "next");
    poll_now(pair.rx, COMES_MS);
    uint8_t room[64] = {0};
    struct iovec piece = {&frame, sizeof frame};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    const ssize_t size = recvmsg(pair.rx, &message, MSG_DONTWAIT);
    const struct cmsghdr *told = CMSG_FIRSTHDR(&message);
    uint32_t dropped = 0;
    if (size > 0 && told != NULL && told->cmsg_type == SO_RXQ_OVFL) {
        memcpy(&dropped, CMSG_DATA(told), sizeof dropped);
    }
    say(text("%s, then", name.chars).chars, "%s, dropped %u", frame_text(&frame, size).chars,
        dropped);
    close_pair(pair);
}

/* All frames of a burst arrive in order at a reader that reads. */
static void burst(const struct links *links)
{
    const struct pair pair = pair_of(links);
    if (must(fork(), "fork") == 0) {
        for (unsigned i = 0; i < BURST; i++) {
            put(pair.tx, i, "burst");
            if (i % 50 == 49) {
                pause_ms(20);
            }
        }
        _exit(0);
    }
    unsigned in_order = 0;
    struct can_frame frame;
    while (take(pair.rx, &frame, sizeof frame, COMES_MS) > 0 && frame.can_id == in_order &&
           ++in_order < BURST) {
    }
    say("a burst, read in order", "%u", in_order);
    wait(NULL);
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    polling(&links);
    selecting(&links);
    epolling(&links, 0, "epoll");
    epolling(&links, EPOLLET, "epoll, edge");
    epolling(&links, EPOLLONESHOT, "epoll, one shot");
    blocking(&links);
    interrupted(&links, 0, "a signal");
    interrupted(&links, SA_RESTART, "a signal with SA_RESTART");
    overflow(&links, 0);
    overflow(&links, 1);
    overflow(&links, 8192);
    burst(&links);
    return 0;
}
