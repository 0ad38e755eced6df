/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_time.c - handlers: clocks and sleeping. */
#include "guest/calls.h"
#include "guest/calls_store.h"
#include "guest/guest_clock.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

/* What a sleep interrupted by a signal owes: the time that is left. scratch[0]: where to, 0:
 * nowhere. */
static void write_remaining(struct supervisor *s, struct guest_thread *t)
{
    struct timespec left = guest_timespec(t->wait.deadline_ns - s->sim->now_ns);
    if (t->wait.scratch[0]) {
        guest_write(t, t->wait.scratch[0], &left, sizeof left);
    }
}

static bool is_resumed(const struct guest_thread *t)
{
    return t->resume.valid && t->resume.nr == t->call.nr && t->resume.due_ns != SIM_NEVER &&
           memcmp(t->resume.arg, t->call.arg, sizeof t->resume.arg) == 0;
}

static enum guest_verdict sleep_until(struct supervisor *s, struct guest_thread *t, sim_ns_t due_ns,
                                      uint64_t remaining_address)
{
    sim_ns_t resumed_ns = is_resumed(t) ? t->resume.due_ns : due_ns;
    t->wait.deadline_ns = resumed_ns > s->sim->now_ns ? resumed_ns : s->sim->now_ns;
    t->resume.valid = false;
    t->wait.on_signal = GUEST_SIGNAL_NOHAND;
    t->wait.on_interrupt = write_remaining;
    t->wait.scratch[0] = remaining_address;
    return guest_park(s, t, "a time");
}

enum guest_verdict call_nanosleep(struct supervisor *s, struct guest_thread *t)
{
    uint64_t ns;
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return guest_value(t, 0);
    }
    int code = guest_read_timespec(t, t->call.arg[0], &ns);
    return code ? guest_error(t, -code) : sleep_until(s, t, guest_deadline(s, ns), t->call.arg[1]);
}

enum guest_verdict call_clock_nanosleep(struct supervisor *s, struct guest_thread *t)
{
    clockid_t clock = (clockid_t)t->call.arg[0];
    bool absolute = (int)t->call.arg[1] & TIMER_ABSTIME;
    uint64_t ns;
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return guest_value(t, 0);
    }
    if (!guest_clock_ns(s, clock, &ns) || clock == CLOCK_THREAD_CPUTIME_ID) {
        return guest_error(t, EINVAL);
    }
    int code = guest_read_timespec(t, t->call.arg[2], &ns);
    if (code) {
        return guest_error(t, -code);
    }
    if (absolute) {
        return sleep_until(s, t, guest_clock_instant(s, clock, ns), 0);
    }
    return sleep_until(s, t, guest_deadline(s, ns), t->call.arg[3]);
}

/* Looking at the clock: a call without effect, which must not be free for ever. */
static bool looks_too_often(struct supervisor *s, const struct guest_thread *t)
{
    return t->call.wake == GUEST_WAKE_FIRST && guest_spins(s);
}

enum guest_verdict call_clock_gettime(struct supervisor *s, struct guest_thread *t)
{
    uint64_t ns;
    if (looks_too_often(s, t)) {
        return guest_spin_park(s, t);
    }
    if (!guest_clock_ns(s, (clockid_t)t->call.arg[0], &ns)) {
        return guest_error(t, EINVAL);
    }
    struct timespec value = guest_timespec(ns);
    return guest_write(t, t->call.arg[1], &value, sizeof value) ? guest_value(t, 0)
                                                                : guest_error(t, EFAULT);
}

enum guest_verdict call_gettimeofday(struct supervisor *s, struct guest_thread *t)
{
    uint64_t ns = s->sim->now_ns + s->cfg.epoch_ns;
    if (looks_too_often(s, t)) {
        return guest_spin_park(s, t);
    }
    struct timeval value = {(time_t)(ns / 1000000000u), (suseconds_t)(ns % 1000000000u / 1000)};
    struct timezone zone = {0};
    if ((t->call.arg[0] && !guest_write(t, t->call.arg[0], &value, sizeof value)) ||
        (t->call.arg[1] && !guest_write(t, t->call.arg[1], &zone, sizeof zone))) {
        return guest_error(t, EFAULT);
    }
    return guest_value(t, 0);
}

enum guest_verdict call_time(struct supervisor *s, struct guest_thread *t)
{
    if (looks_too_often(s, t)) {
        return guest_spin_park(s, t);
    }
    time_t value = (time_t)((s->sim->now_ns + s->cfg.epoch_ns) / 1000000000u);
    if (t->call.arg[0] && !guest_write(t, t->call.arg[0], &value, sizeof value)) {
        return guest_error(t, EFAULT);
    }
    return guest_value(t, value);
}

enum guest_verdict call_times(struct supervisor *s, struct guest_thread *t)
{
    if (looks_too_often(s, t)) {
        return guest_spin_park(s, t);
    }
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    clock_t ticks = (clock_t)(s->sim->now_ns / tick_ns);
    struct tms value = {.tms_utime = ticks};
    uint64_t uptime_ns = 0;
    guest_clock_ns(s, CLOCK_MONOTONIC, &uptime_ns);
    if (t->call.arg[0] && !guest_write(t, t->call.arg[0], &value, sizeof value)) {
        return guest_error(t, EFAULT);
    }
    return guest_value(t, (int64_t)(uptime_ns / tick_ns));
}

/* Used processor time is real and differs from run to run: shown as virtual time. */
enum guest_verdict call_getrusage(struct supervisor *s, struct guest_thread *t)
{
    struct rusage usage = {.ru_utime = {(time_t)(s->sim->now_ns / 1000000000u),
                                        (suseconds_t)(s->sim->now_ns % 1000000000u / 1000)}};
    return guest_write(t, t->call.arg[1], &usage, sizeof usage) ? guest_value(t, 0)
                                                                : guest_error(t, EFAULT);
}

/* The others have their turn first. */
enum guest_verdict call_sched_yield(struct supervisor *s, struct guest_thread *t)
{
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return guest_value(t, 0);
    }
    if (s->ready_first) {
        t->wait.deadline_ns = s->sim->now_ns;
        return guest_park(s, t, "the others");
    }
    return guest_spins(s) ? guest_spin_park(s, t) : guest_value(t, 0);
}

/* The host's clock is not theirs to set, root or not. */
enum guest_verdict call_clock_set(struct supervisor *s, struct guest_thread *t)
{
    (void)s;
    return guest_error(t, EPERM);
}

/* What a guest makes durable is on a disk of the simulation, not of this machine, and takes no time
 * there unless that disk is modelled. A crash of this machine is no part of any test. */
enum guest_verdict call_sync(struct supervisor *s, struct guest_thread *t)
{
    enum guest_verdict verdict;
    if (store_sync_call(s, t, &verdict)) {
        return verdict;
    }
    int fd = t->call.nr == SYS_sync ? 0 : guest_fd(t, (int)t->call.arg[0]);
    if (fd < 0) {
        return guest_error(t, EBADF);
    }
    if (t->call.nr != SYS_sync) {
        close(fd);
    }
    return guest_value(t, 0);
}
