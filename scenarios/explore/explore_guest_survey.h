/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_survey.h - which cuts of a plan need no future of their own: the
 * clean run is gone through once more and looked at before each of them.
 *
 * Two neighbouring cuts have one future if between them the program has done nothing and nothing
 * has come for it, and the target's flash after both holds the same: all else of the target is lost
 * with its supply. The clock alone differs, as explore_hash.h has it. */
#ifndef EXPLORE_GUEST_SURVEY_H
#define EXPLORE_GUEST_SURVEY_H

#include "scenarios/explore/explore_cut.h"
#include "scenarios/explore/explore_guest_branch.h"

struct explore_survey_entry {
    uint32_t group;  /* Of cuts with one future. They are neighbours. */
    bool same_world; /* Nothing but the clock has moved since the cut before. */
    uint64_t state;  /* explore_flash_hash() after the first cut of the group. 0: not known. */
};

/* entries: room for plan->len, in shared memory. join false: each cut is a group of its own. */
int explore_guest_survey(struct explore_guest *guest, struct explore_world *world,
                         const struct explore_plan *plan, bool join,
                         struct explore_survey_entry *entries, struct err *child_err,
                         struct err *err);

#endif
