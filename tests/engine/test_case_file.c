/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_case_file.c - what a file says about its case, and which cases are wanted. What
 * is refused, and in which words, is in tests/cli/check_run.py. */
#include "scenarios/engine/case_catalogue.h"

#include "sim/base.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/case-file-XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(case_file, .init = make_folder, .fini = remove_folder);
TestSuite(case_catalogue, .init = make_folder, .fini = remove_folder);

static const char *write_case(const char *name, const char *text)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s.lua", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
    return path;
}

Test(case_file, all_members_are_kept)
{
    struct case_file file;
    struct err err = {0};
    const char *path =
        write_case("A-01", "case { id = 'A-01', group = 'A', title = 'T', title_zh = '题',\n"
                           "sources = {'ISO 1', 'ISO 2'}, needs = {'resend'}, tags = {'x'},\n"
                           "priority = 1, vehicle = 'v.json', ecu = {a = 1, b = {c = 2}},\n"
                           "plays = {{name = 'one'}, {ecu = {b = {d = 3}}}}, run = print }");
    cr_assert_eq(case_file_load(&file, path, &err), 0, "%s", err.text);
    cr_expect_str_eq(file.id, "A-01");
    cr_expect_str_eq(file.title_zh, "题");
    cr_expect_eq(file.priority, 1u);
    cr_expect_eq(file.sources.len, 2u);
    cr_expect_str_eq(file.needs.word[0], "resend");
    cr_expect_str_eq(file.vehicle, "v.json");
    cr_assert_eq(file.plays_len, 2u);
    cr_expect_str_eq(file.plays[0], "one");
    cr_expect_str_eq(file.plays[1], "2");
    cr_expect_str_eq(file.changes[0], "{\"a\":1,\"b\":{\"c\":2}}");
    cr_expect_str_eq(file.changes[1], "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}");
    case_file_release(&file);
}

Test(case_file, what_is_left_out_has_its_default)
{
    struct case_file file;
    struct err err = {0};
    const char *path = write_case("A", "case { id = 'A', group = 'G', title = 'T', run = print }");
    cr_assert_eq(case_file_load(&file, path, &err), 0, "%s", err.text);
    cr_expect_eq(file.priority, 2u);
    cr_expect_str_eq(file.vehicle, "");
    cr_assert_eq(file.plays_len, 1u);
    cr_expect_str_eq(file.plays[0], "");
    cr_expect_null(file.changes[0]);
    case_file_release(&file);
}

/* Release works whatever failed, and nothing is lost then. */
Test(case_file, a_failure_leaves_nothing)
{
    static const char *const texts[] = {
        "case {",
        "case { id = 'A', group = 'G', title = 'T', run = print, plays = {{}, {name = '1'}} }",
        "case { id = 'A', group = 'G', title = 'T', run = print, plays = {{ecu={1}}, {ecu=1}} }",
        "case { id = ('x'):rep(32), group = 'G', title = 'T', run = print }",
        "case { id = 'A', group = 'G', title = 'T', run = print, tags = {''} }",
        "case { id = 'A', group = 'G', title = 'T', run = print, [1] = 2 }",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct case_file file;
        struct err err = {0};
        cr_expect_eq(case_file_load(&file, write_case("A", texts[i]), &err), ERR_SYNTAX, "%s",
                     texts[i]);
        cr_expect_neq(err.text[0], '\0');
        case_file_release(&file);
    }
}

static void fill_folder(void)
{
    write_case("b", "case { id = 'B-02', group = 'B', title = 'T', tags = {'q'}, run = print }");
    write_case("a", "case { id = 'B-01', group = 'B', title = 'T', run = print }");
    write_case("c", "case { id = 'C-01', group = 'C', title = 'T', tags = {'q'}, run = print }");
    write_case("broken", "case");
}

/* Names of the wanted ones, in order, each with a space behind; "!" follows those that are broken.
 */
static void expect_wanted(const struct case_catalogue *catalogue, const char *expected)
{
    char text[200] = "";
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        if (catalogue->cases[i].wanted) {
            strcat(text, catalogue->cases[i].name);
            strcat(text, catalogue->cases[i].broken ? "! " : " ");
        }
    }
    cr_expect_str_eq(text, expected, "\"%s\" instead of \"%s\"", text, expected);
}

Test(case_catalogue, patterns_choose)
{
    static const char *const rows[][2] = {
        {"B-01", "B-01 "},       {"B", "B-01 B-02 "},    {"*-01", "B-01 C-01 "},
        {"tag:q", "B-02 C-01 "}, {"broken", "broken! "}, {"?-0[2-9]", "B-02 "},
    };
    fill_folder();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct case_catalogue catalogue;
        struct err err = {0};
        cr_assert_eq(case_catalogue_load(&catalogue, folder, &err), 0, "%s", err.text);
        cr_expect_eq(case_catalogue_want(&catalogue, rows[i][0], &err), 0, "%s", err.text);
        expect_wanted(&catalogue, rows[i][1]);
        case_catalogue_release(&catalogue);
    }
}

Test(case_catalogue, an_unknown_name_is_told_with_the_nearest)
{
    struct case_catalogue catalogue;
    struct err err = {0};
    fill_folder();
    cr_assert_eq(case_catalogue_load(&catalogue, folder, &err), 0);
    cr_expect_eq(case_catalogue_want(&catalogue, "C-02", &err), ERR_NOT_FOUND);
    cr_expect_not_null(strstr(err.text, "the nearest is C-01"), "%s", err.text);
    expect_wanted(&catalogue, "");
    case_catalogue_release(&catalogue);
}

Test(case_catalogue, two_of_one_name_are_refused_only_if_both_are_wanted)
{
    struct case_catalogue catalogue;
    struct err err = {0};
    char own[128];
    fill_folder();
    snprintf(own, sizeof own, "%s/a.lua", folder);
    cr_assert_eq(case_catalogue_load(&catalogue, folder, &err), 0);
    cr_expect_eq(case_catalogue_want(&catalogue, own, &err), 0);
    cr_expect_eq(case_catalogue_want(&catalogue, own, &err), 0);
    expect_wanted(&catalogue, "B-01 ");
    case_catalogue_release(&catalogue);
    write_case("twin", "case { id = 'B-01', group = 'T', title = 'T', run = print }");
    cr_assert_eq(case_catalogue_load(&catalogue, folder, &err), 0);
    cr_expect_eq(case_catalogue_want(&catalogue, "T", &err), 0);
    expect_wanted(&catalogue, "B-01 ");
    case_catalogue_want_all(&catalogue);
    expect_wanted(&catalogue, "B-01! B-01! B-02 C-01 broken! ");
    case_catalogue_release(&catalogue);
}

Test(case_catalogue, a_folder_without_cases_is_no_catalogue)
{
    struct case_catalogue catalogue;
    struct err err = {0};
    cr_expect_eq(case_catalogue_load(&catalogue, folder, &err), ERR_NOT_FOUND);
    case_catalogue_release(&catalogue);
    cr_expect_eq(case_catalogue_load(&catalogue, "/nowhere", &err), ERR_NOT_FOUND);
    case_catalogue_release(&catalogue);
}
