/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_mutant.c - a sweep finds bootloaders that are wrong only at some
 * instants. The linker puts the function below between the bootloader and boot_nvm_write(). */
#include "scenarios/explore/explore_power.h"

#include <criterion/criterion.h>

static bool keeps_valid; /* The old application stays marked valid during the update. */

void __real_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);
void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);

void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value)
{
    if (!keeps_valid || word != BOOT_NVM_APPLICATION_VALID || value != BOOT_NOT_VALID) {
        __real_boot_nvm_write(hal, word, value);
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
    cr_assert_eq(result.tally.failures_len, 0);
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
    cr_assert_gt(result.tally.failures_len, 0);
    cr_assert_gt(result.tally.verdicts[EXPLORE_WRONG], 0, "half an image ran, and nobody saw it");
    const struct explore_failure *first = &result.tally.failures[0];
    cr_assert_eq(explore_power_point(&world, &first->path, &again, &err), 0, "%s", err.text);
    cr_assert_eq(again.verdict, first->verdict);
    explore_power_result_release(&result);
}
