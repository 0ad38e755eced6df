/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_survive.c - what a loss of power leaves of one file.
 *
 * A change of size waits in the journal, so those are kept in their order, up to one of them; what
 * was written after the first lost one belongs to blocks that no file has, and is lost as well. The
 * sectors in between reach the disk in any order: each has passed through as many states as it was
 * written to, and one of them is found, or a mixture of two that follow each other. */
#include "guest/guest_store_private.h"

#include <stdlib.h>

enum { TORN_PPM = 250000 };

struct sector {
    uint32_t writes; /* Since it was durable. */
    uint32_t kept;   /* So many of them are there. */
    uint32_t torn;   /* So many bytes of the next one, too. */
    uint32_t seen;
};

struct sectors {
    struct sector *at;
    size_t len;
};

static uint64_t end_of(const struct store_write *write)
{
    return write->resizes || write->len == 0
               ? 0
               : (write->offset + write->len - 1) / GUEST_STORE_SECTOR + 1;
}

/* The first one that is not kept, whatever happens to sectors; null: none. */
static const struct store_write *find_end(struct guest_store *store,
                                          const struct store_write *first)
{
    uint64_t resizes = 0;
    for (const struct store_write *at = first; at; at = at->next) {
        resizes += at->resizes;
    }
    uint64_t kept = prng_below(&store->random, resizes + 1);
    const struct store_write *at = first;
    while (at && (!at->resizes || kept-- > 0)) {
        at = at->next;
    }
    return at;
}

static struct sectors count_writes(const struct store_write *first, const struct store_write *end)
{
    struct sectors sectors = {NULL, 0};
    for (const struct store_write *at = first; at != end; at = at->next) {
        sectors.len = end_of(at) > sectors.len ? end_of(at) : sectors.len;
    }
    sectors.at = calloc(sectors.len + 1, sizeof *sectors.at);
    CHECK(sectors.at);
    for (const struct store_write *at = first; at != end; at = at->next) {
        for (uint64_t i = at->offset / GUEST_STORE_SECTOR; i < end_of(at); i++) {
            sectors.at[i].writes++;
        }
    }
    return sectors;
}

static void choose(struct guest_store *store, const struct sectors *sectors,
                   struct store_survival *how)
{
    for (size_t i = 0; i < sectors->len; i++) {
        struct sector *sector = &sectors->at[i];
        if (sector->writes == 0) {
            continue;
        }
        sector->kept = (uint32_t)prng_below(&store->random, sector->writes + 1);
        bool torn = prng_chance_ppm(&store->random, TORN_PPM);
        uint32_t bytes = 1 + (uint32_t)prng_below(&store->random, GUEST_STORE_SECTOR - 1);
        if (torn && sector->kept < sector->writes && !store->cfg.whole_sectors) {
            sector->torn = bytes;
            how->sectors_torn++;
        }
    }
}

static void apply_piece(const struct store_write *write, struct sector *sector, uint64_t index,
                        struct store_bytes *content)
{
    uint64_t begin = index * GUEST_STORE_SECTOR;
    uint64_t end = begin + GUEST_STORE_SECTOR;
    if (sector->seen == sector->kept && sector->torn) {
        end = begin + sector->torn;
    } else if (sector->seen >= sector->kept) {
        end = begin;
    }
    sector->seen++;
    uint64_t from = write->offset > begin ? write->offset : begin;
    uint64_t to = write->offset + write->len < end ? write->offset + write->len : end;
    if (from < to) {
        store_bytes_put(content, from, write->data + (from - write->offset), to - from);
    }
}

static void survive_randomly(struct guest_store *store, const struct store_write *first,
                             struct store_survival *how, struct store_bytes *content)
{
    const struct store_write *end = find_end(store, first);
    struct sectors sectors = count_writes(first, end);
    choose(store, &sectors, how);
    for (const struct store_write *at = first; at != end; at = at->next) {
        if (at->resizes) {
            store_bytes_resize(content, at->offset);
        }
        for (uint64_t i = at->offset / GUEST_STORE_SECTOR; i < end_of(at); i++) {
            apply_piece(at, &sectors.at[i], i, content);
        }
    }
    free(sectors.at);
}

void store_survive(struct guest_store *store, const struct store_inode *inode,
                   struct store_survival *how, struct store_bytes *content)
{
    const struct store_write *at = inode->pending;
    store_bytes_resize(content, 0);
    store_bytes_put(content, 0, inode->durable.at, inode->durable.len);
    for (; at && at->number <= how->floor; at = at->next) {
        size_t len = at == how->torn ? how->torn_bytes : at->len;
        size_t from = at == how->torn && how->torn_rear ? at->len - len : 0;
        if (at->resizes) {
            store_bytes_resize(content, at->offset);
        } else {
            store_bytes_put(content, at->offset + from, at->data + from, len);
        }
    }
    if (how->random && at) {
        survive_randomly(store, at, how, content);
    }
}
