/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_power.c - loss of power: decides what is left, and rewrites the folders. */
#include "guest/guest_store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct power_loss {
    struct guest_store *store;
    const struct guest_store_policy *policy;
    struct guest_store_loss *loss;
    struct err *err;
    uint64_t floor; /* Content up to that operation is kept anyhow. */
    const struct store_write *torn;
    struct store_tree left; /* The names. */
    int code;
};

static void each_pending(const struct guest_store *store, sim_ns_t cutoff_ns, uint64_t *old,
                         const struct store_write **last, uint64_t *len)
{
    for (const struct store_inode *inode = store->inodes; inode; inode = inode->next) {
        for (const struct store_write *at = inode->pending; at; at = at->next) {
            ++*len;
            *old = at->at_ns <= cutoff_ns && at->number > *old ? at->number : *old;
            if (!at->resizes && (!*last || at->number >= (*last)->number)) {
                *last = at;
            }
        }
    }
    for (const struct store_change *at = store->changes; at; at = at->next) {
        ++*len;
        *old = at->at_ns <= cutoff_ns && at->number > *old ? at->number : *old;
    }
}

/* Up to which operation content is kept, and up to which one names are. */
static uint64_t choose_floor(struct power_loss *p, sim_ns_t now_ns, uint64_t *names)
{
    struct guest_store *store = p->store;
    sim_ns_t age_ns = store->cfg.writeback_ns;
    bool ages = age_ns > 0 && now_ns >= age_ns;
    const struct store_write *last = NULL;
    uint64_t old = 0;
    uint64_t changes = 0;
    /* At 0 nothing has happened yet that could be old. */
    each_pending(store, ages ? now_ns - age_ns : 0, &old, &last, &p->loss->unsynced_ops);
    old = ages ? old : 0;
    p->floor = old;
    switch (p->policy->keep) {
    case GUEST_STORE_KEEP_SYNCED: break;
    case GUEST_STORE_KEEP_ALL: p->floor = UINT64_MAX; break;
    case GUEST_STORE_KEEP_FIRST:
        p->floor = p->policy->last_op > old ? p->policy->last_op : old;
        break;
    case GUEST_STORE_TEAR_LAST:
        p->floor = UINT64_MAX;
        p->torn = last;
        break;
    case GUEST_STORE_KEEP_RANDOM:
        for (const struct store_change *at = store->changes; at; at = at->next) {
            changes += at->number > old;
        }
        *names = prng_below(&store->random, changes + 1);
        return old;
    case GUEST_STORE_KEEP_NAMES: *names = UINT64_MAX; return old;
    }
    *names = 0;
    return p->floor;
}

/* Names up to the operation, and so many of those after it. */
static void choose_names(struct power_loss *p, uint64_t number, uint64_t more)
{
    struct store_change *at = p->store->changes;
    store_tree_copy(&p->left, &p->store->durable);
    for (; at && (at->number <= number || more > 0); at = at->next) {
        more -= at->number > number;
        store_tree_apply(&p->left, at);
    }
    for (; at; at = at->next) {
        p->loss->names_lost++;
    }
}

/* A replacement that is kept brings the content that was there before it. */
static uint64_t floor_of(const struct power_loss *p, const struct store_inode *inode)
{
    uint64_t floor = p->floor;
    for (const struct store_change *at = p->store->changes; at; at = at->next) {
        bool kept = store_tree_name_of(&p->left, inode) != NULL;
        if (p->store->cfg.rename_flushes && at->kind == STORE_MOVE && at->other &&
            at->inode == inode && kept && at->number > floor) {
            const struct store_entry *entry = store_tree_find(&p->left, at->to_folder, at->to_name);
            floor = entry && entry->inode == inode ? at->number : floor;
        }
    }
    return floor;
}

static size_t torn_bytes(struct power_loss *p)
{
    const struct store_write *torn = p->torn;
    size_t len = torn->len;
    if (p->policy->torn_permille > 0) {
        len = len * p->policy->torn_permille / 1000;
    } else {
        len = len > 0 ? (size_t)prng_below(&p->store->random, len) : 0;
    }
    uint64_t past = (torn->offset + len) % GUEST_STORE_SECTOR;
    if (p->policy->torn_rear) {
        past = (GUEST_STORE_SECTOR - (torn->offset + torn->len - len) % GUEST_STORE_SECTOR) %
               GUEST_STORE_SECTOR;
    }
    return !p->store->cfg.whole_sectors ? len : past < len ? len - (size_t)past : 0;
}

static bool same_bytes(const struct store_bytes *a, const struct store_bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

static void fail(struct power_loss *p, const char *what, const char *path)
{
    if (!p->code) {
        p->code = err_set(p->err, ERR_IO, "%s: cannot be %s after the loss of power: %s", path,
                          what, strerror(errno));
    }
}

/* The content that is left becomes the durable one, and the one that programs see. */
static void settle_content(struct power_loss *p, struct store_inode *inode)
{
    char path[STORE_PATH_SIZE];
    struct store_bytes seen = {NULL, 0, 0};
    struct store_bytes left = {NULL, 0, 0};
    struct store_survival how = {.floor = floor_of(p, inode),
                                 .random = p->policy->keep == GUEST_STORE_KEEP_RANDOM,
                                 .torn = p->torn};
    how.torn_bytes = p->torn ? torn_bytes(p) : 0;
    how.torn_rear = p->policy->torn_rear;
    store_inode_content(inode, &seen);
    store_survive(p->store, inode, &how, &left);
    p->loss->sectors_torn += how.sectors_torn;
    store_bytes_free(&inode->durable);
    inode->durable = left;
    store_inode_drop_pending(p->store, inode);
    if (!same_bytes(&seen, &left)) {
        p->loss->files_changed++;
        if (store_tree_path(p->store, &p->store->now, inode, path, sizeof path) &&
            !store_bytes_write_file(&left, path, inode->mode)) {
            fail(p, "rewritten", path);
        }
    }
    store_bytes_free(&seen);
}

/* With the folders that lead to it. */
static bool is_left(const struct power_loss *p, const struct store_entry *entry)
{
    bool left = true;
    for (; entry && left; entry = store_tree_name_of(&p->store->now, entry->folder)) {
        const struct store_entry *at = store_tree_find(&p->left, entry->folder, entry->name);
        left = at && at->inode == entry->inode;
    }
    return left;
}

static bool entry_path(const struct guest_store *store, const struct store_entry *entry, char *path,
                       size_t size)
{
    if (!store_tree_path(store, &store->now, entry->folder, path, size)) {
        return false;
    }
    size_t len = strlen(path);
    int more = snprintf(path + len, size - len, "/%s", entry->name);
    return more > 0 && (size_t)more < size - len;
}

static void take_away(struct power_loss *p, const struct store_entry *entry)
{
    char path[STORE_PATH_SIZE];
    if (entry_path(p->store, entry, path, sizeof path)) {
        bool folder = entry->inode->type == STORE_FOLDER;
        if ((folder ? rmdir(path) : unlink(path)) != 0 && errno != ENOENT) {
            fail(p, "taken away", path);
        }
    }
    store_tree_take(&p->store->now, entry->folder, entry->name);
}

/* From the leaves on: a folder that goes must be empty. */
static void take_away_names(struct power_loss *p)
{
    bool any = true;
    while (any) {
        any = false;
        for (struct store_entry *at = p->store->now.first, *next; at; at = next) {
            next = at->next;
            if (!is_left(p, at) && !store_tree_has_children(&p->store->now, at->inode)) {
                take_away(p, at);
                any = true;
            }
        }
    }
}

static bool make_real(const struct guest_store *store, const struct store_inode *inode,
                      const char *path)
{
    char other[STORE_PATH_SIZE];
    if (inode->type == STORE_FOLDER) {
        return mkdir(path, inode->mode & 07777) == 0 || errno == EEXIST;
    }
    if (store_tree_path(store, &store->now, inode, other, sizeof other)) {
        return link(other, path) == 0;
    }
    if (inode->type == STORE_SYMLINK) {
        char target[STORE_PATH_SIZE];
        snprintf(target, sizeof target, "%.*s", (int)inode->durable.len, inode->durable.at);
        return symlink(target, path) == 0;
    }
    return store_bytes_write_file(&inode->durable, path, inode->mode);
}

static bool is_there(const struct guest_store *store, const struct store_inode *folder)
{
    for (size_t i = 0; i < store->folders_len; i++) {
        if (store->roots[i] == folder) {
            return true;
        }
    }
    return store_tree_name_of(&store->now, folder) != NULL;
}

static void bring_back(struct power_loss *p, const struct store_entry *entry)
{
    char path[STORE_PATH_SIZE];
    struct stat real;
    if (!entry_path(p->store, entry, path, sizeof path) ||
        !make_real(p->store, entry->inode, path) || lstat(path, &real) != 0) {
        fail(p, "brought back", path);
    } else if (entry->inode->real != real.st_ino) {
        mode_t mode = entry->inode->mode;
        store_inode_set_real(p->store, entry->inode, &real);
        entry->inode->mode = mode;
    }
    store_tree_add(&p->store->now, entry->folder, entry->name, entry->inode);
}

static void bring_back_names(struct power_loss *p)
{
    bool any = true;
    while (any) {
        any = false;
        for (const struct store_entry *at = p->left.first; at; at = at->next) {
            if (!store_tree_find(&p->store->now, at->folder, at->name) &&
                is_there(p->store, at->folder)) {
                bring_back(p, at);
                any = true;
            }
        }
    }
}

/* Modes are changed by calls that nobody notifies. */
static void look_at_real(struct guest_store *store, struct store_inode *inode, sim_ns_t now_ns)
{
    char path[STORE_PATH_SIZE];
    struct stat real;
    store_inode_absorb(store, inode, now_ns);
    inode->mapped = false;
    if (store_tree_path(store, &store->now, inode, path, sizeof path) && lstat(path, &real) == 0) {
        inode->mode = real.st_mode;
    }
}

static void end_programs(struct guest_store *store, sim_ns_t now_ns)
{
    for (struct store_inode *at = store->inodes; at; at = at->next) {
        look_at_real(store, at, now_ns);
    }
}

static void finish(struct guest_store *store)
{
    store_commit_names(store, UINT64_MAX);
    store_tree_copy(&store->durable, &store->now);
    for (struct store_inode *at = store->inodes, *next; at; at = next) {
        next = at->next;
        at->grew = false;
        if (store_tree_name_of(&store->now, at)) {
            store->orphans_len -= at->orphan;
            at->orphan = false;
            store_inode_set_size(store, at, at->durable.len);
        } else if (at->orphan) {
            store_forget_orphan(store, at);
        }
    }
}

int guest_store_power_loss(struct guest_store *store, const struct guest_store_policy *policy,
                           sim_ns_t now_ns, struct guest_store_loss *loss, struct err *err)
{
    struct guest_store_loss ignored;
    struct power_loss p = {
        .store = store, .policy = policy, .loss = loss ? loss : &ignored, .err = err};
    CHECK(!store->reap); /* The programs are gone. */
    *p.loss = (struct guest_store_loss){0};
    end_programs(store, now_ns);
    uint64_t more;
    uint64_t number = choose_floor(&p, now_ns, &more);
    choose_names(&p, number, more);
    for (struct store_inode *at = store->inodes; at; at = at->next) {
        if (at->type == STORE_FILE && (at->pending || !store_tree_name_of(&store->now, at)) &&
            store_tree_name_of(&p.left, at)) {
            settle_content(&p, at);
        }
    }
    take_away_names(&p);
    bring_back_names(&p);
    store_tree_clear(&p.left);
    finish(store);
    return p.code;
}
