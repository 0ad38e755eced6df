/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd.c - reading from a descriptor, accepting and connecting. */
#include "guest/calls_fd.h"
#include "guest/calls.h"
#include "guest/calls_store.h"
#include "guest/can_channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static bool waits_for_all(const struct guest_call *call)
{
    return (fd_message_flags(call) & (MSG_WAITALL | MSG_DONTWAIT)) == MSG_WAITALL &&
           call->nr != SYS_recvmmsg;
}

enum guest_verdict call_read_fd(struct supervisor *s, struct guest_thread *t)
{
    const struct guest_call *call = &t->call;
    struct fd_need need = {(int)call->arg[0], POLLIN, SO_RCVTIMEO, fd_call_dont_wait(call),
                           "something to read"};
    struct can_channel *channel = can_channel_of(s, t, need.fd);
    if (channel) {
        return can_channel_io(s, t, channel);
    }
    enum guest_verdict verdict;
    if (!s->cfg.real_time && store_read_fd(s, t, &verdict)) {
        return verdict;
    }
    if ((call->nr == SYS_read && call->arg[2] == 0) || fd_call_has_offset(call)) {
        return guest_let(t);
    }
    if (waits_for_all(call) && !s->cfg.real_time) {
        return fd_receive_all(s, t);
    }
    verdict = fd_when_ready(s, t, &need);
    if (verdict == GUEST_LET && (call->nr == SYS_recvmsg || call->nr == SYS_recvmmsg)) {
        can_channel_may_arrive(s, t);
    }
    return verdict;
}

enum guest_verdict call_accept(struct supervisor *s, struct guest_thread *t)
{
    int fd = (int)t->call.arg[0];
    if (can_channel_of(s, t, fd)) {
        return guest_error(t, EOPNOTSUPP); /* sock_no_accept() */
    }
    return fd_when_ready(s, t, &(struct fd_need){fd, POLLIN, SO_RCVTIMEO, false, "a connection"});
}

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_storage storage;
};

static bool read_address(const struct guest_thread *t, union address *address)
{
    uint64_t len = t->call.arg[2];
    memset(address, 0, sizeof *address);
    return len >= sizeof address->any.sa_family && len <= sizeof *address &&
           guest_read(t, t->call.arg[1], address, len);
}

static bool is_local(const union address *address)
{
    if (address->any.sa_family == AF_INET) {
        uint32_t host = ntohl(address->in.sin_addr.s_addr);
        return host >> 24 == 127 || host == INADDR_ANY;
    }
    const struct in6_addr *host = &address->in6.sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(host) || IN6_IS_ADDR_UNSPECIFIED(host) ||
           (IN6_IS_ADDR_V4MAPPED(host) && host->s6_addr[12] == 127);
}

static void name_outside(struct supervisor *s, const struct guest_thread *t,
                         const union address *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    const void *host = address->any.sa_family == AF_INET ? (const void *)&address->in.sin_addr
                                                         : (const void *)&address->in6.sin6_addr;
    inet_ntop(address->any.sa_family, host, text, sizeof text);
    guest_say(s,
              "%s talks to %s over a real network, which does not follow virtual time: its answers "
              "may come late or never; run such peers as guests too, or use --realtime",
              t->process->name, text);
}

/* Nagle's algorithm and delayed acknowledgements run on the kernel's own clock: they are switched
 * off before the first segment, and the sockets that accept() makes inherit it. */
static bool make_prompt(int copy)
{
    int one = 1;
    return setsockopt(copy, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
}

enum guest_verdict call_listen(struct supervisor *s, struct guest_thread *t)
{
    int fd = (int)t->call.arg[0];
    if (can_channel_of(s, t, fd)) {
        return guest_error(t, EOPNOTSUPP); /* sock_no_listen() */
    }
    int copy = s->cfg.real_time ? -1 : guest_fd(t, fd);
    if (copy >= 0) {
        make_prompt(copy);
        fd_look_end(t, copy);
    }
    return guest_let(t);
}

/* How the attempt ended, when the socket can be written: 0 or a positive errno. */
static int outcome(int copy)
{
    int error = 0;
    socklen_t len = sizeof error;
    return getsockopt(copy, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* A listener with a full backlog drops the request and the kernel repeats it in its own time. */
static enum guest_verdict connect_tcp(struct supervisor *s, struct guest_thread *t, int copy,
                                      const union address *address)
{
    struct fd_need need = {(int)t->call.arg[0], POLLOUT, SO_SNDTIMEO, false, "a connection"};
    int error = EINPROGRESS;
    if (t->call.wake == GUEST_WAKE_FIRST) {
        int flags = fd_flags_nonblocking(copy);
        s->look_at_fds = true; /* The listener's. */
        error = connect(copy, &address->any, (socklen_t)t->call.arg[2]) == 0 ? 0 : errno;
        fd_flags_restore(copy, flags);
    }
    if (error == EINPROGRESS || error == EALREADY) {
        if (!fd_poll(copy, POLLOUT)) {
            return t->call.wake == GUEST_WAKE_TIMEOUT ? guest_error(t, EINPROGRESS)
                                                      : fd_wait(s, t, copy, &need);
        }
        error = outcome(copy);
    }
    fd_look_end(t, copy);
    return error ? guest_error(t, error) : guest_value(t, 0);
}

enum guest_verdict call_connect(struct supervisor *s, struct guest_thread *t)
{
    int fd = (int)t->call.arg[0];
    union address address;
    struct can_channel *channel = can_channel_of(s, t, fd);
    if (channel) {
        return can_channel_connect(s, t, channel);
    }
    if (s->cfg.real_time || !read_address(t, &address)) {
        return guest_let(t);
    }
    if (address.any.sa_family == AF_UNIX) {
        return fd_connect_unix(s, t, (const struct sockaddr_un *)(const void *)&address);
    }
    if (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6) {
        return guest_let(t);
    }
    if (!is_local(&address)) {
        name_outside(s, t, &address);
    }
    int copy = fd_look(t, fd);
    if (copy < 0) {
        return guest_let(t);
    }
    if (make_prompt(copy) && !fd_is_nonblocking(copy)) {
        return connect_tcp(s, t, copy, &address);
    }
    fd_look_end(t, copy);
    return guest_let(t);
}
