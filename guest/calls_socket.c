/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_socket.c - calls that make, name, set and close descriptors: CAN sockets are the
 * model's, the rest is the kernel's. */
#include "guest/calls.h"
#include "guest/calls_store.h"
#include "guest/can_channel.h"
#include "guest/guest_timers.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/close_range.h */
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

enum guest_verdict call_socket(struct supervisor *s, struct guest_thread *t)
{
    bool ours = can_channel_wants((int)t->call.arg[0], (int)t->call.arg[2]);
    return ours ? can_channel_socket(s, t) : guest_let(t);
}

enum guest_verdict call_bind(struct supervisor *s, struct guest_thread *t)
{
    struct can_channel *channel = can_channel_of(s, t, (int)t->call.arg[0]);
    return channel ? can_channel_bind(s, t, channel) : guest_let(t);
}

enum guest_verdict call_socket_name(struct supervisor *s, struct guest_thread *t)
{
    struct can_channel *channel = can_channel_of(s, t, (int)t->call.arg[0]);
    return channel ? can_channel_name(s, t, channel) : guest_let(t);
}

/* What would hand small segments to timers of the kernel (see call_listen()) is accepted and not
 * done. */
static bool delays_segments(const struct guest_thread *t)
{
    int value = 0;
    if (t->call.nr != SYS_setsockopt || (int)t->call.arg[1] != IPPROTO_TCP ||
        t->call.arg[4] < sizeof value || !guest_read(t, t->call.arg[3], &value, sizeof value)) {
        return false;
    }
    int option = (int)t->call.arg[2];
    return (option == TCP_NODELAY && value == 0) || (option == TCP_CORK && value != 0);
}

enum guest_verdict call_socket_option(struct supervisor *s, struct guest_thread *t)
{
    struct can_channel *channel = can_channel_of(s, t, (int)t->call.arg[0]);
    if (channel) {
        return can_channel_option(s, t, channel);
    }
    return !s->cfg.real_time && delays_segments(t) ? guest_value(t, 0) : guest_let(t);
}

enum guest_verdict call_shutdown(struct supervisor *s, struct guest_thread *t)
{
    if (can_channel_of(s, t, (int)t->call.arg[0])) {
        return guest_error(t, EOPNOTSUPP); /* sock_no_shutdown() */
    }
    return guest_let(t);
}

/* Requests about interfaces are asked on sockets of all kinds. */
enum guest_verdict call_ioctl(struct supervisor *s, struct guest_thread *t)
{
    enum { SOCKET_REQUESTS = 0x89 }; /* linux/sockios.h */
    if (!s->cfg.real_time && store_refuses_ioctl(s, t)) {
        return guest_error(t, EOPNOTSUPP);
    }
    struct can_channel *channel = can_channel_of(s, t, (int)t->call.arg[0]);
    bool may_be_ours = channel || (t->call.arg[1] >> 8 & 0xFFFFFF) == SOCKET_REQUESTS;
    return may_be_ours ? can_channel_ioctl(s, t, channel) : guest_let(t);
}

enum guest_verdict call_close(struct supervisor *s, struct guest_thread *t)
{
    int fd = (int)t->call.arg[0];
    struct can_channel *channel = can_channel_of(s, t, fd);
    if (channel && can_channel_close(s, t, channel) == GUEST_WAITS) {
        return GUEST_WAITS;
    }
    can_channel_forget(t->process, fd);
    guest_timers_closed(t->process, fd);
    return guest_let(t);
}

static bool is_open(const struct guest_thread *t, int fd)
{
    int copy = guest_fd(t, fd);
    if (copy >= 0) {
        close(copy);
    }
    return copy >= 0;
}

/* dup2() and dup3() close what had the new number, unless they fail. */
enum guest_verdict call_dup(struct supervisor *s, struct guest_thread *t)
{
    int from = (int)t->call.arg[0];
    int to = (int)t->call.arg[1];
    if (from == to) {
        return guest_let(t);
    }
    struct can_channel *channel = can_channel_of(s, t, to);
    if (channel && is_open(t, from) && can_channel_close(s, t, channel) == GUEST_WAITS) {
        return GUEST_WAITS;
    }
    can_channel_forget(t->process, to);
    guest_timers_closed(t->process, to);
    return guest_let(t);
}

static enum guest_verdict close_channels(struct supervisor *s, struct guest_thread *t)
{
    char path[48];
    enum guest_verdict verdict = GUEST_LET;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)t->tid);
    DIR *list = opendir(path);
    if (!list) {
        return GUEST_LET;
    }
    for (struct dirent *entry = readdir(list); entry && verdict != GUEST_WAITS;
         entry = readdir(list)) {
        char *end;
        unsigned long fd = strtoul(entry->d_name, &end, 10);
        if (*end || fd < (uint32_t)t->call.arg[0] || fd > (uint32_t)t->call.arg[1]) {
            continue;
        }
        struct can_channel *channel = can_channel_of(s, t, (int)fd);
        if (channel) {
            verdict = can_channel_close(s, t, channel);
        }
    }
    closedir(list);
    return verdict;
}

enum guest_verdict call_close_range(struct supervisor *s, struct guest_thread *t)
{
    uint32_t flags = (uint32_t)t->call.arg[2];
    if (flags & CLOSE_RANGE_UNSHARE) {
        can_channel_distrust(t->process);
    }
    if (flags & CLOSE_RANGE_CLOEXEC) {
        return guest_let(t);
    }
    if (t->process->may_hold_can && close_channels(s, t) == GUEST_WAITS) {
        return GUEST_WAITS;
    }
    can_channel_forget_all(t->process);
    return guest_let(t);
}
