/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_slice.h - a worker of a sweep whose master is a guest: it tries
 * the cuts of its slices, one program after the other. */
#ifndef EXPLORE_GUEST_SLICE_H
#define EXPLORE_GUEST_SLICE_H

#include "scenarios/explore/explore_guest_recovery.h"
#include "scenarios/explore/explore_power.h"

struct explore_guest_worker {
    struct explore_guest guest;
    struct explore_world world; /* Vacant. */
    const struct explore_plan *plan;
    const struct explore_plan_cfg *nested; /* For second cuts. Null: there is one cut. */
    bool join;                             /* Cuts that are alike have one future. */
    struct explore_table alone;
    struct explore_slate *slate;
    struct explore_slate *scout_slate; /* Of a recovery that is to be swept. */
    struct explore_pair *pairs;        /* One for each first cut, shared. May be null. */
    struct err *child_err;
    bool cannot_double; /* Each future starts the program anew. */
};

/* nested: for second cuts, kept by pointer. Null: there are none. */
int explore_guest_worker_init(struct explore_guest_worker *worker,
                              const struct explore_world_cfg *world,
                              const struct explore_guest_cfg *guest,
                              const struct explore_plan_cfg *nested, struct err *err);
void explore_guest_worker_release(struct explore_guest_worker *worker);

/* The clean run, with its operations on worker->slate. */
int explore_guest_worker_scout(struct explore_guest_worker *worker, struct err *err);
/* As explore_worker_slice(). */
int explore_guest_worker_slice(struct explore_guest_worker *worker, size_t first, size_t len,
                               struct explore_unit *unit, struct explore_outcome *outcomes,
                               struct err *err);

#endif
