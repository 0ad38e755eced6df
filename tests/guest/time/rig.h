/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/rig.h - what the test programs share: a stamp on every line, and parts by name.
 *
 * A program is a table of parts; its argument names the part to run. A line begins with the time
 * since the program's start, in units. A unit is a second as a guest, where the figure must be
 * exact to the nanosecond. TIME_UNIT_NS makes it shorter; then a real kernel is running the
 * program, and the figure is cut to quarters of a unit, because a real kernel is always a little
 * late. */
#ifndef TESTS_GUEST_TIME_RIG_H
#define TESTS_GUEST_TIME_RIG_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000 };

struct part {
    const char *name;
    void (*run)(void);
};

static int64_t rig_unit_ns = SECOND_NS;
static int64_t rig_begin_ns;

static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static inline struct timespec spec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS};
}

static inline int64_t ns_of(struct timespec spec)
{
    return (int64_t)spec.tv_sec * SECOND_NS + spec.tv_nsec;
}

static inline int64_t units_ns(double units)
{
    return (int64_t)(units * (double)rig_unit_ns);
}

static inline struct timespec units(double count)
{
    return spec_of(units_ns(count));
}

static inline int units_ms(double count)
{
    return (int)(units_ns(count) / 1000000);
}

static inline struct timespec at_units(clockid_t clock, double count)
{
    return spec_of(clock_ns(clock) + units_ns(count));
}

static inline void sleep_units(double count)
{
    struct timespec span = units(count);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

/* A span of time as text, in units without useless zeros. */
static inline const char *in_units(int64_t ns)
{
    static __thread char text[4][40];
    static __thread unsigned turn;
    char *out = text[turn++ % 4];
    if (rig_unit_ns != SECOND_NS) {
        int64_t quarter = rig_unit_ns / 4;
        ns = (ns + quarter / 8) / quarter * (SECOND_NS / 4);
    }
    snprintf(out, sizeof text[0], "%lld.%09lld", (long long)(ns / SECOND_NS),
             (long long)(ns % SECOND_NS));
    char *end = out + strlen(out) - 1;
    while (*end == '0') {
        *end-- = '\0';
    }
    if (*end == '.') {
        *end = '\0';
    }
    return out;
}

/* One line, one write: lines of several threads and processes do not mix. */
__attribute__((format(printf, 1, 2))) static inline void stamp(const char *format, ...)
{
    int saved = errno;
    int64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC) - rig_begin_ns;
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dprintf(STDOUT_FILENO, "%s %s\n", in_units(elapsed_ns), text);
    errno = saved;
}

/* "name: value", or the name of the error for -1. */
static inline void stamp_result(const char *name, long result)
{
    if (result == -1) {
        stamp("%s: %s", name, strerrorname_np(errno));
    } else {
        stamp("%s: %ld", name, result);
    }
}

/* For the pthread functions, which return the error. */
static inline void stamp_error(const char *name, int error)
{
    stamp("%s: %s", name, error == 0 ? "0" : strerrorname_np(error));
}

static inline int rig_main(int argc, char **argv, const struct part *parts)
{
    const char *unit = getenv("TIME_UNIT_NS");
    rig_unit_ns = unit ? atoll(unit) : (int64_t)SECOND_NS;
    rig_begin_ns = clock_ns(CLOCK_MONOTONIC);
    for (; parts->name; parts++) {
        if (argc > 1 && strcmp(parts->name, argv[1]) == 0) {
            parts->run();
            return 0;
        }
    }
    fprintf(stderr, "usage: %s PART\n", argv[0]);
    return 2;
}

#endif
