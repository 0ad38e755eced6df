/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_table.c - who is there: birth and end of threads and processes. */
#include "guest/guest_table.h"

#include "guest/can_channel.h"
#include "guest/futex.h"
#include "guest/guest_fast.h"
#include "guest/guest_timers.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct guest_thread **tid_slot(struct supervisor *s, pid_t tid, bool make)
{
    size_t page = (size_t)tid / GUEST_TIDS_PER_PAGE;
    if (tid <= 0 || page >= GUEST_TID_PAGES) {
        return NULL;
    }
    if (!s->tids[page] && make) {
        s->tids[page] = calloc(GUEST_TIDS_PER_PAGE, sizeof(struct guest_thread *));
    }
    return s->tids[page] ? &s->tids[page][(size_t)tid % GUEST_TIDS_PER_PAGE] : NULL;
}

struct guest_thread *guest_thread_of(struct supervisor *s, pid_t tid)
{
    struct guest_thread **slot = tid_slot(s, tid, false);
    return slot ? *slot : NULL;
}

static bool is_unsettled(enum guest_thread_state state)
{
    return state == GUEST_RUNS || state == GUEST_LEAVES;
}

void guest_set_state(struct supervisor *s, struct guest_thread *t, enum guest_thread_state state)
{
    s->unsettled -= is_unsettled(t->state);
    s->unsettled += is_unsettled(state);
    t->state = state;
}

void guest_ready_push(struct supervisor *s, struct guest_thread *t)
{
    if (t->in_ready) {
        return;
    }
    t->in_ready = true;
    t->ready_next = NULL;
    if (s->ready_last) {
        s->ready_last->ready_next = t;
    } else {
        s->ready_first = t;
    }
    s->ready_last = t;
}

struct guest_thread *guest_ready_pop(struct supervisor *s)
{
    struct guest_thread *t = s->ready_first;
    if (t) {
        s->ready_first = t->ready_next;
        s->ready_last = s->ready_first ? s->ready_last : NULL;
        t->in_ready = false;
    }
    return t;
}

static void ready_remove(struct supervisor *s, struct guest_thread *t)
{
    struct guest_thread *before = NULL;
    if (!t->in_ready) {
        return;
    }
    for (struct guest_thread *at = s->ready_first; at != t; at = at->ready_next) {
        before = at;
    }
    if (before) {
        before->ready_next = t->ready_next;
    } else {
        s->ready_first = t->ready_next;
    }
    s->ready_last = s->ready_last == t ? before : s->ready_last;
    t->in_ready = false;
}

void guest_process_rename(char name[static GUEST_NAME_SIZE], const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash && slash[1] != '\0' ? slash + 1 : path;
    size_t len = 0;
    for (; from[len] != '\0' && len < GUEST_NAME_SIZE - 1; len++) {
        name[len] = from[len] > ' ' && from[len] <= '~' ? from[len] : '?';
    }
    name[len] = '\0';
}

static bool watch_end(struct supervisor *s, struct guest_process *process)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = process};
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    return process->pidfd >= 0 && epoll_ctl(s->deaths, EPOLL_CTL_ADD, process->pidfd, &event) == 0;
}

struct guest_process *guest_table_add_process(struct supervisor *s, pid_t pid,
                                              struct guest_process *parent, bool same_memory)
{
    struct guest_process *process = calloc(1, sizeof *process);
    if (!process) {
        return NULL;
    }
    process->pid = pid;
    process->inner_pid = proc_inner_pid(pid);
    process->parent = parent;
    process->number = ++s->next_process;
    process->space = same_memory && parent ? parent->space : ++s->next_space;
    if (parent) {
        process->may_hold_can = parent->may_hold_can;
        guest_fast_inherit(process, parent);
        memcpy(process->name, parent->name, sizeof process->name);
    }
    if (!watch_end(s, process)) {
        if (process->pidfd >= 0) {
            close(process->pidfd);
        }
        free(process);
        return NULL;
    }
    struct guest_process **end = &s->processes;
    while (*end) {
        end = &(*end)->next;
    }
    *end = process;
    return process;
}

static void deadline_came(struct sim *sim, void *ctx)
{
    struct guest_thread *t = ctx;
    (void)sim;
    if (t->late) {
        guest_set_state(t->supervisor, t, GUEST_READY);
        guest_ready_push(t->supervisor, t);
    } else if (t->state == GUEST_PARKED) {
        guest_wake(t->supervisor, t);
        t->call.wake = GUEST_WAKE_TIMEOUT;
    }
}

struct guest_thread *guest_table_add_thread(struct supervisor *s, struct guest_process *process,
                                            pid_t tid)
{
    struct guest_thread **slot = tid_slot(s, tid, true);
    struct guest_thread *t =
        slot && s->threads_len < GUEST_THREADS_MAX ? calloc(1, sizeof *t) : NULL;
    if (!t) {
        return NULL;
    }
    t->supervisor = s;
    t->process = process;
    t->tid = tid;
    t->number = ++s->next_thread;
    t->state = GUEST_AWAY;
    t->wait.deadline_ns = SIM_NEVER;
    sim_event_init(&t->timer, SIM_NODE, deadline_came, t, NULL);
    struct guest_thread **end = &process->threads;
    while (*end) {
        end = &(*end)->next;
    }
    *end = t;
    *slot = t;
    s->threads_len++;
    return t;
}

void guest_table_rename_thread(struct supervisor *s, struct guest_thread *t, pid_t tid)
{
    struct guest_thread **from = tid_slot(s, t->tid, false);
    struct guest_thread **to = tid_slot(s, tid, true);
    CHECK(from && to);
    *from = NULL;
    *to = t;
    t->tid = tid;
}

void guest_table_remove_thread(struct supervisor *s, struct guest_thread *t)
{
    struct guest_thread **at = &t->process->threads;
    while (*at != t) {
        at = &(*at)->next;
    }
    *at = t->next;
    guest_set_state(s, t, GUEST_AWAY);
    ready_remove(s, t);
    futex_leave(s, t);
    guest_wait_drop_fds(t);
    free(t->wait.watches);
    sim_cancel(s->sim, &t->timer);
    if (s->turn == t) {
        s->turn = NULL;
    }
    if (s->birth.parent == t) {
        s->birth.parent = NULL;
    }
    if (s->held.thread == t) {
        s->held.thread = NULL;
    }
    for (struct guest_process *p = s->processes; p; p = p->next) {
        p->vfork_parent = p->vfork_parent == t ? NULL : p->vfork_parent;
    }
    struct guest_thread **slot = tid_slot(s, t->tid, false);
    if (slot && *slot == t) {
        *slot = NULL;
    }
    s->threads_len--;
    free(t);
}

void guest_table_end_process(struct supervisor *s, struct guest_process *process)
{
    for (struct guest_thread *t = process->threads, *next; t; t = next) {
        next = t->next;
        guest_table_remove_thread(s, t);
    }
    close(process->pidfd);
    process->pidfd = -1;
    process->dead = true;
    can_channel_forget_all(process);
    guest_fast_drop(s, process);
    guest_timers_free(process);
    for (struct guest_process *p = s->processes; p; p = p->next) {
        p->parent = p->parent == process ? NULL : p->parent;
    }
}

void guest_table_forget(struct supervisor *s, struct guest_process *process)
{
    struct guest_process **at = &s->processes;
    while (*at != process) {
        at = &(*at)->next;
    }
    *at = process->next;
    free(process);
}

static void await_end(const struct guest_process *process)
{
    enum { END_MAX_MS = 10000 };
    struct pollfd end = {.fd = process->pidfd, .events = POLLIN};
    poll(&end, 1, END_MAX_MS);
}

void guest_table_kill(struct supervisor *s)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        if (!p->dead) {
            syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
        }
    }
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        if (!p->dead) {
            await_end(p);
        }
    }
}

void guest_table_free(struct supervisor *s)
{
    while (s->processes) {
        if (!s->processes->dead) {
            guest_table_end_process(s, s->processes);
        }
        guest_table_forget(s, s->processes);
    }
    for (size_t i = 0; i < GUEST_TID_PAGES; i++) {
        free(s->tids[i]);
    }
}
