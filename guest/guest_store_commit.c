/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_commit.c - how changes become durable. */
#include "guest/guest_store_private.h"

#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    CHECK(copy || !text);
    return copy;
}

void store_change_add(struct guest_store *store, const struct store_change *change)
{
    struct store_change *kept = malloc(sizeof *kept);
    CHECK(kept);
    *kept = *change;
    kept->next = NULL;
    kept->number = store->ops;
    kept->at_ns = store->at_ns;
    kept->name = copy_text(change->name);
    kept->to_name = copy_text(change->to_name);
    if (store->changes_last) {
        store->changes_last->next = kept;
    } else {
        store->changes = kept;
    }
    store->changes_last = kept;
    store_tree_apply(&store->now, kept);
    if (kept->kind != STORE_ADD) {
        store_collect(store);
    }
}

static void free_change(struct store_change *change)
{
    free(change->name);
    free(change->to_name);
    free(change);
}

/* A change that fits: folder null: all up to the number; else those of the folder. */
static bool is_committed(const struct store_change *change, const struct store_inode *folder,
                         uint64_t number)
{
    bool concerned = !folder || change->folder == folder || change->to_folder == folder;
    return concerned && change->number <= number;
}

static void flush_replacement(struct guest_store *store, const struct store_change *change)
{
    if (store->cfg.rename_flushes && change->kind == STORE_MOVE && change->other) {
        while (change->inode->pending && change->inode->pending->number <= change->number) {
            store_inode_settle(store, change->inode, change->inode->pending->len);
        }
    }
}

static void commit(struct guest_store *store, const struct store_inode *folder, uint64_t number)
{
    struct store_change **at = &store->changes;
    bool any = false;
    store->changes_last = NULL;
    while (*at) {
        struct store_change *change = *at;
        if (is_committed(change, folder, number)) {
            *at = change->next;
            flush_replacement(store, change);
            store_tree_apply(&store->durable, change);
            free_change(change);
            any = true;
        } else {
            store->changes_last = change;
            at = &change->next;
        }
    }
    if (any) {
        store_collect(store);
    }
}

void store_commit_names(struct guest_store *store, uint64_t number)
{
    commit(store, NULL, number);
}

void store_sync(struct guest_store *store, struct store_inode *inode, bool data_only,
                sim_ns_t now_ns)
{
    bool journal = !data_only || inode->grew || inode->type == STORE_FOLDER;
    store_inode_absorb(store, inode, now_ns);
    store_inode_settle(store, inode, UINT64_MAX);
    inode->grew = false;
    if (store->cfg.names_need_folder && inode->type == STORE_FOLDER) {
        commit(store, inode, UINT64_MAX);
    } else if (!store->cfg.names_need_folder && journal) {
        commit(store, NULL, UINT64_MAX);
    }
}

void store_sync_all(struct guest_store *store, sim_ns_t now_ns)
{
    for (struct store_inode *at = store->inodes; at; at = at->next) {
        store_inode_absorb(store, at, now_ns);
        store_inode_settle(store, at, UINT64_MAX);
        at->grew = false;
    }
    commit(store, NULL, UINT64_MAX);
}

static bool is_in_changes(const struct guest_store *store, const struct store_inode *inode)
{
    const struct store_change *at = store->changes;
    while (at && at->inode != inode && at->other != inode && at->folder != inode &&
           at->to_folder != inode) {
        at = at->next;
    }
    return at != NULL;
}

static bool is_root(const struct guest_store *store, const struct store_inode *inode)
{
    bool root = false;
    for (size_t i = 0; i < store->folders_len; i++) {
        root = root || store->roots[i] == inode;
    }
    return root;
}

static bool is_named(const struct guest_store *store, const struct store_inode *inode)
{
    return is_root(store, inode) || store_tree_name_of(&store->now, inode);
}

static void become_orphan(struct guest_store *store, struct store_inode *inode)
{
    inode->orphan = true;
    store->orphans_len++;
}

void store_collect(struct guest_store *store)
{
    for (struct store_inode *at = store->inodes, *next; at; at = next) {
        next = at->next;
        bool named = is_named(store, at);
        if (!named && !at->orphan) {
            become_orphan(store, at);
        }
        if (named || store_tree_name_of(&store->durable, at) || is_in_changes(store, at)) {
            continue;
        }
        store_inode_drop_pending(store, at);
        store_bytes_free(&at->durable);
        if (at->real == 0) {
            store_forget_orphan(store, at);
        }
    }
}

void store_forget_orphan(struct guest_store *store, struct store_inode *inode)
{
    if (!inode->orphan) {
        return;
    }
    if (inode->real != 0) {
        store_inode_set_real(store, inode, NULL);
    }
    if (store_tree_name_of(&store->durable, inode) || is_in_changes(store, inode)) {
        /* The disk still has it; programs do not see its space. */
        store->used_blocks -= inode->blocks;
        inode->blocks = 0;
        return;
    }
    store->orphans_len--;
    store_inode_free(store, inode);
}
