/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_wait.c - what a call does that would wait: say so, or wait. */
#include "guest/can_channel_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* O_NONBLOCK lives in the open file, where the guest's fcntl() and FIONBIO put it. Those are seen,
 * in virtual time: until then the answer holds for all descriptors of the channel. */
static bool is_nonblocking(const struct supervisor *s, const struct guest_thread *t,
                           struct can_channel *channel)
{
    if (channel->flags == CAN_CHANNEL_UNKNOWN || s->cfg.real_time) {
        int copy = guest_fd(t, (int)t->call.arg[0]);
        int flags = copy >= 0 ? fcntl(copy, F_GETFL) : O_NONBLOCK;
        channel->flags = (flags & O_NONBLOCK) != 0 ? CAN_CHANNEL_NONBLOCKING : CAN_CHANNEL_BLOCKS;
        if (copy >= 0) {
            close(copy);
        }
    }
    return channel->flags == CAN_CHANNEL_NONBLOCKING;
}

void can_channel_flags_change(struct supervisor *s, const struct guest_thread *t)
{
    struct can_channel *channel = can_channel_of(s, t, (int)t->call.arg[0]);
    if (channel) {
        channel->flags = CAN_CHANNEL_UNKNOWN;
    }
}

/* SIM_NEVER: no time-out. */
static sim_ns_t option_deadline(const struct supervisor *s, struct can_channel *channel, int option)
{
    struct timeval value = {0};
    size_t len_bytes = sizeof value;
    if (option == 0 ||
        can_channel_model_getsockopt(&channel->model, SOL_SOCKET, option, &value, &len_bytes) < 0 ||
        (value.tv_sec == 0 && value.tv_usec == 0)) {
        return SIM_NEVER;
    }
    uint64_t seconds = (uint64_t)value.tv_sec;
    uint64_t longest = SIM_NEVER / SIM_S(2);
    return guest_deadline(s, SIM_S(seconds < longest ? seconds : longest) +
                                 SIM_US((uint64_t)value.tv_usec));
}

bool can_channel_may_wait(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                          int option, bool dont_wait)
{
    if (t->call.wake == GUEST_WAKE_TIMEOUT || dont_wait) {
        return false;
    }
    if (t->call.wake == GUEST_WAKE_FIRST) {
        if (is_nonblocking(s, t, channel)) {
            return false;
        }
        t->wait.deadline_ns = option_deadline(s, channel, option);
        /* sock_intr_errno() */
        t->wait.on_signal =
            t->wait.deadline_ns == SIM_NEVER ? GUEST_SIGNAL_RESTART : GUEST_SIGNAL_EINTR;
    }
    return true;
}

enum guest_verdict can_channel_park(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel, short events, const char *what)
{
    t->wait.wants_can = true;
    t->wait.can = channel;
    t->wait.can_events = events;
    return guest_park(s, t, what);
}

/* How many descriptors of the process mean the channel. */
static unsigned count_descriptors(const struct guest_process *process,
                                  const struct can_channel *channel)
{
    char path[64];
    char wanted[64];
    char link[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process->pid);
    int wanted_len =
        snprintf(wanted, sizeof wanted, "socket:[%llu]", (unsigned long long)channel->inode);
    DIR *folder = opendir(path);
    if (!folder) {
        return 0;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, link, sizeof link);
        count += len == wanted_len && memcmp(link, wanted, (size_t)len) == 0;
    }
    closedir(folder);
    return count;
}

static unsigned count_all_descriptors(const struct supervisor *s, const struct can_channel *channel)
{
    unsigned count = 0;
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        count += p->may_hold_can && !p->dead ? count_descriptors(p, channel) : 0;
    }
    return count;
}

/* isotp_release() waits for the end of a transmission, which happens when the last descriptor is
 * closed. A signal ends that wait, and the close goes on. */
enum guest_verdict can_channel_close(struct supervisor *s, struct guest_thread *t,
                                     struct can_channel *channel)
{
    if (!can_channel_model_close_waits(&channel->model) || count_all_descriptors(s, channel) > 1) {
        return guest_let(t);
    }
    t->wait.on_signal = GUEST_SIGNAL_LET;
    return can_channel_park(s, t, channel, 0, "a CAN transmission of a socket that it closes");
}

bool can_channel_delays_exit(struct supervisor *s, const struct guest_process *process)
{
    if (!s->channels || !process->may_hold_can) {
        return false;
    }
    for (const struct can_channel *c = s->channels->first; c; c = c->next) {
        if (can_channel_model_close_waits(&c->model)) {
            unsigned own = count_descriptors(process, c);
            if (own > 0 && own == count_all_descriptors(s, c)) {
                return true;
            }
        }
    }
    return false;
}
