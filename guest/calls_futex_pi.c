/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_futex_pi.c - futex locks with priority inheritance (futex(2), "Priority-inheritance
 * futexes"). All guests have one priority, so what is left is the hand-over: the word holds the
 * owner's identifier, and the one that unlocks gives it to who has waited longest. */
#include "guest/futex.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static uint32_t own_identifier(struct guest_thread *t)
{
    if (t->inner_tid == 0) {
        t->inner_tid = proc_inner_pid(t->tid);
    }
    return (uint32_t)t->inner_tid;
}

static bool put_word(const struct guest_thread *t, uint32_t word)
{
    return guest_write(t, t->call.arg[0], &word, sizeof word);
}

/* Absolute, of CLOCK_REALTIME for LOCK_PI whatever its flags say. */
static int read_deadline(struct supervisor *s, struct guest_thread *t, int op)
{
    uint64_t ns;
    if (!t->call.arg[3]) {
        return 0;
    }
    int code = guest_read_timespec(t, t->call.arg[3], &ns);
    bool monotonic = (op & FUTEX_CMD_MASK) == FUTEX_LOCK_PI2 && !(op & FUTEX_CLOCK_REALTIME);
    if (code == 0) {
        t->wait.deadline_ns =
            guest_clock_instant(s, monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, ns);
    }
    return code;
}

static enum guest_verdict lock(struct supervisor *s, struct guest_thread *t, int op, uint32_t word,
                               const struct guest_futex_key *key)
{
    uint32_t own = own_identifier(t);
    if ((word & FUTEX_TID_MASK) == 0) {
        return put_word(t, (word & FUTEX_OWNER_DIED) | own) ? guest_value(t, 0)
                                                            : guest_error(t, EFAULT);
    }
    if ((word & FUTEX_TID_MASK) == own) {
        return guest_error(t, EDEADLK);
    }
    if ((op & FUTEX_CMD_MASK) == FUTEX_TRYLOCK_PI) {
        return guest_error(t, EAGAIN);
    }
    int code = read_deadline(s, t, op);
    if (code) {
        return guest_error(t, -code);
    }
    if (!put_word(t, word | FUTEX_WAITERS)) {
        return guest_error(t, EFAULT);
    }
    /* No look at the word when a thread ends: an owner hands it over, or it is never free. */
    t->wait.futex_bits = UINT32_MAX;
    t->wait.scratch[0] = 0;
    t->wait.on_signal = GUEST_SIGNAL_RESTART;
    t->wait.on_interrupt = futex_leave;
    futex_join(s, t, key);
    return guest_park(s, t, "a lock (futex)");
}

static enum guest_verdict unlock(struct supervisor *s, struct guest_thread *t, uint32_t word,
                                 const struct guest_futex_key *key)
{
    if ((word & FUTEX_TID_MASK) != own_identifier(t)) {
        return guest_error(t, EPERM);
    }
    struct guest_thread *next = futex_first(s, key);
    if (next) {
        futex_wake(s, next);
    }
    uint32_t waiters = next && futex_first(s, key) ? FUTEX_WAITERS : 0;
    return put_word(t, next ? own_identifier(next) | waiters : 0) ? guest_value(t, 0)
                                                                  : guest_error(t, EFAULT);
}

enum guest_verdict futex_inheriting(struct supervisor *s, struct guest_thread *t)
{
    int op = (int)t->call.arg[1];
    uint32_t word;
    if (!guest_read(t, t->call.arg[0], &word, sizeof word)) {
        return guest_error(t, EFAULT);
    }
    struct guest_futex_key key = futex_key(t, t->call.arg[0], op & FUTEX_PRIVATE_FLAG);
    return (op & FUTEX_CMD_MASK) == FUTEX_UNLOCK_PI ? unlock(s, t, word, &key)
                                                    : lock(s, t, op, word, &key);
}
