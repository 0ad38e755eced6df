/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/disk.c - a guest that uses its disk: `disk COMMAND ARGUMENTS [, COMMAND ...]`.
 * Prints what each call returned, and when. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static int fd = -1;

static void tell(const char *what, long result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%ld.%06ld %s %ld%s%s\n", (long)now.tv_sec, now.tv_nsec / 1000, what, result,
           result < 0 ? " " : "", result < 0 ? strerrorname_np(errno) : "");
    fflush(stdout);
}

static long fill(char letter, size_t len, off_t offset)
{
    char *data = malloc(len + 1);
    memset(data, letter, len);
    long n = offset < 0 ? write(fd, data, len) : pwrite(fd, data, len, offset);
    free(data);
    return n;
}

static long count_free(const char *path)
{
    struct statvfs space;
    return statvfs(path, &space) == 0 ? (long)(space.f_bavail * space.f_frsize) : -1;
}

static long scribble(char letter, size_t len)
{
    char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return -1;
    }
    memset(at, letter, len);
    return (long)(munmap(at, len));
}

static long map_sync(char letter, size_t len)
{
    char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset(at, letter, len);
    return msync(at, len, MS_SYNC);
}

/* What follows the sync is no call, so nothing but the end of the thread can keep it away. */
static long sync_and_store(char letter, size_t len)
{
    char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    long result = fsync(fd);
    memset(at, letter, len);
    return result;
}

static long copy_from(const char *path)
{
    int in = open(path, O_RDONLY);
    long n = sendfile(fd, in, NULL, 1 << 20);
    close(in);
    return n;
}

static long sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    long n = fsync(folder);
    close(folder);
    return n;
}

static bool changes_folder(const char *name, const char *path, long *result)
{
    bool makes = strcmp(name, "mkdir") == 0;
    if (!makes && strcmp(name, "rmdir") != 0) {
        return false;
    }
    *result = makes ? mkdir(path, 0750) : rmdir(path);
    return true;
}

/* Returns how many arguments the command took. */
static int run(char **arg)
{
    const char *name = arg[0];
    long result = 0;
    int took = 2;
    if (strcmp(name, "open") == 0) {
        result = (fd = open(arg[1], O_RDWR | O_CREAT, 0640)) < 0 ? -1 : 0;
    } else if (strcmp(name, "new") == 0) {
        result = (fd = open(arg[1], O_RDWR | O_CREAT | O_EXCL, 0640)) < 0 ? -1 : 0;
    } else if (strcmp(name, "empty") == 0) {
        result = (fd = open(arg[1], O_RDWR | O_CREAT | O_TRUNC, 0640)) < 0 ? -1 : 0;
    } else if (strcmp(name, "append") == 0) {
        result = (fd = open(arg[1], O_WRONLY | O_APPEND)) < 0 ? -1 : 0;
    } else if (strcmp(name, "opensync") == 0) {
        result = (fd = open(arg[1], O_RDWR | O_CREAT | O_DSYNC, 0640)) < 0 ? -1 : 0;
    } else if (strcmp(name, "write") == 0) { /* LETTER LENGTH */
        result = fill(arg[1][0], strtoul(arg[2], NULL, 10), -1);
        took = 3;
    } else if (strcmp(name, "pwrite") == 0) { /* LETTER LENGTH OFFSET */
        result = fill(arg[1][0], strtoul(arg[2], NULL, 10), strtol(arg[3], NULL, 10));
        took = 4;
    } else if (strcmp(name, "fsync") == 0) {
        result = fsync(fd);
        took = 1;
    } else if (strcmp(name, "fdatasync") == 0) {
        result = fdatasync(fd);
        took = 1;
    } else if (strcmp(name, "sync") == 0) {
        sync();
        took = 1;
    } else if (strcmp(name, "syncdir") == 0) {
        result = sync_folder(arg[1]);
    } else if (strcmp(name, "rename") == 0) {
        result = rename(arg[1], arg[2]);
        took = 3;
    } else if (strcmp(name, "link") == 0) {
        result = link(arg[1], arg[2]);
        took = 3;
    } else if (strcmp(name, "symlink") == 0) {
        result = symlink(arg[1], arg[2]);
        took = 3;
    } else if (strcmp(name, "unlink") == 0) {
        result = unlink(arg[1]);
    } else if (strcmp(name, "ftruncate") == 0) {
        result = ftruncate(fd, strtol(arg[1], NULL, 10));
    } else if (strcmp(name, "fallocate") == 0) {
        result = fallocate(fd, 0, 0, strtol(arg[1], NULL, 10));
    } else if (strcmp(name, "mmap") == 0) { /* LETTER LENGTH */
        result = scribble(arg[1][0], strtoul(arg[2], NULL, 10));
        took = 3;
    } else if (strcmp(name, "msync") == 0) {
        result = map_sync(arg[1][0], strtoul(arg[2], NULL, 10));
        took = 3;
    } else if (strcmp(name, "syncstore") == 0) {
        result = sync_and_store(arg[1][0], strtoul(arg[2], NULL, 10));
        took = 3;
    } else if (strcmp(name, "sendfile") == 0) {
        result = copy_from(arg[1]);
    } else if (strcmp(name, "free") == 0) {
        result = count_free(arg[1]);
    } else if (strcmp(name, "close") == 0) {
        result = close(fd);
        took = 1;
    } else if (!changes_folder(name, arg[1], &result)) {
        fprintf(stderr, "disk: %s?\n", name);
        exit(99);
    }
    tell(name, result);
    return took;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        i += run(argv + i);
        if (i < argc && strcmp(argv[i], ",") != 0) {
            fprintf(stderr, "disk: a comma before %s\n", argv[i]);
            return 99;
        }
    }
    return 0;
}
