/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_store.c - counts the master's calls, and lets one of them fail. */
#include "scenarios/explore/explore_store.h"

#include <errno.h>
#include <string.h>

enum { SECTOR_BYTES = 512 };

static const struct {
    char letter;
    const char *text;
} calls[EXPLORE_CALL_KINDS] = {
#define EXPLORE_ROW(id, letter, text) [id] = {letter, text},
    EXPLORE_CALLS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

static const struct {
    const char *name, *meaning;
} mishaps[EXPLORE_MISHAP_COUNT] = {
#define EXPLORE_ROW(id, name, meaning) [id] = {name, meaning},
    EXPLORE_MISHAPS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

char explore_call_letter(enum explore_call call)
{
    CHECK(call < EXPLORE_CALL_KINDS);
    return calls[call].letter;
}

const char *explore_call_text(enum explore_call call)
{
    CHECK(call < EXPLORE_CALL_KINDS);
    return calls[call].text;
}

const char *explore_mishap_name(enum explore_mishap mishap)
{
    CHECK(mishap < EXPLORE_MISHAP_COUNT);
    return mishaps[mishap].name;
}

const char *explore_mishap_meaning(enum explore_mishap mishap)
{
    CHECK(mishap < EXPLORE_MISHAP_COUNT);
    return mishaps[mishap].meaning;
}

static uint64_t erases(const struct explore_store *store)
{
    return s12x_flash_command_count(s12x_ecu_flash(store->world->target), S12X_CMD_ERASE_P_SECTOR);
}

/* Bytes that a write changes, up to the torn-th eighth of them: where it is torn. */
static size_t tear_at(struct explore_store *store, const char *name, size_t offset,
                      const uint8_t *from, size_t len, unsigned eighths)
{
    uint8_t seen[SECTOR_BYTES];
    size_t changed[2] = {0, 0};
    size_t wanted = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t at = 0; at < len; at++) {
            if (at % SECTOR_BYTES == 0) {
                const long got =
                    master_files_read(store->disk.files, name, offset + at, seen, sizeof seen);
                const size_t have = got > 0 ? (size_t)got : 0;
                for (size_t i = have; i < sizeof seen && at + i < len; i++) {
                    seen[i] = (uint8_t)~from[at + i];
                }
            }
            changed[pass] += seen[at % SECTOR_BYTES] != from[at];
            if (pass == 1 && changed[1] == wanted && wanted > 0) {
                return at + 1;
            }
        }
        wanted = changed[0] * eighths / (EXPLORE_TEARS + 1);
        if (wanted == 0) {
            return 0;
        }
    }
    return 0;
}

static uint8_t tears_of(struct explore_store *store, const char *name, size_t offset,
                        const void *from, size_t len)
{
    unsigned set = 0;
    size_t last = 0;
    for (unsigned i = 0; i < EXPLORE_TEARS; i++) {
        const size_t at = tear_at(store, name, offset, from, len, i + 1);
        set |= at != last ? 1u << i : 0u;
        last = at;
    }
    return (uint8_t)set;
}

static uint64_t used_bytes(const struct explore_store *store)
{
    uint64_t used = 0;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        used += store->disk.files->list[i].len;
    }
    return used;
}

static void count_anew(struct explore_store *store)
{
    memset(store->numbers, 0, sizeof store->numbers);
    store->called_len = 0;
    store->called_full = false;
}

static struct explore_called *note(struct explore_store *store, enum explore_call call)
{
    const uint32_t number = ++store->numbers[call];
    if (store->called == NULL) {
        return NULL;
    }
    if (store->called_len == store->called_cap) {
        store->called_full = true;
        return NULL;
    }
    struct explore_called *called = &store->called[store->called_len++];
    *called = (struct explore_called){
        .call = (uint8_t)call,
        .number = number,
        .at_ns = store->world->sim.now_ns,
        .events_run = store->world->sim.events_run,
        .before_version = store->disk.version,
    };
    return called;
}

static void note_after(const struct explore_store *store, struct explore_called *called)
{
    if (called != NULL) {
        called->after_version = store->disk.version;
        called->unsynced = explore_disk_unsynced(&store->disk);
        called->used_bytes = used_bytes(store);
    }
}

/* The mishap of the call that has just been counted; EXPLORE_MISHAP_COUNT: none. */
static enum explore_mishap mishap_of(struct explore_store *store, enum explore_call call)
{
    const struct explore_mishap_at first = store->due[0];
    if (store->due_len == 0 || first.call != call || first.number != store->numbers[call]) {
        return EXPLORE_MISHAP_COUNT;
    }
    store->due_len--;
    memmove(store->due, &store->due[1], store->due_len * sizeof store->due[0]);
    count_anew(store);
    store->erred = store->erred || !explore_mishap_is_loss((enum explore_mishap)first.mishap);
    struct sim *sim = &store->world->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, store->world->master.source, first.number,
               "state folder: %c%u.%s", calls[call].letter, first.number,
               mishaps[first.mishap].name);
    return (enum explore_mishap)first.mishap;
}

/* What has been confirmed by then has been recorded before. */
static void note_loss(struct explore_store *store)
{
    struct ota_progress progress;
    ota_master_progress(store->world->master.master, &progress);
    if (!store->erred && progress.bytes_done > 0 && store->erases_at_loss == UINT64_MAX) {
        store->erases_at_loss = erases(store);
    }
}

static void lose(struct explore_store *store, enum explore_keep keep)
{
    note_loss(store);
    store->lost = true;
    explore_disk_power_loss(&store->disk, keep);
    sim_stop(&store->world->sim);
}

static void fill(struct explore_store *store)
{
    const uint64_t used = used_bytes(store);
    store->disk.files->capacity_bytes = used > 0 ? used : 1;
}

static long put(struct explore_store *store, const char *name, size_t offset, const uint8_t *from,
                size_t len)
{
    const long done = store->inner.file_write(store->inner.ctx, name, offset, from, len);
    if (done >= 0) {
        explore_disk_wrote(&store->disk, name, offset, (size_t)done);
    } else if (done == -ENOSPC && !store->erred && erases(store) > store->erases_at_start) {
        store->no_room = true;
    }
    return done;
}

/* A loss of power in or after a write. */
static long lose_in_write(struct explore_store *store, enum explore_mishap mishap, const char *name,
                          size_t offset, const uint8_t *from, size_t len)
{
    size_t first = 0;
    size_t end = len;
    if (mishap >= EXPLORE_MISHAP_TORN && mishap < EXPLORE_MISHAP_TORN + EXPLORE_TEARS) {
        end = tear_at(store, name, offset, from, len, (unsigned)(mishap - EXPLORE_MISHAP_TORN) + 1);
    } else if (mishap == EXPLORE_MISHAP_REAR) {
        first = len / 2;
    }
    if (mishap != EXPLORE_MISHAP_LOST && end > first) {
        (void)put(store, name, offset + first, from + first, end - first);
    }
    lose(store, mishap == EXPLORE_MISHAP_LOST || mishap == EXPLORE_MISHAP_AFTER
                    ? EXPLORE_KEEP_SYNCED
                : mishap == EXPLORE_MISHAP_NAMED ? EXPLORE_KEEP_NAMES
                                                 : EXPLORE_KEEP_ALL);
    return -EIO;
}

static long half_put(struct explore_store *store, const char *name, size_t offset,
                     const uint8_t *from, size_t len)
{
    return len > 1 ? put(store, name, offset, from, len / 2) : -ENOSPC;
}

static long write_badly(struct explore_store *store, enum explore_mishap mishap, const char *name,
                        size_t offset, const uint8_t *from, size_t len)
{
    long done = -EIO;
    switch ((int)mishap) {
    case EXPLORE_MISHAP_ERROR: return done;
    case EXPLORE_MISHAP_ONCE: return -ENOSPC;
    case EXPLORE_MISHAP_FULL: fill(store); return -ENOSPC;
    case EXPLORE_MISHAP_SHORT: return half_put(store, name, offset, from, len);
    case EXPLORE_MISHAP_PART:
        done = half_put(store, name, offset, from, len);
        fill(store);
        return done;
    default: return lose_in_write(store, mishap, name, offset, from, len);
    }
}

static long store_write(void *ctx, const char *name, size_t offset, const void *from,
                        size_t len_bytes)
{
    struct explore_store *store = ctx;
    if (store->lost) {
        return -EIO;
    }
    struct explore_called *called = note(store, EXPLORE_CALL_WRITE);
    if (called != NULL) {
        const long size = store->inner.file_size(store->inner.ctx, name);
        called->creates = size < 0;
        called->grows = size < 0 || offset + len_bytes > (size_t)size;
        called->len_bytes = len_bytes;
        called->tears = tears_of(store, name, offset, from, len_bytes);
    }
    const enum explore_mishap mishap = mishap_of(store, EXPLORE_CALL_WRITE);
    const long done = mishap != EXPLORE_MISHAP_COUNT
                          ? write_badly(store, mishap, name, offset, from, len_bytes)
                          : put(store, name, offset, from, len_bytes);
    note_after(store, called);
    return done;
}

/* A call that is done whole or not at all. */
static int change(struct explore_store *store, enum explore_call call, const char *name,
                  const char *to)
{
    int rc = 0;
    switch ((int)call) {
    case EXPLORE_CALL_SYNC: explore_disk_synced(&store->disk, name); return 0;
    case EXPLORE_CALL_RENAME:
        if (strcmp(name, to) != 0) {
            explore_disk_forget(&store->disk, to);
        }
        rc = store->inner.file_rename(store->inner.ctx, name, to);
        break;
    default:
        explore_disk_forget(&store->disk, name);
        rc = store->inner.file_remove(store->inner.ctx, name);
        break;
    }
    explore_disk_synced_names(&store->disk);
    return rc;
}

static int change_or_fail(struct explore_store *store, enum explore_call call, const char *name,
                          const char *to)
{
    int rc = -EIO;
    const enum explore_mishap mishap = mishap_of(store, call);
    switch ((int)mishap) {
    case EXPLORE_MISHAP_COUNT: return change(store, call, name, to);
    case EXPLORE_MISHAP_ERROR: return rc;
    case EXPLORE_MISHAP_LATE: (void)change(store, call, name, to); return rc;
    case EXPLORE_MISHAP_LOST: lose(store, EXPLORE_KEEP_SYNCED); return rc;
    default:
        (void)change(store, call, name, to);
        lose(store, mishap == EXPLORE_MISHAP_KEPT ? EXPLORE_KEEP_ALL : EXPLORE_KEEP_SYNCED);
        return rc;
    }
}

static bool is_there(struct explore_store *store, const char *name)
{
    return store->inner.file_size(store->inner.ctx, name) >= 0;
}

/* A file that is not there: nothing is changed, nothing is counted. */
static int store_change(struct explore_store *store, enum explore_call call, const char *name,
                        const char *to)
{
    if (store->lost) {
        return -EIO;
    }
    if (!is_there(store, name)) {
        return -ENOENT;
    }
    struct explore_called *called = note(store, call);
    const int rc = change_or_fail(store, call, name, to);
    note_after(store, called);
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
    struct explore_store *store = ctx;
    if (store->lost) {
        return -EIO;
    }
    if (is_there(store, name)) {
        struct explore_called *called = note(store, EXPLORE_CALL_READ);
        const enum explore_mishap mishap = mishap_of(store, EXPLORE_CALL_READ);
        note_after(store, called);
        if (mishap == EXPLORE_MISHAP_ERROR) {
            return -EIO;
        }
    }
    return store->inner.file_read(store->inner.ctx, name, offset, to, len_bytes);
}

static long store_size(void *ctx, const char *name)
{
    struct explore_store *store = ctx;
    return store->lost ? -EIO : store->inner.file_size(store->inner.ctx, name);
}

static uint64_t store_free_bytes(void *ctx)
{
    struct explore_store *store = ctx;
    return store->lost ? 0 : store->inner.free_bytes(store->inner.ctx);
}

static bool store_can_send(void *ctx, const struct ota_frame *frame)
{
    struct explore_store *store = ctx;
    return !store->lost && store->inner.can_send(store->inner.ctx, frame);
}

static void store_log(void *ctx, const char *text)
{
    struct explore_store *store = ctx;
    if (!store->lost) {
        store->inner.log(store->inner.ctx, text);
    }
}

static void come_between(void *ctx, struct ota_port *port)
{
    struct explore_store *store = ctx;
    store->inner = *port;
    *port = (struct ota_port){
        .ctx = store,
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

void explore_store_init(struct explore_store *store, struct explore_world *world, sim_ns_t off_ns)
{
    CHECK(!world->master.started);
    *store = (struct explore_store){.world = world, .off_ns = off_ns, .erases_at_loss = UINT64_MAX};
    store->erases_at_start = erases(store);
    explore_disk_settle(&store->disk, &world->files);
    come_between(store, &world->master.port);
    world->on_port = come_between;
    world->port_ctx = store;
}

void explore_store_release(struct explore_store *store)
{
    if (store->world != NULL) {
        explore_store_heal(store);
        explore_disk_release(&store->disk);
    }
    *store = (struct explore_store){.world = NULL};
}

void explore_store_expect(struct explore_store *store, const struct explore_mishap_at *mishap)
{
    CHECK(store->due_len < EXPLORE_MISHAPS_MAX);
    store->due[store->due_len++] = *mishap;
}

void explore_store_limit(struct explore_store *store, uint64_t capacity_bytes)
{
    CHECK(capacity_bytes > 0);
    store->disk.files->capacity_bytes = capacity_bytes;
}

void explore_store_note(struct explore_store *store, struct explore_called *called, size_t cap)
{
    store->called = called;
    store->called_cap = cap;
}

void explore_store_lose(struct explore_store *store)
{
    if (!store->off) {
        lose(store, EXPLORE_KEEP_SYNCED);
    }
    count_anew(store);
}

void explore_store_disturbed(struct explore_store *store)
{
    store->erred = true;
    count_anew(store);
}

bool explore_store_did_again(const struct explore_store *store)
{
    return !store->erred && store->erases_at_loss != UINT64_MAX &&
           erases(store) > store->erases_at_loss;
}

bool explore_store_began_without_room(const struct explore_store *store)
{
    return store->no_room;
}

static bool ended(const struct explore_store *store)
{
    return !store->lost && !store->off &&
           explore_world_claim(store->world) != EXPLORE_CLAIMS_NOTHING;
}

/* The master is without power, and then it starts again. */
static void stay_off(struct explore_store *store, sim_ns_t until_ns)
{
    struct explore_world *world = store->world;
    sim_run_until(&world->sim, until_ns < store->off_until_ns ? until_ns : store->off_until_ns);
    if (world->sim.now_ns >= store->off_until_ns) {
        explore_world_look(world);
        store->off = false;
        CHECK(explore_world_start_again(world, NULL, NULL) == 0);
    }
}

void explore_store_run_until(struct explore_store *store, sim_ns_t until_ns)
{
    struct explore_world *world = store->world;
    for (;;) {
        if (store->lost) {
            explore_world_leave(world);
            world->master.done = false;
            store->lost = false;
            store->off = true;
            store->off_until_ns = world->sim.now_ns + store->off_ns;
        }
        if (world->sim.now_ns >= until_ns || ended(store)) {
            return;
        }
        if (store->off) {
            stay_off(store, until_ns);
        } else {
            explore_world_run_to(world, until_ns);
        }
    }
}

void explore_store_heal(struct explore_store *store)
{
    store->disk.files->capacity_bytes = 0;
    store->due_len = 0;
    store->called = NULL;
    store->world->on_port = NULL;
}
