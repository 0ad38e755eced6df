/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store.c - an operation on the disk as a call of a guest, and syncs. */
#include "guest/calls_store.h"

#include "guest/calls.h"
#include "guest/calls_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ERROR_BITS = 16 };

bool store_open_of(const struct supervisor *s, const struct guest_thread *t, int fd,
                   struct store_open *it)
{
    it->inode = NULL;
    it->copy = guest_fd(t, fd);
    if (it->copy < 0) {
        return false;
    }
    if (fstat(it->copy, &it->real) == 0 &&
        (S_ISREG(it->real.st_mode) || S_ISDIR(it->real.st_mode))) {
        it->inode = store_inode_of(s->cfg.store, &it->real);
    }
    if (!it->inode) {
        close(it->copy);
        return false;
    }
    it->flags = fcntl(it->copy, F_GETFL);
    return true;
}

/* Nothing interrupts who waits for a disk. */
static enum guest_verdict wait_until(struct supervisor *s, struct guest_thread *t, sim_ns_t at_ns)
{
    t->wait.deadline_ns = at_ns;
    t->wait.has_mask = true;
    t->wait.mask = UINT64_MAX;
    return guest_park(s, t, "its disk");
}

enum guest_verdict store_call_pause(struct supervisor *s, struct guest_thread *t)
{
    return wait_until(s, t, s->sim->now_ns);
}

static void keep(struct guest_thread *t, const struct guest_store_op *op)
{
    uint64_t *scratch = t->wait.scratch;
    scratch[STORE_PHASE] = STORE_HAS_BEGUN;
    scratch[STORE_NUMBER] = op->number;
    scratch[STORE_BYTES] = op->bytes;
    scratch[STORE_REST] = op->middle_bytes << ERROR_BITS | (uint64_t)op->error;
}

static void find_again(const struct guest_thread *t, struct guest_store_op *op)
{
    const uint64_t *scratch = t->wait.scratch;
    op->number = scratch[STORE_NUMBER];
    op->bytes = scratch[STORE_BYTES];
    op->error = (int)(scratch[STORE_REST] & ((1u << ERROR_BITS) - 1));
    op->middle_bytes = scratch[STORE_REST] >> ERROR_BITS;
}

bool store_call_begin(struct supervisor *s, struct guest_thread *t, struct guest_store_op *op,
                      struct store_inode *folder, const char *name, enum guest_verdict *verdict)
{
    struct guest_store *store = s->cfg.store;
    store->at_ns = s->sim->now_ns;
    if (t->wait.scratch[STORE_PHASE] == STORE_IS_NEW) {
        store_op_begin(store, op, folder, name, s->sim->now_ns);
        keep(t, op);
        if (op->delay_ns > 0 || s->ended) {
            *verdict = wait_until(s, t, guest_deadline(s, op->delay_ns));
            return false;
        }
    } else {
        store_shown_path(store, folder, name, store->path, sizeof store->path);
        op->path = store->path;
        op->at_ns = s->sim->now_ns;
        find_again(t, op);
    }
    if (op->error) {
        *verdict = store_call_end(s, t, op, -op->error);
        return false;
    }
    return true;
}

enum guest_verdict store_call_end(struct supervisor *s, struct guest_thread *t,
                                  struct guest_store_op *op, int64_t result)
{
    op->error = result < 0 ? (int)-result : 0;
    store_op_end(s->cfg.store, op);
    return result < 0 ? guest_error(t, op->error) : guest_value(t, result);
}

/* Half of a sync: what the middle is asked for is on the disk, the rest is not. */
static bool sync_half(struct supervisor *s, struct guest_thread *t, struct guest_store_op *op,
                      struct store_inode *inode, enum guest_verdict *verdict)
{
    uint64_t middle = op->middle_bytes;
    if (!inode || middle == 0 || middle >= op->bytes) {
        return true;
    }
    store_inode_settle(s->cfg.store, inode, middle);
    store_op_middle(s->cfg.store, op);
    op->middle_bytes = 0;
    if (s->ended) {
        keep(t, op);
        *verdict = store_call_pause(s, t);
        return false;
    }
    return true;
}

enum guest_verdict store_sync_inode(struct supervisor *s, struct guest_thread *t,
                                    struct store_inode *inode, bool data_only)
{
    struct guest_store *store = s->cfg.store;
    enum guest_verdict verdict;
    struct guest_store_op op = {.kind = GUEST_STORE_SYNC};
    op.bytes = inode ? store_inode_pending_bytes(inode) : store->pending_bytes;
    if (!store_call_begin(s, t, &op, inode, NULL, &verdict) ||
        !sync_half(s, t, &op, inode, &verdict)) {
        return verdict;
    }
    if (inode) {
        store_stat_of(store, op.path)->syncs++;
        store_sync(store, inode, data_only, s->sim->now_ns);
    } else {
        store_sync_all(store, s->sim->now_ns);
    }
    return store_call_end(s, t, &op, 0);
}

bool store_sync_call(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict)
{
    struct store_open it;
    int nr = t->call.nr;
    if (!s->cfg.store) {
        return false;
    }
    if (nr == SYS_sync) {
        *verdict = store_sync_inode(s, t, NULL, false);
        return true;
    }
    if (!store_open_of(s, t, (int)t->call.arg[0], &it)) {
        return false;
    }
    close(it.copy);
    *verdict = store_sync_inode(s, t, nr == SYS_syncfs ? NULL : it.inode, nr == SYS_fdatasync);
    return true;
}

bool store_read_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict)
{
    const uint64_t *arg = t->call.arg;
    bool copies = t->call.nr == SYS_copy_file_range;
    struct store_open it;
    if (!s->cfg.store || !s->cfg.store->cfg.reads || !store_open_of(s, t, (int)arg[0], &it)) {
        return false;
    }
    close(it.copy);
    bool plain = t->call.nr == SYS_read || t->call.nr == SYS_pread64;
    struct guest_store_op op = {.kind = GUEST_STORE_READ};
    op.bytes = plain ? arg[2] : copies ? arg[4] : 0;
    op.offset = t->call.nr == SYS_pread64 ? arg[3] : 0;
    if (it.inode->type == STORE_FILE && store_call_begin(s, t, &op, it.inode, NULL, verdict)) {
        *verdict = guest_let(t);
    }
    return it.inode->type == STORE_FILE;
}

enum guest_verdict call_store_read(struct supervisor *s, struct guest_thread *t)
{
    enum guest_verdict verdict;
    return store_read_fd(s, t, &verdict) ? verdict : guest_let(t);
}

/* Copies that share blocks would escape the store. linux/fs.h */
bool store_refuses_ioctl(const struct supervisor *s, const struct guest_thread *t)
{
    struct store_open it;
    uint32_t request = (uint32_t)t->call.arg[1];
    bool clones = request == 0x40049409u /* FICLONE */ || request == 0x4020940Du /* FICLONERANGE */;
    if (!s->cfg.store || !clones || !store_open_of(s, t, (int)t->call.arg[0], &it)) {
        return false;
    }
    close(it.copy);
    return true;
}
