/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/frames.c - CAN frames of a program under test, written and read through a page that
 * the supervisor keeps.
 *
 * Only a shortcut: without it the same functions are system calls with the same outcome. So
 * whatever is unusual goes the long way. */
#include "guest/preload/fast_page.h"
#include "guest/preload/preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { CLASSICAL_BYTES = 16, FD_BYTES = 72, LENGTH_AT = 4, CLASSICAL_DATA = 8, FD_DATA = 64 };

static struct fast_page *page;

/* The functions of libc, which threads can be cancelled in. */
static struct {
    int (*socket)(int, int, int);
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*send)(int, const void *, size_t, int);
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*recvmsg)(int, struct msghdr *, int);
} libc;

/* ISO C has no conversion from an object pointer to a function; dlsym(3) shows this one. */
static void find(void *function, const char *name)
{
    *(void **)function = dlsym(RTLD_NEXT, name);
}

static void find_all(void)
{
    if (!libc.socket) {
        find((void *)&libc.write, "write");
        find((void *)&libc.read, "read");
        find((void *)&libc.send, "send");
        find((void *)&libc.recv, "recv");
        find((void *)&libc.recvmsg, "recvmsg");
        find((void *)&libc.socket, "socket");
    }
}

__attribute__((constructor)) static void begin(void)
{
    find_all();
}

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Counts one more in the word, unless it has changed meanwhile. */
static int count_up(uint64_t *word, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

int preload_has_written(void)
{
    return page && page->on && fast_count(load(&page->written)) > 0;
}

static struct fast_slot *slot_of(int fd)
{
    for (int i = 0; page && page->on && fd >= 0 && i < FAST_SLOTS; i++) {
        if (page->slots[i].fd == fd) {
            pthread_testcancel();
            return &page->slots[i];
        }
    }
    return NULL;
}

int preload_is_on_for(int fd)
{
    return slot_of(fd) != NULL;
}

/* Plainly not memory: the kernel says so, where a copy would end the program. */
static int is_memory(const void *at)
{
    return (uintptr_t)at >= 65536 && (uintptr_t)at < (uintptr_t)1 << 47;
}

static int is_frame(const struct fast_slot *slot, const uint8_t *frame, size_t len_bytes)
{
    if (len_bytes == FD_BYTES) {
        return slot->takes_fd && is_memory(frame) && frame[LENGTH_AT] <= FD_DATA;
    }
    return len_bytes == CLASSICAL_BYTES && is_memory(frame) && frame[LENGTH_AT] <= CLASSICAL_DATA;
}

/* EAGAIN that was counted; 0: the long way. */
static int refuse(const struct fast_slot *slot, int flags)
{
    return (slot->nonblocking || (flags & MSG_DONTWAIT)) && preload_count() ? EAGAIN : 0;
}

/* What the call returns, or 0: the long way. EAGAIN as a negative number. */
static ssize_t write_frame(int fd, const void *frame, size_t len_bytes, int flags)
{
    struct fast_slot *slot = slot_of(fd);
    while (slot && page->on && is_frame(slot, frame, len_bytes)) {
        uint32_t index = (uint32_t)(slot - page->slots);
        uint64_t word = load(&page->written);
        uint32_t count = fast_count(word);
        if (count > 0 && fast_slot_of(word) != index) {
            return 0;
        }
        if (count >= slot->room) {
            return slot->full_then ? -refuse(slot, flags) : 0;
        }
        if (count >= FAST_RING) {
            return 0;
        }
        page->ring[count].len_bytes = (uint32_t)len_bytes;
        memcpy(page->ring[count].bytes, frame, len_bytes);
        if (count_up(&page->written, word, fast_word((uint32_t)(word >> 32), index, count + 1))) {
            return (ssize_t)len_bytes;
        }
    }
    return 0;
}

/* told: gets msg_flags of the frame; null: not wanted. */
static ssize_t read_frame(int fd, void *to, size_t room, int flags, int *told)
{
    struct fast_slot *slot = slot_of(fd);
    while (slot && page->on && room > 0 && is_memory(to)) {
        uint64_t word = load(&slot->taken);
        uint32_t count = fast_count(word);
        if (count >= slot->queue_len) {
            return slot->all_queued ? -refuse(slot, flags) : 0;
        }
        const struct fast_frame *frame = &slot->queue[count < FAST_QUEUE ? count : 0];
        uint32_t len_bytes = frame->len_bytes;
        if (len_bytes > room || len_bytes > sizeof frame->bytes) {
            return 0;
        }
        memcpy(to, frame->bytes, len_bytes);
        if (told) {
            *told = (int)frame->flags;
        }
        if (count_up(&slot->taken, word, word + 1)) {
            return len_bytes;
        }
    }
    return 0;
}

static ssize_t result(ssize_t n)
{
    if (n < 0) {
        errno = (int)-n;
        return -1;
    }
    return n;
}

EXPORT ssize_t write(int fd, const void *data, size_t len_bytes)
{
    ssize_t n = write_frame(fd, data, len_bytes, 0);
    if (n != 0) {
        return result(n);
    }
    return libc.write ? libc.write(fd, data, len_bytes)
                      : (ssize_t)syscall(SYS_write, fd, data, len_bytes);
}

EXPORT ssize_t read(int fd, void *data, size_t len_bytes)
{
    ssize_t n = read_frame(fd, data, len_bytes, 0, NULL);
    if (n != 0) {
        return result(n);
    }
    return libc.read ? libc.read(fd, data, len_bytes)
                     : (ssize_t)syscall(SYS_read, fd, data, len_bytes);
}

EXPORT ssize_t send(int fd, const void *data, size_t len_bytes, int flags)
{
    ssize_t n = (flags & ~MSG_DONTWAIT) == 0 ? write_frame(fd, data, len_bytes, flags) : 0;
    if (n != 0) {
        return result(n);
    }
    return libc.send ? libc.send(fd, data, len_bytes, flags)
                     : (ssize_t)syscall(SYS_sendto, fd, data, len_bytes, flags, NULL, 0);
}

EXPORT ssize_t recv(int fd, void *data, size_t len_bytes, int flags)
{
    ssize_t n = (flags & ~MSG_DONTWAIT) == 0 ? read_frame(fd, data, len_bytes, flags, NULL) : 0;
    if (n != 0) {
        return result(n);
    }
    return libc.recv ? libc.recv(fd, data, len_bytes, flags)
                     : (ssize_t)syscall(SYS_recvfrom, fd, data, len_bytes, flags, NULL, NULL);
}

/* One buffer, no address and no control messages wanted or to be told. */
static int is_plain(int fd, const struct msghdr *message, int flags)
{
    const struct fast_slot *slot = slot_of(fd);
    return slot && slot->no_control && (flags & ~MSG_DONTWAIT) == 0 && is_memory(message) &&
           !message->msg_name && !message->msg_control && message->msg_iovlen == 1 &&
           is_memory(message->msg_iov);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    int told = 0;
    ssize_t n = is_plain(fd, message, flags) ? read_frame(fd, message->msg_iov->iov_base,
                                                          message->msg_iov->iov_len, flags, &told)
                                             : 0;
    if (n > 0) {
        message->msg_flags = told;
        message->msg_controllen = 0;
    }
    if (n != 0) {
        return result(n);
    }
    return libc.recvmsg ? libc.recvmsg(fd, message, flags)
                        : (ssize_t)syscall(SYS_recvmsg, fd, message, flags);
}

/* A process that opens a CAN socket gets its page. */
EXPORT int socket(int domain, int type, int protocol)
{
    find_all();
    int fd = libc.socket ? libc.socket(domain, type, protocol)
                         : (int)syscall(SYS_socket, domain, type, protocol);
    if (fd >= 0 && domain == AF_CAN && !page) {
        struct fast_page *at = preload_map(GUEST_PAGE_FAST, FAST_PAGE_SIZE);
        page = at && at->version == FAST_PAGE_VERSION ? at : NULL;
    }
    return fd;
}
