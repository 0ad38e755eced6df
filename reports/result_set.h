/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_set.h - the results of one or several runs, from one or several files: what every
 * printer prints.
 *
 * Parts of one run (shards) become one run again; other masters and other seeds are runs of their
 * own, side by side. */
#ifndef REPORTS_RESULT_SET_H
#define REPORTS_RESULT_SET_H

#include "reports/result.h"
#include "sim/err.h"

struct result_set {
    struct run_result *runs; /* In the order in which they came. */
    size_t runs_len;
};

/* Moves the run into the set: *run is zeroed. Where a run of the same identity is there already,
 * its cases are added to that one: cases by id, plays by name and seed, in the order of the
 * catalogue (group, then id). ERR_RANGE: the same play is in both with another verdict or digest,
 * which the same version cannot give; the message names it, and *run is unchanged. */
int result_set_add(struct result_set *set, struct run_result *run, struct err *err);
/* Reads a results.json and adds its runs. Folders of plays are then as seen from here: the folder
 * of the file is put before them. */
int result_set_load(struct result_set *set, const char *path, struct err *err);
/* Folders of plays are then as seen from that folder, for a results.json that is to lie there. */
void result_set_move(struct result_set *set, const char *folder);
void result_set_release(struct result_set *set);

/* How many cases of all runs have this verdict. */
size_t result_set_count(const struct result_set *set, enum verdict verdict);

#endif
