/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/wall_clock.c - the monotonic clock of the host. */
#include "scenarios/engine/wall_clock.h"

#include <time.h>

uint64_t wall_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}
