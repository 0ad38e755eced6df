/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_bus.h - what a timeline shows of the diagnosis on the buses: services
 * with their answers, ECU by ECU, and from them what the master is about. Made from the bus logs
 * when the play is over. */
#ifndef ENGINE_TIMELINE_BUS_H
#define ENGINE_TIMELINE_BUS_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/timeline_words.h"

/* A message of any bus. */
struct timeline_place {
    const struct case_bus *bus;
    uint32_t index;
};

/* All messages in the order of bus.log. The caller frees *places. */
size_t timeline_bus_order(const struct case_world *world, struct timeline_place **places);
const struct bus_message *timeline_bus_at(const struct timeline_place *place);

/* A message as words; its ECU may be unknown: null (functional requests). */
const struct case_ecu *timeline_bus_ecu(const struct case_world *world,
                                        const struct timeline_place *place);
void timeline_bus_words(const struct case_world *world, const struct timeline_place *place,
                        struct timeline_words *words);
bool timeline_bus_is_masters(const struct timeline_place *place);

/* The services of one ECU. False: nobody has asked it anything; no lane is made. */
bool timeline_bus_fill_services(const struct case_world *world, const struct case_ecu *ecu,
                                struct timeline *timeline, size_t share);
/* timeline_phases.c: the phases, derived from the requests of the master. */
void timeline_bus_fill_phases(const struct case_world *world, const struct timeline_place *places,
                              size_t len, struct timeline *timeline);

#endif
