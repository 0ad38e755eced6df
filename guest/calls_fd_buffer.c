/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_buffer.c - the memory of a guest that a call reads or writes. */
#include "guest/calls_fd.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static bool load_vector(const struct guest_thread *t, struct fd_buffer *buffer, uint64_t address,
                        uint64_t len)
{
    if (len > UIO_MAXIOV || !guest_read(t, address, buffer->iov, len * sizeof *buffer->iov)) {
        return false;
    }
    buffer->len = len;
    buffer->bytes = 0;
    for (size_t i = 0; i < len; i++) {
        if (buffer->iov[i].iov_len > SSIZE_MAX - buffer->bytes) {
            return false;
        }
        buffer->bytes += buffer->iov[i].iov_len;
    }
    return true;
}

bool fd_buffer_load(const struct guest_thread *t, struct fd_buffer *buffer)
{
    const uint64_t *arg = t->call.arg;
    struct msghdr message;
    switch (t->call.nr) {
    case SYS_read:
    case SYS_recvfrom:
    case SYS_write:
    case SYS_sendto:
        buffer->iov[0] = (struct iovec){(void *)(uintptr_t)arg[1], arg[2]};
        buffer->len = 1;
        buffer->bytes = arg[2];
        return arg[2] <= SSIZE_MAX;
    case SYS_recvmsg:
    case SYS_sendmsg:
        return guest_read(t, arg[1], &message, sizeof message) &&
               load_vector(t, buffer, (uint64_t)(uintptr_t)message.msg_iov, message.msg_iovlen);
    default: return load_vector(t, buffer, arg[1], arg[2]);
    }
}

typedef ssize_t copy_fn(pid_t pid, const struct iovec *here, unsigned long here_len,
                        const struct iovec *there, unsigned long there_len, unsigned long flags);

static size_t copy_part(const struct guest_thread *t, const struct fd_buffer *buffer, size_t offset,
                        struct iovec here, copy_fn *copy)
{
    struct iovec there[64];
    size_t n = 0;
    size_t left = here.iov_len;
    for (size_t i = 0; i < buffer->len && left > 0 && n < ARRAY_SIZE(there); i++) {
        struct iovec part = buffer->iov[i];
        if (offset >= part.iov_len) {
            offset -= part.iov_len;
            continue;
        }
        part.iov_base = (char *)part.iov_base + offset;
        part.iov_len -= offset;
        part.iov_len = part.iov_len < left ? part.iov_len : left;
        offset = 0;
        left -= part.iov_len;
        there[n++] = part;
    }
    ssize_t done = n > 0 ? copy(t->tid, &here, 1, there, n, 0) : 0;
    return done > 0 ? (size_t)done : 0;
}

size_t fd_buffer_get(const struct guest_thread *t, const struct fd_buffer *buffer, size_t offset,
                     void *to, size_t len_bytes)
{
    return copy_part(t, buffer, offset, (struct iovec){to, len_bytes}, process_vm_readv);
}

size_t fd_buffer_put(const struct guest_thread *t, const struct fd_buffer *buffer, size_t offset,
                     void *from, size_t len_bytes)
{
    return copy_part(t, buffer, offset, (struct iovec){from, len_bytes}, process_vm_writev);
}
