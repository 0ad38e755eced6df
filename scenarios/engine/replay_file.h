/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay_file.h - replay.json in the folder of a play: what was played, with what,
 * and what came of it (docs/formats.md, docs/replay.schema.json). */
#ifndef ENGINE_REPLAY_FILE_H
#define ENGINE_REPLAY_FILE_H

#include "reports/result.h"
#include "sim/err.h"

enum { REPLAY_PROGRAMS_MAX = 8, REPLAY_PATH_MAX = 255, REPLAY_SHA256_TEXT = 64 };

/* A file that the master's command names: the program itself, a script. */
struct replay_program {
    uint32_t argument;                   /* Which word of the command, from 0. */
    char *path;                          /* Where it was, absolute. */
    char sha256[REPLAY_SHA256_TEXT + 1]; /* Of its content. */
    char *copy;                          /* In the folder; empty: there is none. */
};

/* Texts belong to it and are released with it. */
struct replay_file {
    char *version; /* Of limphome. */
    char *case_id;
    char *scenario, *vehicle, *adapter; /* Copies, relative to the folder and inside of it. */
    char *adapter_folder;               /* Where the adapter was: {adapter}. Absolute. */
    struct replay_program programs[REPLAY_PROGRAMS_MAX];
    size_t programs_len;
    /* Name, seed, verdict, error, digest, findings and injections. */
    struct play_result play;
};

/* The caller frees the text. The same content gives the same bytes. */
char *replay_file_print(const struct replay_file *file);
/* Zero *file to begin; release it in either case. name is what messages call the text. ERR_SYNTAX
 * or ERR_RANGE: not what replay_file_print() writes, or a path that leads out of the folder. */
int replay_file_parse(struct replay_file *file, const char *text, size_t len_bytes,
                      const char *name, struct err *err);
/* FOLDER/replay.json. ERR_NOT_FOUND: there is none; the message says what leaves one. */
int replay_file_load(struct replay_file *file, const char *folder, struct err *err);
void replay_file_release(struct replay_file *file);

/* FOLDER/name of a file that is there, without links that lead out of the folder. */
int replay_file_path(const char *folder, const char *name, char *path, size_t size,
                     struct err *err);

#endif
