/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_ops.c - an operation around what it does: its number, faults, the hook, counts,
 * and the space that there is for it. */
#include "guest/guest_store_private.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *guest_store_kind_name(enum guest_store_kind kind)
{
    static const char *const names[] = {
#define STORE_NAME(id, name) [id] = (name),
        GUEST_STORE_KINDS(STORE_NAME)
#undef STORE_NAME
    };
    CHECK(kind < GUEST_STORE_KINDS_LEN);
    return names[kind];
}

static bool changes_something(enum guest_store_kind kind)
{
    return kind != GUEST_STORE_READ && kind != GUEST_STORE_OPEN;
}

void guest_store_add_fault(struct guest_store *store, struct guest_store_fault *fault)
{
    struct guest_store_fault **at = &store->faults;
    while (*at) {
        CHECK(*at != fault);
        at = &(*at)->next;
    }
    fault->matched = fault->fired = 0;
    fault->next = NULL;
    *at = fault;
}

void guest_store_remove_fault(struct guest_store *store, struct guest_store_fault *fault)
{
    struct guest_store_fault **at = &store->faults;
    while (*at && *at != fault) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = fault->next;
    }
}

static bool matches(const struct guest_store_fault *fault, const struct guest_store_op *op)
{
    bool kind = fault->kinds ? (fault->kinds >> op->kind & 1u) != 0 : changes_something(op->kind);
    return kind && (!fault->path || fnmatch(fault->path, op->path, 0) == 0 ||
                    (op->to && fnmatch(fault->path, op->to, 0) == 0));
}

static bool fires(struct guest_store_fault *fault, const struct guest_store_op *op)
{
    if (!matches(fault, op)) {
        return false;
    }
    uint64_t first = fault->first ? fault->first : 1;
    fault->matched++;
    if (fault->matched < first || (fault->times && fault->fired >= fault->times)) {
        return false;
    }
    fault->fired++;
    return true;
}

/* With let_bytes the fault is a budget: what it lets through is not an error yet. */
static void strike(struct guest_store_fault *fault, struct guest_store_op *op)
{
    op->delay_ns += fault->delay_ns;
    if (!fault->error || op->error) {
        return;
    }
    if (op->kind == GUEST_STORE_WRITE && fault->let_bytes > 0) {
        op->bytes = op->bytes < fault->let_bytes ? op->bytes : fault->let_bytes;
        fault->let_bytes -= op->bytes;
    } else {
        op->error = fault->error;
    }
}

static void apply_faults(struct guest_store *store, struct guest_store_op *op)
{
    for (struct guest_store_fault *at = store->faults; at; at = at->next) {
        if (fires(at, op)) {
            strike(at, op);
        }
    }
}

static void tell(struct guest_store *store, struct guest_store_op *op, enum guest_store_when when)
{
    if (store->cfg.hook) {
        store->cfg.hook(store->cfg.ctx, op, when);
    }
}

sim_ns_t store_sync_ns(const struct guest_store *store, uint64_t bytes)
{
    sim_ns_t ns = store->cfg.sync_ns;
    if (store->cfg.sync_bps > 0) {
        ns += bytes * 1000000000u / store->cfg.sync_bps;
    }
    return ns;
}

void store_op_begin(struct guest_store *store, struct guest_store_op *op,
                    struct store_inode *folder, const char *name, sim_ns_t now_ns)
{
    store_shown_path(store, folder, name, store->path, sizeof store->path);
    op->path = store->path;
    op->at_ns = now_ns;
    op->number = 0;
    if (changes_something(op->kind)) {
        op->number = ++store->ops;
    }
    store->counts[op->kind]++;
    if (op->kind == GUEST_STORE_SYNC) {
        op->delay_ns += store_sync_ns(store, op->bytes);
    }
    apply_faults(store, op);
    tell(store, op, GUEST_STORE_BEFORE);
}

void store_op_middle(struct guest_store *store, struct guest_store_op *op)
{
    tell(store, op, GUEST_STORE_MIDDLE);
}

void store_op_end(struct guest_store *store, struct guest_store_op *op)
{
    tell(store, op, GUEST_STORE_AFTER);
}

struct guest_store_file *store_stat_of(struct guest_store *store, const char *path)
{
    for (struct store_stat *at = store->stats; at; at = at->next) {
        if (strcmp(at->file.path, path) == 0) {
            return &at->file;
        }
    }
    struct store_stat *stat = calloc(1, sizeof *stat);
    char *copy = strdup(path);
    CHECK(stat && copy);
    stat->file.path = copy;
    if (store->stats_last) {
        store->stats_last->next = stat;
    } else {
        store->stats = stat;
    }
    store->stats_last = stat;
    return &stat->file;
}

uint64_t guest_store_ops(const struct guest_store *store)
{
    return store->ops;
}

uint64_t guest_store_count(const struct guest_store *store, enum guest_store_kind kind)
{
    CHECK(kind < GUEST_STORE_KINDS_LEN);
    return store->counts[kind];
}

const struct guest_store_file *guest_store_file_at(const struct guest_store *store, size_t index)
{
    const struct store_stat *at = store->stats;
    while (at && index-- > 0) {
        at = at->next;
    }
    return at ? &at->file : NULL;
}

const struct guest_store_file *guest_store_file_of(const struct guest_store *store,
                                                   const char *path)
{
    const struct store_stat *at = store->stats;
    while (at && strcmp(at->file.path, path) != 0) {
        at = at->next;
    }
    return at ? &at->file : NULL;
}

/* Between two supervisors nobody has anything open. */
static void forget_orphans(struct guest_store *store)
{
    for (struct store_inode *at = store->inodes, *next; at; at = next) {
        next = at->next;
        if (at->orphan) {
            store_forget_orphan(store, at);
        }
    }
}

/* Files without a name whose last descriptor is closed give their space back. */
static void reap(struct guest_store *store)
{
    if (store->orphans_len == 0) {
        return;
    }
    if (store->reap) {
        store->reap(store->reap_ctx, store);
    } else {
        forget_orphans(store);
    }
}

uint64_t guest_store_used_bytes(struct guest_store *store)
{
    reap(store);
    return store->used_blocks * store->cfg.block_bytes;
}

static uint64_t free_blocks(struct guest_store *store)
{
    uint64_t capacity = store->cfg.capacity_bytes / store->cfg.block_bytes;
    reap(store);
    return capacity > store->used_blocks ? capacity - store->used_blocks : 0;
}

uint64_t guest_store_free_bytes(struct guest_store *store)
{
    return store->cfg.capacity_bytes ? free_blocks(store) * store->cfg.block_bytes : UINT64_MAX;
}

uint64_t guest_store_times_full(const struct guest_store *store)
{
    return store->times_full;
}

void guest_store_set_free(struct guest_store *store, uint64_t free_bytes)
{
    if (free_bytes == UINT64_MAX) {
        store->cfg.capacity_bytes = 0;
        return;
    }
    /* A disk without any room at all still has a size. */
    uint64_t capacity = guest_store_used_bytes(store) + free_bytes;
    store->cfg.capacity_bytes = capacity ? capacity : 1;
}

uint64_t store_room(struct guest_store *store, const struct store_inode *inode)
{
    if (!store->cfg.capacity_bytes) {
        return UINT64_MAX;
    }
    uint64_t blocks = free_blocks(store);
    blocks += inode ? inode->blocks : 0;
    return blocks * store->cfg.block_bytes;
}
