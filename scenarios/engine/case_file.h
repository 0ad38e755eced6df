/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_file.h - a case as its file describes it: what it is called, what it needs,
 * and how many plays it has. Reading it runs the file up to its call of case{...} and no further.
 */
#ifndef ENGINE_CASE_FILE_H
#define ENGINE_CASE_FILE_H

#include "sim/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CASE_ID_MAX = 31,
    CASE_TITLE_MAX = 159,
    CASE_WORD_MAX = 63,
    CASE_WORDS_MAX = 16,
    CASE_PLAYS_MAX = 1000,
    CASE_FILE_MAX_BYTES = 1 << 20,
};

/* A short list of words: sources, needs, tags. */
struct case_words {
    char word[CASE_WORDS_MAX][CASE_WORD_MAX + 1];
    size_t len;
};

struct case_file {
    char *path; /* As messages call it. Owned, as text and plays. */
    char *text;
    size_t text_len;
    char id[CASE_ID_MAX + 1];
    char group[CASE_WORD_MAX + 1];
    char title[CASE_TITLE_MAX + 1];
    char title_zh[CASE_TITLE_MAX + 1];
    uint32_t priority; /* 1: the catalogue's star; 2. */
    struct case_words sources, needs, tags;
    char vehicle[CASE_WORD_MAX + 1];  /* Empty: "single". A name in vehicles/, or a path. */
    char (*plays)[CASE_WORD_MAX + 1]; /* Names; one empty name if the file lists none. */
    size_t plays_len;
    /* Of each play: what it wants of the target otherwise than the vehicle file says, as JSON.
     * Null: nothing. */
    char **changes;
};

/* 0, or a negative code with "case ID: file:line: what is wrong". Release it in either case. */
int case_file_load(struct case_file *file, const char *path, struct err *err);
void case_file_release(struct case_file *file);

#endif
