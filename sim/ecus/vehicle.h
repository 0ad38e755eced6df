/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle.h - the root of the object tree: buses and ECUs, made from a vehicle file.
 *
 * The file is JSON (docs/formats.md, "Vehicle file"). Whatever is wrong with it is reported with
 * file, line, the path of the member and what to do; nothing is made then. */
#ifndef SIM_VEHICLE_H
#define SIM_VEHICLE_H

#include "sim/ecus/s12x_ecu.h"

enum { VEHICLE_BUSES_MAX = 8, VEHICLE_ECUS_MAX = 128 };

struct vehicle;

/* Who can run the hooks of personalities (boot_personality.h) gives these functions. */
struct vehicle_hook_ops {
    /* Reads the file of an ECU. Null with *err filled on failure. */
    void *(*open)(const char *path, const char *ecu, uint64_t seed, struct err *err);
    bool (*has)(void *hooks, const char *name);
    /* As struct boot_hook. */
    int (*call)(void *hooks, const char *name, const uint8_t *in, uint16_t in_len, uint8_t *out,
                uint16_t out_cap);
    void (*close)(void *hooks);
};

/* What the caller wants otherwise than the file says, for every ECU. Negative: as in the file. */
struct vehicle_overrides {
    int transfer;     /* enum boot_transfer_style. */
    int check;        /* enum boot_segment_check. */
    int flash_timing; /* enum s12x_timing. */
    /* Null: a vehicle that names hooks is refused. */
    const struct vehicle_hook_ops *hooks;
    bool skip_first_image; /* The file's image of the first ECU is not loaded: another will be. */
};
#define VEHICLE_AS_IN_FILE                                                                         \
    {                                                                                              \
        .transfer = -1, .check = -1, .flash_timing = -1                                            \
    }
struct vehicle *vehicle_load_with(const char *path, const struct vehicle_overrides *overrides,
                                  struct sim *sim, struct err *err);

/* Relative paths in the file (initial images) are relative to the file's folder. */
struct vehicle *vehicle_load(const char *path, struct sim *sim, struct err *err);
/* The same from memory; name is used in messages, folder for relative paths. overrides may be null.
 */
struct vehicle *vehicle_parse_with(const char *text, size_t len_bytes, const char *name,
                                   const char *folder, const struct vehicle_overrides *overrides,
                                   struct sim *sim, struct err *err);
struct vehicle *vehicle_parse(const char *text, size_t len_bytes, const char *name,
                              const char *folder, struct sim *sim, struct err *err);
void vehicle_free(struct vehicle *vehicle);

/* By name, a bus also by an alias; null if there is none. Indexes run in the order of the file. */
struct can_bus *vehicle_bus(struct vehicle *vehicle, const char *name);
struct ecu *vehicle_ecu(struct vehicle *vehicle, const char *name);
size_t vehicle_bus_count(const struct vehicle *vehicle);
size_t vehicle_ecu_count(const struct vehicle *vehicle);
struct can_bus *vehicle_bus_at(struct vehicle *vehicle, size_t index);
struct ecu *vehicle_ecu_at(struct vehicle *vehicle, size_t index);
/* The other names of a bus, under which it also appears as an interface ("vcan0" beside "can0"). */
size_t vehicle_bus_alias_count(const struct vehicle *vehicle, size_t bus);
const char *vehicle_bus_alias(const struct vehicle *vehicle, size_t bus, size_t index);
const char *vehicle_name(const struct vehicle *vehicle);
/* Battery voltage of an ECU when nothing is wrong. */
uint32_t vehicle_nominal_mv(const struct vehicle *vehicle, size_t index);

/* Battery on, at the voltage of the file, for every ECU. */
void vehicle_power_on(struct vehicle *vehicle);
void vehicle_set_state(struct vehicle *vehicle, const struct boot_vehicle_state *state);

#endif
