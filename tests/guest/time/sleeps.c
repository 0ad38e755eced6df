/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/sleeps.c - clocks, and every call that only sleeps. */
#include "tests/guest/time/rig.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/times.h>

static void ignore(int signal)
{
    (void)signal;
}

static void catch_alarm(void)
{
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGALRM, &action, NULL);
}

static void alarm_in(double count)
{
    int64_t us = units_ns(count) / 1000;
    struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void clocks(void)
{
    static const struct {
        const char *name;
        clockid_t id;
    } rows[] = {
        {"REALTIME", CLOCK_REALTIME},
        {"MONOTONIC", CLOCK_MONOTONIC},
        {"MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
        {"REALTIME_COARSE", CLOCK_REALTIME_COARSE},
        {"MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE},
        {"BOOTTIME", CLOCK_BOOTTIME},
        {"REALTIME_ALARM", CLOCK_REALTIME_ALARM},
        {"BOOTTIME_ALARM", CLOCK_BOOTTIME_ALARM},
        {"TAI", CLOCK_TAI},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    int64_t before[ROWS];
    for (int i = 0; i < ROWS; i++) {
        before[i] = clock_ns(rows[i].id);
    }
    sleep_units(2);
    for (int i = 0; i < ROWS; i++) {
        stamp("%s went on by %s", rows[i].name, in_units(clock_ns(rows[i].id) - before[i]));
    }
    struct timespec now;
    stamp_result("a clock that does not exist", clock_gettime(99, &now));
}

static void epoch(void)
{
    struct timespec now;
    struct timeval day;
    clock_gettime(CLOCK_REALTIME, &now);
    gettimeofday(&day, NULL);
    stamp("REALTIME %lld.%09ld", (long long)now.tv_sec, now.tv_nsec);
    stamp("gettimeofday %lld.%06ld time %lld", (long long)day.tv_sec, day.tv_usec,
          (long long)time(NULL));
    stamp("MONOTONIC is BOOTTIME: %d", clock_ns(CLOCK_MONOTONIC) == clock_ns(CLOCK_BOOTTIME));
    struct timespec resolution;
    clock_getres(CLOCK_MONOTONIC, &resolution);
    stamp("resolution %lld", (long long)ns_of(resolution));
}

static void old_clocks(void)
{
    struct timeval a, b;
    struct tms ignored;
    gettimeofday(&a, NULL);
    clock_t ticks = times(&ignored);
    sleep_units(3);
    gettimeofday(&b, NULL);
    ticks = times(&ignored) - ticks;
    int64_t us = (b.tv_sec - a.tv_sec) * 1000000LL + (b.tv_usec - a.tv_usec);
    stamp("gettimeofday went on by %s", in_units(us * 1000));
    stamp("times went on by %s", in_units(ticks * (SECOND_NS / sysconf(_SC_CLK_TCK))));
}

static void relative(void)
{
    struct timespec span = units(1.5);
    stamp_result("nanosleep", nanosleep(&span, NULL));
    stamp_result("usleep", usleep((useconds_t)(units_ns(2) / 1000)));
    stamp_error("CLOCK_MONOTONIC", clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL));
    stamp_error("CLOCK_REALTIME", clock_nanosleep(CLOCK_REALTIME, 0, &span, NULL));
    stamp_error("CLOCK_BOOTTIME", clock_nanosleep(CLOCK_BOOTTIME, 0, &span, NULL));
    stamp_error("CLOCK_TAI", clock_nanosleep(CLOCK_TAI, 0, &span, NULL));
}

static void whole_seconds(void)
{
    stamp_result("sleep", sleep(1));
    catch_alarm();
    alarm(1);
    stamp_result("sleep cut by alarm", sleep(3));
}

static void absolute(void)
{
    static const struct {
        const char *name;
        clockid_t id;
    } rows[] = {
        {"MONOTONIC", CLOCK_MONOTONIC},
        {"REALTIME", CLOCK_REALTIME},
        {"BOOTTIME", CLOCK_BOOTTIME},
        {"TAI", CLOCK_TAI},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct timespec when = at_units(rows[i].id, 1);
        stamp_error(rows[i].name, clock_nanosleep(rows[i].id, TIMER_ABSTIME, &when, NULL));
        stamp_error("again", clock_nanosleep(rows[i].id, TIMER_ABSTIME, &when, NULL));
    }
}

static void bad(void)
{
    struct timespec span = {.tv_sec = 0, .tv_nsec = SECOND_NS};
    stamp_result("a billion nanoseconds", nanosleep(&span, NULL));
    span = (struct timespec){.tv_sec = -1};
    stamp_result("negative", nanosleep(&span, NULL));
    span = (struct timespec){0};
    stamp_result("none", nanosleep(&span, NULL));
    stamp_error("of a CPU clock of its own",
                clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &span, NULL));
}

static void cut_short(void)
{
    catch_alarm();
    struct timespec span = units(5), left = {0};
    alarm_in(2);
    stamp_result("nanosleep", nanosleep(&span, &left));
    stamp("left %s", in_units(ns_of(left)));
    alarm_in(1);
    stamp_error("clock_nanosleep", clock_nanosleep(CLOCK_REALTIME, 0, &span, &left));
    stamp("left %s", in_units(ns_of(left)));
    struct timespec when = at_units(CLOCK_MONOTONIC, 3);
    alarm_in(2);
    stamp_error("ABSTIME", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, &left));
    stamp_error("again", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, &left));
    stamp("left untouched %s", in_units(ns_of(left)));
}

static void resume(void)
{
    /* A stop and a continue do not end a sleep: signal(7). */
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGALRM, &ignored, NULL);
    alarm_in(1);
    struct timespec span = units(3);
    stamp_result("an ignored signal does not cut it", nanosleep(&span, NULL));
}

static void hour(void)
{
    sleep_units(3600);
    stamp("an hour");
    sleep_units(86400);
    stamp("a day");
}

static void many(void)
{
    struct timespec span = spec_of(1000);
    for (int i = 0; i < 20000; i++) {
        nanosleep(&span, NULL);
    }
    stamp("20000 sleeps of a microsecond");
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"clocks", clocks},     {"epoch", epoch},         {"old", old_clocks},
        {"relative", relative}, {"whole", whole_seconds}, {"absolute", absolute},
        {"bad", bad},           {"cut", cut_short},       {"ignored", resume},
        {"hour", hour},         {"many", many},           {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
