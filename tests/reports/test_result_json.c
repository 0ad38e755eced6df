/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_result_json.c - results on their way through JSON, hostile texts included. */
#include "reports/result_json.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

/* What a program that is hostile or broken may say, and what JSON must carry all the same. */
static const char *const hostile[] = {
    "",
    "\"}],\"verdict\":\"pass\",\"x\":[{\"",
    "\\\" \\u0000 \\",
    "line\nbreak\r\ttab\b\f\x01\x1F\x7F",
    "%n%s%s%n",
    "</script><script>alert(1)</script>",
    "正常升级 ÄÖÜ \xF0\x9F\x9A\x97",
};

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
    for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
        struct play_result play = {.verdict = VERDICT_PASS};
        struct play_result back = {.verdict = VERDICT_PASS};
        struct err err = {0};
        fill(&play, hostile[i]);
        char *text = play_result_print(&play);
        cr_assert_eq(play_result_parse(&back, text, strlen(text), &err), 0, "%s", text);
        expect_text(back.name, hostile[i]);
        expect_text(back.term, hostile[i]);
        expect_text(back.digest, play.digest);
        cr_expect_eq(back.seed, UINT64_MAX);
        cr_expect_eq(back.virtual_ns, UINT64_MAX - 1);
        cr_expect_eq(back.checks, UINT32_MAX);
        cr_expect_eq(back.verdict, VERDICT_FAIL);
        cr_assert_eq(back.findings_len, 2u);
        expect_text(back.findings[0].criterion, hostile[i]);
        expect_text(back.findings[0].seen, hostile[i]);
        cr_expect_eq(back.findings[0].at_ns, 12345678901234567u);
        cr_expect_eq(back.findings[0].bus_line, 7u);
        cr_expect_eq(back.findings[1].at_ns, SIM_NEVER);
        cr_assert_eq(back.injections_len, 1u);
        expect_text(back.injections[0].name, hostile[i]);
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

Test(result_json, a_run_is_json_with_its_cases)
{
    struct play_result play = {.verdict = VERDICT_PASS};
    struct case_result one = {.plays = &play, .plays_len = 1, .verdict = VERDICT_FAIL};
    struct run_result run = {.cases = &one, .cases_len = 1, .seed = 5};
    fill(&play, hostile[1]);
    one.id = strdup("X-01");
    char *text = run_result_print(&run);
    cJSON *tree = cJSON_Parse(text);
    const cJSON *of = cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "cases"), 0);
    cr_assert_not_null(of);
    expect_text(cJSON_GetStringValue(cJSON_GetObjectItem(of, "id")), "X-01");
    expect_text(cJSON_GetStringValue(cJSON_GetObjectItem(of, "verdict")), "fail");
    expect_text(cJSON_GetStringValue(cJSON_GetObjectItem(tree, "seed")), "5");
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(of, "plays")), 1);
    cJSON_Delete(tree);
    free(text);
    free(one.id);
    play_result_release(&play);
}
