/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_path_from.c - paths seen from other folders. */
#include "reports/path_from.h"
#include "sim/base.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char here[] = "/tmp/limphome-test-XXXXXX";

/* %s: where the test runs. */
static const struct {
    const char *folder, *path, *expected;
} rows[] = {
    {"", "a", "a"},
    {NULL, "./a//b/", "a/b"},
    {".", "../a", "../a"},
    {"out", "a/b", "../a/b"},
    {"out/", "out/b", "b"},
    {"out", "output/b", "../output/b"},
    {"output", "out", "../out"},
    {"a/b/c", "a/d", "../../d"},
    {"a/../b", "b/x", "x"},
    {"a", "a", "."},
    {"a/b", "a", ".."},
    {"a", "/elsewhere/x", "/elsewhere/x"},
    {"/elsewhere", "/elsewhere/x", "x"},
    {"/", "/elsewhere/x", "elsewhere/x"},
    {"link", "real/x", "x"},
    {"real", "link/sub", "sub"},
    {"a", "../../../../../../../..", "../../.."},
};

Test(path_from, each_pair)
{
    cr_assert_not_null(mkdtemp(here));
    cr_assert_eq(chdir(here), 0);
    cr_assert_eq(mkdir("real", 0700), 0);
    cr_assert_eq(mkdir("real/sub", 0700), 0);
    cr_assert_eq(symlink("real", "link"), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *seen = path_from(rows[i].folder, rows[i].path);
        cr_expect_str_eq(seen, rows[i].expected, "%s from %s", rows[i].path, rows[i].folder);
        free(seen);
    }
    char above[100];
    snprintf(above, sizeof above, "%s/a", here);
    char *seen = path_from(above, "b");
    cr_expect_str_eq(seen, "../b");
    free(seen);
    seen = path_from("/", "b");
    cr_expect_eq(strncmp(seen, &here[1], strlen(here) - 1), 0, "%s", seen);
    free(seen);
    (void)unlink("link");
    (void)rmdir("real/sub");
    (void)rmdir("real");
    (void)rmdir(here);
}
