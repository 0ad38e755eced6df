/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_html_report.c - the page: what it says, that it holds together, that nothing
 * in it acts or reaches outside, and how large it may become. */
#include "reports/html_report.h"

#include "reports/page_assets.h"
#include "reports/timeline_json.h"
#include "tests/reports/result_rig.h"
#include "tests/reports/sample_timeline.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

static char *page_of(const struct html_report *report)
{
    char *text = NULL;
    size_t len;
    struct err err = {0};
    FILE *out = open_memstream(&text, &len);
    cr_assert_eq(html_report_print(report, out, &err), 0, "%s", err.text);
    fclose(out);
    cr_assert_eq(strlen(text), len, "a page has no NUL");
    return text;
}

static size_t count_of(const char *text, const char *wanted)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, wanted)) != NULL; at += strlen(wanted)) {
        count++;
    }
    return count;
}

/* Without its styles and scripts, which say many words of their own. */
static char *body_of(const char *page)
{
    const char *from = strstr(page, "<main>"), *to = strstr(page, "</main>");
    cr_assert(from != NULL && to != NULL);
    return strndup(from, (size_t)(to - from));
}

static struct result_set *mixed_set(void)
{
    struct result_set *set = calloc(1, sizeof *set);
    struct run_result run = rig_run("mine", 7);
    struct err err = {0};
    rig_play(rig_case(&run, "SEQ-01"), "", 7, VERDICT_ERROR);
    struct case_result *one = rig_case(&run, "COM-03");
    rig_play(one, "first", 7, VERDICT_PASS);
    rig_play(one, "second", 7, VERDICT_FAIL);
    rig_play(rig_case(&run, "FUN-01"), "", 7, VERDICT_PASS);
    rig_play(rig_case(&run, "SEC-03"), "", 7, VERDICT_NOT_APPLICABLE);
    cr_assert_eq(result_set_add(set, &run, &err), 0, "%s", err.text);
    return set;
}

static void drop(struct result_set *set)
{
    result_set_release(set);
    free(set);
}

static void expect_in_order(const char *page, const char *const texts[], size_t len)
{
    const char *at = page;
    for (size_t i = 0; i < len; i++) {
        const char *next = strstr(at, texts[i]);
        cr_assert_not_null(next, "\"%s\" is not there, or not in its place", texts[i]);
        at = next + strlen(texts[i]);
    }
}

Test(html_report, answers_come_in_the_order_of_the_questions)
{
    static const char *const answers[] = {
        "1 of 4 cases passed, 1\u00A0failed, 1\u00A0could not be\u00A0judged, ",
        "1\u00A0not\u00A0applicable.",
        "4\u00A0个用例中\u00A01\u00A0个通过，1\u00A0个失败",
        "What is broken",
        "COM-03",
        "INV-1",
        "no damage",
        "a torn phrase",
        "1.500000 s",
        "SEQ-01",
        "the scenario did not come to its end",
        "Groups",
        "Coverage of requirements",
        "GB 44496-2024",
        "What was run",
        "mine",
        "1.2.3",
        "2026-01-02",
        "All cases",
        "id=\"FUN-01\"",
        "id=\"SEQ-01\"",
        "id=\"COM-03\"",
        "bus.log:12",
        "id=\"SEC-03\"",
    };
    struct result_set *set = mixed_set();
    char *page = page_of(&(struct html_report){.set = set});
    char *body = body_of(page);
    expect_in_order(body, answers, ARRAY_SIZE(answers));
    cr_expect_null(strstr(body, "baseline"), "nothing was compared");
    free(body);
    free(page);
    drop(set);
}

Test(html_report, a_run_in_which_all_is_well_has_nothing_broken)
{
    struct result_set set = {0};
    struct run_result run = rig_run("mine", 1);
    struct err err = {0};
    rig_play(rig_case(&run, "FUN-01"), "", 1, VERDICT_PASS);
    rig_play(rig_case(&run, "FUN-02"), "", 1, VERDICT_PASS);
    cr_assert_eq(result_set_add(&set, &run, &err), 0);
    char *page = page_of(&(struct html_report){.set = &set});
    char *body = body_of(page);
    cr_expect_not_null(strstr(body, "All 2 cases passed."));
    cr_expect_null(strstr(body, "page-broken"));
    free(body);
    free(page);
    result_set_release(&set);
}

Test(html_report, no_case_at_all_is_no_pass)
{
    struct result_set set = {0};
    char *page = page_of(&(struct html_report){.set = &set});
    cr_expect_not_null(strstr(page, "No case was played."));
    cr_expect_null(strstr(page, "overview is-pass"));
    free(page);
}

/* Value of the attribute that begins at *at; moves on behind it. */
static char *next_value(const char **at, const char *begin)
{
    *at = strstr(*at, begin);
    if (*at == NULL) {
        return NULL;
    }
    *at += strlen(begin);
    return strndup(*at, strcspn(*at, "\""));
}

Test(html_report, every_link_leads_somewhere_and_no_id_is_there_twice)
{
    struct result_set *set = mixed_set();
    char *page = page_of(&(struct html_report){.set = set});
    size_t links = 0;
    char wanted[128];
    char *value;
    for (const char *at = page; (value = next_value(&at, "href=\"#")) != NULL; links++) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value);
        cr_expect_eq(count_of(page, wanted), 1u, "#%s", value);
        free(value);
    }
    cr_expect_gt(links, 10u);
    for (const char *at = page; (value = next_value(&at, " id=\"")) != NULL;) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value);
        cr_expect_eq(count_of(page, wanted), 1u, "%s", value);
        free(value);
    }
    free(page);
    drop(set);
}

/* Whatever the texts are, the page has the same elements: nothing of them became markup. */
static size_t elements_with(const char *text)
{
    struct result_set set = {0};
    struct run_result run = rig_run(text, 1);
    struct err err = {0};
    struct case_result *one = rig_case(&run, "COM-03");
    free(one->title);
    free(one->title_zh);
    free(one->sources);
    one->title = strdup(text);
    one->title_zh = strdup("题目");
    one->sources = strdup(text);
    struct play_result *play = rig_play(one, text, 1, VERDICT_FAIL);
    free(play->term);
    free(play->folder);
    play->term = strdup(text);
    play->folder = strdup(text);
    play_result_find(play, text, text, text, 5, 6);
    play_result_fired(play, text, 2, 5, 6);
    cr_assert_eq(result_set_add(&set, &run, &err), 0, "%s", err.text);
    char *page = page_of(&(struct html_report){.set = &set, .title = text});
    char *body = body_of(page);
    const size_t elements = count_of(body, "<");
    cr_expect_null(strpbrk(body, "\r\x1B\x7F"));
    free(body);
    free(page);
    result_set_release(&set);
    return elements;
}

Test(html_report, hostile_texts_stay_texts)
{
    const size_t elements = elements_with("plain");
    for (size_t i = 1; i < ARRAY_SIZE(rig_hostile); i++) {
        cr_expect_eq(elements_with(rig_hostile[i]), elements, "%s", rig_hostile[i]);
    }
    cr_expect_eq(elements_with("javascript:alert(1)"), elements);
}

Test(html_report, an_id_that_is_no_name_gets_an_anchor_that_is)
{
    struct result_set set = {0};
    struct run_result run = rig_run("mine", 1);
    struct err err = {0};
    rig_play(rig_case(&run, "A-1\" onclick=\"x"), "", 1, VERDICT_FAIL);
    rig_play(rig_case(&run, "page-groups"), "", 1, VERDICT_FAIL);
    cr_assert_eq(result_set_add(&set, &run, &err), 0, "%s", err.text);
    char *page = page_of(&(struct html_report){.set = &set});
    cr_expect_null(strstr(page, "\" onclick"));
    cr_expect_eq(count_of(page, " id=\"page-case-1\""), 1u);
    cr_expect_eq(count_of(page, " id=\"page-case-2\""), 1u);
    cr_expect_eq(count_of(page, " id=\"page-groups\""), 1u);
    free(page);
    result_set_release(&set);
}

static void check_policy(const char *page, const struct page_asset *script)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned char base64[2 * EVP_MAX_MD_SIZE];
    unsigned len;
    char wanted[160];
    cr_assert(EVP_Digest(script->text, strlen(script->text), sum, &len, EVP_sha256(), NULL));
    EVP_EncodeBlock(base64, sum, (int)len);
    snprintf(wanted, sizeof wanted, "'sha256-%s'", (char *)base64);
    cr_expect_not_null(strstr(page, wanted), "a browser would not run this script");
    cr_expect_not_null(strstr(page, script->text));
}

Test(html_report, the_page_allows_its_own_scripts_and_nothing_from_outside)
{
    struct result_set *set = mixed_set();
    char *page = page_of(&(struct html_report){.set = set});
    size_t scripts = 0;
    for (; page_scripts[scripts].text != NULL; scripts++) {
        check_policy(page, &page_scripts[scripts]);
        cr_expect_null(strstr(page_scripts[scripts].text, "</script"));
        cr_expect_null(strstr(page_scripts[scripts].text, "<!--"));
        const char *license = page_scripts[scripts].license;
        cr_expect(license == NULL ||
                  (strstr(page, license) != NULL && strstr(license, "--") == NULL));
    }
    cr_expect_eq(count_of(page, "<script>"), scripts);
    for (size_t i = 0; page_styles[i].text != NULL; i++) {
        cr_expect_null(strstr(page_styles[i].text, "</style"));
        cr_expect_null(strstr(page_styles[i].text, "@import"));
    }
    cr_expect_not_null(strstr(page, "default-src 'none'"));
    char *body = body_of(page);
    cr_expect_null(strstr(body, "src="));
    cr_expect_null(strstr(body, "href=\"http"));
    cr_expect_null(strstr(body, "href=\"//"));
    free(body);
    free(page);
    drop(set);
}

Test(html_report, the_same_results_are_the_same_bytes)
{
    struct result_set *set = mixed_set();
    char *first = page_of(&(struct html_report){.set = set});
    char *second = page_of(&(struct html_report){.set = set});
    cr_expect_str_eq(first, second);
    free(first);
    free(second);
    drop(set);
}

/* What a play leaves: its timeline, and what the master printed in two lives. */
static void leave(const char *folder)
{
    char path[400];
    struct timeline timeline = {0};
    cr_assert_eq(mkdir(folder, 0777), 0);
    sample_timeline_make(&timeline, 20);
    char *json = timeline_print(&timeline);
    timeline_release(&timeline);
    const char *const files[][2] = {
        {"timeline.json", json}, {"master-1.log", "first life\n"}, {"master-2.log", "last <life>"}};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i][0]);
        FILE *out = fopen(path, "w");
        cr_assert_not_null(out);
        fputs(files[i][1], out);
        fclose(out);
    }
    free(json);
}

static void clear(const char *folder)
{
    static const char *const files[] = {"timeline.json", "master-1.log", "master-2.log"};
    char path[400];
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        cr_expect_eq(unlink(path), 0);
    }
    cr_expect_eq(rmdir(folder), 0);
}

/* Eight cases whose plays have left something; each has six plays, of which five fail in the
 * first. */
static struct result_set *set_with_folders(const char *root)
{
    struct result_set *set = calloc(1, sizeof *set);
    struct run_result run = rig_run("mine", 1);
    struct err err = {0};
    for (int i = 1; i <= 8; i++) {
        char id[24], folder[300];
        snprintf(id, sizeof id, "COM-%02d", i);
        snprintf(folder, sizeof folder, "%s/%s", root, id);
        leave(folder);
        struct case_result *one = rig_case(&run, id);
        for (uint64_t seed = 1; seed <= 6; seed++) {
            const bool fails = i == 1 && seed < 6;
            struct play_result *play = rig_play(one, "", seed, fails ? VERDICT_FAIL : VERDICT_PASS);
            free(play->folder);
            play->folder = strdup(folder);
        }
    }
    cr_assert_eq(result_set_add(set, &run, &err), 0, "%s", err.text);
    return set;
}

static void drop_with_folders(struct result_set *set, const char *root)
{
    for (size_t i = 0; i < set->runs[0].cases_len; i++) {
        clear(set->runs[0].cases[i].plays[0].folder);
    }
    cr_expect_eq(rmdir(root), 0);
    drop(set);
}

#define DRAWING "<noscript class=\"drawing\">"

Test(html_report, plays_that_fail_are_drawn_and_one_that_passes)
{
    char root[] = "/tmp/limphome-page-XXXXXX";
    cr_assert_not_null(mkdtemp(root));
    struct result_set *set = set_with_folders(root);
    char *page = page_of(&(struct html_report){.set = set});
    cr_expect_eq(count_of(page, DRAWING), 4u + 8u);
    cr_expect_not_null(strstr(page, "last &lt;life&gt;"));
    cr_expect_null(strstr(page, "first life"));
    free(page);
    drop_with_folders(set, root);
}

Test(html_report, the_page_stays_as_small_as_it_must)
{
    char root[] = "/tmp/limphome-page-XXXXXX";
    cr_assert_not_null(mkdtemp(root));
    struct result_set *set = set_with_folders(root);
    char *full = page_of(&(struct html_report){.set = set});
    char *bare = page_of(&(struct html_report){.set = set, .max_bytes = 1});
    const size_t room = strlen(full) - strlen(bare);
    cr_expect_eq(count_of(bare, DRAWING), 0u);
    /* Where not all have room the ones that fail are kept. */
    const size_t half = strlen(bare) + room / 2;
    char *some = page_of(&(struct html_report){.set = set, .max_bytes = half});
    cr_expect_leq(strlen(some), half);
    const size_t drawn = count_of(some, DRAWING);
    cr_expect(drawn >= 4 && drawn < 12, "%zu", drawn);
    const char *of_case = strstr(some, "id=\"COM-01\"");
    char *failing = strndup(of_case, (size_t)(strstr(of_case, "id=\"COM-02\"") - of_case));
    cr_expect_geq(count_of(failing, DRAWING), 4u);
    free(failing);
    free(some);
    free(bare);
    free(full);
    drop_with_folders(set, root);
}

Test(html_report, links_to_folders_are_seen_from_the_page)
{
    static const struct {
        const char *page_folder, *folder, *link;
    } rows[] = {
        {NULL, "out/COM-03", "href=\"./out/COM-03/\""},
        {"out", "out/COM-03", "href=\"./COM-03/\""},
        {"web", "out/COM-03", "href=\"./../out/COM-03/\""},
        {"web/today", "out/COM-03", "href=\"./../../out/COM-03/\""},
        {"/srv", "/srv/out/COM-03", "href=\"./out/COM-03/\""},
        {"/srv/web", "/srv/out/COM-03", "href=\"file:///srv/out/COM-03/\""},
        {"web", "/srv/out/COM-03", "href=\"file:///srv/out/COM-03/\""},
        {"out/", "out/COM-03", "href=\"./COM-03/\""},
        {".", "out/COM-03", "href=\"./out/COM-03/\""},
        {"./web//", "./out/COM-03", "href=\"./../out/COM-03/\""},
        {"./out", "out//COM-03", "href=\"./COM-03/\""},
        {"ou", "out/COM-03", "href=\"./../out/COM-03/\""},
        {"../out", "../out/COM-03", "href=\"./COM-03/\""},
        {NULL, "a b%#?:\"级", "href=\"./a%20b%25%23%3F%3A%22%E7%BA%A7/\""},
        {NULL, "//evil", "href=\"file:///evil/\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result_set *set = mixed_set();
        struct play_result *play = &set->runs[0].cases[0].plays[0];
        free(play->folder);
        play->folder = strdup(rows[i].folder);
        char *page = page_of(&(struct html_report){.set = set, .folder = rows[i].page_folder});
        /* In the table, and where the play is drawn. */
        cr_expect_eq(count_of(page, rows[i].link), 2u, "row %zu: %s", i, rows[i].link);
        free(page);
        drop(set);
    }
}

Test(html_report, several_runs_stand_side_by_side)
{
    struct result_set *set = mixed_set();
    struct run_result other = rig_run("theirs", 7), again = rig_run("mine", 8);
    struct err err = {0};
    rig_play(rig_case(&other, "COM-03"), "first", 7, VERDICT_PASS);
    rig_play(rig_case(&again, "COM-03"), "first", 8, VERDICT_PASS);
    cr_assert_eq(result_set_add(set, &other, &err), 0);
    cr_assert_eq(result_set_add(set, &again, &err), 0);
    char *page = page_of(&(struct html_report){.set = set});
    char *body = body_of(page);
    cr_expect_not_null(strstr(body, "3 of 6 cases passed"));
    cr_expect_eq(count_of(body, "<table class=\"matrix\">"), 4u);
    cr_expect_eq(count_of(body, "id=\"COM-03\""), 1u, "a case is there once");
    const char *plays = strstr(body, "id=\"COM-03\"");
    const char *const names[] = {"mine", "7", "theirs", "mine", "8"};
    expect_in_order(strstr(plays, "<tbody>"), names, ARRAY_SIZE(names));
    free(body);
    free(page);
    drop(set);
}

Test(html_report, changes_are_told_with_what_was_before)
{
    struct result_set *now = mixed_set(), *before = mixed_set();
    struct result_changes changes = {0};
    before->runs[0].cases[0].verdict = VERDICT_PASS;
    for (size_t i = 0; i < before->runs[0].cases_len; i++) {
        struct case_result *one = &before->runs[0].cases[i];
        one->verdict = strcmp(one->id, "FUN-01") == 0 ? VERDICT_FAIL : VERDICT_PASS;
    }
    result_changes_find(&changes, now, before);
    char *page = page_of(&(struct html_report){.set = now, .changes = &changes});
    char *body = body_of(page);
    const char *const texts[] = {"Changes against the baseline", "Newly failing", "COM-03",
                                 "Newly passing", "FUN-01"};
    expect_in_order(body, texts, ARRAY_SIZE(texts));
    free(body);
    free(page);
    result_changes_release(&changes);
    drop(now);
    drop(before);
}

Test(html_report, a_stream_that_takes_nothing_is_an_error)
{
    struct result_set *set = mixed_set();
    struct err err = {0};
    FILE *full = fopen("/dev/full", "w");
    cr_assert_not_null(full);
    cr_expect_eq(html_report_print(&(struct html_report){.set = set}, full, &err), ERR_IO);
    cr_expect_not_null(strstr(err.text, "No space left"), "%s", err.text);
    fclose(full);
    drop(set);
}
