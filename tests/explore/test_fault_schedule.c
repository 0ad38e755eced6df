/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_schedule.c - schedules are drawn within the budget, the same for the
 * same seed; and the reference master survives them. */
#include "scenarios/explore/explore_faults.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct fault_scope scope = {
    .requests = {2, 1, 2, 1, 2, 2, 2, 1, 2, 9, 2, 1, 5, 1, 1, 1},
    .commands = {232, 1024},
    .files = {17, 17},
    .ecu = "bcm",
    .foreign_id = 0x7F8,
};

static void draw(struct fault_schedule *schedule, uint64_t number, size_t min, size_t max)
{
    const struct fault_draw_cfg cfg = {.seed = 7, .min = min, .max = max};
    fault_schedule_draw(schedule, &cfg, number, &scope);
}

static void assert_within_budget(const struct fault *fault)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    cr_assert_geq(fault->nth, 1);
    cr_assert(kind->targets == 0 || (kind->targets >> fault->target & 1u) != 0);
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        cr_assert_geq(fault->values[i], kind->parameters[i].min, "%s", kind->name);
        cr_assert_leq(fault->values[i], kind->parameters[i].max, "%s", kind->name);
    }
}

Test(fault_schedule, each_kind_is_drawn_and_none_beyond_its_limits)
{
    uint64_t drawn[64] = {0};
    for (uint64_t number = 1; number <= 400; number++) {
        struct fault_schedule schedule;
        uint32_t here[64] = {0};
        draw(&schedule, number, 40, 40);
        cr_assert_eq(schedule.len, 40);
        for (size_t i = 0; i < schedule.len; i++) {
            assert_within_budget(&schedule.faults[i]);
            cr_assert_eq(schedule.faults[i].number, i + 1);
            here[schedule.faults[i].kind]++;
        }
        for (size_t kind = 0; kind < fault_kinds_len; kind++) {
            cr_assert_leq(here[kind], fault_kinds[kind].most, "%s", fault_kinds[kind].name);
            drawn[kind] += here[kind];
        }
    }
    for (size_t kind = 0; kind < fault_kinds_len; kind++) {
        cr_assert_gt(drawn[kind], 0, "%s is never drawn", fault_kinds[kind].name);
    }
}

Test(fault_schedule, the_same_number_is_the_same_schedule_and_another_one_is_not)
{
    struct fault_schedule one;
    struct fault_schedule again;
    struct fault_schedule other;
    draw(&one, 17, 1, 8);
    draw(&again, 17, 1, 8);
    draw(&other, 18, 1, 8);
    cr_assert_eq(one.len, again.len);
    for (size_t i = 0; i < one.len; i++) {
        char text[2][FAULT_TEXT_CHARS];
        fault_describe(&one.faults[i], text[0]);
        fault_describe(&again.faults[i], text[1]);
        cr_assert_str_eq(text[0], text[1]);
    }
    cr_assert(one.len != other.len || one.faults[0].kind != other.faults[0].kind ||
              one.faults[0].nth != other.faults[0].nth);
}

Test(fault_schedule, ids_are_read_as_they_are_written)
{
    char id[FAULT_ID_CHARS];
    uint64_t number = 0;
    fault_schedule_id(17, id);
    cr_assert_str_eq(id, "s17");
    cr_assert(fault_schedule_parse_id("s17", &number));
    cr_assert_eq(number, 17);
    const char *const wrong[] = {"", "s", "17", "s-1", "s017", "s17x", "f12.3", "s 1"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        cr_assert_not(fault_schedule_parse_id(wrong[i], &number), "%s", wrong[i]);
    }
}

/* Else nothing but them would be put to the test. */
Test(fault_schedule, most_schedules_lack_what_lasts_and_half_of_them_what_is_the_ecus_nature)
{
    enum { SCHEDULES = 400 };
    struct fault_schedule schedule;
    size_t lasting = 0;
    size_t natured = 0;
    for (uint64_t number = 1; number <= SCHEDULES; number++) {
        size_t here[3] = {0, 0, 0};
        draw(&schedule, number, 40, 40);
        for (size_t i = 0; i < schedule.len; i++) {
            here[fault_kinds[schedule.faults[i].kind].end]++;
        }
        cr_assert_leq(here[FAULT_ENDS_WITH_CAMPAIGN], 1);
        lasting += here[FAULT_ENDS_WITH_CAMPAIGN] != 0;
        natured += here[FAULT_STAYS] != 0;
    }
    cr_assert(lasting > SCHEDULES / 8 && lasting < SCHEDULES / 2, "%zu", lasting);
    cr_assert(natured > SCHEDULES / 3 && natured < 2 * SCHEDULES / 3, "%zu", natured);
}

static void sweep(const struct explore_faults_cfg *cfg, struct result_sweep *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_faults_run(cfg, result, &err), 0, "%s", err.text);
}

static uint64_t row(const struct result_sweep *result, const char *heading, const char *text)
{
    for (size_t i = 0; i < result->rows_len; i++) {
        if (strcmp(result->rows[i].heading, heading) == 0 &&
            strstr(result->rows[i].text, text) != NULL) {
            return result->rows[i].number;
        }
    }
    cr_assert_fail("no row \"%s\"", text);
    return 0;
}

Test(fault_schedule, the_reference_master_survives_what_is_within_the_budget)
{
    const struct {
        uint64_t seed;
        int style;
        enum ota_resume_34 resume;
    } ways[] = {{1, BOOT_STYLE_BLOCK, OTA_RESUME_FULL_SEGMENT},
                {2, BOOT_STYLE_BLOCK, OTA_RESUME_REMAINING},
                {3, BOOT_STYLE_S19_LINE, OTA_RESUME_FULL_SEGMENT}};
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct explore_faults_cfg cfg = {
            .world = {.image_bytes = 2048, .vehicle = VEHICLE_AS_IN_FILE, .seed = ways[i].seed},
            .schedules = 100,
            .sweep = {.identity = "test"},
        };
        struct result_sweep result;
        cfg.world.vehicle.transfer = ways[i].style;
        cfg.world.resume = ways[i].resume;
        sweep(&cfg, &result);
        cr_assert_eq(result.failures_all, 0, "seed %u, %s: %s", (unsigned)ways[i].seed,
                     result.failures[0].id, result.verdicts[result.failures[0].verdict].name);
        cr_assert_eq(row(&result, "schedules", "played"), 100);
        cr_assert_lt(row(&result, "schedules", "tested nothing"), 25);
        cr_assert_gt(row(&result, "faults that took effect", "of frames"), 20);
        cr_assert_gt(row(&result, "faults that took effect", "supply"), 10);
        cr_assert_gt(row(&result, "faults that took effect", "flash"), 5);
        result_sweep_release(&result);
    }
}

/* The world as a whole: what was played before leaves nothing. */
Test(fault_schedule, a_schedule_comes_to_the_same_whatever_was_played_before)
{
    static struct fault_play play;
    const struct explore_world_cfg cfg = {
        .image_bytes = 2048, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    struct fault_outcome *outcomes = explore_share(2 * sizeof *outcomes);
    struct err err = {.code = 0};
    struct fault_schedule schedule;
    const struct fault_draw_cfg draw_cfg = {.seed = 1, .min = 20, .max = 20};
    cr_assert_eq(fault_play_init(&play, &cfg, &err), 0, "%s", err.text);
    fault_schedule_draw(&schedule, &draw_cfg, 5, &play.scope);
    cr_assert_eq(fault_play_try(&play, &schedule, &outcomes[0], &err), 0);
    for (uint64_t number = 6; number < 10; number++) {
        struct fault_schedule other;
        fault_schedule_draw(&other, &draw_cfg, number, &play.scope);
        cr_assert_eq(fault_play_try(&play, &other, &outcomes[1], &err), 0);
    }
    cr_assert_eq(fault_play_try(&play, &schedule, &outcomes[1], &err), 0);
    cr_assert_eq(outcomes[0].verdict, outcomes[1].verdict);
    cr_assert_eq(outcomes[0].fired, outcomes[1].fired);
    cr_assert_eq(outcomes[0].took_ns, outcomes[1].took_ns);
    cr_assert_neq(outcomes[0].fired, 0);
    (void)fault_play_release(&play, NULL);
    explore_unshare(outcomes, 2 * sizeof *outcomes);
}

/* By what was drawn, not by its numbers. */
Test(fault_schedule, schedules_are_the_same_if_their_faults_are)
{
    const struct fault_schedule one = {
        .number = 1, .len = 1, .faults = {{.kind = 1, .number = 1, .nth = 2, .values = {3}}}};
    struct fault_schedule other = one;
    other.number = 7;
    other.faults[0].number = 5;
    other.faults[1].kind = 4; /* Behind the last one. */
    cr_expect(fault_schedule_same(&one, &other));
    struct fault_schedule differ[6] = {one, one, one, one, one, one};
    differ[0].setting = 1;
    differ[1].len = 2;
    differ[2].faults[0].kind = 2;
    differ[3].faults[0].target = 1;
    differ[4].faults[0].nth = 3;
    differ[5].faults[0].values[FAULT_PARAMETERS_MAX - 1] = 1;
    for (size_t i = 0; i < ARRAY_SIZE(differ); i++) {
        cr_expect_not(fault_schedule_same(&one, &differ[i]), "%zu", i);
    }
}
