/* SPDX-License-Identifier: Apache-2.0 */
/* sim/file_text.c - opens, looks at what it is, and reads no further than the bound. */
#include "sim/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a pipe" : "a device or socket";
}

/* Without waiting for the other end of a pipe. Returns a file descriptor or a negative code. */
static int open_file(const char *path, const char *what, struct err *err)
{
    struct stat status;
    if (path[0] == '\0') {
        return err_set(err, ERR_NOT_FOUND, "the path of %s is empty; name a file", what);
    }
    if (strlen(path) >= PATH_MAX) {
        return err_set(err, ERR_RANGE, "the path of %s has %zu characters; the system takes %d",
                       what, strlen(path), PATH_MAX - 1);
    }
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) != 0) {
        int why = errno;
        if (fd >= 0) {
            close(fd);
        }
        return err_set(err, ERR_IO, "%s: cannot be opened: %s; check the path", path,
                       strerror(why));
    }
    if (!S_ISREG(status.st_mode)) {
        close(fd);
        return err_set(err, ERR_IO, "%s: is %s, not %s; name a regular file", path,
                       kind_of(status.st_mode), what);
    }
    return fd;
}

static char *read_bounded(FILE *in, const char *path, size_t max_bytes, const char *what,
                          size_t *len_bytes, struct err *err)
{
    size_t cap = 64u * 1024u;
    char *text = malloc(cap);
    *len_bytes = 0;
    while (text != NULL) {
        *len_bytes += fread(text + *len_bytes, 1, cap - *len_bytes, in);
        if (*len_bytes < cap || *len_bytes > max_bytes) {
            break;
        }
        cap *= 2;
        char *bigger = realloc(text, cap);
        if (bigger == NULL) {
            free(text);
        }
        text = bigger;
    }
    if (text == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory", path);
    } else if (ferror(in)) {
        (void)err_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    } else if (*len_bytes > max_bytes) {
        (void)err_set(err, ERR_RANGE, "%s: larger than %zu MB: not %s", path, max_bytes >> 20,
                      what);
    } else {
        text[*len_bytes] = '\0'; /* It has become shorter than the room for it. */
        return text;
    }
    free(text);
    return NULL;
}

char *file_text_read(const char *path, size_t max_bytes, const char *what, size_t *len_bytes,
                     struct err *err)
{
    int fd = open_file(path, what, err);
    FILE *in = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (in == NULL) {
        if (fd >= 0) {
            (void)err_set(err, ERR_NOMEM, "%s: out of memory", path);
            close(fd);
        }
        return NULL;
    }
    char *text = read_bounded(in, path, max_bytes, what, len_bytes, err);
    fclose(in);
    return text;
}

int file_text_check(const char *path, const char *what, struct err *err)
{
    int fd = open_file(path, what, err);
    if (fd < 0) {
        return fd;
    }
    close(fd);
    return 0;
}

int file_text_write(const char *path, const char *text, struct err *err)
{
    FILE *out = fopen(path, "we");
    if (out == NULL) {
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    bool good = fprintf(out, "%s\n", text) > 0;
    good = fclose(out) == 0 && good;
    return good ? 0 : err_set(err, ERR_IO, "%s: writing failed: %s", path, strerror(errno));
}
