/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_guest_pairs.c - two cuts in a row with a master as guest: the same
 * program comes to the same end at the same pair as in process; the double of a double does what
 * the program itself does; and what only a second cut shows is found. */
#include "scenarios/explore/explore_guest_slice.h"
#include "tests/explore/guest_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct explore_power_cfg pairs_of(size_t sample)
{
    return (struct explore_power_cfg){
        .world = {.image_bytes = 1024,
                  .vehicle = {.transfer = BOOT_STYLE_BLOCK,
                              .check = BOOT_CHECK_SHA1,
                              .flash_timing = -1},
                  .seed = 1},
        .guest = &guest,
        .plan = {.mode = EXPLORE_EXHAUSTIVE, .sample = sample},
        .depth = 2,
        .keep_outcomes = true,
    };
}

static void run(const struct explore_power_cfg *cfg, struct explore_power_result *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_power_run(cfg, result, &err), 0, "%s", err.text);
}

static struct explore_path pair(const struct explore_power_result *result, size_t i,
                                char id[EXPLORE_ID_CHARS])
{
    const struct explore_path path = {.len = 2, .cuts = {result->cuts[i], result->pairs[i].second}};
    explore_path_print(&path, id);
    return path;
}

Test(explore_guest_pairs, the_reference_master_ends_as_it_does_in_process)
{
    const struct explore_power_cfg cfg = pairs_of(24);
    struct explore_power_result result;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    run(&cfg, &result);
    cr_assert_eq(result.cuts_len, 24);
    for (size_t i = 0; i < result.cuts_len; i++) {
        char id[EXPLORE_ID_CHARS];
        struct explore_outcome here;
        const struct explore_path path = pair(&result, i, id);
        cr_assert_eq(explore_power_point(&cfg.world, &path, &here, NULL, &err), 0, "%s", err.text);
        cr_expect_eq(here.verdict, result.pairs[i].outcome.verdict, "%s", id);
        cr_expect_eq(here.state, result.pairs[i].outcome.state, "%s: flash", id);
    }
    explore_power_result_release(&result);
    unload();
}

static void expect_same_numbers(const struct explore_power_result *a,
                                const struct explore_power_result *b)
{
    for (int row = 0; row < EXPLORE_POWER_ROWS; row++) {
        cr_expect_eq(a->sweep.rows[row].number, b->sweep.rows[row].number, "%s",
                     a->sweep.rows[row].text);
    }
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        cr_expect_eq(a->sweep.verdicts[i].count, b->sweep.verdicts[i].count);
    }
}

/* What is drawn, what is counted, and how it ends. */
Test(explore_guest_pairs, the_numbers_are_those_of_a_sweep_in_process)
{
    struct explore_power_cfg cfg = pairs_of(24);
    struct explore_power_result here;
    struct explore_power_result there;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.no_join = true;
    run(&cfg, &there);
    cfg.guest = NULL;
    run(&cfg, &here);
    expect_same_numbers(&here, &there);
    explore_power_result_release(&here);
    explore_power_result_release(&there);
    unload();
}

Test(explore_guest_pairs, the_number_of_workers_does_not_show)
{
    struct explore_power_cfg cfg = pairs_of(40);
    struct explore_power_result one;
    struct explore_power_result three;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 1};
    run(&cfg, &one);
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 3};
    run(&cfg, &three);
    cr_expect_gt(one.sweep.units, 2);
    expect_same_numbers(&one, &three);
    for (size_t i = 0; i < one.cuts_len; i++) {
        cr_expect_eq(one.pairs[i].outcome.digest, three.pairs[i].outcome.digest);
    }
    explore_power_result_release(&one);
    explore_power_result_release(&three);
    unload();
}

static void assert_doubles_do_the_same(size_t sample)
{
    const struct explore_power_cfg cfg = pairs_of(sample);
    struct explore_power_result result;
    struct err err = {.code = 0};
    run(&cfg, &result);
    for (size_t i = 0; i < result.cuts_len; i++) {
        struct explore_outcome alone;
        char id[EXPLORE_ID_CHARS];
        const struct explore_path path = pair(&result, i, id);
        cr_assert_eq(explore_guest_point(&cfg.world, &guest, &path, &alone, NULL, &err), 0, "%s",
                     err.text);
        cr_expect_eq(alone.verdict, result.pairs[i].outcome.verdict, "%s", id);
        cr_expect_eq(alone.digest, result.pairs[i].outcome.digest, "%s: another run", id);
    }
    explore_power_result_release(&result);
}

Test(explore_guest_pairs, the_double_of_a_double_does_what_the_program_does)
{
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    assert_doubles_do_the_same(10);
    unload();
}

Test(explore_guest_pairs, a_master_in_python_is_doubled_twice_as_well)
{
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    assert_doubles_do_the_same(2);
    unload();
}

Test(explore_guest_pairs, what_cannot_be_doubled_is_played_from_its_start)
{
    const struct explore_power_cfg cfg = pairs_of(8);
    struct explore_power_result plain;
    struct explore_power_result wrapped;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    run(&cfg, &plain);
    wrap_in_shell();
    run(&cfg, &wrapped);
    for (size_t i = 0; i < plain.cuts_len; i++) {
        char ids[2][EXPLORE_ID_CHARS];
        (void)pair(&plain, i, ids[0]);
        (void)pair(&wrapped, i, ids[1]);
        cr_assert_str_eq(ids[0], ids[1]);
        cr_expect_eq(plain.pairs[i].outcome.verdict, wrapped.pairs[i].outcome.verdict, "%s",
                     ids[0]);
        cr_expect_eq(plain.pairs[i].outcome.state, wrapped.pairs[i].outcome.state, "%s: flash",
                     ids[0]);
    }
    explore_power_result_release(&plain);
    explore_power_result_release(&wrapped);
    unload();
}

/* All second cuts of that mode after one first cut. */
struct recovery {
    struct explore_tally *tally;
    struct explore_table states;
    size_t *points_done;
};

static void sweep_recovery(struct recovery *recovery, const char *id, bool join)
{
    static const struct explore_plan_cfg nested = {.mode = EXPLORE_LOG};
    const struct explore_power_cfg cfg = pairs_of(0);
    struct explore_guest_worker worker;
    struct explore_path path;
    struct explore_plan plan = {.cuts = path.cuts, .len = 1};
    struct err err = {.code = 0};
    *recovery = (struct recovery){.tally = explore_share(sizeof *recovery->tally),
                                  .points_done = explore_share(sizeof *recovery->points_done)};
    cr_assert_eq(explore_table_init(&recovery->states, 1 << 10, &err), 0);
    struct explore_unit unit = {.tally = recovery->tally,
                                .states = &recovery->states,
                                .points_done = recovery->points_done};
    cr_assert(explore_path_parse(&path, id));
    cr_assert_eq(explore_guest_worker_init(&worker, &cfg.world, &guest, &nested, &err), 0);
    cr_assert_eq(explore_guest_worker_scout(&worker, &err), 0, "%s", err.text);
    cr_assert_eq(explore_cut_place(&path.cuts[0], worker.slate->ops, worker.slate->ops_len, &err),
                 0);
    worker.plan = &plan;
    worker.join = join;
    cr_assert_eq(explore_guest_worker_slice(&worker, 0, 1, &unit, NULL, &err), 0, "%s", err.text);
    explore_guest_worker_release(&worker);
}

static void release(struct recovery *recovery)
{
    explore_unshare(recovery->tally, sizeof *recovery->tally);
    explore_unshare(recovery->points_done, sizeof *recovery->points_done);
    explore_table_release(&recovery->states);
}

Test(explore_guest_pairs, joining_changes_no_verdict)
{
    struct recovery all;
    struct recovery joined;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    sweep_recovery(&all, "f300.2", false);
    sweep_recovery(&joined, "f300.2", true);
    const uint64_t *numbers = joined.tally->numbers;
    cr_expect_eq(numbers[EXPLORE_ROW_TRIED], all.tally->numbers[EXPLORE_ROW_TRIED]);
    cr_expect_gt(numbers[EXPLORE_ROW_TRIED], 20);
    cr_expect_gt(numbers[EXPLORE_ROW_SAME_WORLD] + numbers[EXPLORE_ROW_JOINED], 5);
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        cr_expect_eq(joined.tally->verdicts[i], all.tally->verdicts[i], "%s",
                     explore_verdict_text((enum explore_verdict)i));
    }
    release(&all);
    release(&joined);
    unload();
}

/* It counts P2 from when its last frame was handed over, as a_point_says_which_rule_was_broken()
 * has it; behind these first cuts it takes a second one to see that. */
Test(explore_guest_pairs, what_only_a_second_cut_shows_is_found)
{
    const struct explore_power_cfg cfg = pairs_of(6);
    struct explore_power_result result;
    size_t found = 0;
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    run(&cfg, &result);
    for (size_t i = 0; i < result.cuts_len; i++) {
        char id[EXPLORE_ID_CHARS];
        (void)pair(&result, i, id);
        cr_expect(explore_verdict_good((enum explore_verdict)result.outcomes[i].verdict), "%s", id);
        found += result.pairs[i].outcome.verdict == EXPLORE_INVARIANT;
    }
    cr_expect_gt(found, 0);
    cr_assert_eq(result.sweep.failures_len, found);
    for (size_t i = 0; i < found; i++) {
        cr_expect_not_null(strchr(result.sweep.failures[i].id, '+'));
    }
    explore_power_result_release(&result);
    unload();
}

Test(explore_guest_pairs, an_operation_that_the_recovery_does_not_have_is_an_error)
{
    const struct explore_power_cfg cfg = pairs_of(1);
    struct explore_path path;
    struct explore_outcome outcome;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cr_assert(explore_path_parse(&path, "f12.3+f99999.1"));
    cr_assert_eq(explore_guest_point(&cfg.world, &guest, &path, &outcome, NULL, &err),
                 ERR_NOT_FOUND);
    unload();
}
