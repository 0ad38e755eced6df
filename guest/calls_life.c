/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_life.c - handlers: birth, exec, waiting for children, end. */
#include "guest/calls.h"
#include "guest/can_channel.h"
#include "guest/futex.h"
#include "guest/guest_clock.h"
#include "guest/guest_fast.h"
#include "guest/guest_table.h"
#include "guest/notify.h"
#include "guest/preload/clock_page.h"
#include "guest/preload/fast_page.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* CLONE_* of whichever call makes a child. */
static bool clone_flags(const struct guest_thread *t, uint64_t *flags)
{
    switch (t->call.nr) {
    case SYS_fork: *flags = 0; return true;
    case SYS_vfork: *flags = CLONE_VFORK | CLONE_VM; return true;
    case SYS_clone: *flags = t->call.arg[0]; return true;
    default: { /* clone3: the first member of struct clone_args. */
        return guest_read(t, t->call.arg[0], flags, sizeof *flags);
    }
    }
}

/* A birth is due: the child shows itself by its first notified call, and until then its parent's
 * next one is held (supervisor_settle.c). */
enum guest_verdict call_clone(struct supervisor *s, struct guest_thread *t)
{
    uint64_t flags;
    if (!clone_flags(t, &flags)) {
        return guest_let(t);
    }
    if (s->threads_len >= GUEST_THREADS_MAX) {
        guest_say(s, "%s has reached the limit of %d threads of all guests: no more are started",
                  t->process->name, GUEST_THREADS_MAX);
        return guest_error(t, EAGAIN);
    }
    if (s->cfg.real_time) {
        return guest_let(t);
    }
    s->birth = (struct guest_birth){.due = true, .parent = t, .flags = flags};
    s->unsettled++;
    if (flags & CLONE_VFORK) {
        t->let_state = GUEST_AWAY;
    }
    return guest_let(t);
}

static void warn_of_setuid(struct supervisor *s, const struct guest_thread *t, const char *path)
{
    struct stat info;
    if (path[0] == '/' && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
        (info.st_mode & (S_ISUID | S_ISGID)) && info.st_uid != geteuid()) {
        guest_say(s,
                  "%s starts %s, which is setuid: guests cannot gain privileges, so it runs "
                  "without them. Run the simulation as the user that the program needs",
                  t->process->name, path);
    }
}

enum guest_verdict call_execve(struct supervisor *s, struct guest_thread *t)
{
    char path[4096];
    uint64_t address = t->call.nr == SYS_execveat ? t->call.arg[1] : t->call.arg[0];
    if (guest_read_text(t, address, path, sizeof path)) {
        warn_of_setuid(s, t, path);
        guest_process_rename(t->process->next_name, path);
    }
    t->process->image_is_new = true;
    return guest_let(t);
}

static bool is_last(const struct guest_thread *t)
{
    return t->process->threads == t && !t->next;
}

static void await_thread_end(const struct guest_thread *t)
{
    /* Some microseconds; the first thread of a process stays as a zombie. */
    while (syscall(SYS_tgkill, t->process->pid, t->tid, 0) == 0) {
        char state = t->tid == t->process->pid ? proc_state(t->tid) : 'R';
        if (state == 'Z' || state == 0) {
            return;
        }
        sched_yield();
    }
}

enum guest_verdict call_exit(struct supervisor *s, struct guest_thread *t)
{
    if (is_last(t) || s->cfg.real_time) {
        return call_exit_group(s, t);
    }
    notify_let(s->listener, t->call.id);
    await_thread_end(t);
    t->process->first_is_gone = t->process->first_is_gone || t->tid == t->process->pid;
    guest_table_remove_thread(s, t);
    futex_look_again(s);
    return GUEST_GONE;
}

enum guest_verdict call_exit_group(struct supervisor *s, struct guest_thread *t)
{
    if (can_channel_delays_exit(s, t->process)) {
        t->wait.wants_can = true;
        t->wait.has_mask = true;
        t->wait.mask = UINT64_MAX; /* Nothing interrupts exit_group(): it never returns. */
        return guest_park(s, t, "a transmission to end, before it exits");
    }
    if (t->process->number == 1) {
        const pid_t pid = t->process->pid;
        s->usage = (struct supervisor_usage){proc_peak_bytes(pid), proc_open_files(pid)};
    }
    t->let_state = GUEST_LEAVES;
    return guest_let(t);
}

/* Dead children that somebody has waited for are forgotten. */
static void forget_reaped(struct supervisor *s, const struct guest_process *parent)
{
    for (struct guest_process *p = s->processes, *next; p; p = next) {
        next = p->next;
        char state = p->dead && p->parent == parent ? proc_state(p->pid) : 'R';
        if (state == 0 || state == 'X') {
            guest_table_forget(s, p);
        }
    }
}

/* Which children a call waits for. Identifiers are the supervisor's. */
struct child_wish {
    idtype_t type; /* P_ALL, P_PID, P_PGID. */
    pid_t id;
    bool ends; /* For those that have ended, stopped, gone on. */
    bool stops;
    bool continues;
    bool keeps; /* The news is still news afterwards (WNOWAIT). */
};

static bool is_wished(const struct guest_process *p, const struct child_wish *wish)
{
    return wish->type == P_ALL || (wish->type == P_PID && p->pid == wish->id) ||
           (wish->type == P_PGID && getpgid(p->pid) == wish->id);
}

static bool is_stop_news(const struct guest_process *p)
{
    char state = p->dead || p->stop_told ? 0 : proc_state(p->pid);
    return state == 'T' || state == 't';
}

/* As the kernel keeps it: a stop and a continuation are each told once (wait_task_stopped() and
 * wait_task_continued() in kernel/exit.c). */
static bool take_news(struct guest_process *p, const struct child_wish *wish)
{
    if (wish->ends && p->dead) {
        return true;
    }
    if (wish->stops && is_stop_news(p)) {
        p->stop_told = !wish->keeps;
        return true;
    }
    if (wish->continues && p->continued) {
        p->continued = wish->keeps;
        return true;
    }
    return false;
}

/* The kernel is asked as soon as it would answer at once: a child has ended, or there is none. */
static enum guest_verdict wait_for(struct supervisor *s, struct guest_thread *t,
                                   const struct child_wish *wish, bool hangs)
{
    bool any = false;
    forget_reaped(s, t->process);
    for (struct guest_process *p = s->processes; p; p = p->next) {
        bool mine = p->parent == t->process && is_wished(p, wish);
        if (mine && take_news(p, wish)) {
            return guest_let(t);
        }
        any = any || mine;
    }
    if (any && !hangs && t->call.wake == GUEST_WAKE_FIRST && guest_spins(s)) {
        return guest_spin_park(s, t);
    }
    if (!any || !hangs) {
        return guest_let(t);
    }
    t->wait.wants_child = true;
    t->wait.on_signal = GUEST_SIGNAL_RESTART;
    return guest_park(s, t, "a child process to end");
}

/* The supervisor's identifier of a process that a guest names; 0: there is none. */
static pid_t pid_outside(const struct supervisor *s, pid_t inside)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        if (p->inner_pid == inside) {
            return p->pid;
        }
    }
    return 0;
}

static pid_t id_outside(const struct supervisor *s, const struct guest_thread *t, idtype_t type,
                        pid_t id)
{
    if (type == P_PGID && id == 0) {
        return getpgid(t->process->pid);
    }
    return type == P_ALL ? 0 : pid_outside(s, id);
}

enum guest_verdict call_wait4(struct supervisor *s, struct guest_thread *t)
{
    pid_t id = (pid_t)t->call.arg[0];
    int options = (int)t->call.arg[2];
    idtype_t type = id == -1 ? P_ALL : id > 0 ? P_PID : P_PGID;
    if (id == INT_MIN) {
        return guest_error(t, ESRCH); /* kernel_wait4() */
    }
    struct child_wish wish = {.type = type,
                              .id = id_outside(s, t, type, id < 0 ? -id : id),
                              .ends = true,
                              .stops = options & WUNTRACED,
                              .continues = options & WCONTINUED};
    return wait_for(s, t, &wish, !(options & WNOHANG));
}

/* A pidfd is readable when its process has ended. */
static enum guest_verdict wait_for_pidfd(struct supervisor *s, struct guest_thread *t)
{
    int fd = guest_fd(t, (int)t->call.arg[1]);
    if (fd < 0) {
        return guest_let(t);
    }
    struct pollfd look = {.fd = fd, .events = POLLIN};
    if (poll(&look, 1, 0) != 0) {
        close(fd);
        return guest_let(t);
    }
    guest_wait_drop_fds(t);
    guest_wait_fd(t, fd, POLLIN);
    t->wait.on_signal = GUEST_SIGNAL_RESTART;
    return guest_park(s, t, "a child process to end");
}

enum guest_verdict call_waitid(struct supervisor *s, struct guest_thread *t)
{
    idtype_t type = (idtype_t)t->call.arg[0];
    int options = (int)t->call.arg[3];
    bool hangs = !(options & WNOHANG);
    if (type == P_PIDFD && hangs) {
        return wait_for_pidfd(s, t);
    }
    if (type == P_PIDFD || !(options & (WEXITED | WSTOPPED | WCONTINUED))) {
        return guest_let(t);
    }
    struct child_wish wish = {.type = type,
                              .id = id_outside(s, t, type, (pid_t)t->call.arg[1]),
                              .ends = options & WEXITED,
                              .stops = options & WSTOPPED,
                              .continues = options & WCONTINUED,
                              .keeps = options & WNOWAIT};
    return wait_for(s, t, &wish, hangs);
}

enum guest_verdict call_prctl(struct supervisor *s, struct guest_thread *t)
{
    if (t->call.arg[0] != GUEST_PRCTL_PAGE) {
        return guest_let(t);
    }
    switch (t->call.arg[1]) {
    case GUEST_PAGE_CLOCK: return guest_clock_give_page(s, t);
    case GUEST_PAGE_FAST: return guest_fast_give(s, t);
    case GUEST_POLL_ONE: return call_poll_one(s, t);
    default: return guest_error(t, EINVAL);
    }
}

/* Calls that are notified only because a new thread or a new program makes them first. */
enum guest_verdict call_birth_sign(struct supervisor *s, struct guest_thread *t)
{
    (void)s;
    return guest_let(t);
}
