/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_progress.h - how far a sweep is: a line that rewrites itself on a terminal, else one
 * a minute. */
#ifndef CLI_EXPLORE_PROGRESS_H
#define CLI_EXPLORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct explore_progress {
    FILE *out;
    bool terminal;
    bool shown; /* A line stands there unfinished. */
    bool begun;
    uint64_t limit_ns;          /* As struct explore_sweep_cfg has it. */
    uint64_t begin_ns, last_ns; /* Of the wall clock. */
    uint64_t begin_points;      /* Done before, as the journal says. */
};

void explore_progress_init(struct explore_progress *progress, FILE *out, uint64_t limit_ns);
/* For struct explore_sweep_cfg; ctx is the progress. points: 0 if nobody knows. */
void explore_progress_show(void *ctx, uint64_t points_done, uint64_t points);
void explore_progress_end(struct explore_progress *progress);

#endif
