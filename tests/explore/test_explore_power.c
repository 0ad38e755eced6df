/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_power.c - a sweep over a small update finds no cut that bricks the ECU
 * or makes the master lie; joining states changes no verdict; and each point can be played again.
 */
#include "scenarios/explore/explore_power.h"

#include <criterion/criterion.h>
#include <string.h>

static struct explore_power_cfg small_sweep(void)
{
    return (struct explore_power_cfg){
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .plan = {.mode = EXPLORE_EXHAUSTIVE},
        .keep_outcomes = true,
    };
}

static void run(const struct explore_power_cfg *cfg, struct explore_power_result *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_power_run(cfg, result, &err), 0, "%s", err.text);
}

static void assert_all_good(const struct explore_power_result *result)
{
    const struct result_sweep *sweep = &result->sweep;
    cr_assert(result_sweep_whole(sweep));
    cr_assert_eq(sweep->failures_all, 0, "%s: %s", sweep->failures[0].id,
                 sweep->verdicts[sweep->failures[0].verdict].name);
}

static uint64_t number(const struct explore_power_result *result, int row)
{
    return result->sweep.rows[row].number;
}

static const struct {
    enum boot_transfer_style style;
    enum ota_resume_34 resume;
} ways[] = {
    {BOOT_STYLE_BLOCK, OTA_RESUME_FULL_SEGMENT},
    {BOOT_STYLE_BLOCK, OTA_RESUME_REMAINING},
    {BOOT_STYLE_S19_LINE, OTA_RESUME_FULL_SEGMENT},
    {BOOT_STYLE_S19_LINE, OTA_RESUME_REMAINING},
};

Test(explore_power, no_cut_of_a_small_update_bricks_or_lies)
{
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct explore_power_cfg cfg = small_sweep();
        struct explore_power_result result;
        cfg.world.vehicle.transfer = (int)ways[i].style;
        cfg.world.resume = ways[i].resume;
        run(&cfg, &result);
        assert_all_good(&result);
        cr_assert_gt(number(&result, EXPLORE_ROW_TRIED), 3000);
        cr_assert_eq(number(&result, EXPLORE_ROW_TRIED), number(&result, EXPLORE_ROW_FIRST + 5));
        cr_assert_gt(number(&result, EXPLORE_ROW_STATES), 500,
                     "the cuts leave hardly any trace in flash");
        explore_power_result_release(&result);
    }
}

Test(explore_power, the_number_of_workers_does_not_show)
{
    struct explore_power_cfg cfg = small_sweep();
    struct explore_power_result one;
    struct explore_power_result three;
    cfg.plan.sample = 1200;
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 1};
    run(&cfg, &one);
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 3};
    run(&cfg, &three);
    for (int row = 0; row < EXPLORE_POWER_ROWS; row++) {
        cr_assert_eq(number(&one, row), number(&three, row));
    }
    cr_assert_eq(one.cuts_len, three.cuts_len);
    for (size_t i = 0; i < one.cuts_len; i++) {
        cr_assert_eq(one.outcomes[i].state, three.outcomes[i].state);
        cr_assert_eq(one.outcomes[i].joined, three.outcomes[i].joined);
    }
    explore_power_result_release(&one);
    explore_power_result_release(&three);
}

Test(explore_power, joining_states_changes_no_verdict_and_points_play_again)
{
    enum { EVERY = 97 };
    struct explore_power_cfg cfg = small_sweep();
    struct explore_power_result joined;
    struct explore_power_result whole;
    struct err err = {.code = 0};
    cfg.plan.sample = 1000;
    run(&cfg, &joined);
    cfg.no_join = true;
    run(&cfg, &whole);
    cr_assert_gt(number(&joined, EXPLORE_ROW_JOINED), 300);
    cr_assert_gt(number(&joined, EXPLORE_ROW_SAME_WORLD), 50);
    cr_assert_eq(number(&whole, EXPLORE_ROW_JOINED), 0);
    cr_assert_eq(joined.cuts_len, whole.cuts_len);
    for (size_t i = 0; i < whole.cuts_len; i++) {
        cr_assert_eq(joined.outcomes[i].verdict, whole.outcomes[i].verdict);
    }
    for (size_t i = 0; i < whole.cuts_len; i += EVERY) {
        const struct explore_path path = {.len = 1, .cuts = {whole.cuts[i]}};
        struct explore_outcome again;
        cr_assert_eq(explore_power_point(&cfg.world, &path, &again, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(again.verdict, whole.outcomes[i].verdict);
        cr_assert_eq(again.state, whole.outcomes[i].state);
        cr_assert_eq(again.digest, whole.outcomes[i].digest);
    }
    explore_power_result_release(&joined);
    explore_power_result_release(&whole);
}

Test(explore_power, joining_states_changes_no_verdict_of_two_cuts)
{
    struct explore_power_cfg cfg = small_sweep();
    struct explore_power_result joined;
    struct explore_power_result whole;
    cfg.depth = 2;
    cfg.plan.sample = 400;
    run(&cfg, &joined);
    cfg.no_join = true;
    run(&cfg, &whole);
    cr_assert_gt(number(&joined, EXPLORE_ROW_JOINED), 200);
    cr_assert_eq(number(&joined, EXPLORE_ROW_TRIED), number(&whole, EXPLORE_ROW_TRIED));
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        cr_assert_eq(joined.sweep.verdicts[i].count, whole.sweep.verdicts[i].count);
    }
    explore_power_result_release(&joined);
    explore_power_result_release(&whole);
}

/* Each worker explores for itself what all slices begin with. */
Test(explore_power, the_number_of_workers_does_not_show_with_two_cuts)
{
    struct explore_power_cfg cfg = small_sweep();
    struct explore_power_result one;
    struct explore_power_result three;
    cfg.depth = 2;
    cfg.plan.mode = EXPLORE_LOG;
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 1};
    run(&cfg, &one);
    cfg.sweep = &(struct explore_sweep_cfg){.jobs = 3};
    run(&cfg, &three);
    assert_all_good(&one);
    cr_assert_gt(one.sweep.units, 1);
    cr_assert_gt(number(&one, EXPLORE_ROW_SECOND + 5), 1000);
    for (int row = 0; row < EXPLORE_POWER_ROWS; row++) {
        cr_assert_eq(number(&one, row), number(&three, row));
    }
    explore_power_result_release(&one);
    explore_power_result_release(&three);
}

Test(explore_power, a_second_cut_in_the_recovery_is_survived)
{
    struct explore_power_cfg cfg = small_sweep();
    struct explore_power_result result;
    cfg.depth = 2;
    cfg.plan.sample = 300;
    run(&cfg, &result);
    assert_all_good(&result);
    cr_assert_eq(number(&result, EXPLORE_ROW_FIRST + 5), 300);
    cr_assert_eq(number(&result, EXPLORE_ROW_SECOND + 5), 300);
    cr_assert_eq(number(&result, EXPLORE_ROW_TRIED), 600);
    explore_power_result_release(&result);
}

/* A mark that asked for programming used to be left there by these: the bootloader stayed beside
 * the new application, and its word was taken for that of the application. */
Test(explore_power, two_cuts_at_the_very_end_do_not_make_success_come_early)
{
    static const char *const points[] = {"e22.0+e1.0",  "e22.6+e1.0", "e23.0+e1.0",
                                         "e23.0+b16.0", "e23.3+e1.0", "e23.6+b16.0"};
    for (size_t i = 0; i < 4 * ARRAY_SIZE(points); i++) {
        struct explore_power_cfg cfg = small_sweep();
        struct explore_path path;
        struct explore_outcome outcome;
        struct err err = {.code = 0};
        cfg.world.vehicle.transfer = (int)ways[i % 4].style;
        cfg.world.resume = ways[i % 4].resume;
        cr_assert(explore_path_parse(&path, points[i / 4]));
        cr_assert_eq(explore_power_point(&cfg.world, &path, &outcome, NULL, &err), 0, "%s",
                     err.text);
        cr_expect_eq(outcome.verdict, EXPLORE_UPDATED, "%s: %s", points[i / 4],
                     explore_verdict_text((enum explore_verdict)outcome.verdict));
    }
}

Test(explore_power, an_operation_that_the_run_does_not_have_is_an_error)
{
    const struct explore_power_cfg cfg = small_sweep();
    struct explore_path path;
    struct explore_outcome outcome;
    struct err err = {.code = 0};
    cr_assert(explore_path_parse(&path, "f999999.1"));
    cr_assert_eq(explore_power_point(&cfg.world, &path, &outcome, NULL, &err), ERR_NOT_FOUND);
    cr_assert(strstr(err.text, "f999999.1") != NULL, "%s", err.text);
}
