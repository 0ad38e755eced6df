/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_sum.h - adds up what units have come to. They may come in any order:
 * the sum does not show it. */
#ifndef EXPLORE_SUM_H
#define EXPLORE_SUM_H

#include "scenarios/explore/explore_sweep.h"

/* A unit that is done. */
struct explore_done {
    uint64_t index;
    uint64_t points;
    uint64_t wall_ns; /* Real time since the one before was done. */
    const struct explore_tally *tally;
    uint64_t *states; /* The caller's. */
    size_t states_len;
};

struct explore_sum_failure {
    uint64_t unit;
    struct explore_failed failed;
};

struct explore_sum {
    const struct explore_sweep_cfg *cfg;
    uint64_t points, wall_ns, failures_all;
    uint64_t numbers[EXPLORE_ROWS_MAX];
    uint64_t verdicts[EXPLORE_VERDICT_COUNT];
    uint64_t invariants[EXPLORE_RULES];
    uint64_t map[EXPLORE_BINS][EXPLORE_VERDICT_COUNT];
    struct explore_sum_failure failures[SWEEP_FAILURES_MAX]; /* The first ones, by unit. */
    size_t failures_len;
    struct sweep_units *done; /* Owned. Rising, neither touching nor overlapping. */
    size_t done_len, done_cap;
    uint64_t *states; /* Owned. A set: 0 is a free place. */
    size_t states_len, states_cap;
};

/* cfg is kept. */
void explore_sum_init(struct explore_sum *sum, const struct explore_sweep_cfg *cfg);
void explore_sum_release(struct explore_sum *sum);
bool explore_sum_has(const struct explore_sum *sum, uint64_t unit);
/* A unit that it does not have. Of the states only those are left that no unit before has met. */
void explore_sum_add(struct explore_sum *sum, struct explore_done *unit);
/* As explore_sweep_run() gives it. */
void explore_sum_result(const struct explore_sum *sum, struct result_sweep *result);

#endif
