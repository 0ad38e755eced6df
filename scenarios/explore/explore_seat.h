/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_seat.h - the place of the master in a world: all that differs between
 * the reference master in this process and a program that runs as a guest. */
#ifndef EXPLORE_SEAT_H
#define EXPLORE_SEAT_H

#include "sim/err.h"
#include "sim/sim.h"

struct can_node;
struct explore_world;

/* What the master says about its campaign. */
enum explore_claim {
    EXPLORE_CLAIMS_NOTHING, /* It runs, or hangs. */
    EXPLORE_CLAIMS_SUCCESS,
    EXPLORE_CLAIMS_INTERRUPTED, /* It has ended, and wants to be started again. */
    EXPLORE_CLAIMS_ROLLED_BACK, /* The old version runs again. */
    EXPLORE_CLAIMS_NO_SUCCESS,
};

struct explore_seat {
    void *ctx; /* Of all functions. */
    /* The master begins the campaign world->job.campaign now, with what its former life has left in
     * its state folder. No life goes on. first: there was none. */
    int (*start)(void *ctx, struct explore_world *world, bool first, struct err *err);
    /* World and master until then; earlier once it claims something. */
    void (*run)(void *ctx, struct explore_world *world, sim_ns_t until_ns);
    enum explore_claim (*claim)(const void *ctx, const struct explore_world *world);
    /* With which it is on the target's bus, once it has started. */
    const struct can_node *(*node)(const void *ctx, const struct explore_world *world);
    /* It is gone from the bus, whatever it does. In a fork nobody else notices. */
    void (*leave)(void *ctx, struct explore_world *world);
    /* A number for what it has come to. */
    uint64_t (*digest)(const void *ctx, const struct explore_world *world);
};

/* The reference master in this process: world->master, world->files. */
extern const struct explore_seat explore_seat_in_process;

#endif
