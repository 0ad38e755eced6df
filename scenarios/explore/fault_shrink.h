/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_shrink.h - makes a schedule that goes wrong as small as it can be: first
 * its setting gives way to the sound update, or all faults to the setting alone; then faults are
 * left out (delta debugging: Zeller and Hildebrandt, ddmin), then what is left is made simpler, as
 * long as the same verdict comes. No single fault of the result can be left out.
 *
 * Schedules are tried side by side, and the first in order that goes wrong counts: the result does
 * not depend on the number of processes. */
#ifndef EXPLORE_FAULT_SHRINK_H
#define EXPLORE_FAULT_SHRINK_H

#include "scenarios/explore/fault_play.h"

#include <signal.h>

struct fault_shrink_cfg {
    size_t jobs; /* Processes side by side. 0: one for each core. */
    /* After each round, in the caller's process: faults that are left, and schedules that were
     * tried. May be null. */
    void (*on_progress)(void *ctx, size_t faults, uint64_t tried);
    void *ctx;
    const volatile sig_atomic_t *give_up; /* Not 0: ends with what it has. May be null. */
};

struct fault_shrunk {
    struct fault_schedule schedule;
    struct fault_outcome outcome;
    uint64_t tried; /* Schedules, as one process would count them. */
};

/* The schedule must have come to that verdict in this play. ERR_CONFLICT: it does not. */
int fault_shrink(struct fault_play *play, const struct fault_schedule *schedule,
                 enum explore_verdict verdict, const struct fault_shrink_cfg *cfg,
                 struct fault_shrunk *shrunk, struct err *err);

#endif
