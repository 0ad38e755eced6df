/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_files.c - files in memory. */
#include "scenarios/engine/master_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_DEFAULT (UINT64_C(64) * 1024u * 1024u)

static struct master_file *find(struct master_files *files, const char *name)
{
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        if (strcmp(files->list[i].name, name) == 0) {
            return &files->list[i];
        }
    }
    return NULL;
}

static struct master_file *create(struct master_files *files, const char *name)
{
    struct master_file *file = find(files, "");
    if (file != NULL) {
        memcpy(file->name, name, strlen(name) + 1);
    }
    return file;
}

static void clear(struct master_file *file)
{
    free(file->bytes);
    *file = (struct master_file){.len = 0};
}

void master_files_release(struct master_files *files)
{
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        clear(&files->list[i]);
    }
}

uint64_t master_files_free_bytes(const struct master_files *files)
{
    uint64_t capacity = files->capacity_bytes != 0 ? files->capacity_bytes : CAPACITY_DEFAULT;
    uint64_t used = 0;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        used += files->list[i].len;
    }
    return used < capacity ? capacity - used : 0;
}

long master_files_read(struct master_files *files, const char *name, size_t offset, void *to,
                       size_t len_bytes)
{
    const struct master_file *file = find(files, name);
    if (name[0] == '\0' || file == NULL) {
        return -ENOENT;
    }
    if (offset >= file->len) {
        return 0;
    }
    size_t len = len_bytes < file->len - offset ? len_bytes : file->len - offset;
    memcpy(to, file->bytes + offset, len);
    return (long)len;
}

static int grow(struct master_files *files, struct master_file *file, size_t len)
{
    if (len <= file->len) {
        return 0;
    }
    if (len - file->len > master_files_free_bytes(files)) {
        return -ENOSPC;
    }
    if (len > file->cap) {
        size_t cap = len < 2 * file->cap ? 2 * file->cap : len;
        uint8_t *bytes = realloc(file->bytes, cap);
        if (bytes == NULL) {
            return -ENOMEM;
        }
        file->bytes = bytes;
        file->cap = cap;
    }
    memset(file->bytes + file->len, 0, len - file->len);
    file->len = len;
    return 0;
}

long master_files_write(struct master_files *files, const char *name, size_t offset,
                        const void *from, size_t len_bytes)
{
    size_t name_len = strlen(name);
    if (name_len == 0 || name_len > MASTER_FILE_NAME_MAX) {
        return -EINVAL;
    }
    struct master_file *file = find(files, name);
    if (file == NULL) {
        file = create(files, name);
    }
    if (file == NULL) {
        return -ENOSPC;
    }
    int rc = grow(files, file, offset + len_bytes);
    if (rc != 0) {
        return rc;
    }
    if (len_bytes > 0) {
        memcpy(file->bytes + offset, from, len_bytes);
    }
    return (long)len_bytes;
}

int master_files_rename(struct master_files *files, const char *from, const char *to)
{
    struct master_file *file = find(files, from);
    size_t to_len = strlen(to);
    if (from[0] == '\0' || file == NULL) {
        return -ENOENT;
    }
    if (to_len == 0 || to_len > MASTER_FILE_NAME_MAX) {
        return -EINVAL;
    }
    if (strcmp(from, to) == 0) {
        return 0;
    }
    struct master_file *old = find(files, to);
    if (old != NULL) {
        clear(old);
    }
    memcpy(file->name, to, to_len + 1);
    return 0;
}

int master_files_remove(struct master_files *files, const char *name)
{
    struct master_file *file = find(files, name);
    if (name[0] == '\0' || file == NULL) {
        return -ENOENT;
    }
    clear(file);
    return 0;
}

long master_files_size(struct master_files *files, const char *name)
{
    const struct master_file *file = find(files, name);
    return name[0] == '\0' || file == NULL ? -ENOENT : (long)file->len;
}
