/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_write.c - writing to a descriptor.
 *
 * A pipe or a stream that can be written to may not take all of it, and the kernel would wait for
 * room in the middle of the call. Where that can be, the supervisor moves the data in pieces,
 * through its duplicate, and answers when all of it is through. */
#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/calls_store.h"
#include "guest/can_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A stream that can be written to takes what fits one buffer: unix_writable() and
 * sk_stream_is_writeable() leave far more room than that. What is sent takes up to twice its size
 * in buffers (skb->truesize). */
static bool fits_stream(int copy, size_t bytes)
{
    int type = 0;
    int room = 0;
    int used = 0;
    socklen_t len = sizeof type;
    if (getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM) {
        return true;
    }
    len = sizeof room;
    return getsockopt(copy, SOL_SOCKET, SO_SNDBUF, &room, &len) == 0 &&
           ioctl(copy, SIOCOUTQ, &used) == 0 && bytes < SIZE_MAX / 4 &&
           2 * bytes + (size_t)used <= (size_t)room;
}

/* A pipe has room for buffers of a page each, not for bytes, unless it is empty. */
static bool fits_pipe(int copy, size_t bytes)
{
    int used = 0;
    int room = fcntl(copy, F_GETPIPE_SZ);
    return ioctl(copy, FIONREAD, &used) == 0 && used == 0 && room > 0 && bytes <= (size_t)room;
}

/* What is known to be writable takes all of it: one page in a pipe with a free buffer, and files.
 */
static bool fits(const struct guest_thread *t, int copy)
{
    const struct guest_call *call = &t->call;
    bool is_plain = call->nr == SYS_write || call->nr == SYS_sendto;
    if ((is_plain && call->arg[2] <= PIPE_BUF) || call->nr == SYS_sendmmsg) {
        return true;
    }
    struct stat info;
    if (fstat(copy, &info) != 0 || !(S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode))) {
        return true;
    }
    struct fd_buffer buffer;
    if (!fd_buffer_load(t, &buffer) || buffer.bytes <= PIPE_BUF) {
        return true;
    }
    return S_ISFIFO(info.st_mode) ? fits_pipe(copy, buffer.bytes) : fits_stream(copy, buffer.bytes);
}

/* Descriptors on their way cannot be taken over; they travel with the first byte. */
static bool carries_control(const struct guest_thread *t)
{
    struct msghdr message;
    return t->call.nr == SYS_sendmsg && guest_read(t, t->call.arg[1], &message, sizeof message) &&
           message.msg_controllen > 0;
}

static ssize_t put_piece(const struct guest_thread *t, int copy, const void *piece, size_t len)
{
    int flags = fd_message_flags(&t->call) | MSG_DONTWAIT | MSG_NOSIGNAL;
    ssize_t n = send(copy, piece, len, flags);
    if (n >= 0 || errno != ENOTSOCK) {
        return n;
    }
    /* Nobody reads: the supervisor must not get the signal. No guest runs meanwhile. */
    if (fd_poll(copy, POLLOUT) & POLLERR) {
        errno = EPIPE;
        return -1;
    }
    return write(copy, piece, len);
}

/* Moves what fits. 1: all; 0: the rest must wait; negative errno. */
static int put(struct supervisor *s, struct guest_thread *t, int copy,
               const struct fd_buffer *buffer)
{
    char piece[32768];
    uint64_t *progress = &t->wait.scratch[FD_PROGRESS];
    while (*progress < buffer->bytes) {
        size_t len = fd_buffer_get(t, buffer, *progress, piece, sizeof piece);
        if (len == 0) {
            return -EFAULT;
        }
        ssize_t n = put_piece(t, copy, piece, len);
        if (n < 0) {
            return errno == EAGAIN ? 0 : -errno;
        }
        *progress += (uint64_t)n;
        s->look_at_fds = true; /* Whoever reads from it. */
    }
    return 1;
}

/* A pipe that breaks in the middle: the call returns what went through, with the signal
 * (pipe_write() in fs/pipe.c); a socket only the former. */
static void tell_broken_pipe(struct supervisor *s, const struct guest_thread *t, int copy)
{
    struct stat info;
    if (fstat(copy, &info) == 0 && S_ISFIFO(info.st_mode)) {
        s->look_for_dying = true;
        syscall(SYS_tgkill, t->process->pid, t->tid, SIGPIPE);
    }
}

static enum guest_verdict write_pieces(struct supervisor *s, struct guest_thread *t, int copy)
{
    struct fd_need need = {(int)t->call.arg[0], POLLOUT, SO_SNDTIMEO, false, "room to write"};
    struct fd_buffer buffer;
    int result = -EFAULT;
    if (fd_buffer_load(t, &buffer)) {
        int flags = fd_flags_nonblocking(copy);
        result = put(s, t, copy, &buffer);
        fd_flags_restore(copy, flags);
    }
    int64_t progress = (int64_t)t->wait.scratch[FD_PROGRESS];
    if (result == 0 && (t->call.wake != GUEST_WAKE_TIMEOUT || progress == 0)) {
        t->wait.scratch[FD_IN_PIECES] = 1;
        enum guest_verdict verdict = fd_wait(s, t, copy, &need);
        if (progress > 0) {
            t->wait.on_signal = GUEST_SIGNAL_PARTIAL;
        }
        return verdict;
    }
    if (result == -EPIPE && progress > 0) {
        tell_broken_pipe(s, t, copy);
    }
    fd_look_end(t, copy);
    if (result == -EPIPE && progress == 0) {
        return guest_let(t); /* With the signal. */
    }
    return result < 0 && progress == 0 ? guest_error(t, -result) : guest_value(t, progress);
}

enum guest_verdict call_write_fd(struct supervisor *s, struct guest_thread *t)
{
    struct fd_need need = {(int)t->call.arg[0], POLLOUT, SO_SNDTIMEO, fd_call_dont_wait(&t->call),
                           "room to write"};
    struct can_channel *channel = can_channel_of(s, t, need.fd);
    if (channel) {
        return can_channel_io(s, t, channel);
    }
    enum guest_verdict verdict;
    if (!s->cfg.real_time && store_write_fd(s, t, &verdict)) {
        return verdict;
    }
    if (s->cfg.real_time || t->wait.scratch[FD_SPUN] || fd_call_has_offset(&t->call)) {
        return guest_let(t);
    }
    int copy = fd_look(t, need.fd);
    if (copy < 0) {
        return guest_let(t);
    }
    if (t->wait.scratch[FD_IN_PIECES]) {
        return write_pieces(s, t, copy);
    }
    short ready = fd_poll(copy, POLLOUT);
    bool may_wait = !need.dont_wait && !(ready & (POLLERR | POLLHUP | POLLNVAL)) &&
                    (!ready || !fits(t, copy)) && !fd_is_nonblocking(copy);
    if (may_wait && ready && !carries_control(t)) {
        return write_pieces(s, t, copy);
    }
    if (may_wait && !ready) {
        return fd_wait(s, t, copy, &need);
    }
    fd_look_end(t, copy);
    return ready ? guest_let(t) : fd_let_empty(s, t);
}
