/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_mutant.c - a sweep finds bootloaders that are wrong only at some
 * instants. The linker puts the function below between the bootloader and boot_nvm_write(). */
#include "scenarios/explore/explore_power.h"

#include <criterion/criterion.h>

static bool keeps_valid;   /* The old application stays marked valid during the update. */
static bool trusts_a_read; /* What reads as blank counts as blank. */

void __real_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);
void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);

void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value)
{
    if (!keeps_valid || word != BOOT_NVM_APPLICATION_VALID || value != BOOT_NOT_VALID) {
        __real_boot_nvm_write(hal, word, value);
    }
}

void __real_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases);
void __wrap_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases);

void __wrap_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases)
{
    if (!trusts_a_read) {
        __real_boot_flash_verify_blank(hal, address, phrases);
    }
}

static void sweep(struct explore_power_result *result)
{
    const struct explore_power_cfg cfg = {
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .plan = {.mode = EXPLORE_LINEAR},
    };
    struct err err = {.code = 0};
    cr_assert_eq(explore_power_run(&cfg, result, &err), 0, "%s", err.text);
}

Test(explore_mutant, without_a_defect_nothing_is_found)
{
    struct explore_power_result result;
    keeps_valid = false;
    sweep(&result);
    cr_assert_eq(result.sweep.failures_all, 0);
    explore_power_result_release(&result);
}

Test(explore_mutant, a_flag_that_is_cleared_too_late_is_found_and_plays_again)
{
    struct explore_power_result result;
    struct explore_outcome again;
    struct err err = {.code = 0};
    const struct explore_world_cfg world = {
        .image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    keeps_valid = true;
    sweep(&result);
    cr_assert_gt(result.sweep.failures_all, 0);
    cr_assert_gt(result.sweep.verdicts[EXPLORE_WRONG].count, 0,
                 "half an image ran, and nobody saw it");
    const struct sweep_failure *first = &result.sweep.failures[0];
    struct explore_path path;
    cr_assert(explore_path_parse(&path, first->id), "%s", first->id);
    cr_assert_eq(explore_power_point(&world, &path, &again, NULL, &err), 0, "%s", err.text);
    cr_assert_eq(again.verdict, first->verdict);
    explore_power_result_release(&result);
}

/* Cells that a cut has left weak read as blank and are not: only the module's own check tells. Some
 * of these cuts are met by joining, and none may be lost by it. */
Test(explore_mutant, a_bootloader_that_trusts_a_read_is_found_with_and_without_joining)
{
    struct explore_power_cfg cfg = {
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .plan = {.mode = EXPLORE_EXHAUSTIVE},
        .keep_outcomes = true,
    };
    struct explore_power_result joined;
    struct explore_power_result whole;
    struct err err = {.code = 0};
    trusts_a_read = true;
    cr_assert_eq(explore_power_run(&cfg, &joined, &err), 0, "%s", err.text);
    cfg.no_join = true;
    cr_assert_eq(explore_power_run(&cfg, &whole, &err), 0, "%s", err.text);
    cr_assert_gt(joined.sweep.verdicts[EXPLORE_RULE_BROKEN].count, 0);
    cr_assert_gt(joined.sweep.rows[EXPLORE_ROW_JOINED].number, 0);
    cr_assert_eq(joined.cuts_len, whole.cuts_len);
    for (size_t i = 0; i < whole.cuts_len; i++) {
        cr_assert_eq(joined.outcomes[i].verdict, whole.outcomes[i].verdict);
    }
    explore_power_result_release(&joined);
    explore_power_result_release(&whole);
}

/* The same where the defect shows in a recovery only after a second cut. */
Test(explore_mutant, joining_loses_no_finding_of_two_cuts)
{
    struct explore_power_cfg cfg = {
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .plan = {.mode = EXPLORE_EXHAUSTIVE, .sample = 400},
        .depth = 2,
    };
    struct explore_power_result joined;
    struct explore_power_result whole;
    struct err err = {.code = 0};
    trusts_a_read = true;
    cr_assert_eq(explore_power_run(&cfg, &joined, &err), 0, "%s", err.text);
    cfg.no_join = true;
    cr_assert_eq(explore_power_run(&cfg, &whole, &err), 0, "%s", err.text);
    cr_assert_gt(whole.sweep.verdicts[EXPLORE_RULE_BROKEN].count, 0);
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        cr_assert_eq(joined.sweep.verdicts[i].count, whole.sweep.verdicts[i].count);
    }
    explore_power_result_release(&joined);
    explore_power_result_release(&whole);
}
