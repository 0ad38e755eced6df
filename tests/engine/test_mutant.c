/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_mutant.c - the heads of patches. */
#include "scenarios/engine/mutant.h"

#include "sim/base.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIFF "--- a/master/x.c\n+++ b/master/x.c\n@@ -1 +1 @@\n-a\n+b\nCriterion: not this\n"

struct folder {
    char path[32];
    struct mutant *mutants;
    size_t len;
    struct err err;
    int code;
};

static void write_patch(const struct folder *folder, const char *name, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
}

static void begin(struct folder *folder)
{
    *folder = (struct folder){.path = "/tmp/mutants-XXXXXX"};
    cr_assert_not_null(mkdtemp(folder->path));
}

static void end(struct folder *folder)
{
    char command[64];
    free(folder->mutants);
    snprintf(command, sizeof command, "rm -r %s", folder->path);
    cr_assert_eq(system(command), 0);
}

static void load(struct folder *folder, bool legal)
{
    folder->code = mutants_load(folder->path, legal, &folder->mutants, &folder->len, &folder->err);
}

Test(mutant, the_lines_before_the_diff_say_what_it_is)
{
    struct folder folder;
    begin(&folder);
    write_patch(&folder, "M050-b.patch",
                "Mutant: M050\nDefect: a: resend, rebuilt\nCase: COM-03\n"
                "Criterion: bytes of the resend\n\n" DIFF);
    write_patch(&folder, "M009-a.patch",
                "Words before.\nCase:   SEQ-01\nCriterion: c\nDefect: d\nMutant: M009\n"
                "diff --git a/master/x.c b/master/x.c\n" DIFF);
    write_patch(&folder, "README.md", "no patch");
    load(&folder, false);
    cr_assert_eq(folder.code, 0, "%s", folder.err.text);
    cr_assert_eq(folder.len, 2u);
    const struct mutant *second = &folder.mutants[1];
    cr_expect_str_eq(folder.mutants[0].id, "M009");
    cr_expect_str_eq(folder.mutants[0].cases.word[0], "SEQ-01");
    cr_expect_str_eq(second->name, "M050-b");
    cr_expect_str_eq(second->what, "a: resend, rebuilt");
    cr_expect_str_eq(second->criterion, "bytes of the resend");
    cr_expect_eq(second->cases.len, 1u);
    end(&folder);
}

Test(mutant, a_variation_may_name_many_cases_or_none)
{
    struct folder folder;
    begin(&folder);
    write_patch(&folder, "V01.patch", "Variant: V01\nWhat: w\n" DIFF);
    write_patch(&folder, "V02.patch", "Variant: V02\nWhat: w\nCases: A-01, B-02  C-03\n" DIFF);
    load(&folder, true);
    cr_assert_eq(folder.code, 0, "%s", folder.err.text);
    cr_expect_eq(folder.mutants[0].cases.len, 0u);
    cr_assert_eq(folder.mutants[1].cases.len, 3u);
    cr_expect_str_eq(folder.mutants[1].cases.word[2], "C-03");
    end(&folder);
}

Test(mutant, what_lacks_is_named)
{
    static const struct {
        const char *text, *lacks;
    } rows[] = {
        {DIFF, "lack \"Mutant:\""},
        {"Mutant: M1\n" DIFF, "lack \"Defect:\""},
        {"Mutant: M1\nDefect: d\nCriterion: c\n" DIFF, "lack \"Case:\""},
        {"Mutant: M1\nDefect: d\nCase: A-01 B-01\nCriterion: c\n" DIFF, "lack \"Case:\""},
        {"Mutant: M1\nDefect: d\nCase: A-01\n" DIFF, "lack \"Criterion:\""},
        {"Mutant:\nDefect: d\nCase: A-01\nCriterion: c\n" DIFF, "lack \"Mutant:\""},
        {"", "lack \"Mutant:\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct folder folder;
        begin(&folder);
        write_patch(&folder, "M1.patch", rows[i].text);
        load(&folder, false);
        cr_expect_eq(folder.code, ERR_SYNTAX, "%s", rows[i].text);
        cr_expect_not_null(strstr(folder.err.text, rows[i].lacks), "%s", folder.err.text);
        end(&folder);
    }
}

Test(mutant, a_folder_that_is_not_there_has_none)
{
    struct folder folder = {.path = "/nowhere"};
    load(&folder, true);
    cr_expect_eq(folder.code, 0);
    cr_expect_eq(folder.len, 0u);
    free(folder.mutants);
}
