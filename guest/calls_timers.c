/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_timers.c - handlers: alarm, setitimer, POSIX timers, timerfd. */
#include "guest/calls.h"
#include "guest/guest_timers.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Of a valid value; what is beyond all runs is as good as never. */
static uint64_t ns_of(const struct timespec *value)
{
    uint64_t seconds = (uint64_t)value->tv_sec;
    return seconds > SIM_NEVER / 2000000000u ? SIM_NEVER / 2
                                             : seconds * 1000000000u + (uint64_t)value->tv_nsec;
}

static bool is_valid(const struct timespec *value)
{
    return value->tv_sec >= 0 && value->tv_nsec >= 0 && value->tv_nsec < 1000000000;
}

/* What is not valid stays so. */
static struct timespec timespec_of_timeval(const struct timeval *value)
{
    bool valid = value->tv_usec >= 0 && value->tv_usec < 1000000;
    return (struct timespec){value->tv_sec, valid ? value->tv_usec * 1000 : -1};
}

static struct itimerval itimerval_of(const struct itimerspec *value)
{
    return (struct itimerval){{value->it_interval.tv_sec, value->it_interval.tv_nsec / 1000},
                              {value->it_value.tv_sec, value->it_value.tv_nsec / 1000}};
}

static struct guest_timer *interval_timer(struct supervisor *s, struct guest_thread *t, int which)
{
    struct guest_timer *timer = guest_timer_find(t->process, GUEST_TIMER_INTERVAL, which);
    return timer ? timer : guest_timer_new(s, t->process, GUEST_TIMER_INTERVAL, which);
}

enum guest_verdict call_alarm(struct supervisor *s, struct guest_thread *t)
{
    uint64_t seconds = (uint32_t)t->call.arg[0];
    struct guest_timer *timer = interval_timer(s, t, ITIMER_REAL);
    if (!timer) {
        return guest_error(t, ENOMEM);
    }
    /* Rounded, but never to 0 while something is left (alarm_setitimer() in kernel/time/itimer.c).
     */
    struct itimerspec left = guest_timer_left(timer);
    int64_t rest = left.it_value.tv_sec + (left.it_value.tv_nsec >= 500000000 ||
                                           (left.it_value.tv_sec == 0 && left.it_value.tv_nsec));
    guest_timer_set(timer, seconds ? guest_deadline(s, SIM_S(seconds)) : SIM_NEVER, 0);
    return guest_value(t, rest);
}

enum guest_verdict call_setitimer(struct supervisor *s, struct guest_thread *t)
{
    int which = (int)t->call.arg[0];
    struct itimerval wanted = {0};
    if (which < ITIMER_REAL || which > ITIMER_PROF) {
        return guest_error(t, EINVAL);
    }
    if (t->call.arg[1] && !guest_read(t, t->call.arg[1], &wanted, sizeof wanted)) {
        return guest_error(t, EFAULT);
    }
    struct timespec value = timespec_of_timeval(&wanted.it_value);
    struct timespec interval = timespec_of_timeval(&wanted.it_interval);
    struct guest_timer *timer = interval_timer(s, t, which);
    if (!is_valid(&value) || !is_valid(&interval) || !timer) {
        return guest_error(t, timer ? EINVAL : ENOMEM);
    }
    struct itimerspec left = guest_timer_left(timer);
    struct itimerval before = itimerval_of(&left);
    if (t->call.arg[2] && !guest_write(t, t->call.arg[2], &before, sizeof before)) {
        return guest_error(t, EFAULT);
    }
    guest_timer_set(timer, ns_of(&value) ? guest_deadline(s, ns_of(&value)) : SIM_NEVER,
                    ns_of(&interval));
    return guest_value(t, 0);
}

enum guest_verdict call_getitimer(struct supervisor *s, struct guest_thread *t)
{
    int which = (int)t->call.arg[0];
    if (which < ITIMER_REAL || which > ITIMER_PROF) {
        return guest_error(t, EINVAL);
    }
    const struct guest_timer *timer = interval_timer(s, t, which);
    if (!timer) {
        return guest_error(t, ENOMEM);
    }
    struct itimerspec left = guest_timer_left(timer);
    struct itimerval now = itimerval_of(&left);
    return guest_write(t, t->call.arg[1], &now, sizeof now) ? guest_value(t, 0)
                                                            : guest_error(t, EFAULT);
}

/* POSIX timers. */

static int free_id(const struct guest_process *process)
{
    int id = 0;
    while (guest_timer_find(process, GUEST_TIMER_POSIX, id)) {
        id++;
    }
    return id;
}

static struct guest_timer *posix_timer(const struct guest_thread *t)
{
    return guest_timer_find(t->process, GUEST_TIMER_POSIX, (int)t->call.arg[0]);
}

/* The thread by its identifier in the guests' own namespace. */
static pid_t outer_tid(const struct guest_thread *t, pid_t inner)
{
    for (const struct guest_thread *at = t->process->threads; at; at = at->next) {
        if (proc_inner_pid(at->tid) == inner) {
            return at->tid;
        }
    }
    return 0;
}

/* good_sigevent() in kernel/time/posix-timers.c. */
static bool is_good(const struct guest_thread *t, const struct sigevent *how)
{
    switch (how->sigev_notify) {
    case SIGEV_NONE: return true;
    case SIGEV_THREAD_ID:
        if (!outer_tid(t, how->_sigev_un._tid)) {
            return false;
        }
        break;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD: break;
    default: return false;
    }
    return how->sigev_signo >= 1 && how->sigev_signo <= 64;
}

enum guest_verdict call_timer_create(struct supervisor *s, struct guest_thread *t)
{
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    uint64_t unused;
    int id = free_id(t->process);
    how.sigev_value.sival_int = id;
    if (t->call.arg[1] && !guest_read(t, t->call.arg[1], &how, sizeof how)) {
        return guest_error(t, EFAULT);
    }
    if (!guest_clock_ns(s, (clockid_t)t->call.arg[0], &unused) || !is_good(t, &how)) {
        return guest_error(t, EINVAL);
    }
    if (!guest_write(t, t->call.arg[2], &id, sizeof id)) {
        return guest_error(t, EFAULT);
    }
    struct guest_timer *timer = guest_timer_new(s, t->process, GUEST_TIMER_POSIX, id);
    if (!timer) {
        return guest_error(t, EAGAIN);
    }
    timer->clock = (clockid_t)t->call.arg[0];
    timer->notify = how.sigev_notify;
    timer->signal = how.sigev_signo;
    timer->value = (uint64_t)(uintptr_t)how.sigev_value.sival_ptr;
    timer->tid = how.sigev_notify == SIGEV_THREAD_ID ? outer_tid(t, how._sigev_un._tid) : 0;
    return guest_value(t, 0);
}

/* Of a struct itimerspec and a flag for "absolute"; SIM_NEVER if the value is zero. */
static sim_ns_t due_of(struct supervisor *s, const struct guest_timer *timer,
                       const struct itimerspec *wanted, bool absolute)
{
    uint64_t ns = ns_of(&wanted->it_value);
    if (ns == 0) {
        return SIM_NEVER;
    }
    return absolute ? guest_clock_instant(s, timer->clock, ns) : guest_deadline(s, ns);
}

static enum guest_verdict set_timer(struct supervisor *s, struct guest_thread *t,
                                    struct guest_timer *timer)
{
    struct itimerspec wanted;
    if (!guest_read(t, t->call.arg[2], &wanted, sizeof wanted)) {
        return guest_error(t, EFAULT);
    }
    if (!is_valid(&wanted.it_value) || !is_valid(&wanted.it_interval)) {
        return guest_error(t, EINVAL);
    }
    struct itimerspec before = guest_timer_left(timer);
    if (t->call.arg[3] && !guest_write(t, t->call.arg[3], &before, sizeof before)) {
        return guest_error(t, EFAULT);
    }
    /* TIMER_ABSTIME and TFD_TIMER_ABSTIME are the same bit. */
    guest_timer_set(timer, due_of(s, timer, &wanted, t->call.arg[1] & TIMER_ABSTIME),
                    ns_of(&wanted.it_interval));
    return guest_value(t, 0);
}

enum guest_verdict call_timer_settime(struct supervisor *s, struct guest_thread *t)
{
    struct guest_timer *timer = posix_timer(t);
    return timer ? set_timer(s, t, timer) : guest_error(t, EINVAL);
}

static enum guest_verdict get_timer(struct guest_thread *t, const struct guest_timer *timer)
{
    struct itimerspec left = guest_timer_left(timer);
    return guest_write(t, t->call.arg[1], &left, sizeof left) ? guest_value(t, 0)
                                                              : guest_error(t, EFAULT);
}

enum guest_verdict call_timer_gettime(struct supervisor *s, struct guest_thread *t)
{
    const struct guest_timer *timer = posix_timer(t);
    (void)s;
    return timer ? get_timer(t, timer) : guest_error(t, EINVAL);
}

enum guest_verdict call_timer_getoverrun(struct supervisor *s, struct guest_thread *t)
{
    const struct guest_timer *timer = posix_timer(t);
    (void)s;
    return timer ? guest_value(t, timer->overrun) : guest_error(t, EINVAL);
}

enum guest_verdict call_timer_delete(struct supervisor *s, struct guest_thread *t)
{
    struct guest_timer *timer = posix_timer(t);
    (void)s;
    if (!timer) {
        return guest_error(t, EINVAL);
    }
    guest_timer_free(timer);
    return guest_value(t, 0);
}

/* timerfd: the guest's descriptor stays unarmed; ours is a duplicate of it. */

static bool same_file(const struct guest_timer *timer, int fd)
{
    pid_t own = getpid();
    return syscall(SYS_kcmp, own, own, KCMP_FILE, timer->fd, fd) == 0;
}

static struct guest_timer *timer_of_fd(const struct supervisor *s, int fd)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_timer *timer = p->timers; timer; timer = timer->next) {
            if (timer->kind == GUEST_TIMER_FD && same_file(timer, fd)) {
                return timer;
            }
        }
    }
    return NULL;
}

/* The clock that it was made with: /proc/PID/fdinfo tells (proc(5)). */
static clockid_t clock_of_fd(int fd)
{
    char path[64];
    char line[128];
    int clock = CLOCK_MONOTONIC;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(path, "re");
    while (info && fgets(line, sizeof line, info)) {
        if (strncmp(line, "clockid:", 8) == 0) {
            clock = atoi(line + 8);
        }
    }
    if (info) {
        fclose(info);
    }
    return clock;
}

enum guest_verdict call_timerfd_settime(struct supervisor *s, struct guest_thread *t)
{
    struct itimerspec off = {0};
    int number = (int)t->call.arg[0];
    int fd = guest_fd(t, number);
    if (fd < 0 || timerfd_settime(fd, 0, &off, NULL) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return guest_let(t);
    }
    struct guest_timer *timer = timer_of_fd(s, fd);
    if (timer) {
        close(fd);
        return set_timer(s, t, timer);
    }
    timer = guest_timer_new(s, t->process, GUEST_TIMER_FD, number);
    if (!timer) {
        close(fd);
        return guest_error(t, ENOMEM);
    }
    timer->fd = fd;
    timer->clock = clock_of_fd(fd);
    return set_timer(s, t, timer);
}

enum guest_verdict call_timerfd_gettime(struct supervisor *s, struct guest_thread *t)
{
    int fd = guest_fd(t, (int)t->call.arg[0]);
    const struct guest_timer *timer = fd >= 0 ? timer_of_fd(s, fd) : NULL;
    if (fd >= 0) {
        close(fd);
    }
    return timer ? get_timer(t, timer) : guest_let(t);
}
