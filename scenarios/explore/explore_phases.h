/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_phases.h - the phases of an undisturbed update, as the bus shows them,
 * whoever the master is: the axis of a map. */
#ifndef EXPLORE_PHASES_H
#define EXPLORE_PHASES_H

#include "reports/result_sweep.h"
#include "scenarios/explore/explore_map.h"
#include "scenarios/explore/explore_world.h"

/* What they are called, and begin with. */
#define EXPLORE_PHASE_KINDS(X)                                                                     \
    X(EXPLORE_PREPARATION, "preparation")   /* The campaign. */                                    \
    X(EXPLORE_UNLOCK, "unlock")             /* 10 02. */                                           \
    X(EXPLORE_ERASE, "erase")               /* 31 01 FF00. */                                      \
    X(EXPLORE_TRANSFER, "transfer")         /* 34. */                                              \
    X(EXPLORE_CHECK, "check")               /* Another routine. */                                 \
    X(EXPLORE_DEPENDENCIES, "dependencies") /* 31 01 FF01. */                                      \
    X(EXPLORE_ACTIVATION, "activation")     /* 11, or 10 01. */                                    \
    X(EXPLORE_CLOSING, "post-programming")  /* What comes then. */

enum explore_phase_kind {
#define EXPLORE_ENUM(name, text) name,
    EXPLORE_PHASE_KINDS(EXPLORE_ENUM)
#undef EXPLORE_ENUM
        EXPLORE_PHASE_COUNT
};

enum { EXPLORE_PHASES_MAX = 64, EXPLORE_PHASE_CHARS = 40 };

struct explore_phases {
    size_t len;
    uint16_t segments; /* That were transferred. */
    struct explore_phase {
        enum explore_phase_kind kind;
        uint16_t segment; /* Of transfers and checks, from 1. */
        sim_ns_t start_ns;
    } phases[EXPLORE_PHASES_MAX]; /* In their order. Further ones are not told apart. */
};

/* Of a world that has come to the end of its update. */
void explore_phases_find(struct explore_phases *phases, const struct explore_world *world);
/* "transfer 2", of the second segment, or "transfer" if there is but one. */
void explore_phase_name(char name[EXPLORE_PHASE_CHARS], const struct explore_phases *phases,
                        size_t phase);
/* Each begins a stretch of the map. */
void explore_phases_split(const struct explore_phases *phases, struct explore_map *map);
/* Those before end_ns; the first one begins at start_ns. */
void explore_phases_print(const struct explore_phases *phases, sim_ns_t start_ns, sim_ns_t end_ns,
                          struct sweep_map *map);

#endif
