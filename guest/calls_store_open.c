/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store_open.c - opening a file of the disk: making it, or emptying it.
 *
 * The supervisor makes a new file itself and gives the guest the descriptor; the rest is the
 * kernel's, after the file has been emptied where that was asked for. */
#include "guest/calls_store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool concerns(const struct supervisor *s, int flags)
{
    bool changes = (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE;
    return !(flags & O_PATH) && (changes || s->cfg.store->cfg.reads);
}

/* The descriptor is kept while the run is stopped. */
static enum guest_verdict give(struct supervisor *s, struct guest_thread *t, int fd, int flags)
{
    if (s->ended) {
        t->wait.scratch[STORE_PHASE] = STORE_IS_DONE;
        guest_wait_fd(t, fd, 0);
        return store_call_pause(s, t);
    }
    enum guest_verdict verdict = guest_give_fd(s, t, fd, (flags & O_CLOEXEC) != 0);
    close(fd);
    return verdict;
}

static int make_file(const struct guest_thread *t, const struct store_place *place,
                     const struct store_opening *opening)
{
    mode_t own = umask(store_umask(t));
    int fd = openat(place->at, place->name,
                    (opening->flags & ~O_TRUNC) | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
                    opening->mode & 07777);
    int error = errno;
    umask(own);
    errno = error;
    return fd;
}

static void note_file(struct guest_store *store, const struct store_place *place,
                      const struct guest_store_op *op, int fd)
{
    struct stat real;
    CHECK(fstat(fd, &real) == 0);
    struct store_inode *inode = store_inode_new(store, STORE_FILE, &real);
    inode->grew = true;
    inode->stat = store_stat_of(store, op->path);
    inode->stat->creates++;
    store_change_add(store, &(struct store_change){.kind = STORE_ADD,
                                                   .folder = place->folder,
                                                   .inode = inode,
                                                   .name = (char *)(uintptr_t)place->name});
}

static enum guest_verdict create(struct supervisor *s, struct guest_thread *t,
                                 const struct store_place *place,
                                 const struct store_opening *opening)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_CREATE};
    if (!store_call_begin(s, t, &op, place->folder, place->name, &verdict)) {
        return verdict;
    }
    int fd = make_file(t, place, opening);
    if (fd < 0) {
        return store_call_end(s, t, &op, -errno);
    }
    note_file(s->cfg.store, place, &op, fd);
    store_call_end(s, t, &op, 0);
    return give(s, t, fd, opening->flags);
}

/* The kernel opens it afterwards, and finds it empty. */
static enum guest_verdict empty(struct supervisor *s, struct guest_thread *t,
                                const struct store_place *place)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_TRUNCATE};
    int fd = openat(place->at, place->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return guest_let(t); /* For it, too. */
    }
    if (store_call_begin(s, t, &op, place->inode, NULL, &verdict)) {
        int64_t result = ftruncate(fd, 0) == 0 ? 0 : -errno;
        if (result == 0) {
            store_inode_resized(s->cfg.store, place->inode, 0, s->sim->now_ns);
        }
        verdict = store_call_end(s, t, &op, result);
        verdict = result == 0 ? guest_let(t) : verdict;
    }
    close(fd);
    return verdict;
}

static enum guest_verdict look(struct supervisor *s, struct guest_thread *t,
                               const struct store_place *place)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_OPEN};
    if (!store_call_begin(s, t, &op, place->inode, NULL, &verdict)) {
        return verdict;
    }
    return guest_let(t);
}

static bool open_place(struct supervisor *s, struct guest_thread *t,
                       const struct store_place *place, const struct store_opening *opening,
                       enum guest_verdict *verdict)
{
    int flags = opening->flags;
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    bool is_file = place->inode && place->inode->type == STORE_FILE;
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        *verdict = guest_error(t, EOPNOTSUPP); /* As on file systems that have none. */
    } else if (!place->there && (flags & O_CREAT)) {
        *verdict = create(s, t, place, opening);
    } else if (is_file && !exclusive && (flags & O_TRUNC)) {
        *verdict = empty(s, t, place);
    } else if (is_file && !exclusive && s->cfg.store->cfg.reads) {
        *verdict = look(s, t, place);
    } else {
        return false;
    }
    return true;
}

bool store_open_call(struct supervisor *s, struct guest_thread *t,
                     const struct store_opening *opening, enum guest_verdict *verdict)
{
    int flags = opening->flags;
    struct store_place place;
    if (t->wait.scratch[STORE_PHASE] == STORE_IS_DONE && t->wait.watches_len > 0) {
        int fd = t->wait.watches[0].fd;
        t->wait.watches[0].fd = -1;
        *verdict = give(s, t, fd, flags);
        return true;
    }
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    bool follow = !(flags & O_NOFOLLOW) && !exclusive;
    if (!concerns(s, flags) ||
        !store_place_of(s, t, opening->folder, opening->path, follow, &place)) {
        return false;
    }
    bool ours = open_place(s, t, &place, opening, verdict);
    close(place.at);
    return ours;
}
