/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_tally.h - what a kind of sweep counts, and what one unit of its work
 * has come to. */
#ifndef EXPLORE_TALLY_H
#define EXPLORE_TALLY_H

#include "reports/result_sweep.h"
#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/explore_map.h"
#include "scenarios/explore/explore_verdict.h"

enum { EXPLORE_ROWS_MAX = 32, EXPLORE_FAILURE_CHARS = 96 };

/* A number that sweeps of this kind count: tally.numbers[index of the row]. */
struct explore_row {
    const char *heading, *text; /* As struct sweep_row has them. */
    enum sweep_merge merge;
    bool shown_if_zero;
};

struct explore_kind {
    const char *name; /* "power". */
    const char *axis; /* Of the map; null: no map. */
    const struct explore_row *rows;
    size_t rows_len; /* At most EXPLORE_ROWS_MAX. */
};

struct explore_failed {
    char id[EXPLORE_FAILURE_CHARS];
    uint8_t verdict;
    uint16_t invariants; /* Rules of the judge that were broken: bit n is INV-n. */
    sim_ns_t at_ns;
};

/* Of one unit; zeroed to begin, in shared memory. */
struct explore_tally {
    uint64_t numbers[EXPLORE_ROWS_MAX]; /* Of rows that are SWEEP_SUM. */
    uint64_t verdicts[EXPLORE_VERDICT_COUNT];
    uint32_t map[EXPLORE_BINS][EXPLORE_VERDICT_COUNT];
    uint64_t invariants[EXPLORE_RULES]; /* Points that broke each of explore_invariants. */
    uint64_t failures_all;
    struct explore_failed failures[SWEEP_FAILURES_MAX];
};

struct explore_unit {
    uint64_t index;
    struct explore_tally *tally;
    struct explore_table *states;  /* Of this unit: explore_table_count() what it meets. */
    const struct explore_map *map; /* Null: there is none. */
    size_t *points_done;           /* Of this unit, shared; for the progress. */
};

/* One point of a unit: counts its verdict and the rules of the judge that it broke (bit n is
 * INV-n), puts it into the map, and lists it if it is bad. at_ns: of its (first) fault; SIM_NEVER:
 * none in particular, and not in the map. */
void explore_unit_count(struct explore_unit *unit, enum explore_verdict verdict,
                        uint16_t invariants, const char *id, sim_ns_t at_ns);
/* So many points are done. */
void explore_unit_progress(struct explore_unit *unit, size_t points);

#endif
