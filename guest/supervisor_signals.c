/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_signals.c - signals for threads that are parked.
 *
 * A parked thread's signals stay pending (the filter's WAIT_KILLABLE_RECV), so the supervisor
 * chooses the instant; the kernel delivers them when the call is answered. */
#include "guest/guest_table.h"
#include "guest/proc_file.h"
#include "guest/supervisor_loop.h"

/* The thread that the kernel chose for a signal to the process: the first one unless it blocks it
 * (complete_signal() in kernel/signal.c). */
static bool is_chosen(const struct guest_thread *t, uint64_t shared)
{
    for (const struct guest_thread *before = t->process->threads; before != t;
         before = before->next) {
        struct proc_signals signals;
        if (proc_signals(before->tid, &signals) && (shared & ~signals.blocked) == shared) {
            return false;
        }
    }
    return true;
}

static bool has_signal(const struct guest_thread *t)
{
    struct proc_signals signals;
    if (!proc_signals(t->tid, &signals)) {
        return false;
    }
    uint64_t blocked = t->wait.has_mask ? t->wait.mask : signals.blocked;
    uint64_t own = signals.pending & (~blocked | t->wait.accepts);
    uint64_t shared = signals.shared & (~blocked | t->wait.accepts);
    return own || (shared && is_chosen(t, shared));
}

void supervisor_look_at_signals(struct supervisor *s)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->state == GUEST_PARKED && has_signal(t)) {
                guest_wake(s, t);
                t->interrupted = true;
            }
        }
    }
}
