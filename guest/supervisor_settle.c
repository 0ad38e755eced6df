/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_settle.c - takes what comes from the kernel: calls, births and deaths. */
#include "guest/can_channel.h"
#include "guest/futex.h"
#include "guest/guest_clock.h"
#include "guest/guest_fast.h"
#include "guest/guest_table.h"
#include "guest/guest_timers.h"
#include "guest/notify.h"
#include "guest/proc_file.h"
#include "guest/supervisor_loop.h"

#include <errno.h>
#include <linux/audit.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How long nothing may come before the supervisor looks at what the running threads do. Nothing is
 * decided by it as long as they run. */
enum { TICK_MS = 20, BIRTH_TICK_MS = 1, BIRTH_TICKS_MAX = 2000 };

static struct guest_process *process_of(struct supervisor *s, pid_t pid)
{
    struct guest_process *p = s->processes;
    while (p && (p->dead || p->pid != pid)) {
        p = p->next;
    }
    return p;
}

/* What clone(2) says of the two processes beyond that one has made the other. */
static void be_related(struct supervisor *s, struct guest_process *child,
                       struct guest_thread *parent)
{
    if (s->birth.flags & CLONE_VFORK) {
        child->vfork_parent = parent;
    }
    if (s->birth.flags & CLONE_PARENT) {
        child->parent = parent->process->parent;
    }
    if (s->birth.flags & CLONE_FILES) {
        /* Either may change what a descriptor of the other is. */
        can_channel_distrust(child);
        can_channel_distrust(parent->process);
    }
}

/* Which process the new thread belongs to: its parent's, or one of its own. Without a birth that is
 * due (real time, or a thread that was away) the kernel is asked. */
static struct guest_process *home_of(struct supervisor *s, pid_t tid, bool due)
{
    struct guest_thread *parent = s->birth.parent;
    if (due && parent && (s->birth.flags & CLONE_THREAD)) {
        return parent->process;
    }
    pid_t pid = proc_tgid(tid);
    struct guest_process *process = process_of(s, pid);
    if (process || pid == 0) {
        return process;
    }
    bool same_memory = due && (s->birth.flags & CLONE_VM) != 0;
    process = guest_table_add_process(s, pid, due && parent ? parent->process : NULL, same_memory);
    if (process && due && parent) {
        be_related(s, process, parent);
    }
    if (process && !due) {
        process->may_hold_can = true;
    }
    return process;
}

static struct guest_thread *be_born(struct supervisor *s, pid_t tid)
{
    bool due = s->birth.due;
    struct guest_process *process = home_of(s, tid, due);
    struct guest_thread *t = process ? guest_table_add_thread(s, process, tid) : NULL;
    s->unsettled -= due;
    s->birth.due = false;
    if (!t) {
        guest_say(s, "more than %d threads of guests; those beyond are ended", GUEST_THREADS_MAX);
        syscall(SYS_tgkill, proc_tgid(tid), tid, SIGKILL);
        return NULL;
    }
    guest_set_state(s, t, GUEST_RUNS);
    return t;
}

/* The kernel lets a vfork parent go on: from here on it runs, until its next call. */
static void release_vfork_parent(struct supervisor *s, struct guest_process *child)
{
    struct guest_thread *parent = child->vfork_parent;
    child->vfork_parent = NULL;
    if (parent && parent->state == GUEST_AWAY) {
        guest_set_state(s, parent, GUEST_RUNS);
    }
}

/* An exec was let through and the process has made a call since: did it succeed? Other threads of
 * it are gone then, and the one that is left has the first one's identifier. */
static void look_at_image(struct supervisor *s, struct guest_thread *t)
{
    struct guest_process *process = t->process;
    process->image_is_new = false;
    if (!s->cfg.real_time && !guest_clock_patch(process)) {
        return;
    }
    while (process->threads != t || t->next) {
        guest_table_remove_thread(s, process->threads == t ? t->next : process->threads);
    }
    process->first_is_gone = false;
    process->space = ++s->next_space;
    memcpy(process->name, process->next_name, sizeof process->name);
    release_vfork_parent(s, process);
    can_channel_forget_all(process);
    guest_fast_drop(s, process);
    guest_timers_exec(process);
}

static bool is_foreign(struct supervisor *s, const struct guest_thread *t,
                       const struct notice *notice)
{
    if (notice->arch == AUDIT_ARCH_X86_64) {
        return false;
    }
    guest_say(s,
              "%s is not a 64-bit x86 program, or makes calls of another kind: that is not "
              "supported; it is ended. Build it for x86-64",
              t->process->name);
    kill(t->process->pid, SIGKILL);
    return true;
}

static void wake_waiters(struct supervisor *s, struct guest_process *parent)
{
    for (struct guest_thread *t = parent ? parent->threads : NULL; t; t = t->next) {
        if (t->wait.wants_child) {
            guest_wake(s, t);
        }
    }
}

void supervisor_note_continued(struct supervisor *s, struct guest_thread *t)
{
    if (t->stopped) {
        t->stopped = false;
        t->process->continued = true;
        t->process->stop_told = false;
        wake_waiters(s, t->process->parent);
    }
}

static void on_notice(struct supervisor *s, const struct notice *notice)
{
    struct guest_thread *t = guest_thread_of(s, notice->tid);
    if (!t) {
        t = be_born(s, notice->tid);
    }
    if (!t || is_foreign(s, t, notice)) {
        return;
    }
    if (t->state != GUEST_RUNS && t->state != GUEST_AWAY) {
        /* Its old call died with another thread's exec, which took over this identifier. */
        guest_wait_drop_fds(t);
        futex_leave(s, t);
        sim_cancel(s->sim, &t->timer);
        t->interrupted = false;
    }
    t->escaped = false;
    supervisor_note_continued(s, t);
    t->call = notice->call;
    guest_set_state(s, t, GUEST_AT_CALL);
    if (t->process->image_is_new) {
        look_at_image(s, t);
    }
    if (t != s->turn || s->cfg.real_time) {
        guest_ready_push(s, t);
    }
}

/* The kernel tells a pidfd before it queues SIGCHLD, both under one lock, which this call takes as
 * well. */
static void await_sigchld(void)
{
    kill(-getpgrp(), 0);
}

void guest_wake_parent(struct supervisor *s, struct guest_process *process)
{
    wake_waiters(s, process->parent);
}

/* The kernel has found another parent for the children: a subreaper (prctl(2)), or the init. */
static void find_new_parents(struct supervisor *s, const struct guest_process *process)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        if (p->parent == process) {
            struct guest_process *reaper = process_of(s, proc_parent(p->pid));
            p->parent = reaper != process ? reaper : NULL;
            wake_waiters(s, p->parent);
        }
    }
}

static void on_death(struct supervisor *s, struct guest_process *process)
{
    await_sigchld();
    release_vfork_parent(s, process);
    find_new_parents(s, process);
    guest_table_end_process(s, process);
    futex_look_again(s);
    s->look_at_fds = true;
    s->look_at_signals = true;
    wake_waiters(s, process->parent);
}

/* The dead for whom nobody will wait. */
static void forget_orphans(struct supervisor *s)
{
    for (struct guest_process *p = s->processes, *next; p; p = next) {
        next = p->next;
        if (p->dead && !p->parent) {
            guest_table_forget(s, p);
        }
    }
}

static void on_stop_signal(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        supervisor_finish(s, SUPERVISOR_INTERRUPTED);
    }
}

/* Its threads run no more. What follows from that is done when all stand still. */
static void note_death(struct supervisor *s, struct guest_process *process)
{
    process->ended = true;
    s->some_ended = true;
    epoll_ctl(s->deaths, EPOLL_CTL_DEL, process->pidfd, NULL);
    for (struct guest_thread *t = process->threads; t; t = t->next) {
        guest_set_state(s, t, GUEST_AWAY);
    }
    if (s->birth.due && s->birth.parent && s->birth.parent->process == process) {
        s->birth.due = false; /* Killed in the middle of it: a child there is shows itself. */
        s->unsettled--;
    }
    if (process->number == 1) {
        supervisor_finish(s, SUPERVISOR_EXITED);
    }
}

static void take_deaths(struct supervisor *s)
{
    struct epoll_event events[16];
    int n = epoll_wait(s->deaths, events, (int)ARRAY_SIZE(events), 0);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr) {
            note_death(s, events[i].data.ptr);
        } else {
            on_stop_signal(s);
        }
    }
}

/* In the order of their numbers, in whichever order they were told. True: there were any. */
bool supervisor_bury(struct supervisor *s)
{
    bool any = s->some_ended;
    while (s->some_ended) {
        s->some_ended = false;
        for (struct guest_process *p = s->processes, *next; p; p = next) {
            next = p->next;
            if (p->ended && !p->dead) {
                on_death(s, p);
            }
        }
        forget_orphans(s);
    }
    return any;
}

bool supervisor_take_event(struct supervisor *s, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = s->listener, .events = POLLIN},
                           {.fd = s->deaths, .events = POLLIN}};
    if (poll(fds, ARRAY_SIZE(fds), timeout_ms) <= 0) {
        return false;
    }
    struct notice notice;
    if ((fds[0].revents & POLLIN) && notify_receive(s->listener, &notice)) {
        on_notice(s, &notice);
    }
    if (fds[1].revents & POLLIN) {
        take_deaths(s);
    } else if (fds[0].revents & POLLHUP) {
        /* No process has the filter any more, and the last death is about to be told. */
        sched_yield();
    }
    return true;
}

static bool is_known_child(void *ctx, pid_t child)
{
    return guest_thread_of(ctx, child) != NULL;
}

/* The parent is at its next call and the child has not shown itself. Is there one? */
static bool is_unborn(struct supervisor *s)
{
    struct guest_thread *parent = s->birth.parent;
    size_t known = 0;
    if (!parent || parent->state != GUEST_AT_CALL) {
        return false; /* It may not have come to it: nothing is known yet. */
    }
    if (!(s->birth.flags & CLONE_THREAD)) {
        return !proc_has_child(parent->process->pid, parent->tid, is_known_child, s);
    }
    for (const struct guest_thread *t = parent->process->threads; t; t = t->next) {
        known++;
    }
    return proc_threads_len(parent->process->pid) <= known;
}

static void look_for_the_unborn(struct supervisor *s)
{
    const struct guest_thread *parent = s->birth.parent;
    bool given_up = ++s->birth.ticks > BIRTH_TICKS_MAX;
    if (given_up) {
        guest_say(s,
                  "%s has started a thread or process that makes no call: it runs beside the "
                  "others, and the run is not exactly repeatable",
                  parent ? parent->process->name : "a guest");
        if (parent) {
            guest_fast_stop(parent->process);
        }
    }
    if (given_up || is_unborn(s)) {
        s->birth.due = false;
        s->unsettled--;
    }
}

void supervisor_settle(struct supervisor *s)
{
    do {
        while (s->unsettled > 0 && !s->ended) {
            if (supervisor_take_event(s, s->birth.due ? BIRTH_TICK_MS : TICK_MS)) {
                continue;
            }
            if (s->birth.due) {
                look_for_the_unborn(s);
            }
            supervisor_watchdog(s);
        }
        guest_clock_fold(s);
        guest_fast_take(s);
        /* A burial may set a vfork parent running. */
    } while (supervisor_bury(s) && !s->ended);
}
