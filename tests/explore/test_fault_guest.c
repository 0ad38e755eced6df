/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_guest.c - random schedules of faults with a master as guest: the same
 * program comes to the same end as in process; a master of another shape is judged by what it
 * does; and the number of processes does not show. */
#include "scenarios/explore/explore_faults.h"
#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/fault_shrink.h"
#include "tests/explore/guest_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fault_play here;
static struct fault_play there;

static struct explore_world_cfg world_of(uint64_t seed)
{
    return (struct explore_world_cfg){
        .image_bytes = 1024,
        .vehicle = {.transfer = BOOT_STYLE_BLOCK, .check = BOOT_CHECK_SHA1, .flash_timing = -1},
        .seed = seed};
}

static void open_there(const struct explore_world_cfg *cfg)
{
    struct err err = {.code = 0};
    cr_assert_eq(fault_play_init_guest(&there, cfg, &guest, &err), 0, "%s", err.text);
}

static void try(struct fault_play *play, const struct fault_schedule *schedule,
                struct fault_outcome *outcome)
{
    struct err err = {.code = 0};
    cr_assert_eq(fault_play_try(play, schedule, outcome, &err), 0, "%s", err.text);
}

static void assert_same_scope(const struct fault_scope *a, const struct fault_scope *b)
{
    for (size_t i = 0; i < FAULT_TARGETS; i++) {
        cr_assert_eq(a->requests[i], b->requests[i], "%s", fault_targets[i].text);
    }
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(a->commands[i], b->commands[i]);
        cr_assert_eq(a->files[i], b->files[i], "its past shows in its journal");
    }
    cr_assert_str_eq(a->journal, b->journal);
}

/* After a fault of the wires the controllers of the two need not be back at the same instant, and
 * what the master has tried meanwhile differs. */
static bool met_bus(const struct fault_schedule *schedule, const struct fault_outcome *outcome)
{
    for (size_t i = 0; i < schedule->len; i++) {
        if ((outcome->fired >> i & 1u) != 0 &&
            fault_kinds[schedule->faults[i].kind].family == FAULT_OF_BUS) {
            return true;
        }
    }
    return false;
}

/* Which faults take effect may differ once a fault has kept frames back: a queue of a driver, and a
 * controller that recovers after its "restart-ms". */
Test(fault_guest, the_reference_master_ends_as_it_does_in_process)
{
    enum { SCHEDULES = 150 };
    const struct explore_world_cfg cfg = world_of(5);
    const struct fault_draw_cfg draw = {.seed = 5, .min = 1, .max = 12};
    struct fault_outcome *outcomes = explore_share(2 * sizeof *outcomes);
    struct err err = {.code = 0};
    size_t same_time = 0;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cr_assert_eq(fault_play_init(&here, &cfg, &err), 0, "%s", err.text);
    open_there(&cfg);
    assert_same_scope(&here.scope, &there.scope);
    for (uint64_t number = 1; number <= SCHEDULES; number++) {
        struct fault_schedule schedule;
        fault_schedule_draw(&schedule, &draw, number, &here.scope);
        try(&here, &schedule, &outcomes[0]);
        try(&there, &schedule, &outcomes[1]);
        cr_expect(met_bus(&schedule, &outcomes[0]) || outcomes[0].verdict == outcomes[1].verdict,
                  "s%u: %s, and %s", (unsigned)number,
                  explore_verdict_text((enum explore_verdict)outcomes[0].verdict),
                  explore_verdict_text((enum explore_verdict)outcomes[1].verdict));
        cr_expect_eq(outcomes[0].first_ns, outcomes[1].first_ns, "s%u", (unsigned)number);
        same_time +=
            outcomes[0].took_ns == outcomes[1].took_ns && outcomes[0].fired == outcomes[1].fired;
    }
    cr_expect_gt(same_time, SCHEDULES * 8 / 10);
    (void)fault_play_release(&here, NULL);
    (void)fault_play_release(&there, NULL);
    explore_unshare(outcomes, 2 * sizeof *outcomes);
    unload();
}

Test(fault_guest, the_number_of_processes_does_not_show)
{
    struct explore_faults_cfg cfg = {.world = world_of(3), .guest = &guest, .schedules = 40};
    struct result_sweep results[2];
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    for (size_t i = 0; i < 2; i++) {
        cfg.sweep = (struct explore_sweep_cfg){.identity = "test", .jobs = i == 0 ? 1 : 3};
        cr_assert_eq(explore_faults_run(&cfg, &results[i], &err), 0, "%s", err.text);
    }
    cr_assert_eq(results[0].rows_len, results[1].rows_len);
    for (size_t i = 0; i < results[0].rows_len; i++) {
        cr_expect_eq(results[0].rows[i].number, results[1].rows[i].number, "%s: %s",
                     results[0].rows[i].heading, results[0].rows[i].text);
    }
    for (size_t i = 0; i < results[0].verdicts_len; i++) {
        cr_expect_eq(results[0].verdicts[i].count, results[1].verdicts[i].count);
    }
    result_sweep_release(&results[0]);
    result_sweep_release(&results[1]);
    unload();
}

static struct fault_schedule one_of(const char *name, enum fault_target target)
{
    struct fault_schedule schedule = {.number = 1, .len = 1};
    struct fault *fault = &schedule.faults[0];
    while (strcmp(fault_kinds[fault->kind].name, name) != 0) {
        fault->kind++;
    }
    fault->number = 1;
    fault->nth = 1;
    fault->target = (uint8_t)target;
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX; i++) {
        fault->values[i] = fault_kinds[fault->kind].parameters[i].simple;
    }
    return schedule;
}

/* It writes nothing to its state folder: such a fault has no occasion. */
Test(fault_guest, a_fault_without_an_occasion_has_not_taken_effect)
{
    const struct explore_world_cfg cfg = world_of(1);
    struct fault_outcome *outcome = explore_share(sizeof *outcome);
    const struct fault_schedule store = one_of("store error", 0);
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    open_there(&cfg);
    cr_expect_null(there.scope.journal);
    try(&there, &store, outcome);
    cr_expect_eq(outcome->fired, 0);
    cr_expect_eq(outcome->first_ns, SIM_NEVER);
    cr_expect_eq(outcome->verdict, EXPLORE_UPDATED);
    (void)fault_play_release(&there, NULL);
    explore_unshare(outcome, sizeof *outcome);
    unload();
}

/* A controller that is bus-off stays so, for the adapter declares no "bus_off"; but nothing is in
 * the way of the clean retry. */
Test(fault_guest, a_master_that_stays_bus_off_is_retried_on_a_bus_that_works)
{
    const struct explore_world_cfg cfg = world_of(1);
    struct fault_outcome *outcome = explore_share(sizeof *outcome);
    const struct fault_schedule off = one_of("short circuit", FAULT_BLOCK);
    struct fault_schedule schedule = off;
    schedule.faults[0].values[2] = 1; /* "recessive": each sender fails. */
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    open_there(&cfg);
    try(&there, &schedule, outcome);
    cr_expect_eq(outcome->fired, 1);
    cr_expect_lt(outcome->verdict, EXPLORE_LOST, "%s",
                 explore_verdict_text((enum explore_verdict)outcome->verdict));
    (void)fault_play_release(&there, NULL);
    explore_unshare(outcome, sizeof *outcome);
    unload();
}

/* A result that is read wrongly makes it a liar. */
Test(fault_guest, what_a_master_does_not_survive_shrinks)
{
    const struct explore_world_cfg cfg = world_of(1);
    const struct fault_draw_cfg draw = {.seed = 1, .min = 12, .max = 12};
    struct fault_schedule schedule;
    struct fault_shrunk shrunk;
    struct fault_outcome *outcome = explore_share(sizeof *outcome);
    struct err err = {.code = 0};
    const struct fault_shrink_cfg shrink = {.jobs = 2};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    adapter.codes_len = 1;
    (void)snprintf(adapter.codes[0].theirs, sizeof adapter.codes[0].theirs, "FAILED_SAFE");
    (void)snprintf(adapter.codes[0].ours, sizeof adapter.codes[0].ours, "SUCCESS");
    open_there(&cfg);
    uint64_t number = 0;
    do {
        cr_assert_lt(number, 300, "no schedule has found it");
        fault_schedule_draw(&schedule, &draw, ++number, &there.scope);
        try(&there, &schedule, outcome);
    } while (outcome->verdict != EXPLORE_FALSE_SUCCESS);
    cr_assert_eq(fault_shrink(&there, &schedule, EXPLORE_FALSE_SUCCESS, &shrink, &shrunk, &err), 0,
                 "%s", err.text);
    cr_expect_leq(shrunk.schedule.len, 3);
    cr_expect_eq(shrunk.outcome.verdict, EXPLORE_FALSE_SUCCESS);
    (void)fault_play_release(&there, NULL);
    explore_unshare(outcome, sizeof *outcome);
    unload();
}

Test(fault_guest, a_program_that_is_not_there_is_said_to_be)
{
    const struct explore_world_cfg cfg = world_of(1);
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    (void)snprintf(adapter.command[0], sizeof adapter.command[0], "{programs}/no-such-master");
    cr_assert_lt(fault_play_init_guest(&there, &cfg, &guest, &err), 0);
    cr_assert_str_not_empty(err.text);
    unload();
}
