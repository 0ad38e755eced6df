/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_scenario.c - each kind of fault and each setting, written as a case, is
 * one that limphome accepts; a fault takes effect there as well, with the master as guest, and the
 * reference master survives it. */
#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/fault_scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fault_play play;
static char folder[] = "/tmp/limphome-faults-XXXXXX";

static uint8_t target_of(const struct fault_kind *kind)
{
    uint8_t target = FAULT_BLOCK;
    if ((kind->targets >> FAULT_BLOCK & 1u) == 0) {
        for (target = 0; kind->targets != 0 && (kind->targets >> target & 1u) == 0;) {
            target++;
        }
    }
    return target;
}

/* With the values that a reader would think of first. */
static struct fault_schedule one_of(uint8_t kind)
{
    struct fault_schedule schedule = {.number = (uint64_t)kind + 1, .len = 1};
    struct fault *fault = &schedule.faults[0];
    *fault = (struct fault){
        .kind = kind, .number = 1, .nth = 1, .target = target_of(&fault_kinds[kind])};
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX; i++) {
        fault->values[i] = fault_kinds[kind].parameters[i].simple;
    }
    return schedule;
}

static void save(const struct fault_schedule *schedule, const char *name,
                 struct fault_outcome *outcome)
{
    const struct fault_scenario_cfg cfg = {
        .replay = "limphome explore faults", .seed = 1, .world = &play.world, .scope = &play.scope};
    struct err err = {.code = 0};
    char path[128];
    cr_assert_eq(fault_play_try(&play, schedule, outcome, &err), 0, "%s", err.text);
    cr_assert_eq(outcome->fired, schedule->len, "%s has not taken effect", name);
    cr_assert(explore_verdict_good((enum explore_verdict)outcome->verdict), "%s: %s", name,
              explore_verdict_text((enum explore_verdict)outcome->verdict));
    (void)snprintf(path, sizeof path, "%s/%u.lua", folder, (unsigned)schedule->number);
    cr_assert_eq(fault_scenario_save(&cfg, schedule, outcome, path, &err), 0, "%s", err.text);
}

/* What the command prints is shown if it fails. */
static void assert_says_yes(const char *command)
{
    char line[400];
    char text[256];
    (void)snprintf(line, sizeof line, "cd %s && %s/bin/limphome %s *.lua >said 2>&1", folder,
                   LIMPHOME_BINARY_DIR, command);
    const int status = system(line);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)snprintf(text, sizeof text, "grep -v ^pass %s/said >&2", folder);
        (void)system(text);
        cr_assert_fail("limphome %s: exit code %d", command, WEXITSTATUS(status));
    }
}

Test(fault_scenario, each_kind_and_setting_is_played_by_the_cases_as_well)
{
    const struct explore_world_cfg cfg = {
        .image_bytes = 4096, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    struct err err = {.code = 0};
    struct fault_outcome *outcome = explore_share(sizeof *outcome);
    char line[128];
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(fault_play_init(&play, &cfg, &err), 0, "%s", err.text);
    for (uint8_t kind = 0; kind < fault_kinds_len; kind++) {
        const struct fault_schedule schedule = one_of(kind);
        save(&schedule, fault_kinds[kind].name, outcome);
    }
    for (uint8_t i = 0; i < fault_settings_len; i++) {
        const struct fault_schedule schedule = {.number = 101u + i, .setting = i};
        save(&schedule, fault_settings[i].name, outcome);
    }
    (void)fault_play_release(&play, NULL);
    explore_unshare(outcome, sizeof *outcome);
    assert_says_yes("check");
    assert_says_yes("run");
    (void)snprintf(line, sizeof line, "rm -r %s", folder);
    cr_assert_eq(system(line), 0);
}

Test(fault_scenario, ids_of_cases_tell_seed_and_schedule)
{
    char id[FAULT_CASE_CHARS];
    fault_scenario_id(5, 17, id);
    cr_assert_str_eq(id, "FAULTS-5-s17");
}
