/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_changes.h - what is other in sweeps than in an older set of results. */
#ifndef REPORTS_SWEEP_CHANGES_H
#define REPORTS_SWEEP_CHANGES_H

#include "reports/result_set.h"

/* A sweep and the same command's in the baseline. Null: there is none. */
struct sweep_change {
    const struct result_sweep *now, *before;
};

struct sweep_changes {
    struct sweep_change *list; /* In the order of the sweeps; those that are gone come last. */
    size_t len;
};

/* Sweeps are matched by kind, master and command. Points into both sets. */
void sweep_changes_find(struct sweep_changes *changes, const struct result_set *now,
                        const struct result_set *before);
void sweep_changes_release(struct sweep_changes *changes);

/* Points of a verdict, by its name: another version of limphome may have others. */
uint64_t sweep_change_count(const struct result_sweep *sweep, const char *verdict);
/* The point is among those that are listed as bad. */
bool sweep_change_lists(const struct result_sweep *sweep, const char *id);
/* All points that went wrong are listed. */
bool sweep_change_lists_all(const struct result_sweep *sweep);
/* Of two that are there: no verdict has another number, and no other point went wrong. */
bool sweep_change_none(const struct sweep_change *change);

#endif
