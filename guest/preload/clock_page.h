/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/clock_page.h - the page through which guests read clocks, shared with the
 * supervisor. Guests can write it: the supervisor believes nothing but a count within its limits.
 */
#ifndef GUEST_CLOCK_PAGE_H
#define GUEST_CLOCK_PAGE_H

#include <stdint.h>

enum { CLOCK_PAGE_SIZE = 4096, CLOCK_PAGE_VERSION = 1 };

/* Reading the clock over and over, without ever waiting, must not stop time for ever: some reads
 * are free, and each one after that makes the clock go on. Honest programs stay below. */
enum {
    CLOCK_FREE_READS = 100,
    CLOCK_READ_COST_NS = 1000,
    CLOCK_CHEAP_READS = 10000, /* After so many a reader is plainly waiting in this way. */
    CLOCK_SPIN_COST_NS = 10000,
};

static inline uint64_t clock_read_cost_ns(uint32_t reads)
{
    if (reads < CLOCK_FREE_READS) {
        return 0;
    }
    return reads < CLOCK_CHEAP_READS ? CLOCK_READ_COST_NS : CLOCK_SPIN_COST_NS;
}

struct guest_clock_page {
    uint32_t version;    /* CLOCK_PAGE_VERSION. */
    uint32_t reads;      /* At now_ns; written by the reader. */
    uint64_t now_ns;     /* Virtual time; goes on by the cost of reads, written by the reader. */
    uint64_t horizon_ns; /* Others have something to do then: the reader lets them, by a call. */
    uint64_t realtime_offset_ns;  /* CLOCK_REALTIME and CLOCK_TAI minus virtual time. */
    uint64_t monotonic_offset_ns; /* CLOCK_MONOTONIC, _RAW, _BOOTTIME; may be "negative". */
};

#endif
