/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_tally.c - counts points of a unit. */
#include "scenarios/explore/explore_tally.h"

#include <stdio.h>

static void put_into_map(struct explore_unit *unit, enum explore_verdict verdict, sim_ns_t at_ns)
{
    if (unit->map_bin_ns == 0 || at_ns == SIM_NEVER) {
        return;
    }
    const sim_ns_t since_ns = at_ns > unit->map_start_ns ? at_ns - unit->map_start_ns : 0;
    const sim_ns_t bin = since_ns / unit->map_bin_ns;
    unit->tally->map[bin < EXPLORE_BINS ? bin : EXPLORE_BINS - 1][verdict]++;
}

void explore_unit_count(struct explore_unit *unit, enum explore_verdict verdict, const char *id,
                        sim_ns_t at_ns)
{
    CHECK(verdict < EXPLORE_VERDICT_COUNT);
    struct explore_tally *tally = unit->tally;
    tally->verdicts[verdict]++;
    put_into_map(unit, verdict, at_ns);
    if (explore_verdict_good(verdict)) {
        return;
    }
    if (tally->failures_all < SWEEP_FAILURES_MAX) {
        struct explore_failed *failed = &tally->failures[tally->failures_all];
        const int len = snprintf(failed->id, sizeof failed->id, "%s", id);
        CHECK(len > 0 && (size_t)len < sizeof failed->id);
        failed->verdict = (uint8_t)verdict;
        failed->at_ns = at_ns;
    }
    tally->failures_all++;
}

void explore_unit_progress(struct explore_unit *unit, size_t points)
{
    (void)__atomic_add_fetch(unit->points_done, points, __ATOMIC_RELAXED);
}
