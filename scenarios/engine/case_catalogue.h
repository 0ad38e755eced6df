/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_catalogue.h - all cases of a folder, and those of them that are wanted. */
#ifndef ENGINE_CASE_CATALOGUE_H
#define ENGINE_CASE_CATALOGUE_H

#include "scenarios/engine/case_file.h"

/* One file below the folder. */
struct catalogue_case {
    struct case_file file;
    char name[CASE_ID_MAX + 1]; /* Its id, or what the name of a file that is none says. */
    bool broken;                /* It cannot be played: why says what is wrong. */
    char why[400];
    bool wanted;
};

struct case_catalogue {
    struct catalogue_case *cases; /* Sorted by name. Owned. */
    size_t cases_len;
};

/* Reads all *.lua below the folder; files that are no case are kept as broken. ERR_NOT_FOUND: the
 * folder is not there, or has no case. */
int case_catalogue_load(struct case_catalogue *catalogue, const char *folder, struct err *err);
/* Marks what fits: an id or a pattern of ids ("COM-03", "PWR-*"), a group ("COM"), "tag:NAME", or
 * the path of a file, which is added. Wanted cases with one id become broken. ERR_NOT_FOUND names
 * the id that is nearest. */
int case_catalogue_want(struct case_catalogue *catalogue, const char *pattern, struct err *err);
void case_catalogue_want_all(struct case_catalogue *catalogue);
void case_catalogue_release(struct case_catalogue *catalogue);

#endif
