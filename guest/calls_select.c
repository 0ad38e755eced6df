/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_select.c - select() and pselect6(). */
#include "guest/calls.h"
#include "guest/calls_poll.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { SELECT_MAX = 65536, SELECT_SETS = 3, WORD_BITS = 64 };

/* What counts for each of the three sets (POLLIN_SET and the others in fs/select.c). */
static const short set_events[SELECT_SETS] = {
    POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
    POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
    POLLPRI,
};

struct select_sets {
    uint64_t word[SELECT_SETS][SELECT_MAX / WORD_BITS];
    size_t words;
};

static bool is_in(const struct select_sets *sets, int set, size_t fd)
{
    return (sets->word[set][fd / WORD_BITS] >> (fd % WORD_BITS) & 1) != 0;
}

static bool move_sets(const struct guest_thread *t, struct select_sets *sets, bool out)
{
    for (int set = 0; set < SELECT_SETS; set++) {
        uint64_t address = t->call.arg[1 + set];
        size_t bytes = sets->words * sizeof(uint64_t);
        if (!address) {
            memset(sets->word[set], 0, bytes);
        } else if (out ? !guest_write(t, address, sets->word[set], bytes)
                       : !guest_read(t, address, sets->word[set], bytes)) {
            return false;
        }
    }
    return true;
}

static short wanted(const struct select_sets *sets, size_t fd)
{
    short events = 0;
    for (int set = 0; set < SELECT_SETS; set++) {
        events |= is_in(sets, set, fd) ? set_events[set] : 0;
    }
    return events;
}

static size_t count_wanted(const struct select_sets *sets, size_t nfds)
{
    size_t len = 0;
    for (size_t fd = 0; fd < nfds; fd++) {
        if (sets->word[0][fd / WORD_BITS] | sets->word[1][fd / WORD_BITS] |
            sets->word[2][fd / WORD_BITS]) {
            len += wanted(sets, fd) != 0;
        } else {
            fd |= WORD_BITS - 1; /* The whole word is empty. */
        }
    }
    return len;
}

static void list_wanted(const struct select_sets *sets, size_t nfds, struct poll_look *look)
{
    size_t n = 0;
    for (size_t fd = 0; fd < nfds && n < look->len; fd++) {
        short events = wanted(sets, fd);
        if (events) {
            look->asked[n++] = (struct pollfd){.fd = (int)fd, .events = events};
        }
    }
}

/* Leaves in the sets what is ready. Returns the number of bits. */
static int64_t keep_ready(struct select_sets *sets, const struct poll_look *look)
{
    int64_t bits = 0;
    for (size_t i = 0; i < look->len; i++) {
        size_t fd = (size_t)look->asked[i].fd;
        for (int set = 0; set < SELECT_SETS; set++) {
            uint64_t bit = (uint64_t)1 << (fd % WORD_BITS);
            if (!is_in(sets, set, fd)) {
                continue;
            }
            if (look->asked[i].revents & set_events[set]) {
                bits++;
            } else {
                sets->word[set][fd / WORD_BITS] &= ~bit;
            }
        }
    }
    return bits;
}

static bool has_bad(const struct poll_look *look)
{
    for (size_t i = 0; i < look->len; i++) {
        if (look->asked[i].revents & POLLNVAL) {
            return true;
        }
    }
    return false;
}

static void write_remaining(struct supervisor *s, struct guest_thread *t)
{
    if (t->call.arg[4] == 0 || t->wait.deadline_ns == SIM_NEVER) {
        return;
    }
    uint64_t ns = poll_time_remaining(s, t);
    uint64_t part = t->call.nr == SYS_select ? ns % 1000000000u / 1000u : ns % 1000000000u;
    int64_t left[2] = {(int64_t)(ns / 1000000000u), (int64_t)part};
    guest_write(t, t->call.arg[4], left, sizeof left);
}

static enum guest_verdict finish(struct supervisor *s, struct guest_thread *t,
                                 struct select_sets *sets, struct poll_look *look)
{
    int64_t bits = keep_ready(sets, look);
    poll_look_end(look);
    write_remaining(s, t);
    return move_sets(t, sets, true) ? guest_value(t, bits) : guest_error(t, EFAULT);
}

static enum guest_verdict wait_for_any(struct supervisor *s, struct guest_thread *t)
{
    size_t nfds = (size_t)(int)t->call.arg[0];
    struct select_sets sets;
    struct poll_look look;
    sets.words = (nfds + WORD_BITS - 1) / WORD_BITS;
    if (!move_sets(t, &sets, false)) {
        return guest_error(t, EFAULT);
    }
    if (!poll_look_init(&look, count_wanted(&sets, nfds))) {
        return guest_error(t, ENOMEM);
    }
    list_wanted(&sets, nfds, &look);
    size_t ready = poll_look_take(s, t, &look);
    if (s->cfg.real_time && look.can_len == 0) {
        poll_look_end(&look);
        return guest_let(t);
    }
    if (ready > 0 && has_bad(&look)) {
        poll_look_end(&look);
        write_remaining(s, t);
        return guest_error(t, EBADF);
    }
    if (ready == 0 && poll_time_left(s, t)) {
        return poll_look_park(s, t, &look);
    }
    if (ready == 0 && !poll_may_answer_empty(s, t)) {
        poll_look_end(&look);
        return guest_spin_park(s, t);
    }
    return finish(s, t, &sets, &look);
}

static enum guest_verdict begin(struct supervisor *s, struct guest_thread *t, uint64_t ns)
{
    int nfds = (int)t->call.arg[0];
    if (nfds < 0) {
        return guest_error(t, EINVAL);
    }
    if (nfds > SELECT_MAX) {
        return guest_let(t);
    }
    t->wait.on_interrupt = write_remaining;
    poll_time_set(s, t, t->call.arg[4] == 0, ns);
    return wait_for_any(s, t);
}

enum guest_verdict call_select(struct supervisor *s, struct guest_thread *t)
{
    struct timeval timeout = {0};
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return wait_for_any(s, t);
    }
    if (t->call.arg[4] && !guest_read(t, t->call.arg[4], &timeout, sizeof timeout)) {
        return guest_error(t, EFAULT);
    }
    if (timeout.tv_sec < 0 || timeout.tv_usec < 0) {
        return guest_error(t, EINVAL);
    }
    t->wait.on_signal = GUEST_SIGNAL_NOHAND;
    /* More than a million microseconds is fine (kern_select()); beyond 292 years is for ever. */
    uint64_t seconds = (uint64_t)timeout.tv_sec + (uint64_t)timeout.tv_usec / 1000000u;
    uint64_t rest_us = (uint64_t)timeout.tv_usec % 1000000u;
    return begin(s, t,
                 seconds > INT64_MAX / 1000000000u ? INT64_MAX : SIM_S(seconds) + SIM_US(rest_us));
}

enum guest_verdict call_pselect6(struct supervisor *s, struct guest_thread *t)
{
    uint64_t ns = 0;
    uint64_t mask[2] = {0}; /* Address and size. */
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return wait_for_any(s, t);
    }
    if (t->call.arg[5] && !guest_read(t, t->call.arg[5], mask, sizeof mask)) {
        return guest_error(t, EFAULT);
    }
    int error = t->call.arg[4] ? guest_read_timespec(t, t->call.arg[4], &ns) : 0;
    if (error) {
        return guest_error(t, -error);
    }
    if (mask[0] && mask[1] != sizeof t->wait.mask) {
        return guest_error(t, EINVAL);
    }
    t->wait.on_signal = GUEST_SIGNAL_NOHAND;
    if (!poll_read_mask(s, t, mask[0], mask[1])) {
        return guest_error(t, EFAULT);
    }
    return begin(s, t, ns);
}
