/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_sweep_json.c - sweeps on their way through results.json, alone and in parts:
 * merged ones are the same file, byte for byte. */
#include "reports/result_json.h"
#include "tests/reports/replaced.h"
#include "tests/reports/result_rig.h"
#include "tests/reports/sweep_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

static void add(struct result_set *set, struct result_sweep sweep)
{
    struct err err = {.code = 0};
    cr_assert_eq(result_set_add_sweep(set, &sweep, &err), 0, "%s", err.text);
    cr_expect_null(sweep.kind);
}

static char *print_shard(unsigned shard, unsigned shards)
{
    struct result_set set = {.runs = NULL};
    add(&set, rig_sweep(shard, shards));
    char *text = result_set_print(&set);
    result_set_release(&set);
    return text;
}

static int parse(struct result_set *set, const char *text, struct err *err)
{
    *set = (struct result_set){.runs = NULL};
    *err = (struct err){.code = 0};
    return result_set_parse(set, text, strlen(text), "x.json", err);
}

/* What a file of one shard adds to a set, as `limphome report` does it. */
static void load_shard(struct result_set *set, unsigned shard, unsigned shards)
{
    struct result_set of_file;
    struct err err;
    char *text = print_shard(shard, shards);
    cr_assert_eq(parse(&of_file, text, &err), 0, "%s", err.text);
    add(set, of_file.sweeps[0]);
    of_file.sweeps[0] = (struct result_sweep){.kind = NULL};
    result_set_release(&of_file);
    free(text);
}

Test(sweep_json, files_of_shards_make_the_file_of_the_whole)
{
    static const unsigned orders[][4] = {{1, 2, 3, 4}, {4, 2, 1, 3}};
    char *whole = print_shard(1, 1);
    cr_expect_null(strstr(whole, "wall"));
    cr_expect_null(strstr(whole, "\"states\":\t\""));
    cr_expect_not_null(strstr(whole, "\"done\":\t\"0-39\""));
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct result_set set = {.runs = NULL};
        for (size_t k = 0; k < 4; k++) {
            cr_expect(k == 0 || !result_set_sweeps_whole(&set));
            load_shard(&set, orders[i][k], 4);
        }
        cr_expect(result_set_sweeps_whole(&set));
        cr_expect_not(result_set_sweeps_good(&set));
        char *text = result_set_print(&set);
        expect_text(text, whole);
        free(text);
        result_set_release(&set);
    }
    free(whole);
}

Test(sweep_json, a_part_comes_back_as_it_was)
{
    for (size_t i = 0; i < ARRAY_SIZE(rig_hostile); i++) {
        struct result_set set = {.runs = NULL};
        struct result_set back;
        struct err err;
        struct result_sweep sweep = rig_sweep(2, 4);
        char **const texts[] = {&sweep.identity,           &sweep.master,
                                &sweep.rows[1].text,       &sweep.failures[0].id,
                                &sweep.failures[0].replay, &sweep.map.phases[0].name,
                                &sweep.verdicts[2].meaning};
        for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
            free(*texts[k]);
            *texts[k] = strdup(rig_hostile[i]);
        }
        add(&set, sweep);
        char *text = result_set_print(&set);
        cr_assert_eq(parse(&back, text, &err), 0, "%s", err.text);
        char *again = result_set_print(&back);
        expect_text(again, text);
        cr_assert_eq(back.sweeps_len, 1u);
        expect_text(back.sweeps[0].identity, rig_hostile[i]);
        cr_expect_eq(back.sweeps[0].states_len, set.sweeps[0].states_len);
        cr_expect_eq(back.sweeps[0].failures[1].at_ns, SIM_NEVER);
        free(again);
        free(text);
        result_set_release(&set);
        result_set_release(&back);
    }
}

/* A sweep of units as long as there is time has no map, and no failure. */
Test(sweep_json, a_sweep_without_a_map_has_none_in_its_file)
{
    struct result_set set = {.runs = NULL};
    struct result_set back;
    struct err err;
    struct result_sweep sweep = rig_sweep(3, 3);
    free(sweep.map.axis);
    free(sweep.map.counts);
    free(sweep.map.edges_ns);
    free(sweep.map.phases[0].name);
    free(sweep.map.phases[1].name);
    free(sweep.map.phases);
    sweep.map = (struct sweep_map){.axis = NULL};
    sweep.units = SWEEP_UNITS_OPEN;
    add(&set, sweep);
    char *text = result_set_print(&set);
    cr_expect_null(strstr(text, "\"map\""));
    cr_assert_eq(parse(&back, text, &err), 0, "%s", err.text);
    cr_expect_eq(back.sweeps[0].map.bins, 0u);
    cr_expect(result_set_sweeps_good(&back) && result_set_sweeps_whole(&back));
    free(text);
    result_set_release(&set);
    result_set_release(&back);
}

/* What is made of the file of a part, and what is said of it. */
static const struct damage {
    const char *part, *by, *said;
} damages[] = {
    {"\"sweeps\"", "\"sweep\"", "there is no such member: \"sweep\""},
    {"\"done\":\t\"0 ", "\"done\":\t\"01 ", "sweeps[0].done: must be rising numbers"},
    {"\"done\":\t\"0 ", "\"done\":\t\"0  ", "sweeps[0].done: must be rising numbers"},
    {"\"done\":\t\"0 4", "\"done\":\t\"4 0", "sweeps[0].done: must be rising numbers"},
    {"\"done\":\t\"0 4", "\"done\":\t\"0 1 4", "sweeps[0].done: must be rising numbers"},
    {"\"done\":\t\"0 4", "\"done\":\t\"0-0 4", "sweeps[0].done: must be rising numbers"},
    {"\"done\":\t\"0 4", "\"done\":\t\"0-4 4", "sweeps[0].done: must be rising numbers"},
    {" 36\"", " 18446744073709551615\"", "sweeps[0].done: must be rising numbers"},
    {" 36\"", " 40\"", "it has done units beyond its last one"},
    {"\"same\"", "\"some\"", "rows[0].merge: must be \"sum\", \"same\" or \"states\""},
    {"\"good\":\ttrue", "\"good\":\t1", "verdicts[0].good: must be true or false"},
    {"\"good\":\ttrue", "\"good\":\tfalse", "not what the verdicts count"},
    {"\"failures_all\":\t\"12\"", "\"failures_all\":\t\"0\"", "not what the verdicts count"},
    {"\"verdict\":\t2", "\"verdict\":\t3", "the failures are not in order"},
    {"\"verdict\":\t2", "\"verdict\":\t0", "the failures are not in order"},
    {"\"unit\":\t\"0\"", "\"unit\":\t\"99\"", "the failures are not in order"},
    {"\"states\":\t\"0", "\"states\":\t\"", "sweeps[0].states: must be rising"},
    {"\"states\":\t\"0", "\"states\":\t\"G", "sweeps[0].states: must be rising"},
    {"\"states\":\t\"0", "\"states\":\t\"f", "sweeps[0].states: must be rising"},
    {"\"states\":\t\"", "\"states\":\t\"0000000000000000", "sweeps[0].states: must be rising"},
    {"\"counts\":\t[[", "\"counts\":\t[[1], [", "counts[1]: must be a list of numbers"},
    {"\"counts\":\t[[26", "\"counts\":\t[[-1", "counts[0]: must be whole numbers"},
    {"\"counts\":\t[[26", "\"counts\":\t[[1e99", "counts[0]: must be whole numbers"},
    {"\"counts\":\t[[26", "\"counts\":\t[], \"x\": [[1", "counts: must be a list of 1 to"},
    {"1000 1400 ", "1000 900 ", "map.edges_ns: must be rising numbers"},
    {"1000 1400 ", "1000  1400 ", "map.edges_ns: must be rising numbers"},
    {" 5800\"", " 9223372036854775807\"", "its edges are not one more than its bins"},
    {" 5800\"", "\"", "its edges are not one more than its bins"},
    {"\"end_ns\":\t\"2200\"", "\"end_ns\":\t\"2\"", "the map has other verdicts"},
    {"\"rules\":\t\"INV-5\"", "\"rules\":\t5", "failures[1].rules: must be a text"},
    {"\"axis\":\t\"instant of the first cut\",", "", "map: a member is missing: \"axis\""},
    {"\"units\":\t\"40\"", "\"units\":\t\"10\"", "it has done units beyond its last one"},
};

Test(sweep_json, what_is_not_as_it_should_be_is_named)
{
    char *text = print_shard(1, 4);
    for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
        struct result_set back;
        struct err err;
        char *damaged = replaced(text, damages[i].part, damages[i].by);
        cr_assert_not_null(damaged, "%s in %s", damages[i].part, text);
        cr_expect_lt(parse(&back, damaged, &err), 0, "%s", damages[i].by);
        cr_expect_not_null(strstr(err.text, damages[i].said), "%s -> %s: %s", damages[i].part,
                           damages[i].by, err.text);
        free(damaged);
        result_set_release(&back);
    }
    free(text);
}

/* A whole sweep needs no states, and a part not another number of them. */
Test(sweep_json, states_and_their_number_agree)
{
    struct result_set back;
    struct err err;
    char *part = print_shard(1, 4);
    char *whole = print_shard(1, 1);
    char *number = strstr(part, "different states");
    cr_assert_not_null(number);
    number = strstr(number, "\"number\":\t\"");
    number[strlen("\"number\":\t\"")] = '9';
    cr_expect_lt(parse(&back, part, &err), 0);
    cr_expect_not_null(strstr(err.text, "the states are not as many as it says"), "%s", err.text);
    result_set_release(&back);
    char *kept = replaced(whole, "\"kind\":", "\"states\": \"0000000000000001\", \"kind\":");
    cr_expect_lt(parse(&back, kept, &err), 0);
    cr_expect_not_null(strstr(err.text, "or of a whole sweep"), "%s", err.text);
    result_set_release(&back);
    free(kept);
    free(part);
    free(whole);
}

Test(sweep_json, whatever_is_cut_off_is_refused)
{
    char *text = print_shard(1, 4);
    for (size_t len = strlen(text) - 1; len<SIZE_MAX; len -= len> 7 ? 7 : 1) {
        struct result_set back;
        struct err err;
        text[len] = '\0';
        cr_expect_lt(parse(&back, text, &err), 0, "%zu", len);
        result_set_release(&back);
    }
    free(text);
}

/* The same part twice would count its points twice. */
Test(sweep_json, the_same_part_twice_is_refused_and_the_file_named)
{
    char folder[] = "/tmp/limphome-test-XXXXXX";
    char path[80];
    struct result_set set = {.runs = NULL};
    struct err err = {.code = 0};
    char *text = print_shard(1, 4);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/results.json", folder);
    FILE *out = fopen(path, "w");
    fputs(text, out);
    fclose(out);
    cr_expect_eq(result_set_load(&set, path, &err), 0, "%s", err.text);
    cr_expect_eq(result_set_load(&set, path, &err), ERR_RANGE);
    cr_expect_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
    cr_expect_not_null(strstr(err.text, "have unit 0"), "%s", err.text);
    unlink(path);
    rmdir(folder);
    char expected[80];
    snprintf(expected, sizeof expected, "%s/found/f.lua", folder);
    expect_text(set.sweeps[0].failures[0].scenario, expected);
    expect_text(set.sweeps[0].failures[1].scenario, "");
    result_set_move(&set, folder);
    expect_text(set.sweeps[0].failures[0].scenario, "found/f.lua");
    free(text);
    result_set_release(&set);
}
