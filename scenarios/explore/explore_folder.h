/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_folder.h - what is in a folder, kept in memory and put back: futures
 * that branch off have one folder in common. */
#ifndef EXPLORE_FOLDER_H
#define EXPLORE_FOLDER_H

#include "sim/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPLORE_FOLDER_ENTRIES_MAX = 64, EXPLORE_FOLDER_PATH_MAX = 512 };

struct explore_folder_entry {
    char path[EXPLORE_FOLDER_PATH_MAX];
    bool is_folder;
    uint32_t mode;
    uint8_t *bytes; /* Owned. */
    size_t len;
};

struct explore_folder {
    char path[EXPLORE_FOLDER_PATH_MAX];
    struct explore_folder_entry entries[EXPLORE_FOLDER_ENTRIES_MAX]; /* Folders before what is in
                                                                      * them. */
    size_t len;
};

/* ERR_UNSUPPORTED: there is more in it than can be kept, or something that is no plain file and no
 * folder. Release in either case. */
int explore_folder_keep(struct explore_folder *folder, const char *path, struct err *err);
/* Files that have not changed are not touched; those that have are written in place. */
int explore_folder_put_back(const struct explore_folder *folder, struct err *err);
/* The same below another folder, which exists and is empty. */
int explore_folder_put_at(const struct explore_folder *folder, const char *path, struct err *err);
/* As explore_disk_hash(); of files of more than 1 MB, and of what is no file, by their names. */
uint64_t explore_folder_hash(const char *path);
void explore_folder_release(struct explore_folder *folder);

#endif
