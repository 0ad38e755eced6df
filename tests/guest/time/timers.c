/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/timers.c - timerfd, interval timers and POSIX timers. */
#include "tests/guest/time/rig.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static volatile sig_atomic_t caught;

static void count_signal(int signal)
{
    (void)signal;
    caught++;
}

static void catch (int signal)
{
    struct sigaction action = {.sa_handler = count_signal};
    sigaction(signal, &action, NULL);
}

static struct itimerspec timer_of(double first, double period)
{
    return (struct itimerspec){.it_value = units(first), .it_interval = units(period)};
}

static void read_timer(const char *name, int fd)
{
    uint64_t count;
    ssize_t length = read(fd, &count, sizeof count);
    stamp_result(name, length == -1 ? -1 : (long)count);
}

static void timerfd_part(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec timer = timer_of(2, 0);
    timerfd_settime(fd, 0, &timer, NULL);
    read_timer("once", fd);
    timer = timer_of(1, 2);
    timerfd_settime(fd, 0, &timer, NULL);
    read_timer("first", fd);
    read_timer("second", fd);
    sleep_units(5);
    read_timer("two were missed", fd);
    timerfd_gettime(fd, &timer);
    stamp("next in %s, every %s", in_units(ns_of(timer.it_value)),
          in_units(ns_of(timer.it_interval)));
    timer = timer_of(0, 0);
    struct itimerspec old;
    timerfd_settime(fd, 0, &timer, &old);
    stamp("stopped %s before", in_units(ns_of(old.it_value)));
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    stamp_result("poll of a stopped timer", poll(&poller, 1, units_ms(3)));
}

static void timerfd_absolute(void)
{
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
    for (size_t i = 0; i < 3; i++) {
        int fd = timerfd_create(clocks[i], TFD_NONBLOCK);
        struct itimerspec timer = {.it_value = at_units(clocks[i], 1), .it_interval = units(1)};
        timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL);
        read_timer("too early", fd);
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        stamp_result("poll", poll(&poller, 1, -1));
        read_timer("read", fd);
        read_timer("nothing new", fd);
        sleep_units(2.5);
        read_timer("read", fd);
        close(fd);
    }
}

static void timerfd_epoll(void)
{
    int epoll = epoll_create1(0);
    double first[] = {1, 1.5, 4};
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        struct itimerspec timer = timer_of(first[i], i == 0 ? 2 : 0);
        timerfd_settime(fds[i], 0, &timer, NULL);
        struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = (uint32_t)i}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    struct epoll_event got;
    while (epoll_wait(epoll, &got, 1, units_ms(1.75)) == 1) {
        char name[] = {'t', 'i', 'm', 'e', 'r', ' ', (char)('0' + got.data.u32), '\0'};
        read_timer(name, fds[got.data.u32]);
        if (got.data.u32 == 2) {
            close(fds[0]);
        }
    }
    stamp("epoll_wait ran out");
}

static void itimer(void)
{
    catch (SIGALRM);
    int64_t us = units_ns(1) / 1000;
    struct timeval one = {us / 1000000, us % 1000000};
    struct itimerval timer = {.it_value = one, .it_interval = one};
    setitimer(ITIMER_REAL, &timer, NULL);
    for (int i = 0; i < 3; i++) {
        pause();
        stamp("%d caught", (int)caught);
    }
    getitimer(ITIMER_REAL, &timer);
    stamp("next in %s",
          in_units(timer.it_value.tv_sec * (int64_t)SECOND_NS + timer.it_value.tv_usec * 1000));
    timer = (struct itimerval){0};
    setitimer(ITIMER_REAL, &timer, NULL);
    sleep_units(2);
    stamp("%d caught", (int)caught);
}

static void alarm_part(void)
{
    catch (SIGALRM);
    stamp_result("alarm", alarm(3));
    sleep(1);
    stamp_result("alarm again", alarm(5));
    sleep(1);
    stamp_result("alarm off", alarm(0));
    stamp_result("sleep", sleep(6));
    alarm(2);
    stamp_result("pause", pause());
    stamp("%d caught", (int)caught);
}

static void alarm_kills(void)
{
    alarm(4);
    for (;;) {
        pause();
    }
}

static void on_info(int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught++;
    stamp("signal %d, code %d, value %d", signal == SIGRTMIN, info->si_code == SI_TIMER,
          info->si_value.sival_int);
}

static void posix_signal(void)
{
    struct sigaction action = {.sa_sigaction = on_info, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value = {.sival_int = 7}};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    struct itimerspec when = timer_of(1.5, 1);
    timer_settime(timer, 0, &when, NULL);
    while (caught < 3) {
        pause();
    }
    timer_gettime(timer, &when);
    stamp("next in %s", in_units(ns_of(when.it_value)));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sleep_units(3.5);
    siginfo_t info;
    sigwaitinfo(&set, &info);
    stamp("overrun %d", timer_getoverrun(timer));
    timer_delete(timer);
    when.it_value = units(1);
    struct timespec limit = units(2);
    stamp_result("after deletion", sigtimedwait(&set, &info, &limit));
}

static void posix_absolute(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    timer_create(CLOCK_REALTIME, &event, &timer);
    struct itimerspec when = {.it_value = at_units(CLOCK_REALTIME, 2)};
    timer_settime(timer, TIMER_ABSTIME, &when, NULL);
    int signal;
    sigwait(&set, &signal);
    stamp("REALTIME");
    timer_settime(timer, TIMER_ABSTIME, &when, NULL);
    sigwait(&set, &signal);
    stamp("an instant in the past fires at once");
    struct sigevent silent = {.sigev_notify = SIGEV_NONE};
    timer_create(CLOCK_MONOTONIC, &silent, &timer);
    when = timer_of(2, 0);
    timer_settime(timer, 0, &when, NULL);
    sleep_units(0.5);
    timer_gettime(timer, &when);
    stamp("SIGEV_NONE: left %s", in_units(ns_of(when.it_value)));
    sleep_units(2);
    timer_gettime(timer, &when);
    stamp("left %s", in_units(ns_of(when.it_value)));
}

static sem_t notified;

static void on_thread(union sigval value)
{
    stamp("thread with value %d", value.sival_int);
    sem_post(&notified);
}

static void posix_thread(void)
{
    sem_init(&notified, 0, 0);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD,
                             .sigev_notify_function = on_thread,
                             .sigev_value = {.sival_int = 3}};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    struct itimerspec when = timer_of(1, 2);
    timer_settime(timer, 0, &when, NULL);
    for (int i = 0; i < 3; i++) {
        sem_wait(&notified);
    }
    timer_delete(timer);
    stamp("done");
}

static void virtual_itimer(void)
{
    /* A sleeping program uses no processor time, so its clock of it stands. */
    catch (SIGVTALRM);
    struct itimerval timer = {.it_value = {.tv_sec = 5}};
    stamp_result("ITIMER_VIRTUAL", setitimer(ITIMER_VIRTUAL, &timer, NULL));
    sleep_units(8);
    stamp("%d caught", (int)caught);
}

static void limits(void)
{
    timer_t timer;
    struct sigevent how = {.sigev_notify = SIGEV_NONE};
    stamp_result("SIGEV_NONE", timer_create(CLOCK_MONOTONIC, &how, &timer));
    how = (struct sigevent){.sigev_notify = 77, .sigev_signo = SIGALRM};
    stamp_result("no such way", timer_create(CLOCK_MONOTONIC, &how, &timer));
    struct itimerval odd = {.it_value = {.tv_usec = 1000000}};
    stamp_result("a million of microseconds", setitimer(ITIMER_REAL, &odd, NULL));
    odd.it_value.tv_usec = INT64_MAX / 2;
    stamp_result("very many", setitimer(ITIMER_REAL, &odd, NULL));
    stamp_result("no such timer", getitimer((enum __itimer_which)7, &odd));
    int fd = timerfd_create(CLOCK_REALTIME, 0);
    struct itimerspec never = {.it_value = {.tv_sec = INT64_MAX}};
    stamp_result("the end of time",
                 timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL));
}

/* It belongs to all that hold it: who has set it may go, as a daemon's first process does. */
static void left_behind(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        struct itimerspec when = timer_of(3, 0);
        timerfd_settime(fd, 0, &when, NULL);
        if (fork() == 0) {
            uint64_t count = 0;
            sleep_units(1);
            if (read(fd, &count, sizeof count) == sizeof count) {
                stamp("expired %u", (unsigned)count);
            }
        }
        _exit(0);
    }
    close(fd);
    close(ends[1]);
    waitpid(child, NULL, 0);
    stamp("the setter is gone");
    stamp_result("pipe", read(ends[0], &byte, 1));
}

/* Expirations that nobody has read are counted, and what is read is over. */
static void unread(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec when = timer_of(0.25, 0.25);
    uint64_t count = 0;
    timerfd_settime(fd, 0, &when, NULL);
    sleep_units(100.125);
    stamp_result("read", read(fd, &count, sizeof count));
    stamp("expired %u", (unsigned)count);
    stamp_result("read", read(fd, &count, sizeof count));
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"timerfd", timerfd_part},
        {"timerfd_absolute", timerfd_absolute},
        {"timerfd_epoll", timerfd_epoll},
        {"itimer", itimer},
        {"alarm", alarm_part},
        {"alarm_kills", alarm_kills},
        {"posix_signal", posix_signal},
        {"posix_absolute", posix_absolute},
        {"posix_thread", posix_thread},
        {"virtual", virtual_itimer},
        {"limits", limits},
        {"left_behind", left_behind},
        {"unread", unread},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
