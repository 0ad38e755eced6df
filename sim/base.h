/* SPDX-License-Identifier: Apache-2.0 */
/* sim/base.h - what every part of the simulator stands on: the time type and the always-on check.
 *
 * Time is an unsigned 64-bit count of nanoseconds since the start of the run. It never goes back,
 * it is handed to models as an argument, and names of such values end in _ns. */
#ifndef SIM_BASE_H
#define SIM_BASE_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t sim_ns_t;

/* "No deadline": later than everything. */
#define SIM_NEVER UINT64_MAX

#define SIM_US(n) ((sim_ns_t)(n)*1000u)
#define SIM_MS(n) ((sim_ns_t)(n)*1000000u)
#define SIM_S(n)  ((sim_ns_t)(n)*1000000000u)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* A programming error stops the program, in release builds too: a simulator that goes on after a
 * broken invariant produces verdicts nobody can trust. Never use it for input or modelled
 * behaviour. */
#define CHECK(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__, __func__))

_Noreturn void check_failed(const char *what, const char *file, int line, const char *func);

static inline sim_ns_t sim_min_ns(sim_ns_t a, sim_ns_t b)
{
    return a < b ? a : b;
}

#endif
