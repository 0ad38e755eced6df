/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/mutant.c - reads the heads of patches. */
#include "scenarios/engine/mutant.h"

#include "sim/base.h"
#include "sim/file_text.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATCH_MAX_BYTES = 1 << 20 };

/* The value of "Name: value" in the lines before the diff; empty if there is none. */
static void take(const char *text, const char *name, char *to, size_t size)
{
    const size_t len = strlen(name);
    to[0] = '\0';
    for (const char *line = text;
         *line != '\0' && strncmp(line, "--- ", 4) != 0 && strncmp(line, "diff ", 5) != 0;) {
        const size_t line_len = strcspn(line, "\n");
        if (strncmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            snprintf(to, size, "%.*s", (int)(line_len - (size_t)(value - line)), value);
            return;
        }
        line += line_len + (line[line_len] == '\n');
    }
}

static void split(char *text, struct case_words *words)
{
    char *rest = text;
    char *word = NULL;
    while ((word = strsep(&rest, " ,")) != NULL && words->len < CASE_WORDS_MAX) {
        if (word[0] != '\0') {
            snprintf(words->word[words->len++], CASE_WORD_MAX + 1, "%.*s", CASE_WORD_MAX, word);
        }
    }
}

static int read_head(struct mutant *mutant, const char *text, struct err *err)
{
    char cases[400];
    take(text, mutant->legal ? "Variant" : "Mutant", mutant->id, sizeof mutant->id);
    take(text, mutant->legal ? "What" : "Defect", mutant->what, sizeof mutant->what);
    take(text, mutant->legal ? "Cases" : "Case", cases, sizeof cases);
    take(text, "Criterion", mutant->criterion, sizeof mutant->criterion);
    split(cases, &mutant->cases);
    const char *lacks = mutant->id[0] == '\0'          ? (mutant->legal ? "Variant:" : "Mutant:")
                        : mutant->what[0] == '\0'      ? (mutant->legal ? "What:" : "Defect:")
                        : mutant->legal                ? NULL
                        : mutant->cases.len != 1       ? "Case:"
                        : mutant->criterion[0] == '\0' ? "Criterion:"
                                                       : NULL;
    return lacks == NULL
               ? 0
               : err_set(err, ERR_SYNTAX,
                         "%s: the lines before the diff lack \"%s\"; mutants/README.md tells what "
                         "belongs there",
                         mutant->path, lacks);
}

static int load(struct mutant *mutant, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = 0;
    snprintf(mutant->path, sizeof mutant->path, "%s", path);
    snprintf(mutant->name, sizeof mutant->name, "%.*s", (int)(strlen(slash + 1) - strlen(".patch")),
             slash + 1);
    char *text = file_text_read(path, PATCH_MAX_BYTES, "a patch", &len, err);
    if (text == NULL) {
        return err->code;
    }
    const int code = read_head(mutant, text, err);
    free(text);
    return code;
}

int mutants_load(const char *folder, bool legal, struct mutant **mutants, size_t *len,
                 struct err *err)
{
    char pattern[600];
    glob_t found;
    int code = 0;
    snprintf(pattern, sizeof pattern, "%s/*.patch", folder);
    *len = 0;
    *mutants = NULL;
    if (glob(pattern, 0, NULL, &found) != 0) {
        return 0;
    }
    *mutants = calloc(found.gl_pathc, sizeof **mutants);
    CHECK(*mutants != NULL);
    for (size_t i = 0; code == 0 && i < found.gl_pathc; i++) {
        (*mutants)[i].legal = legal;
        code = load(&(*mutants)[i], found.gl_pathv[i], err);
        *len += code == 0;
    }
    globfree(&found);
    return code;
}
