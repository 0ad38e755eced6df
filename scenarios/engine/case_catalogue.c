/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_catalogue.c - finds cases, and chooses among them. */
#include "scenarios/engine/case_catalogue.h"

#include "sim/base.h"

#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *end)
{
    const size_t len = strlen(text);
    const size_t end_len = strlen(end);
    return len > end_len && strcmp(&text[len - end_len], end) == 0;
}

/* What a file that is no case is called: its name without ".lua". */
static void name_after_file(struct catalogue_case *one, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const size_t len = strcspn(base, ".");
    snprintf(one->name, sizeof one->name, "%.*s", (int)(len < CASE_ID_MAX ? len : CASE_ID_MAX),
             base);
}

static void add(struct case_catalogue *catalogue, const char *path)
{
    struct err err = {0};
    struct catalogue_case *grown =
        realloc(catalogue->cases, (catalogue->cases_len + 1) * sizeof *grown);
    CHECK(grown != NULL);
    catalogue->cases = grown;
    struct catalogue_case *one = &grown[catalogue->cases_len++];
    memset(one, 0, sizeof *one);
    one->broken = case_file_load(&one->file, path, &err) != 0;
    if (one->broken) {
        name_after_file(one, path);
        snprintf(one->why, sizeof one->why, "%s", err.text);
    } else {
        memcpy(one->name, one->file.id, sizeof one->name);
    }
}

static int by_path(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int by_name(const void *a, const void *b)
{
    const struct catalogue_case *one = a;
    const struct catalogue_case *other = b;
    const int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->file.path, other->file.path);
}

static void sort(struct case_catalogue *catalogue)
{
    qsort(catalogue->cases, catalogue->cases_len, sizeof *catalogue->cases, by_name);
}

static void walk(struct case_catalogue *catalogue, const char *folder)
{
    char *path = strdup(folder);
    char *roots[] = {path, NULL};
    const FTSENT *entry = NULL;
    CHECK(path != NULL);
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_path);
    while (tree != NULL && (entry = fts_read(tree)) != NULL) {
        const bool is_folder = entry->fts_info == FTS_D || entry->fts_info == FTS_DP;
        if (!is_folder && ends_with(entry->fts_name, ".lua")) {
            add(catalogue, entry->fts_path);
        }
    }
    if (tree != NULL) {
        fts_close(tree);
    }
    free(path);
}

/* Plays of two cases with one id would share their folders, and nobody could tell them apart. */
static void refuse_twins(struct case_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        struct catalogue_case *one = &catalogue->cases[i];
        for (size_t k = i + 1; one->wanted && k < catalogue->cases_len; k++) {
            struct catalogue_case *other = &catalogue->cases[k];
            if (other->wanted && !one->broken && !other->broken &&
                strcmp(one->name, other->name) == 0) {
                one->broken = other->broken = true;
                snprintf(one->why, sizeof one->why,
                         "%s and %s are both the case %s; give one of them another id",
                         one->file.path, other->file.path, one->name);
                memcpy(other->why, one->why, sizeof other->why);
            }
        }
    }
}

int case_catalogue_load(struct case_catalogue *catalogue, const char *folder, struct err *err)
{
    *catalogue = (struct case_catalogue){.cases = NULL};
    if (access(folder, R_OK | X_OK) != 0) {
        return err_set(err, ERR_NOT_FOUND, "%s: there is no such folder of scenarios", folder);
    }
    walk(catalogue, folder);
    if (catalogue->cases_len == 0) {
        return err_set(err, ERR_NOT_FOUND, "%s: no case (*.lua) lies in or below this folder",
                       folder);
    }
    sort(catalogue);
    return 0;
}

static bool has_tag(const struct case_file *file, const char *tag)
{
    for (size_t i = 0; i < file->tags.len; i++) {
        if (strcmp(file->tags.word[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct catalogue_case *one, const char *pattern)
{
    if (strncmp(pattern, "tag:", 4) == 0) {
        return has_tag(&one->file, pattern + 4);
    }
    return fnmatch(pattern, one->name, 0) == 0 || strcmp(pattern, one->file.group) == 0;
}

/* How many characters two names share at their beginning. */
static size_t likeness(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] != '\0' && a[len] == b[len]) {
        len++;
    }
    return len;
}

static int not_found(const struct case_catalogue *catalogue, const char *pattern, struct err *err)
{
    const char *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        const size_t len = likeness(pattern, catalogue->cases[i].name);
        if (len > best_len || best == NULL) {
            best = catalogue->cases[i].name;
            best_len = len;
        }
    }
    return err_set(err, ERR_NOT_FOUND,
                   "no case fits \"%s\"; the nearest is %s, and `limphome list` shows them all",
                   pattern, best != NULL ? best : "none");
}

static bool same_file(const char *path, const char *other)
{
    struct stat one;
    struct stat two;
    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

/* A file that lies in the folder is not read twice. */
static void want_file(struct case_catalogue *catalogue, const char *path)
{
    size_t i = 0;
    while (i < catalogue->cases_len && !same_file(path, catalogue->cases[i].file.path)) {
        i++;
    }
    if (i == catalogue->cases_len) {
        add(catalogue, path);
    }
    catalogue->cases[i].wanted = true;
    sort(catalogue);
}

int case_catalogue_want(struct case_catalogue *catalogue, const char *pattern, struct err *err)
{
    size_t found = 0;
    if (ends_with(pattern, ".lua")) {
        want_file(catalogue, pattern);
        refuse_twins(catalogue);
        return 0;
    }
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        struct catalogue_case *one = &catalogue->cases[i];
        const bool fit = fits(one, pattern);
        one->wanted = one->wanted || fit;
        found += fit;
    }
    refuse_twins(catalogue);
    return found > 0 ? 0 : not_found(catalogue, pattern, err);
}

void case_catalogue_want_all(struct case_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        catalogue->cases[i].wanted = true;
    }
    refuse_twins(catalogue);
}

void case_catalogue_release(struct case_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        case_file_release(&catalogue->cases[i].file);
    }
    free(catalogue->cases);
    *catalogue = (struct case_catalogue){.cases = NULL};
}
