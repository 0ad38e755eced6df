/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/clock.c - clock reads of a program under test, from a page that the supervisor
 * keeps.
 *
 * Only a shortcut: without it the same reads are system calls with the same answers, a hundred
 * times slower. So whatever is unusual goes the long way. */
#include "guest/preload/clock_page.h"
#include "guest/preload/fast_page.h"
#include "guest/preload/preload.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct guest_clock_page *page;

void *preload_map(unsigned long which, unsigned long size)
{
    int saved = errno;
    void *at = NULL;
    int fd = prctl(GUEST_PRCTL_PAGE, which, 0, 0, 0);
    if (fd >= 0) {
        at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        at = at != MAP_FAILED ? at : NULL;
        close(fd);
    }
    errno = saved;
    return at;
}

__attribute__((constructor)) static void open_page(void)
{
    struct guest_clock_page *at = preload_map(GUEST_PAGE_CLOCK, CLOCK_PAGE_SIZE);
    page = at && at->version == CLOCK_PAGE_VERSION ? at : NULL;
}

uint64_t preload_now_ns(void)
{
    return page ? page->now_ns : UINT64_MAX;
}

/* The offset of a clock whose reads the page serves; null: the long way. */
static const uint64_t *offset_of(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: return &page->realtime_offset_ns;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: return &page->monotonic_offset_ns;
    default: return NULL;
    }
}

int preload_count(void)
{
    if (!page) {
        return 0;
    }
    uint64_t cost_ns = clock_read_cost_ns(page->reads);
    if (cost_ns && (page->now_ns + cost_ns >= page->horizon_ns || preload_has_written())) {
        return 0;
    }
    page->reads++;
    page->now_ns += cost_ns;
    return 1;
}

static int read_clock(const uint64_t *offset_ns, uint64_t *ns)
{
    if (!offset_ns || !preload_count()) {
        return 0;
    }
    *ns = page->now_ns + *offset_ns;
    return 1;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *value)
{
    uint64_t ns;
    if (!page || !read_clock(offset_of(clock), &ns)) {
        return (int)syscall(SYS_clock_gettime, clock, value);
    }
    value->tv_sec = (time_t)(ns / 1000000000u);
    value->tv_nsec = (long)(ns % 1000000000u);
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict value, void *restrict zone)
{
    uint64_t ns;
    if (zone || !page || !read_clock(&page->realtime_offset_ns, &ns)) {
        return (int)syscall(SYS_gettimeofday, value, zone);
    }
    value->tv_sec = (time_t)(ns / 1000000000u);
    value->tv_usec = (suseconds_t)(ns % 1000000000u / 1000);
    return 0;
}

EXPORT time_t time(time_t *value)
{
    uint64_t ns;
    if (!page || !read_clock(&page->realtime_offset_ns, &ns)) {
        return (time_t)syscall(SYS_time, value);
    }
    time_t seconds = (time_t)(ns / 1000000000u);
    if (value) {
        *value = seconds;
    }
    return seconds;
}
