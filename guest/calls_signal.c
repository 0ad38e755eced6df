/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_signal.c - handlers: sending signals and waiting for them. */
#include "guest/calls.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <signal.h>

/* The signal is sent by the kernel; whom it reaches is found out when all threads stand still. A
 * stopped or killed receiver is the watchdog's and the pidfd's business. */
enum guest_verdict call_kill(struct supervisor *s, struct guest_thread *t)
{
    s->look_at_signals = true;
    s->look_for_dying = true;
    return guest_let(t);
}

enum guest_verdict call_pause(struct supervisor *s, struct guest_thread *t)
{
    t->wait.on_signal = GUEST_SIGNAL_NOHAND;
    s->look_at_signals = true;
    return guest_park(s, t, "a signal");
}

static bool read_mask(struct guest_thread *t, uint64_t address, uint64_t *mask)
{
    return guest_read(t, address, mask, sizeof *mask);
}

/* Let into the kernel as soon as a signal waits that the given mask does not block: it then applies
 * the mask, runs the handler and returns. */
enum guest_verdict call_rt_sigsuspend(struct supervisor *s, struct guest_thread *t)
{
    if (t->call.arg[1] != sizeof t->wait.mask || !read_mask(t, t->call.arg[0], &t->wait.mask)) {
        return guest_let(t);
    }
    t->wait.has_mask = true;
    t->wait.on_signal = GUEST_SIGNAL_LET;
    s->look_at_signals = true;
    return guest_park(s, t, "a signal");
}

/* One of the set is taken without its handler; others interrupt. */
enum guest_verdict call_rt_sigtimedwait(struct supervisor *s, struct guest_thread *t)
{
    uint64_t set, ns;
    struct proc_signals now;
    if (t->call.arg[3] != sizeof set || !read_mask(t, t->call.arg[0], &set) ||
        !proc_signals(t->tid, &now)) {
        return guest_let(t);
    }
    if ((now.pending | now.shared) & set) {
        return guest_let(t);
    }
    if (t->call.wake == GUEST_WAKE_TIMEOUT) {
        return guest_error(t, EAGAIN);
    }
    if (t->call.wake == GUEST_WAKE_FIRST && t->call.arg[2]) {
        int code = guest_read_timespec(t, t->call.arg[2], &ns);
        if (code) {
            return guest_error(t, -code);
        }
        t->wait.deadline_ns = guest_deadline(s, ns);
    }
    t->wait.accepts = set;
    t->wait.on_signal = GUEST_SIGNAL_LET;
    s->look_at_signals = true;
    return guest_park(s, t, "a signal");
}
