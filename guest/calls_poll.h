/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_poll.h - inside guest/calls_poll*.c and calls_epoll.c: one look at many descriptors,
 * and the time-outs of such calls. */
#ifndef GUEST_CALLS_POLL_H
#define GUEST_CALLS_POLL_H

#include "guest/supervisor_internal.h"

#include <poll.h>

enum { POLL_LOOK_INLINE = 32 };

struct poll_look {
    struct pollfd *asked;    /* The guest's numbers. */
    struct pollfd *real;     /* Duplicates; fd -1: none. */
    struct can_channel *can; /* The last of them, and what is asked of it. */
    short can_events;
    size_t can_len;
    bool has_real;
    size_t len;
    struct pollfd inline_asked[POLL_LOOK_INLINE];
    struct pollfd inline_real[POLL_LOOK_INLINE];
};

/* False: out of memory. */
bool poll_look_init(struct poll_look *look, size_t len);
/* Fills the revents of all that is asked. Returns how many are not 0. */
size_t poll_look_take(struct supervisor *s, struct guest_thread *t, struct poll_look *look);
/* Closes the duplicates and frees. */
void poll_look_end(struct poll_look *look);
/* Hands the duplicates to the parked thread, and parks it. */
enum guest_verdict poll_look_park(struct supervisor *s, struct guest_thread *t,
                                  struct poll_look *look);

/* The time-out of a call, in t->wait: set at the first look. */
enum poll_time { POLL_FOREVER, POLL_AT_ONCE, POLL_UNTIL };
enum poll_time poll_time_set(struct supervisor *s, struct guest_thread *t, bool forever,
                             uint64_t ns);
/* False: the call must answer now that nothing happened. */
bool poll_time_left(struct supervisor *s, const struct guest_thread *t);
/* A call that may not wait and found nothing. False: it has to let others have their turn first,
 * and parks. */
bool poll_may_answer_empty(struct supervisor *s, struct guest_thread *t);
uint64_t poll_time_remaining(const struct supervisor *s, const struct guest_thread *t);
/* The mask that the call brings. False: EFAULT. address 0: none. */
bool poll_read_mask(struct supervisor *s, struct guest_thread *t, uint64_t address,
                    uint64_t size_bytes);

#endif
