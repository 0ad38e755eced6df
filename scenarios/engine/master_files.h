/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_files.h - the state folder of a simulated master: named files in memory,
 * which outlive the master, with a limited capacity if one is set. */
#ifndef ENGINE_MASTER_FILES_H
#define ENGINE_MASTER_FILES_H

#include <stddef.h>
#include <stdint.h>

enum { MASTER_FILES_MAX = 16, MASTER_FILE_NAME_MAX = 63 };

struct master_file {
    char name[MASTER_FILE_NAME_MAX + 1]; /* Empty: this place is free. */
    uint8_t *bytes;                      /* Owned. */
    size_t len, cap;
};

/* Zero it to initialise. */
struct master_files {
    struct master_file list[MASTER_FILES_MAX];
    uint64_t capacity_bytes; /* Of all files together. 0: 64 MB. */
};

void master_files_release(struct master_files *files);

/* Results as struct ota_port wants them: bytes, 0, or a negative errno value. */
long master_files_read(struct master_files *files, const char *name, size_t offset, void *to,
                       size_t len_bytes);
long master_files_write(struct master_files *files, const char *name, size_t offset,
                        const void *from, size_t len_bytes);
int master_files_rename(struct master_files *files, const char *from, const char *to);
int master_files_remove(struct master_files *files, const char *name);
long master_files_size(struct master_files *files, const char *name);
uint64_t master_files_free_bytes(const struct master_files *files);

#endif
