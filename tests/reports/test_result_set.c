/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_result_set.c - shards, masters and seeds in one set, and what has changed
 * since another one. */
#include "reports/result_changes.h"
#include "reports/result_json.h"
#include "tests/reports/result_rig.h"

#include <criterion/criterion.h>
#include <unistd.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

static void add(struct result_set *set, struct run_result run)
{
    struct err err = {.code = 0};
    cr_assert_eq(result_set_add(set, &run, &err), 0, "%s", err.text);
    cr_expect_null(run.version);
    cr_expect_null(run.cases);
}

/* The cases of a catalogue, as far as their letter is in which. */
static struct run_result part_of_run(const char *which)
{
    struct run_result run = rig_run("reference", 1);
    if (strchr(which, 'a') != NULL) {
        rig_play(rig_case(&run, "COM-01"), "", 1, VERDICT_PASS);
    }
    if (strchr(which, 'b') != NULL) {
        struct case_result *one = rig_case(&run, "COM-02");
        rig_play(one, "x", 1, VERDICT_PASS);
        rig_play(one, "y", 1, VERDICT_FAIL);
    }
    if (strchr(which, 'c') != NULL) {
        rig_play(rig_case(&run, "FUN-01"), "", 0, VERDICT_NOT_APPLICABLE);
    }
    if (strchr(which, 'd') != NULL) {
        rig_play(rig_case(&run, "PWR-10"), "", 1, VERDICT_ERROR);
    }
    return run;
}

static char *print_without_wall(struct result_set *set)
{
    set->runs[0].wall_ns = 0;
    return result_set_print(set);
}

Test(result_set, parts_make_the_whole_in_any_order)
{
    static const char *const orders[][4] = {
        {"ab", "cd", NULL}, {"cd", "ab", NULL},    {"d", "c", "b", "a"},
        {"bd", "ac", NULL}, {"abcd", "bcd", NULL}, {"abc", "", "dcb", "a"},
    };
    struct result_set whole = {.runs = NULL};
    add(&whole, part_of_run("abcd"));
    char *expected = print_without_wall(&whole);
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct result_set set = {.runs = NULL};
        for (size_t k = 0; k < ARRAY_SIZE(orders[i]) && orders[i][k] != NULL; k++) {
            add(&set, part_of_run(orders[i][k]));
            cr_expect_eq(set.runs[0].wall_ns, (k + 1) * 1500000000u);
        }
        cr_assert_eq(set.runs_len, 1u);
        char *text = print_without_wall(&set);
        expect_text(text, expected);
        free(text);
        result_set_release(&set);
    }
    cr_expect_eq(result_set_count(&whole, VERDICT_FAIL), 1u);
    free(expected);
    result_set_release(&whole);
}

Test(result_set, other_identities_stand_side_by_side)
{
    struct result_set set = {.runs = NULL};
    struct run_result run = rig_run("reference", 1);
    add(&set, run);
    add(&set, rig_run("minimal", 1));
    add(&set, rig_run("reference", 2));
    run = rig_run("reference", 1);
    run.repeat = 2;
    add(&set, run);
    run = rig_run("reference", 1);
    strcpy(run.date, "2026");
    add(&set, run);
    run = rig_run("reference", 1);
    strcpy(run.version, "2");
    add(&set, run);
    run = rig_run("reference", 1);
    run.settings = calloc(1, sizeof *run.settings);
    run.settings[run.settings_len++] = (struct setting){strdup("P2"), strdup("50 ms")};
    add(&set, run);
    cr_expect_eq(set.runs_len, 7u);
    expect_text(set.runs[1].master, "minimal");
    result_set_release(&set);
}

/* Seeds of a shard that was repeated in part come where a whole run has them. */
Test(result_set, plays_are_in_the_order_of_their_seeds)
{
    struct result_set set = {.runs = NULL};
    for (uint64_t part = 0; part < 2; part++) {
        struct run_result run = rig_run("reference", 1);
        run.repeat = 4;
        struct case_result *one = rig_case(&run, "COM-01");
        for (uint64_t seed = 2 - part; seed <= 4; seed += 2) {
            rig_play(one, "x", seed, VERDICT_PASS);
            rig_play(one, "y", seed, VERDICT_PASS);
        }
        add(&set, run);
    }
    const struct case_result *one = &set.runs[0].cases[0];
    cr_assert_eq(one->plays_len, 8u);
    for (size_t i = 0; i < one->plays_len; i++) {
        cr_expect_eq(one->plays[i].seed, 1 + i / 2);
        expect_text(one->plays[i].name, i % 2 == 0 ? "x" : "y");
    }
    result_set_release(&set);
}

/* Plays of one case and one seed, dealt out; then a second seed. */
static struct run_result shard_of_run(uint32_t shard, uint32_t shards)
{
    static const char *const names[] = {"slow", "fast", "none"};
    struct run_result run = rig_run("reference", 1);
    struct case_result *one = NULL;
    run.repeat = 2;
    for (uint32_t i = shard - 1; i < 6; i += shards) {
        one = one != NULL ? one : rig_case(&run, "COM-01");
        rig_play(one, names[i % 3], 1 + i / 3, i == 3 ? VERDICT_FAIL : VERDICT_PASS)->number =
            i % 3 + 1;
    }
    if (shards > 1) {
        run.parts = calloc(1, sizeof *run.parts);
        run.parts[run.parts_len++] =
            (struct run_part){.shard = shard, .shards = shards, .plays = 6};
    }
    return run;
}

Test(result_set, shards_make_the_whole_in_any_order_and_it_is_known_which_are_missing)
{
    static const struct {
        uint32_t shards, order[10];
    } rows[] = {
        {2, {2, 1}}, {4, {3, 1, 4, 2}}, {4, {1, 2, 3, 4, 2, 1}}, {8, {8, 7, 6, 5, 4, 3, 2, 1}}};
    struct result_set whole = {.runs = NULL};
    add(&whole, shard_of_run(1, 1));
    char *expected = print_without_wall(&whole);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result_set set = {.runs = NULL};
        for (size_t k = 0; rows[i].order[k] != 0; k++) {
            add(&set, shard_of_run(rows[i].order[k], rows[i].shards));
            cr_expect_eq(result_set_runs_whole(&set), k + 1 >= rows[i].shards, "row %zu, %zu", i,
                         k);
        }
        char *text = print_without_wall(&set);
        expect_text(text, expected);
        free(text);
        result_set_release(&set);
    }
    free(expected);
    result_set_release(&whole);
}

Test(result_set, a_whole_run_loses_nothing_by_a_shard_and_shards_of_two_runs_are_not_mixed)
{
    struct result_set set = {.runs = NULL};
    add(&set, shard_of_run(2, 3));
    cr_expect_not(result_set_runs_whole(&set));
    add(&set, shard_of_run(1, 1));
    cr_expect(result_set_runs_whole(&set));
    add(&set, shard_of_run(3, 4));
    cr_expect(result_set_runs_whole(&set));
    result_set_release(&set);
    /* Halves of runs that do not have the same plays. */
    add(&set, shard_of_run(1, 2));
    struct run_result other = shard_of_run(2, 2);
    other.parts[0].plays = 7;
    add(&set, other);
    cr_expect_not(result_set_runs_whole(&set));
    cr_expect_eq(set.runs[0].parts_len, 2u);
    result_set_release(&set);
}

static void expect_refused(struct result_set *set, struct run_result run, const char *said)
{
    struct err err = {.code = 0};
    cr_expect_eq(result_set_add(set, &run, &err), ERR_RANGE);
    cr_expect_not_null(strstr(err.text, said), "%s", err.text);
    cr_expect_not_null(run.cases);
    run_result_release(&run);
}

/* A play cannot have two outcomes: nothing of such a part is taken. */
Test(result_set, parts_that_contradict_are_refused)
{
    struct result_set set = {.runs = NULL};
    add(&set, part_of_run("ab"));
    char *before = result_set_print(&set);
    struct run_result run = part_of_run("bcd");
    run.cases[0].plays[1].verdict = VERDICT_PASS;
    expect_refused(&set, run, "case COM-02, play y, seed 1");
    run = part_of_run("acd");
    run.cases[0].plays[0].digest[3] = 'f';
    expect_refused(&set, run, "case COM-01, seed 1");
    char *after = result_set_print(&set);
    expect_text(after, before);
    free(before);
    free(after);
    result_set_release(&set);
}

/* Two files of one id are both in error; neither is lost, and neither doubled. */
Test(result_set, twins_stay_apart)
{
    struct result_set set = {.runs = NULL};
    add(&set, part_of_run("d"));
    for (int part = 0; part < 2; part++) {
        struct run_result run = rig_run("reference", 1);
        rig_play(rig_case(&run, "COM-01"), "", 0, VERDICT_ERROR);
        struct case_result *twin = rig_case(&run, "COM-01");
        free(twin->file);
        twin->file = strdup("scenarios/y.lua");
        snprintf(rig_play(twin, "", 0, VERDICT_ERROR)->digest, 33, "%032d", 5);
        add(&set, run);
    }
    cr_assert_eq(set.runs[0].cases_len, 3u);
    expect_text(set.runs[0].cases[1].file, "scenarios/y.lua");
    result_set_release(&set);
}

Test(result_set, folders_are_seen_from_here)
{
    char folder[] = "/tmp/limphome-test-XXXXXX";
    char path[80];
    struct result_set set = {.runs = NULL};
    struct result_set back = {.runs = NULL};
    struct err err = {.code = 0};
    struct run_result run = part_of_run("b");
    free(run.cases[0].plays[1].folder);
    run.cases[0].plays[1].folder = strdup("/elsewhere");
    add(&set, run);
    char *text = result_set_print(&set);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/results.json", folder);
    FILE *out = fopen(path, "w");
    fputs(text, out);
    fclose(out);
    cr_assert_eq(result_set_load(&back, path, &err), 0, "%s", err.text);
    unlink(path);
    rmdir(folder);
    char expected[80];
    snprintf(expected, sizeof expected, "%s/COM-02", folder);
    expect_text(back.runs[0].cases[0].plays[0].folder, expected);
    expect_text(back.runs[0].cases[0].plays[1].folder, "/elsewhere");
    cr_expect_lt(result_set_load(&back, path, &err), 0);
    cr_expect_not_null(strstr(err.text, "results.json: cannot be opened"), "%s", err.text);
    free(text);
    result_set_release(&set);
    result_set_release(&back);
}

/* Verdicts of one case before and now (-1: not there), virtual time in ms, and what that is. */
static const struct turn {
    int before, now;
    uint64_t before_ms, now_ms;
    enum change_kind kind;
} turns[] = {
    {VERDICT_PASS, VERDICT_PASS, 20000, 20000, CHANGE_KINDS},
    {VERDICT_PASS, VERDICT_FAIL, 20000, 90000, CHANGE_NEWLY_FAILING},
    {VERDICT_PASS, VERDICT_ERROR, 20000, 0, CHANGE_NEWLY_FAILING},
    {VERDICT_NOT_APPLICABLE, VERDICT_FAIL, 0, 1, CHANGE_NEWLY_FAILING},
    {VERDICT_FAIL, VERDICT_PASS, 1, 1, CHANGE_NEWLY_PASSING},
    {VERDICT_ERROR, VERDICT_PASS, 1, 1, CHANGE_NEWLY_PASSING},
    {VERDICT_FAIL, VERDICT_ERROR, 1, 1, CHANGE_OTHER_VERDICT},
    {VERDICT_FAIL, VERDICT_NOT_APPLICABLE, 1, 0, CHANGE_OTHER_VERDICT},
    {VERDICT_NOT_APPLICABLE, VERDICT_PASS, 0, 1, CHANGE_OTHER_VERDICT},
    {VERDICT_PASS, VERDICT_NOT_APPLICABLE, 1, 0, CHANGE_OTHER_VERDICT},
    {-1, VERDICT_FAIL, 0, 1, CHANGE_APPEARED},
    {-1, VERDICT_PASS, 0, 1, CHANGE_APPEARED},
    {VERDICT_FAIL, -1, 1, 0, CHANGE_GONE},
    {VERDICT_PASS, VERDICT_PASS, 20000, 22000, CHANGE_DURATION},
    {VERDICT_PASS, VERDICT_PASS, 20000, 18000, CHANGE_DURATION},
    {VERDICT_PASS, VERDICT_PASS, 20000, 21999, CHANGE_KINDS},
    {VERDICT_PASS, VERDICT_PASS, 2000, 2999, CHANGE_KINDS},
    {VERDICT_FAIL, VERDICT_FAIL, 2000, 3000, CHANGE_DURATION},
    {VERDICT_PASS, VERDICT_PASS, 0, 1000, CHANGE_DURATION},
};

static void add_turn(struct run_result *run, int verdict, uint64_t virtual_ms)
{
    if (verdict >= 0) {
        rig_play(rig_case(run, "COM-01"), "", 1, (enum verdict)verdict)->virtual_ns =
            SIM_MS(virtual_ms);
    }
}

Test(result_changes, each_turn_has_its_name)
{
    for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
        struct result_set now = {.runs = NULL};
        struct result_set before = {.runs = NULL};
        struct result_changes changes;
        struct run_result run = rig_run("reference", 1);
        struct run_result old = rig_run("reference", 1);
        add_turn(&run, turns[i].now, turns[i].now_ms);
        add_turn(&old, turns[i].before, turns[i].before_ms);
        add(&now, run);
        add(&before, old);
        result_changes_find(&changes, &now, &before);
        const size_t expected = turns[i].kind != CHANGE_KINDS;
        cr_assert_eq(changes.changes_len, expected, "turn %zu", i);
        if (expected > 0) {
            const struct change *change = &changes.changes[0];
            cr_expect_eq(change->kind, turns[i].kind, "turn %zu: %s", i, change_name(change->kind));
            cr_expect_eq(change->now != NULL, turns[i].now >= 0);
            cr_expect_eq(change->before != NULL, turns[i].before >= 0);
            cr_expect_eq(change->run, &now.runs[0]);
            cr_expect_eq(change->old_run, &before.runs[0]);
        }
        result_changes_release(&changes);
        result_set_release(&now);
        result_set_release(&before);
    }
}

/* Who is compared with whom: "MASTER SEED" of both sets, the partner by index; -1: nobody. */
Test(result_changes, runs_find_their_partners)
{
    struct result_set now = {.runs = NULL};
    struct result_set before = {.runs = NULL};
    struct result_changes changes;
    static const struct {
        const char *master;
        uint64_t seed;
        int partner;
    } runs[] = {{"a", 3, 2}, {"a", 2, 1}, {"a", 9, 0}, {"b", 1, 3}, {"c", 1, -1}, {"a", 8, -1}},
      old[] = {{"a", 1, 0}, {"a", 2, 0}, {"a", 3, 0}, {"b", 7, 0}, {"d", 1, 0}};
    for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
        struct run_result run = rig_run(runs[i].master, runs[i].seed);
        rig_play(rig_case(&run, "COM-01"), "", 1, VERDICT_FAIL);
        add(&now, run);
    }
    for (size_t i = 0; i < ARRAY_SIZE(old); i++) {
        struct run_result run = rig_run(old[i].master, old[i].seed);
        rig_play(rig_case(&run, "COM-01"), "", 1, VERDICT_PASS);
        add(&before, run);
    }
    result_changes_find(&changes, &now, &before);
    cr_expect_eq(result_changes_count(&changes, CHANGE_NEWLY_FAILING), 4u);
    cr_expect_eq(result_changes_count(&changes, CHANGE_APPEARED), 2u);
    cr_expect_eq(result_changes_count(&changes, CHANGE_GONE), 1u);
    cr_assert_eq(changes.changes_len, 7u);
    for (size_t i = 0; i < 6; i++) {
        const struct change *change = &changes.changes[i];
        const int partner = runs[change->run - now.runs].partner;
        cr_expect_eq(change->old_run, partner < 0 ? NULL : &before.runs[partner], "%zu", i);
    }
    cr_expect_null(changes.changes[6].run);
    cr_expect_eq(changes.changes[6].old_run, &before.runs[4]);
    result_changes_release(&changes);
    result_set_release(&now);
    result_set_release(&before);
}
