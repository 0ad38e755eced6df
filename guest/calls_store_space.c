/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store_space.c - how much space the disk has, files without a name, and mappings. */
#include "guest/calls_store.h"

#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/proc_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static void mark_held(const struct guest_store *store, pid_t pid)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *list = opendir(path);
    for (const struct dirent *entry = list ? readdir(list) : NULL; entry; entry = readdir(list)) {
        struct stat real;
        struct store_inode *inode = fstatat(dirfd(list), entry->d_name, &real, 0) == 0
                                        ? store_inode_of(store, &real)
                                        : NULL;
        if (inode) {
            inode->held = true;
        }
    }
    if (list) {
        closedir(list);
    }
}

void store_reap(void *ctx, struct guest_store *store)
{
    const struct supervisor *s = ctx;
    for (struct store_inode *at = store->inodes; at; at = at->next) {
        at->held = false;
    }
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        if (!p->dead) {
            mark_held(store, p->pid);
        }
    }
    for (struct store_inode *at = store->inodes, *next; at; at = next) {
        next = at->next;
        if (at->orphan && !at->held) {
            store_forget_orphan(store, at);
        }
    }
}

static bool is_on_disk(const struct supervisor *s, const struct guest_thread *t,
                       struct statfs *space)
{
    struct store_open it;
    char name[STORE_PATH_SIZE];
    char full[STORE_PATH_SIZE + 64];
    struct stat real;
    if (t->call.nr == SYS_fstatfs) {
        if (!store_open_of(s, t, (int)t->call.arg[0], &it)) {
            return false;
        }
        bool ok = fstatfs(it.copy, space) == 0;
        close(it.copy);
        return ok;
    }
    if (!guest_read_text(t, t->call.arg[0], name, sizeof name) || name[0] == '\0') {
        return false;
    }
    fd_make_path(t, AT_FDCWD, name, full, sizeof full);
    return stat(full, &real) == 0 && store_inode_of(s->cfg.store, &real) &&
           statfs(full, space) == 0;
}

enum guest_verdict call_store_space(struct supervisor *s, struct guest_thread *t)
{
    struct guest_store *store = s->cfg.store;
    struct statfs space;
    if (!store->cfg.capacity_bytes || !is_on_disk(s, t, &space)) {
        return guest_let(t);
    }
    space.f_bsize = (__fsword_t)store->cfg.block_bytes;
    space.f_frsize = (__fsword_t)store->cfg.block_bytes;
    space.f_blocks = store->cfg.capacity_bytes / store->cfg.block_bytes;
    space.f_bfree = space.f_bavail = guest_store_free_bytes(store) / store->cfg.block_bytes;
    return guest_write(t, t->call.arg[1], &space, sizeof space) ? guest_value(t, 0)
                                                                : guest_error(t, EFAULT);
}

/* What is written through a mapping makes no call: the file is compared when it is synced, and when
 * the power is lost. */
enum guest_verdict call_store_map(struct supervisor *s, struct guest_thread *t)
{
    struct store_open it;
    int flags = (int)t->call.arg[3];
    bool shared = (flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE;
    if (shared && !(flags & MAP_ANONYMOUS) && store_open_of(s, t, (int)t->call.arg[4], &it)) {
        it.inode->mapped = it.inode->mapped || (it.flags & O_ACCMODE) == O_RDWR;
        close(it.copy);
    }
    return guest_let(t);
}

/* /proc/PID/maps: the file that lies at the address. */
static struct store_inode *mapped_at(const struct supervisor *s, const struct guest_thread *t,
                                     uint64_t address)
{
    char path[32];
    char *line = NULL;
    size_t cap = 0;
    uint64_t inode_number = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)t->tid);
    FILE *maps = fopen(path, "re");
    while (maps && inode_number == 0 && getline(&line, &cap, maps) > 0) {
        uint64_t begin;
        uint64_t end;
        uint64_t number;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %" SCNu64, &begin, &end, &number) ==
                3 &&
            begin <= address && address < end) {
            inode_number = number;
        }
    }
    free(line);
    if (maps) {
        fclose(maps);
    }
    struct store_inode *at = inode_number ? s->cfg.store->inodes : NULL;
    while (at && (at->real != inode_number || !at->mapped)) {
        at = at->next;
    }
    return at;
}

enum guest_verdict call_store_map_sync(struct supervisor *s, struct guest_thread *t)
{
    struct store_inode *inode = t->call.arg[2] & MS_SYNC ? mapped_at(s, t, t->call.arg[0]) : NULL;
    return inode ? store_sync_inode(s, t, inode, true) : guest_let(t);
}
