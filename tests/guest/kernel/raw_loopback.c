/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_loopback.c - who hears the frames of this host: other sockets, the sender
 * itself, forked and duplicated descriptors, sockets bound to any interface. */
#include "tests/guest/kernel/observe.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void set(int fd, int option, int value)
{
    must(setsockopt(fd, SOL_CAN_RAW, option, &value, sizeof value), "option");
}

/* What recvmsg() tells of the next frame: it, msg_flags, the address. */
static void tell(const struct links *links, int fd, int wait_ms, const char *name)
{
    struct canfd_frame frame;
    struct sockaddr_can from = {0};
    struct iovec piece = {&frame, sizeof frame};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};
    poll_now(fd, wait_ms);
    const ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
    if (size < 0) {
        say(name, "%s", rc_text(size).chars);
        return;
    }
    say(name, "%s, %s, %s", frame_text(&frame, size).chars, msg_text(message.msg_flags).chars,
        address_text(links, &from, message.msg_namelen).chars);
}

static void own_messages(const struct links *links)
{
    const int tx = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int rx = raw_socket(links->index[0], SOCK_NONBLOCK);
    for (int loopback = 0; loopback <= 1; loopback++) {
        for (int own = 0; own <= 1; own++) {
            set(tx, CAN_RAW_LOOPBACK, loopback);
            set(tx, CAN_RAW_RECV_OWN_MSGS, own);
            put(tx, 0x123, "own");
            const struct text head = text("loopback %d, own messages %d", loopback, own);
            tell(links, tx, QUIET_MS, text("%s: sender", head.chars).chars);
            tell(links, rx, QUIET_MS, text("%s: other", head.chars).chars);
        }
    }
    set(rx, CAN_RAW_RECV_OWN_MSGS, 2);
    put(rx, 0x124, "two");
    tell(links, rx, QUIET_MS, "own messages 2: sender");
    close(tx);
    close(rx);
}

static void many_listeners(const struct links *links)
{
    const int tx = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int first = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int any = raw_socket(0, SOCK_NONBLOCK);
    const int second = raw_socket(links->index[1], SOCK_NONBLOCK);
    put(tx, 0x200, "one");
    tell(links, first, COMES_MS, "sent on first: bound to first");
    tell(links, any, COMES_MS, "sent on first: bound to any");
    tell(links, second, QUIET_MS, "sent on first: bound to second");
    put(second, 0x201, "two");
    tell(links, any, COMES_MS, "sent on second: bound to any");
    tell(links, first, QUIET_MS, "sent on second: bound to first");
    close(tx);
    close(first);
    close(any);
    close(second);
}

static struct text send_to(int fd, sa_family_t family, int index, socklen_t len)
{
    const struct can_frame frame = frame_of(0x300, 1, "a");
    struct sockaddr_can address = {.can_family = family, .can_ifindex = index};
    return rc_text(sendto(fd, &frame, sizeof frame, 0, (const struct sockaddr *)&address, len));
}

static void any_sends(const struct links *links)
{
    const int any = raw_socket(0, SOCK_NONBLOCK);
    const int first = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int second = raw_socket(links->index[1], SOCK_NONBLOCK);
    const struct can_frame frame = frame_of(0x301, 1, "b");
    set(any, CAN_RAW_RECV_OWN_MSGS, 1);
    say("any: write", "%s", rc_text(write(any, &frame, sizeof frame)).chars);
    say("any: sendto first", "%s", send_to(any, AF_CAN, links->index[0], 24).chars);
    tell(links, first, COMES_MS, "any: sendto first: bound to first");
    tell(links, any, COMES_MS, "any: sendto first: itself");
    say("any: sendto second", "%s", send_to(any, AF_CAN, links->index[1], 24).chars);
    tell(links, second, COMES_MS, "any: sendto second: bound to second");
    tell(links, any, COMES_MS, "any: sendto second: itself");
    say("any: sendto any", "%s", send_to(any, AF_CAN, 0, 24).chars);
    say("any: sendto unknown", "%s", send_to(any, AF_CAN, 4711, 24).chars);
    say("any: sendto loopback interface", "%s", send_to(any, AF_CAN, 1, 24).chars);
    say("any: sendto wrong family", "%s", send_to(any, AF_INET, links->index[0], 24).chars);
    for (socklen_t len = 1; len <= 16; len += len < 7 ? 6 : len == 7 ? 1 : 8) {
        say(text("any: sendto, address of %u bytes", len).chars, "%s",
            send_to(any, AF_CAN, links->index[0], len).chars);
    }
    drain(first);
    drain(any);
    say("bound to first: sendto second", "%s", send_to(first, AF_CAN, links->index[1], 24).chars);
    tell(links, second, COMES_MS, "bound to first: sendto second: bound to second");
    tell(links, any, COMES_MS, "bound to first: sendto second: bound to any");
    say("bound to first: sendto any", "%s", send_to(first, AF_CAN, 0, 24).chars);
    tell(links, any, QUIET_MS, "bound to first: sendto any: bound to any");
    close(any);
    close(first);
    close(second);
}

static void duplicates(const struct links *links)
{
    const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int copy = must(dup(fd), "dup");
    const int peer = raw_socket(links->index[0], SOCK_NONBLOCK);
    put(peer, 0x400, "x");
    put(peer, 0x401, "y");
    tell(links, fd, COMES_MS, "the descriptor takes one");
    tell(links, copy, COMES_MS, "its duplicate the next");
    put(copy, 0x402, "z");
    tell(links, fd, QUIET_MS, "sent by the duplicate: the descriptor");
    tell(links, peer, COMES_MS, "sent by the duplicate: another socket");
    set(copy, CAN_RAW_RECV_OWN_MSGS, 1);
    close(copy);
    put(fd, 0x403, "o");
    tell(links, fd, COMES_MS, "an option set by the closed duplicate");
    close(fd);
    close(peer);
}

static void fork_shares(const struct links *links)
{
    const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int peer = raw_socket(links->index[0], SOCK_NONBLOCK);
    int status = 0;
    set(fd, CAN_RAW_RECV_OWN_MSGS, 1);
    const pid_t child = must(fork(), "fork");
    if (child == 0) {
        put(fd, 0x500, "child");
        tell(links, fd, COMES_MS, "the child hears its frame");
        put(fd, 0x501, "again");
        _exit(7);
    }
    waitpid(child, &status, 0);
    say("child ended", "%d", WEXITSTATUS(status));
    tell(links, fd, COMES_MS, "the parent takes what the child left");
    tell(links, peer, COMES_MS, "another socket, first");
    tell(links, peer, COMES_MS, "another socket, second");
    put(peer, 0x502, "p");
    tell(links, fd, COMES_MS, "the parent's socket lives on");
    close(fd);
    close(peer);
}

/* A frame whose sender is closed before it is read. */
static void sender_gone(const struct links *links)
{
    const int tx = raw_socket(links->index[0], SOCK_NONBLOCK);
    const int rx = raw_socket(links->index[0], SOCK_NONBLOCK);
    put(tx, 0x600, "gone");
    close(tx);
    tell(links, rx, COMES_MS, "sender closed at once");
    close(rx);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    own_messages(&links);
    many_listeners(&links);
    any_sends(&links);
    duplicates(&links);
    fork_shares(&links);
    sender_gone(&links);
    return 0;
}
