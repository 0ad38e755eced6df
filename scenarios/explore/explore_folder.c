/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_folder.c - keeps a folder, and puts it back. */
#include "scenarios/explore/explore_folder.h"

#include "scenarios/explore/explore_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 1 << 20, DEPTH_MAX = 8 };

static int cannot(struct err *err, const char *path, const char *what)
{
    return err_set(err, ERR_IO, "%s: %s: %s", path, what, strerror(errno));
}

/* Null: it cannot be read, or is too long. The caller frees it. */
static uint8_t *read_file(const char *path, size_t len)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *bytes = fd >= 0 ? malloc(len + 1) : NULL;
    if (bytes != NULL && read(fd, bytes, len) != (ssize_t)len) {
        free(bytes);
        bytes = NULL;
    }
    if (fd >= 0) {
        close(fd);
    }
    return bytes;
}

static int keep_entry(struct explore_folder *folder, const char *path, const struct stat *status,
                      struct err *err)
{
    const bool is_folder = S_ISDIR(status->st_mode);
    const bool fits = folder->len < EXPLORE_FOLDER_ENTRIES_MAX && status->st_size <= FILE_BYTES_MAX;
    if (!fits || (!is_folder && !S_ISREG(status->st_mode))) {
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: not a plain file of at most 1 MB, or one of more "
                       "than %d",
                       path, EXPLORE_FOLDER_ENTRIES_MAX);
    }
    struct explore_folder_entry *entry = &folder->entries[folder->len++];
    *entry =
        (struct explore_folder_entry){.is_folder = is_folder, .mode = status->st_mode & 07777u};
    (void)snprintf(entry->path, sizeof entry->path, "%s", path);
    if (is_folder) {
        return 0;
    }
    entry->len = (size_t)status->st_size;
    entry->bytes = read_file(path, entry->len);
    return entry->bytes != NULL ? 0 : cannot(err, path, "cannot be read");
}

typedef int visit_fn(void *ctx, const char *path, const struct stat *status, struct err *err);

/* Folders before what is in them. */
static int visit_all(const char *path, int depth, visit_fn *visit, void *ctx, struct err *err)
{
    DIR *open_one = depth <= DEPTH_MAX ? opendir(path) : NULL;
    int rc = 0;
    if (open_one == NULL) {
        return cannot(err, path, "cannot be looked at");
    }
    while (rc == 0) {
        char below[EXPLORE_FOLDER_PATH_MAX];
        struct stat status;
        const struct dirent *entry = readdir(open_one);
        if (entry == NULL) {
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        const int len = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (len >= (int)sizeof below || lstat(below, &status) != 0) {
            rc = cannot(err, path, "cannot be looked at");
            break;
        }
        rc = visit(ctx, below, &status, err);
        if (rc == 0 && S_ISDIR(status.st_mode)) {
            rc = visit_all(below, depth + 1, visit, ctx, err);
        }
    }
    closedir(open_one);
    return rc;
}

static int keep_one(void *ctx, const char *path, const struct stat *status, struct err *err)
{
    return keep_entry(ctx, path, status, err);
}

int explore_folder_keep(struct explore_folder *folder, const char *path, struct err *err)
{
    folder->len = 0;
    (void)snprintf(folder->path, sizeof folder->path, "%s", path);
    return visit_all(path, 0, keep_one, folder, err);
}

static const struct explore_folder_entry *find(const struct explore_folder *folder,
                                               const char *path)
{
    for (size_t i = 0; i < folder->len; i++) {
        if (strcmp(folder->entries[i].path, path) == 0) {
            return &folder->entries[i];
        }
    }
    return NULL;
}

struct extra {
    const struct explore_folder *folder;
    char paths[EXPLORE_FOLDER_ENTRIES_MAX][EXPLORE_FOLDER_PATH_MAX];
    size_t len;
};

static int note_extra(void *ctx, const char *path, const struct stat *status, struct err *err)
{
    struct extra *extra = ctx;
    const struct explore_folder_entry *entry = find(extra->folder, path);
    if (entry != NULL && entry->is_folder == S_ISDIR(status->st_mode)) {
        return 0;
    }
    if (extra->len == EXPLORE_FOLDER_ENTRIES_MAX) {
        return err_set(err, ERR_RANGE, "%s: too many new files", extra->folder->path);
    }
    (void)snprintf(extra->paths[extra->len++], EXPLORE_FOLDER_PATH_MAX, "%s", path);
    return 0;
}

/* What has come, the deepest first. */
static int remove_extra(const struct explore_folder *folder, struct err *err)
{
    struct extra *extra = calloc(1, sizeof *extra);
    if (extra == NULL) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    extra->folder = folder;
    int rc = visit_all(folder->path, 0, note_extra, extra, err);
    while (rc == 0 && extra->len > 0) {
        const char *path = extra->paths[--extra->len];
        rc = remove(path) == 0 ? 0 : cannot(err, path, "cannot be removed");
    }
    free(extra);
    return rc;
}

static bool is_same(const struct explore_folder_entry *entry)
{
    struct stat status;
    if (lstat(entry->path, &status) != 0 || (size_t)status.st_size != entry->len) {
        return false;
    }
    uint8_t *bytes = read_file(entry->path, entry->len);
    const bool same = bytes != NULL && memcmp(bytes, entry->bytes, entry->len) == 0;
    free(bytes);
    return same;
}

static int put_entry(const struct explore_folder_entry *entry, const char *path, struct err *err)
{
    if (entry->is_folder) {
        return mkdir(path, (mode_t)entry->mode) == 0 || errno == EEXIST
                   ? 0
                   : cannot(err, path, "cannot be made");
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)entry->mode);
    const bool good = fd >= 0 && write(fd, entry->bytes, entry->len) == (ssize_t)entry->len;
    if (fd >= 0) {
        close(fd);
    }
    return good ? 0 : cannot(err, path, "cannot be put back");
}

int explore_folder_put_back(const struct explore_folder *folder, struct err *err)
{
    int rc = remove_extra(folder, err);
    for (size_t i = 0; rc == 0 && i < folder->len; i++) {
        const struct explore_folder_entry *entry = &folder->entries[i];
        rc = !entry->is_folder && is_same(entry) ? 0 : put_entry(entry, entry->path, err);
    }
    return rc;
}

int explore_folder_put_at(const struct explore_folder *folder, const char *path, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < folder->len; i++) {
        char below[EXPLORE_FOLDER_PATH_MAX];
        const char *name = &folder->entries[i].path[strlen(folder->path)];
        const int len = snprintf(below, sizeof below, "%s%s", path, name);
        rc = len < (int)sizeof below ? put_entry(&folder->entries[i], below, err)
                                     : err_set(err, ERR_RANGE, "%s: the path is too long", path);
    }
    return rc;
}

struct hashing {
    size_t prefix; /* Of all paths, with the slash. */
    uint64_t sum;
};

static int hash_one(void *ctx, const char *path, const struct stat *status, struct err *err)
{
    struct hashing *hashing = ctx;
    const bool is_file = S_ISREG(status->st_mode) && status->st_size <= FILE_BYTES_MAX;
    const size_t len = is_file ? (size_t)status->st_size : 0;
    uint8_t *bytes = is_file ? read_file(path, len) : NULL;
    (void)err;
    hashing->sum += explore_disk_file_hash(&path[hashing->prefix], bytes, bytes != NULL ? len : 0);
    free(bytes);
    return 0;
}

uint64_t explore_folder_hash(const char *path)
{
    struct hashing hashing = {.prefix = strlen(path) + 1, .sum = 1};
    (void)visit_all(path, 0, hash_one, &hashing, NULL);
    return hashing.sum;
}

void explore_folder_release(struct explore_folder *folder)
{
    for (size_t i = 0; i < folder->len; i++) {
        free(folder->entries[i].bytes);
    }
    folder->len = 0;
}
