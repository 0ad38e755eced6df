/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_ipc.c - message queues and semaphores of System V, and message queues of POSIX.
 *
 * System V objects belong to the machine, so the supervisor can try an operation without waiting.
 * Whoever waits looks anew each time that others have run. None of these calls is restarted after a
 * signal handler but those of POSIX queues (signal(7)). */
#include "guest/calls.h"
#include "guest/calls_fd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>

/* Operations of one semop(): sysctl kernel.sem, SEMOPM. */
enum { SEM_OPS_MAX = 500, MESSAGE_MAX = 1 << 20 };

/* 0, or the errno of semop() that does not wait. What succeeds is taken back. */
static int try_operations(int id, const struct sembuf *operations, size_t len)
{
    struct sembuf trial[SEM_OPS_MAX];
    for (size_t i = 0; i < len; i++) {
        trial[i] = (struct sembuf){operations[i].sem_num, operations[i].sem_op, IPC_NOWAIT};
    }
    if (semop(id, trial, len) != 0) {
        return errno;
    }
    for (size_t i = 0; i < len; i++) {
        const struct sembuf *undone = &operations[len - 1 - i];
        trial[i] = (struct sembuf){undone->sem_num, (short)-undone->sem_op, IPC_NOWAIT};
    }
    /* Waiting for zero has nothing to take back, and need not hold in between. */
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (trial[i].sem_op != 0) {
            trial[kept++] = trial[i];
        }
    }
    return kept == 0 || semop(id, trial, kept) == 0 ? 0 : errno;
}

static bool read_operations(const struct guest_thread *t, struct sembuf *operations)
{
    size_t len = t->call.arg[2];
    if (len == 0 || len > SEM_OPS_MAX ||
        !guest_read(t, t->call.arg[1], operations, len * sizeof *operations)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (operations[i].sem_flg & IPC_NOWAIT) {
            return false;
        }
    }
    return true;
}

enum guest_verdict call_semop(struct supervisor *s, struct guest_thread *t)
{
    struct sembuf operations[SEM_OPS_MAX];
    uint64_t ns = 0;
    bool has_time = t->call.nr == SYS_semtimedop && t->call.arg[3] != 0;
    if (s->cfg.real_time || !read_operations(t, operations) ||
        (has_time && guest_read_timespec(t, t->call.arg[3], &ns) != 0) ||
        try_operations((int)t->call.arg[0], operations, t->call.arg[2]) != EAGAIN) {
        return guest_let(t);
    }
    if (t->call.wake == GUEST_WAKE_TIMEOUT) {
        return guest_error(t, EAGAIN);
    }
    if (t->call.wake == GUEST_WAKE_FIRST && has_time) {
        t->wait.deadline_ns = guest_deadline(s, ns);
    }
    t->wait.wants_look = true;
    return guest_park(s, t, "a System V semaphore");
}

static enum guest_verdict finish_message(struct supervisor *s, struct guest_thread *t,
                                         void *message, int64_t result, int error)
{
    free(message);
    if (result >= 0) {
        return guest_value(t, result);
    }
    if (error == EAGAIN || error == ENOMSG) {
        t->wait.wants_look = true;
        return guest_park(s, t, "a System V message queue");
    }
    return error == EFAULT ? guest_error(t, EFAULT) : guest_let(t);
}

enum guest_verdict call_msgrcv(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    int flags = (int)arg[4];
    if (s->cfg.real_time || (flags & IPC_NOWAIT) || arg[2] > MESSAGE_MAX) {
        return guest_let(t);
    }
    long *message = malloc(sizeof *message + arg[2]);
    if (!message) {
        return guest_error(t, ENOMEM);
    }
    ssize_t n = msgrcv((int)arg[0], message, arg[2], (long)arg[3], flags | IPC_NOWAIT);
    int error = errno;
    if (n >= 0 && !guest_write(t, arg[1], message, sizeof *message + (size_t)n)) {
        n = -1;
        error = EFAULT;
    }
    return finish_message(s, t, message, n, error);
}

enum guest_verdict call_msgsnd(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    int flags = (int)arg[3];
    if (s->cfg.real_time || (flags & IPC_NOWAIT) || arg[2] > MESSAGE_MAX) {
        return guest_let(t);
    }
    long *message = malloc(sizeof *message + arg[2]);
    if (!message) {
        return guest_error(t, ENOMEM);
    }
    int result = -1;
    int error = EFAULT;
    if (guest_read(t, arg[1], message, sizeof *message + arg[2])) {
        result = msgsnd((int)arg[0], message, arg[2], flags | IPC_NOWAIT);
        error = errno;
    }
    return finish_message(s, t, message, result, error);
}

/* The descriptor of a POSIX queue can be polled (mq_overview(7)). */
enum guest_verdict call_mq(struct supervisor *s, struct guest_thread *t)
{
    short events = t->call.nr == SYS_mq_timedsend ? POLLOUT : POLLIN;
    struct fd_need need = {(int)t->call.arg[0], events, 0, false, "a message queue"};
    uint64_t ns = 0;
    int copy = s->cfg.real_time ? -1 : fd_look(t, need.fd);
    if (copy < 0) {
        return guest_let(t);
    }
    if (fd_poll(copy, events) || fd_is_nonblocking(copy) ||
        (t->call.arg[4] && guest_read_timespec(t, t->call.arg[4], &ns) != 0)) {
        fd_look_end(t, copy);
        return guest_let(t);
    }
    if (t->call.wake == GUEST_WAKE_TIMEOUT) {
        return guest_error(t, ETIMEDOUT);
    }
    enum guest_verdict verdict = fd_wait(s, t, copy, &need);
    if (t->call.wake == GUEST_WAKE_FIRST && t->call.arg[4]) {
        t->wait.deadline_ns = guest_clock_instant(s, CLOCK_REALTIME, ns);
    }
    return verdict;
}
