/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_vehicle.h - the vehicle of a play: the file that the case names, with what
 * the play wants of its first ECU otherwise, working in the way that the adapter's profile says. */
#ifndef ENGINE_CASE_VEHICLE_H
#define ENGINE_CASE_VEHICLE_H

#include "scenarios/engine/case_world.h"

/* The vehicle file that a case names; vehicles is the folder of those that it calls by name. */
void case_vehicle_path(const struct case_file *file, const char *vehicles, char *path, size_t size);
/* Unpowered; its first ECU holds an application of version 1.0.0. Null with *err filled. */
struct vehicle *case_vehicle_load(struct case_world *world, struct err *err);
/* Follows the diagnostic connection of an ECU; its number. */
size_t case_vehicle_watch(struct inject_bus *inject, struct s12x_ecu *ecu);

#endif
