/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store_names.c - calls that change names on the disk: rename, remove, make, link. */
#include "guest/calls_store.h"

#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/fs.h */
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

enum { LINKS_MAX = 8, PATH_SIZE = STORE_PATH_SIZE + 64 };

mode_t store_umask(const struct guest_thread *t)
{
    char status[512];
    const char *line =
        proc_read(t->tid, "status", status, sizeof status) > 0 ? strstr(status, "Umask:") : NULL;
    return line ? (mode_t)strtoul(line + strlen("Umask:"), NULL, 8) : 022;
}

/* Splits at the last name. False: there is none, as in "/", or it is ".". */
static bool split(char *path, const char **folder, const char **name)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        path[--len] = '\0';
    }
    char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    *folder = !slash ? "." : slash == path ? "/" : path;
    if (slash) {
        *slash = '\0';
    }
    return **name != '\0' && strcmp(*name, ".") != 0 && strcmp(*name, "..") != 0;
}

static bool open_folder(const struct supervisor *s, int base, char *path, struct store_place *place)
{
    struct stat real;
    const char *folder;
    const char *name;
    if (!split(path, &folder, &name) || strlen(name) >= sizeof place->name) {
        return false;
    }
    snprintf(place->name, sizeof place->name, "%s", name);
    place->at = openat(base, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place->at < 0) {
        return false;
    }
    place->folder = fstat(place->at, &real) == 0 ? store_inode_of(s->cfg.store, &real) : NULL;
    place->there = fstatat(place->at, place->name, &place->real, AT_SYMLINK_NOFOLLOW) == 0;
    place->inode = place->there ? store_inode_of(s->cfg.store, &place->real) : NULL;
    if (place->inode) {
        place->inode->mode = place->real.st_mode; /* chmod() is not notified. */
    }
    return true;
}

/* Its target, from the folder that it lies in. */
static bool read_target(const struct store_place *place, char *path, size_t size)
{
    ssize_t len = readlinkat(place->at, place->name, path, size - 1);
    path[len > 0 ? len : 0] = '\0';
    return len > 0;
}

bool store_place_of(const struct supervisor *s, const struct guest_thread *t, int folder,
                    uint64_t path, bool follow, struct store_place *place)
{
    char name[STORE_PATH_SIZE];
    char full[PATH_SIZE];
    int base = AT_FDCWD;
    if (!guest_read_text(t, path, name, sizeof name) || name[0] == '\0') {
        return false;
    }
    fd_make_path(t, folder, name, full, sizeof full);
    for (unsigned links = 0; links < LINKS_MAX; links++) {
        bool open = open_folder(s, base, full, place);
        if (base != AT_FDCWD) {
            close(base);
        }
        if (!open) {
            return false;
        }
        if (!follow || !place->there || !S_ISLNK(place->real.st_mode) ||
            !read_target(place, full, sizeof full)) {
            if (!place->folder) {
                close(place->at);
            }
            return place->folder != NULL;
        }
        base = place->at;
    }
    close(base);
    return false;
}

static bool is_root(const struct guest_store *store, const struct store_inode *inode)
{
    for (size_t i = 0; i < store->folders_len; i++) {
        if (inode && store->roots[i] == inode) {
            return true;
        }
    }
    return false;
}

/* The disk's own folder is where it is mounted. */
static bool is_mount(const struct supervisor *s, const struct guest_thread *t, int folder,
                     uint64_t path)
{
    char name[STORE_PATH_SIZE];
    char full[PATH_SIZE];
    struct stat real;
    if (!guest_read_text(t, path, name, sizeof name)) {
        return false;
    }
    fd_make_path(t, folder, name, full, sizeof full);
    return lstat(full, &real) == 0 && is_root(s->cfg.store, store_inode_of(s->cfg.store, &real));
}

/* Two names of one call. */
struct names {
    struct store_place from, to;
    bool has_from, has_to;
};

static void close_names(const struct names *n)
{
    if (n->has_from) {
        close(n->from.at);
    }
    if (n->has_to) {
        close(n->to.at);
    }
}

static const char *show_to(struct guest_store *store, const struct store_place *to)
{
    store_shown_path(store, to->folder, to->name, store->to, sizeof store->to);
    return store->to;
}

static int64_t do_rename(struct supervisor *s, const struct names *n, unsigned flags)
{
    struct store_change change = {.kind = flags & RENAME_EXCHANGE ? STORE_EXCHANGE : STORE_MOVE,
                                  .folder = n->from.folder,
                                  .to_folder = n->to.folder,
                                  .inode = n->from.inode,
                                  .other = n->to.inode,
                                  .name = (char *)(uintptr_t)n->from.name,
                                  .to_name = (char *)(uintptr_t)n->to.name};
    bool same = n->from.inode == n->to.inode; /* Two names of one file: rename(2) does nothing. */
    if (syscall(SYS_renameat2, n->from.at, n->from.name, n->to.at, n->to.name, flags) != 0) {
        return -errno;
    }
    if (n->from.inode && !same) {
        store_change_add(s->cfg.store, &change);
    }
    return 0;
}

static enum guest_verdict rename_call(struct supervisor *s, struct guest_thread *t,
                                      const struct names *n, unsigned flags)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_RENAME};
    op.to = show_to(s->cfg.store, &n->to);
    if (!store_call_begin(s, t, &op, n->from.folder, n->from.name, &verdict)) {
        return verdict;
    }
    return store_call_end(s, t, &op, do_rename(s, n, flags));
}

enum guest_verdict call_store_rename(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    bool plain = t->call.nr == SYS_rename;
    int folders[] = {plain ? AT_FDCWD : (int)arg[0], plain ? AT_FDCWD : (int)arg[2]};
    uint64_t paths[] = {plain ? arg[0] : arg[1], plain ? arg[1] : arg[3]};
    unsigned flags = t->call.nr == SYS_renameat2 ? (unsigned)arg[4] : 0;
    struct names n;
    enum guest_verdict verdict;
    n.has_from = store_place_of(s, t, folders[0], paths[0], false, &n.from);
    n.has_to = store_place_of(s, t, folders[1], paths[1], false, &n.to);
    if (n.has_from && n.has_to) {
        verdict = rename_call(s, t, &n, flags);
    } else if (n.has_from || n.has_to) {
        verdict = guest_error(t, EXDEV);
    } else if (is_mount(s, t, folders[0], paths[0]) || is_mount(s, t, folders[1], paths[1])) {
        verdict = guest_error(t, EBUSY);
    } else {
        verdict = guest_let(t);
    }
    close_names(&n);
    return verdict;
}

static int64_t do_remove(struct supervisor *s, const struct store_place *place, int flags)
{
    struct store_change change = {.kind = STORE_TAKE,
                                  .folder = place->folder,
                                  .inode = place->inode,
                                  .name = (char *)(uintptr_t)place->name};
    if (unlinkat(place->at, place->name, flags) != 0) {
        return -errno;
    }
    if (place->inode) {
        store_change_add(s->cfg.store, &change);
    }
    return 0;
}

enum guest_verdict call_store_remove(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    bool at = t->call.nr == SYS_unlinkat;
    int folder = at ? (int)arg[0] : AT_FDCWD;
    int flags = at ? (int)arg[2] : t->call.nr == SYS_rmdir ? AT_REMOVEDIR : 0;
    struct store_place place;
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_REMOVE};
    if (!store_place_of(s, t, folder, arg[at], false, &place)) {
        return is_mount(s, t, folder, arg[at]) ? guest_error(t, EBUSY) : guest_let(t);
    }
    if (store_call_begin(s, t, &op, place.folder, place.name, &verdict)) {
        verdict = store_call_end(s, t, &op, do_remove(s, &place, flags));
    }
    close(place.at);
    return verdict;
}

/* What mkdir(), mknod() and symlink() ask for. */
struct making {
    enum guest_store_kind kind;
    enum store_type type;
    int folder;
    uint64_t path;
    mode_t mode;
    dev_t device;
    char target[STORE_PATH_SIZE]; /* Of a symbolic link. */
};

static bool read_making(const struct guest_thread *t, struct making *m)
{
    const uint64_t *arg = t->call.arg;
    switch (t->call.nr) {
    case SYS_mkdir:
        *m = (struct making){
            GUEST_STORE_MKDIR, STORE_FOLDER, AT_FDCWD, arg[0], (mode_t)arg[1], 0, ""};
        return true;
    case SYS_mkdirat:
        *m = (struct making){
            GUEST_STORE_MKDIR, STORE_FOLDER, (int)arg[0], arg[1], (mode_t)arg[2], 0, ""};
        return true;
    case SYS_mknod:
        *m = (struct making){GUEST_STORE_CREATE, STORE_FILE, AT_FDCWD, arg[0],
                             (mode_t)arg[1],     arg[2],     ""};
        return (m->mode & S_IFMT) == S_IFREG || (m->mode & S_IFMT) == 0;
    case SYS_mknodat:
        *m = (struct making){GUEST_STORE_CREATE, STORE_FILE, (int)arg[0], arg[1],
                             (mode_t)arg[2],     arg[3],     ""};
        return (m->mode & S_IFMT) == S_IFREG || (m->mode & S_IFMT) == 0;
    case SYS_symlink:
        *m = (struct making){GUEST_STORE_LINK, STORE_SYMLINK, AT_FDCWD, arg[1], 0777, 0, ""};
        break;
    default: /* symlinkat() */
        *m = (struct making){GUEST_STORE_LINK, STORE_SYMLINK, (int)arg[1], arg[2], 0777, 0, ""};
        break;
    }
    return guest_read_text(t, arg[0], m->target, sizeof m->target);
}

static int make(const struct store_place *place, const struct making *m, mode_t mask)
{
    mode_t own = umask(mask);
    int code = 0;
    switch (m->type) {
    case STORE_FOLDER: code = mkdirat(place->at, place->name, m->mode); break;
    case STORE_FILE: code = mknodat(place->at, place->name, m->mode, m->device); break;
    case STORE_SYMLINK: code = symlinkat(m->target, place->at, place->name); break;
    }
    umask(own);
    return code;
}

static int64_t do_make(struct supervisor *s, const struct guest_thread *t,
                       const struct store_place *place, const struct making *m)
{
    struct guest_store *store = s->cfg.store;
    struct stat real;
    if (m->type == STORE_FOLDER && store_room(store, NULL) == 0) {
        store->times_full++;
        return -ENOSPC;
    }
    if (make(place, m, store_umask(t)) != 0 ||
        fstatat(place->at, place->name, &real, AT_SYMLINK_NOFOLLOW) != 0) {
        return -errno;
    }
    struct store_inode *inode = store_inode_new(store, m->type, &real);
    inode->grew = true;
    store_bytes_put(&inode->durable, 0, m->target, strlen(m->target));
    store_inode_set_size(store, inode, strlen(m->target));
    store_change_add(store, &(struct store_change){.kind = STORE_ADD,
                                                   .folder = place->folder,
                                                   .inode = inode,
                                                   .name = (char *)(uintptr_t)place->name});
    return 0;
}

enum guest_verdict call_store_make(struct supervisor *s, struct guest_thread *t)
{
    struct making m;
    struct store_place place;
    enum guest_verdict verdict;
    if (!read_making(t, &m) || !store_place_of(s, t, m.folder, m.path, false, &place)) {
        return guest_let(t);
    }
    struct guest_store_op op = {.kind = m.kind};
    if (store_call_begin(s, t, &op, place.folder, place.name, &verdict)) {
        verdict = store_call_end(s, t, &op, do_make(s, t, &place, &m));
    }
    close(place.at);
    return verdict;
}

static int64_t do_link(struct supervisor *s, const struct names *n)
{
    if (linkat(n->from.at, n->from.name, n->to.at, n->to.name, 0) != 0) {
        return -errno;
    }
    if (n->from.inode) {
        store_change_add(s->cfg.store,
                         &(struct store_change){.kind = STORE_ADD,
                                                .folder = n->to.folder,
                                                .inode = n->from.inode,
                                                .name = (char *)(uintptr_t)n->to.name});
    }
    return 0;
}

static enum guest_verdict link_call(struct supervisor *s, struct guest_thread *t,
                                    const struct names *n)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_LINK};
    op.to = show_to(s->cfg.store, &n->to);
    if (!store_call_begin(s, t, &op, n->from.folder, n->from.name, &verdict)) {
        return verdict;
    }
    return store_call_end(s, t, &op, do_link(s, n));
}

enum guest_verdict call_store_link(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    bool at = t->call.nr == SYS_linkat;
    bool follow = at && ((int)arg[4] & AT_SYMLINK_FOLLOW);
    struct names n;
    enum guest_verdict verdict;
    n.has_from = store_place_of(s, t, at ? (int)arg[0] : AT_FDCWD, arg[at], follow, &n.from);
    n.has_to =
        store_place_of(s, t, at ? (int)arg[2] : AT_FDCWD, at ? arg[3] : arg[1], false, &n.to);
    if (n.has_from && n.has_to) {
        verdict = link_call(s, t, &n);
    } else {
        verdict = n.has_from || n.has_to ? guest_error(t, EXDEV) : guest_let(t);
    }
    close_names(&n);
    return verdict;
}
