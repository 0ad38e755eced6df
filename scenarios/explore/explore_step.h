/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_step.h - points of a sweep over the master's state folder: what happens
 * at which of its calls, after which cut of the ECU's supply, each with a short id; and the plan of
 * such a sweep. */
#ifndef EXPLORE_STEP_H
#define EXPLORE_STEP_H

#include "scenarios/explore/explore_cut.h"
#include "scenarios/explore/explore_store.h"

/* A call and what happens at it, or a cut of the target's supply. */
struct explore_step {
    bool is_cut;
    struct explore_cut cut;
    struct explore_mishap_at at;
    sim_ns_t at_ns;          /* Of either. Not part of its id. */
    uint64_t capacity_bytes; /* Of the disk, for EXPLORE_MISHAP_ROOM. Likewise. */
};

enum { EXPLORE_STEPS_MAX = 2 };

/* One step, and what follows while the master recovers: "w12.full", "f12.3+w5.lost". What follows
 * is counted from the step before. */
struct explore_steps {
    uint8_t len;
    struct explore_step steps[EXPLORE_STEPS_MAX];
};
void explore_steps_print(const struct explore_steps *steps, char text[EXPLORE_ID_CHARS]);
/* False: the text is no id. */
bool explore_steps_parse(struct explore_steps *steps, const char *text);

/* What became of the points: calls, and what may happen at each. */
struct explore_steps_counts {
    uint64_t points;
    uint64_t same;      /* Left out: another point leaves the same disk at the same instant. */
    uint64_t not_drawn; /* Left out by the sample. */
    uint64_t tried;     /* The rest. */
};

struct explore_steps_plan {
    struct explore_step *steps; /* Owned. By rising instant. */
    size_t len;
    struct explore_steps_counts counts;
};

enum explore_which {
    EXPLORE_ALL_STEPS,
    EXPLORE_LATER_STEPS, /* All that do not have to be there from the beginning on. */
    EXPLORE_LOSSES,
};

/* All of them. start_ns: when the campaign begins. ERR_NOMEM if there is no memory. */
int explore_steps_plan_make(struct explore_steps_plan *plan, enum explore_which which,
                            const struct explore_called *called, size_t len, sim_ns_t start_ns,
                            struct err *err);
/* Keeps so many, drawn at random; each with the same probability. */
void explore_steps_plan_draw(struct explore_steps_plan *plan, size_t sample, struct prng *prng);
void explore_steps_plan_release(struct explore_steps_plan *plan);

/* The instant, and what else is not part of the id, from what has been noted. False: the run has no
 * such call, or nothing like it happens there. */
bool explore_step_place(struct explore_step *step, const struct explore_called *called, size_t len,
                        sim_ns_t start_ns);

#endif
