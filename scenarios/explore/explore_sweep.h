/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_sweep.h - what all sweeps have in common: numbered units of work are
 * handed out to worker processes, each adds to a tally of its own, and the tallies are added up in
 * the order of the units. So the result depends neither on the number of workers nor on who did
 * which unit, here or on another machine, now or before an interruption.
 *
 * What is done is kept in a journal, if there is one: a line for each unit. A sweep that finds a
 * journal of the same identity goes on behind it. */
#ifndef EXPLORE_SWEEP_H
#define EXPLORE_SWEEP_H

#include "scenarios/explore/explore_tally.h"

#include <signal.h>

/* A file on whose contents the result depends. */
struct explore_file {
    const char *name;
    char sha256[65];
};

struct explore_sweep_cfg {
    const struct explore_kind *kind;
    /* As struct result_sweep has them. Null: empty. */
    const char *identity, *version, *master, *date;
    const struct explore_file *files;
    size_t files_len;
    uint64_t units;                /* SWEEP_UNITS_OPEN: until there is no more time. */
    uint64_t points;               /* In the shard's units, for the progress. 0: unknown. */
    uint32_t shard, shards;        /* Units with index % shards == shard - 1. 0, 0: all. */
    uint64_t limit_ns;             /* Real time for it; units that are begun end. 0: none. */
    size_t jobs;                   /* Worker processes. 0: one for each core. */
    const char *journal_path;      /* Null: none. */
    const struct explore_map *map; /* If the kind has one. */
    const uint64_t *same;          /* Numbers of rows that are SWEEP_SAME, at their indices. */
    /* Room for the different states that a unit can meet, a power of two: at most three quarters
     * of them are counted. 0: it counts none. */
    size_t unit_states_max;
    /* In a worker, once, before its first unit; *worker is its own. May be null. */
    int (*begin)(void *ctx, void **worker, struct err *err);
    /* In a worker: units with rising numbers. */
    int (*work)(void *ctx, void *worker, struct explore_unit *unit, struct err *err);
    void (*end)(void *ctx, void *worker); /* May be null. */
    void *ctx;
    /* Before the first unit: so many points are done, as the journal says, and so many workers
     * begin. May be null. */
    void (*on_begin)(void *progress_ctx, const struct explore_sweep_cfg *cfg, uint64_t points_done,
                     size_t jobs);
    /* Called several times a second, in the caller's process. May be null. */
    void (*on_progress)(void *progress_ctx, uint64_t points_done, uint64_t points);
    void *progress_ctx;
    const volatile sig_atomic_t *give_up; /* Not 0: ends early, and well. May be null. */
};

/* 0 with *result filled, to be released; verdicts, rows, map, states and the units done are there.
 * The caller's to add: texts of replays and scenarios (result.failures[], where they are empty),
 * and the phases of the map. An interrupted sweep is a part. A negative code with *err: a worker
 * failed, or the journal is of another sweep. */
int explore_sweep_run(const struct explore_sweep_cfg *cfg, struct result_sweep *result,
                      struct err *err);
/* How many units the shard has, if the sweep knows how many there are. */
uint64_t explore_sweep_shard_units(uint64_t units, uint32_t shard, uint32_t shards);

#endif
