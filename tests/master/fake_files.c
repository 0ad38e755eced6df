/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_files.c - files in memory, and a write that a power cut tears. */
#include "tests/master/fake_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fake_file *fake_file(struct fake_world *world, const char *name)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        if (world->files[i].used && strcmp(world->files[i].name, name) == 0) {
            return &world->files[i];
        }
    }
    return NULL;
}

size_t fake_files_count(const struct fake_world *world)
{
    size_t count = 0;
    for (size_t i = 0; i < FAKE_FILES; i++) {
        count += world->files[i].used;
    }
    return count;
}

size_t fake_files_bytes(const struct fake_world *world)
{
    size_t bytes = 0;
    for (size_t i = 0; i < FAKE_FILES; i++) {
        bytes += world->files[i].used ? world->files[i].len : 0;
    }
    return bytes;
}

static struct fake_file *create(struct fake_world *world, const char *name)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        struct fake_file *file = &world->files[i];
        if (file->used) {
            continue;
        }
        *file = (struct fake_file){.used = true};
        strncpy(file->name, name, sizeof file->name - 1);
        return file;
    }
    return NULL;
}

static long read_at(void *ctx, const char *name, size_t offset, void *to, size_t len)
{
    struct fake_world *world = ctx;
    const struct fake_file *file = fake_file(world, name);
    if (!file) {
        return -ENOENT;
    }
    if (world->unreadable && strcmp(world->unreadable, name) == 0) {
        if (world->unreadable_times && --world->unreadable_times == 0) {
            world->unreadable = NULL;
        }
        return -EIO;
    }
    if (offset >= file->len) {
        return 0;
    }
    size_t got = len < file->len - offset ? len : file->len - offset;
    memcpy(to, file->bytes + offset, got);
    return (long)got;
}

static long write_at(void *ctx, const char *name, size_t offset, const void *from, size_t len)
{
    struct fake_world *world = ctx;
    if (world->cut) {
        return -EIO;
    }
    bool fails = world->writes_until_error && world->writes + 1 >= world->writes_until_error;
    if (++world->writes == world->writes_until_cut) {
        world->cut = true;
        len = len < world->write_cut_at ? len : world->write_cut_at;
    }
    if (fails) {
        len /= 2; /* What found room stays there. */
    }
    struct fake_file *file = fake_file(world, name);
    if (!file) {
        file = create(world, name);
    }
    if (!file) {
        return -ENOSPC;
    }
    if (offset + len > file->len) {
        file->bytes = realloc(file->bytes, offset + len + 1);
        memset(file->bytes + file->len, 0, offset + len - file->len);
        file->len = offset + len;
    }
    if (len) {
        memcpy(file->bytes + offset, from, len);
    }
    if (fails) {
        return -world->write_errno;
    }
    return world->cut ? -EIO : (long)len;
}

static int sync_file(void *ctx, const char *name)
{
    struct fake_world *world = ctx;
    return world->cut || !fake_file(world, name) ? -EIO : 0;
}

static int remove_file(void *ctx, const char *name)
{
    struct fake_world *world = ctx;
    struct fake_file *file = world->cut ? NULL : fake_file(world, name);
    if (!file) {
        return -ENOENT;
    }
    free(file->bytes);
    memset(file, 0, sizeof *file);
    return 0;
}

static int rename_file(void *ctx, const char *from, const char *to)
{
    struct fake_world *world = ctx;
    struct fake_file *file = world->cut ? NULL : fake_file(world, from);
    if (!file) {
        return -ENOENT;
    }
    remove_file(ctx, to);
    strncpy(file->name, to, sizeof file->name - 1);
    return 0;
}

static long size_of(void *ctx, const char *name)
{
    const struct fake_file *file = fake_file(ctx, name);
    return file ? (long)file->len : -ENOENT;
}

static uint64_t free_space(void *ctx)
{
    const struct fake_world *world = ctx;
    return world->free_bytes;
}

void fake_files_init(struct fake_world *world)
{
    world->port.ctx = world;
    world->port.file_read = read_at;
    world->port.file_write = write_at;
    world->port.file_sync = sync_file;
    world->port.file_rename = rename_file;
    world->port.file_remove = remove_file;
    world->port.file_size = size_of;
    world->port.free_bytes = free_space;
    world->free_bytes = 100u * 1024u * 1024u;
}

void fake_files_free(struct fake_world *world)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        free(world->files[i].bytes);
    }
}
