/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay.h - the folder of a play, opened to be played again. */
#ifndef ENGINE_REPLAY_H
#define ENGINE_REPLAY_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/replay_file.h"

/* What may differ from the play that left the folder, and may be why the digest does. */
struct replay_change {
    bool version;                      /* Another version of limphome. */
    bool adapter;                      /* Another adapter. */
    char program[REPLAY_PATH_MAX + 1]; /* A file of the master with another content. Empty: none. */
};

/* About 200 KB: not for the stack. */
struct replay {
    char folder[CASE_PATH_MAX]; /* Absolute. */
    struct replay_file file;
    struct case_file scenario;
    size_t play; /* Of the scenario. */
    struct adapter adapter;
    char vehicle[CASE_PATH_MAX];
    struct replay_change change;
};

struct replay_cfg {
    const char *folder;  /* Of the play. */
    const char *version; /* Of limphome, now. */
    const char *master;  /* An adapter file. Null: the one in the folder. */
};

/* Zero *replay to begin; release it in either case. 0 or a negative code: what is missing, or wrong
 * with the folder, and what to do. */
int replay_open(struct replay *replay, const struct replay_cfg *cfg, struct err *err);
void replay_release(struct replay *replay);
/* For case_play(): scenario, play, seed, adapter and vehicle are set. */
void replay_world(const struct replay *replay, struct case_world_cfg *cfg);

#endif
