/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_memory.c - reads and writes the memory and takes the descriptors of guests. */
#include "guest/supervisor_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Newer than the headers of Debian 12 (linux/pidfd.h). */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

bool guest_read(const struct guest_thread *t, uint64_t address, void *to, size_t len_bytes)
{
    struct iovec here = {to, len_bytes};
    struct iovec there = {(void *)(uintptr_t)address, len_bytes};
    return len_bytes == 0 || process_vm_readv(t->tid, &here, 1, &there, 1, 0) == (ssize_t)len_bytes;
}

bool guest_write(const struct guest_thread *t, uint64_t address, const void *from, size_t len_bytes)
{
    struct iovec here = {(void *)(uintptr_t)from, len_bytes};
    struct iovec there = {(void *)(uintptr_t)address, len_bytes};
    return len_bytes == 0 ||
           process_vm_writev(t->tid, &here, 1, &there, 1, 0) == (ssize_t)len_bytes;
}

/* Piece by piece up to each page's end: what follows a string may be unmapped. */
bool guest_read_text(const struct guest_thread *t, uint64_t address, char *to, size_t size)
{
    enum { PAGE = 4096 };
    size_t have = 0;
    while (have < size) {
        size_t piece = PAGE - (size_t)((address + have) % PAGE);
        piece = piece < size - have ? piece : size - have;
        if (!guest_read(t, address + have, to + have, piece)) {
            return false;
        }
        if (memchr(to + have, 0, piece)) {
            return true;
        }
        have += piece;
    }
    return false;
}

static int fd_of(int pidfd, int fd)
{
    long copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    return copy < 0 ? -errno : (int)copy;
}

/* The first thread of the process has ended, and its descriptors cannot be had through it any more:
 * through this one (pidfd_open(2), PIDFD_THREAD, Linux 6.9). */
static int fd_of_thread(const struct guest_thread *t, int fd)
{
    int pidfd = (int)syscall(SYS_pidfd_open, t->tid, PIDFD_THREAD);
    if (pidfd < 0) {
        return -ESRCH;
    }
    int copy = fd_of(pidfd, fd);
    close(pidfd);
    return copy;
}

int guest_fd(const struct guest_thread *t, int fd)
{
    return t->process->first_is_gone ? fd_of_thread(t, fd) : fd_of(t->process->pidfd, fd);
}

int guest_read_timespec(const struct guest_thread *t, uint64_t address, uint64_t *ns)
{
    struct timespec value;
    if (!guest_read(t, address, &value, sizeof value)) {
        return -EFAULT;
    }
    if (value.tv_sec < 0 || value.tv_nsec < 0 || value.tv_nsec >= 1000000000) {
        return -EINVAL;
    }
    uint64_t seconds = (uint64_t)value.tv_sec;
    *ns = seconds > SIM_NEVER / 2000000000u ? SIM_NEVER / 2
                                            : seconds * 1000000000u + (uint64_t)value.tv_nsec;
    return 0;
}
