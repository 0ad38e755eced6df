/* SPDX-License-Identifier: Apache-2.0 */
/* tests/cli/test_run_estimate.c - how much longer a run takes, by what was done of it. */
#include "cli/run_estimate.h"

#include <criterion/criterion.h>

enum { MS = 1000000 };

static char com[] = "COM", pwr[] = "PWR", sec[] = "SEC", name[] = "";

static struct play_result done(uint64_t wall_ns)
{
    return (struct play_result){.name = name, .wall_ns = wall_ns};
}

Test(run_estimate, nothing_is_known_before_a_play_is_done)
{
    struct play_result plays[3] = {{0}};
    struct case_result one = {.group = com, .plays = plays, .plays_len = 3};
    const struct run_result run = {.cases = &one, .cases_len = 1};
    cr_expect_eq(run_estimate_ns(&run, 5 * MS), 0u);
}

Test(run_estimate, plays_of_one_case_take_as_long_as_each_other)
{
    struct play_result plays[4] = {done(10 * MS), done(30 * MS)};
    struct case_result one = {.group = com, .plays = plays, .plays_len = 4};
    const struct run_result run = {.cases = &one, .cases_len = 1};
    cr_expect_eq(run_estimate_ns(&run, 40 * MS), 40u * MS, "one at a time");
    cr_expect_eq(run_estimate_ns(&run, 20 * MS), 20u * MS, "two at a time");
}

/* Of the case, else of the group, else of all: 2 x 10, 1 x 20, 1 x 25 ms. */
Test(run_estimate, the_nearest_plays_weigh)
{
    struct play_result a[3] = {done(10 * MS)};
    struct play_result b[1] = {done(30 * MS)};
    struct play_result c[1] = {{0}};
    struct play_result d[1] = {done(35 * MS)};
    struct play_result e[1] = {{0}};
    struct case_result cases[] = {
        {.group = com, .plays = a, .plays_len = 3}, {.group = com, .plays = b, .plays_len = 1},
        {.group = com, .plays = c, .plays_len = 1}, {.group = pwr, .plays = d, .plays_len = 1},
        {.group = sec, .plays = e, .plays_len = 1},
    };
    const struct run_result run = {.cases = cases, .cases_len = ARRAY_SIZE(cases)};
    cr_expect_eq(run_estimate_ns(&run, 75 * MS), 65u * MS);
}

Test(run_estimate, what_is_not_applicable_says_nothing)
{
    struct play_result a[1] = {done(0)};
    struct play_result b[2] = {done(10 * MS)};
    struct case_result cases[] = {
        {.group = com, .verdict = VERDICT_NOT_APPLICABLE, .plays = a, .plays_len = 1},
        {.group = com, .plays = b, .plays_len = 2},
    };
    const struct run_result run = {.cases = cases, .cases_len = ARRAY_SIZE(cases)};
    cr_expect_eq(run_estimate_ns(&run, 10 * MS), 10u * MS);
}
