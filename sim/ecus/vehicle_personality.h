/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_personality.h - the member "personality" of an ECU: the tables of
 * boot_personality.h, read from a vehicle file (docs/vehicles.md).
 *
 * What the file does not say is as in the default personality. */
#ifndef SIM_VEHICLE_PERSONALITY_H
#define SIM_VEHICLE_PERSONALITY_H

#include "sim/ecus/bootloader/boot_personality.h"
#include "sim/ecus/vehicle_members.h"

enum {
    PERSONA_IDENTIFIERS_MAX = 48,
    PERSONA_ROUTINES_MAX = 16,
    PERSONA_BLOCKS_MAX = 16,
    PERSONA_HOOK_MAX = 31,
    PERSONA_PATH_MAX = 511,
    PERSONA_SERVICES_MAX = 16
};

/* Where a secondary bootloader may be loaded: the part's RAM. */
#define PERSONA_RAM_START UINT32_C(0x0F8000)
#define PERSONA_RAM_END   UINT32_C(0x100000)

struct vehicle_personality {
    /* What the software reads; points into this struct, and to the default tables. */
    struct boot_personality table;

    struct boot_session_row sessions[BOOT_SESSIONS_MAX];
    struct boot_level levels[BOOT_LEVELS_MAX];
    struct boot_identifier identifiers[PERSONA_IDENTIFIERS_MAX];
    struct boot_routine_row routines[PERSONA_ROUTINES_MAX];
    struct boot_block_row blocks[PERSONA_BLOCKS_MAX];
    uint8_t slots; /* Stored identifiers so far. */

    uint8_t bytes[PERSONA_IDENTIFIERS_MAX][VEHICLE_BYTES_MAX];
    char identifier_hooks[PERSONA_IDENTIFIERS_MAX][PERSONA_HOOK_MAX + 1];
    char routine_hooks[PERSONA_ROUTINES_MAX][PERSONA_HOOK_MAX + 1];
    char level_hooks[BOOT_LEVELS_MAX][PERSONA_HOOK_MAX + 1];
    char hooks[PERSONA_PATH_MAX + 1]; /* Lua file; empty: none. */

    struct uds_subfunction session_subs[BOOT_SESSIONS_MAX];
    struct uds_subfunction level_subs[2 * BOOT_LEVELS_MAX];
    struct uds_service services[PERSONA_SERVICES_MAX];
    struct uds_service application_services[PERSONA_SERVICES_MAX];
};

int vehicle_personality_read(struct vehicle_reader *r, const cJSON *json,
                             struct vehicle_personality *persona);

/* Makes the tables of services from what was read: the numbers of sessions and levels are their
 * sub-functions. The personality must not be moved afterwards. */
void vehicle_personality_finish(struct vehicle_personality *persona);

struct vehicle_ecu_desc;
/* What its parts mean together, and with the ECU's memory; index: of the ECU. */
int vehicle_personality_check(struct vehicle_reader *r, const struct vehicle_ecu_desc *ecu,
                              size_t index);
/* The names of hooks that it asks for, one after the other; null: no more. */
const char *vehicle_personality_hook(const struct vehicle_personality *persona, size_t n);

/* The table of members, for the documentation's test. */
extern const struct member vehicle_personality_members[];

#endif
