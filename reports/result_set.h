/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_set.h - the results of one or several runs and sweeps, from one or several files:
 * what every printer prints.
 *
 * Parts of one run (shards) become one run again; other masters and other seeds are runs of their
 * own, side by side. So do parts of one sweep. */
#ifndef REPORTS_RESULT_SET_H
#define REPORTS_RESULT_SET_H

#include "reports/result.h"
#include "reports/result_sweep.h"
#include "sim/err.h"

struct result_set {
    struct run_result *runs; /* In the order in which they came. */
    size_t runs_len;
    struct result_sweep *sweeps; /* Likewise. */
    size_t sweeps_len;
};

/* Moves the run into the set: *run is zeroed. Where a run of the same identity is there already,
 * its cases are added to that one: cases by id, plays by name and seed, in the order of the
 * catalogue (group, then id). ERR_RANGE: the same play is in both with another verdict or digest,
 * which the same version cannot give; the message names it, and *run is unchanged. */
int result_set_add(struct result_set *set, struct run_result *run, struct err *err);
/* Moves the sweep into the set: *sweep is zeroed. Where the same sweep is there already, it is
 * added to that one: see result_sweep_add(), which may refuse it. */
int result_set_add_sweep(struct result_set *set, struct result_sweep *sweep, struct err *err);
/* Reads a results.json and adds its runs and sweeps. Folders of plays, and scenarios, are then as
 * seen from here: the folder of the file is put before them. */
int result_set_load(struct result_set *set, const char *path, struct err *err);
/* Folders of plays, and scenarios, are then as seen from that folder, for a results.json that is to
 * lie there. */
void result_set_move(struct result_set *set, const char *folder);
void result_set_release(struct result_set *set);

/* No run lacks a shard. */
bool result_set_runs_whole(const struct result_set *set);
/* How many cases of all runs have this verdict. */
size_t result_set_count(const struct result_set *set, enum verdict verdict);
/* No point of any sweep went wrong. */
bool result_set_sweeps_good(const struct result_set *set);
/* No sweep lacks a unit. */
bool result_set_sweeps_whole(const struct result_set *set);

#endif
