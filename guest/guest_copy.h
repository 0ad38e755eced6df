/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_copy.h - many pieces of a guest's memory moved with few system calls. */
#ifndef GUEST_GUEST_COPY_H
#define GUEST_GUEST_COPY_H

#include "guest/guest_thread.h"

#include <stdbool.h>
#include <sys/uio.h>

enum { GUEST_COPY_PIECES = 16 };

struct guest_copy {
    pid_t tid;
    bool writes; /* Into the guest. */
    bool ok;     /* False once a piece could not be moved: answer EFAULT. */
    size_t len;
    size_t bytes;
    struct iovec here[GUEST_COPY_PIECES];
    struct iovec there[GUEST_COPY_PIECES];
};

void guest_copy_init(struct guest_copy *copy, const struct guest_thread *t, bool writes);
/* Pieces are moved when there are enough of them; memory must stay until guest_copy_end(). */
void guest_copy_add(struct guest_copy *copy, uint64_t address, void *here, size_t len_bytes);
/* Scatters or gathers: at most len_bytes, over the pieces of the guest's iovec. */
void guest_copy_add_iov(struct guest_copy *copy, const struct iovec *there, size_t there_len,
                        void *here, size_t len_bytes);
/* Moves what is left. False: EFAULT. */
bool guest_copy_end(struct guest_copy *copy);

#endif
