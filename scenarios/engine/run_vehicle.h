/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_vehicle.h - the vehicle that a run is about: that of a file, or the one that
 * is built in, so that a command works anywhere and without files. */
#ifndef ENGINE_RUN_VEHICLE_H
#define ENGINE_RUN_VEHICLE_H

#include "sim/ecus/vehicle.h"

struct run_vehicle_cfg {
    const char *path;  /* Vehicle file. Null: vehicles/single.json, which is built in. */
    const char *image; /* S-record file that the first ECU leaves its line with. Null: as the
                        * vehicle file says; built in is an application of version 1.0.0. */
    bool no_image;     /* The first ECU gets none: the caller will load one. */
    const struct vehicle_overrides *overrides; /* Null: none. */
};

/* What messages call the built-in vehicle. */
#define RUN_VEHICLE_BUILT_IN "the built-in vehicle"

/* Unpowered, as its ECUs leave their line. Null with *err filled on failure. */
struct vehicle *run_vehicle_load(const struct run_vehicle_cfg *cfg, struct sim *sim,
                                 struct err *err);
/* How messages call it. */
const char *run_vehicle_name(const struct run_vehicle_cfg *cfg);

#endif
