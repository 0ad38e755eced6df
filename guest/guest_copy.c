/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_copy.c - many pieces of a guest's memory moved with few system calls. */
#include "guest/guest_copy.h"

void guest_copy_init(struct guest_copy *copy, const struct guest_thread *t, bool writes)
{
    copy->tid = t->tid;
    copy->writes = writes;
    copy->ok = true;
    copy->len = 0;
    copy->bytes = 0;
}

static void flush(struct guest_copy *copy)
{
    ssize_t moved = 0;
    if (copy->ok && copy->bytes > 0) {
        moved = copy->writes
                    ? process_vm_writev(copy->tid, copy->here, copy->len, copy->there, copy->len, 0)
                    : process_vm_readv(copy->tid, copy->here, copy->len, copy->there, copy->len, 0);
        copy->ok = moved == (ssize_t)copy->bytes;
    }
    copy->len = 0;
    copy->bytes = 0;
}

void guest_copy_add(struct guest_copy *copy, uint64_t address, void *here, size_t len_bytes)
{
    if (len_bytes == 0) {
        return;
    }
    if (copy->len == GUEST_COPY_PIECES) {
        flush(copy);
    }
    copy->here[copy->len] = (struct iovec){here, len_bytes};
    copy->there[copy->len] = (struct iovec){(void *)(uintptr_t)address, len_bytes};
    copy->len++;
    copy->bytes += len_bytes;
}

void guest_copy_add_iov(struct guest_copy *copy, const struct iovec *there, size_t there_len,
                        void *here, size_t len_bytes)
{
    size_t done = 0;
    for (size_t i = 0; i < there_len && done < len_bytes; i++) {
        size_t room = len_bytes - done;
        size_t piece = there[i].iov_len < room ? there[i].iov_len : room;
        guest_copy_add(copy, (uint64_t)(uintptr_t)there[i].iov_base, (char *)here + done, piece);
        done += piece;
    }
}

bool guest_copy_end(struct guest_copy *copy)
{
    flush(copy);
    return copy->ok;
}
