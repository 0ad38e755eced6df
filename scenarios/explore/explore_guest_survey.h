/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_survey.h - which cuts need no future of their own: the clean run
 * is looked at before each of them.
 *
 * Two neighbouring cuts have one future if between them the program has done nothing and nothing
 * has come for it, and the target's flash after both holds the same: all else of the target is lost
 * with its supply. The clock alone differs, as explore_hash.h has it. */
#ifndef EXPLORE_GUEST_SURVEY_H
#define EXPLORE_GUEST_SURVEY_H

#include "scenarios/explore/explore_cut.h"
#include "scenarios/explore/explore_guest_branch.h"

/* What a cut shares with the one before it. */
enum explore_alike {
    EXPLORE_ALIKE_NOT,
    EXPLORE_ALIKE_CLOCK, /* Nothing but the clock has moved in between. */
    EXPLORE_ALIKE_STATE, /* Nothing has that the program could know of, or that stays. */
};

/* The run before the last cut. Zero it to begin. */
struct explore_lookout {
    bool any;
    uint64_t events_run;
    struct explore_talk { /* What a program could know: its calls, and what went over the bus. */
        uint64_t calls, fast_frames, frames_begun, frames, error_frames;
    } talk;
    uint64_t state; /* explore_flash_hash() after that cut. 0: not known. */
};

/* The world stands right before that cut. *peeked is shared; a child may cut the supply to see what
 * is left. */
enum explore_alike explore_guest_look(struct explore_lookout *lookout,
                                      const struct explore_guest *guest,
                                      struct explore_world *world, sim_ns_t cut_ns,
                                      uint64_t *peeked);

/* For programs that cannot be doubled: a child starts one, plays the cuts of that path, and looks
 * before each of these cuts. alike: room for len of them, in shared memory. */
int explore_guest_survey(struct explore_guest *guest, struct explore_world *world,
                         const struct explore_path *path, const struct explore_cut *cuts,
                         size_t len, enum explore_alike *alike, struct err *child_err,
                         struct err *err);

#endif
