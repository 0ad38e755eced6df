/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_tree.c - names: which file a folder has under a name, now and on the disk. */
#include "guest/guest_store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct store_entry **find(struct store_tree *tree, const struct store_inode *folder,
                                 const char *name)
{
    struct store_entry **at = &tree->first;
    while (*at && ((*at)->folder != folder || strcmp((*at)->name, name) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

struct store_entry *store_tree_find(const struct store_tree *tree, const struct store_inode *folder,
                                    const char *name)
{
    struct store_tree copy = *tree;
    return *find(&copy, folder, name);
}

struct store_entry *store_tree_name_of(const struct store_tree *tree,
                                       const struct store_inode *inode)
{
    struct store_entry *at = tree->first;
    while (at && at->inode != inode) {
        at = at->next;
    }
    return at;
}

bool store_tree_has_children(const struct store_tree *tree, const struct store_inode *folder)
{
    const struct store_entry *at = tree->first;
    while (at && at->folder != folder) {
        at = at->next;
    }
    return at != NULL;
}

void store_tree_take(struct store_tree *tree, const struct store_inode *folder, const char *name)
{
    struct store_entry **at = find(tree, folder, name);
    struct store_entry *entry = *at;
    if (entry) {
        *at = entry->next;
        free(entry->name);
        free(entry);
    }
}

void store_tree_add(struct store_tree *tree, struct store_inode *folder, const char *name,
                    struct store_inode *inode)
{
    struct store_entry **at = find(tree, folder, name);
    if (*at) {
        (*at)->inode = inode;
        return;
    }
    struct store_entry *entry = calloc(1, sizeof *entry);
    CHECK(entry);
    *entry = (struct store_entry){.folder = folder, .inode = inode, .name = strdup(name)};
    CHECK(entry->name);
    *at = entry;
}

void store_tree_apply(struct store_tree *tree, const struct store_change *change)
{
    switch (change->kind) {
    case STORE_ADD: store_tree_add(tree, change->folder, change->name, change->inode); break;
    case STORE_TAKE: store_tree_take(tree, change->folder, change->name); break;
    case STORE_MOVE:
        store_tree_take(tree, change->folder, change->name);
        store_tree_add(tree, change->to_folder, change->to_name, change->inode);
        break;
    case STORE_EXCHANGE:
        store_tree_add(tree, change->folder, change->name, change->other);
        store_tree_add(tree, change->to_folder, change->to_name, change->inode);
        break;
    }
}

void store_tree_clear(struct store_tree *tree)
{
    while (tree->first) {
        struct store_entry *entry = tree->first;
        tree->first = entry->next;
        free(entry->name);
        free(entry);
    }
}

void store_tree_copy(struct store_tree *to, const struct store_tree *from)
{
    store_tree_clear(to);
    for (const struct store_entry *at = from->first; at; at = at->next) {
        store_tree_add(to, at->folder, at->name, at->inode);
    }
}

static size_t root_of(const struct guest_store *store, const struct store_inode *inode)
{
    size_t i = 0;
    while (i < store->folders_len && store->roots[i] != inode) {
        i++;
    }
    return i;
}

/* Writes in front of *start. */
static bool put_before(const char *path, char **start, const char *text, size_t len)
{
    if ((size_t)(*start - path) < len) {
        return false;
    }
    *start -= len;
    memcpy(*start, text, len);
    return true;
}

static bool join_names(const struct guest_store *store, const struct store_tree *tree,
                       const struct store_inode *inode, char *path, char **start, size_t *root)
{
    while ((*root = root_of(store, inode)) == store->folders_len) {
        const struct store_entry *entry = store_tree_name_of(tree, inode);
        if (!entry || !put_before(path, start, entry->name, strlen(entry->name)) ||
            !put_before(path, start, "/", 1)) {
            return false;
        }
        inode = entry->folder;
    }
    return true;
}

bool store_tree_path(const struct guest_store *store, const struct store_tree *tree,
                     const struct store_inode *inode, char *path, size_t size)
{
    char *start = path + size - 1;
    size_t root;
    *start = '\0';
    if (!join_names(store, tree, inode, path, &start, &root) ||
        !put_before(path, &start, store->folders[root], strlen(store->folders[root]))) {
        return false;
    }
    memmove(path, start, (size_t)(path + size - start));
    return true;
}

static const char *shown(const struct guest_store *store, const char *path)
{
    size_t len = strlen(store->folders[0]);
    if (strncmp(path, store->folders[0], len) != 0 || (path[len] != '/' && path[len] != '\0')) {
        return path;
    }
    return path[len] == '\0' ? "." : path + len + 1;
}

void store_shown_path(const struct guest_store *store, const struct store_inode *folder,
                      const char *name, char *path, size_t size)
{
    char real[STORE_PATH_SIZE];
    if (!folder || !store_tree_path(store, &store->now, folder, real, sizeof real)) {
        snprintf(path, size, "%s", name && folder ? name : folder ? "(removed)" : ".");
        return;
    }
    size_t len = strlen(real);
    if (name && len + 1 + strlen(name) < sizeof real) {
        real[len] = '/';
        memcpy(real + len + 1, name, strlen(name) + 1);
    }
    snprintf(path, size, "%s", shown(store, real));
}

static struct store_inode *start_of(struct guest_store *store, const char **path)
{
    for (size_t i = 0; i < store->folders_len && **path == '/'; i++) {
        size_t len = strlen(store->folders[i]);
        if (strncmp(*path, store->folders[i], len) == 0 && (*path)[len] == '/') {
            *path += len + 1;
            return store->roots[i];
        }
    }
    return **path == '/' ? NULL : store->roots[0];
}

struct store_inode *store_find_path(struct guest_store *store, const char *path)
{
    char name[256];
    struct store_inode *at = start_of(store, &path);
    while (at && *path) {
        size_t len = strcspn(path, "/");
        if (len >= sizeof name) {
            return NULL;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        path += len + strspn(path + len, "/");
        if (len > 0 && strcmp(name, ".") != 0) {
            const struct store_entry *entry = store_tree_find(&store->now, at, name);
            at = entry ? entry->inode : NULL;
        }
    }
    return at;
}
