/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_tally.c - counts points of a unit. */
#include "scenarios/explore/explore_tally.h"

#include <stdio.h>

static void put_into_map(struct explore_unit *unit, enum explore_verdict verdict, sim_ns_t at_ns)
{
    if (unit->map != NULL && at_ns != SIM_NEVER) {
        unit->tally->map[explore_map_bin(unit->map, at_ns)][verdict]++;
    }
}

static void count_rules(struct explore_tally *tally, uint16_t invariants)
{
    for (size_t i = 0; i < EXPLORE_RULES; i++) {
        tally->invariants[i] += invariants >> explore_invariants[i].number & 1u;
    }
}

void explore_unit_count(struct explore_unit *unit, enum explore_verdict verdict,
                        uint16_t invariants, const char *id, sim_ns_t at_ns)
{
    CHECK(verdict < EXPLORE_VERDICT_COUNT);
    struct explore_tally *tally = unit->tally;
    tally->verdicts[verdict]++;
    count_rules(tally, invariants);
    put_into_map(unit, verdict, at_ns);
    if (explore_verdict_good(verdict)) {
        return;
    }
    if (tally->failures_all < SWEEP_FAILURES_MAX) {
        struct explore_failed *failed = &tally->failures[tally->failures_all];
        const int len = snprintf(failed->id, sizeof failed->id, "%s", id);
        CHECK(len > 0 && (size_t)len < sizeof failed->id);
        failed->verdict = (uint8_t)verdict;
        failed->invariants = invariants;
        failed->at_ns = at_ns;
    }
    tally->failures_all++;
}

void explore_unit_progress(struct explore_unit *unit, size_t points)
{
    (void)__atomic_add_fetch(unit->points_done, points, __ATOMIC_RELAXED);
}
