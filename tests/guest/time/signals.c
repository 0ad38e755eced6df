/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/signals.c - signals between guests and what they do to a waiting call. */
#include "tests/guest/time/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

static volatile sig_atomic_t caught;
static int ends[2];

static void on_signal(int signal)
{
    (void)signal;
    caught++;
    stamp("handler");
}

static void catch_with(int signal, int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

static void alarm_in(double count)
{
    int64_t us = units_ns(count) / 1000;
    struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void block(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static sigset_t only(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

/* A child that writes a byte after so long. */
static void byte_in(double count)
{
    if (fork() == 0) {
        sleep_units(count);
        _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
    }
}

static void restart(void)
{
    char byte;
    catch_with(SIGALRM, SA_RESTART);
    alarm_in(1);
    byte_in(2);
    stamp_result("read restarts", read(ends[0], &byte, 1));
    alarm_in(1);
    stamp_result("wait restarts", wait(NULL) > 0);
    byte_in(2);
    alarm_in(1);
    struct pollfd poller = {.fd = ends[0], .events = POLLIN};
    stamp_result("poll never does", poll(&poller, 1, -1));
    alarm_in(0.5);
    struct timespec span = units(1), left = {0};
    stamp_result("nor does nanosleep", nanosleep(&span, &left));
    stamp_result("read", read(ends[0], &byte, 1));
    wait(NULL);
}

static void interrupt(void)
{
    char byte;
    catch_with(SIGALRM, 0);
    alarm_in(1);
    stamp_result("read", read(ends[0], &byte, 1));
    alarm_in(1);
    byte_in(2);
    stamp_result("wait", wait(NULL));
    stamp("wait again: %d", wait(NULL) > 0);
    stamp_result("read", read(ends[0], &byte, 1));
}

static void suspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    catch_with(SIGALRM, 0);
    block(SIGALRM);
    alarm_in(1);
    sleep_units(2);
    stamp("still pending");
    stamp_result("sigsuspend", sigsuspend(&none));
    alarm_in(1);
    stamp_result("sigsuspend", sigsuspend(&none));
}

static void timed_wait(void)
{
    sigset_t set = only(SIGUSR1);
    block(SIGUSR1);
    struct timespec limit = units(1);
    siginfo_t info;
    stamp_result("nothing comes", sigtimedwait(&set, &info, &limit));
    if (fork() == 0) {
        sleep_units(1);
        union sigval value = {.sival_int = 77};
        sigqueue(getppid(), SIGUSR1, value);
        _exit(0);
    }
    limit = units(5);
    stamp("got SIGUSR1: %d", sigtimedwait(&set, &info, &limit) == SIGUSR1);
    stamp("value %d, queued %d", info.si_value.sival_int, info.si_code == SI_QUEUE);
    wait(NULL);
    catch_with(SIGALRM, 0);
    alarm_in(1);
    stamp_result("another signal", sigtimedwait(&set, &info, &limit));
    raise(SIGUSR1);
    stamp("pending: %d", sigwaitinfo(&set, &info) == SIGUSR1);
}

static void descriptor(void)
{
    sigset_t set = only(SIGALRM);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    struct signalfd_siginfo info;
    alarm_in(1);
    stamp("read: %d", read(fd, &info, sizeof info) == sizeof info);
    stamp("SIGALRM: %d", info.ssi_signo == SIGALRM);
    if (fork() == 0) {
        sleep_units(2);
        _exit(0);
    }
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    stamp_result("poll", poll(&poller, 1, units_ms(1)));
    stamp_result("poll", poll(&poller, 1, units_ms(5)));
    stamp("read: %d", read(fd, &info, sizeof info) == sizeof info);
    stamp("SIGCHLD: %d", info.ssi_signo == SIGCHLD);
    wait(NULL);
}

static void child(void)
{
    catch_with(SIGCHLD, 0);
    if (fork() == 0) {
        sleep_units(2);
        _exit(0);
    }
    struct timespec span = units(5), left;
    stamp_result("sleep", nanosleep(&span, &left));
    stamp("left %s", in_units(ns_of(left)));
    stamp("reaped: %d", waitpid(-1, NULL, WNOHANG) > 0);
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0) {
        sleep_units(1);
        _exit(0);
    }
    stamp_result("wait with SIGCHLD ignored", wait(NULL));
}

static void *wait_for_byte(void *unused)
{
    (void)unused;
    char byte;
    stamp_result("thread's read", read(ends[0], &byte, 1));
    return NULL;
}

static void thread_directed(void)
{
    catch_with(SIGUSR1, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_byte, NULL);
    sleep_units(1);
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    stamp("joined");
}

static void *block_and_wait(void *unused)
{
    block(SIGALRM);
    return wait_for_byte(unused);
}

static void process_directed(void)
{
    catch_with(SIGALRM, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, block_and_wait, NULL);
    alarm_in(1);
    struct timespec span = units(3);
    stamp_result("main's sleep", nanosleep(&span, NULL));
    stamp_result("write", write(ends[1], "x", 1));
    pthread_join(thread, NULL);
}

static void kill_child(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    sleep_units(1);
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    stamp("killed by %d", WTERMSIG(status));
    pid = fork();
    if (pid == 0) {
        signal(SIGTERM, SIG_IGN);
        sleep_units(1000);
    }
    sleep_units(1);
    kill(pid, SIGTERM);
    sleep_units(1);
    stamp("alive: %d", kill(pid, 0) == 0);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    stamp("killed by %d", WTERMSIG(status));
    pid = fork();
    if (pid == 0) {
        sleep_units(1);
        abort();
    }
    waitpid(pid, &status, 0);
    stamp("killed by %d", WTERMSIG(status));
}

static sigjmp_buf back;

static void jump(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static void jump_out(void)
{
    signal(SIGALRM, jump);
    char byte;
    for (volatile int i = 0; i < 3; i++) {
        if (sigsetjmp(back, 1) == 0) {
            alarm_in(1);
            stamp_result("never", read(ends[0], &byte, 1));
        } else {
            stamp("jumped out of read");
        }
    }
}

static void storm(void)
{
    caught = 0;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGRTMIN, &action, NULL);
    block(SIGRTMIN);
    for (int i = 0; i < 3; i++) {
        raise(SIGRTMIN);
    }
    sigset_t none;
    sigemptyset(&none);
    stamp("three are queued");
    sigprocmask(SIG_SETMASK, &none, NULL);
    stamp("%d caught", (int)caught);
}

static void *take_one(void *set)
{
    siginfo_t info;
    int signal;
    do { /* The kernel may wake both, and who finds nothing is interrupted. */
        signal = sigwaitinfo(set, &info);
    } while (signal < 0 && errno == EINTR);
    stamp("taken: %d", signal == SIGUSR1);
    return NULL;
}

/* Two wait for one signal: one has it, and the other waits on. */
static void two_takers(void)
{
    pthread_t threads[2];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, take_one, &set);
    }
    for (int i = 0; i < 2; i++) {
        sleep_units(1);
        kill(getpid(), SIGUSR1);
    }
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    stamp("both");
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"restart", restart},
        {"interrupt", interrupt},
        {"suspend", suspend},
        {"timed_wait", timed_wait},
        {"descriptor", descriptor},
        {"child", child},
        {"thread", thread_directed},
        {"process", process_directed},
        {"kill", kill_child},
        {"jump", jump_out},
        {"storm", storm},
        {"two_takers", two_takers},
        {NULL, NULL},
    };
    if (pipe(ends) != 0) {
        return 1;
    }
    return rig_main(argc, argv, parts);
}
