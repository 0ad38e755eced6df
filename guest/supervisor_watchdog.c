/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_watchdog.c - threads that run, and make no call.
 *
 * The only rule of the supervisor that depends on real time. It decides nothing while a program
 * computes; it keeps a stopped thread, or one that waits in the kernel where no wait was expected,
 * from standing in the way of everybody else, and says so. */
#include "guest/guest_fast.h"
#include "guest/guest_table.h"
#include "guest/proc_file.h"
#include "guest/supervisor_loop.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of processor time without a call before others get a turn beside a thread. */
#define SPIN_LIMIT_S 2u

sim_ns_t supervisor_wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (sim_ns_t)now.tv_sec * 1000000000u + (sim_ns_t)now.tv_nsec;
}

sim_ns_t supervisor_pace_ns(const struct supervisor *s)
{
    return s->escape.at_ns + (supervisor_wall_ns() - s->escape.wall_ns);
}

static void be_away(struct supervisor *s, struct guest_thread *t)
{
    guest_set_state(s, t, GUEST_AWAY);
    if (s->turn == t) {
        s->turn = NULL;
    }
}

static void let_go(struct supervisor *s, struct guest_thread *t)
{
    if (!supervisor_some_escaped(s)) {
        s->escape = (struct guest_escape){.wall_ns = supervisor_wall_ns(), .at_ns = s->sim->now_ns};
    }
    t->escaped = true;
    guest_fast_stop(t->process);
    be_away(s, t);
}

/* Whoever waits for a child may wait for this. */
static void be_stopped(struct supervisor *s, struct guest_thread *t)
{
    t->stopped = true;
    t->resume = (struct guest_resume){.valid = t->interrupted_call == t->call.id,
                                      .nr = t->call.nr,
                                      .due_ns = t->wait.deadline_ns};
    memcpy(t->resume.arg, t->call.arg, sizeof t->resume.arg);
    be_away(s, t);
    guest_wake_parent(s, t->process);
}

static void look_at_sleeper(struct supervisor *s, struct guest_thread *t)
{
    /* Twice in a row in the same call, a tick apart: it does sleep. */
    int call = proc_call(t->tid);
    if (call < 0 || t->suspect_call != call + 1) {
        t->suspect_call = call + 1;
        return;
    }
    const struct guest_call_row *row = guest_call_row(call);
    guest_say(s,
              "%s: thread %u waits in system call %d%s%s outside of virtual time; the run is no "
              "longer exactly repeatable",
              t->process->name, t->number, call, row ? " " : "", row ? row->name : "");
    let_go(s, t);
}

static void look_at_runner(struct supervisor *s, struct guest_thread *t)
{
    uint64_t ticks = proc_cpu_ticks(t->tid);
    if (t->ticks_at_call == 0 || t->ticks_calls != s->calls) {
        t->ticks_at_call = ticks + 1;
        t->ticks_calls = s->calls;
        return;
    }
    uint64_t limit = SPIN_LIMIT_S * (uint64_t)sysconf(_SC_CLK_TCK);
    if (ticks + 1 - t->ticks_at_call > limit) {
        guest_say(
            s,
            "%s: thread %u has computed for %u s without a call; it goes on in real time, beside "
            "the others, and the run is no longer exactly repeatable",
            t->process->name, t->number, SPIN_LIMIT_S);
        let_go(s, t);
    }
}

static void look_at(struct supervisor *s, struct guest_thread *t)
{
    switch (proc_state(t->tid)) {
    case 'R':
        t->suspect_call = 0;
        look_at_runner(s, t);
        break;
    case 'S': look_at_sleeper(s, t); break;
    case 'T': be_stopped(s, t); break;
    case 't': /* A debugger from outside: time stands still meanwhile. */ break;
    case 0:
    case 'X':
    case 'Z':
        /* The end of a process comes by its pidfd; that of a thread beside others does not. */
        if (t->process->threads != t || t->next) {
            be_away(s, t);
        }
        break;
    default: /* 'D': a disk. */ break;
    }
}

/* The last known thread has left by exit(), and the process does not end: it has threads that make
 * no call. */
static bool leaves_others(const struct guest_thread *t)
{
    char first = proc_state(t->process->pid);
    return t->state == GUEST_LEAVES && t->call.nr == SYS_exit && first == 'Z' &&
           proc_threads_len(t->process->pid) > 1;
}

void supervisor_watchdog(struct supervisor *s)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->state == GUEST_RUNS) {
                look_at(s, t);
            } else if (leaves_others(t)) {
                let_go(s, t);
            }
        }
    }
}

bool supervisor_some_escaped(const struct supervisor *s)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->escaped) {
                return true;
            }
        }
    }
    return false;
}
