/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_guest.c - a master as guest: the same program comes to the same end at
 * the same cut as in process; its double does what the program itself does when it is started anew;
 * and a master that does not recover is told so. */
#include "scenarios/explore/explore_guest_branch.h"
#include "scenarios/explore/explore_power.h"
#include "tests/explore/guest_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct explore_power_cfg sample_of(size_t sample)
{
    return (struct explore_power_cfg){
        .world = {.image_bytes = 1024,
                  .vehicle = {.transfer = BOOT_STYLE_BLOCK,
                              .check = BOOT_CHECK_SHA1,
                              .flash_timing = -1},
                  .seed = 1},
        .plan = {.mode = EXPLORE_EXHAUSTIVE, .sample = sample},
        .no_join = true,
        .keep_outcomes = true,
    };
}

static void run(const struct explore_power_cfg *cfg, struct explore_power_result *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_power_run(cfg, result, &err), 0, "%s", err.text);
}

static void print(const struct explore_power_result *result, size_t i, char id[EXPLORE_ID_CHARS])
{
    const struct explore_path path = {.len = 1, .cuts = {result->cuts[i]}};
    explore_path_print(&path, id);
}

Test(explore_guest, the_reference_master_ends_as_it_does_in_process)
{
    struct explore_power_cfg cfg = sample_of(60);
    struct explore_power_result here;
    struct explore_power_result there;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    run(&cfg, &here);
    cfg.guest = &guest;
    run(&cfg, &there);
    cr_assert_eq(here.cuts_len, there.cuts_len);
    for (size_t i = 0; i < here.cuts_len; i++) {
        char ids[2][EXPLORE_ID_CHARS];
        print(&here, i, ids[0]);
        print(&there, i, ids[1]);
        cr_assert_str_eq(ids[0], ids[1]);
        cr_expect_eq(here.outcomes[i].verdict, there.outcomes[i].verdict, "%s", ids[0]);
        cr_expect_eq(here.outcomes[i].state, there.outcomes[i].state, "%s: flash", ids[0]);
    }
    explore_power_result_release(&here);
    explore_power_result_release(&there);
    unload();
}

Test(explore_guest, joining_changes_no_verdict)
{
    struct explore_power_cfg cfg = sample_of(0);
    struct explore_power_result all;
    struct explore_power_result joined;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.guest = &guest;
    cfg.plan.mode = EXPLORE_LOG;
    run(&cfg, &all);
    cfg.no_join = false;
    run(&cfg, &joined);
    size_t joins = 0;
    for (size_t i = 0; i < all.cuts_len; i++) {
        char id[EXPLORE_ID_CHARS];
        print(&all, i, id);
        joins += joined.outcomes[i].joined;
        cr_expect_eq(all.outcomes[i].verdict, joined.outcomes[i].verdict, "%s", id);
        cr_expect_eq(all.outcomes[i].state, joined.outcomes[i].state, "%s: flash", id);
    }
    cr_expect_gt(joins, all.cuts_len / 4);
    explore_power_result_release(&all);
    explore_power_result_release(&joined);
    unload();
}

static void assert_doubles_do_the_same(size_t sample)
{
    struct explore_power_cfg cfg = sample_of(sample);
    struct explore_power_result result;
    struct err err = {.code = 0};
    cfg.guest = &guest;
    run(&cfg, &result);
    for (size_t i = 0; i < result.cuts_len; i++) {
        struct explore_outcome alone;
        char id[EXPLORE_ID_CHARS];
        const struct explore_path path = {.len = 1, .cuts = {result.cuts[i]}};
        print(&result, i, id);
        cr_assert_eq(explore_guest_point(&cfg.world, &guest, &path, &alone, NULL, &err), 0, "%s",
                     err.text);
        cr_expect_eq(alone.verdict, result.outcomes[i].verdict, "%s", id);
        cr_expect_eq(alone.digest, result.outcomes[i].digest, "%s: another run", id);
    }
    explore_power_result_release(&result);
}

Test(explore_guest, a_double_does_what_the_program_does_from_its_start)
{
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    assert_doubles_do_the_same(10);
    unload();
}

Test(explore_guest, a_master_in_python_is_doubled_as_well)
{
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    assert_doubles_do_the_same(3);
    unload();
}

/* Each future starts it anew: a shell that waits for it is one process too many to be doubled. */
Test(explore_guest, what_cannot_be_doubled_is_played_from_its_start)
{
    struct explore_power_cfg cfg = sample_of(12);
    struct explore_power_result plain;
    struct explore_power_result wrapped;
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.guest = &guest;
    run(&cfg, &plain);
    wrap_in_shell();
    run(&cfg, &wrapped);
    for (size_t i = 0; i < plain.cuts_len; i++) {
        char id[EXPLORE_ID_CHARS];
        print(&plain, i, id);
        cr_expect_eq(plain.outcomes[i].verdict, wrapped.outcomes[i].verdict, "%s", id);
        cr_expect_eq(plain.outcomes[i].state, wrapped.outcomes[i].state, "%s: flash", id);
    }
    explore_power_result_release(&plain);
    explore_power_result_release(&wrapped);
    unload();
}

static void call(const char *theirs, const char *ours)
{
    struct adapter_word *word = &adapter.codes[adapter.codes_len++];
    (void)snprintf(word->theirs, sizeof word->theirs, "%s", theirs);
    (void)snprintf(word->ours, sizeof word->ours, "%s", ours);
}

Test(explore_guest, a_master_that_calls_a_failure_a_success_is_found)
{
    struct explore_power_cfg cfg = sample_of(8);
    struct explore_power_result result;
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    call("FAILED_SAFE", "SUCCESS");
    call("FAILED_OLD", "SUCCESS");
    cfg.guest = &guest;
    cfg.no_join = false;
    run(&cfg, &result);
    size_t lies = 0;
    for (size_t i = 0; i < result.cuts_len; i++) {
        lies += result.outcomes[i].verdict == EXPLORE_FALSE_SUCCESS;
    }
    cr_expect_gt(lies, result.cuts_len / 3);
    cr_expect_geq(result.sweep.failures_len, lies);
    explore_power_result_release(&result);
    unload();
}

/* It counts P2 from when its last frame was handed over; as long as the ECU is off it is not sent.
 */
Test(explore_guest, a_point_says_which_rule_was_broken)
{
    const struct explore_power_cfg cfg = sample_of(0);
    struct explore_path path;
    struct explore_outcome outcome;
    struct explore_judgement why;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    cr_assert(explore_path_parse(&path, "b196.3"));
    cr_assert_eq(explore_guest_point(&cfg.world, &guest, &path, &outcome, &why, &err), 0, "%s",
                 err.text);
    cr_assert_eq(outcome.verdict, EXPLORE_INVARIANT);
    cr_assert_eq(why.invariants, 1u << 5);
    cr_assert(strncmp(why.first, "INV-5 at ", strlen("INV-5 at ")) == 0, "%s", why.first);
    cr_assert_str_not_empty(why.expected);
    unload();
}

/* It has no journal and no second try: what is cut stays as it is, until somebody orders again. */
Test(explore_guest, a_master_without_recovery_is_told_so)
{
    static const struct {
        const char *id;
        enum explore_verdict verdict;
    } points[] = {
        {"b16.1", EXPLORE_OLD_RUNS}, /* Nothing was erased. */
        {"f200.2", EXPLORE_RETRIED},
        {"f368.5", EXPLORE_UPDATED}, /* All is done but the goodbye. */
    };
    const struct explore_power_cfg cfg = sample_of(0);
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
        struct explore_path path;
        struct explore_outcome outcome;
        struct err err = {.code = 0};
        cr_assert(explore_path_parse(&path, points[i].id));
        cr_assert_eq(explore_guest_point(&cfg.world, &guest, &path, &outcome, NULL, &err), 0, "%s",
                     err.text);
        cr_expect_eq(outcome.verdict, points[i].verdict, "%s: %s", points[i].id,
                     explore_verdict_text((enum explore_verdict)outcome.verdict));
    }
    unload();
}
