/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_estimate.c - what is left of a run, by what was done of it. */
#include "cli/run_estimate.h"

#include <string.h>

struct done {
    size_t plays, left;
    double wall_ns;
};

static struct done of_case(const struct case_result *one)
{
    struct done done = {.plays = 0};
    for (size_t i = 0; one->verdict != VERDICT_NOT_APPLICABLE && i < one->plays_len; i++) {
        const bool is_done = one->plays[i].name != NULL;
        done.plays += is_done;
        done.left += !is_done;
        done.wall_ns += is_done ? (double)one->plays[i].wall_ns : 0.0;
    }
    return done;
}

/* A null group is any. */
static struct done of_group(const struct run_result *result, const char *group)
{
    struct done sum = {.plays = 0};
    for (size_t i = 0; i < result->cases_len; i++) {
        if (group == NULL || strcmp(result->cases[i].group, group) == 0) {
            const struct done done = of_case(&result->cases[i]);
            sum.plays += done.plays;
            sum.left += done.left;
            sum.wall_ns += done.wall_ns;
        }
    }
    return sum;
}

static double mean_ns(struct done done)
{
    return done.wall_ns / (double)done.plays;
}

uint64_t run_estimate_ns(const struct run_result *result, uint64_t elapsed_ns)
{
    const struct done all = of_group(result, NULL);
    struct done group = {.plays = 0};
    const char *of = NULL; /* Cases of one group mostly follow each other. */
    double left_ns = 0.0;
    if (all.plays == 0 || all.wall_ns <= 0.0) {
        return 0;
    }
    for (size_t i = 0; i < result->cases_len; i++) {
        const struct case_result *one = &result->cases[i];
        const struct done done = of_case(one);
        if (done.left > 0) {
            group =
                of != NULL && strcmp(of, one->group) == 0 ? group : of_group(result, one->group);
            of = one->group;
            const double each_ns = done.plays > 0    ? mean_ns(done)
                                   : group.plays > 0 ? mean_ns(group)
                                                     : mean_ns(all);
            left_ns += each_ns * (double)done.left;
        }
    }
    return (uint64_t)(left_ns * (double)elapsed_ns / all.wall_ns);
}
