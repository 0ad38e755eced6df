/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_persona_check.c - what the parts of a personality mean together, and the tables
 * of services that follow from them. */
#include "sim/ecus/application.h"
#include "sim/ecus/vehicle_json.h"

#include <stdio.h>
#include <string.h>

/* Where a message points: personality.LIST[n]. */
struct place {
    struct vehicle_reader *r;
    size_t ecu;
    char name[48];
};

static const char *at(struct place *place, const char *list, size_t n)
{
    (void)snprintf(place->name, sizeof place->name, "personality.%s[%zu]", list, n);
    return place->name;
}

static int check_level(struct place *place, const struct boot_personality *table, uint8_t level,
                       const char *list, size_t n)
{
    if (level == 0 || boot_level_of(table, level) != NULL) {
        return 0;
    }
    return vehicle_fail_member(place->r, "ecus", place->ecu, at(place, list, n), ERR_NOT_FOUND,
                               "asks for level 0x%02X, which does not exist; add it to "
                               "personality.levels, or give personality.%s",
                               level, list);
}

static int check_levels(struct place *place, const struct boot_personality *table)
{
    bool opens = false;
    int rc = 0;
    for (uint8_t i = 0; i < table->levels_len; i++) {
        opens = opens || table->levels[i].programming;
    }
    if (!opens) {
        return vehicle_fail_member(place->r, "ecus", place->ecu, "personality.levels",
                                   ERR_NOT_FOUND,
                                   "no level opens programming; set \"programming\" in one");
    }
    for (uint8_t i = 0; rc == 0 && i < table->routines_len; i++) {
        rc = check_level(place, table, table->routines[i].level, "routines", i);
    }
    for (uint8_t i = 0; rc == 0 && i < table->identifiers_len; i++) {
        rc = check_level(place, table, table->identifiers[i].read_level, "identifiers", i);
        rc = rc != 0
                 ? rc
                 : check_level(place, table, table->identifiers[i].write_level, "identifiers", i);
    }
    return rc;
}

static bool inside_region(const struct vehicle_ecu_desc *ecu, uint32_t start, uint32_t end)
{
    for (size_t i = 0; i < ecu->regions_len; i++) {
        if (start >= ecu->regions[i].start && end <= ecu->regions[i].end) {
            return start < end;
        }
    }
    return false;
}

static int check_blocks(struct place *place, const struct vehicle_ecu_desc *ecu)
{
    const struct boot_personality *table = &ecu->personality->table;
    for (uint8_t i = 0; i < table->blocks_len; i++) {
        const struct boot_block_row *block = &table->blocks[i];
        if (!inside_region(ecu, block->start, block->end)) {
            return vehicle_fail_member(place->r, "ecus", place->ecu, at(place, "blocks", i),
                                       ERR_RANGE, "0x%X to 0x%X is not inside one region",
                                       block->start, block->end);
        }
        if (block->start % BOOT_SECTOR_LEN != 0 || block->end % BOOT_SECTOR_LEN != 0) {
            return vehicle_fail_member(place->r, "ecus", place->ecu, at(place, "blocks", i),
                                       ERR_RANGE,
                                       "must begin and end at a sector, a multiple of "
                                       "0x%X",
                                       BOOT_SECTOR_LEN);
        }
    }
    return 0;
}

static bool has_field(const struct boot_record *record, enum boot_field_kind kind)
{
    for (uint8_t i = 0; i < record->fields_len; i++) {
        if (record->fields[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static int check_block_field(struct place *place, const struct boot_personality *table,
                             const struct boot_record *record, const char *name)
{
    if (!has_field(record, BOOT_FIELD_BLOCK) || table->blocks_len > 0) {
        return 0;
    }
    return vehicle_fail_member(place->r, "ecus", place->ecu, name, ERR_NOT_FOUND,
                               "names a block, but there are none; add personality.blocks");
}

static int check_records(struct place *place, const struct boot_personality *table)
{
    const struct boot_record *download = &table->download;
    int rc = check_block_field(place, table, download, "personality.download");
    for (uint8_t i = 0; rc == 0 && i < table->routines_len; i++) {
        rc = check_block_field(place, table, &table->routines[i].option, at(place, "routines", i));
    }
    const bool pair =
        has_field(download, BOOT_FIELD_ADDRESS) && has_field(download, BOOT_FIELD_LENGTH);
    if (rc == 0 && !pair && !has_field(download, BOOT_FIELD_ALFID) &&
        !has_field(download, BOOT_FIELD_BLOCK)) {
        rc =
            vehicle_fail_member(place->r, "ecus", place->ecu, "personality.download", ERR_NOT_FOUND,
                                "names no memory; add alfid, block, or address and length");
    }
    return rc;
}

static const struct boot_routine_row *find_function(const struct boot_personality *table,
                                                    enum boot_function function)
{
    for (uint8_t i = 0; i < table->routines_len; i++) {
        if (table->routines[i].function == function) {
            return &table->routines[i];
        }
    }
    return NULL;
}

static int check_loader(struct place *place, const struct boot_personality *table)
{
    const bool ram = table->ram_start != table->ram_end;
    const bool starts = find_function(table, BOOT_DO_START_LOADER) != NULL;
    if (ram && (table->ram_start < PERSONA_RAM_START || table->ram_end > PERSONA_RAM_END ||
                table->ram_start > table->ram_end ||
                table->ram_end - table->ram_start > S12X_LOADER_RAM)) {
        return vehicle_fail_member(place->r, "ecus", place->ecu, "personality.loader.ram",
                                   ERR_RANGE,
                                   "must lie in RAM, 0x%X to 0x%X, and have at most %d bytes",
                                   PERSONA_RAM_START, PERSONA_RAM_END, S12X_LOADER_RAM);
    }
    if (ram != starts) {
        return vehicle_fail_member(place->r, "ecus", place->ecu,
                                   ram ? "personality.loader" : "personality.routines",
                                   ERR_NOT_FOUND,
                                   ram ? "no routine starts it; add one that does \"start-loader\""
                                       : "\"start-loader\" needs personality.loader");
    }
    return 0;
}

static int check_update_possible(struct place *place, const struct boot_personality *table)
{
    if (find_function(table, BOOT_DO_ERASE) == NULL) {
        return vehicle_fail_member(place->r, "ecus", place->ecu, "personality.routines",
                                   ERR_NOT_FOUND,
                                   "none erases, and nothing could be downloaded; add one that "
                                   "does \"erase\"");
    }
    bool commits = find_function(table, BOOT_DO_COMMIT) != NULL;
    for (uint8_t i = 0; i < table->routines_len; i++) {
        const struct boot_routine_row *row = &table->routines[i];
        commits = commits || (row->function == BOOT_DO_DEPENDENCIES && row->commits);
    }
    if (!commits) {
        return vehicle_fail_member(place->r, "ecus", place->ecu, "personality.routines",
                                   ERR_NOT_FOUND,
                                   "none makes a new application valid; add one that does "
                                   "\"dependencies\" or \"commit\"");
    }
    return 0;
}

const char *vehicle_personality_hook(const struct vehicle_personality *persona, size_t n)
{
    const struct boot_personality *table = &persona->table;
    for (uint8_t i = 0; i < table->levels_len; i++) {
        const char *name = table->levels[i].hook;
        if (name != NULL && name[0] != '\0' && n-- == 0) {
            return name;
        }
    }
    for (uint8_t i = 0; i < table->identifiers_len; i++) {
        const char *name = table->identifiers[i].hook;
        if (name != NULL && name[0] != '\0' && n-- == 0) {
            return name;
        }
    }
    for (uint8_t i = 0; i < table->routines_len; i++) {
        const char *name = table->routines[i].hook;
        if (name != NULL && name[0] != '\0' && n-- == 0) {
            return name;
        }
    }
    return NULL;
}

static int check_hooks(struct place *place, const struct vehicle_personality *persona)
{
    const char *first = vehicle_personality_hook(persona, 0);
    if (first != NULL && persona->hooks[0] == '\0') {
        return vehicle_fail_member(place->r, "ecus", place->ecu, "personality", ERR_NOT_FOUND,
                                   "the hook \"%s\" is named, but \"hooks\", the Lua file that has "
                                   "it, is not given",
                                   first);
    }
    return 0;
}

int vehicle_personality_check(struct vehicle_reader *r, const struct vehicle_ecu_desc *ecu,
                              size_t index)
{
    struct place place = {.r = r, .ecu = index};
    const struct boot_personality *table = &ecu->personality->table;
    int rc = check_levels(&place, table);
    rc = rc != 0 ? rc : check_blocks(&place, ecu);
    rc = rc != 0 ? rc : check_records(&place, table);
    rc = rc != 0 ? rc : check_loader(&place, table);
    rc = rc != 0 ? rc : check_update_possible(&place, table);
    return rc != 0 ? rc : check_hooks(&place, ecu->personality);
}

/* Tables of services. */

static void put_subfunctions(struct vehicle_personality *persona)
{
    for (uint8_t i = 0; i < persona->table.sessions_len; i++) {
        persona->session_subs[i] =
            (struct uds_subfunction){persona->table.sessions[i].id, UDS_IN_ANY, false};
    }
    for (uint8_t i = 0; i < persona->table.levels_len; i++) {
        const uint8_t seed = persona->table.levels[i].seed_sub;
        persona->level_subs[2 * i] = (struct uds_subfunction){seed, UDS_IN_ANY, false};
        persona->level_subs[2 * i + 1] =
            (struct uds_subfunction){(uint8_t)(seed + 1), UDS_IN_ANY, false};
    }
}

/* In which session a routine may be started is said by its own row. */
static const struct uds_subfunction routine_subs[] = {
    {UDS_ROUTINE_START, UDS_IN_ANY, false},
    {UDS_ROUTINE_RESULTS, UDS_IN_ANY, false},
};

/* The row of a service with the sub-functions and limits that the personality has. Handlers check
 * the finer rules of its tables. */
static void adapt(const struct vehicle_personality *persona, struct uds_service *service)
{
    if (service->sid == UDS_SESSION_CONTROL) {
        service->subfunctions = persona->session_subs;
        service->subfunctions_len = persona->table.sessions_len;
    } else if (service->sid == UDS_SECURITY_ACCESS) {
        service->sessions = UDS_IN_ANY;
        service->subfunctions = persona->level_subs;
        service->subfunctions_len = (uint8_t)(2 * persona->table.levels_len);
    } else if (service->sid == UDS_WRITE_DATA) {
        service->sessions = UDS_IN_ANY;
        service->secured = false;
    } else if (service->sid == UDS_ROUTINE_CONTROL) {
        service->sessions = UDS_IN_ANY;
        service->subfunctions = routine_subs;
        service->subfunctions_len = ARRAY_SIZE(routine_subs);
    }
}

static bool in_application(const struct boot_personality *table, uint8_t sid)
{
    for (uint8_t i = 0; sid == UDS_SECURITY_ACCESS && i < table->levels_len; i++) {
        if ((table->levels[i].where & BOOT_IN_APPLICATION) != 0) {
            return true;
        }
    }
    for (uint8_t i = 0; sid == UDS_WRITE_DATA && i < table->identifiers_len; i++) {
        if ((table->identifiers[i].write_where & BOOT_IN_APPLICATION) != 0) {
            return true;
        }
    }
    return false;
}

void vehicle_personality_finish(struct vehicle_personality *persona)
{
    struct boot_personality *table = &persona->table;
    const struct uds_service *extra[] = {&application_security, &application_write};
    put_subfunctions(persona);
    for (uint8_t i = 0; i < BOOT_SERVICES; i++) {
        persona->services[i] = boot_services[i];
        adapt(persona, &persona->services[i]);
    }
    uint8_t len = application_services_len;
    for (uint8_t i = 0; i < len; i++) {
        persona->application_services[i] = application_services[i];
    }
    for (size_t i = 0; i < ARRAY_SIZE(extra); i++) {
        if (in_application(table, extra[i]->sid)) {
            persona->application_services[len++] = *extra[i];
        }
    }
    CHECK(len <= PERSONA_SERVICES_MAX && (int)BOOT_SERVICES <= (int)PERSONA_SERVICES_MAX);
    for (uint8_t i = 0; i < len; i++) {
        adapt(persona, &persona->application_services[i]);
    }
    table->services = persona->services;
    table->services_len = BOOT_SERVICES;
    table->application_services = persona->application_services;
    table->application_services_len = len;
}
