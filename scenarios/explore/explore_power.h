/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_power.h - the sweep of power cuts over an update: it runs once clean,
 * counts its operations, and then loses its supply before, in and after each of them; with two cuts
 * the recovery after each cut is swept likewise.
 *
 * The sweep is split into slices of neighbouring cuts. A worker walks through the update, and at
 * each cut of its slice a child branches off. What is joined is joined within a slice, so that the
 * result does not depend on the number of workers. */
#ifndef EXPLORE_POWER_H
#define EXPLORE_POWER_H

#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_tally.h"

#include <signal.h>

struct explore_power_cfg {
    struct explore_world_cfg world;
    struct explore_plan_cfg plan; /* With two cuts and a sample: so many pairs. */
    unsigned depth;               /* Cuts in a row, 1 or 2. 0: 1. */
    size_t jobs;                  /* Workers. 0: one for each core. */
    bool no_join;                 /* Each future is gone through to its end. */
    /* Called several times a second. May be null. */
    void (*on_progress)(void *ctx, size_t done, size_t all);
    void *ctx;
    const volatile sig_atomic_t *give_up; /* Not 0: ends early. May be null. */
};

/* The numbers that it counts. */
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
    uint64_t ops[EXPLORE_OP_KINDS]; /* Of the clean run. */
    uint64_t states;                /* Different contents of flash right after a cut. */
    bool states_full;               /* There were more. */
    bool interrupted;               /* Given up: what follows is not complete. */
    sim_ns_t clean_ns;              /* Virtual time that the update takes undisturbed. */
    struct explore_tally tally;
    /* Of first cuts, one cut: in the order of their instants. */
    size_t cuts_len;
    struct explore_cut *cuts;         /* Owned. */
    struct explore_outcome *outcomes; /* Owned; likewise. */
};

/* 0 with *result filled, to be released; or a negative code with *err, for instance if the update
 * does not even go well without a cut. */
int explore_power_run(const struct explore_power_cfg *cfg, struct explore_power_result *result,
                      struct err *err);
void explore_power_result_release(struct explore_power_result *result);

/* One point alone, with a trace if the world's configuration names a folder for it. The outcome is
 * never joined. ERR_NOT_FOUND: the run has no such operation. */
int explore_power_point(const struct explore_world_cfg *cfg, const struct explore_path *path,
                        struct explore_outcome *outcome, struct err *err);

#endif
