/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_timers.c - timers that a process sets and does not wait in. */
#include "guest/guest_timers.h"
#include "guest/guest_clock.h"

#include "guest/proc_file.h"

#include <dirent.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* linux/timerfd.h, which defines what sys/timerfd.h does. */
#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t)
#endif

static int signal_of(const struct guest_timer *timer)
{
    if (timer->kind == GUEST_TIMER_POSIX) {
        return timer->signal;
    }
    return timer->id == ITIMER_REAL ? SIGALRM : timer->id == ITIMER_VIRTUAL ? SIGVTALRM : SIGPROF;
}

static bool is_pending(pid_t tid, int signal)
{
    struct proc_signals now;
    return proc_signals(tid, &now) && ((now.pending | now.shared) >> (signal - 1) & 1);
}

/* The layout that sigaction(2) tells of for SI_TIMER; another process may send it because the code
 * is negative (rt_sigqueueinfo(2)). */
static void send_timer_signal(const struct guest_timer *timer)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = timer->signal;
    info.si_code = SI_TIMER;
    info.si_timerid = timer->id;
    info.si_overrun = 0;
    info.si_value.sival_ptr = (void *)(uintptr_t)timer->value;
    pid_t pid = timer->process->pid;
    if (timer->notify == SIGEV_THREAD_ID) {
        syscall(SYS_rt_tgsigqueueinfo, pid, timer->tid, timer->signal, &info);
    } else {
        syscall(SYS_rt_sigqueueinfo, pid, timer->signal, &info);
    }
}

static void tell_by_signal(struct guest_timer *timer)
{
    if (timer->kind == GUEST_TIMER_POSIX && timer->notify == SIGEV_NONE) {
        return;
    }
    pid_t whom = timer->notify == SIGEV_THREAD_ID ? timer->tid : timer->process->pid;
    if (is_pending(whom, signal_of(timer))) {
        timer->overrun++;
        return;
    }
    timer->overrun = 0;
    if (timer->kind == GUEST_TIMER_POSIX) {
        send_timer_signal(timer);
    } else {
        kill(timer->process->pid, signal_of(timer));
    }
    timer->supervisor->look_at_signals = true;
    timer->supervisor->look_for_dying = true;
}

/* For kernels that cannot write the count (CONFIG_CHECKPOINT_RESTORE): with an interval that is
 * long beside the moments until the guest reads it. */
static void start_in_the_past(const struct guest_timer *timer)
{
    struct timespec real;
    clock_gettime(timer->clock, &real);
    uint64_t up_ns = (uint64_t)real.tv_sec * 1000000000u + (uint64_t)real.tv_nsec;
    uint64_t step_ns = up_ns / timer->unread;
    step_ns = step_ns < SIM_S(3600) ? step_ns : SIM_S(3600);
    struct itimerspec past = {.it_interval = guest_timespec(step_ns),
                              .it_value =
                                  guest_timespec(up_ns - (timer->unread - 1) * step_ns - 1)};
    timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &past, NULL);
}

/* The guest's own timerfd is made to have expired so many times: by a start in the past, and by
 * writing the count (timerfd_create(2), TFD_IOC_SET_TICKS). */
static void tell_by_descriptor(struct guest_timer *timer)
{
    struct pollfd look = {.fd = timer->fd, .events = POLLIN};
    struct itimerspec past = {.it_value = {.tv_nsec = 1}};
    timer->unread = poll(&look, 1, 0) > 0 ? timer->unread + 1 : 1;
    timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &past, NULL);
    poll(&look, 1, 1000);
    if (timer->unread > 1 && ioctl(timer->fd, TFD_IOC_SET_TICKS, &timer->unread) != 0) {
        start_in_the_past(timer);
    }
    timer->supervisor->look_at_fds = true;
}

static void timer_came(struct sim *sim, void *ctx)
{
    struct guest_timer *timer = ctx;
    timer->due_ns = timer->interval_ns ? sim->now_ns + timer->interval_ns : SIM_NEVER;
    sim_schedule(sim, &timer->event, timer->due_ns);
    if (timer->kind == GUEST_TIMER_FD) {
        tell_by_descriptor(timer);
    } else {
        tell_by_signal(timer);
    }
}

struct guest_timer *guest_timer_new(struct supervisor *s, struct guest_process *process,
                                    enum guest_timer_kind kind, int id)
{
    struct guest_timer *timer = calloc(1, sizeof *timer);
    if (!timer) {
        return NULL;
    }
    timer->supervisor = s;
    timer->process = process;
    timer->kind = kind;
    timer->id = id;
    timer->due_ns = SIM_NEVER;
    timer->fd = -1;
    sim_event_init(&timer->event, SIM_NODE, timer_came, timer, NULL);
    timer->next = process->timers;
    process->timers = timer;
    return timer;
}

struct guest_timer *guest_timer_find(const struct guest_process *process,
                                     enum guest_timer_kind kind, int id)
{
    struct guest_timer *timer = process->timers;
    while (timer && (timer->kind != kind || timer->id != id)) {
        timer = timer->next;
    }
    return timer;
}

static void unlink_timer(struct guest_timer *timer)
{
    struct guest_timer **at = &timer->process->timers;
    while (*at != timer) {
        at = &(*at)->next;
    }
    *at = timer->next;
}

void guest_timer_free(struct guest_timer *timer)
{
    unlink_timer(timer);
    sim_cancel(timer->supervisor->sim, &timer->event);
    if (timer->fd >= 0) {
        close(timer->fd);
    }
    free(timer);
}

void guest_timer_set(struct guest_timer *timer, sim_ns_t due_ns, uint64_t interval_ns)
{
    /* A program takes no processor time in the simulation, so that never runs out. */
    if (timer->kind == GUEST_TIMER_INTERVAL && timer->id != ITIMER_REAL) {
        due_ns = SIM_NEVER;
    }
    timer->due_ns = due_ns;
    timer->interval_ns = interval_ns;
    timer->overrun = 0;
    timer->unread = 0;
    sim_schedule(timer->supervisor->sim, &timer->event, due_ns);
}

struct itimerspec guest_timer_left(const struct guest_timer *timer)
{
    sim_ns_t now_ns = timer->supervisor->sim->now_ns;
    uint64_t left_ns = timer->due_ns == SIM_NEVER ? 0 : timer->due_ns - now_ns;
    return (struct itimerspec){.it_interval = guest_timespec(timer->interval_ns),
                               .it_value = guest_timespec(left_ns)};
}

/* The number of a descriptor of the process that is the timer, but for one of its owner that is
 * about to be closed; -1: none. */
static int number_in(const struct guest_timer *timer, const struct guest_process *p, int but)
{
    char path[64];
    int number = -1;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)p->pid);
    DIR *list = p->dead || p->ended ? NULL : opendir(path);
    for (const struct dirent *entry; list && number < 0 && (entry = readdir(list)) != NULL;) {
        int fd = atoi(entry->d_name);
        bool held = entry->d_name[0] != '.' && !(p == timer->process && fd == but) &&
                    syscall(SYS_kcmp, getpid(), p->pid, KCMP_FILE, timer->fd, fd) == 0;
        number = held ? fd : -1;
    }
    if (list) {
        closedir(list);
    }
    return number;
}

/* A timerfd belongs to all that hold it; whoever is left has it from here on. Its owner is about to
 * close the number but. */
static void pass_on(struct guest_timer *timer, int but)
{
    for (struct guest_process *p = timer->supervisor->processes; p; p = p->next) {
        int number = number_in(timer, p, but);
        if (number >= 0) {
            unlink_timer(timer);
            timer->id = number;
            timer->process = p;
            timer->next = p->timers;
            p->timers = timer;
            return;
        }
    }
    guest_timer_free(timer);
}

void guest_timers_closed(struct guest_process *process, int fd)
{
    struct guest_timer *timer = guest_timer_find(process, GUEST_TIMER_FD, fd);
    if (timer) {
        pass_on(timer, fd);
    }
}

void guest_timers_free(struct guest_process *process)
{
    for (struct guest_timer *timer = process->timers, *next; timer; timer = next) {
        next = timer->next;
        if (timer->kind == GUEST_TIMER_FD) {
            pass_on(timer, timer->id);
        } else {
            guest_timer_free(timer);
        }
    }
}

void guest_timers_exec(struct guest_process *process)
{
    enum { NONE = -1 };
    for (struct guest_timer *timer = process->timers, *next; timer; timer = next) {
        next = timer->next;
        if (timer->kind == GUEST_TIMER_FD) {
            pass_on(timer, NONE);
        } else if (timer->kind == GUEST_TIMER_POSIX) {
            guest_timer_free(timer);
        }
    }
}

bool guest_timers_armed(const struct supervisor *s)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_timer *timer = p->timers; timer; timer = timer->next) {
            if (timer->due_ns != SIM_NEVER) {
                return true;
            }
        }
    }
    return false;
}
