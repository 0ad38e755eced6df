/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_transfer.c - data moved inside the kernel: splice, tee, vmsplice, sendfile.
 *
 * Between a pipe and a file the kernel does what is possible at once and returns. Into a stream
 * socket it would wait for room: there the supervisor does the call itself, without waiting. */
#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/calls_store.h"
#include "guest/can_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct transfer {
    int in, out; /* The guest's numbers. */
    int in_copy, out_copy;
    bool dont_wait;
};

static bool is_stream_socket(int copy)
{
    int type = 0;
    socklen_t len = sizeof type;
    return getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

static struct transfer read_transfer(const struct guest_call *call)
{
    struct transfer it = {.in = (int)call->arg[0], .out = (int)call->arg[2]};
    if (call->nr == SYS_sendfile) {
        it.in = (int)call->arg[1];
        it.out = (int)call->arg[0];
    } else if (call->nr == SYS_tee) {
        it.out = (int)call->arg[1];
        it.dont_wait = (call->arg[3] & SPLICE_F_NONBLOCK) != 0;
    } else {
        it.dont_wait = (call->arg[5] & SPLICE_F_NONBLOCK) != 0;
    }
    return it;
}

static void close_both(const struct transfer *it)
{
    if (it->in_copy >= 0) {
        close(it->in_copy);
    }
    if (it->out_copy >= 0) {
        close(it->out_copy);
    }
}

static enum guest_verdict wait_for(struct supervisor *s, struct guest_thread *t,
                                   const struct transfer *it, bool in)
{
    if (in) {
        guest_wait_fd(t, it->in_copy, POLLIN);
        close(it->out_copy);
    } else {
        guest_wait_fd(t, it->out_copy, POLLOUT);
        close(it->in_copy);
    }
    t->wait.on_signal = t->wait.scratch[FD_PROGRESS] ? GUEST_SIGNAL_PARTIAL : GUEST_SIGNAL_RESTART;
    return guest_park(s, t, in ? "something to read" : "room to write");
}

/* Like the guest's own call; its offset is read and written here. */
static ssize_t do_call(const struct guest_thread *t, const struct transfer *it)
{
    const uint64_t *arg = t->call.arg;
    bool is_file = t->call.nr == SYS_sendfile;
    uint64_t offset_at = is_file ? arg[2] : arg[1];
    off_t offset = 0;
    if (offset_at && !guest_read(t, offset_at, &offset, sizeof offset)) {
        errno = EFAULT;
        return -1;
    }
    off_t *used = offset_at ? &offset : NULL;
    ssize_t n =
        is_file ? sendfile(it->out_copy, it->in_copy, used, arg[3] - t->wait.scratch[FD_PROGRESS])
                : splice(it->in_copy, used, it->out_copy, NULL, arg[4],
                         (unsigned)arg[5] | SPLICE_F_NONBLOCK);
    if (n > 0 && offset_at) {
        guest_write(t, offset_at, &offset, sizeof offset);
    }
    return n;
}

/* splice() may return early, sendfile() goes on until all is sent or the file ends. */
static enum guest_verdict into_socket(struct supervisor *s, struct guest_thread *t,
                                      const struct transfer *it)
{
    uint64_t *progress = &t->wait.scratch[FD_PROGRESS];
    ssize_t n;
    do {
        int flags = fd_flags_nonblocking(it->out_copy);
        n = do_call(t, it);
        fd_flags_restore(it->out_copy, flags);
        *progress += n > 0 ? (uint64_t)n : 0;
        s->look_at_fds = s->look_at_fds || n > 0;
    } while (n > 0 && t->call.nr == SYS_sendfile && *progress < t->call.arg[3]);
    if (n < 0 && errno == EAGAIN) {
        return wait_for(s, t, it, false);
    }
    close_both(it);
    if (n < 0 && *progress == 0) {
        return errno == EPIPE ? guest_let(t) : guest_error(t, errno);
    }
    return guest_value(t, (int64_t)*progress);
}

static enum guest_verdict transfer(struct supervisor *s, struct guest_thread *t,
                                   const struct transfer *it)
{
    bool readable = fd_poll(it->in_copy, POLLIN) != 0;
    short writable = fd_poll(it->out_copy, POLLOUT);
    if (!it->dont_wait && !fd_is_nonblocking(it->out_copy) && !fd_is_nonblocking(it->in_copy)) {
        if (!readable || !writable) {
            return wait_for(s, t, it, !readable);
        }
        if (!(writable & (POLLERR | POLLHUP)) && is_stream_socket(it->out_copy)) {
            return into_socket(s, t, it);
        }
    }
    close_both(it);
    return readable && writable ? guest_let(t) : fd_let_empty(s, t);
}

static enum guest_verdict splice_memory(struct supervisor *s, struct guest_thread *t)
{
    struct fd_need need = {(int)t->call.arg[0], POLLIN, 0, fd_call_dont_wait(&t->call),
                           "something to read"};
    int copy = fd_look(t, need.fd);
    bool reads = copy >= 0 && (fcntl(copy, F_GETFL) & O_ACCMODE) == O_RDONLY;
    if (copy >= 0) {
        fd_look_end(t, copy);
    }
    return reads ? fd_when_ready(s, t, &need) : call_write_fd(s, t);
}

enum guest_verdict call_transfer(struct supervisor *s, struct guest_thread *t)
{
    if (s->cfg.real_time || t->wait.scratch[FD_SPUN]) {
        return guest_let(t);
    }
    enum guest_verdict verdict;
    if (store_transfer_fd(s, t, &verdict)) {
        return verdict;
    }
    if (t->call.nr == SYS_vmsplice) {
        return splice_memory(s, t);
    }
    struct transfer it = read_transfer(&t->call);
    if (can_channel_of(s, t, it.in) || can_channel_of(s, t, it.out)) {
        return guest_error(t, EINVAL);
    }
    guest_wait_drop_fds(t);
    it.in_copy = guest_fd(t, it.in);
    it.out_copy = guest_fd(t, it.out);
    if (it.in_copy < 0 || it.out_copy < 0) {
        close_both(&it);
        return guest_let(t);
    }
    return transfer(s, t, &it);
}
