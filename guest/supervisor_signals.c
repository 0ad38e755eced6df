/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_signals.c - signals for threads that are parked.
 *
 * A parked thread's signals stay pending (the filter's WAIT_KILLABLE_RECV), so the supervisor
 * chooses the instant; the kernel delivers them when the call is answered. */
#include "guest/guest_table.h"
#include "guest/notify.h"
#include "guest/proc_file.h"
#include "guest/supervisor_loop.h"

#include <signal.h>

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

bool supervisor_has_signal(const struct guest_thread *t)
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

/* A signal that ends the process does so at once, also while its threads are parked: SIGKILL, or
 * one whose action nobody has changed, which the kernel turns into SIGKILL (complete_signal()). */
static bool is_dying(const struct supervisor *s, const struct guest_process *p)
{
    const struct guest_thread *t = p->threads;
    struct proc_signals signals;
    char state = proc_state(t->tid);
    if (state == 0 || state == 'X' || state == 'Z' || !proc_signals(t->tid, &signals) ||
        (signals.pending >> (SIGKILL - 1) & 1)) {
        return true;
    }
    /* It has taken its SIGKILL, and is on its way out: its call was given up before. */
    bool at_call = t->state == GUEST_AT_CALL || t->state == GUEST_PARKED || t->state == GUEST_READY;
    return at_call && !notify_is_valid(s->listener, t->call.id);
}

/* Stopped threads that were told to go on. */
static void look_at_stopped(struct supervisor *s, struct guest_thread *t)
{
    char state = proc_state(t->tid);
    if (t->stopped && state != 'T' && state != 't') {
        supervisor_note_continued(s, t);
        guest_set_state(s, t, GUEST_RUNS);
    }
}

/* Ends are awaited before anything else happens: not a moment earlier or later in any run. */
void supervisor_look_for_dying(struct supervisor *s)
{
    s->look_for_dying = false;
    for (struct guest_process *p = s->processes; p; p = p->next) {
        bool dying = p->threads && !p->ended && is_dying(s, p);
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            if (dying) {
                guest_set_state(s, t, GUEST_LEAVES);
            } else {
                look_at_stopped(s, t);
            }
        }
    }
}

void supervisor_look_at_signals(struct supervisor *s)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->state == GUEST_PARKED && supervisor_has_signal(t)) {
                guest_wake(s, t);
                t->interrupted = true;
            }
        }
    }
}
