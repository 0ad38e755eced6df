/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_down.c - an interface that is set down and up again, with frames that
 * wait, with a reader that waits, and with sockets bound to it, to another, and to any. */
#include "tests/guest/kernel/observe.h"

#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 100 };

static void set_up(const char *interface, int up)
{
    struct ifreq request = {0};
    const int fd = must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket");
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    must(ioctl(fd, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(fd);
}

static struct text error_of(int fd)
{
    int error = -1;
    socklen_t len = sizeof error;
    must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), "SO_ERROR");
    return errno_text(error);
}

static struct text write_text(int fd)
{
    const struct can_frame frame = frame_of(0x123, 1, "w");
    return rc_text(write(fd, &frame, sizeof frame));
}

static void frames_wait(const struct links *links)
{
    const int tx = raw_socket(links->index[1], SOCK_NONBLOCK);
    const int rx = raw_socket(links->index[1], SOCK_NONBLOCK);
    put(tx, 0x1, "a");
    put(tx, 0x2, "b");
    pause_ms(QUIET_MS);
    set_up(links->name[1], 0);
    say("frames wait: poll", "%s", poll_text(poll_now(rx, 0)).chars);
    say("frames wait: first read", "%s", take_text(rx, 0).chars);
    say("frames wait: then poll", "%s", poll_text(poll_now(rx, 0)).chars);
    say("frames wait: second read", "%s", take_text(rx, 0).chars);
    say("frames wait: third read", "%s", take_text(rx, 0).chars);
    say("frames wait: fourth read", "%s", take_text(rx, 0).chars);
    say("frames wait: poll at the end", "%s", poll_text(poll_now(rx, 0)).chars);
    say("the sender: write", "%s", write_text(tx).chars);
    say("the sender: write again", "%s", write_text(tx).chars);
    set_up(links->name[1], 1);
    say("up again: poll of the sender", "%s", poll_text(poll_now(tx, 0)).chars);
    say("up again: write", "%s", write_text(tx).chars);
    say("up again: write once more", "%s", write_text(tx).chars);
    say("up again: heard", "%s", take_text(rx, COMES_MS).chars);
    close(tx);
    close(rx);
}

static void error_told(const struct links *links)
{
    const int fd = raw_socket(links->index[1], SOCK_NONBLOCK);
    set_up(links->name[1], 0);
    say("down: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    say("down: poll again", "%s", poll_text(poll_now(fd, 0)).chars);
    say("down: SO_ERROR", "%s", error_of(fd).chars);
    say("down: SO_ERROR again", "%s", error_of(fd).chars);
    say("down: poll afterwards", "%s", poll_text(poll_now(fd, 0)).chars);
    say("down: read", "%s", take_text(fd, 0).chars);
    say("down: write", "%s", write_text(fd).chars);
    set_up(links->name[1], 1);
    set_up(links->name[1], 0);
    set_up(links->name[1], 1);
    say("down and up: SO_ERROR", "%s", error_of(fd).chars);
    set_up(links->name[1], 0);
    set_up(links->name[1], 1);
    say("down and up: first write", "%s", write_text(fd).chars);
    say("down and up: second write", "%s", write_text(fd).chars);
    set_up(links->name[1], 0);
    set_up(links->name[1], 1);
    char byte;
    say("down and up: read of no bytes", "%s", rc_text(recv(fd, &byte, 0, MSG_DONTWAIT)).chars);
    say("down and up: read afterwards", "%s", take_text(fd, 0).chars);
    close(fd);
}

static void who_hears(const struct links *links)
{
    const int any = raw_socket(0, SOCK_NONBLOCK);
    const int other = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int unbound = must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket");
    const int own = raw_socket(links->index[1], SOCK_NONBLOCK);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[1]};
    set_up(links->name[1], 0);
    say("bound to any: error", "%s", error_of(any).chars);
    say("bound to another: error", "%s", error_of(other).chars);
    say("not bound: error", "%s", error_of(unbound).chars);
    const struct can_frame frame = frame_of(0x124, 1, "a");
    say("bound to any: sendto the interface", "%s",
        rc_text(
            sendto(any, &frame, sizeof frame, 0, (const struct sockaddr *)&address, sizeof address))
            .chars);
    socklen_t len = sizeof address;
    must(getsockname(own, (struct sockaddr *)&address, &len), "getsockname");
    say("bound to it: name", "%s", address_text(links, &address, len).chars);
    close(own);
    const struct text bound =
        rc_text(bind(unbound, (const struct sockaddr *)&address, sizeof address));
    say("bind while it is down", "%s", bound.chars);
    say("bind while it is down: error", "%s", error_of(unbound).chars);
    say("bind while it is down: write", "%s", write_text(unbound).chars);
    set_up(links->name[1], 1);
    say("up: write", "%s", write_text(unbound).chars);
    say("up: bound to any hears", "%s", take_text(any, COMES_MS).chars);
    close(any);
    close(other);
    close(unbound);
}

static void set_down_later(const struct links *links)
{
    if (must(fork(), "fork") == 0) {
        pause_ms(WAIT_MS);
        set_up(links->name[1], 0);
        _exit(0);
    }
}

static void reader_waits(const struct links *links)
{
    const int fd = raw_socket(links->index[1], 0);
    struct can_frame frame;
    long begin = now_ms();
    set_down_later(links);
    const struct text result = rc_text(read(fd, &frame, sizeof frame));
    say("a reader waits", "%s after %s", result.chars, since_text(begin, WAIT_MS).chars);
    wait(NULL);
    set_up(links->name[1], 1);
    const int set = must(epoll_create1(0), "epoll");
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), "add");
    begin = now_ms();
    set_down_later(links);
    const struct text count = rc_text(epoll_wait(set, &event, 1, COMES_MS));
    say("an epoll waits", "%s, %s after %s", count.chars, poll_text(event.events).chars,
        since_text(begin, WAIT_MS).chars);
    wait(NULL);
    set_up(links->name[1], 1);
    close(set);
    close(fd);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    frames_wait(&links);
    error_told(&links);
    who_hears(&links);
    reader_waits(&links);
    return 0;
}
