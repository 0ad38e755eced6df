/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/files.c - plain files and poll() of a program under test, as cheap as its frames.
 *
 * Opening and closing a plain file concerns nobody else: those calls pass the filter by a mark.
 * poll() of one CAN socket brings its arguments in registers. Whatever is unusual goes the long
 * way. */
#include "guest/preload/fast_page.h"
#include "guest/preload/preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_S 1000000000

static struct {
    int (*close)(int);
    int (*openat)(int, const char *, int, ...);
    int (*fsync)(int);
    int (*fdatasync)(int);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
} libc;

/* ISO C has no conversion from an object pointer to a function; dlsym(3) shows this one. */
static void find(void *function, const char *name)
{
    *(void **)function = dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void begin(void)
{
    find((void *)&libc.close, "close");
    find((void *)&libc.openat, "openat");
    find((void *)&libc.fsync, "fsync");
    find((void *)&libc.fdatasync, "fdatasync");
    find((void *)&libc.poll, "poll");
    find((void *)&libc.ppoll, "ppoll");
}

static int is_plain_file(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

EXPORT int close(int fd)
{
    int saved = errno;
    if (preload_is_on() && is_plain_file(fd) && preload_tell_closed(fd)) {
        pthread_testcancel();
        return (int)syscall(SYS_close, fd, 0, 0, 0, 0, GUEST_UNSEEN);
    }
    errno = saved;
    return libc.close ? libc.close(fd) : (int)syscall(SYS_close, fd, 0, 0, 0, 0, 0);
}

/* What is opened is a plain file or a folder, or will be created. */
static int opens_plainly(int folder, const char *path, int flags)
{
    struct stat info;
    int saved = errno;
    int plain = preload_is_on() && (fstatat(folder, path, &info, 0) == 0
                                        ? S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)
                                        : errno == ENOENT && (flags & O_CREAT));
    errno = saved;
    return plain;
}

static int open_file(int folder, const char *path, int flags, mode_t mode)
{
    if (opens_plainly(folder, path, flags)) {
        pthread_testcancel();
        return (int)syscall(SYS_openat, folder, path, flags, mode, 0, GUEST_UNSEEN);
    }
    return libc.openat ? libc.openat(folder, path, flags, mode)
                       : (int)syscall(SYS_openat, folder, path, flags, mode, 0, 0);
}

#define OPEN(folder, path, flags)                                                                  \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }                                                                                              \
    return open_file(folder, path, flags, mode)

EXPORT int openat(int folder, const char *path, int flags, ...)
{
    OPEN(folder, path, flags);
}

EXPORT int openat64(int folder, const char *path, int flags, ...)
{
    OPEN(folder, path, flags);
}

EXPORT int open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

EXPORT int open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

/* As the supervisor answers: the disk belongs to the simulation (call_sync()). */
static int is_synced(int fd)
{
    struct stat info;
    int saved = errno;
    int known = preload_is_on() && fstat(fd, &info) == 0;
    errno = saved;
    if (known) {
        pthread_testcancel();
    }
    return known;
}

EXPORT int fsync(int fd)
{
    if (is_synced(fd)) {
        return 0;
    }
    return libc.fsync ? libc.fsync(fd) : (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
    if (is_synced(fd)) {
        return 0;
    }
    return libc.fdatasync ? libc.fdatasync(fd) : (int)syscall(SYS_fdatasync, fd);
}

/* Where a thread could be cancelled while it waits, libc's own function has to wait. */
static int may_poll(const struct pollfd *fds, nfds_t len)
{
    return len == 1 && fds && __libc_single_threaded && preload_is_on_for(fds->fd) &&
           preload_now_ns() != UINT64_MAX;
}

static int poll_one(struct pollfd *fd, uint64_t until_ns)
{
    uint64_t asked = (uint32_t)fd->fd | (uint64_t)(uint16_t)fd->events << 32;
    long happened = syscall(SYS_prctl, GUEST_PRCTL_PAGE, GUEST_POLL_ONE, asked, until_ns, 0);
    if (happened < 0) {
        return -1;
    }
    fd->revents = (short)happened;
    return happened != 0;
}

EXPORT int poll(struct pollfd *fds, nfds_t len, int timeout_ms)
{
    if (timeout_ms != 0 && may_poll(fds, len)) {
        uint64_t until_ns =
            timeout_ms < 0 ? UINT64_MAX : preload_now_ns() + (uint64_t)timeout_ms * 1000000u;
        return poll_one(fds, until_ns);
    }
    return libc.poll ? libc.poll(fds, len, timeout_ms)
                     : (int)syscall(SYS_poll, fds, len, timeout_ms);
}

static int is_wait(const struct timespec *time)
{
    return !time || (time->tv_sec >= 0 && time->tv_sec < LONGEST_S && time->tv_nsec >= 0 &&
                     time->tv_nsec < 1000000000 && (time->tv_sec > 0 || time->tv_nsec > 0));
}

EXPORT int ppoll(struct pollfd *fds, nfds_t len, const struct timespec *timeout,
                 const sigset_t *mask)
{
    if (!mask && is_wait(timeout) && may_poll(fds, len)) {
        uint64_t until_ns = timeout ? preload_now_ns() + (uint64_t)timeout->tv_sec * 1000000000u +
                                          (uint64_t)timeout->tv_nsec
                                    : UINT64_MAX;
        return poll_one(fds, until_ns);
    }
    /* The raw call writes the rest of the time-out back; libc's does not. */
    struct timespec copy = timeout ? *timeout : (struct timespec){0, 0};
    return libc.ppoll
               ? libc.ppoll(fds, len, timeout, mask)
               : (int)syscall(SYS_ppoll, fds, len, timeout ? &copy : NULL, mask, sizeof(uint64_t));
}
