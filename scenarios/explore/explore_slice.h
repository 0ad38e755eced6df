/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_slice.h - a worker of a sweep: it walks through the update once, and
 * tries the cuts of its slices on the way. */
#ifndef EXPLORE_SLICE_H
#define EXPLORE_SLICE_H

#include "scenarios/explore/explore_power.h"

struct explore_worker_cfg {
    struct explore_world *world; /* Before the first cut; the worker's own from now on. */
    const struct explore_plan *plan;
    const struct explore_plan_cfg *nested; /* For the second cuts. */
    unsigned depth;
    uint64_t seed;
    bool join;
};

/* The cut before: if no event has run since, and no operation of the flash is under way, the world
 * differs by its clock alone. */
struct explore_last {
    bool known;
    uint64_t events_run;
    struct explore_outcome outcome;
};

/* All shared. */
struct explore_tables {
    struct explore_table known; /* Futures: states and their verdicts. */
    struct explore_table alone; /* What ECUs do alone: states of flash. */
    struct explore_table swept; /* Two cuts: states from which the recovery has been swept. */
};

struct explore_worker {
    struct explore_worker_cfg cfg;
    struct explore_unit *unit;    /* Its slice. */
    struct explore_tables tables; /* Of the slice. */
    struct explore_tables base;   /* Two cuts: what every slice but the first begins with. */
    bool has_base;
    struct explore_last last;          /* Of last cuts. */
    struct explore_slate *slate;       /* Of a last cut. */
    struct explore_slate *scout_slate; /* Of a recovery that is to be swept. */
    struct err *child_err;             /* Shared. */
};

int explore_worker_init(struct explore_worker *worker, const struct explore_worker_cfg *cfg,
                        struct err *err);
void explore_worker_release(struct explore_worker *worker);
/* Slices come with rising cuts. outcomes: null, or room for len of them, in shared memory. */
int explore_worker_slice(struct explore_worker *worker, size_t first, size_t len,
                         struct explore_unit *unit, struct explore_outcome *outcomes,
                         struct err *err);

#endif
