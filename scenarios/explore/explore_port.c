/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_port.c - what happens at calls of the reference master on its folder.
 */
#include "scenarios/explore/explore_port.h"

#include <errno.h>
#include <string.h>

static void lose_keeping(struct explore_port *port, enum explore_keep keep)
{
    explore_store_gone(port->store);
    explore_disk_power_loss(&port->disk, keep);
    sim_stop(&port->store->world->sim);
}

static uint64_t used_bytes(void *ctx)
{
    const struct explore_port *port = ctx;
    uint64_t used = 0;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        used += port->disk.files->list[i].len;
    }
    return used;
}

static void fill(struct explore_port *port)
{
    const uint64_t used = used_bytes(port);
    port->disk.files->capacity_bytes = used > 0 ? used : 1;
}

static long put(struct explore_port *port, const char *name, size_t offset, const uint8_t *from,
                size_t len)
{
    const long done = port->inner.file_write(port->inner.ctx, name, offset, from, len);
    if (done >= 0) {
        explore_disk_wrote(&port->disk, name, offset, (size_t)done);
    } else if (done == -ENOSPC) {
        explore_store_missed_room(port->store);
    }
    return done;
}

/* A loss of power in or after a write. */
static long lose_in_write(struct explore_port *port, enum explore_mishap mishap, const char *name,
                          size_t offset, const uint8_t *from, size_t len)
{
    const unsigned eighths = explore_mishap_eighths(mishap);
    size_t first = 0;
    size_t end = len;
    if (eighths != 0) {
        const struct explore_write write = {name, offset, from, len};
        end = explore_store_tear_at(port->store, &write, eighths);
    } else if (mishap == EXPLORE_MISHAP_REAR) {
        first = len / 2;
    }
    if (mishap != EXPLORE_MISHAP_LOST && end > first) {
        (void)put(port, name, offset + first, from + first, end - first);
    }
    lose_keeping(port, mishap == EXPLORE_MISHAP_LOST || mishap == EXPLORE_MISHAP_AFTER
                           ? EXPLORE_KEEP_SYNCED
                       : mishap == EXPLORE_MISHAP_NAMED ? EXPLORE_KEEP_NAMES
                                                        : EXPLORE_KEEP_ALL);
    return -EIO;
}

static long half_put(struct explore_port *port, const char *name, size_t offset,
                     const uint8_t *from, size_t len)
{
    return len > 1 ? put(port, name, offset, from, len / 2) : -ENOSPC;
}

static long write_badly(struct explore_port *port, enum explore_mishap mishap, const char *name,
                        size_t offset, const uint8_t *from, size_t len)
{
    long done = -EIO;
    switch ((int)mishap) {
    case EXPLORE_MISHAP_ERROR: return done;
    case EXPLORE_MISHAP_ONCE: return -ENOSPC;
    case EXPLORE_MISHAP_FULL: fill(port); return -ENOSPC;
    case EXPLORE_MISHAP_SHORT: return half_put(port, name, offset, from, len);
    case EXPLORE_MISHAP_PART:
        done = half_put(port, name, offset, from, len);
        fill(port);
        return done;
    default: return lose_in_write(port, mishap, name, offset, from, len);
    }
}

static long store_write(void *ctx, const char *name, size_t offset, const void *from,
                        size_t len_bytes)
{
    struct explore_port *port = ctx;
    if (port->store->lost) {
        return -EIO;
    }
    struct explore_called *called = explore_store_count(port->store, EXPLORE_CALL_WRITE);
    if (called != NULL) {
        const long size = port->inner.file_size(port->inner.ctx, name);
        called->creates = size < 0;
        called->grows = size < 0 || offset + len_bytes > (size_t)size;
        called->len_bytes = len_bytes;
        const struct explore_write write = {name, offset, from, len_bytes};
        called->tears = explore_store_tears(port->store, &write);
    }
    const enum explore_mishap mishap = explore_store_mishap(port->store, EXPLORE_CALL_WRITE);
    const long done = mishap != EXPLORE_MISHAP_COUNT
                          ? write_badly(port, mishap, name, offset, from, len_bytes)
                          : put(port, name, offset, from, len_bytes);
    explore_store_counted(port->store, called);
    return done;
}

/* A call that is done whole or not at all. */
static int change(struct explore_port *port, enum explore_call call, const char *name,
                  const char *to)
{
    int rc = 0;
    switch ((int)call) {
    case EXPLORE_CALL_SYNC: explore_disk_synced(&port->disk, name); return 0;
    case EXPLORE_CALL_RENAME:
        if (strcmp(name, to) != 0) {
            explore_disk_forget(&port->disk, to);
        }
        rc = port->inner.file_rename(port->inner.ctx, name, to);
        break;
    default:
        explore_disk_forget(&port->disk, name);
        rc = port->inner.file_remove(port->inner.ctx, name);
        break;
    }
    explore_disk_synced_names(&port->disk);
    return rc;
}

static int change_or_fail(struct explore_port *port, enum explore_call call, const char *name,
                          const char *to)
{
    int rc = -EIO;
    const enum explore_mishap mishap = explore_store_mishap(port->store, call);
    switch ((int)mishap) {
    case EXPLORE_MISHAP_COUNT: return change(port, call, name, to);
    case EXPLORE_MISHAP_ERROR: return rc;
    case EXPLORE_MISHAP_LATE: (void)change(port, call, name, to); return rc;
    case EXPLORE_MISHAP_LOST: lose_keeping(port, EXPLORE_KEEP_SYNCED); return rc;
    default:
        (void)change(port, call, name, to);
        lose_keeping(port, mishap == EXPLORE_MISHAP_KEPT ? EXPLORE_KEEP_ALL : EXPLORE_KEEP_SYNCED);
        return rc;
    }
}

static bool is_there(struct explore_port *port, const char *name)
{
    return port->inner.file_size(port->inner.ctx, name) >= 0;
}

/* A file that is not there: nothing is changed, nothing is counted. */
static int store_change(struct explore_port *port, enum explore_call call, const char *name,
                        const char *to)
{
    if (port->store->lost) {
        return -EIO;
    }
    if (!is_there(port, name)) {
        return -ENOENT;
    }
    struct explore_called *called = explore_store_count(port->store, call);
    if (called != NULL) {
        called->followed = true; /* By the port itself. */
    }
    const int rc = change_or_fail(port, call, name, to);
    explore_store_counted(port->store, called);
    return rc;
}

static int store_sync(void *ctx, const char *name)
{
    return store_change(ctx, EXPLORE_CALL_SYNC, name, NULL);
}

static int store_rename(void *ctx, const char *from, const char *to)
{
    return store_change(ctx, EXPLORE_CALL_RENAME, from, to);
}

static int store_remove(void *ctx, const char *name)
{
    return store_change(ctx, EXPLORE_CALL_REMOVE, name, NULL);
}

static long store_read(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes)
{
    struct explore_port *port = ctx;
    if (port->store->lost) {
        return -EIO;
    }
    if (is_there(port, name)) {
        struct explore_called *called = explore_store_count(port->store, EXPLORE_CALL_READ);
        const enum explore_mishap mishap = explore_store_mishap(port->store, EXPLORE_CALL_READ);
        explore_store_counted(port->store, called);
        if (mishap == EXPLORE_MISHAP_ERROR) {
            return -EIO;
        }
    }
    return port->inner.file_read(port->inner.ctx, name, offset, to, len_bytes);
}

static long store_size(void *ctx, const char *name)
{
    struct explore_port *port = ctx;
    return port->store->lost ? -EIO : port->inner.file_size(port->inner.ctx, name);
}

static uint64_t store_free_bytes(void *ctx)
{
    struct explore_port *port = ctx;
    return port->store->lost ? 0 : port->inner.free_bytes(port->inner.ctx);
}

static bool store_can_send(void *ctx, const struct ota_frame *frame)
{
    struct explore_port *port = ctx;
    return !port->store->lost && port->inner.can_send(port->inner.ctx, frame);
}

static void store_log(void *ctx, const char *text)
{
    struct explore_port *port = ctx;
    if (!port->store->lost) {
        port->inner.log(port->inner.ctx, text);
    }
}

static void come_between(void *ctx, struct ota_port *port)
{
    struct explore_port *self = ctx;
    self->inner = *port;
    *port = (struct ota_port){
        .ctx = self,
        .can_send = store_can_send,
        .file_read = store_read,
        .file_write = store_write,
        .file_sync = store_sync,
        .file_rename = store_rename,
        .file_remove = store_remove,
        .file_size = store_size,
        .free_bytes = store_free_bytes,
        .log = port->log != NULL ? store_log : NULL,
    };
}

static void lose(void *ctx)
{
    lose_keeping(ctx, EXPLORE_KEEP_SYNCED);
}

static void leave(void *ctx)
{
    const struct explore_port *port = ctx;
    explore_world_leave(port->store->world);
    port->store->world->master.done = false;
}

static void limit(void *ctx, uint64_t capacity_bytes)
{
    const struct explore_port *port = ctx;
    port->disk.files->capacity_bytes = capacity_bytes;
}

/* Lives that begin from now on have the folder for themselves. */
static void heal(void *ctx)
{
    limit(ctx, 0);
    ((const struct explore_port *)ctx)->store->world->on_port = NULL;
}

static uint64_t version(void *ctx)
{
    const struct explore_port *port = ctx;
    return port->disk.version;
}

static uint64_t hash(void *ctx)
{
    const struct explore_port *port = ctx;
    return explore_disk_hash(&port->disk);
}

static long read_seen(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes)
{
    const struct explore_port *port = ctx;
    return master_files_read(port->disk.files, name, offset, to, len_bytes);
}

static bool has_progress(void *ctx)
{
    const struct explore_port *port = ctx;
    struct ota_progress progress;
    ota_master_progress(port->store->world->master.master, &progress);
    return progress.bytes_done > 0;
}

static uint64_t erases(void *ctx)
{
    const struct explore_port *port = ctx;
    return s12x_flash_command_count(s12x_ecu_flash(port->store->world->target),
                                    S12X_CMD_ERASE_P_SECTOR);
}

static const struct explore_store_ops ops = {.lose = lose,
                                             .leave = leave,
                                             .limit = limit,
                                             .heal = heal,
                                             .used_bytes = used_bytes,
                                             .version = version,
                                             .hash = hash,
                                             .read = read_seen,
                                             .has_progress = has_progress,
                                             .erases = erases};

void explore_port_init(struct explore_port *port, struct explore_store *store,
                       struct explore_world *world, sim_ns_t off_ns)
{
    CHECK(!world->master.started);
    *port = (struct explore_port){.store = store};
    explore_store_init(store, world, &ops, port, off_ns);
    explore_disk_settle(&port->disk, &world->files);
    come_between(port, &world->master.port);
    world->on_port = come_between;
    world->port_ctx = port;
}

void explore_port_release(struct explore_port *port)
{
    if (port->store != NULL) {
        explore_store_heal(port->store);
        explore_disk_release(&port->disk);
    }
    *port = (struct explore_port){.store = NULL};
}
