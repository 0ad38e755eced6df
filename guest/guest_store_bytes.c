/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_bytes.c - the content of a file in memory, and as a real file. */
#include "guest/guest_store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void store_bytes_resize(struct store_bytes *bytes, size_t len)
{
    if (len > bytes->cap) {
        size_t cap = len < 2 * bytes->cap ? 2 * bytes->cap : len;
        uint8_t *at = realloc(bytes->at, cap);
        CHECK(at);
        bytes->at = at;
        bytes->cap = cap;
    }
    if (len > bytes->len) {
        memset(bytes->at + bytes->len, 0, len - bytes->len);
    }
    bytes->len = len;
}

void store_bytes_put(struct store_bytes *bytes, size_t offset, const void *from, size_t len)
{
    if (len == 0) {
        return;
    }
    if (offset + len > bytes->len) {
        store_bytes_resize(bytes, offset + len);
    }
    memcpy(bytes->at + offset, from, len);
}

void store_bytes_free(struct store_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct store_bytes){NULL, 0, 0};
}

static bool read_all(int fd, struct store_bytes *bytes)
{
    enum { PIECE = 1 << 16 };
    struct stat info;
    size_t len = 0;
    ssize_t n;
    store_bytes_resize(bytes, fstat(fd, &info) == 0 && info.st_size > 0 ? (size_t)info.st_size : 0);
    do {
        if (len == bytes->len) {
            store_bytes_resize(bytes, len + PIECE);
        }
        n = read(fd, bytes->at + len, bytes->len - len);
        len += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    bytes->len = len;
    return n == 0;
}

/* Programs may have taken the rights to a file away from themselves; a disk does not mind. */
static int open_anyway(const char *path, int flags)
{
    struct stat info;
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 || errno != EACCES || lstat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        chmod(path, 0600) != 0) {
        return fd;
    }
    fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (chmod(path, info.st_mode & 07777) != 0 && fd >= 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool store_bytes_read_file(struct store_bytes *bytes, const char *path)
{
    int fd = open_anyway(path, O_RDONLY | O_NONBLOCK);
    bool ok = fd >= 0 && read_all(fd, bytes);
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return ok;
}

bool store_bytes_write_file(const struct store_bytes *bytes, const char *path, mode_t mode)
{
    int fd = open_anyway(path, O_WRONLY | O_CREAT | O_TRUNC);
    size_t len = 0;
    bool ok = fd >= 0;
    while (ok && len < bytes->len) {
        ssize_t n = write(fd, bytes->at + len, bytes->len - len);
        ok = n > 0;
        len += ok ? (size_t)n : 0;
    }
    ok = ok && fchmod(fd, mode & 07777) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return ok;
}
