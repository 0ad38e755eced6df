/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_scenario.h - writes a schedule of faults as a case in Lua
 * (docs/scenarios.md): the same vehicle, images, faults and criteria, to be kept among the cases
 * that a master has to pass. Faults and options come from the table of kinds. */
#ifndef EXPLORE_FAULT_SCENARIO_H
#define EXPLORE_FAULT_SCENARIO_H

#include "scenarios/explore/fault_play.h"

struct fault_scenario_cfg {
    const char *replay; /* The command that plays the whole schedule, for the comment. */
    uint64_t seed;
    const struct explore_world *world; /* That the schedule was played in. */
    const struct fault_scope *scope;
};

enum { FAULT_CASE_CHARS = 64 };

/* "FAULTS-1-s17": of the case, and of its file without ".lua". */
void fault_scenario_id(uint64_t seed, uint64_t number, char text[FAULT_CASE_CHARS]);

/* Writes the file. 0, or a negative code with *err. */
int fault_scenario_save(const struct fault_scenario_cfg *cfg, const struct fault_schedule *schedule,
                        const struct fault_outcome *outcome, const char *path, struct err *err);

#endif
