/* SPDX-License-Identifier: Apache-2.0 */
/* guest/notify.h - the kernel side of notified system calls: the filter and the listener
 * (seccomp(2), seccomp_unotify(2)). */
#ifndef GUEST_NOTIFY_H
#define GUEST_NOTIFY_H

#include "guest/guest_thread.h"

#include <linux/seccomp.h>

/* A system call that does not exist: the preload library asks for the clock page with it, by
 * prctl(GUEST_PRCTL_PAGE). The filter notifies prctl with this first argument only. */
#define GUEST_PRCTL_PAGE 0x4C696D70

struct notice {
    pid_t tid;     /* 0: the task is dying. */
    uint32_t arch; /* AUDIT_ARCH_*. */
    struct guest_call call;
};

/* Installs the filter for this thread and all that it will start, for the calls of the list.
 * Returns the listener, or a negative errno. NO_NEW_PRIVS must be set. Only for the process that
 * becomes the first guest: there is no way back. */
int notify_install(const int *calls, size_t calls_len);

/* Asks for SYNC_WAKE_UP. False: the kernel has none (before Linux 6.6). With it hand-overs on one
 * core then cost a third. */
bool notify_make_sync(int listener);

/* Waits for the next notice. False: none came, because the caller died meanwhile. */
bool notify_receive(int listener, struct notice *notice);

/* The answers. False: the thread is gone. */
bool notify_value(int listener, uint64_t id, int64_t value);
bool notify_error(int listener, uint64_t id,
                  int error); /* error: negative, as the kernel has it. */
bool notify_let(int listener, uint64_t id);
/* Puts a duplicate of fd into the guest and answers with its number. A negative errno value on
 * failure: ENOENT if the thread is gone, else a refusal (EMFILE). */
int notify_give_fd(int listener, uint64_t id, int fd, bool cloexec);
/* While the thread waits for its answer: its descriptor `number` becomes a duplicate of fd. */
bool notify_put_fd(int listener, uint64_t id, int fd, int number);
/* The thread still waits for the answer. */
bool notify_is_valid(int listener, uint64_t id);

#endif
