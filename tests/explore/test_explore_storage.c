/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_storage.c - the reference master survives whatever its disk does, and
 * each loss of its power; points play again; and what a disk keeps is what POSIX promises. */
#include "scenarios/explore/explore_storage.h"

#include <criterion/criterion.h>
#include <string.h>

static struct explore_storage_cfg small_sweep(void)
{
    return (struct explore_storage_cfg){
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .sweep = {.identity = "test", .version = "1", .master = "reference"},
    };
}

static void run(const struct explore_storage_cfg *cfg, struct result_sweep *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_storage_run(cfg, result, &err), 0, "%s", err.text);
}

static void assert_all_good(const struct result_sweep *result)
{
    const char *id = result->failures_len > 0 ? result->failures[0].id : "";
    const uint32_t verdict = result->failures_len > 0 ? result->failures[0].verdict : 0;
    cr_assert(result_sweep_good(result), "%s: %s", id, result->verdicts[verdict].name);
}

/* The last row of that text; rows of second faults come behind those of first ones. */
static uint64_t number_of(const struct result_sweep *result, const char *heading, const char *text)
{
    for (size_t i = result->rows_len; i-- > 0;) {
        const struct sweep_row *row = &result->rows[i];
        if (strncmp(row->heading, heading, strlen(heading)) == 0 && strcmp(row->text, text) == 0) {
            return row->number;
        }
    }
    cr_assert_fail("no row \"%s\" below \"%s\"", text, heading);
    return 0;
}

Test(explore_storage, no_fault_of_the_state_folder_bricks_or_lies)
{
    static const enum boot_transfer_style styles[] = {BOOT_STYLE_BLOCK, BOOT_STYLE_S19_LINE};
    for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
        struct explore_storage_cfg cfg = small_sweep();
        struct result_sweep result;
        cfg.world.vehicle.transfer = (int)styles[i];
        cfg.world.resume = i == 0 ? OTA_RESUME_FULL_SEGMENT : OTA_RESUME_REMAINING;
        run(&cfg, &result);
        assert_all_good(&result);
        const uint64_t tried = number_of(&result, "recoveries", "tried");
        cr_assert_gt(tried, 250);
        cr_assert_eq(tried, number_of(&result, "faults", "faults"));
        cr_assert_gt(number_of(&result, "calls", "writes"), 10);
        result_sweep_release(&result);
    }
}

/* Away for longer than the ECU keeps its session. */
Test(explore_storage, a_master_that_is_away_for_long_goes_on_all_the_same)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep result;
    cfg.master_off_ns = SIM_S(10);
    run(&cfg, &result);
    assert_all_good(&result);
    result_sweep_release(&result);
}

Test(explore_storage, a_second_fault_in_the_recovery_is_survived)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep result;
    cfg.depth = 2;
    cfg.sample = 200;
    run(&cfg, &result);
    assert_all_good(&result);
    const uint64_t second = number_of(&result, "second faults", "faults");
    cr_assert_gt(second, 150);
    cr_assert_eq(number_of(&result, "recoveries", "tried"), 200 + second);
    result_sweep_release(&result);
}

Test(explore_storage, cuts_of_the_ecu_and_losses_of_the_master_together_are_survived)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep result;
    cfg.with_power = true;
    cfg.sample = 200;
    run(&cfg, &result);
    assert_all_good(&result);
    cr_assert_gt(number_of(&result, "faults", "cuts of the ECU's supply"), 1000);
    cr_assert_gt(number_of(&result, "second faults", "faults"), 150);
    result_sweep_release(&result);
}

static bool same_results(const struct result_sweep *a, const struct result_sweep *b)
{
    bool same = a->rows_len == b->rows_len && a->verdicts_len == b->verdicts_len;
    for (size_t i = 0; same && i < a->rows_len; i++) {
        same = a->rows[i].number == b->rows[i].number;
    }
    for (size_t i = 0; same && i < a->verdicts_len; i++) {
        same = a->verdicts[i].count == b->verdicts[i].count;
    }
    return same;
}

Test(explore_storage, the_number_of_workers_does_not_show)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep one;
    struct result_sweep three;
    cfg.depth = 2;
    cfg.sample = 100;
    cfg.sweep.jobs = 1;
    run(&cfg, &one);
    cfg.sweep.jobs = 3;
    run(&cfg, &three);
    cr_assert(same_results(&one, &three));
    result_sweep_release(&one);
    result_sweep_release(&three);
}

Test(explore_storage, points_play_again_and_alike)
{
    static const char *const ids[] = {
        "w1.error",         "w9.room",  "w9.full",           "w9.part",       "w9.short",
        "w9.torn3",         "w9.lost",  "s9.after",          "n1.late",       "w9.lost+w2.kept",
        "w9.lost+b12.lost", "b40.lost", "b40.lost+b20.lost", "f20.3+w2.lost", "w9.kept+f12.2"};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        const struct explore_storage_cfg cfg = small_sweep();
        struct explore_steps steps;
        struct explore_storage_outcome one;
        struct explore_storage_outcome again;
        struct err err = {.code = 0};
        cr_assert(explore_steps_parse(&steps, ids[i]), "%s", ids[i]);
        cr_assert_eq(explore_storage_point(&cfg, &steps, &one, &err), 0, "%s", err.text);
        cr_assert_eq(explore_storage_point(&cfg, &steps, &again, &err), 0, "%s", err.text);
        cr_assert(explore_verdict_good(one.verdict), "%s: %s", ids[i],
                  explore_verdict_text(one.verdict));
        cr_assert_eq(one.digest, again.digest, "%s", ids[i]);
        cr_assert_eq(one.state, again.state, "%s", ids[i]);
    }
}

/* In pre-programming; as if the master ended there. */
Test(explore_storage, an_ecu_that_is_left_silent_is_named)
{
    const struct explore_storage_cfg cfg = small_sweep();
    struct explore_world world;
    struct explore_judgement why = {.invariants = 0};
    struct err err = {.code = 0};
    cr_assert_eq(explore_world_init(&world, &cfg.world, &err), 0, "%s", err.text);
    cr_assert(explore_judge_network_restored(&world.judge));
    explore_judge_add_network(&world.judge, &why);
    cr_assert_eq(why.invariants, 0);
    cr_assert_str_empty(why.first);
    explore_world_run_before(&world, SIM_S(2));
    cr_assert_not(explore_judge_network_restored(&world.judge));
    explore_judge_add_network(&world.judge, &why);
    cr_assert_eq(why.invariants, 1u << 3);
    cr_assert_str_eq(why.first, "INV-3: bcm after the end: communication off, DTC setting off");
    cr_assert_str_not_empty(why.expected);
    (void)explore_world_release(&world, NULL);
}

Test(explore_storage, a_call_that_the_run_does_not_have_is_an_error)
{
    static const char *const ids[] = {"w9999.lost", "w2.lost+w9999.lost", "s1.torn1"};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        const struct explore_storage_cfg cfg = small_sweep();
        struct explore_steps steps;
        struct explore_storage_outcome outcome;
        struct err err = {.code = 0};
        cr_assert(explore_steps_parse(&steps, ids[i]), "%s", ids[i]);
        cr_assert_eq(explore_storage_point(&cfg, &steps, &outcome, &err), ERR_NOT_FOUND, "%s",
                     ids[i]);
    }
}
