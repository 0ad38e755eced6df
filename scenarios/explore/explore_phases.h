/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_phases.h - the phases of an undisturbed update, as its master tells
 * them: the axis of a map. */
#ifndef EXPLORE_PHASES_H
#define EXPLORE_PHASES_H

#include "reports/result_sweep.h"
#include "scenarios/explore/explore_world.h"

enum { EXPLORE_PHASES_MAX = 64 };

struct explore_phases {
    size_t len;
    struct {
        enum ota_phase phase;
        sim_ns_t start_ns;
    } phases[EXPLORE_PHASES_MAX]; /* In their order. Further ones are not told apart. */
};

/* Lets a child of this process run the update to its end. None without a master in process. */
int explore_phases_find(struct explore_phases *phases, struct explore_world *world,
                        struct err *err);
/* Those before end_ns. */
void explore_phases_print(const struct explore_phases *phases, sim_ns_t end_ns,
                          struct sweep_map *map);

#endif
