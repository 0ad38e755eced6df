/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_timers.h - timers that a process sets and does not wait in: alarm, setitimer, POSIX
 * timers, timerfd. They run in virtual time, and end in a signal or a readable descriptor. */
#ifndef GUEST_TIMERS_H
#define GUEST_TIMERS_H

#include "guest/supervisor_internal.h"

#include <time.h>

enum guest_timer_kind {
    GUEST_TIMER_INTERVAL, /* setitimer; id is ITIMER_*. */
    GUEST_TIMER_POSIX,    /* timer_create; id as the guest knows it. */
    GUEST_TIMER_FD,       /* timerfd; id is the descriptor it was set through. */
};

struct guest_timer {
    struct guest_timer *next; /* In the process. */
    struct supervisor *supervisor;
    struct guest_process *process;
    enum guest_timer_kind kind;
    int id;
    clockid_t clock;
    struct sim_event event;
    sim_ns_t due_ns; /* SIM_NEVER: not armed. */
    uint64_t interval_ns;
    uint32_t overrun; /* Expiries since the last signal that nobody has taken. */
    /* GUEST_TIMER_POSIX: how it tells (struct sigevent). */
    int notify, signal;
    pid_t tid;
    uint64_t value;
    int fd;          /* GUEST_TIMER_FD: a duplicate, owned; else -1. */
    uint64_t unread; /* GUEST_TIMER_FD: expiries that were not read. */
};

/* Null: out of memory. */
struct guest_timer *guest_timer_new(struct supervisor *s, struct guest_process *process,
                                    enum guest_timer_kind kind, int id);
struct guest_timer *guest_timer_find(const struct guest_process *process,
                                     enum guest_timer_kind kind, int id);
void guest_timer_free(struct guest_timer *timer);
/* due_ns SIM_NEVER: disarms. */
void guest_timer_set(struct guest_timer *timer, sim_ns_t due_ns, uint64_t interval_ns);
/* What is left, in the form of struct itimerspec. */
struct itimerspec guest_timer_left(const struct guest_timer *timer);

/* The process has closed the descriptor: a duplicate of ours must not keep it alive. */
void guest_timers_closed(struct guest_process *process, int fd);
/* A process ends (what others hold of it goes on there), or executes another program (which keeps
 * setitimer and descriptors, execve(2)). */
void guest_timers_free(struct guest_process *process);
void guest_timers_exec(struct guest_process *process);
/* True while some timer of any process is armed. */
bool guest_timers_armed(const struct supervisor *s);

#endif
