/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_faults.h - the sweep over random schedules of faults, each drawn within
 * the budget of what a correct master survives (docs/explore.md), played and judged. It goes on for
 * so many schedules, or for as long as there is time. */
#ifndef EXPLORE_FAULTS_H
#define EXPLORE_FAULTS_H

#include "scenarios/explore/explore_sweep.h"
#include "scenarios/explore/fault_play.h"

struct explore_faults_cfg {
    struct explore_world_cfg world;
    const struct explore_guest_cfg *guest; /* The master. Null: the reference, in process. */
    size_t faults_min, faults_max;         /* In a schedule. 0, 0: 1 to 8. */
    uint32_t settings;  /* Drawn from, as a set. 0: all that the master can be judged in. */
    uint64_t schedules; /* 0: until sweep.limit_ns is over. */
    /* Identity, shard, jobs, limit, journal, progress, give_up; the rest is filled in. */
    struct explore_sweep_cfg sweep;
};

enum { EXPLORE_FAULTS_MIN = 1, EXPLORE_FAULTS_MAX = 8 };

/* 0 with *result filled, to be released; or a negative code with *err, for instance if the update
 * does not even go well without faults. */
int explore_faults_run(const struct explore_faults_cfg *cfg, struct result_sweep *result,
                       struct err *err);

/* What schedules are drawn with. */
struct fault_draw_cfg explore_faults_draw(const struct explore_faults_cfg *cfg);

#endif
