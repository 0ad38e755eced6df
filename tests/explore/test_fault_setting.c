/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_setting.c - the reference master comes to what is expected of it in each
 * setting, and masters with a defect do not. The linker puts the functions below in between. */
#include "master/ota_ended.h"
#include "scenarios/explore/fault_shrink.h"
#include "sim/proto/isotp_pci.h"
#include "tests/explore/fault_rig.h"

#include <criterion/criterion.h>
#include <string.h>

static enum defect {
    NO_DEFECT,
    FORGETS, /* How a campaign has ended. */
    HURRIES, /* Sends consecutive frames as fast as the bus takes them. */
} defect;

bool __real_ota_ended_read(const struct ota_port *port, struct ota_ended *ended);
bool __wrap_ota_ended_read(const struct ota_port *port, struct ota_ended *ended);

bool __wrap_ota_ended_read(const struct ota_port *port, struct ota_ended *ended)
{
    return defect != FORGETS && __real_ota_ended_read(port, ended);
}

proto_ns_t __real_isotp_st_min_ns(uint8_t code);
proto_ns_t __wrap_isotp_st_min_ns(uint8_t code);

proto_ns_t __wrap_isotp_st_min_ns(uint8_t code)
{
    return defect == HURRIES ? 0 : __real_isotp_st_min_ns(code);
}

static void begin(enum defect with)
{
    defect = with;
    open_play();
}

static enum explore_verdict come_to(const char *name)
{
    struct err err = {.code = 0};
    const int setting = fault_setting_find(name);
    cr_assert_geq(setting, 0, "no setting \"%s\"", name);
    const struct fault_schedule schedule = {.number = 1, .setting = (uint8_t)setting};
    cr_assert_eq(fault_play_try(&play, &schedule, outcome, &err), 0, "%s", err.text);
    return (enum explore_verdict)outcome->verdict;
}

Test(fault_setting, the_reference_master_comes_to_what_is_expected)
{
    static const struct {
        const char *name;
        enum explore_verdict verdict;
    } expected[] = {
        {"sound", EXPLORE_UPDATED},
        {"altered-package", EXPLORE_OLD_RUNS},
        {"shorter-package", EXPLORE_OLD_RUNS},
        {"longer-package", EXPLORE_OLD_RUNS},
        {"foreign-package", EXPLORE_OLD_RUNS},
        {"other-base", EXPLORE_OLD_RUNS},
        {"same-again", EXPLORE_UPDATED},
        {"dead-application", EXPLORE_OLD_RUNS},
        {"rollback", EXPLORE_UPDATED},
        {"rollback-of-a-liar", EXPLORE_OLD_RUNS},
        {"liar", EXPLORE_OLD_RUNS},
        {"rotten-storage", EXPLORE_UPDATED},
        {"slow-erase", EXPLORE_UPDATED},
        {"endless-erase", EXPLORE_RETRIED},
        {"slow-receiver", EXPLORE_UPDATED},
        {"careful", EXPLORE_UPDATED},
    };
    begin(NO_DEFECT);
    cr_assert_eq(ARRAY_SIZE(expected), fault_settings_len);
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        const enum explore_verdict verdict = come_to(expected[i].name);
        cr_expect_eq(verdict, expected[i].verdict, "%s: %s (%s)", expected[i].name,
                     explore_verdict_text(verdict), outcome->why.first);
    }
    end();
}

Test(fault_setting, a_package_that_fails_for_ever_is_found)
{
    begin(FORGETS);
    cr_expect_eq(come_to("sound"), EXPLORE_UPDATED);
    cr_expect_eq(come_to("dead-application"), EXPLORE_INVARIANT);
    cr_expect(strstr(outcome->why.first, "INV-4") != NULL, "%s", outcome->why.first);
    end();
}

Test(fault_setting, a_master_that_sends_too_fast_is_found)
{
    begin(HURRIES);
    cr_expect_eq(come_to("sound"), EXPLORE_UPDATED);
    cr_expect_eq(come_to("slow-receiver"), EXPLORE_BRICKED);
    end();
}

/* What the setting alone brings about needs no fault. */
Test(fault_setting, a_schedule_shrinks_to_its_setting)
{
    const struct fault_draw_cfg draw = {.seed = 1,
                                        .min = 8,
                                        .max = 8,
                                        .settings = UINT32_C(1)
                                                    << fault_setting_find("dead-application")};
    const struct fault_shrink_cfg cfg = {.jobs = 1};
    struct fault_schedule schedule;
    struct fault_shrunk shrunk;
    struct err err = {.code = 0};
    uint64_t number = 0;
    begin(FORGETS);
    do {
        fault_schedule_draw(&schedule, &draw, ++number, &play.scope);
        cr_assert_eq(fault_play_try(&play, &schedule, outcome, &err), 0, "%s", err.text);
    } while (outcome->verdict != EXPLORE_INVARIANT && number < 20);
    cr_assert_eq(fault_shrink(&play, &schedule, EXPLORE_INVARIANT, &cfg, &shrunk, &err), 0, "%s",
                 err.text);
    cr_expect_eq(shrunk.schedule.len, 0);
    cr_expect_eq(shrunk.schedule.setting, schedule.setting);
    end();
}

Test(fault_setting, each_is_drawn_and_none_that_is_not_wanted)
{
    uint32_t drawn = 0;
    const uint32_t two = UINT32_C(1) << 2 | UINT32_C(1) << 5;
    for (uint64_t number = 1; number <= 1000; number++) {
        drawn |= UINT32_C(1) << fault_setting_draw(UINT32_MAX, 1, number);
        cr_assert_neq(UINT32_C(1) << fault_setting_draw(two, 1, number) & two, 0);
        cr_assert_eq(fault_setting_draw(0, 1, number), FAULT_SOUND);
        cr_assert_eq(fault_setting_draw(UINT32_MAX, 7, number),
                     fault_setting_draw(UINT32_MAX, 7, number));
    }
    cr_assert_eq(drawn, (UINT32_C(1) << fault_settings_len) - 1);
}

Test(fault_setting, a_master_is_not_judged_in_what_it_cannot_do)
{
    const uint32_t none = fault_settings_for(0);
    cr_expect_neq(none & UINT32_C(1) << FAULT_SOUND, 0);
    cr_expect_eq(none & UINT32_C(1) << fault_setting_find("rollback"), 0);
    cr_expect_neq(fault_settings_for(UINT64_MAX) & UINT32_C(1) << fault_setting_find("rollback"),
                  0);
}
