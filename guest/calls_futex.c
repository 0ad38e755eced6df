/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_futex.c - handler: futex (futex(2)), under locks, condition variables, semaphores,
 * joins and barriers.
 *
 * Waiters stand in the supervisor's table, not in the kernel's; so waking and moving them is done
 * here too. */
#include "guest/calls.h"
#include "guest/futex.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FUTEX_CHAINS = 256 };

static size_t chain_of(const struct guest_futex_key *key)
{
    uint64_t hash = (key->space * 0x9E3779B97F4A7C15u) ^ (key->inode * 0xC2B2AE3D27D4EB4Fu) ^
                    (key->offset >> 2) * 0x165667B19E3779F9u;
    return (size_t)(hash >> 56) % FUTEX_CHAINS;
}

static bool same_key(const struct guest_futex_key *a, const struct guest_futex_key *b)
{
    return a->space == b->space && a->inode == b->inode && a->offset == b->offset;
}

/* The line of /proc/PID/maps that holds the address: a shared mapping is known by device and inode,
 * so that two processes that map it at different places mean one word. */
static bool shared_key(const struct guest_thread *t, uint64_t address, struct guest_futex_key *key)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)t->tid);
    FILE *maps = fopen(name, "re");
    char line[4352];
    bool found = false;
    while (maps && !found && fgets(line, sizeof line, maps)) {
        uint64_t from, to, offset, inode;
        unsigned major, minor;
        char mode[8];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %x:%x %" SCNu64, &from, &to, mode,
                   &offset, &major, &minor, &inode) == 7 &&
            address >= from && address < to) {
            found = mode[3] == 's';
            *key = (struct guest_futex_key){.space = ((uint64_t)major << 32) | minor,
                                            .inode = inode,
                                            .offset = address - from + offset};
            break;
        }
    }
    if (maps) {
        fclose(maps);
    }
    return found;
}

struct guest_futex_key futex_key(const struct guest_thread *t, uint64_t address, bool private)
{
    struct guest_futex_key key;
    if (private || !shared_key(t, address, &key)) {
        key = (struct guest_futex_key){.space = t->process->space, .offset = address};
    }
    return key;
}

void futex_join(struct supervisor *s, struct guest_thread *t, const struct guest_futex_key *key)
{
    struct guest_thread **head = &s->futexes[chain_of(key)];
    t->wait.futex = *key;
    t->wait.in_futex = true;
    t->wait.futex_next = NULL;
    t->wait.futex_prev = NULL;
    struct guest_thread *last = *head;
    if (!last) {
        *head = t;
        return;
    }
    while (last->wait.futex_next) {
        last = last->wait.futex_next;
    }
    last->wait.futex_next = t;
    t->wait.futex_prev = last;
}

void futex_leave(struct supervisor *s, struct guest_thread *t)
{
    if (!t->wait.in_futex) {
        return;
    }
    if (t->wait.futex_prev) {
        t->wait.futex_prev->wait.futex_next = t->wait.futex_next;
    } else {
        s->futexes[chain_of(&t->wait.futex)] = t->wait.futex_next;
    }
    if (t->wait.futex_next) {
        t->wait.futex_next->wait.futex_prev = t->wait.futex_prev;
    }
    t->wait.in_futex = false;
}

void futex_wake(struct supervisor *s, struct guest_thread *t)
{
    futex_leave(s, t);
    t->wait.futex_woken = true;
    guest_wake(s, t);
}

struct guest_thread *futex_first(struct supervisor *s, const struct guest_futex_key *key)
{
    struct guest_thread *t = s->futexes[chain_of(key)];
    while (t && !same_key(&t->wait.futex, key)) {
        t = t->wait.futex_next;
    }
    return t;
}

/* In the order in which they came. */
static int64_t wake_some(struct supervisor *s, const struct guest_futex_key *key, int count,
                         uint32_t bits)
{
    int64_t woken = 0;
    for (struct guest_thread *t = s->futexes[chain_of(key)], *next; t && woken < count; t = next) {
        next = t->wait.futex_next;
        if (same_key(&t->wait.futex, key) && (t->wait.futex_bits & bits)) {
            futex_wake(s, t);
            woken++;
        }
    }
    return woken;
}

/* What futex_look_again() compares: from here on the word that it was moved to, as it is now. In
 * another process that may lie elsewhere. */
static void expect_word(struct guest_thread *t, const struct guest_thread *mover)
{
    uint32_t word = 0;
    bool same_space = t->process->space == mover->process->space;
    bool known = same_space && guest_read(t, mover->call.arg[4], &word, sizeof word);
    t->wait.scratch[0] = known ? mover->call.arg[4] : 0;
    t->wait.scratch[1] = word;
}

/* The kernel counts after it has woken one, so 0 and less mean 1 (futex_wake() in
 * kernel/futex/waitwake.c). */
static int wake_count(uint64_t argument)
{
    return (int)argument > 1 ? (int)argument : 1;
}

static int64_t move_some(struct supervisor *s, const struct guest_thread *mover,
                         const struct guest_futex_key *from, const struct guest_futex_key *to,
                         int count)
{
    int64_t moved = 0;
    for (struct guest_thread *t = s->futexes[chain_of(from)], *next; t && moved < count; t = next) {
        next = t->wait.futex_next;
        if (same_key(&t->wait.futex, from)) {
            futex_leave(s, t);
            futex_join(s, t, to);
            expect_word(t, mover);
            moved++;
        }
    }
    return moved;
}

void futex_look_again(struct supervisor *s)
{
    for (size_t i = 0; i < FUTEX_CHAINS; i++) {
        for (struct guest_thread *t = s->futexes[i], *next; t; t = next) {
            uint32_t word;
            next = t->wait.futex_next;
            if (guest_read(t, t->wait.scratch[0], &word, sizeof word) &&
                word != (uint32_t)t->wait.scratch[1]) {
                futex_wake(s, t);
            }
        }
    }
}

/* WAIT: relative to CLOCK_MONOTONIC; WAIT_BITSET: absolute on the clock of the flag. */
static int read_deadline(struct supervisor *s, struct guest_thread *t, int command, int op)
{
    uint64_t ns;
    if (!t->call.arg[3]) {
        return 0;
    }
    int code = guest_read_timespec(t, t->call.arg[3], &ns);
    if (code) {
        return code;
    }
    clockid_t clock = op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    t->wait.deadline_ns =
        command == FUTEX_WAIT ? guest_deadline(s, ns) : guest_clock_instant(s, clock, ns);
    return 0;
}

static enum guest_verdict wait_on(struct supervisor *s, struct guest_thread *t, int op,
                                  uint32_t bits)
{
    uint64_t address = t->call.arg[0];
    uint32_t word;
    int code = read_deadline(s, t, op & FUTEX_CMD_MASK, op);
    if (code) {
        return guest_error(t, -code);
    }
    if (bits == 0) {
        return guest_error(t, EINVAL);
    }
    if (!guest_read(t, address, &word, sizeof word)) {
        return guest_error(t, EFAULT);
    }
    if (word != (uint32_t)t->call.arg[2]) {
        return guest_error(t, EAGAIN);
    }
    struct guest_futex_key key = futex_key(t, address, op & FUTEX_PRIVATE_FLAG);
    t->wait.futex_bits = bits;
    t->wait.scratch[0] = address;
    t->wait.scratch[1] = word;
    t->wait.on_signal = t->call.arg[3] ? GUEST_SIGNAL_EINTR : GUEST_SIGNAL_RESTART;
    t->wait.on_interrupt = futex_leave;
    futex_join(s, t, &key);
    return guest_park(s, t, "a lock or another thread (futex)");
}

static enum guest_verdict look_again(struct supervisor *s, struct guest_thread *t)
{
    if (t->wait.futex_woken) {
        return guest_value(t, 0);
    }
    if (t->call.wake == GUEST_WAKE_TIMEOUT) {
        futex_leave(s, t);
        return guest_error(t, ETIMEDOUT);
    }
    return guest_park(s, t, t->wait.what);
}

static enum guest_verdict wake(struct supervisor *s, struct guest_thread *t, bool private,
                               uint32_t bits)
{
    struct guest_futex_key key = futex_key(t, t->call.arg[0], private);
    return bits ? guest_value(t, wake_some(s, &key, wake_count(t->call.arg[2]), bits))
                : guest_error(t, EINVAL);
}

/* The arguments of FUTEX_OP() are twelve bits each, with a sign. */
static int32_t signed_12(unsigned bits)
{
    return (int32_t)((bits & 0xFFF) ^ 0x800) - 0x800;
}

static bool compares(uint32_t old, unsigned operation)
{
    int32_t value = signed_12(operation);
    int32_t have = (int32_t)old;
    switch ((operation >> 24) & 0xF) {
    case FUTEX_OP_CMP_EQ: return have == value;
    case FUTEX_OP_CMP_NE: return have != value;
    case FUTEX_OP_CMP_LT: return have < value;
    case FUTEX_OP_CMP_LE: return have <= value;
    case FUTEX_OP_CMP_GT: return have > value;
    default: return have >= value;
    }
}

static uint32_t operate(uint32_t old, unsigned operation)
{
    uint32_t value = (uint32_t)signed_12(operation >> 12);
    unsigned kind = operation >> 28;
    value = kind & FUTEX_OP_OPARG_SHIFT ? 1u << (value & 31) : value;
    switch (kind & 7) {
    case FUTEX_OP_SET: return value;
    case FUTEX_OP_ADD: return old + value;
    case FUTEX_OP_OR: return old | value;
    case FUTEX_OP_ANDN: return old & ~value;
    default: return old ^ value;
    }
}

static enum guest_verdict wake_op(struct supervisor *s, struct guest_thread *t, bool private)
{
    unsigned operation = (unsigned)t->call.arg[5];
    uint32_t word;
    if (!guest_read(t, t->call.arg[4], &word, sizeof word)) {
        return guest_error(t, EFAULT);
    }
    uint32_t changed = operate(word, operation);
    if (!guest_write(t, t->call.arg[4], &changed, sizeof changed)) {
        return guest_error(t, EFAULT);
    }
    struct guest_futex_key first = futex_key(t, t->call.arg[0], private);
    struct guest_futex_key second = futex_key(t, t->call.arg[4], private);
    int64_t woken = wake_some(s, &first, wake_count(t->call.arg[2]), UINT32_MAX);
    if (compares(word, operation)) {
        woken += wake_some(s, &second, wake_count(t->call.arg[3]), UINT32_MAX);
    }
    return guest_value(t, woken);
}

static enum guest_verdict requeue(struct supervisor *s, struct guest_thread *t, bool compare,
                                  bool private)
{
    int wakes = (int)t->call.arg[2];
    int moves = (int)t->call.arg[3];
    uint32_t word;
    if (wakes < 0 || moves < 0) {
        return guest_error(t, EINVAL);
    }
    if (compare && !guest_read(t, t->call.arg[0], &word, sizeof word)) {
        return guest_error(t, EFAULT);
    }
    if (compare && word != (uint32_t)t->call.arg[5]) {
        return guest_error(t, EAGAIN);
    }
    struct guest_futex_key from = futex_key(t, t->call.arg[0], private);
    struct guest_futex_key to = futex_key(t, t->call.arg[4], private);
    int64_t woken = wake_some(s, &from, wakes, UINT32_MAX);
    /* Both are counted, whatever futex(2) says of FUTEX_REQUEUE (futex_requeue() in
     * kernel/futex/requeue.c). */
    return guest_value(t, woken + move_some(s, t, &from, &to, moves));
}

enum guest_verdict call_futex(struct supervisor *s, struct guest_thread *t)
{
    int op = (int)t->call.arg[1];
    bool private = op & FUTEX_PRIVATE_FLAG;
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return look_again(s, t);
    }
    if (t->call.arg[0] % sizeof(uint32_t)) {
        return guest_error(t, EINVAL);
    }
    switch (op & FUTEX_CMD_MASK) {
    case FUTEX_WAIT: return wait_on(s, t, op, UINT32_MAX);
    case FUTEX_WAIT_BITSET: return wait_on(s, t, op, (uint32_t)t->call.arg[5]);
    case FUTEX_WAKE: return wake(s, t, private, UINT32_MAX);
    case FUTEX_WAKE_BITSET: return wake(s, t, private, (uint32_t)t->call.arg[5]);
    case FUTEX_REQUEUE: return requeue(s, t, false, private);
    case FUTEX_CMP_REQUEUE: return requeue(s, t, true, private);
    case FUTEX_WAKE_OP: return wake_op(s, t, private);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_TRYLOCK_PI:
    case FUTEX_UNLOCK_PI: return futex_inheriting(s, t);
    default: return guest_let(t);
    }
}
