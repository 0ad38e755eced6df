/* SPDX-License-Identifier: Apache-2.0 */
/* guest/twin_fork.c - lets a guest fork from outside. */
#include "guest/twin_fork.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

/* The kernel's own "begin anew" (include/linux/errno.h): it lets a thread out of its call. */
enum { KERNEL_RESTARTNOHAND = 514, CALL_BYTES = 2 /* The instruction. */ };

static long trace(int request, pid_t tid, void *data)
{
    return ptrace((enum __ptrace_request)request, tid, NULL, data) == -1 ? -errno : 0;
}

static long trace_options(pid_t tid)
{
    const uintptr_t options = PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK;
    return trace(PTRACE_SEIZE, tid, (void *)options);
}

/* True: it stands still. */
static bool await_stop(pid_t tid, int *status)
{
    pid_t got = 0;
    do {
        got = waitpid(tid, status, __WALL);
    } while (got < 0 && errno == EINTR);
    return got == tid && WIFSTOPPED(*status);
}

/* Out of its notified call, before it would be begun anew. */
static int take_out(int listener, pid_t tid, uint64_t call_id, struct user_regs_struct *regs)
{
    int status = 0;
    long rc = trace_options(tid);
    rc = rc != 0 ? rc : trace(PTRACE_INTERRUPT, tid, NULL);
    if (rc == 0 && !notify_error(listener, call_id, -KERNEL_RESTARTNOHAND)) {
        rc = -ESRCH;
    }
    if (rc == 0 && !await_stop(tid, &status)) {
        rc = -ESRCH;
    }
    return (int)(rc != 0 ? rc : trace(PTRACE_GETREGS, tid, regs));
}

/* As it stood, about to make that call anew. */
static struct user_regs_struct anew(const struct user_regs_struct *regs)
{
    struct user_regs_struct to = *regs;
    to.rip -= CALL_BYTES;
    to.rax = regs->orig_rax;
    to.orig_rax = (unsigned long long)-1;
    return to;
}

/* The parent becomes the child's too: nobody of the program has to wait for it. */
static int start_clone(int listener, pid_t tid, const struct user_regs_struct *regs)
{
    struct notice notice;
    struct user_regs_struct clone = anew(regs);
    clone.rax = SYS_clone;
    clone.rdi = CLONE_PARENT | SIGCHLD;
    clone.rsi = clone.rdx = clone.r10 = clone.r8 = 0;
    long rc = trace(PTRACE_SETREGS, tid, &clone);
    rc = rc != 0 ? rc : trace(PTRACE_CONT, tid, NULL);
    if (rc == 0 && (!notify_receive(listener, &notice) || notice.tid != tid ||
                    notice.call.nr != SYS_clone || !notify_let(listener, notice.call.id))) {
        rc = -ESRCH;
    }
    return (int)rc;
}

static int await_clone(pid_t tid, pid_t *child)
{
    int status = 0;
    unsigned long message = 0;
    if (!await_stop(tid, &status)) {
        return -ESRCH;
    }
    if (status >> 16 != PTRACE_EVENT_FORK && status >> 16 != PTRACE_EVENT_CLONE) {
        return -EAGAIN; /* The kernel refused: no memory, too many processes. */
    }
    long rc = trace(PTRACE_GETEVENTMSG, tid, &message);
    *child = (pid_t)message;
    /* On to the end of the call: what is set before would be overwritten. */
    rc = rc != 0 ? rc : trace(PTRACE_SYSCALL, tid, NULL);
    if (rc == 0 && (!await_stop(tid, &status) || !await_stop(*child, &status))) {
        rc = -ESRCH;
    }
    return (int)rc;
}

static int let_go(pid_t tid, struct user_regs_struct *regs)
{
    const long rc = trace(PTRACE_SETREGS, tid, regs);
    return (int)(rc != 0 ? rc : trace(PTRACE_DETACH, tid, NULL));
}

static int await_calls(int listener, pid_t tid, struct twin_fork *twin)
{
    struct notice notice;
    for (int i = 0; i < 2; i++) {
        if (!notify_receive(listener, &notice)) {
            return -ESRCH;
        }
        if (notice.tid == tid) {
            twin->call_id = notice.call.id;
        } else if (notice.tid == twin->child) {
            twin->child_call_id = notice.call.id;
        }
    }
    return twin->call_id != 0 && twin->child_call_id != 0 ? 0 : -ESRCH;
}

int twin_fork(int listener, pid_t tid, uint64_t call_id, struct twin_fork *twin)
{
    struct user_regs_struct regs;
    *twin = (struct twin_fork){.child = 0};
    int rc = take_out(listener, tid, call_id, &regs);
    rc = rc != 0 ? rc : start_clone(listener, tid, &regs);
    rc = rc != 0 ? rc : await_clone(tid, &twin->child);
    if (rc == 0) {
        struct user_regs_struct back = anew(&regs);
        rc = let_go(tid, &back);
        rc = rc != 0 ? rc : let_go(twin->child, &back);
    }
    return rc != 0 ? rc : await_calls(listener, tid, twin);
}
