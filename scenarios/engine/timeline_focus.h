/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_focus.h - the decisive instants of a play, and the messages around
 * them. */
#ifndef ENGINE_TIMELINE_FOCUS_H
#define ENGINE_TIMELINE_FOCUS_H

#include "scenarios/engine/timeline_bus.h"
#include "scenarios/engine/timeline_faults.h"

/* Those of the findings, else of the first faults, else the end of the transfer. places: of
 * timeline_bus_order(). */
void timeline_focus_fill(const struct case_world *world, const struct timeline_faults *faults,
                         const struct timeline_place *places, size_t len,
                         struct timeline *timeline);

#endif
