/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store.c - the life of a store, and what its owner does to the folders himself. */
#include "guest/guest_store_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_DEFAULT = 4096 };

static enum store_type type_of(const struct stat *real)
{
    return S_ISDIR(real->st_mode)   ? STORE_FOLDER
           : S_ISLNK(real->st_mode) ? STORE_SYMLINK
                                    : STORE_FILE;
}

static bool read_link(struct store_bytes *bytes, const char *path)
{
    char target[STORE_PATH_SIZE];
    ssize_t len = readlink(path, target, sizeof target);
    store_bytes_put(bytes, 0, target, len > 0 ? (size_t)len : 0);
    return len >= 0;
}

static bool read_content(const struct store_inode *inode, const char *path,
                         struct store_bytes *content)
{
    switch (inode->type) {
    case STORE_FILE: return store_bytes_read_file(content, path);
    case STORE_SYMLINK: return read_link(content, path);
    case STORE_FOLDER: break;
    }
    return true;
}

/* What the real file holds is what programs see, and durable. */
static bool take_over(struct guest_store *store, struct store_inode *inode, const char *path)
{
    struct store_bytes real = {NULL, 0, 0};
    struct store_bytes known = {NULL, 0, 0};
    if (!read_content(inode, path, &real)) {
        store_bytes_free(&real);
        return false;
    }
    store_inode_content(inode, &known);
    bool same =
        known.len == real.len && (known.len == 0 || memcmp(known.at, real.at, known.len) == 0);
    store_bytes_free(&known);
    if (same) {
        store_bytes_free(&real);
        return true;
    }
    store_inode_drop_pending(store, inode);
    store_bytes_free(&inode->durable);
    inode->durable = real;
    store_inode_set_size(store, inode, real.len);
    return true;
}

struct walk {
    struct guest_store *store;
    struct store_inode *folder;
    char *path; /* Of the folder. */
    struct store_tree seen;
    struct err *err;
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int take_entry(struct walk *walk, const char *name)
{
    struct guest_store *store = walk->store;
    char path[STORE_PATH_SIZE];
    struct stat real;
    int len = snprintf(path, sizeof path, "%s/%s", walk->path, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return err_set(walk->err, ERR_RANGE, "%s: a path in it is too long", walk->path);
    }
    if (lstat(path, &real) != 0 ||
        !(S_ISREG(real.st_mode) || S_ISDIR(real.st_mode) || S_ISLNK(real.st_mode))) {
        return 0; /* Sockets and FIFOs are no matter of a disk. */
    }
    struct store_inode *inode = store_inode_of(store, &real);
    if (inode && inode->orphan) {
        store_forget_orphan(store, inode); /* Its number was given anew. */
        inode = NULL;
    }
    if (!inode) {
        inode = store_inode_new(store, type_of(&real), &real);
    }
    if (!take_over(store, inode, path)) {
        return err_set(walk->err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    const struct store_entry *known = store_tree_find(&store->now, walk->folder, name);
    if (!known || known->inode != inode) {
        store_tree_add(&store->now, walk->folder, name, inode);
        store_tree_add(&store->durable, walk->folder, name, inode);
    }
    store_tree_add(&walk->seen, walk->folder, name, inode);
    return 0;
}

static int take_folder(struct walk *walk)
{
    struct dirent **list;
    int len = scandir(walk->path, &list, NULL, by_name);
    int code = 0;
    if (len < 0) {
        return err_set(walk->err, ERR_IO, "%s: cannot be read: %s", walk->path, strerror(errno));
    }
    for (int i = 0; i < len; i++) {
        const char *name = list[i]->d_name;
        if (!code && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            code = take_entry(walk, name);
        }
        free(list[i]);
    }
    free((void *)list);
    return code;
}

/* What is no longer there has been removed by the owner. */
static void take_removals(struct walk *walk)
{
    struct guest_store *store = walk->store;
    for (struct store_entry *at = store->now.first, *next; at; at = next) {
        next = at->next;
        if (!store_tree_find(&walk->seen, at->folder, at->name)) {
            store_tree_take(&store->durable, at->folder, at->name);
            store_tree_take(&store->now, at->folder, at->name);
        }
    }
    store_collect(store);
}

/* Folders become known while the list of files grows: each is looked into once. */
static int walk_all(struct walk *walk)
{
    struct guest_store *store = walk->store;
    char path[STORE_PATH_SIZE];
    int code = 0;
    for (struct store_inode *at = store->inodes; at && !code; at = at->next) {
        if (at->type == STORE_FOLDER &&
            store_tree_path(store, &store->now, at, path, sizeof path) && access(path, F_OK) == 0) {
            walk->folder = at;
            walk->path = path;
            code = take_folder(walk);
        }
    }
    if (!code) {
        take_removals(walk);
    }
    store_tree_clear(&walk->seen);
    return code;
}

int guest_store_refresh(struct guest_store *store, struct err *err)
{
    struct walk walk = {.store = store, .err = err};
    for (struct store_inode *at = store->inodes; at; at = at->next) {
        store_inode_absorb(store, at, 0);
    }
    return walk_all(&walk);
}

static int open_folder(struct guest_store *store, const char *path, struct err *err)
{
    struct stat real;
    char *full = realpath(path, NULL);
    if (!full || stat(full, &real) != 0 || !S_ISDIR(real.st_mode)) {
        int error = full ? ENOTDIR : errno;
        free(full);
        return err_set(err, ERR_NOT_FOUND, "%s: no folder for the guests' state: %s", path,
                       strerror(error));
    }
    if (store_inode_of(store, &real)) {
        free(full);
        return err_set(err, ERR_CONFLICT, "%s: this folder was named twice", path);
    }
    store->folders[store->folders_len] = full;
    store->roots[store->folders_len] = store_inode_new(store, STORE_FOLDER, &real);
    store->folders_len++;
    return 0;
}

struct guest_store *guest_store_new(const struct guest_store_cfg *cfg, struct err *err)
{
    struct guest_store *store = calloc(1, sizeof *store);
    int code = 0;
    CHECK(cfg->folders[0] && (cfg->block_bytes & (cfg->block_bytes - 1)) == 0);
    if (!store) {
        err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
        return NULL;
    }
    store->cfg = *cfg;
    store->cfg.block_bytes = cfg->block_bytes ? cfg->block_bytes : BLOCK_DEFAULT;
    prng_init(&store->random, cfg->seed, "store");
    for (size_t i = 0; i < GUEST_STORE_FOLDERS_MAX && cfg->folders[i] && !code; i++) {
        code = open_folder(store, cfg->folders[i], err);
    }
    code = code ? code : guest_store_refresh(store, err);
    if (code) {
        guest_store_free(store);
        return NULL;
    }
    return store;
}

void guest_store_free(struct guest_store *store)
{
    if (!store) {
        return;
    }
    store_commit_names(store, UINT64_MAX);
    store_tree_clear(&store->now);
    store_tree_clear(&store->durable);
    while (store->inodes) {
        store_inode_free(store, store->inodes);
    }
    while (store->stats) {
        struct store_stat *stat = store->stats;
        store->stats = stat->next;
        free((void *)(uintptr_t)stat->file.path);
        free(stat);
    }
    for (size_t i = 0; i < store->folders_len; i++) {
        free(store->folders[i]);
    }
    free(store);
}
