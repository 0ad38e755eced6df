/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_run.h - a run: the wanted cases of a catalogue against one master. */
#ifndef ENGINE_CASE_RUN_H
#define ENGINE_CASE_RUN_H

#include "reports/result.h"
#include "scenarios/engine/adapter.h"
#include "scenarios/engine/case_catalogue.h"

#include <signal.h>

struct case_run_cfg {
    const struct case_catalogue *catalogue;
    const struct adapter *adapter;
    const char *vehicles;     /* Folder of the vehicle files. */
    const char *programs;     /* See struct adapter_place. */
    const char *preload_path; /* See struct supervisor_cfg. */
    const char *folder;       /* Exists; of each play FOLDER/ID or FOLDER/ID/PLAY. */
    bool keep_folders;        /* Else the folder of a play is removed when it is over. */
    bool keep_traces;    /* Of all plays; else, with keep_folders, of those that do not pass. */
    bool verify;         /* Each play twice: an error unless their traces are equal. */
    const char *version; /* Of limphome. */
    const char *date;    /* That the caller wants told. Null: none. */
    uint64_t seed;
    uint32_t repeat; /* So many seeds from the first on. 0: 1. */
    size_t jobs;     /* Plays at once. 0: one for each core. */
    /* Of all plays, in the order of the catalogue, each shards-th from number shard on; a case that
     * is not played counts as one. 0, 0: all. */
    uint32_t shard, shards;
    /* A case has all its plays. May be null. */
    void (*on_case)(void *ctx, const struct case_result *result);
    /* After each play: how many are done, of how many. May be null. */
    void (*on_play)(void *ctx, size_t done, size_t all, const struct case_result *of);
    void *ctx;
    const volatile sig_atomic_t *give_up; /* See struct play_pool_cfg. */
};

/* Plays them. *result, which the caller has zeroed, gets a case for each that is wanted and has
 * a play in the shard, in the order of the catalogue; run_result_release() frees what is in it. */
void case_run(const struct case_run_cfg *cfg, struct run_result *result);

#endif
