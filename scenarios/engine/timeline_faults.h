/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_faults.h - when the injections of a play fired. They only count, so
 * somebody has to look. */
#ifndef ENGINE_TIMELINE_FAULTS_H
#define ENGINE_TIMELINE_FAULTS_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/timeline_spans.h"

struct timeline_fault {
    uint64_t fired;
    sim_ns_t first_ns, last_ns; /* SIM_NEVER: not yet. */
    struct timeline_spans spans;
};

struct timeline_faults {
    struct timeline_fault list[CASE_INJECTIONS_MAX];
    size_t len; /* Those that have been looked at. */
};

void timeline_faults_init(struct timeline_faults *faults);
void timeline_faults_release(struct timeline_faults *faults);
/* Looks at all; as long as the injections are there. */
void timeline_faults_look(struct timeline_faults *faults, const struct case_world *world);
/* The lanes: one for each name; injections that never fired have none. */
void timeline_faults_fill(struct timeline_faults *faults, const struct case_world *world,
                          struct timeline *timeline);

#endif
