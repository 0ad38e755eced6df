/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_progress.h - what a sweep will try, how far it is, and how long it will take: a line
 * that rewrites itself on a terminal, else one a minute. */
#ifndef CLI_EXPLORE_PROGRESS_H
#define CLI_EXPLORE_PROGRESS_H

#include "scenarios/explore/explore_sweep.h"

#include <stdio.h>

/* So many points were done then. */
struct explore_mark {
    uint64_t at_ns; /* Of the wall clock. */
    uint64_t points;
};

struct explore_progress {
    FILE *out;
    bool terminal;
    bool shown;        /* A line stands there unfinished. */
    uint64_t limit_ns; /* As struct explore_sweep_cfg has it. */
    uint64_t begin_ns, last_ns;
    uint64_t begin_points; /* Done before, as the journal says. */
    /* From the first point on that was done here; speed is taken from the older one. */
    bool moves;
    struct explore_mark older, newer;
};

void explore_progress_init(struct explore_progress *progress, FILE *out, uint64_t limit_ns);
/* On a terminal, what is being done before there are points. */
void explore_progress_wait(struct explore_progress *progress, const char *what);
/* For struct explore_sweep_cfg; ctx is the progress. */
void explore_progress_begin(void *ctx, const struct explore_sweep_cfg *cfg, uint64_t points_done,
                            size_t jobs);
/* Likewise. points: 0 if nobody knows. */
void explore_progress_show(void *ctx, uint64_t points_done, uint64_t points);
void explore_progress_end(struct explore_progress *progress);

#endif
