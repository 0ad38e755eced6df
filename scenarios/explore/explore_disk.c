/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_disk.c - durable contents beside the master's files. */
#include "scenarios/explore/explore_disk.h"

#include "sim/base.h"

#include <stdlib.h>
#include <string.h>

/* Null: there is no such file. */
static struct explore_disk_file *beside(struct explore_disk *disk, const char *name,
                                        const struct master_file **file)
{
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        *file = &disk->files->list[i];
        if (name[0] != '\0' && strcmp((*file)->name, name) == 0) {
            return &disk->list[i];
        }
    }
    return NULL;
}

static void clear(struct explore_disk_file *file)
{
    free(file->bytes);
    *file = (struct explore_disk_file){.len = 0};
}

static bool differs(const struct explore_disk_file *durable, const struct master_file *seen)
{
    return durable->dirty_to > durable->dirty_from || durable->len != seen->len;
}

static void make_durable(struct explore_disk_file *durable, const struct master_file *seen)
{
    if (seen->len > durable->cap) {
        const size_t cap = seen->len < 2 * durable->cap ? 2 * durable->cap : seen->len;
        uint8_t *bytes = realloc(durable->bytes, cap);
        CHECK(bytes != NULL);
        durable->bytes = bytes;
        durable->cap = cap;
    }
    const size_t from = durable->dirty_from < durable->len ? durable->dirty_from : durable->len;
    const size_t to = seen->len > durable->len ? seen->len : durable->dirty_to;
    if (to > from) {
        memcpy(&durable->bytes[from], &seen->bytes[from], to - from);
    }
    durable->len = seen->len;
    durable->dirty_from = SIZE_MAX;
    durable->dirty_to = 0;
}

void explore_disk_settle(struct explore_disk *disk, struct master_files *files)
{
    explore_disk_release(disk);
    disk->files = files;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        const struct master_file *seen = &files->list[i];
        disk->list[i].dirty_from = 0;
        disk->list[i].dirty_to = seen->len;
        make_durable(&disk->list[i], seen);
        disk->list[i].named = seen->name[0] != '\0';
    }
}

void explore_disk_release(struct explore_disk *disk)
{
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        clear(&disk->list[i]);
    }
    *disk = (struct explore_disk){.files = NULL};
}

void explore_disk_wrote(struct explore_disk *disk, const char *name, size_t offset, size_t len)
{
    const struct master_file *seen = NULL;
    struct explore_disk_file *durable = beside(disk, name, &seen);
    CHECK(durable != NULL);
    if (durable->dirty_to == 0) {
        durable->dirty_from = offset;
    }
    durable->dirty_from = offset < durable->dirty_from ? offset : durable->dirty_from;
    durable->dirty_to = offset + len > durable->dirty_to ? offset + len : durable->dirty_to;
}

void explore_disk_synced_names(struct explore_disk *disk)
{
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        disk->list[i].named = disk->files->list[i].name[0] != '\0';
    }
    disk->version++;
}

void explore_disk_synced(struct explore_disk *disk, const char *name)
{
    const struct master_file *seen = NULL;
    struct explore_disk_file *durable = beside(disk, name, &seen);
    if (durable != NULL) {
        make_durable(durable, seen);
    }
    explore_disk_synced_names(disk);
}

void explore_disk_forget(struct explore_disk *disk, const char *name)
{
    const struct master_file *seen = NULL;
    struct explore_disk_file *durable = beside(disk, name, &seen);
    if (durable != NULL) {
        clear(durable);
    }
}

bool explore_disk_unsynced(const struct explore_disk *disk)
{
    bool any = false;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        const struct master_file *seen = &disk->files->list[i];
        any = any ||
              (seen->name[0] != '\0' && (!disk->list[i].named || differs(&disk->list[i], seen)));
    }
    return any;
}

static void go_back(struct explore_disk_file *durable, struct master_file *seen)
{
    if (durable->len > seen->cap) {
        uint8_t *bytes = realloc(seen->bytes, durable->len);
        CHECK(bytes != NULL);
        seen->bytes = bytes;
        seen->cap = durable->len;
    }
    if (durable->len > 0) {
        memcpy(seen->bytes, durable->bytes, durable->len);
    }
    seen->len = durable->len;
}

void explore_disk_power_loss(struct explore_disk *disk, enum explore_keep keep)
{
    for (size_t i = 0; keep != EXPLORE_KEEP_ALL && i < MASTER_FILES_MAX; i++) {
        struct master_file *seen = &disk->files->list[i];
        if (seen->name[0] == '\0') {
            continue;
        }
        if (!disk->list[i].named && keep == EXPLORE_KEEP_SYNCED) {
            CHECK(master_files_remove(disk->files, seen->name) == 0);
        } else if (differs(&disk->list[i], seen)) {
            go_back(&disk->list[i], seen);
        }
    }
    explore_disk_settle(disk, disk->files);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    uint64_t word = 0;
    for (; len >= sizeof word; from += sizeof word, len -= sizeof word) {
        memcpy(&word, from, sizeof word);
        hash = mix(hash, word);
    }
    for (; len > 0; from++, len--) {
        hash = mix(hash, *from);
    }
    return hash;
}

uint64_t explore_disk_file_hash(const char *name, const void *bytes, size_t len)
{
    return mix_bytes(mix_bytes(len, name, strlen(name)), bytes, len);
}

uint64_t explore_disk_hash(const struct explore_disk *disk)
{
    uint64_t sum = 1;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        const struct master_file *seen = &disk->files->list[i];
        if (seen->name[0] != '\0') {
            sum += explore_disk_file_hash(seen->name, seen->bytes, seen->len);
        }
    }
    return sum;
}
