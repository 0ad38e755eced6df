/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_loop.h - whose turn it is, and when time moves. */
#ifndef GUEST_SUPERVISOR_LOOP_H
#define GUEST_SUPERVISOR_LOOP_H

#include "guest/supervisor_internal.h"

/* Both return with s->ended and s->end set. */
void supervisor_loop_virtual(struct supervisor *s, sim_ns_t until_ns);
void supervisor_loop_real(struct supervisor *s, sim_ns_t until_ns);

/* Lets the handler of the thread's call look, and carries out what it says. */
void supervisor_take_turn(struct supervisor *s, struct guest_thread *t);
/* A thread that was stopped goes on; no effect on others. */
void supervisor_note_continued(struct supervisor *s, struct guest_thread *t);
/* Who waits for the process looks anew: it has stopped or goes on. */
void guest_wake_parent(struct supervisor *s, struct guest_process *process);
void supervisor_finish(struct supervisor *s, enum supervisor_end end);
/* After supervisor_stop(): the call that was under way gets its answer. */
void supervisor_go_on(struct supervisor *s);

/* Waits until no thread runs: each is at a call, parked, away or gone (supervisor_settle.c). */
void supervisor_settle(struct supervisor *s);
/* Does what follows from the ends of processes that were told. True: there were any. */
bool supervisor_bury(struct supervisor *s);
/* Takes one notice or death that is there, or waits for it up to timeout_ms (-1: without limit).
 * False: none came. */
bool supervisor_take_event(struct supervisor *s, int timeout_ms);
/* A process that was killed dies by itself while it is parked: awaits its end, and lets those that
 * were stopped and told to go on run (supervisor_signals.c). */
void supervisor_look_for_dying(struct supervisor *s);
/* A signal waits that ends what the thread is parked in (supervisor_signals.c). */
bool supervisor_has_signal(const struct guest_thread *t);
/* Interrupts parked threads that have a signal (supervisor_signals.c). */
void supervisor_look_at_signals(struct supervisor *s);
/* Polls what parked threads watch, for at most timeout_ms; wakes those whose descriptors are ready
 * (supervisor_fds.c). */
void supervisor_look_at_fds(struct supervisor *s, int timeout_ms);
void supervisor_watches_free(struct supervisor *s);
/* Some watched descriptor reaches outside the simulation: a terminal, a pipe given from outside. */
bool supervisor_watches_outside(const struct supervisor *s);
/* Some thread is away and may come back by itself (supervisor_watchdog.c). */
bool supervisor_some_escaped(const struct supervisor *s);
/* Virtual time beside threads that run outside of it: as much as real time has passed
 * (supervisor_watchdog.c). */
sim_ns_t supervisor_pace_ns(const struct supervisor *s);
/* Real time, of CLOCK_MONOTONIC. */
sim_ns_t supervisor_wall_ns(void);
/* Nothing came for tick_ms while threads run: finds out what they do. */
void supervisor_watchdog(struct supervisor *s);
/* Prints who waits for what. */
void supervisor_report_stuck(struct supervisor *s);

#endif
