/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_receive.c - recv(), recvfrom() and recvmsg() that wait for all they asked for.
 *
 * A stream that has something to read may have less than MSG_WAITALL wants, and the kernel would
 * wait for the rest: the supervisor takes it in pieces. */
#include "guest/calls_fd.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Only streams collect; a datagram is one (udp_recvmsg()). A look ahead is left to the kernel. */
static bool collects(const struct guest_thread *t, int copy)
{
    int type = 0;
    socklen_t len = sizeof type;
    return !(fd_message_flags(&t->call) & MSG_PEEK) &&
           getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* No sender's name, no control messages: streams have neither as a rule. */
static void write_header(const struct guest_thread *t)
{
    uint32_t no_name = 0;
    if (t->call.nr == SYS_recvmsg) {
        struct msghdr message;
        if (guest_read(t, t->call.arg[1], &message, sizeof message)) {
            message.msg_namelen = 0;
            message.msg_controllen = 0;
            message.msg_flags = 0;
            guest_write(t, t->call.arg[1], &message, sizeof message);
        }
    } else if (t->call.nr == SYS_recvfrom && t->call.arg[4] && t->call.arg[5]) {
        guest_write(t, t->call.arg[5], &no_name, sizeof no_name);
    }
}

/* Takes what is there. 1: all of it or the end; 0: more may come; negative errno. */
static int collect(struct supervisor *s, struct guest_thread *t, int copy,
                   const struct fd_buffer *buffer)
{
    char piece[16384];
    uint64_t *progress = &t->wait.scratch[FD_PROGRESS];
    while (*progress < buffer->bytes) {
        size_t want = buffer->bytes - *progress;
        ssize_t n = recv(copy, piece, want < sizeof piece ? want : sizeof piece, MSG_DONTWAIT);
        if (n == 0) {
            return 1;
        }
        if (n < 0) {
            return errno == EAGAIN ? 0 : -errno;
        }
        if (fd_buffer_put(t, buffer, *progress, piece, (size_t)n) != (size_t)n) {
            return -EFAULT;
        }
        *progress += (uint64_t)n;
        s->look_at_fds = true; /* Whoever writes to it. */
    }
    return 1;
}

enum guest_verdict fd_receive_all(struct supervisor *s, struct guest_thread *t)
{
    struct fd_need need = {(int)t->call.arg[0], POLLIN, SO_RCVTIMEO, false, "data on a socket"};
    int copy = fd_look(t, need.fd);
    if (copy < 0) {
        return guest_let(t);
    }
    struct fd_buffer buffer;
    if (!collects(t, copy) || fd_is_nonblocking(copy) || !fd_buffer_load(t, &buffer)) {
        fd_look_end(t, copy);
        return fd_when_ready(s, t, &need);
    }
    int result = collect(s, t, copy, &buffer);
    int64_t progress = (int64_t)t->wait.scratch[FD_PROGRESS];
    if (result == 0 && (t->call.wake != GUEST_WAKE_TIMEOUT || progress == 0)) {
        enum guest_verdict verdict = fd_wait(s, t, copy, &need);
        if (progress > 0) {
            t->wait.on_signal = GUEST_SIGNAL_PARTIAL;
        }
        return verdict;
    }
    fd_look_end(t, copy);
    if (result < 0 && progress == 0) {
        return guest_error(t, -result);
    }
    write_header(t);
    return guest_value(t, progress);
}
