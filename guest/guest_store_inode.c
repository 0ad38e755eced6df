/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_inode.c - files: what of them is durable, and what has been written since. */
#include "guest/guest_store_private.h"

#include <stdlib.h>
#include <string.h>

/* As the kernel's limit of dirty memory does, in its way: beyond it the oldest is written back. */
#define PENDING_MAX_BYTES (UINT64_C(256) << 20)

static struct store_inode **bucket(struct guest_store *store, ino_t real)
{
    return &store->buckets[real % STORE_BUCKETS];
}

struct store_inode *store_inode_of(const struct guest_store *store, const struct stat *real)
{
    struct store_inode *at = store->buckets[real->st_ino % STORE_BUCKETS];
    while (at && (at->real != real->st_ino || at->device != real->st_dev)) {
        at = at->same_hash;
    }
    return at;
}

static void forget_real(struct guest_store *store, struct store_inode *inode)
{
    if (inode->real == 0) {
        return;
    }
    struct store_inode **at = bucket(store, inode->real);
    while (*at != inode) {
        at = &(*at)->same_hash;
    }
    *at = inode->same_hash;
    inode->real = 0;
}

void store_inode_set_real(struct guest_store *store, struct store_inode *inode,
                          const struct stat *real)
{
    forget_real(store, inode);
    if (!real) {
        return;
    }
    struct store_inode *before = store_inode_of(store, real);
    if (before) {
        /* The number was given anew: the file that had it is gone for good. */
        forget_real(store, before);
        store_forget_orphan(store, before);
    }
    inode->device = real->st_dev;
    inode->real = real->st_ino;
    inode->mode = real->st_mode;
    inode->same_hash = *bucket(store, inode->real);
    *bucket(store, inode->real) = inode;
}

static uint64_t blocks_of(const struct guest_store *store, uint64_t bytes)
{
    uint64_t block = store->cfg.block_bytes;
    return bytes / block + (bytes % block != 0);
}

static void set_blocks(struct guest_store *store, struct store_inode *inode, uint64_t blocks)
{
    store->used_blocks += blocks - inode->blocks;
    inode->blocks = blocks;
}

void store_inode_set_size(struct guest_store *store, struct store_inode *inode, uint64_t size)
{
    inode->size = size;
    set_blocks(store, inode, inode->type == STORE_FOLDER ? 1 : blocks_of(store, size));
}

struct store_inode *store_inode_new(struct guest_store *store, enum store_type type,
                                    const struct stat *real)
{
    struct store_inode *inode = calloc(1, sizeof *inode);
    CHECK(inode);
    inode->number = ++store->next_inode;
    inode->type = type;
    store_inode_set_real(store, inode, real);
    store_inode_set_size(store, inode, 0);
    if (store->inodes_last) {
        store->inodes_last->next = inode;
    } else {
        store->inodes = inode;
    }
    store->inodes_last = inode;
    return inode;
}

static void pop_pending(struct guest_store *store, struct store_inode *inode)
{
    struct store_write *write = inode->pending;
    inode->pending = write->next;
    inode->pending_last = inode->pending ? inode->pending_last : NULL;
    store->pending_bytes -= write->len;
    free(write);
}

void store_inode_drop_pending(struct guest_store *store, struct store_inode *inode)
{
    while (inode->pending) {
        pop_pending(store, inode);
    }
}

void store_inode_free(struct guest_store *store, struct store_inode *inode)
{
    struct store_inode **at = &store->inodes;
    struct store_inode *before = NULL;
    while (*at != inode) {
        before = *at;
        at = &(*at)->next;
    }
    *at = inode->next;
    store->inodes_last = store->inodes_last == inode ? before : store->inodes_last;
    set_blocks(store, inode, 0);
    forget_real(store, inode);
    store_inode_drop_pending(store, inode);
    store_bytes_free(&inode->durable);
    free(inode->sector_writes);
    free(inode);
}

static struct store_write *append(struct guest_store *store, struct store_inode *inode, size_t len,
                                  sim_ns_t now_ns)
{
    struct store_write *write = malloc(sizeof *write + len);
    CHECK(write);
    *write = (struct store_write){.number = store->ops, .at_ns = now_ns, .len = len};
    if (inode->pending_last) {
        inode->pending_last->next = write;
    } else {
        inode->pending = write;
    }
    inode->pending_last = write;
    store->pending_bytes += len;
    return write;
}

void store_inode_wrote(struct guest_store *store, struct store_inode *inode, uint64_t offset,
                       const void *data, size_t len, sim_ns_t now_ns)
{
    struct store_write *write = append(store, inode, len, now_ns);
    write->offset = offset;
    if (data) {
        memcpy(write->data, data, len);
    } else {
        memset(write->data, 0, len);
    }
    if (offset + len > inode->size) {
        store_inode_set_size(store, inode, offset + len);
        inode->grew = true;
    }
    if (store->pending_bytes > PENDING_MAX_BYTES) {
        store_inode_settle(store, inode, UINT64_MAX);
    }
}

void store_inode_resized(struct guest_store *store, struct store_inode *inode, uint64_t size,
                         sim_ns_t now_ns)
{
    struct store_write *write = append(store, inode, 0, now_ns);
    write->resizes = true;
    write->offset = size;
    store_inode_set_size(store, inode, size);
    inode->grew = true;
}

static void count_sectors(struct store_inode *inode, const struct store_write *write)
{
    uint64_t first = write->offset / GUEST_STORE_SECTOR;
    uint64_t end = (write->offset + write->len + GUEST_STORE_SECTOR - 1) / GUEST_STORE_SECTOR;
    if (write->len == 0) {
        return;
    }
    if (end > inode->sectors_len) {
        uint32_t *counts = realloc(inode->sector_writes, end * sizeof *counts);
        CHECK(counts);
        memset(counts + inode->sectors_len, 0, (end - inode->sectors_len) * sizeof *counts);
        inode->sector_writes = counts;
        inode->sectors_len = end;
    }
    for (uint64_t i = first; i < end; i++) {
        inode->sector_writes[i]++;
    }
}

/* Of one sync: a sector that was written several times since goes to the disk once. */
static void count_settled(struct store_inode *inode, const uint32_t *before, size_t before_len)
{
    for (size_t i = 0; i < inode->sectors_len; i++) {
        uint32_t was = i < before_len ? before[i] : 0;
        if (inode->sector_writes[i] > was) {
            inode->sector_writes[i] = was + 1;
        }
        if (inode->stat && inode->sector_writes[i] > inode->stat->sector_writes_max) {
            inode->stat->sector_writes_max = inode->sector_writes[i];
        }
    }
}

static void apply(struct store_bytes *content, const struct store_write *write, size_t len)
{
    if (write->resizes) {
        store_bytes_resize(content, write->offset);
    } else {
        store_bytes_put(content, write->offset, write->data, len);
    }
}

/* Only the first bytes of it. */
static void settle_part(struct guest_store *store, struct store_inode *inode, size_t len)
{
    struct store_write *write = inode->pending;
    apply(&inode->durable, write, len);
    memmove(write->data, write->data + len, write->len - len);
    write->offset += len;
    write->len -= len;
    store->pending_bytes -= len;
}

void store_inode_settle(struct guest_store *store, struct store_inode *inode, uint64_t bytes)
{
    size_t before_len = inode->sectors_len;
    uint32_t *before = calloc(before_len + 1, sizeof *before);
    CHECK(before);
    if (before_len > 0) {
        memcpy(before, inode->sector_writes, before_len * sizeof *before);
    }
    while (inode->pending && inode->pending->len <= bytes) {
        bytes -= bytes == UINT64_MAX ? 0 : inode->pending->len;
        count_sectors(inode, inode->pending);
        apply(&inode->durable, inode->pending, inode->pending->len);
        pop_pending(store, inode);
    }
    if (inode->pending && bytes > 0) {
        settle_part(store, inode, bytes);
    }
    count_settled(inode, before, before_len);
    free(before);
}

uint64_t store_inode_pending_bytes(const struct store_inode *inode)
{
    uint64_t bytes = 0;
    for (const struct store_write *at = inode->pending; at; at = at->next) {
        bytes += at->len;
    }
    return bytes;
}

void store_inode_content(const struct store_inode *inode, struct store_bytes *content)
{
    store_bytes_resize(content, 0);
    store_bytes_put(content, 0, inode->durable.at, inode->durable.len);
    for (const struct store_write *at = inode->pending; at; at = at->next) {
        apply(content, at, at->len);
    }
}

static size_t sector_len(size_t len, size_t offset)
{
    return len - offset < GUEST_STORE_SECTOR ? len - offset : GUEST_STORE_SECTOR;
}

static void note_differences(struct guest_store *store, struct store_inode *inode,
                             const struct store_bytes *known, const struct store_bytes *real,
                             sim_ns_t now_ns)
{
    if (known->len != real->len) {
        store_inode_resized(store, inode, real->len, now_ns);
    }
    for (size_t at = 0; at < real->len; at += GUEST_STORE_SECTOR) {
        size_t len = sector_len(real->len, at);
        bool same = at + len <= known->len && memcmp(real->at + at, known->at + at, len) == 0;
        if (!same) {
            store_inode_wrote(store, inode, at, real->at + at, len, now_ns);
        }
    }
}

void store_inode_absorb(struct guest_store *store, struct store_inode *inode, sim_ns_t now_ns)
{
    char path[STORE_PATH_SIZE];
    struct store_bytes known = {NULL, 0, 0};
    struct store_bytes real = {NULL, 0, 0};
    if (!inode->mapped || !store_tree_path(store, &store->now, inode, path, sizeof path)) {
        return;
    }
    if (store_bytes_read_file(&real, path)) {
        store_inode_content(inode, &known);
        note_differences(store, inode, &known, &real, now_ns);
    }
    store_bytes_free(&known);
    store_bytes_free(&real);
}
