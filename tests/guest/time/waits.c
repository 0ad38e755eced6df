/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/waits.c - poll, select and epoll: time-outs, readiness, signals. */
#include "tests/guest/time/rig.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>

static int ends[2];

static void ignore(int signal)
{
    (void)signal;
}

static void alarm_in(double count)
{
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGALRM, &action, NULL);
    int64_t us = units_ns(count) / 1000;
    struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void *write_later(void *count)
{
    sleep_units(*(double *)count);
    if (write(ends[1], "x", 1) != 1) {
        abort();
    }
    return NULL;
}

static pthread_t writer_in(double count)
{
    static double argument;
    argument = count;
    pthread_t thread;
    pthread_create(&thread, NULL, write_later, &argument);
    return thread;
}

static void drain(pthread_t thread)
{
    char byte;
    if (read(ends[0], &byte, 1) != 1) {
        abort();
    }
    pthread_join(thread, NULL);
}

static void poll_part(void)
{
    struct pollfd fds[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = -1, .revents = 7}};
    stamp_result("poll at once", poll(fds, 2, 0));
    stamp_result("poll", poll(fds, 2, units_ms(1.5)));
    stamp("revents %d %d", fds[0].revents, fds[1].revents);
    stamp_result("poll of nothing", poll(NULL, 0, units_ms(1)));
    pthread_t thread = writer_in(2);
    stamp_result("poll, written later", poll(fds, 2, units_ms(5)));
    stamp("revents %d", fds[0].revents);
    drain(thread);
    thread = writer_in(1);
    stamp_result("poll without limit", poll(fds, 1, -1));
    drain(thread);
    alarm_in(1);
    stamp_result("poll and a signal", poll(fds, 1, units_ms(3)));
    fds[0] = (struct pollfd){.fd = ends[1], .events = POLLOUT};
    stamp_result("poll for writing", poll(fds, 1, units_ms(3)));
    fds[0].fd = 999;
    stamp_result("poll of a closed descriptor", poll(fds, 1, units_ms(3)));
    stamp("revents %d", fds[0].revents);
}

static void ppoll_part(void)
{
    struct pollfd fd = {.fd = ends[0], .events = POLLIN};
    struct timespec limit = units(1.25);
    stamp_result("ppoll", ppoll(&fd, 1, &limit, NULL));
    sigset_t blocked, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    alarm_in(1);
    limit = units(3);
    stamp_result("ppoll, signal blocked", ppoll(&fd, 1, &limit, NULL));
    stamp_result("ppoll, mask lets the pending signal in", ppoll(&fd, 1, &limit, &none));
    alarm_in(1);
    stamp_result("ppoll, mask lets a later signal in", ppoll(&fd, 1, &limit, &none));
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    stamp("blocked again: %d", sigismember(&now, SIGALRM));
}

static void select_part(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval limit = {.tv_sec = units_ns(2) / SECOND_NS,
                            .tv_usec = units_ns(2) % SECOND_NS / 1000};
    struct timeval whole = limit;
    stamp_result("select", select(ends[0] + 1, &set, NULL, NULL, &limit));
    stamp("set %d, left %lld.%06ld", FD_ISSET(ends[0], &set), (long long)limit.tv_sec,
          limit.tv_usec);
    FD_SET(ends[0], &set);
    pthread_t thread = writer_in(0.5);
    limit = whole;
    stamp_result("select, written later", select(ends[0] + 1, &set, NULL, NULL, &limit));
    /* Linux subtracts what has passed: select(2). */
    stamp("set %d, left %s", FD_ISSET(ends[0], &set),
          in_units(limit.tv_sec * (int64_t)SECOND_NS + limit.tv_usec * 1000));
    drain(thread);
    limit = whole;
    stamp_result("select as a sleep", select(0, NULL, NULL, NULL, &limit));
    alarm_in(1);
    limit = whole;
    FD_SET(ends[0], &set);
    stamp_result("select and a signal", select(ends[0] + 1, &set, NULL, NULL, &limit));
    limit = (struct timeval){0};
    stamp_result("select at once", select(ends[0] + 1, &set, NULL, NULL, &limit));
    FD_ZERO(&set);
    FD_SET(ends[1], &set);
    stamp_result("select for writing", select(ends[1] + 1, NULL, &set, NULL, NULL));
}

static void pselect_part(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timespec limit = units(1);
    stamp_result("pselect", pselect(ends[0] + 1, &set, NULL, NULL, &limit, NULL));
    sigset_t blocked, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    alarm_in(1);
    limit = units(3);
    FD_SET(ends[0], &set);
    stamp_result("pselect with a mask", pselect(ends[0] + 1, &set, NULL, NULL, &limit, &none));
    stamp("limit kept: %s", in_units(ns_of(limit)));
}

static void epoll_part(void)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = 42}}, got = {0};
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    stamp_result("epoll_wait at once", epoll_wait(epoll, &got, 1, 0));
    stamp_result("epoll_wait", epoll_wait(epoll, &got, 1, units_ms(1)));
    pthread_t thread = writer_in(1);
    stamp_result("epoll_wait, written later", epoll_wait(epoll, &got, 1, -1));
    stamp("data %d", (int)got.data.u64);
    stamp_result("epoll_pwait while ready", epoll_pwait(epoll, &got, 1, units_ms(1), NULL));
    drain(thread);
    stamp_result("epoll_pwait", epoll_pwait(epoll, &got, 1, units_ms(1), NULL));
    struct timespec limit = units(1.25);
    stamp_result("epoll_pwait2", epoll_pwait2(epoll, &got, 1, &limit, NULL));
    alarm_in(1);
    stamp_result("epoll_wait and a signal", epoll_wait(epoll, &got, 1, units_ms(3)));
    sigset_t blocked, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    alarm_in(1);
    stamp_result("epoll_pwait with a mask", epoll_pwait(epoll, &got, 1, units_ms(3), &none));
    struct pollfd outer = {.fd = epoll, .events = POLLIN};
    stamp_result("poll of the epoll descriptor", poll(&outer, 1, units_ms(1)));
    thread = writer_in(1);
    stamp_result("poll of it, written later", poll(&outer, 1, units_ms(3)));
    drain(thread);
}

static void epoll_edge(void)
{
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET}, got;
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    pthread_t thread = writer_in(1);
    stamp_result("first", epoll_wait(epoll, &got, 1, units_ms(2)));
    stamp_result("no new edge", epoll_wait(epoll, &got, 1, units_ms(2)));
    drain(thread);
    event.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event);
    thread = writer_in(1);
    stamp_result("one shot", epoll_wait(epoll, &got, 1, units_ms(2)));
    stamp_result("spent", epoll_wait(epoll, &got, 1, units_ms(2)));
    drain(thread);
}

static void eventfd_part(void)
{
    int event = eventfd(3, EFD_SEMAPHORE);
    uint64_t value;
    for (int i = 0; i < 3; i++) {
        stamp_result("eventfd", read(event, &value, sizeof value));
    }
    int plain = eventfd(0, 0);
    struct pollfd fd = {.fd = plain, .events = POLLIN};
    stamp_result("poll", poll(&fd, 1, units_ms(1)));
    value = 5;
    stamp_result("write", write(plain, &value, sizeof value));
    stamp_result("read", read(plain, &value, sizeof value));
    stamp("value %d", (int)value);
    value = UINT64_MAX - 1;
    stamp_result("fill", write(plain, &value, sizeof value));
    fd.events = POLLOUT;
    stamp_result("poll for writing", poll(&fd, 1, units_ms(1)));
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"poll", poll_part},       {"ppoll", ppoll_part}, {"select", select_part},
        {"pselect", pselect_part}, {"epoll", epoll_part}, {"edge", epoll_edge},
        {"eventfd", eventfd_part}, {NULL, NULL},
    };
    if (pipe(ends) != 0) {
        return 1;
    }
    return rig_main(argc, argv, parts);
}
