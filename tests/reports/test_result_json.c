/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_result_json.c - results on their way through JSON, hostile texts included. */
#include "reports/result_json.h"
#include "tests/reports/replaced.h"
#include "tests/reports/result_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

static void fill(struct play_result *play, const char *text)
{
    play->name = strdup(text);
    play->term = strdup(text);
    play->seed = UINT64_MAX;
    play->virtual_ns = UINT64_MAX - 1;
    play->wall_ns = 1;
    play->checks = UINT32_MAX;
    strcpy(play->digest, "0123456789abcdef0123456789abcdef");
    play_result_find(play, text, text, text, 12345678901234567u, 7);
    play_result_find(play, "INV-8", "a report", "none", SIM_NEVER, 0);
    play_result_fired(play, text, UINT64_MAX, 5, SIM_NEVER);
}

Test(result_json, a_play_comes_back_as_it_was)
{
    for (size_t i = 0; i < ARRAY_SIZE(rig_hostile); i++) {
        struct play_result play = {.verdict = VERDICT_PASS};
        struct play_result back = {.verdict = VERDICT_PASS};
        struct err err = {0};
        fill(&play, rig_hostile[i]);
        char *text = play_result_print(&play);
        cr_assert_eq(play_result_parse(&back, text, strlen(text), &err), 0, "%s", text);
        expect_text(back.name, rig_hostile[i]);
        expect_text(back.term, rig_hostile[i]);
        expect_text(back.digest, play.digest);
        cr_expect_eq(back.seed, UINT64_MAX);
        cr_expect_eq(back.virtual_ns, UINT64_MAX - 1);
        cr_expect_eq(back.checks, UINT32_MAX);
        cr_expect_eq(back.verdict, VERDICT_FAIL);
        cr_assert_eq(back.findings_len, 2u);
        expect_text(back.findings[0].criterion, rig_hostile[i]);
        expect_text(back.findings[0].seen, rig_hostile[i]);
        cr_expect_eq(back.findings[0].at_ns, 12345678901234567u);
        cr_expect_eq(back.findings[0].bus_line, 7u);
        cr_expect_eq(back.findings[1].at_ns, SIM_NEVER);
        cr_assert_eq(back.injections_len, 1u);
        expect_text(back.injections[0].name, rig_hostile[i]);
        cr_expect_eq(back.injections[0].fired, UINT64_MAX);
        free(text);
        play_result_release(&play);
        play_result_release(&back);
    }
}

Test(result_json, an_error_keeps_its_first_sentence)
{
    struct play_result play = {.verdict = VERDICT_PASS};
    struct play_result back = {.verdict = VERDICT_PASS};
    struct err err = {0};
    play_result_error(&play, "first");
    play_result_error(&play, "second");
    play_result_find(&play, "c", "e", "s", 0, 0);
    char *text = play_result_print(&play);
    cr_assert_eq(play_result_parse(&back, text, strlen(text), &err), 0);
    cr_expect_eq(back.verdict, VERDICT_ERROR);
    expect_text(back.error, "first");
    free(text);
    play_result_release(&play);
    play_result_release(&back);
}

/* Whatever is cut off, and whatever byte is broken, is refused or read: never worse. */
Test(result_json, a_damaged_text_is_refused)
{
    struct play_result play = {.verdict = VERDICT_PASS};
    fill(&play, "name");
    char *text = play_result_print(&play);
    const size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        struct play_result back = {.verdict = VERDICT_PASS};
        struct err err = {0};
        cr_expect_neq(play_result_parse(&back, text, i, &err), 0, "%.*s", (int)i, text);
        play_result_release(&back);
        char *damaged = strdup(text);
        damaged[i] = (char)(damaged[i] ^ 0x15);
        back = (struct play_result){.verdict = VERDICT_PASS};
        (void)play_result_parse(&back, damaged, len, &err);
        play_result_release(&back);
        free(damaged);
    }
    free(text);
    play_result_release(&play);
}

Test(result_json, members_of_another_kind_are_refused)
{
    static const char *const texts[] = {
        "null", "[]", "7", "{}", "{\"name\": 7}", "\xFF\xFE", "[[[[[[[[[[",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct play_result back = {.verdict = VERDICT_PASS};
        struct err err = {0};
        cr_expect_eq(play_result_parse(&back, texts[i], strlen(texts[i]), &err), ERR_SYNTAX, "%s",
                     texts[i]);
        play_result_release(&back);
    }
}

Test(result_json, long_texts_are_cut)
{
    struct play_result play = {.verdict = VERDICT_PASS};
    char text[2 * FINDING_TEXT_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    play_result_find(&play, text, text, text, 0, 0);
    cr_expect_eq(strlen(play.findings[0].seen), (size_t)FINDING_TEXT_MAX);
    play_result_release(&play);
}

/* A cut never leaves half a character: nobody could read the report then. */
Test(result_json, a_cut_spares_characters)
{
    struct play_result play = {.verdict = VERDICT_PASS};
    char text[2 * FINDING_TEXT_MAX + 8] = "x";
    while (strlen(text) < FINDING_TEXT_MAX + 10) {
        strcat(text, "级");
    }
    play_result_find(&play, text, "", "", 0, 0);
    const char *kept = play.findings[0].criterion;
    cr_expect_eq((strlen(kept) - 1) % 3, 0u, "%zu", strlen(kept));
    cr_expect_leq(strlen(kept), (size_t)FINDING_TEXT_MAX);
    play_result_release(&play);
}

/* Two runs, each member with a value of its own. */
static struct result_set make_set(const char *text)
{
    struct result_set set = {.runs = NULL};
    struct err err = {.code = 0};
    struct run_result run = rig_run("reference", UINT64_MAX);
    struct run_result other = rig_run("minimal", 0);
    run.settings = calloc(1, sizeof *run.settings);
    run.settings[run.settings_len++] =
        (struct setting){.name = strdup("P2"), .value = strdup(text)};
    struct case_result *one = rig_case(&run, "FUN-01");
    struct play_result *play = rig_play(one, "first", 5, VERDICT_FAIL);
    play_result_find(play, text, text, text, SIM_NEVER, UINT32_MAX);
    play_result_fired(play, text, UINT64_MAX, 5, 6);
    play_result_fired(play, "never", 0, SIM_NEVER, SIM_NEVER);
    rig_play(one, "second", 5, VERDICT_ERROR);
    rig_play(rig_case(&run, "FUN-02"), "", 5, VERDICT_NOT_APPLICABLE);
    cr_assert_eq(result_set_add(&set, &run, &err), 0);
    cr_assert_eq(result_set_add(&set, &other, &err), 0);
    cr_assert_eq(set.runs_len, 2u);
    return set;
}

static int parse(struct result_set *set, const char *text, struct err *err)
{
    *set = (struct result_set){.runs = NULL};
    *err = (struct err){.code = 0};
    return result_set_parse(set, text, strlen(text), "x.json", err);
}

Test(result_json, a_set_comes_back_as_it_was)
{
    for (size_t i = 0; i < ARRAY_SIZE(rig_hostile); i++) {
        struct result_set set = make_set(rig_hostile[i]);
        struct result_set back;
        struct err err;
        char *text = result_set_print(&set);
        cr_assert_eq(parse(&back, text, &err), 0, "%s", err.text);
        char *again = result_set_print(&back);
        expect_text(again, text);
        expect_text(back.runs[0].settings[0].value, rig_hostile[i]);
        const struct case_result *one = &back.runs[0].cases[0];
        expect_text(one->sources, "GB 44496 4.3; seed list 12");
        expect_text(one->vehicle, "single");
        expect_text(one->plays[0].folder, "FUN-01");
        expect_text(one->plays[0].findings[1].seen, rig_hostile[i]);
        cr_expect_eq(one->plays[0].findings[1].at_ns, SIM_NEVER);
        cr_expect_eq(one->plays[0].injections[0].last_ns, 6u);
        cr_expect_eq(one->plays[0].injections[1].first_ns, SIM_NEVER);
        cr_expect_eq(one->verdict, VERDICT_ERROR);
        cr_expect_eq(back.runs[0].seed, UINT64_MAX);
        free(again);
        free(text);
        result_set_release(&set);
        result_set_release(&back);
    }
}

/* JSON is UTF-8, whatever the master printed. */
Test(result_json, broken_utf8_is_repaired)
{
    struct result_set set = make_set("a\xC3(\xF0\x9F\x9A z");
    struct result_set back;
    struct err err;
    char *text = result_set_print(&set);
    cr_assert_eq(parse(&back, text, &err), 0, "%s", err.text);
    expect_text(back.runs[0].settings[0].value, "a\uFFFD(\uFFFD\uFFFD\uFFFD z");
    free(text);
    result_set_release(&set);
    result_set_release(&back);
}

/* What is made of a good file, and what is said of it. */
static const struct damage {
    const char *part, *by, *said;
} damages[] = {
    {"limphome-results/4", "limphome-results/2", "another version of limphome"},
    {"limphome-results/4", "limphome-results/\\u001b[2J", "another version of limphome"},
    {"limphome-results/4", "junit/3", "no results of limphome"},
    {"\"format\"", "\"Format\"", "no results of limphome"},
    {"\"runs\"", "\"run\"", "x.json:1: there is no such member: \"run\""},
    {"\"master\"", "\"mistress\"", "runs[0]: there is no such member: \"mistress\""},
    {"\"version\"", "\"\\u001b[2J\"", "no such member: \"\u241B[2J\""},
    {"\"date\"", "\"master\"", "runs[0]: a member is there twice: \"master\""},
    {"\"master\":\t\"reference\",", "", "runs[0]: a member is missing: \"master\""},
    {"\"reference\"", "7", "x.json:5: runs[0].master: must be a text"},
    {"\"18446744073709551615\"", "\"18446744073709551616\"", "runs[0].seed: must be a whole"},
    {"\"18446744073709551615\"", "\"-1\"", "runs[0].seed: must be a whole"},
    {"\"18446744073709551615\"", "\" 1\"", "runs[0].seed: must be a whole"},
    {"\"18446744073709551615\"", "\"01\"", "runs[0].seed: must be a whole"},
    {"\"18446744073709551615\"", "\"\"", "runs[0].seed: must be a whole"},
    {"\"18446744073709551615\"", "1", "runs[0].seed: must be a whole"},
    {"\"repeat\":\t1", "\"repeat\":\t1.5", "from 0 to 4294967295"},
    {"\"repeat\":\t1", "\"repeat\":\t-1", "from 0 to 4294967295"},
    {"\"repeat\":\t1", "\"repeat\":\t1e99", "from 0 to 4294967295"},
    {"\"parts\":\t[]", "\"parts\":\t[{\"shard\":3,\"shards\":2,\"plays\":9}]", "no shard 3 of 2"},
    {"\"parts\":\t[]", "\"parts\":\t[{\"shard\":0,\"shards\":2,\"plays\":9}]", "no shard 0 of 2"},
    {"\"parts\":\t[]", "\"parts\":\t[{\"shard\":1,\"shards\":1,\"plays\":9}]", "no shard 1 of 1"},
    {"\"parts\":\t[]", "\"parts\":\t[{\"shard\":1,\"shards\":99999,\"plays\":9}]",
     "from 0 to 10000"},
    {"\"parts\":\t[]",
     "\"parts\":\t[{\"shard\":2,\"shards\":3,\"plays\":9},{\"shard\":2,\"shards\":3,\"plays\":9}]",
     "shard 2 of 3 does not stand behind"},
    {"\"priority\":\t1", "\"priority\":\t3", "runs[0].cases[0].priority: must be a whole number"},
    {"\"error\"", "\"maybe\"", "runs[0].cases[0].verdict: must be \"pass\""},
    {"\"error\"", "\"pass\"", "the verdict is \"pass\", and that of its plays \"error\""},
    {"\"fail\"", "\"pass\"", "cases[0].plays[0]: the verdict is \"pass\" in spite of findings"},
    {"\"digest\":\t\"0", "\"digest\":\t\"g", "plays[0].digest: must have 32"},
    {"\"digest\":\t\"0", "\"digest\":\t\"", "plays[0].digest: must have 32"},
    {"\"at_ns\":\t\"1", "\"at_ns\":\t\"x", "findings[0].at_ns: must be a whole"},
    {"\"settings\":\t[{", "\"settings\":\t[[], {", "runs[0].settings[0]: must be an object"},
    {"\"settings\":\t[", "\"settings\":\t{}, \"cases\": [", "runs[0].settings: must be a list"},
    {"\"reference\"", "\"\\u0000\"", "x.json:5: a NUL character"},
    {"\"reference\"", "\"\xFF\"", "x.json:5: a NUL character, or a byte that is no UTF-8"},
    {"\"reference\"", "\"\\uD800\"", "not JSON"},
    {"\"reference\",", "\"reference\"", "x.json:6: not JSON from here on"},
};

Test(result_json, what_is_not_as_it_should_be_is_named)
{
    struct result_set set = make_set("a");
    char *text = result_set_print(&set);
    for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
        struct result_set back;
        struct err err;
        char *damaged = replaced(text, damages[i].part, damages[i].by);
        cr_assert_not_null(damaged, "%s", damages[i].part);
        cr_expect_lt(parse(&back, damaged, &err), 0, "%s", damages[i].by);
        cr_expect_not_null(strstr(err.text, damages[i].said), "%s -> %s: %s", damages[i].part,
                           damages[i].by, err.text);
        cr_expect_null(strchr(err.text, 0x1B));
        free(damaged);
        result_set_release(&back);
    }
    free(text);
    result_set_release(&set);
}

Test(result_json, whatever_is_cut_off_is_refused)
{
    struct result_set set = make_set("a");
    char *text = result_set_print(&set);
    for (size_t len = strlen(text) - 1; len < SIZE_MAX; len--) {
        struct result_set back;
        struct err err;
        text[len] = '\0';
        cr_expect_lt(parse(&back, text, &err), 0, "%zu", len);
        cr_expect_eq(strncmp(err.text, "x.json:", 7), 0, "%s", err.text);
        result_set_release(&back);
    }
    free(text);
    result_set_release(&set);
}
