/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_mutant.c - random schedules of 40 faults find a bootloader or a master
 * that is wrong, and each of these schedules shrinks to at most three faults in less than a minute.
 * The linker puts the functions below in between. */
#include "master/ota_machine.h"
#include "scenarios/explore/fault_shrink.h"
#include "sim/ecus/bootloader/bootloader_private.h"
#include "tests/explore/fault_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum defect {
    NO_DEFECT,
    KEEPS_VALID,   /* The old application stays marked valid during the update. */
    TRUSTS_A_READ, /* What reads as blank counts as blank. */
    HURRIES,       /* A master that comes back to the new version reports success at once. */
    CHECKS_NOTHING /* 37 is answered well, whatever the hash is. */
} defect;

void __real_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);
void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);

void __wrap_boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value)
{
    if (defect != KEEPS_VALID || word != BOOT_NVM_APPLICATION_VALID || value != BOOT_NOT_VALID) {
        __real_boot_nvm_write(hal, word, value);
    }
}

void __real_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases);
void __wrap_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases);

void __wrap_boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases)
{
    if (defect != TRUSTS_A_READ) {
        __real_boot_flash_verify_blank(hal, address, phrases);
    }
}

enum boot_step __real_boot_check_step(struct bootloader *boot);
enum boot_step __wrap_boot_check_step(struct bootloader *boot);

enum boot_step __wrap_boot_check_step(struct bootloader *boot)
{
    if (defect == CHECKS_NOTHING && boot->checker.state == BOOT_CHECKING_HASH) {
        boot->checker.state = BOOT_CHECKING_END;
    }
    return __real_boot_check_step(boot);
}

void __real_ota_enter(struct ota_master *m, enum ota_step_id id, uint64_t now_ns);
void __wrap_ota_enter(struct ota_master *m, enum ota_step_id id, uint64_t now_ns);

void __wrap_ota_enter(struct ota_master *m, enum ota_step_id id, uint64_t now_ns)
{
    if (defect == HURRIES && id == OTA_STEP_ACTIVATE &&
        strcmp(m->running_version, m->version) == 0) {
        ota_end(m, OTA_SUCCESS, now_ns);
    } else {
        __real_ota_enter(m, id, now_ns);
    }
}

static void begin(enum defect with)
{
    defect = with;
    open_play();
}

/* The first schedule of so many faults that comes to the verdict. */
static void find(struct fault_schedule *schedule, size_t faults, enum explore_verdict verdict)
{
    enum { TRIES = 300 };
    const struct fault_draw_cfg draw = {.seed = 1, .min = faults, .max = faults};
    struct err err = {.code = 0};
    for (uint64_t number = 1; number <= TRIES; number++) {
        fault_schedule_draw(schedule, &draw, number, &play.scope);
        cr_assert_eq(fault_play_try(&play, schedule, outcome, &err), 0, "%s", err.text);
        if (outcome->verdict == (uint8_t)verdict) {
            return;
        }
    }
    cr_assert_fail("%d schedules have found nothing", TRIES);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void assert_shrinks(enum explore_verdict verdict)
{
    struct fault_schedule schedule;
    struct fault_shrunk shrunk;
    struct err err = {.code = 0};
    const struct fault_shrink_cfg cfg = {.jobs = 0};
    find(&schedule, 40, verdict);
    const double begun = seconds();
    cr_assert_eq(fault_shrink(&play, &schedule, verdict, &cfg, &shrunk, &err), 0, "%s", err.text);
    const double took = seconds() - begun;
    printf("s%u, 40 faults, \"%s\": %zu left after %u schedules in %.1f s\n",
           (unsigned)schedule.number, explore_verdict_text(verdict), shrunk.schedule.len,
           (unsigned)shrunk.tried, took);
    for (size_t i = 0; i < shrunk.schedule.len; i++) {
        char text[FAULT_TEXT_CHARS];
        fault_describe(&shrunk.schedule.faults[i], text);
        printf("  %s\n", text);
    }
    cr_assert_leq(shrunk.schedule.len, 3);
    cr_assert_lt(took, 60);
    cr_assert_eq(shrunk.outcome.verdict, verdict);
    cr_assert_eq(shrunk.outcome.fired, (UINT64_C(1) << shrunk.schedule.len) - 1,
                 "what never took effect is still there");
}

Test(fault_mutant, an_application_that_stays_valid_is_found_and_shrinks)
{
    begin(KEEPS_VALID);
    assert_shrinks(EXPLORE_WRONG);
    end();
}

Test(fault_mutant, cells_that_only_read_as_blank_are_found_and_shrink)
{
    begin(TRUSTS_A_READ);
    assert_shrinks(EXPLORE_RULE_BROKEN);
    end();
}

Test(fault_mutant, a_master_that_hurries_is_found_and_shrinks)
{
    begin(HURRIES);
    assert_shrinks(EXPLORE_INVARIANT); /* It leaves the network silent. */
    end();
}

/* The same small schedule, from whatever number of processes. */
Test(fault_mutant, the_number_of_processes_does_not_show)
{
    struct fault_schedule schedule;
    struct fault_shrunk shrunk[2];
    struct err err = {.code = 0};
    begin(CHECKS_NOTHING);
    find(&schedule, 12, EXPLORE_FALSE_SUCCESS);
    for (size_t i = 0; i < 2; i++) {
        const struct fault_shrink_cfg cfg = {.jobs = i == 0 ? 1 : 3};
        cr_assert_eq(fault_shrink(&play, &schedule, EXPLORE_FALSE_SUCCESS, &cfg, &shrunk[i], &err),
                     0, "%s", err.text);
    }
    cr_assert_eq(shrunk[0].tried, shrunk[1].tried);
    cr_assert_eq(shrunk[0].schedule.len, shrunk[1].schedule.len);
    for (size_t i = 0; i < shrunk[0].schedule.len; i++) {
        char text[2][FAULT_TEXT_CHARS];
        fault_describe(&shrunk[0].schedule.faults[i], text[0]);
        fault_describe(&shrunk[1].schedule.faults[i], text[1]);
        cr_assert_str_eq(text[0], text[1]);
    }
    end();
}

Test(fault_mutant, a_schedule_that_goes_well_does_not_shrink)
{
    struct fault_schedule schedule = {.number = 1, .len = 0};
    struct fault_shrunk shrunk;
    struct err err = {.code = 0};
    const struct fault_shrink_cfg cfg = {.jobs = 1};
    begin(NO_DEFECT);
    cr_assert_eq(fault_shrink(&play, &schedule, EXPLORE_BRICKED, &cfg, &shrunk, &err),
                 ERR_CONFLICT);
    cr_assert(strstr(err.text, "bricked") != NULL, "%s", err.text);
    end();
}
