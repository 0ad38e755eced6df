/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_storage_play.h - one world of a sweep over the state folder: what
 * happens in it, and what it comes to. */
#ifndef EXPLORE_STORAGE_PLAY_H
#define EXPLORE_STORAGE_PLAY_H

#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_guest_store.h"
#include "scenarios/explore/explore_port.h"
#include "scenarios/explore/explore_storage.h"

enum { EXPLORE_CALLED_MAX = 1 << 17 };

/* What a child writes for its parent. */
struct explore_storage_slate {
    struct explore_storage_outcome outcome;
    struct err err;
    size_t called_len; /* Calls and, where operations are noted, frames; in their order. */
    bool called_full;
    struct explore_called called[EXPLORE_CALLED_MAX];
    struct explore_phases phases; /* Where operations are noted. */
    size_t ops_len;
    bool ops_full;
    struct explore_op ops[EXPLORE_OPS_MAX];
};

/* Must not move in memory. */
struct explore_storage_play {
    struct explore_world world;
    struct explore_store store;
    struct explore_port port; /* One of the two is between. */
    struct explore_guest_store guest_store;
    struct explore_guest guest;
    struct explore_guest_cfg guest_cfg;
    struct explore_folder past_state; /* What the guest's state folder holds at the begin, */
    bool has_past;                    /* if it has one. */
    bool is_guest;
    bool begun;                /* Its program. A process of its own begins it, for each future; */
    struct explore_steps past; /* until then these have been asked for. */
    struct explore_storage_slate *slate; /* Shared; the caller's. */
    sim_ns_t start_ns;                   /* When the campaign begins. */
};

int explore_storage_play_init(struct explore_storage_play *play,
                              const struct explore_storage_cfg *cfg,
                              struct explore_storage_slate *slate, struct err *err);
int explore_storage_play_release(struct explore_storage_play *play, struct err *err);
/* In another process than that of the world: a guest has a folder of its own there. */
int explore_storage_play_move(struct explore_storage_play *play, struct err *err);
/* In this process: the guest begins, and all comes that has been asked for. */
int explore_storage_play_begin(struct explore_storage_play *play, struct err *err);

/* Runs to right before that instant, over what happens until then. */
void explore_storage_play_before(struct explore_storage_play *play, sim_ns_t at_ns);
/* Lets the step happen, at its instant, which has just not come. */
void explore_storage_play_expect(struct explore_storage_play *play,
                                 const struct explore_step *step);
/* Goes on to the end, and finds the verdict. last: what happens last; null: nothing. */
void explore_storage_play_end(struct explore_storage_play *play, const struct explore_step *last);

/* A child lets the step happen (null: nothing) and goes on to the end; calls and operations from
 * then on are noted. A child that crashes or hangs leaves EXPLORE_BROKEN. */
int explore_storage_play_scout(struct explore_storage_play *play, const struct explore_step *step,
                               struct err *err);
/* Likewise; nothing is noted. */
int explore_storage_play_try(struct explore_storage_play *play, const struct explore_step *step,
                             struct err *err);

#endif
