/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_stop.h - a play that stands still at an instant, to be looked at, and goes
 * on as if nothing had been. */
#ifndef ENGINE_CASE_STOP_H
#define ENGINE_CASE_STOP_H

#include "sim/base.h"
#include "sim/err.h"

#include <stdbool.h>

struct case_world;

struct case_stop {
    sim_ns_t at_ns; /* The first instant at which it stops. SIM_NEVER: when all is over. */
    /* The world is built, and nothing has happened. May be null. */
    void (*begin)(void *ctx, struct case_world *world);
    /* The clock stands at an instant, and all that was due has happened; over: so has the play. The
     * world may be looked at, not changed. *at_ns gets the next instant to stop at; one behind the
     * end means the end, and SIM_NEVER nowhere. False: the play is given up. */
    bool (*look)(void *ctx, struct case_world *world, bool over, sim_ns_t *at_ns);
    void *ctx;
};

/* For the world: it is built. */
void case_stop_begin(struct case_world *world);
/* master_seat_run() with the stops that the play is to have. */
int case_stop_run(struct case_world *world, sim_ns_t until_ns, struct err *err);
/* The play is over. */
void case_stop_end(struct case_world *world);

#endif
