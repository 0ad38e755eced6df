/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_signal.c - handlers: sending signals and waiting for them. */
#include "guest/calls.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Signals that end a process without a core file when nothing was arranged for them (signal(7)).
 * The kernel does that at once, also to threads that are parked (complete_signal() in
 * kernel/signal.c). */
static bool ends_at_once(int signal)
{
    static const int others[] = {SIGCHLD, SIGCONT,  SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
                                 SIGURG,  SIGWINCH, SIGQUIT, SIGILL,  SIGABRT, SIGFPE,
                                 SIGSEGV, SIGBUS,   SIGSYS,  SIGTRAP, SIGXCPU, SIGXFSZ};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        if (signal == others[i]) {
            return false;
        }
    }
    return signal > 0 && signal <= 64;
}

static bool is_doomed(const struct guest_process *p, int signal)
{
    struct proc_signals now;
    uint64_t bit = signal > 0 && signal <= 64 ? (uint64_t)1 << (signal - 1) : 0;
    if (p->dead || p->ended || !p->threads || !ends_at_once(signal) ||
        !proc_signals(p->threads->tid, &now)) {
        return false;
    }
    return signal == SIGKILL || !((now.blocked | now.ignored | now.caught) & bit);
}

/* Who is meant: one process, a process group (0: the caller's own), or all (kill(2)). */
static bool is_meant(const struct guest_thread *t, const struct guest_process *p, pid_t id)
{
    if (p == t->process) {
        return false;
    }
    if (id > 0 || id == -1) {
        return id == -1 || p->inner_pid == id;
    }
    pid_t group = getpgid(p->pid);
    if (id == INT_MIN) {
        return false; /* ESRCH: kill_something_info() in kernel/signal.c. */
    }
    return id == 0 ? group == getpgid(t->process->pid) : proc_inner_pid(group) == -id;
}

/* The kernel would end the receivers while the caller runs on, and whether it hears of that a
 * moment earlier or later would be chance. So the supervisor ends them, and the caller waits
 * meanwhile. */
static size_t end_the_doomed(struct supervisor *s, const struct guest_thread *t, pid_t id,
                             int signal)
{
    size_t ended = 0;
    for (struct guest_process *p = s->processes; p; p = p->next) {
        if (is_meant(t, p, id) && is_doomed(p, signal) && kill(p->pid, signal) == 0) {
            ended++;
        }
    }
    return ended;
}

/* All others are the kernel's; whom a signal reaches is found out when all threads stand still. */
enum guest_verdict call_kill(struct supervisor *s, struct guest_thread *t)
{
    bool with_thread = t->call.nr == SYS_tgkill || t->call.nr == SYS_rt_tgsigqueueinfo;
    bool by_process = with_thread || t->call.nr == SYS_kill || t->call.nr == SYS_rt_sigqueueinfo;
    pid_t id = (pid_t)t->call.arg[0];
    int signal = (int)t->call.arg[with_thread ? 2 : 1];
    s->look_at_signals = true;
    s->look_for_dying = true;
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return id > 0 ? guest_value(t, 0) : guest_let(t);
    }
    if (by_process && !s->cfg.real_time && end_the_doomed(s, t, id, signal) > 0) {
        t->wait.deadline_ns = s->sim->now_ns;
        t->wait.has_mask = true;
        t->wait.mask = UINT64_MAX; /* kill() does not wait, so nothing interrupts it. */
        return guest_park(s, t, "another process to end");
    }
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
