/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/proof.h - proves the catalogue: every defect is found by its case, for the
 * reason that it names, and no legal variation fails. */
#ifndef ENGINE_PROOF_H
#define ENGINE_PROOF_H

#include "scenarios/engine/case_run.h"
#include "scenarios/engine/mutant.h"

struct proof_row {
    const struct mutant *mutant;
    bool good;                       /* Killed by name, or passed. */
    enum verdict verdict;            /* Of the case that decided. */
    char case_id[CASE_WORD_MAX + 1]; /* That case. */
    char seen[400];                  /* The criterion, or what went wrong. */
};

struct proof_cfg {
    const struct case_run_cfg *run; /* catalogue, adapter, vehicles, preload_path, seed, jobs. */
    const struct mutant *mutants;
    size_t mutants_len;
    const char *build;  /* The script mutants/build.sh. */
    const char *source; /* Folder with master/ and sim/proto/. */
    const char *folder; /* Exists: for programs and plays. */
    /* A row is decided. May be null. */
    void (*on_row)(void *ctx, const struct proof_row *row);
    void *ctx;
};

/* Builds them all and plays their cases; rows has a place for each mutant. */
int proof_run(const struct proof_cfg *cfg, struct proof_row *rows, struct err *err);

#endif
