/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_epoll.c - epoll_wait() and its relatives.
 *
 * An epoll descriptor can itself be polled. CAN sockets in it show their readiness in the real
 * descriptor, so the kernel gathers the events. */
#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/calls_poll.h"
#include "guest/can_channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* False: *error is what the kernel would say. */
static bool read_arguments(struct supervisor *s, struct guest_thread *t, int *error)
{
    const uint64_t *arg = t->call.arg;
    uint64_t ns = 0;
    bool forever = (int)arg[3] < 0;
    if (t->call.nr == SYS_epoll_pwait2) {
        *error = arg[3] ? -guest_read_timespec(t, arg[3], &ns) : 0;
        forever = arg[3] == 0;
    } else {
        ns = forever ? 0 : SIM_MS((uint64_t)(int)arg[3]);
    }
    t->wait.on_signal = GUEST_SIGNAL_EINTR;
    if (*error == 0 && t->call.nr != SYS_epoll_wait && !poll_read_mask(s, t, arg[4], arg[5])) {
        *error = EFAULT;
    }
    poll_time_set(s, t, forever, ns);
    return *error == 0;
}

/* Its inode is an anonymous one, without a type. */
static bool may_be_epoll(int copy)
{
    struct stat info;
    return fstat(copy, &info) == 0 && (info.st_mode & S_IFMT) == 0;
}

enum guest_verdict call_epoll_wait(struct supervisor *s, struct guest_thread *t)
{
    int error = 0;
    if (s->cfg.real_time || (int)t->call.arg[2] <= 0) {
        return guest_let(t);
    }
    if (t->call.wake == GUEST_WAKE_FIRST && !read_arguments(s, t, &error)) {
        return guest_error(t, error);
    }
    int copy = fd_look(t, (int)t->call.arg[0]);
    if (copy < 0) {
        return guest_let(t);
    }
    if (s->look_at_can) {
        can_channels_settle(s);
    }
    short ready = fd_poll(copy, POLLIN);
    bool was_parked = t->wait.watches_len > 0;
    if (ready == 0 && poll_time_left(s, t) && (was_parked || may_be_epoll(copy))) {
        if (!was_parked) {
            guest_wait_fd(t, copy, POLLIN);
        }
        return guest_park(s, t, "events of epoll");
    }
    fd_look_end(t, copy);
    if (ready || poll_time_left(s, t)) {
        return guest_let(t); /* EINVAL if it is no epoll descriptor. */
    }
    return poll_may_answer_empty(s, t) ? guest_value(t, 0) : guest_spin_park(s, t);
}

enum guest_verdict call_epoll_ctl(struct supervisor *s, struct guest_thread *t)
{
    int fd = (int)t->call.arg[2];
    if ((int)t->call.arg[1] != EPOLL_CTL_ADD) {
        return guest_let(t);
    }
    struct can_channel *channel = can_channel_of(s, t, fd);
    int copy = channel || s->cfg.real_time ? -1 : guest_fd(t, fd);
    if (channel) {
        can_channel_show(s, t, channel, fd);
    } else if (copy >= 0) {
        if (fd_signals(copy)) {
            guest_say(s,
                      "%s waits for signals by a signalfd in an epoll set: it may miss them in "
                      "virtual time; wait for the signalfd by poll or read instead",
                      t->process->name);
        }
        close(copy);
    }
    return guest_let(t);
}
