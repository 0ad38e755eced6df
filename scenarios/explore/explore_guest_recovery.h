/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_recovery.h - two cuts in a row with a guest: the recovery after a
 * first cut is gone through, and cut at each of its operations.
 *
 * A recovery lasts from the cut until the program ends; a program that has to be started again, for
 * the same campaign or for a clean retry, is not cut any more. So it is with the master in process.
 *
 * The program is doubled before the first cut, twice: one double goes to its end undisturbed, which
 * tells the operations; the other one goes from cut to cut, and is doubled in turn before each of
 * them. What cannot be doubled starts anew for each of these. */
#ifndef EXPLORE_GUEST_RECOVERY_H
#define EXPLORE_GUEST_RECOVERY_H

#include "scenarios/explore/explore_guest_survey.h"
#include "scenarios/explore/explore_power.h"

struct explore_guest_worker;

/* How far one has come; shared by all processes that work on it. Zero it to begin. */
struct explore_guest_course {
    bool scouted; /* The first cut is counted, and its operations stand on the worker's slate. */
    size_t next;  /* Second cut that is tried next. */
    struct explore_outcome first, last;
    uint64_t peeked;
    struct err err;
};

struct explore_guest_recovery {
    struct explore_guest_worker *worker;
    struct explore_unit *unit;
    struct explore_path path;  /* The first cut. */
    bool doubles;              /* The walk stands before it; else the world is vacant. */
    struct explore_pair *pair; /* The last second cut, if it was gone through. May be null. */
    struct explore_guest_course *course;
};

/* Counts the first cut and the second ones. ERR_UNSUPPORTED: the program cannot be doubled; called
 * again without doubles it goes on from there. Other codes: all is lost. */
int explore_guest_recovery_sweep(struct explore_guest_recovery *recovery, struct err *err);

/* A path that has come to that. alike: if it was not gone through. */
void explore_guest_count(struct explore_unit *unit, const struct explore_path *path,
                         const struct explore_outcome *outcome, enum explore_alike alike);

#endif
