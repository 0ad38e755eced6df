/* SPDX-License-Identifier: Apache-2.0 */
/* guest/twin_keep.c - keeps what a program and its double share. */
#include "guest/twin_keep.h"

#include "guest/can_channel_private.h"
#include "guest/guest_fast.h"
#include "guest/notify.h"
#include "guest/preload/clock_page.h"
#include "guest/preload/fast_page.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 64 };

/* A plain file that is open. */
struct kept_file {
    int fd;
    int flags;
    off_t offset;
    char path[512];
};

struct twin_keep {
    struct kept_file files[FILES_MAX];
    size_t files_len;
    bool has_fast;
    uint8_t clock[CLOCK_PAGE_SIZE];
    uint8_t fast[FAST_PAGE_SIZE];
};

static int refuse(struct err *err, const struct guest_thread *t, const char *what)
{
    return err_set(err, ERR_UNSUPPORTED, "%s cannot be doubled: it has %s open", t->process->name,
                   what);
}

static int keep_file(struct twin_keep *keep, const struct guest_thread *t, int fd, int copy,
                     struct err *err)
{
    char link[64];
    if (keep->files_len == FILES_MAX) {
        return refuse(err, t, "too many files");
    }
    struct kept_file *file = &keep->files[keep->files_len++];
    *file = (struct kept_file){.fd = fd, .flags = fcntl(copy, F_GETFL), .offset = 0};
    file->offset = lseek(copy, 0, SEEK_CUR);
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", copy);
    const ssize_t len = readlink(link, file->path, sizeof file->path - 1);
    const bool whole = len > 0 && (size_t)len < sizeof file->path - 1;
    return whole ? 0 : refuse(err, t, "a file whose path is too long");
}

/* Raw sockets keep nothing in the kernel, and none of them acts by itself once it is closed. */
static int check_socket(struct supervisor *s, const struct guest_thread *t, int fd, struct err *err)
{
    const struct can_channel *channel = can_channel_of(s, t, fd);
    if (channel == NULL) {
        return refuse(err, t, "a socket that is none of CAN");
    }
    if (channel->shows) {
        return refuse(err, t, "a CAN socket in an epoll set");
    }
    return channel->acts_alone ? refuse(err, t, "a CAN socket of ISO-TP or BCM") : 0;
}

static int look_at(struct supervisor *s, struct twin_keep *keep, const struct guest_thread *t,
                   int fd, struct err *err)
{
    struct stat status;
    const int copy = guest_fd(t, fd);
    if (copy < 0) {
        return 0; /* The folder of descriptors lists itself no more. */
    }
    int rc = fstat(copy, &status) != 0 ? refuse(err, t, "something unknown") : 0;
    if (rc == 0 && S_ISREG(status.st_mode)) {
        rc = keep_file(keep, t, fd, copy, err);
    } else if (rc == 0 && S_ISSOCK(status.st_mode)) {
        rc = check_socket(s, t, fd, err);
    } else if (rc == 0 && !S_ISDIR(status.st_mode) && !S_ISCHR(status.st_mode)) {
        rc = refuse(err, t, "a pipe, a timer or an epoll set");
    }
    close(copy);
    return rc;
}

static int look_at_all(struct supervisor *s, struct twin_keep *keep, const struct guest_thread *t,
                       struct err *err)
{
    char path[64];
    int rc = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)t->process->pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    }
    for (const struct dirent *entry = readdir(folder); rc == 0 && entry != NULL;
         entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            rc = look_at(s, keep, t, (int)strtol(entry->d_name, NULL, 10), err);
        }
    }
    closedir(folder);
    return rc;
}

struct twin_keep *twin_keep_new(struct supervisor *s, struct guest_thread *t, struct err *err)
{
    struct twin_keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) {
        err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
        return NULL;
    }
    if (look_at_all(s, keep, t, err) != 0) {
        free(keep);
        return NULL;
    }
    const void *fast = guest_fast_page(t->process);
    keep->has_fast = fast != NULL;
    memcpy(keep->clock, s->page, CLOCK_PAGE_SIZE);
    if (fast != NULL) {
        memcpy(keep->fast, fast, FAST_PAGE_SIZE);
    }
    return keep;
}

/* Another file of that name: the double has renamed one over it. */
static int open_anew(const struct kept_file *file, const struct supervisor *s,
                     const struct guest_thread *t, struct err *err)
{
    const int fd = open(file->path, (file->flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_CLOEXEC);
    bool good = fd >= 0 && lseek(fd, file->offset, SEEK_SET) == file->offset;
    good = good && notify_put_fd(s->listener, t->call.id, fd, file->fd);
    if (fd >= 0) {
        close(fd);
    }
    return good ? 0
                : err_set(err, ERR_IO, "%s: cannot be put back: %s", file->path, strerror(errno));
}

static int put_back(const struct kept_file *file, const struct supervisor *s,
                    const struct guest_thread *t, struct err *err)
{
    struct stat open_one;
    struct stat named;
    const int copy = guest_fd(t, file->fd);
    bool good = copy >= 0 && fstat(copy, &open_one) == 0;
    /* A file without a name, such as one in memory, cannot have been replaced. */
    const bool same = good && (stat(file->path, &named) != 0 || (named.st_ino == open_one.st_ino &&
                                                                 named.st_dev == open_one.st_dev));
    if (good && same) {
        good = lseek(copy, file->offset, SEEK_SET) == file->offset;
    }
    if (copy >= 0) {
        close(copy);
    }
    if (!good) {
        return err_set(err, ERR_IO, "%s: cannot be put back: %s", file->path, strerror(errno));
    }
    return same ? 0 : open_anew(file, s, t, err);
}

int twin_keep_put_back(const struct twin_keep *keep, struct supervisor *s, struct guest_thread *t,
                       struct err *err)
{
    int rc = 0;
    memcpy(s->page, keep->clock, CLOCK_PAGE_SIZE);
    if (keep->has_fast) {
        memcpy(guest_fast_page(t->process), keep->fast, FAST_PAGE_SIZE);
    }
    for (size_t i = 0; rc == 0 && i < keep->files_len; i++) {
        rc = put_back(&keep->files[i], s, t, err);
    }
    return rc;
}

void twin_keep_free(struct twin_keep *keep)
{
    free(keep);
}
