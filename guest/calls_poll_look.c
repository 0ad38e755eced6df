/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_poll_look.c - one look at many descriptors: the model's and the kernel's. */
#include "guest/calls_fd.h"
#include "guest/calls_poll.h"
#include "guest/can_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* t->wait.scratch of these calls; FD_SPUN and FD_PROGRESS are not used otherwise. */
enum { POLL_TIME = FD_PROGRESS };

bool poll_look_init(struct poll_look *look, size_t len)
{
    look->len = len;
    look->can = NULL;
    look->can_events = 0;
    look->can_len = 0;
    look->has_real = false;
    look->asked = look->inline_asked;
    look->real = look->inline_real;
    if (len > POLL_LOOK_INLINE) {
        look->asked = calloc(2 * len, sizeof *look->asked);
        look->real = look->asked + len;
    }
    for (size_t i = 0; look->asked && i < len; i++) {
        look->real[i].fd = -1;
    }
    return look->asked != NULL;
}

void poll_look_end(struct poll_look *look)
{
    for (size_t i = 0; i < look->len; i++) {
        if (look->real[i].fd >= 0) {
            close(look->real[i].fd);
        }
    }
    if (look->asked != look->inline_asked) {
        free(look->asked);
    }
}

/* What is always told: ERR, HUP, NVAL (poll(2)). */
static short told(const struct pollfd *asked, unsigned events)
{
    return (short)(events & ((unsigned)asked->events | POLLERR | POLLHUP));
}

/* The duplicate that a parked call has watched since its first look, as the kernel's poll holds on
 * to the open file, or a new one. */
static int take_copy(struct guest_thread *t, const struct poll_look *look, size_t i)
{
    if (t->wait.watches_len != look->len) {
        return guest_fd(t, look->asked[i].fd);
    }
    int copy = t->wait.watches[i].fd;
    t->wait.watches[i].fd = -1;
    return copy >= 0 ? copy : guest_fd(t, look->asked[i].fd);
}

static void look_at(struct supervisor *s, struct guest_thread *t, struct poll_look *look, size_t i)
{
    struct pollfd *asked = &look->asked[i];
    asked->revents = 0;
    if (asked->fd < 0) {
        return;
    }
    struct can_channel *channel = can_channel_of(s, t, asked->fd);
    if (channel) {
        asked->revents = told(asked, can_channel_poll(channel));
        look->can = channel;
        look->can_events = asked->events;
        look->can_len++;
        return;
    }
    int copy = take_copy(t, look, i);
    if (copy >= 0) {
        look->real[i] = (struct pollfd){.fd = copy, .events = asked->events};
    } else if (copy == -EBADF) {
        asked->revents = POLLNVAL;
    } else {
        guest_say(s, "a descriptor of %s cannot be watched (%s): it may wait for it in vain",
                  t->process->name,
                  copy == -EMFILE ? "too many open files; raise ulimit -n"
                                  : "no right to; let the program stay dumpable");
    }
}

size_t poll_look_take(struct supervisor *s, struct guest_thread *t, struct poll_look *look)
{
    size_t ready = 0;
    for (size_t i = 0; i < look->len; i++) {
        look_at(s, t, look, i);
        look->has_real = look->has_real || look->real[i].fd >= 0;
    }
    guest_wait_drop_fds(t);
    if (look->has_real) {
        poll(look->real, look->len, 0);
    }
    for (size_t i = 0; i < look->len; i++) {
        if (look->real[i].fd >= 0) {
            look->asked[i].revents = look->real[i].revents;
        }
        ready += look->asked[i].revents != 0;
    }
    return ready;
}

/* Hands all that is asked to the parked thread, each at its place. */
static void watch_all(struct supervisor *s, struct guest_thread *t, struct poll_look *look)
{
    for (size_t i = 0; i < look->len; i++) {
        struct pollfd *real = &look->real[i];
        /* POLLERR is told in any case; 0 would mean not to look. */
        guest_wait_fd(t, real->fd, (short)(look->asked[i].events | POLLERR));
        if (real->fd < 0) {
            t->wait.watches[i].can = can_channel_of(s, t, look->asked[i].fd);
        } else if (t->call.wake == GUEST_WAKE_FIRST) {
            fd_wait_signals(s, t, fd_signals(real->fd));
        }
        real->fd = -1;
    }
}

enum guest_verdict poll_look_park(struct supervisor *s, struct guest_thread *t,
                                  struct poll_look *look)
{
    if (look->has_real || look->can_len > 1) {
        watch_all(s, t, look);
    }
    t->wait.wants_can = look->can_len > 0;
    t->wait.can = look->can_len == 1 ? look->can : NULL;
    t->wait.can_events = (short)(look->can_events | POLLERR);
    poll_look_end(look);
    return guest_park(
        s, t, t->wait.wants_can ? "a CAN socket or other descriptors" : "one of its descriptors");
}

enum poll_time poll_time_set(struct supervisor *s, struct guest_thread *t, bool forever,
                             uint64_t ns)
{
    if (t->call.wake == GUEST_WAKE_FIRST) {
        enum poll_time kind = forever ? POLL_FOREVER : ns == 0 ? POLL_AT_ONCE : POLL_UNTIL;
        t->wait.scratch[POLL_TIME] = (uint64_t)kind;
        t->wait.deadline_ns = kind == POLL_UNTIL ? guest_deadline(s, ns) : SIM_NEVER;
    }
    return (enum poll_time)t->wait.scratch[POLL_TIME];
}

bool poll_time_left(struct supervisor *s, const struct guest_thread *t)
{
    enum poll_time kind = (enum poll_time)t->wait.scratch[POLL_TIME];
    return kind == POLL_FOREVER || (kind == POLL_UNTIL && s->sim->now_ns < t->wait.deadline_ns);
}

bool poll_may_answer_empty(struct supervisor *s, struct guest_thread *t)
{
    bool spins =
        t->wait.scratch[POLL_TIME] == POLL_AT_ONCE && !t->wait.scratch[FD_SPUN] && guest_spins(s);
    t->wait.scratch[FD_SPUN] = spins;
    return !spins;
}

uint64_t poll_time_remaining(const struct supervisor *s, const struct guest_thread *t)
{
    sim_ns_t deadline_ns = t->wait.deadline_ns;
    return deadline_ns == SIM_NEVER || deadline_ns < s->sim->now_ns ? 0
                                                                    : deadline_ns - s->sim->now_ns;
}

bool poll_read_mask(struct supervisor *s, struct guest_thread *t, uint64_t address,
                    uint64_t size_bytes)
{
    if (address == 0 || size_bytes != sizeof t->wait.mask) {
        return true;
    }
    t->wait.on_signal = GUEST_SIGNAL_LET;
    t->wait.has_mask = true;
    s->look_at_signals = true; /* One may be pending that only the thread's own mask blocked. */
    return guest_read(t, address, &t->wait.mask, sizeof t->wait.mask);
}
