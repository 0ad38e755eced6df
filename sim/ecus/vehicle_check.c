/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_check.c - what members of a vehicle file mean together: names, identifiers,
 * memory. */
#include "sim/ecus/vehicle_json.h"
#include "sim/ecus/vehicle_reader.h"
#include "sim/s12x_flash_model/s12x_part.h"

#include <stdio.h>
#include <string.h>

/* The names that a bus goes by: its own, then its aliases. */
static size_t names_len(const struct vehicle_bus_desc *bus)
{
    return 1 + bus->aliases_len;
}

static const char *name_at(const struct vehicle_bus_desc *bus, size_t n)
{
    return n == 0 ? bus->name : bus->aliases[n - 1];
}

/* Whether one of the first len names of a bus is this one. */
static bool goes_by(const struct vehicle_bus_desc *bus, size_t len, const char *name)
{
    for (size_t n = 0; n < len; n++) {
        if (strcmp(name_at(bus, n), name) == 0) {
            return true;
        }
    }
    return false;
}

/* Name n of buses[i] differs from all before it. */
static int check_bus_name(struct vehicle_reader *r, const struct vehicle_desc *desc, size_t i,
                          size_t n)
{
    const char *name = name_at(&desc->buses[i], n);
    char member[32] = "name";
    if (n > 0) {
        (void)snprintf(member, sizeof member, "aliases[%zu]", n - 1);
    }
    for (size_t k = 0; k <= i; k++) {
        const struct vehicle_bus_desc *other = &desc->buses[k];
        if (goes_by(other, k < i ? names_len(other) : n, name)) {
            return vehicle_fail_member(r, "buses", i, member, ERR_CONFLICT,
                                       "\"%s\" is %s of buses[%zu] already", name,
                                       strcmp(other->name, name) == 0 ? "the name" : "an alias", k);
        }
    }
    return 0;
}

static int check_buses(struct vehicle_reader *r, const struct vehicle_desc *desc)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < desc->buses_len; i++) {
        const struct vehicle_bus_desc *bus = &desc->buses[i];
        if (bus->data_bitrate != 0 && bus->data_bitrate < bus->bitrate) {
            return vehicle_fail_member(r, "buses", i, "data_bitrate", ERR_RANGE,
                                       "must be 0 (no FD) or at least the bitrate, %u",
                                       bus->bitrate);
        }
        for (size_t n = 0; rc == 0 && n < names_len(bus); n++) {
            rc = check_bus_name(r, desc, i, n);
        }
    }
    return rc;
}

static int check_names(struct vehicle_reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    bool bus_known = false;
    for (size_t k = 0; k < desc->buses_len; k++) {
        bus_known = bus_known || strcmp(desc->buses[k].name, ecu->bus) == 0;
    }
    if (!bus_known) {
        return vehicle_fail_member(r, "ecus", i, "bus", ERR_NOT_FOUND,
                                   "there is no bus \"%s\" in this vehicle", ecu->bus);
    }
    if (s12x_part_find(ecu->part) == NULL) {
        return vehicle_fail_member(r, "ecus", i, "part", ERR_UNSUPPORTED,
                                   "part \"%s\" is not known; known: MC9S12XEQ512, "
                                   "MC9S12XEQ384",
                                   ecu->part);
    }
    for (size_t k = 0; k < i; k++) {
        if (strcmp(desc->ecus[k].name, ecu->name) == 0) {
            return vehicle_fail_member(r, "ecus", i, "name", ERR_CONFLICT,
                                       "\"%s\" is the name of ecus[%zu] already", ecu->name, k);
        }
    }
    return 0;
}

/* One place of a bus is the tester's: a master that updates these ECUs. */
static int check_places(struct vehicle_reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    size_t before = 0;
    for (size_t k = 0; k < i; k++) {
        before += strcmp(desc->ecus[k].bus, ecu->bus) == 0 ? 1u : 0u;
    }
    if (before >= VEHICLE_BUS_ECUS_MAX) {
        return vehicle_fail_member(r, "ecus", i, "bus", ERR_RANGE,
                                   "bus \"%s\" has %d ECUs already, and no place for more; give "
                                   "this one another bus",
                                   ecu->bus, VEHICLE_BUS_ECUS_MAX);
    }
    return 0;
}

/* What a frame is told apart by: its identifier, and with extended addressing its first byte too.
 * Two of them that could be one frame collide. */
struct identity {
    uint32_t id;
    uint32_t address; /* NO_ADDRESS: any first byte. */
};

#define NO_ADDRESS UINT32_MAX

enum { REQUEST, RESPONSE, FUNCTIONAL, IDENTITIES };
static const char *const id_names[IDENTITIES] = {"request_id", "response_id", "functional_id"};

static struct identity identity_of(const struct vehicle_ecu_desc *ecu, size_t n)
{
    const uint32_t ids[] = {ecu->request_id, ecu->response_id, ecu->functional_id};
    const uint32_t addresses[] = {ecu->address, NO_ADDRESS, ecu->functional};
    return (struct identity){ids[n],
                             ecu->addressing == VEHICLE_EXTENDED ? addresses[n] : NO_ADDRESS};
}

static bool collide(struct identity a, struct identity b)
{
    return a.id == b.id &&
           (a.address == b.address || a.address == NO_ADDRESS || b.address == NO_ADDRESS);
}

/* The member of the ECU that this identity collides with; functional ones may be shared. */
static const char *id_owner(const struct vehicle_ecu_desc *ecu, struct identity identity,
                            bool functional_too)
{
    for (size_t n = REQUEST; n < (functional_too ? IDENTITIES : FUNCTIONAL); n++) {
        if (collide(identity_of(ecu, n), identity)) {
            return id_names[n];
        }
    }
    return NULL;
}

static int check_own_ids(struct vehicle_reader *r, const struct vehicle_ecu_desc *ecu, size_t i)
{
    if (collide(identity_of(ecu, REQUEST), identity_of(ecu, RESPONSE))) {
        return vehicle_fail_member(r, "ecus", i, "response_id", ERR_CONFLICT,
                                   "0x%X is its request_id already", ecu->response_id);
    }
    const char *owner = id_owner(ecu, identity_of(ecu, FUNCTIONAL), false);
    if (owner != NULL) {
        return vehicle_fail_member(r, "ecus", i, "functional_id", ERR_CONFLICT,
                                   "0x%X is its %s already", ecu->functional_id, owner);
    }
    return 0;
}

/* One identifier has one sender. Functional identifiers are shared by ECUs, and by nothing else. */
static int check_ids(struct vehicle_reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    const int rc = check_own_ids(r, ecu, i);
    if (rc != 0) {
        return rc;
    }
    for (size_t k = 0; k < i; k++) {
        const struct vehicle_ecu_desc *other = &desc->ecus[k];
        for (size_t n = REQUEST; strcmp(other->bus, ecu->bus) == 0 && n < IDENTITIES; n++) {
            const char *owner = id_owner(other, identity_of(ecu, n), n != FUNCTIONAL);
            if (owner != NULL) {
                return vehicle_fail_member(r, "ecus", i, id_names[n], ERR_CONFLICT,
                                           "is the %s of ecus[%zu] (\"%s\") already", owner, k,
                                           other->name);
            }
        }
    }
    return 0;
}

static const struct vehicle_bus_desc *bus_of(const struct vehicle_desc *desc,
                                             const struct vehicle_ecu_desc *ecu)
{
    size_t k = 0;
    while (k + 1 < desc->buses_len && strcmp(desc->buses[k].name, ecu->bus) != 0) {
        k++;
    }
    return &desc->buses[k];
}

static int check_link(struct vehicle_reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    if (ecu->fd_length == 0) {
        return 0;
    }
    if (bus_of(desc, ecu)->data_bitrate == 0) {
        return vehicle_fail_member(r, "ecus", i, "isotp.fd_length", ERR_CONFLICT,
                                   "bus \"%s\" has classical frames only; give it a data_bitrate",
                                   ecu->bus);
    }
    if (can_fd_len_at_least((uint8_t)ecu->fd_length) != ecu->fd_length) {
        return vehicle_fail_member(r, "ecus", i, "isotp.fd_length", ERR_RANGE,
                                   "must be 8, 12, 16, 20, 24, 32, 48 or 64");
    }
    return 0;
}

static bool overlap(const struct boot_region *a, const struct boot_region *b)
{
    return a->start < b->end && b->start < a->end;
}

/* Blocks may touch, and a part may have a hole between two of them. */
static bool inside_p_flash(const struct s12x_part *part, const struct boot_region *region)
{
    uint32_t covered = region->start;
    for (uint8_t i = 0; i < part->p_blocks_len && covered < region->end; i++) {
        for (uint8_t k = 0; k < part->p_blocks_len; k++) {
            const struct s12x_block *block = &part->p_blocks[k];
            if (covered >= block->start && covered - block->start < block->size_bytes) {
                covered = block->start + block->size_bytes;
            }
        }
    }
    return covered >= region->end;
}

static int check_region(struct vehicle_reader *r, const struct vehicle_ecu_desc *ecu, size_t i,
                        size_t n)
{
    const struct s12x_part *part = s12x_part_find(ecu->part);
    const struct boot_region *region = &ecu->regions[n];
    char name[24];
    (void)snprintf(name, sizeof name, "regions[%zu]", n);
    if (region->start >= region->end) {
        return vehicle_fail_member(r, "ecus", i, name, ERR_RANGE,
                                   "is empty: the end 0x%X must lie behind the start 0x%X",
                                   region->end, region->start);
    }
    if (region->start % part->p_sector_bytes != 0 || region->end % part->p_sector_bytes != 0) {
        return vehicle_fail_member(r, "ecus", i, name, ERR_RANGE,
                                   "must begin and end at a sector, a multiple of 0x%X",
                                   part->p_sector_bytes);
    }
    if (!inside_p_flash(part, region)) {
        return vehicle_fail_member(r, "ecus", i, name, ERR_RANGE,
                                   "0x%X to 0x%X is not inside the P-Flash of %s", region->start,
                                   region->end, part->name);
    }
    for (size_t k = 0; k < S12X_BOOT_AREAS; k++) {
        if (overlap(region, &s12x_ecu_boot_areas[k])) {
            return vehicle_fail_member(r, "ecus", i, name, ERR_CONFLICT,
                                       "overlaps the protected boot block 0x%X to 0x%X",
                                       s12x_ecu_boot_areas[k].start, s12x_ecu_boot_areas[k].end);
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (overlap(region, &ecu->regions[k])) {
            return vehicle_fail_member(r, "ecus", i, name, ERR_CONFLICT, "overlaps regions[%zu]",
                                       k);
        }
    }
    return 0;
}

static int check_memory(struct vehicle_reader *r, const struct vehicle_ecu_desc *ecu, size_t i)
{
    bool header_inside = false;
    for (size_t n = 0; n < ecu->regions_len; n++) {
        int rc = check_region(r, ecu, i, n);
        if (rc != 0) {
            return rc;
        }
        header_inside = header_inside || (ecu->header >= ecu->regions[n].start &&
                                          ecu->header + BOOT_HEADER_LEN <= ecu->regions[n].end);
    }
    if (!header_inside) {
        return vehicle_fail_member(r, "ecus", i, "header", ERR_RANGE,
                                   "the %d bytes from 0x%X on do not lie inside one region",
                                   BOOT_HEADER_LEN, ecu->header);
    }
    if (ecu->min_mv >= ecu->max_mv) {
        return vehicle_fail_member(r, "ecus", i, "supply", ERR_RANGE,
                                   "min_mv %u must be below max_mv %u", ecu->min_mv, ecu->max_mv);
    }
    return 0;
}

int vehicle_check_together(struct vehicle_reader *r, const struct vehicle_desc *desc)
{
    int rc = check_buses(r, desc);
    for (size_t i = 0; rc == 0 && i < desc->ecus_len; i++) {
        rc = check_names(r, desc, i);
        rc = rc != 0 ? rc : check_places(r, desc, i);
        rc = rc != 0 ? rc : check_ids(r, desc, i);
        rc = rc != 0 ? rc : check_link(r, desc, i);
        rc = rc != 0 ? rc : check_memory(r, &desc->ecus[i], i);
        if (rc == 0 && desc->ecus[i].personality != NULL) {
            rc = vehicle_personality_check(r, &desc->ecus[i], i);
        }
    }
    return rc;
}
