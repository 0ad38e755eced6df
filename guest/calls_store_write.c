/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store_write.c - writing to a file of the disk, from memory or from another file, and
 * changing its size. */
#include "guest/calls_store.h"

#include "guest/calls.h"
#include "guest/calls_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More than that in one call is a short write. */
enum { WRITE_MAX = 1 << 28, COPY_MAX = 1 << 20, ALIGNMENT = 4096 };

/* linux/fs.h */
enum { WRITE_DSYNC = 0x2, WRITE_SYNC = 0x4 };

/* One write: where to, and how. */
struct writing {
    struct store_open file;
    bool at_position; /* Of the open file, which moves. */
    bool synced, data_only;
    uint64_t offset;
    const uint8_t *data;
    size_t len;
};

static ssize_t put(const struct writing *w, size_t from, size_t len)
{
    size_t done = 0;
    while (done < len) {
        const uint8_t *data = w->data + from + done;
        ssize_t n = w->at_position
                        ? write(w->file.copy, data, len - done)
                        : pwrite(w->file.copy, data, len - done, (off_t)(w->offset + from + done));
        if (n <= 0) {
            return done > 0 ? (ssize_t)done : n;
        }
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* As a full disk does it: what fits is written. */
static int64_t fit(struct supervisor *s, const struct writing *w, uint64_t len)
{
    uint64_t room = store_room(s->cfg.store, w->file.inode);
    if (len == 0 || room == UINT64_MAX || w->offset + len <= room) {
        return (int64_t)len;
    }
    s->cfg.store->times_full++;
    return room > w->offset ? (int64_t)(room - w->offset) : -ENOSPC;
}

static int64_t put_noted(struct supervisor *s, const struct writing *w, size_t from, size_t len)
{
    ssize_t n = put(w, from, len);
    if (n > 0) {
        store_inode_wrote(s->cfg.store, w->file.inode, w->offset + from, w->data + from, (size_t)n,
                          s->sim->now_ns);
    }
    return n < 0 ? -errno : n;
}

/* Returns what the call does; *stopped: in the middle of it. */
static int64_t write_parts(struct supervisor *s, const struct writing *w, struct guest_store_op *op)
{
    int64_t len = fit(s, w, op->bytes);
    size_t first = 0;
    if (len > 0 && op->middle_bytes > 0 && op->middle_bytes < (uint64_t)len) {
        first = op->middle_bytes;
        int64_t n = put_noted(s, w, 0, first);
        store_op_middle(s->cfg.store, op);
        if (s->ended || n < (int64_t)first) {
            return n;
        }
    }
    if (len <= 0) {
        return len;
    }
    int64_t n = put_noted(s, w, first, (size_t)len - first);
    return n < 0 && first > 0 ? (int64_t)first : n < 0 ? n : n + (int64_t)first;
}

static void count(struct guest_store *store, const struct writing *w,
                  const struct guest_store_op *op, int64_t n)
{
    struct guest_store_file *file = store_stat_of(store, op->path);
    file->writes++;
    file->written_bytes += (uint64_t)n;
    w->file.inode->stat = file;
}

static enum guest_verdict write_call(struct supervisor *s, struct guest_thread *t,
                                     struct writing *w, int64_t *written)
{
    struct guest_store *store = s->cfg.store;
    enum guest_verdict verdict;
    struct guest_store_op op = {
        .kind = GUEST_STORE_WRITE, .offset = w->offset, .bytes = w->len, .data = w->data};
    *written = 0;
    if (w->synced) {
        op.delay_ns = store_sync_ns(store, w->len);
    }
    if (!store_call_begin(s, t, &op, w->file.inode, NULL, &verdict)) {
        return verdict;
    }
    op.bytes = op.bytes < w->len ? op.bytes : w->len;
    int64_t n = write_parts(s, w, &op);
    if (n >= 0) {
        *written = n;
        count(store, w, &op, n);
        op.bytes = (uint64_t)n;
    }
    bool whole = !s->ended; /* Else the power may be gone in the middle. */
    if (n > 0 && w->synced && whole) {
        store_sync(store, w->file.inode, w->data_only, s->sim->now_ns);
    }
    return whole   ? store_call_end(s, t, &op, n)
           : n < 0 ? guest_error(t, (int)-n)
                   : guest_value(t, n);
}

static void set_place(struct writing *w, bool has_offset, uint64_t offset, int call_flags)
{
    int flags = w->file.flags;
    w->at_position = !has_offset;
    if (flags & O_APPEND) {
        w->offset = (uint64_t)w->file.real.st_size;
    } else {
        w->offset = has_offset ? offset : (uint64_t)lseek(w->file.copy, 0, SEEK_CUR);
    }
    bool all = (flags & O_SYNC) == O_SYNC || (call_flags & WRITE_SYNC);
    w->synced = all || (flags & O_DSYNC) || (call_flags & WRITE_DSYNC);
    w->data_only = !all;
}

/* Where the call wants to write. */
static void read_place(const struct guest_thread *t, struct writing *w)
{
    const uint64_t *arg = t->call.arg;
    switch (t->call.nr) {
    case SYS_pwrite64:
    case SYS_pwritev: set_place(w, true, arg[3], 0); break;
    case SYS_pwritev2: set_place(w, (int64_t)arg[3] != -1, arg[3], (int)arg[5]); break;
    default: set_place(w, false, 0, 0); break;
    }
}

static bool load(const struct guest_thread *t, struct fd_buffer *buffer)
{
    if (t->call.nr != SYS_pwrite64) {
        return fd_buffer_load(t, buffer);
    }
    buffer->iov[0] = (struct iovec){(void *)(uintptr_t)t->call.arg[1], t->call.arg[2]};
    buffer->len = 1;
    buffer->bytes = t->call.arg[2];
    return buffer->bytes <= SSIZE_MAX;
}

/* All of the guest's memory; aligned, because the file may be open with O_DIRECT. */
static uint8_t *fetch(const struct guest_thread *t, const struct fd_buffer *buffer, size_t *len)
{
    size_t wanted = buffer->bytes < WRITE_MAX ? buffer->bytes : WRITE_MAX;
    uint8_t *data = aligned_alloc(ALIGNMENT, (wanted / ALIGNMENT + 1) * ALIGNMENT);
    size_t n = 1;
    CHECK(data);
    for (*len = 0; *len < wanted && n > 0; *len += n) {
        n = fd_buffer_get(t, buffer, *len, data + *len, wanted - *len);
    }
    return data;
}

static bool may_write(const struct store_open *it)
{
    return it->inode->type == STORE_FILE && (it->flags & O_ACCMODE) != O_RDONLY;
}

bool store_write_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict)
{
    struct writing w;
    struct fd_buffer buffer;
    int64_t written;
    if (!s->cfg.store || !store_open_of(s, t, (int)t->call.arg[0], &w.file)) {
        return false;
    }
    if (!may_write(&w.file) || !load(t, &buffer)) {
        close(w.file.copy);
        *verdict = guest_let(t); /* The kernel says what is wrong. */
        return true;
    }
    uint8_t *data = fetch(t, &buffer, &w.len);
    w.data = data;
    read_place(t, &w);
    *verdict =
        w.len == 0 && buffer.bytes > 0 ? guest_error(t, EFAULT) : write_call(s, t, &w, &written);
    free(data);
    close(w.file.copy);
    return true;
}

enum guest_verdict call_store_write(struct supervisor *s, struct guest_thread *t)
{
    enum guest_verdict verdict;
    return store_write_fd(s, t, &verdict) ? verdict : guest_let(t);
}

/* From a file into one of the disk: sendfile() and copy_file_range(). */
struct copying {
    int in;          /* The guest's number. */
    uint64_t in_at;  /* Address of its offset, 0: its position. */
    uint64_t out_at; /* The same. */
    uint64_t len;
};

static bool read_offset(const struct guest_thread *t, uint64_t address, uint64_t *offset)
{
    *offset = 0;
    return !address || guest_read(t, address, offset, sizeof *offset);
}

static void move_offset(const struct guest_thread *t, uint64_t address, uint64_t offset, int in,
                        int64_t n)
{
    offset += (uint64_t)n;
    if (address) {
        guest_write(t, address, &offset, sizeof offset);
    } else if (in >= 0) {
        lseek(in, n, SEEK_CUR);
    }
}

/* Takes over w->file. */
static enum guest_verdict copy_in(struct supervisor *s, struct guest_thread *t, struct writing *w,
                                  const struct copying *c, int in)
{
    uint64_t in_offset;
    uint64_t out_offset;
    int64_t written = 0;
    if (!read_offset(t, c->in_at, &in_offset) || !read_offset(t, c->out_at, &out_offset)) {
        return guest_error(t, EFAULT);
    }
    size_t len = c->len < COPY_MAX ? c->len : COPY_MAX;
    uint8_t *data = malloc(len + 1);
    CHECK(data);
    uint64_t from = c->in_at ? in_offset : (uint64_t)lseek(in, 0, SEEK_CUR);
    ssize_t n = pread(in, data, len, (off_t)from);
    w->data = data;
    w->len = n > 0 ? (size_t)n : 0;
    set_place(w, c->out_at != 0, out_offset, 0);
    enum guest_verdict verdict =
        n > 0 ? write_call(s, t, w, &written) : guest_value(t, n < 0 ? -errno : 0);
    if (written > 0) {
        move_offset(t, c->in_at, in_offset, in, written);
        move_offset(t, c->out_at, out_offset, -1, written);
    }
    free(data);
    return verdict;
}

static bool copy_call(struct supervisor *s, struct guest_thread *t, int out,
                      const struct copying *c, enum guest_verdict *verdict)
{
    struct writing w;
    struct stat real;
    if (!store_open_of(s, t, out, &w.file)) {
        return false;
    }
    int in = guest_fd(t, c->in);
    bool plain = in >= 0 && fstat(in, &real) == 0 && S_ISREG(real.st_mode);
    *verdict = plain && may_write(&w.file) ? copy_in(s, t, &w, c, in) : guest_error(t, EINVAL);
    if (in >= 0) {
        close(in);
    }
    close(w.file.copy);
    return true;
}

bool store_transfer_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict)
{
    const uint64_t *arg = t->call.arg;
    struct store_open it;
    if (!s->cfg.store) {
        return false;
    }
    if (t->call.nr == SYS_sendfile) {
        struct copying c = {.in = (int)arg[1], .in_at = arg[2], .len = arg[3]};
        return copy_call(s, t, (int)arg[0], &c, verdict);
    }
    if (t->call.nr != SYS_splice || !store_open_of(s, t, (int)arg[2], &it)) {
        return false;
    }
    close(it.copy);
    *verdict = guest_error(t, EINVAL); /* splice(2): not every file system has it. */
    return true;
}

enum guest_verdict call_store_copy(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    struct copying c = {.in = (int)arg[0], .in_at = arg[1], .out_at = arg[3], .len = arg[4]};
    enum guest_verdict verdict;
    bool ours = copy_call(s, t, (int)arg[2], &c, &verdict) || store_read_fd(s, t, &verdict);
    return ours ? verdict : guest_let(t);
}

/* Makes a file shorter or longer; longer takes space. */
static int64_t resize(struct supervisor *s, struct store_inode *inode, int fd, uint64_t size)
{
    if (size > inode->size && size > store_room(s->cfg.store, inode)) {
        s->cfg.store->times_full++;
        return -ENOSPC;
    }
    if (ftruncate(fd, (off_t)size) != 0) {
        return -errno;
    }
    store_inode_resized(s->cfg.store, inode, size, s->sim->now_ns);
    return 0;
}

static enum guest_verdict truncate_call(struct supervisor *s, struct guest_thread *t,
                                        struct store_inode *inode, int fd, uint64_t size)
{
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_TRUNCATE, .bytes = size};
    if (!store_call_begin(s, t, &op, inode, NULL, &verdict)) {
        return verdict;
    }
    return store_call_end(s, t, &op, resize(s, inode, fd, size));
}

enum guest_verdict call_store_ftruncate(struct supervisor *s, struct guest_thread *t)
{
    struct store_open it;
    if (!store_open_of(s, t, (int)t->call.arg[0], &it)) {
        return guest_let(t);
    }
    bool sound = may_write(&it) && (int64_t)t->call.arg[1] >= 0;
    enum guest_verdict verdict =
        sound ? truncate_call(s, t, it.inode, it.copy, t->call.arg[1]) : guest_let(t);
    close(it.copy);
    return verdict;
}

enum guest_verdict call_store_truncate(struct supervisor *s, struct guest_thread *t)
{
    struct store_place place;
    if (!store_place_of(s, t, AT_FDCWD, t->call.arg[0], true, &place)) {
        return guest_let(t);
    }
    int fd = place.inode && place.inode->type == STORE_FILE
                 ? openat(place.at, place.name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
                 : -1;
    enum guest_verdict verdict = fd >= 0 && (int64_t)t->call.arg[1] >= 0
                                     ? truncate_call(s, t, place.inode, fd, t->call.arg[1])
                                     : guest_let(t);
    if (fd >= 0) {
        close(fd);
    }
    close(place.at);
    return verdict;
}

/* What fallocate() does to the content; modes that move content are refused, as on ext2. */
static int64_t allocate(struct supervisor *s, const struct store_open *it, int mode,
                        uint64_t offset, uint64_t len)
{
    struct guest_store *store = s->cfg.store;
    bool zeroes = mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE);
    uint64_t end = offset + len;
    if (mode & ~(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)) {
        return -EOPNOTSUPP;
    }
    if (end > store_room(store, it->inode) && end > it->inode->size) {
        store->times_full++;
        return -ENOSPC;
    }
    if (fallocate(it->copy, mode, (off_t)offset, (off_t)len) != 0) {
        return -errno;
    }
    if (!(mode & FALLOC_FL_KEEP_SIZE) && end > it->inode->size) {
        store_inode_resized(store, it->inode, end, s->sim->now_ns);
    }
    end = end < it->inode->size ? end : it->inode->size;
    if (zeroes && offset < end) {
        store_inode_wrote(store, it->inode, offset, NULL, end - offset, s->sim->now_ns);
    }
    return 0;
}

enum guest_verdict call_store_fallocate(struct supervisor *s, struct guest_thread *t)
{
    const uint64_t *arg = t->call.arg;
    struct store_open it;
    enum guest_verdict verdict;
    if (!store_open_of(s, t, (int)arg[0], &it)) {
        return guest_let(t);
    }
    struct guest_store_op op = {.kind = GUEST_STORE_ALLOCATE, .offset = arg[2], .bytes = arg[3]};
    if (!may_write(&it) || (int64_t)arg[2] < 0 || (int64_t)arg[3] <= 0) {
        verdict = guest_let(t);
    } else if (store_call_begin(s, t, &op, it.inode, NULL, &verdict)) {
        verdict = store_call_end(s, t, &op, allocate(s, &it, (int)arg[1], arg[2], arg[3]));
    }
    close(it.copy);
    return verdict;
}
