/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/wall_clock.h - how long something took for the one who waits for it. What is
 * read here is shown or bounds a wait of the runner; it never enters a run. */
#ifndef ENGINE_WALL_CLOCK_H
#define ENGINE_WALL_CLOCK_H

#include <stdint.h>

/* Monotonic; only differences mean something. */
uint64_t wall_clock_ns(void);

#endif
