/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_poll.c - poll() and ppoll(). */
#include "guest/calls_poll.h"

#include "guest/calls.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>

/* More descriptors than the kernel lets a process have (sysctl fs.nr_open) are its affair to
 * refuse. */
enum { POLL_MAX = 1 << 20 };

/* The raw call writes back what is left of the time-out, unless that was 0
 * (poll_select_finish() in fs/select.c). */
static void write_remaining(struct supervisor *s, struct guest_thread *t)
{
    if (t->call.nr != SYS_ppoll || t->call.arg[2] == 0 || t->wait.deadline_ns == SIM_NEVER) {
        return;
    }
    uint64_t ns = poll_time_remaining(s, t);
    struct timespec left = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    guest_write(t, t->call.arg[2], &left, sizeof left);
}

static enum guest_verdict finish(struct supervisor *s, struct guest_thread *t,
                                 struct poll_look *look, size_t ready)
{
    bool written = guest_write(t, t->call.arg[0], look->asked, look->len * sizeof *look->asked);
    poll_look_end(look);
    write_remaining(s, t);
    return written ? guest_value(t, (int64_t)ready) : guest_error(t, EFAULT);
}

static enum guest_verdict wait_for_any(struct supervisor *s, struct guest_thread *t)
{
    size_t len =
        (uint32_t)t->call.arg[1]; /* An unsigned int: the rest of the register is nothing. */
    struct poll_look look;
    if (len > POLL_MAX) {
        return guest_let(t);
    }
    if (!poll_look_init(&look, len)) {
        return guest_error(t, ENOMEM);
    }
    if (!guest_read(t, t->call.arg[0], look.asked, len * sizeof *look.asked)) {
        poll_look_end(&look);
        return guest_error(t, EFAULT);
    }
    size_t ready = poll_look_take(s, t, &look);
    if (s->cfg.real_time && look.can_len == 0) {
        poll_look_end(&look);
        return guest_let(t);
    }
    if (ready == 0 && poll_time_left(s, t)) {
        return poll_look_park(s, t, &look);
    }
    if (ready == 0 && !poll_may_answer_empty(s, t)) {
        poll_look_end(&look);
        return guest_spin_park(s, t);
    }
    return finish(s, t, &look, ready);
}

enum guest_verdict call_poll(struct supervisor *s, struct guest_thread *t)
{
    int timeout_ms = (int)t->call.arg[2];
    if (t->call.wake == GUEST_WAKE_FIRST) {
        t->wait.on_signal = GUEST_SIGNAL_NOHAND;
        poll_time_set(s, t, timeout_ms < 0, timeout_ms < 0 ? 0 : SIM_MS((uint64_t)timeout_ms));
    }
    return wait_for_any(s, t);
}

enum guest_verdict call_ppoll(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    if (t->call.wake == GUEST_WAKE_FIRST) {
        uint64_t ns = 0;
        int error = arg[2] ? guest_read_timespec(t, arg[2], &ns) : 0;
        if (error) {
            return guest_error(t, -error);
        }
        if (arg[3] && arg[4] != sizeof t->wait.mask) {
            return guest_error(t, EINVAL);
        }
        t->wait.on_signal = GUEST_SIGNAL_NOHAND;
        t->wait.on_interrupt = write_remaining;
        if (!poll_read_mask(s, t, arg[3], arg[4])) {
            return guest_error(t, EFAULT);
        }
        poll_time_set(s, t, arg[2] == 0, ns);
    }
    return wait_for_any(s, t);
}

/* poll() of the preload library, of one descriptor: what it asks comes in registers, with the
 * instant that it waits until, and the answer is what happened. */
enum guest_verdict call_poll_one(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    uint64_t until_ns = arg[3];
    struct poll_look look;
    if (t->call.wake == GUEST_WAKE_FIRST) {
        t->wait.on_signal = GUEST_SIGNAL_NOHAND;
        poll_time_set(s, t, until_ns == SIM_NEVER,
                      until_ns > s->sim->now_ns ? until_ns - s->sim->now_ns : 0);
    }
    poll_look_init(&look, 1);
    look.asked[0] = (struct pollfd){.fd = (int)(uint32_t)arg[2], .events = (short)(arg[2] >> 32)};
    if (poll_look_take(s, t, &look) == 0 && poll_time_left(s, t)) {
        return poll_look_park(s, t, &look);
    }
    short happened = look.asked[0].revents;
    poll_look_end(&look);
    return guest_value(t, (uint16_t)happened);
}
