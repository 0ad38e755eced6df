/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/spin.c - programs that wait without waiting. They must end, at about the time
 * that they look for: a spin costs virtual time, so its end is said to a tenth of a unit. */
#include "tests/guest/time/rig.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

static int64_t end_ns;

static void begin(double count)
{
    end_ns = clock_ns(CLOCK_MONOTONIC) + units_ns(count);
}

/* Within a tenth of a unit after the time that was waited for. */
static void finish(const char *name)
{
    int64_t late_ns = clock_ns(CLOCK_MONOTONIC) - end_ns;
    printf("%s: %s\n", name, late_ns >= 0 && late_ns < units_ns(0.1) ? "in time" : "LATE");
    if (late_ns < 0 || late_ns >= units_ns(0.1)) {
        printf("by %s\n", in_units(late_ns));
    }
}

static void on_clock(void)
{
    begin(2);
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
    }
    finish("clock_gettime");
}

static void on_realtime(void)
{
    begin(2);
    struct timeval now, until;
    gettimeofday(&until, NULL);
    int64_t end_us = until.tv_sec * 1000000LL + until.tv_usec + units_ns(2) / 1000;
    do {
        gettimeofday(&now, NULL);
    } while (now.tv_sec * 1000000LL + now.tv_usec < end_us);
    finish("gettimeofday");
}

static void on_time(void)
{
    time_t start = time(NULL);
    while (time(NULL) < start + 2) {
    }
    printf("time: %lld\n", (long long)(time(NULL) - start));
}

static void with_poll(void)
{
    begin(2);
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        poll(NULL, 0, 0);
    }
    finish("poll at once");
}

static void with_yield(void)
{
    begin(2);
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        sched_yield();
    }
    finish("sched_yield");
}

static volatile int flag;

static void *set_flag(void *unused)
{
    (void)unused;
    sleep_units(2);
    flag = 1;
    return NULL;
}

static void for_flag(void)
{
    begin(2);
    pthread_t thread;
    pthread_create(&thread, NULL, set_flag, NULL);
    while (!flag) {
        sched_yield();
    }
    pthread_join(thread, NULL);
    finish("a flag, with sched_yield");
}

static void for_clock_flag(void)
{
    begin(2);
    pthread_t thread;
    pthread_create(&thread, NULL, set_flag, NULL);
    while (!flag) {
        clock_ns(CLOCK_MONOTONIC);
    }
    pthread_join(thread, NULL);
    finish("a flag, with clock reads");
}

static void for_data(void)
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    begin(2);
    if (fork() == 0) {
        sleep_units(2);
        _exit(send(ends[1], "x", 1, 0) == 1 ? 0 : 1);
    }
    char byte;
    while (recv(ends[0], &byte, 1, MSG_DONTWAIT) != 1) {
    }
    finish("recv with MSG_DONTWAIT");
    wait(NULL);
}

static void for_child(void)
{
    begin(2);
    if (fork() == 0) {
        sleep_units(2);
        _exit(0);
    }
    while (waitpid(-1, NULL, WNOHANG) == 0) {
    }
    finish("waitpid with WNOHANG");
}

static void for_lock(void)
{
    static pthread_spinlock_t lock;
    pthread_spin_init(&lock, 0);
    pthread_spin_lock(&lock);
    begin(1);
    while (pthread_spin_trylock(&lock) != 0 && clock_ns(CLOCK_MONOTONIC) < end_ns) {
    }
    finish("a spin lock");
}

/* Work between clock reads, as every honest program does: it must not cost much virtual time. */
static void honest(void)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < 200000; i++) {
        clock_ns(CLOCK_MONOTONIC);
    }
    int64_t cost = clock_ns(CLOCK_MONOTONIC) - start;
    printf("200000 reads cost less than 2 s: %d\n", cost < 2LL * SECOND_NS);
}

static void on_cpu_clock(void)
{
    clock_t start = clock();
    while (clock() < start + CLOCKS_PER_SEC / 5) {
    }
    printf("clock: done\n");
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"clock", on_clock},
        {"gettimeofday", on_realtime},
        {"time", on_time},
        {"poll", with_poll},
        {"yield", with_yield},
        {"flag", for_flag},
        {"clock_flag", for_clock_flag},
        {"data", for_data},
        {"child", for_child},
        {"lock", for_lock},
        {"honest", honest},
        {"cpu", on_cpu_clock},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
