/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay_kit.h - makes the folder of a play portable: replay.json, and copies of
 * all that a replay needs except the master's program. */
#ifndef ENGINE_REPLAY_KIT_H
#define ENGINE_REPLAY_KIT_H

#include "scenarios/engine/adapter.h"
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/replay_file.h"

struct replay_kit_cfg {
    const char *version; /* Of limphome. All are kept by pointer. */
    const struct adapter *adapter;
    const char *vehicles; /* Folder of the vehicle files. */
    const char *programs; /* See struct adapter_place. */
};

/* What all plays of a run share: read once. */
struct replay_kit {
    struct replay_kit_cfg cfg;
    char *adapter_text;
    size_t adapter_len;
    struct replay_program programs[REPLAY_PROGRAMS_MAX]; /* Copies are named, relative. */
    char *texts[REPLAY_PROGRAMS_MAX];                    /* Of those that are copied. */
    size_t lens[REPLAY_PROGRAMS_MAX];
    size_t programs_len;
};

/* 0 or a negative code; release it in either case. */
int replay_kit_init(struct replay_kit *kit, const struct replay_kit_cfg *cfg, struct err *err);
void replay_kit_release(struct replay_kit *kit);
/* After the play, in its folder: the scenario could see the files. A play whose vehicle file cannot
 * be read was none, and gets nothing. reads: what it has read beside the case; may be null. */
int replay_kit_save(const struct replay_kit *kit, const struct case_file *file, size_t play,
                    const struct case_reads *reads, const char *folder,
                    const struct play_result *result, struct err *err);

/* SHA-256 of a file as hexadecimal digits. False: it cannot be read. */
bool replay_programs_hash(const char *path, char hex[REPLAY_SHA256_TEXT + 1]);
/* The files of this machine that the command of an adapter names by itself: its program, scripts.
 * list has room for REPLAY_PROGRAMS_MAX; returns how many. The caller frees path and copy (empty)
 * of each. */
size_t replay_programs_find(const struct adapter *adapter, const char *programs,
                            struct replay_program *list);

#endif
