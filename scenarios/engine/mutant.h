/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/mutant.h - a variant of the reference master as a patch: a defect that its case
 * must find (mutants/), or a legal variation that must pass (variants/). The lines before the diff
 * say what it is. */
#ifndef ENGINE_MUTANT_H
#define ENGINE_MUTANT_H

#include "scenarios/engine/case_file.h"

struct mutant {
    char path[512];
    char name[128]; /* Of the file, without ".patch". */
    char id[16];    /* "M050", "V03". */
    bool legal;     /* A variation: it must pass. */
    char what[160];
    struct case_words cases; /* Of a defect the primary one; of a variation none: all. */
    char criterion[160];     /* Of a defect: what the case must name. */
};

/* All patches of a folder, sorted by name; the caller frees *mutants. A folder that is not there
 * has none. ERR_SYNTAX names the file and what its head lacks. */
int mutants_load(const char *folder, bool legal, struct mutant **mutants, size_t *len,
                 struct err *err);

#endif
