/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_cut.c - ids of points are read as they are printed, and a plan has
 * each instant once. */
#include "scenarios/explore/explore_cut.h"

#include <criterion/criterion.h>
#include <string.h>

/* Two commands, the second right behind the first, and a frame beside them. */
static const struct explore_op ops[] = {
    {.kind = EXPLORE_FLASH, .number = 1, .powered = true, .start_ns = 1000, .end_ns = 2000},
    {.kind = EXPLORE_FLASH, .number = 2, .powered = true, .start_ns = 2000, .end_ns = 3000},
    {.kind = EXPLORE_FRAME, .number = 1, .powered = true, .start_ns = 1500, .end_ns = 1600},
    {.kind = EXPLORE_FLASH, .number = 3, .powered = false, .start_ns = 4000, .end_ns = 5000},
};

static void plan(struct explore_plan *plan, enum explore_mode mode, size_t sample, uint64_t seed)
{
    const struct explore_plan_cfg cfg = {.mode = mode, .sample = sample};
    struct prng prng;
    struct err err;
    prng_init(&prng, seed, "test");
    cr_assert_eq(explore_plan_make(plan, &cfg, ops, ARRAY_SIZE(ops), 0, &prng, &err), 0, "%s",
                 err.text);
}

Test(explore_cut, an_id_is_read_as_it_was_printed)
{
    static const char *const ids[] = {"clean", "f1.0",          "e23.5",     "f7.6",
                                      "f7.7",  "b4294967295.3", "f12.3+b1.0"};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        struct explore_path path;
        char text[EXPLORE_ID_CHARS];
        cr_assert(explore_path_parse(&path, ids[i]), "%s", ids[i]);
        explore_path_print(&path, text);
        cr_assert_str_eq(text, ids[i]);
    }
}

Test(explore_cut, what_is_no_id_is_refused)
{
    static const char *const texts[] = {
        "",          "f",     "f1",    "f1.",      "f0.1",          "f1.8",           "x1.1",
        "f1.1+",     "f1.1 ", "f-1.1", "f1.1b1.1", "f4294967296.1", "f1.1+f1.1+f1.1", "clean+f1.1",
        "f1.1+clean"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct explore_path path;
        cr_assert_not(explore_path_parse(&path, texts[i]), "%s", texts[i]);
    }
}

Test(explore_cut, exhaustive_cuts_each_instant_once_in_order)
{
    struct explore_plan all;
    plan(&all, EXPLORE_EXHAUSTIVE, 0, 1);
    cr_assert_eq(all.counts.points, 30);
    cr_assert_eq(all.counts.no_supply, 8);
    cr_assert_eq(all.counts.same_instant, 2, "2000 twice, 1600 twice");
    cr_assert_eq(all.counts.cuts, 20);
    cr_assert_eq(all.len, 20);
    for (size_t i = 1; i < all.len; i++) {
        cr_assert_lt(all.cuts[i - 1].at_ns, all.cuts[i].at_ns);
    }
    explore_plan_release(&all);
}

Test(explore_cut, linear_cuts_before_and_after)
{
    struct explore_plan linear;
    plan(&linear, EXPLORE_LINEAR, 0, 1);
    cr_assert_eq(linear.counts.not_in_mode, 22);
    cr_assert_eq(linear.counts.cuts, 5, "1000, 1500, 1600, 2000, 3000");
    explore_plan_release(&linear);
}

Test(explore_cut, log_takes_operations_by_powers_of_two)
{
    struct explore_plan log;
    plan(&log, EXPLORE_LOG, 0, 1);
    cr_assert_eq(log.counts.not_in_mode, 8, "operation 3");
    explore_plan_release(&log);
}

static bool is_same(const struct explore_plan *a, const struct explore_plan *b)
{
    bool same = a->len == b->len;
    for (size_t i = 0; same && i < a->len; i++) {
        const struct explore_cut *one = &a->cuts[i];
        const struct explore_cut *other = &b->cuts[i];
        same = one->kind == other->kind && one->part == other->part &&
               one->number == other->number && one->at_ns == other->at_ns;
    }
    return same;
}

Test(explore_cut, a_sample_follows_from_the_seed_alone)
{
    struct explore_plan a;
    struct explore_plan b;
    bool differs = false;
    plan(&a, EXPLORE_EXHAUSTIVE, 5, 7);
    plan(&b, EXPLORE_EXHAUSTIVE, 5, 7);
    cr_assert_eq(a.len, 5);
    cr_assert_eq(a.counts.not_drawn, 15);
    cr_assert(is_same(&a, &b));
    for (uint64_t seed = 8; seed < 16; seed++) {
        explore_plan_release(&b);
        plan(&b, EXPLORE_EXHAUSTIVE, 5, seed);
        differs = differs || !is_same(&a, &b);
    }
    cr_assert(differs);
    explore_plan_release(&a);
    explore_plan_release(&b);
}
