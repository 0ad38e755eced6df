/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_power.h - the sweep of power cuts over an update: it runs once clean,
 * counts its operations, and then loses its supply before, in and after each of them; with two cuts
 * the recovery after each cut is swept likewise.
 *
 * The sweep is split into slices of neighbouring cuts. A worker walks through the update, and at
 * each cut of its slice a play branches off. What is joined is joined within a slice, so that the
 * result does not depend on the number of workers. */
#ifndef EXPLORE_POWER_H
#define EXPLORE_POWER_H

#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_sweep.h"

struct explore_guest_cfg;

/* Of a second cut. */
struct explore_pair {
    struct explore_cut second;
    struct explore_outcome outcome;
};

struct explore_power_cfg {
    struct explore_world_cfg world;
    const struct explore_guest_cfg *guest; /* The master. Null: in process. */
    struct explore_plan_cfg plan;          /* With two cuts and a sample: so many pairs. */
    unsigned depth;                        /* Cuts in a row, 1 or 2. 0: 1. */
    bool no_join;                          /* Each future is gone through to its end. */
    bool forks;                            /* Each future is played in a process of its own. */
    bool keep_outcomes;                    /* Of what is tried here, for tests. */
    /* Identity, workers, shard, journal, progress. Null: as of zeroes. What the units are, and what
     * is done in them, is filled in. */
    const struct explore_sweep_cfg *sweep;
};

/* The numbers that it counts; their order is that of the rows. */
enum explore_power_row {
    EXPLORE_ROW_OPS, /* Of the clean run: one for each kind of operation. */
    EXPLORE_ROW_FIRST = EXPLORE_ROW_OPS + EXPLORE_OP_KINDS,        /* struct explore_plan_counts. */
    EXPLORE_ROW_SECOND = EXPLORE_ROW_FIRST + EXPLORE_PLAN_NUMBERS, /* Likewise, of second cuts. */
    EXPLORE_ROW_SWEPT = EXPLORE_ROW_SECOND + EXPLORE_PLAN_NUMBERS,
    EXPLORE_ROW_OPS_DROPPED,
    EXPLORE_ROW_TRIED,
    EXPLORE_ROW_STATES,
    EXPLORE_ROW_SAME_WORLD,
    EXPLORE_ROW_JOINED,
    EXPLORE_POWER_ROWS
};

struct explore_power_result {
    struct result_sweep sweep;
    /* Kept outcomes, in the order of the instants. Those of cuts that were not tried are zeroed. */
    size_t cuts_len;
    struct explore_cut *cuts;         /* Owned. */
    struct explore_outcome *outcomes; /* Owned. */
    struct explore_pair *pairs;       /* Owned. With a guest: the last second cut after each. */
};

/* 0 with *result filled, to be released; or a negative code with *err, for instance if the update
 * does not even go well without a cut. */
int explore_power_run(const struct explore_power_cfg *cfg, struct explore_power_result *result,
                      struct err *err);
void explore_power_result_release(struct explore_power_result *result);

/* One point alone, with a trace if the world's configuration names a folder for it. The outcome is
 * never joined. ERR_NOT_FOUND: the run has no such operation. */
int explore_power_point(const struct explore_world_cfg *cfg, const struct explore_path *path,
                        struct explore_outcome *outcome, struct explore_judgement *why,
                        struct err *err);

#endif
