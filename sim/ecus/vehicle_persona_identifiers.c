/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_persona_identifiers.c - identifiers of a personality. */
#include "sim/ecus/vehicle_persona_rows.h"

#include <string.h>

/* From BOOT_VALUE_SESSION on. */
static const char *const values[] = {"session",     "boot-version",  "build",       "version",
                                     "part-number", "serial-number", "hardware-id", "vin",
                                     "supply-mv",   "running",       NULL};

enum { NOT_GIVEN = 0xFFFF };

struct identifier_desc {
    uint32_t id, value, memory, length, stored_min, stored_max, read_level, write_level;
    uint8_t where, read, write_where, write;
    struct vehicle_bytes bytes;
    char text[VEHICLE_BYTES_MAX + 1];
    char hook[PERSONA_HOOK_MAX + 1];
};

#define AT(field) offsetof(struct identifier_desc, field)
const struct member persona_identifier_members[] = {
    {.name = "id", .kind = MEMBER_NUMBER, .required = true, .max = UINT16_MAX, .offset = AT(id)},
    CHOICE("value", values, AT(value)),
    BYTES("bytes", 1, VEHICLE_BYTES_MAX, AT(bytes)),
    {.name = "text", .kind = MEMBER_TEXT, .min = 1, .max = VEHICLE_BYTES_MAX, .offset = AT(text)},
    NUMBER("memory", 0, 0xFFFFFF, AT(memory)),
    NUMBER("length", 1, 128, AT(length)),
    NUMBER("stored_min", 1, BOOT_STORED_MAX, AT(stored_min)),
    NUMBER("stored_max", 1, BOOT_STORED_MAX, AT(stored_max)),
    HOOK("hook", AT(hook)),
    PLACES("where", AT(where)),
    SESSIONS("read", AT(read)),
    NUMBER("read_level", 1, 0x7D, AT(read_level)),
    PLACES("write_where", AT(write_where)),
    SESSIONS("write", AT(write)),
    NUMBER("write_level", 1, 0x7D, AT(write_level)),
    MEMBERS_END,
};
#undef AT

static bool is_stored(const struct identifier_desc *desc)
{
    return desc->stored_max != 0;
}

static int check_identifier(struct vehicle_reader *r, const struct identifier_desc *desc)
{
    const bool constant = desc->bytes.len != 0 || desc->text[0] != '\0';
    const int sources = (desc->value != NOT_GIVEN) + (constant && !is_stored(desc)) +
                        (desc->memory != UINT32_MAX) + is_stored(desc) + (desc->hook[0] != '\0');
    if (sources != 1 || (desc->bytes.len != 0 && desc->text[0] != '\0')) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "needs one source: value, bytes, text, memory, stored_max (with bytes "
                            "or text: at first), or hook");
    }
    if (desc->memory != UINT32_MAX && desc->length == 0) {
        return vehicle_fail(r, ERR_NOT_FOUND, "memory needs \"length\": how many bytes");
    }
    if (is_stored(desc) && desc->stored_min > desc->stored_max) {
        return vehicle_fail(r, ERR_RANGE, "stored_min %u is above stored_max %u", desc->stored_min,
                            desc->stored_max);
    }
    if (is_stored(desc) &&
        (desc->bytes.len > BOOT_STORED_MAX || strlen(desc->text) > BOOT_STORED_MAX)) {
        return vehicle_fail(r, ERR_RANGE, "a stored identifier begins with at most %d bytes",
                            BOOT_STORED_MAX);
    }
    if (!is_stored(desc) && (desc->write_where != 0 || desc->write_level != 0)) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "only a stored identifier can be written; give stored_max");
    }
    return 0;
}

static enum boot_value value_of(const struct identifier_desc *desc)
{
    if (is_stored(desc)) {
        return BOOT_VALUE_STORED;
    }
    if (desc->hook[0] != '\0') {
        return BOOT_VALUE_HOOK;
    }
    if (desc->memory != UINT32_MAX) {
        return BOOT_VALUE_MEMORY;
    }
    return desc->value != NOT_GIVEN ? (enum boot_value)(BOOT_VALUE_SESSION + desc->value)
                                    : BOOT_VALUE_BYTES;
}

static void put_identifier(struct vehicle_personality *persona, size_t index,
                           const struct identifier_desc *desc)
{
    const size_t text_len = strlen(desc->text);
    const size_t len = text_len != 0 ? text_len : desc->bytes.len;
    memcpy(persona->bytes[index], text_len != 0 ? (const void *)desc->text : desc->bytes.bytes,
           len);
    memcpy(persona->identifier_hooks[index], desc->hook, sizeof desc->hook);
    const bool writable = is_stored(desc) && desc->write_where != 0;
    persona->identifiers[index] = (struct boot_identifier){
        .did = (uint16_t)desc->id,
        .value = value_of(desc),
        .where = desc->where,
        .read = desc->read,
        .read_level = (uint8_t)desc->read_level,
        .write_where = writable ? desc->write_where : 0,
        .write = desc->write,
        .write_level = (uint8_t)desc->write_level,
        .len = (uint8_t)(len != 0 ? len : desc->length),
        .len_min = (uint8_t)desc->stored_min,
        .len_max = (uint8_t)desc->stored_max,
        .slot = is_stored(desc) ? persona->slots++ : 0,
        .address = desc->memory,
        .bytes = len != 0 ? persona->bytes[index] : NULL,
        .hook = persona->identifier_hooks[index],
    };
    persona->table.identifiers = persona->identifiers;
    persona->table.identifiers_len = (uint8_t)(index + 1);
}

int persona_read_identifier(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_personality *persona = to;
    struct identifier_desc desc = {.value = NOT_GIVEN,
                                   .memory = UINT32_MAX,
                                   .stored_min = 1,
                                   .where = BOOT_IN_ALL,
                                   .read = BOOT_ANY_SESSION,
                                   .write = BOOT_ANY_SESSION};
    int rc = vehicle_read_object(r, json, persona_identifier_members, &desc);
    rc = rc != 0 ? rc : check_identifier(r, &desc);
    for (size_t i = 0; rc == 0 && i < index; i++) {
        const struct boot_identifier *other = &persona->identifiers[i];
        if (other->did == desc.id && (other->where & desc.where) != 0) {
            rc = vehicle_fail(r, ERR_CONFLICT,
                              "0x%04X is identifiers[%zu] already; another \"where\" would make "
                              "room for both",
                              desc.id, i);
        }
    }
    if (rc == 0 && is_stored(&desc) && persona->slots == BOOT_STORED_SLOTS) {
        rc = vehicle_fail(r, ERR_RANGE, "there is room for %d stored identifiers",
                          BOOT_STORED_SLOTS);
    }
    if (rc == 0) {
        put_identifier(persona, index, &desc);
    }
    return rc;
}
