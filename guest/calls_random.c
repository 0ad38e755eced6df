/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_random.c - handler: random numbers, from the seed of the run. */
#include "guest/calls.h"

#include <errno.h>

enum guest_verdict call_getrandom(struct supervisor *s, struct guest_thread *t)
{
    enum { PIECE = 4096, MOST = 1 << 20 };
    uint8_t bytes[PIECE];
    uint64_t wanted = t->call.arg[1] < MOST ? t->call.arg[1] : MOST;
    uint64_t done = 0;
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
