/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_files.h - the files on whose contents a sweep depends. */
#ifndef CLI_EXPLORE_FILES_H
#define CLI_EXPLORE_FILES_H

#include "cli/explore.h"
#include "scenarios/engine/replay_file.h"

struct explore_files {
    struct explore_file list[2 + REPLAY_PROGRAMS_MAX];
    size_t len;
    char words[REPLAY_PROGRAMS_MAX][REPLAY_PATH_MAX + 1]; /* Names of programs. */
};

/* The vehicle file, the adapter, and the programs and scripts that it names; each if there is one.
 * A negative code: one cannot be read. */
int explore_files_find(struct explore_files *files, const struct explore_arguments *a,
                       struct err *err);

#endif
