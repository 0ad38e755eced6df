/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_turns.h - when a fault strikes: of the things that fit it, which ones in turn are
 * hit, and the books about it. The words are those of struct inject_when. */
#ifndef INJECT_INJECT_TURNS_H
#define INJECT_INJECT_TURNS_H

#include "inject/inject_rule.h"
#include "sim/sim.h"

struct inject_turns_cfg {
    const char *name; /* In the trace and in the stream "inject/NAME"; kept by pointer. Required. */
    sim_ns_t from_ns;
    sim_ns_t until_ns;                           /* 0: for ever. */
    uint32_t skip;                               /* So many are let through first, */
    uint32_t every;                              /* then each such one is hit. 0 and 1: each. */
    uint32_t times;                              /* At most. 0: no limit. */
    uint32_t chance_ppm;                         /* 0: always. */
    bool (*enabled)(void *ctx, sim_ns_t now_ns); /* Asked last. Null: yes. */
    void *ctx;
};

struct inject_turns {
    struct inject_turns_cfg cfg;
    struct inject_count count;
    /* The rest is private. */
    struct sim *sim;
    uint16_t source; /* Of the trace. */
    struct prng prng;
    uint32_t chosen;
    bool over;
    struct sim_event edge;
};

/* Its memory must stay until it is released. */
void inject_turns_init(struct inject_turns *turns, struct sim *sim, uint16_t source,
                       const struct inject_turns_cfg *cfg);
/* Ends it, if it has not ended. What was counted stays. */
void inject_turns_release(struct inject_turns *turns);

/* Something that fits is there: is it hit? Counts it; one of `times` is used up. */
bool inject_turns_choose(struct inject_turns *turns, sim_ns_t now_ns);
/* The effect has taken place; `on` says on what, for the trace. */
void inject_turns_fire(struct inject_turns *turns, sim_ns_t now_ns, const char *on);

#endif
