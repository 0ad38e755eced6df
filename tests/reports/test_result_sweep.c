/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_result_sweep.c - parts of a sweep in any order are exactly the whole. */
#include "tests/reports/sweep_rig.h"

#include <criterion/criterion.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

static void add(struct result_sweep *sweep, struct result_sweep part)
{
    struct err err = {.code = 0};
    cr_assert_eq(result_sweep_add(sweep, &part, &err), 0, "%s", err.text);
    cr_expect_null(part.version);
    cr_expect_null(part.rows);
    cr_expect_eq(part.failures_len, 0u);
}

static void expect_failures(const struct result_sweep *seen, const struct result_sweep *expected)
{
    cr_expect_eq(seen->failures_all, expected->failures_all);
    cr_assert_eq(seen->failures_len, expected->failures_len);
    for (size_t i = 0; i < seen->failures_len; i++) {
        expect_text(seen->failures[i].id, expected->failures[i].id);
        expect_text(seen->failures[i].replay, expected->failures[i].replay);
        expect_text(seen->failures[i].scenario, expected->failures[i].scenario);
        cr_expect_eq(seen->failures[i].unit, expected->failures[i].unit);
        cr_expect_eq(seen->failures[i].verdict, expected->failures[i].verdict);
        cr_expect_eq(seen->failures[i].at_ns, expected->failures[i].at_ns);
    }
}

static void expect_equal(const struct result_sweep *seen, const struct result_sweep *expected)
{
    cr_assert_eq(seen->done_len, expected->done_len);
    for (size_t i = 0; i < seen->done_len; i++) {
        cr_expect_eq(seen->done[i].first, expected->done[i].first);
        cr_expect_eq(seen->done[i].last, expected->done[i].last);
    }
    for (size_t i = 0; i < RIG_ROWS; i++) {
        cr_expect_eq(seen->rows[i].number, expected->rows[i].number, "%s", seen->rows[i].text);
    }
    for (size_t i = 0; i < RIG_VERDICTS; i++) {
        cr_expect_eq(seen->verdicts[i].count, expected->verdicts[i].count);
    }
    for (size_t i = 0; i < (size_t)RIG_BINS * RIG_VERDICTS; i++) {
        cr_expect_eq(seen->map.counts[i], expected->map.counts[i]);
    }
    cr_expect_eq(seen->states_len, expected->states_len);
    expect_failures(seen, expected);
}

Test(result_sweep, parts_in_any_order_make_the_whole)
{
    static const unsigned orders[][4] = {{1, 2, 3, 4}, {4, 3, 2, 1}, {3, 1, 4, 2}};
    struct result_sweep whole = rig_sweep(1, 1);
    cr_assert(result_sweep_whole(&whole));
    cr_assert_eq(whole.failures_len, (size_t)SWEEP_FAILURES_MAX);
    cr_assert_gt(whole.failures_all, (uint64_t)SWEEP_FAILURES_MAX);
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct result_sweep sweep = rig_sweep(orders[i][0], 4);
        for (size_t k = 1; k < 4; k++) {
            cr_expect_not(result_sweep_whole(&sweep));
            cr_expect_not_null(sweep.states);
            add(&sweep, rig_sweep(orders[i][k], 4));
        }
        cr_expect(result_sweep_whole(&sweep));
        cr_expect_null(sweep.states);
        cr_expect_eq(sweep.wall_ns, 4000000000u);
        expect_equal(&sweep, &whole);
        result_sweep_release(&sweep);
    }
    result_sweep_release(&whole);
}

/* Pairs that are added to pairs: whoever merges first. */
Test(result_sweep, parts_of_parts_make_the_whole)
{
    struct result_sweep whole = rig_sweep(1, 1);
    struct result_sweep odd = rig_sweep(1, 4);
    struct result_sweep even = rig_sweep(4, 4);
    add(&odd, rig_sweep(3, 4));
    add(&even, rig_sweep(2, 4));
    cr_expect_eq(result_sweep_done(&odd), RIG_UNITS / 2u);
    cr_expect_eq(odd.rows[2].number, odd.states_len);
    add(&even, odd);
    expect_equal(&even, &whole);
    result_sweep_release(&even);
    result_sweep_release(&whole);
}

/* With more shards than units some have none. */
Test(result_sweep, a_part_without_units_changes_nothing)
{
    const struct {
        unsigned shard, shards;
    } rows[] = {{1, 1}, {2, 4}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result_sweep expected = rig_sweep(rows[i].shard, rows[i].shards);
        struct result_sweep first = rig_sweep(rows[i].shard, rows[i].shards);
        struct result_sweep last = rig_sweep(RIG_UNITS + 1, RIG_UNITS + 1);
        add(&first, rig_sweep(RIG_UNITS + 2, RIG_UNITS + 2));
        add(&last, rig_sweep(rows[i].shard, rows[i].shards));
        expect_equal(&first, &expected);
        expect_equal(&last, &expected);
        result_sweep_release(&first);
        result_sweep_release(&last);
        result_sweep_release(&expected);
    }
}

static void expect_refused(struct result_sweep part, const char *said)
{
    struct result_sweep sweep = rig_sweep(1, 4);
    struct result_sweep before = rig_sweep(1, 4);
    struct err err = {.code = 0};
    cr_expect_eq(result_sweep_add(&sweep, &part, &err), ERR_RANGE);
    cr_expect_not_null(strstr(err.text, said), "%s", err.text);
    cr_expect_not_null(part.version);
    expect_equal(&sweep, &before);
    result_sweep_release(&before);
    result_sweep_release(&sweep);
    result_sweep_release(&part);
}

Test(result_sweep, a_unit_that_both_have_is_refused)
{
    expect_refused(rig_sweep(1, 4), "have unit 0: was the same part given twice?");
    expect_refused(rig_sweep(1, 2), "have unit 0");
    expect_refused(rig_sweep(3, 6), "have unit 8");
}

Test(result_sweep, other_identities_are_refused)
{
    struct result_sweep part = rig_sweep(2, 4);
    part.identity[14] = '9';
    expect_refused(part, "are not parts of one sweep");
    part = rig_sweep(2, 4);
    part.version[0] = '2';
    expect_refused(part, "are not parts of one sweep");
    part = rig_sweep(2, 4);
    part.master[0] = 'x';
    expect_refused(part, "are not parts of one sweep");
    part = rig_sweep(2, 4);
    part.kind[0] = 'P';
    expect_refused(part, "are not parts of one sweep");
    part = rig_sweep(2, 4);
    part.units++;
    expect_refused(part, "are not parts of one sweep");
    part = rig_sweep(2, 4);
    free(part.date);
    part.date = strdup("2026-01-02");
    expect_refused(part, "are not parts of one sweep");
}

/* What two parts know before they begin cannot differ. */
Test(result_sweep, other_builds_are_refused)
{
    struct result_sweep part = rig_sweep(2, 4);
    part.rows[0].number++;
    expect_refused(part, "differ in \"flash commands\": 1264 and 1265; are these two builds?");
    part = rig_sweep(2, 4);
    part.rows[3].text[0] = 'G';
    expect_refused(part, "count different things");
    part = rig_sweep(2, 4);
    part.verdicts[1].good = true;
    expect_refused(part, "have different verdicts");
    part = rig_sweep(2, 4);
    part.map.edges_ns[3]++;
    expect_refused(part, "have maps of different updates");
    part = rig_sweep(2, 4);
    part.map.phases[1].end_ns++;
    expect_refused(part, "have maps of different updates");
}

static struct result_sweep with_file(unsigned shard, const char *name, const char *sha256)
{
    struct result_sweep sweep = rig_sweep(shard, 4);
    sweep.files = calloc(1, sizeof *sweep.files);
    sweep.files[0] = (struct sweep_file){.name = strdup(name), .sha256 = strdup(sha256)};
    sweep.files_len = 1;
    return sweep;
}

Test(result_sweep, other_contents_of_files_are_refused)
{
    static const struct {
        const char *name, *sha256, *said;
    } parts[] = {
        {"car.json", "ab", NULL},
        {"car.json", "cd", "different contents of \"car.json\""},
        {"bus.json", "ab", "depend on different files"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct err err = {.code = 0};
        struct result_sweep sweep = with_file(1, "car.json", "ab");
        struct result_sweep part = with_file(2, parts[i].name, parts[i].sha256);
        cr_expect(result_sweep_same(&sweep, &part));
        const int rc = result_sweep_add(&sweep, &part, &err);
        cr_expect_eq(rc, parts[i].said != NULL ? ERR_RANGE : 0);
        cr_expect(parts[i].said == NULL || strstr(err.text, parts[i].said) != NULL, "%s", err.text);
        result_sweep_release(&sweep);
        result_sweep_release(&part);
    }
}

Test(result_sweep, open_ones_are_whole_and_may_grow)
{
    struct result_sweep sweep = rig_sweep(1, 4);
    struct result_sweep part = rig_sweep(2, 4);
    sweep.units = SWEEP_UNITS_OPEN;
    part.units = SWEEP_UNITS_OPEN;
    cr_expect(result_sweep_whole(&sweep));
    add(&sweep, part);
    cr_expect(result_sweep_whole(&sweep));
    cr_expect_eq(result_sweep_done(&sweep), RIG_UNITS / 2u);
    cr_expect_not_null(sweep.states);
    result_sweep_release(&sweep);
}

Test(result_sweep, good_is_who_has_no_failure)
{
    struct result_sweep sweep = rig_sweep(2, 3);
    cr_expect(result_sweep_good(&sweep));
    sweep.verdicts[2].count = 1;
    cr_expect_not(result_sweep_good(&sweep));
    result_sweep_release(&sweep);
    sweep = rig_sweep(1, 3);
    cr_expect_not(result_sweep_good(&sweep));
    result_sweep_release(&sweep);
}
