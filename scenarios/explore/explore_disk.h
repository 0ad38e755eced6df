/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_disk.h - what of the master's files is durable, beside the files as the
 * master sees them, and what a loss of its power leaves.
 *
 * The port is that of master/socketcan_port.c, on a journaling file system: a sync makes the
 * content of one file durable, and all names; a rename or a removal has synced the folder when it
 * returns. So the only names that may be lost are those of new files, before the next sync of
 * anything. What was written to a file and not synced may be there, or not, or in part. */
#ifndef EXPLORE_DISK_H
#define EXPLORE_DISK_H

#include "scenarios/engine/master_files.h"

#include <stdbool.h>

/* Of one place in the files' list; it stays with the file if that is renamed. */
struct explore_disk_file {
    bool named;     /* Its name is durable. */
    uint8_t *bytes; /* Owned: its durable content. */
    size_t len, cap;
    size_t dirty_from, dirty_to; /* Not durable yet, nor is the length if that differs. */
};

/* Zero it to initialise. */
struct explore_disk {
    struct master_files *files; /* As the master sees them. */
    struct explore_disk_file list[MASTER_FILES_MAX];
    uint64_t version; /* Of what is durable: another number when that has changed. */
};

enum explore_keep {
    EXPLORE_KEEP_SYNCED, /* All that was not synced is lost. */
    EXPLORE_KEEP_NAMES,  /* Likewise, but names of new files are there. */
    EXPLORE_KEEP_ALL,
};

/* All that is there is durable. */
void explore_disk_settle(struct explore_disk *disk, struct master_files *files);
void explore_disk_release(struct explore_disk *disk);

/* After the call has been done on the files. */
void explore_disk_wrote(struct explore_disk *disk, const char *name, size_t offset, size_t len);
void explore_disk_synced(struct explore_disk *disk, const char *name);
/* A name is about to go: the file is removed, or another one takes its name. */
void explore_disk_forget(struct explore_disk *disk, const char *name);
/* The folder has been synced. */
void explore_disk_synced_names(struct explore_disk *disk);

/* Something of it would be lost now. */
bool explore_disk_unsynced(const struct explore_disk *disk);
/* Rewrites the files to what is left; all of it is durable then. */
void explore_disk_power_loss(struct explore_disk *disk, enum explore_keep keep);
/* A number for a file; the sum of these is one for a folder, in whatever order its files are. */
uint64_t explore_disk_file_hash(const char *name, const void *bytes, size_t len);
/* Of names and contents as the master sees them. */
uint64_t explore_disk_hash(const struct explore_disk *disk);

#endif
