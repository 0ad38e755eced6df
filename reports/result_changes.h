/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_changes.h - what is other than in an older set of results, the baseline. */
#ifndef REPORTS_RESULT_CHANGES_H
#define REPORTS_RESULT_CHANGES_H

#include "reports/result_set.h"
#include "reports/sweep_changes.h"

enum change_kind {
    CHANGE_NEWLY_FAILING, /* Fails or is in error, and was not. */
    CHANGE_NEWLY_PASSING, /* Passes, and did fail or was in error. */
    CHANGE_OTHER_VERDICT, /* Any other: "not applicable" now, say. */
    CHANGE_APPEARED,      /* Not in the baseline. */
    CHANGE_GONE,          /* Only in the baseline. */
    CHANGE_DURATION, /* The same verdict; virtual time at least a tenth and 1 s longer or shorter.
                      */
    CHANGE_KINDS
};

struct change {
    enum change_kind kind;
    const struct run_result *run, *old_run; /* Null where there is none. */
    const struct case_result *now, *before;
};

struct result_changes {
    struct change *changes; /* By kind, then in the order of the cases. */
    size_t changes_len;
    struct sweep_changes sweeps;
};

/* Runs are matched by master; those of one master by seed, else in their order. Of a run without a
 * match all cases have appeared, or are gone. Points into both sets. */
void result_changes_find(struct result_changes *changes, const struct result_set *now,
                         const struct result_set *before);
void result_changes_release(struct result_changes *changes);
const char *change_name(enum change_kind kind); /* "newly failing" */
size_t result_changes_count(const struct result_changes *changes, enum change_kind kind);

#endif
