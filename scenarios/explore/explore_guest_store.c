/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_store.c - what happens at calls of a guest on its folder. */
#include "scenarios/explore/explore_guest_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the disk as long as nothing is wrong with it; what the machine has must not show. */
#define DISK_BYTES (UINT64_C(1) << 30)

enum { SECTOR_BYTES = 1024, TRANSFER_DATA = 0x36, CONFIRMED_MIN = 2 };

static struct guest_store *disk_of(const struct explore_guest_store *self)
{
    return self->guest->disk;
}

/* Of a file in the state folder, as the machine knows it. */
static bool real_path(const struct explore_guest_store *self, const char *path, char *real,
                      size_t size)
{
    const int len = snprintf(real, size, "%s/%s", self->guest->state, path);
    return len > 0 && (size_t)len < size;
}

static bool look_at(const struct explore_guest_store *self, const char *path, struct stat *status)
{
    char real[2 * EXPLORE_GUEST_PATH_MAX];
    return real_path(self, path, real, sizeof real) && lstat(real, status) == 0;
}

static enum explore_call call_of(const struct explore_guest_store *self,
                                 const struct guest_store_op *op)
{
    struct stat status;
    const bool there = look_at(self, op->path, &status);
    switch (op->kind) {
    case GUEST_STORE_WRITE: return EXPLORE_CALL_WRITE;
    case GUEST_STORE_TRUNCATE:
    case GUEST_STORE_ALLOCATE: return EXPLORE_CALL_RESIZE;
    case GUEST_STORE_CREATE:
    case GUEST_STORE_MKDIR:
    case GUEST_STORE_LINK: return EXPLORE_CALL_CREATE;
    case GUEST_STORE_SYNC:
        return there && S_ISDIR(status.st_mode) ? EXPLORE_CALL_SYNC_FOLDER : EXPLORE_CALL_SYNC;
    case GUEST_STORE_RENAME: return there ? EXPLORE_CALL_RENAME : EXPLORE_CALL_KINDS;
    case GUEST_STORE_REMOVE: return there ? EXPLORE_CALL_REMOVE : EXPLORE_CALL_KINDS;
    case GUEST_STORE_READ: return EXPLORE_CALL_READ;
    case GUEST_STORE_OPEN:
    case GUEST_STORE_KINDS_LEN: break;
    }
    return EXPLORE_CALL_KINDS;
}

static void lose_keeping(struct explore_guest_store *self, const struct guest_store_policy *policy)
{
    explore_store_gone(self->store);
    master_seat_ask_cut(&self->guest->lives, policy);
}

static struct explore_write write_of(const struct guest_store_op *op)
{
    return (struct explore_write){op->path, (size_t)op->offset, op->data, (size_t)op->bytes};
}

static void note_write(const struct explore_guest_store *self, const struct guest_store_op *op)
{
    struct stat status;
    const bool there = look_at(self, op->path, &status);
    const struct explore_write write = write_of(op);
    self->called->creates = self->made && strcmp(self->made_path, op->path) == 0;
    self->called->grows = !there || op->offset + op->bytes > (uint64_t)status.st_size;
    self->called->len_bytes = op->bytes;
    self->called->tears = explore_store_tears(self->store, &write);
}

static void halve(struct guest_store_op *op)
{
    if (op->bytes > 1) {
        op->bytes /= 2;
    } else {
        op->error = ENOSPC;
    }
}

static void begin_badly(struct explore_guest_store *self, struct guest_store_op *op)
{
    static const struct guest_store_policy synced = {.keep = GUEST_STORE_KEEP_SYNCED};
    static const struct guest_store_policy all = {.keep = GUEST_STORE_KEEP_ALL};
    const unsigned eighths = explore_mishap_eighths(self->mishap);
    if (eighths != 0) {
        const struct explore_write write = write_of(op);
        op->middle_bytes = explore_store_tear_at(self->store, &write, eighths);
        if (op->middle_bytes == 0) {
            lose_keeping(self, &all);
        }
        return;
    }
    switch ((int)self->mishap) {
    case EXPLORE_MISHAP_ERROR: op->error = EIO; break;
    case EXPLORE_MISHAP_FULL:
        guest_store_set_free(disk_of(self), 0);
        op->error = ENOSPC;
        break;
    case EXPLORE_MISHAP_ONCE: op->error = ENOSPC; break;
    case EXPLORE_MISHAP_PART:
    case EXPLORE_MISHAP_SHORT: halve(op); break;
    case EXPLORE_MISHAP_LATE: self->sync_fails = true; break;
    case EXPLORE_MISHAP_LOST: lose_keeping(self, &synced); break;
    default: break;
    }
}

static void before(struct explore_guest_store *self, struct guest_store_op *op)
{
    self->call = call_of(self, op);
    self->mishap = EXPLORE_MISHAP_COUNT;
    self->called = NULL;
    if (self->call == EXPLORE_CALL_KINDS) {
        return;
    }
    self->called = explore_store_count(self->store, self->call);
    if (self->called != NULL) {
        self->called->pending =
            self->call == EXPLORE_CALL_RENAME || self->call == EXPLORE_CALL_REMOVE;
    }
    if (self->called != NULL && self->call == EXPLORE_CALL_WRITE) {
        note_write(self, op);
    }
    if (self->sync_fails && self->call == EXPLORE_CALL_SYNC_FOLDER) {
        self->sync_fails = false;
        op->error = EIO;
    }
    self->mishap = explore_store_mishap(self->store, self->call);
    if (self->mishap != EXPLORE_MISHAP_COUNT) {
        begin_badly(self, op);
    }
}

static void middle(struct explore_guest_store *self)
{
    static const struct guest_store_policy all = {.keep = GUEST_STORE_KEEP_ALL};
    if (explore_mishap_eighths(self->mishap) != 0) {
        lose_keeping(self, &all);
    }
}

static void end_badly(struct explore_guest_store *self)
{
    struct guest_store_policy policy = {.keep = GUEST_STORE_KEEP_SYNCED};
    switch ((int)self->mishap) {
    case EXPLORE_MISHAP_PART: guest_store_set_free(disk_of(self), 0); return;
    case EXPLORE_MISHAP_REAR:
        policy = (struct guest_store_policy){
            .keep = GUEST_STORE_TEAR_LAST, .torn_permille = 500, .torn_rear = true};
        break;
    case EXPLORE_MISHAP_NAMED: policy.keep = GUEST_STORE_KEEP_NAMES; break;
    case EXPLORE_MISHAP_KEPT: policy.keep = GUEST_STORE_KEEP_ALL; break;
    case EXPLORE_MISHAP_AFTER: break;
    default: return;
    }
    lose_keeping(self, &policy);
}

/* Names that were waiting for this sync. */
static void note_sync(struct explore_guest_store *self)
{
    struct explore_store *store = self->store;
    const bool folder = self->call == EXPLORE_CALL_SYNC_FOLDER;
    self->version++;
    if (self->called != NULL && self->names_from < store->called_len) {
        for (size_t i = self->names_from; folder && i < store->called_len; i++) {
            struct explore_called *at = &store->called[i];
            const bool goes = at->call == EXPLORE_CALL_RENAME || at->call == EXPLORE_CALL_REMOVE;
            at->followed = at->followed || goes;
            self->called->follows = self->called->follows || goes;
        }
    }
    self->names_from = store->called_len;
}

static void note_done(struct explore_guest_store *self, const struct guest_store_op *op)
{
    switch (self->call) {
    case EXPLORE_CALL_SYNC:
    case EXPLORE_CALL_SYNC_FOLDER: note_sync(self); break;
    case EXPLORE_CALL_WRITE:
        self->made = false;
        if (!guest_store_is_unsynced(disk_of(self), op->path)) {
            self->version++;
            if (self->called != NULL) {
                self->called->synced = true;
            }
        }
        break;
    case EXPLORE_CALL_CREATE:
        self->made = op->kind == GUEST_STORE_CREATE;
        (void)snprintf(self->made_path, sizeof self->made_path, "%s", op->path);
        break;
    case EXPLORE_CALL_RENAME:
    case EXPLORE_CALL_REMOVE:
    case EXPLORE_CALL_READ:
    case EXPLORE_CALL_RESIZE:
    case EXPLORE_CALL_FRAME:
    case EXPLORE_CALL_KINDS: break;
    }
}

static void look_at_room(struct explore_guest_store *self)
{
    const uint64_t times_full = guest_store_times_full(disk_of(self));
    if (times_full != self->times_full &&
        adapter_can(self->guest->cfg.adapter, CAPABILITY_STORAGE)) {
        explore_store_missed_room(self->store);
    }
    self->times_full = times_full;
}

static void after(struct explore_guest_store *self, const struct guest_store_op *op)
{
    look_at_room(self);
    if (self->call == EXPLORE_CALL_KINDS) {
        return;
    }
    self->names_from = self->names_from > self->store->called_len ? 0 : self->names_from;
    if (op->error == 0) {
        note_done(self, op);
    }
    explore_store_counted(self->store, self->called);
    end_badly(self);
}

static void on_op(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    struct explore_guest_store *self = ctx;
    switch (when) {
    case GUEST_STORE_BEFORE: before(self, op); break;
    case GUEST_STORE_MIDDLE: middle(self); break;
    case GUEST_STORE_AFTER: after(self, op); break;
    }
}

/* The program may have ended already, with its files unsynced. */
static void lose(void *ctx)
{
    struct explore_guest_store *self = ctx;
    struct explore_guest *guest = self->guest;
    const struct guest_store_policy synced = {.keep = GUEST_STORE_KEEP_SYNCED};
    if (master_seat_alive(&guest->lives)) {
        master_seat_ask_cut(&guest->lives, &synced);
    } else if (guest->err.code == 0) {
        (void)guest_store_power_loss(guest->disk, &synced, self->store->world->sim.now_ns, NULL,
                                     &guest->err);
    }
}

/* Its end is due, and no time passes. */
static void leave(void *ctx)
{
    const struct explore_guest_store *self = ctx;
    if (self->guest->lives.cut_wanted) {
        explore_world_run_to(self->store->world, self->store->world->sim.now_ns + 1);
    }
}

static uint64_t used_bytes(void *ctx)
{
    return guest_store_used_bytes(disk_of(ctx));
}

static void limit(void *ctx, uint64_t capacity_bytes)
{
    const uint64_t used = used_bytes(ctx);
    guest_store_set_free(disk_of(ctx), capacity_bytes > used ? capacity_bytes - used : 0);
}

static void heal(void *ctx)
{
    limit(ctx, DISK_BYTES);
}

static uint64_t version(void *ctx)
{
    const struct explore_guest_store *self = ctx;
    return self->version;
}

static uint64_t hash(void *ctx)
{
    const struct explore_guest_store *self = ctx;
    return explore_folder_hash(self->guest->state);
}

static long read_seen(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes)
{
    char real[2 * EXPLORE_GUEST_PATH_MAX];
    const int fd = real_path(ctx, name, real, sizeof real)
                       ? open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                       : -1;
    const ssize_t got = fd >= 0 ? pread(fd, to, len_bytes, (off_t)offset) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return (long)got;
}

/* How many blocks the target has taken so far. What was confirmed last may not be recorded yet. */
static size_t blocks_confirmed(const struct explore_world *world)
{
    const struct explore_judge *judge = &world->judge;
    size_t confirmed = 0;
    for (size_t i = 0; i < judge->log.messages_len; i++) {
        const struct bus_message *message = &judge->log.messages[i];
        confirmed += message->uds.kind == UDS_KIND_POSITIVE &&
                     message->uds.service == TRANSFER_DATA && message->end_ns != SIM_NEVER &&
                     !message->lost && judge->ecus[message->connection] == world->target;
    }
    return confirmed;
}

typedef void sector_fn(struct explore_guest_store *self, struct explore_guest_sector *sector,
                       const struct s12x_flash *flash, uint32_t address);

/* Of the application. How many there are. */
static size_t each_sector(struct explore_guest_store *self, sector_fn *fn)
{
    const struct explore_world *world = self->store->world;
    const struct s12x_flash *flash = s12x_ecu_flash(world->target);
    const struct boot_cfg *boot = &s12x_ecu_cfg(world->target)->boot;
    size_t n = 0;
    for (size_t i = 0; i < boot->regions_len; i++) {
        for (uint32_t at = boot->regions[i].start; at < boot->regions[i].end; at += SECTOR_BYTES) {
            if (fn != NULL) {
                fn(self, &self->sectors[n], flash, at);
            }
            n++;
        }
    }
    return n;
}

static void note_start(struct explore_guest_store *self, struct explore_guest_sector *sector,
                       const struct s12x_flash *flash, uint32_t address)
{
    (void)self;
    sector->erases = s12x_flash_erase_count(flash, address);
}

static void note_progress(struct explore_guest_store *self, struct explore_guest_sector *sector,
                          const struct s12x_flash *flash, uint32_t address)
{
    struct s12x_sector_state state;
    (void)self;
    s12x_flash_look_at_sector(flash, address, &state);
    sector->is_done = state.written != 0 && s12x_flash_erase_count(flash, address) > sector->erases;
}

static void add_erases(struct explore_guest_store *self, struct explore_guest_sector *sector,
                       const struct s12x_flash *flash, uint32_t address)
{
    self->erases += sector->is_done ? s12x_flash_erase_count(flash, address) : 0;
}

static bool has_progress(void *ctx)
{
    struct explore_guest_store *self = ctx;
    const struct adapter *adapter = self->guest->cfg.adapter;
    if (!adapter_can(adapter, CAPABILITY_RESUME) || !adapter_can(adapter, CAPABILITY_PERSISTENCE) ||
        blocks_confirmed(self->store->world) < CONFIRMED_MIN) {
        return false;
    }
    (void)each_sector(self, note_progress);
    return true;
}

static uint64_t erases(void *ctx)
{
    struct explore_guest_store *self = ctx;
    self->erases = 0;
    (void)each_sector(self, add_erases);
    return self->erases;
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

void explore_guest_store_fit(struct explore_guest_store *self, struct explore_guest_cfg *cfg)
{
    cfg->on_disk = on_op;
    cfg->disk_ctx = self;
    cfg->exact_disk = true;
}

void explore_guest_store_init(struct explore_guest_store *self, struct explore_store *store,
                              struct explore_guest *guest, struct explore_world *world,
                              sim_ns_t off_ns)
{
    *self = (struct explore_guest_store){
        .store = store, .guest = guest, .call = EXPLORE_CALL_KINDS, .mishap = EXPLORE_MISHAP_COUNT};
    explore_store_init(store, world, &ops, self, off_ns);
    self->sectors = calloc(each_sector(self, NULL) + 1, sizeof *self->sectors);
    CHECK(self->sectors != NULL);
    (void)each_sector(self, note_start);
}

void explore_guest_store_begin(struct explore_guest_store *self)
{
    limit(self, DISK_BYTES);
}

void explore_guest_store_release(struct explore_guest_store *self)
{
    free(self->sectors);
    *self = (struct explore_guest_store){.store = NULL};
}
