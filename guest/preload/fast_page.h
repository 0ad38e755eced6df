/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/fast_page.h - the memory through which a process writes and reads CAN frames
 * without a system call, shared with the supervisor.
 *
 * The supervisor says how many frames a socket takes and gives those that wait to be read, before
 * it lets a thread run; the preload library follows it until a call has to be made, and the
 * supervisor takes everything in before it looks at that call. Time stands still in between, so the
 * outcome is that of calls. Guests can write what they like into it: the supervisor keeps its own
 * record and believes nothing but counts within their limits and frames that a call could bring.
 *
 * A count and the generation of what it counts are one word: who was interrupted by a signal
 * handler, and finds another word than it began with, begins anew. */
#ifndef GUEST_FAST_PAGE_H
#define GUEST_FAST_PAGE_H

#include <stdint.h>

enum {
    FAST_PAGE_SIZE = 16384,
    FAST_PAGE_VERSION = 2,
    FAST_SLOTS = 4,
    FAST_RING = 96,       /* Frames written. */
    FAST_QUEUE = 8,       /* Frames to read, of one socket. */
    FAST_FRAME_BYTES = 72 /* struct canfd_frame of linux/can.h. */
};

/* The second argument of prctl(GUEST_PRCTL_PAGE). */
enum { GUEST_PAGE_CLOCK, GUEST_PAGE_FAST, GUEST_POLL_ONE };

struct fast_frame {
    uint32_t len_bytes; /* 16 or 72. */
    uint32_t flags;     /* To read: msg_flags, as recvmsg() tells them. */
    uint8_t bytes[FAST_FRAME_BYTES];
};

/* One socket. */
struct fast_slot {
    int32_t fd;          /* -1: none. */
    uint8_t nonblocking; /* O_NONBLOCK is set, as far as is known. */
    uint8_t takes_fd;    /* Frames of 72 bytes. */
    uint8_t full_then;   /* After room frames EAGAIN is the answer; else a call has to be made. */
    uint8_t all_queued;  /* Nothing can be read but what is in the queue. */
    uint8_t no_control;  /* recvmsg() has no control messages to tell. */
    uint32_t room;       /* Frames. */
    uint32_t queue_len;
    uint64_t taken; /* Of the queue: see fast_word(). */
    struct fast_frame queue[FAST_QUEUE];
};

struct fast_page {
    uint32_t version; /* FAST_PAGE_VERSION. */
    uint32_t on;      /* 0: calls only. */
    uint64_t written; /* Frames in the ring, all of one slot. */
    struct fast_slot slots[FAST_SLOTS];
    struct fast_frame ring[FAST_RING];
};

static inline uint64_t fast_word(uint32_t generation, uint32_t slot, uint32_t count)
{
    return (uint64_t)generation << 32 | slot << 24 | count;
}

static inline uint32_t fast_count(uint64_t word)
{
    return (uint32_t)word & 0xFFFFFF;
}

static inline uint32_t fast_slot_of(uint64_t word)
{
    return (uint32_t)word >> 24;
}

#endif
