/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_random.c - handler: random numbers, from the seed of the run. */
#include "guest/calls.h"

#include <errno.h>
#include <sys/random.h>

#ifndef GRND_INSECURE
#define GRND_INSECURE 4
#endif

enum guest_verdict call_getrandom(struct supervisor *s, struct guest_thread *t)
{
    /* getrandom(2), "NOTES": of one call. */
    enum { PIECE = 4096, MOST = 33554431 };
    unsigned flags = (unsigned)t->call.arg[2];
    uint8_t bytes[PIECE];
    uint64_t wanted = t->call.arg[1] < MOST ? t->call.arg[1] : MOST;
    uint64_t done = 0;
    if ((flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0 ||
        (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) {
        return guest_error(t, EINVAL);
    }
    while (done < wanted) {
        size_t piece = wanted - done < PIECE ? (size_t)(wanted - done) : PIECE;
        prng_fill(&s->random, bytes, piece);
        if (!guest_write(t, t->call.arg[0] + done, bytes, piece)) {
            return done ? guest_value(t, (int64_t)done) : guest_error(t, EFAULT);
        }
        done += piece;
    }
    return guest_value(t, (int64_t)done);
}
