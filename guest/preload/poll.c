/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/poll.c - poll() of one CAN socket of a program under test: the arguments go to the
 * supervisor in registers, which saves it a look into the program's memory. Whatever is unusual
 * goes the long way. */
#include "guest/preload/fast_page.h"
#include "guest/preload/preload.h"

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_S 1000000000

static struct {
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
    find((void *)&libc.poll, "poll");
    find((void *)&libc.ppoll, "ppoll");
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
