/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_lock.c - file locks that are waited for: flock() and fcntl().
 *
 * A lock that belongs to the open file (flock(), F_OFD_SETLKW) can be taken through a duplicate of
 * the descriptor. One that belongs to the process cannot; the supervisor finds out whether it is
 * free. Whoever waits looks anew each time that others have run. */
#include "guest/calls.h"
#include "guest/can_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static enum guest_verdict wait_for_lock(struct supervisor *s, struct guest_thread *t)
{
    t->wait.wants_look = true;
    t->wait.on_signal = GUEST_SIGNAL_RESTART;
    return guest_park(s, t, "a file lock");
}

enum guest_verdict call_flock(struct supervisor *s, struct guest_thread *t)
{
    int operation = (int)t->call.arg[1];
    if (s->cfg.real_time || (operation & (LOCK_NB | LOCK_UN))) {
        return guest_let(t);
    }
    int copy = guest_fd(t, (int)t->call.arg[0]);
    if (copy < 0) {
        return guest_let(t);
    }
    int error = flock(copy, operation | LOCK_NB) == 0 ? 0 : errno;
    close(copy);
    if (error == EWOULDBLOCK) {
        return wait_for_lock(s, t);
    }
    return error ? guest_error(t, error) : guest_value(t, 0);
}

enum lock_try { LOCK_IS_OURS, LOCK_IS_FREE, LOCK_IS_TAKEN };

/* A lock that the process itself holds does not stand in its way; behind it there may be another
 * one that is not seen. */
static enum lock_try try_lock(const struct guest_thread *t, int copy, struct flock *lock)
{
    if ((int)t->call.arg[1] == F_OFD_SETLKW) {
        if (fcntl(copy, F_OFD_SETLK, lock) == 0) {
            return LOCK_IS_OURS;
        }
        return errno == EAGAIN || errno == EACCES ? LOCK_IS_TAKEN : LOCK_IS_FREE;
    }
    if (fcntl(copy, F_GETLK, lock) != 0) {
        return LOCK_IS_FREE; /* The kernel says what is wrong. */
    }
    return lock->l_type == F_UNLCK || lock->l_pid == t->process->pid ? LOCK_IS_FREE : LOCK_IS_TAKEN;
}

enum guest_verdict call_fcntl(struct supervisor *s, struct guest_thread *t)
{
    int command = (int)t->call.arg[1];
    struct flock lock;
    if (command == F_SETFL) {
        can_channel_flags_change(s, t);
    }
    if ((command != F_SETLKW && command != F_OFD_SETLKW) || s->cfg.real_time ||
        !guest_read(t, t->call.arg[2], &lock, sizeof lock) || lock.l_type == F_UNLCK) {
        return guest_let(t);
    }
    int copy = guest_fd(t, (int)t->call.arg[0]);
    if (copy < 0) {
        return guest_let(t);
    }
    enum lock_try result = try_lock(t, copy, &lock);
    close(copy);
    switch (result) {
    case LOCK_IS_OURS: return guest_value(t, 0);
    case LOCK_IS_FREE: return guest_let(t);
    case LOCK_IS_TAKEN: break;
    }
    return wait_for_lock(s, t);
}
