/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_refused.c - calls that cannot be emulated: named when they are met, with what to do,
 * and refused as a kernel without them would. */
#include "guest/calls.h"

#include <errno.h>
#include <sys/syscall.h>

/* Newer than the headers of Debian 12 (asm/unistd_64.h). */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef SYS_futex_wake
#define SYS_futex_wake    454
#define SYS_futex_wait    455
#define SYS_futex_requeue 456
#endif

struct refusal {
    int nr;
    int error;
    const char *what;
    const char *advice;
};

static const char use_old[] = "programs go back to futex(); nothing to do unless it gives up";
static const char use_threads[] = "programs go back to ordinary calls; nothing to do unless it "
                                  "gives up: then switch that back end off in it";

static const struct refusal refusals[] = {
    {SYS_io_uring_setup, ENOSYS, "io_uring", use_threads},
    {SYS_io_uring_enter, ENOSYS, "io_uring", use_threads},
    {SYS_io_uring_register, ENOSYS, "io_uring", use_threads},
    {SYS_io_setup, ENOSYS, "the kernel's asynchronous input and output", use_threads},
    {SYS_ptrace, EPERM, "tracing by ptrace (strace, gdb, LeakSanitizer)",
     "attach from outside, or set ASAN_OPTIONS=detect_leaks=0"},
    {SYS_userfaultfd, ENOSYS, "userfaultfd", "run it with --realtime"},
    {SYS_futex_waitv, ENOSYS, "futex_waitv", use_old},
    {SYS_futex_wake, ENOSYS, "the futex calls of Linux 6.7", use_old},
    {SYS_futex_wait, ENOSYS, "the futex calls of Linux 6.7", use_old},
    {SYS_futex_requeue, ENOSYS, "the futex calls of Linux 6.7", use_old},
};

enum guest_verdict call_refused(struct supervisor *s, struct guest_thread *t)
{
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        if (refusals[i].nr == t->call.nr) {
            guest_say(s, "%s wants %s, which has no place in virtual time: refused; %s",
                      t->process->name, refusals[i].what, refusals[i].advice);
            return guest_error(t, refusals[i].error);
        }
    }
    return guest_error(t, ENOSYS);
}
