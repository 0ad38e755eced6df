/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_damage.c - files that change by themselves: flipped bits, cuts, garbage. */
#include "guest/guest_store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file, its real path and its content as programs see it. */
struct patient {
    struct store_inode *inode;
    char path[STORE_PATH_SIZE];
    struct store_bytes content;
};

static int open_patient(struct guest_store *store, const char *path, struct patient *p,
                        struct err *err)
{
    p->content = (struct store_bytes){NULL, 0, 0};
    p->inode = store_find_path(store, path);
    if (!p->inode || p->inode->type != STORE_FILE ||
        !store_tree_path(store, &store->now, p->inode, p->path, sizeof p->path)) {
        return err_set(err, ERR_NOT_FOUND, "%s: the guests' disk has no such file", path);
    }
    if (!store_bytes_read_file(&p->content, p->path)) {
        store_bytes_free(&p->content);
        return err_set(err, ERR_IO, "%s: %s", p->path, strerror(errno));
    }
    return 0;
}

/* In place: who has the file open sees it. */
static int put_real(const struct patient *p, struct err *err)
{
    struct stat real;
    mode_t mode = stat(p->path, &real) == 0 ? real.st_mode : p->inode->mode;
    if (!store_bytes_write_file(&p->content, p->path, mode)) {
        return err_set(err, ERR_IO, "%s: %s", p->path, strerror(errno));
    }
    return 0;
}

/* The content is what is on the disk, too, whatever was under way. */
static int close_patient(struct guest_store *store, struct patient *p, struct err *err)
{
    int code = put_real(p, err);
    store_inode_drop_pending(store, p->inode);
    store_bytes_free(&p->inode->durable);
    p->inode->durable = p->content;
    store_inode_set_size(store, p->inode, p->content.len);
    return code;
}

/* What programs have not synced yet stays unsynced. */
static void flip(struct patient *p, uint64_t offset, unsigned bit)
{
    uint8_t mask = (uint8_t)(1u << bit);
    CHECK(offset < p->content.len);
    p->content.at[offset] ^= mask;
    if (offset < p->inode->durable.len) {
        p->inode->durable.at[offset] ^= mask;
    }
    for (struct store_write *at = p->inode->pending; at; at = at->next) {
        if (!at->resizes && offset >= at->offset && offset < at->offset + at->len) {
            at->data[offset - at->offset] ^= mask;
        }
    }
}

int guest_store_flip_bit(struct guest_store *store, const char *path, uint64_t offset, unsigned bit,
                         struct err *err)
{
    struct patient p;
    int code = open_patient(store, path, &p, err);
    if (code) {
        return code;
    }
    if (offset >= p.content.len || bit > 7) {
        code = err_set(err, ERR_RANGE, "%s: it has no bit %u of byte %llu", path, bit,
                       (unsigned long long)offset);
    } else {
        flip(&p, offset, bit);
        code = put_real(&p, err);
    }
    store_bytes_free(&p.content);
    return code;
}

int guest_store_flip_bits(struct guest_store *store, const char *path, unsigned bits,
                          struct err *err)
{
    struct patient p;
    int code = open_patient(store, path, &p, err);
    if (code) {
        return code;
    }
    uint64_t room = (uint64_t)p.content.len * 8;
    uint8_t *taken = calloc(p.content.len + 1, 1);
    CHECK(taken);
    if (bits > room) {
        code = err_set(err, ERR_RANGE, "%s: it has no %u bits", path, bits);
    }
    for (unsigned flipped = 0; !code && flipped < bits;) {
        uint64_t place = prng_below(&store->random, room);
        uint8_t mask = (uint8_t)(1u << place % 8);
        if (!(taken[place / 8] & mask)) {
            taken[place / 8] |= mask;
            flip(&p, place / 8, (unsigned)(place % 8));
            flipped++;
        }
    }
    code = code ? code : put_real(&p, err);
    free(taken);
    store_bytes_free(&p.content);
    return code;
}

int guest_store_cut_file(struct guest_store *store, const char *path, uint64_t size,
                         struct err *err)
{
    struct patient p;
    int code = open_patient(store, path, &p, err);
    if (code) {
        return code;
    }
    if (size > p.content.len) {
        store_bytes_free(&p.content);
        return err_set(err, ERR_RANGE, "%s: it has only %zu bytes", path, p.content.len);
    }
    store_bytes_resize(&p.content, size);
    return close_patient(store, &p, err);
}

int guest_store_zero_file(struct guest_store *store, const char *path, struct err *err)
{
    struct patient p;
    int code = open_patient(store, path, &p, err);
    if (code) {
        return code;
    }
    if (p.content.len > 0) {
        memset(p.content.at, 0, p.content.len);
    }
    return close_patient(store, &p, err);
}

int guest_store_garble_file(struct guest_store *store, const char *path, struct err *err)
{
    struct patient p;
    int code = open_patient(store, path, &p, err);
    if (code) {
        return code;
    }
    if (p.content.len > 0) {
        prng_fill(&store->random, p.content.at, p.content.len);
    }
    return close_patient(store, &p, err);
}

bool guest_store_is_unsynced(struct guest_store *store, const char *path)
{
    const struct store_inode *inode = store_find_path(store, path);
    if (!inode) {
        return false;
    }
    const struct store_entry *entry = store_tree_name_of(&store->now, inode);
    const struct store_entry *kept =
        entry ? store_tree_find(&store->durable, entry->folder, entry->name) : NULL;
    return inode->pending || !kept || kept->inode != inode;
}
