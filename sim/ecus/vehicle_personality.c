/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_personality.c - reads the member "personality": sets, sessions, and the whole.
 */
#include "sim/ecus/vehicle_personality.h"

#include "sim/ecus/vehicle_persona_rows.h"

#include <string.h>

static const char *const kinds[] = {"default", "programming", "extended", NULL};
static const char *const places[] = {"bootloader", "loader", "application", NULL};

/* Sets. */

int persona_read_place(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    static const struct member place = {.kind = MEMBER_CHOICE, .choices = places};
    uint32_t choice = 0;
    uint8_t *set = to;
    const int rc = vehicle_read_value(r, json, &place, &choice);
    *set = (uint8_t)((index == 0 ? 0u : *set) | (1u << choice));
    return rc;
}

int persona_read_session_number(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    static const struct member number = {.kind = MEMBER_NUMBER, .min = 1, .max = 0x7E};
    uint32_t id = 0;
    uint8_t *set = to;
    const int rc = vehicle_read_value(r, json, &number, &id);
    if (rc != 0) {
        return rc;
    }
    const struct boot_personality *table = &r->personality->table;
    const struct boot_session_row *row = boot_session_of(table, (uint8_t)id);
    if (row == NULL) {
        return vehicle_fail(r, ERR_NOT_FOUND,
                            "there is no session 0x%02X; add it to personality.sessions", id);
    }
    *set = (uint8_t)((index == 0 ? 0u : *set) | boot_session_bit(table, row));
    return 0;
}

/* Sessions. They are read in two rounds, since "from" names sessions that may follow. */

struct session_desc {
    uint32_t id, kind, p2_ms, p2_star_ms, s3_ms;
    uint8_t from;
};

#define AT(field) offsetof(struct session_desc, field)
static const struct member session_members[] = {
    {.name = "id",
     .kind = MEMBER_NUMBER,
     .required = true,
     .min = 1,
     .max = 0x7E,
     .offset = AT(id)},
    {.name = "kind", .kind = MEMBER_CHOICE, .required = true, .choices = kinds, .offset = AT(kind)},
    SESSIONS("from", AT(from)),
    NUMBER("p2_ms", 1, 65535, AT(p2_ms)),
    NUMBER("p2_star_ms", 10, 655350, AT(p2_star_ms)),
    NUMBER("s3_ms", 100, 600000, AT(s3_ms)),
    MEMBERS_END,
};
#undef AT

/* Rows 0 and 1 are the default and the programming session, whatever the order in the file, so that
 * the default tables find them where they expect them. */
static size_t session_place(struct boot_personality *table, uint32_t kind)
{
    if (kind < 2) {
        return kind;
    }
    const size_t place = table->sessions_len < 2 ? 2 : table->sessions_len;
    table->sessions_len = (uint8_t)(place + 1);
    return place;
}

static int read_inner(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                      uint32_t *to)
{
    const size_t mark = vehicle_enter_name(r, m->name);
    const int rc = vehicle_read_value(r, cJSON_GetObjectItemCaseSensitive(json, m->name), m, to);
    vehicle_leave(r, mark);
    return rc;
}

static int name_session(struct vehicle_reader *r, const cJSON *json)
{
    static const struct member id = {.name = "id", .kind = MEMBER_NUMBER, .min = 1, .max = 0x7E};
    static const struct member kind = {.name = "kind", .kind = MEMBER_CHOICE, .choices = kinds};
    struct vehicle_personality *persona = r->personality;
    uint32_t number = 0;
    uint32_t choice = 0;
    if (cJSON_GetObjectItemCaseSensitive(json, "id") == NULL ||
        cJSON_GetObjectItemCaseSensitive(json, "kind") == NULL) {
        return 0; /* The second round says so. */
    }
    int rc = read_inner(r, json, &id, &number);
    rc = rc != 0 ? rc : read_inner(r, json, &kind, &choice);
    if (rc != 0) {
        return rc;
    }
    for (uint8_t i = 0; i < BOOT_SESSIONS_MAX; i++) {
        if (persona->sessions[i].id == number ||
            (choice < 2 && i == choice && persona->sessions[i].id != 0)) {
            return vehicle_fail(r, ERR_CONFLICT,
                                persona->sessions[i].id == number
                                    ? "session 0x%02X is there already; give it another id"
                                    : "session 0x%02X is the second of its kind; one default and "
                                      "one programming session are needed",
                                number);
        }
    }
    struct boot_session_row *row = &persona->sessions[session_place(&persona->table, choice)];
    row->id = (uint8_t)number;
    row->kind = (enum uds_session)(choice + 1u);
    return 0;
}

static int read_session(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct session_desc desc = {.from = BOOT_ANY_SESSION};
    (void)to;
    (void)index;
    const int rc = vehicle_read_object(r, json, session_members, &desc);
    if (rc != 0) {
        return rc;
    }
    struct vehicle_personality *persona = r->personality;
    for (uint8_t i = 0; i < persona->table.sessions_len; i++) {
        struct boot_session_row *row = &persona->sessions[i];
        if (row->id == desc.id) {
            row->from = desc.from;
            row->p2_ns = PROTO_MS(desc.p2_ms);
            row->p2_star_ns = PROTO_MS(desc.p2_star_ms);
            row->s3_ns = PROTO_MS(desc.s3_ms);
        }
    }
    return 0;
}

static int name_sessions(struct vehicle_reader *r, const cJSON *json)
{
    struct vehicle_personality *persona = r->personality;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "sessions");
    int rc = 0;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > BOOT_SESSIONS_MAX) {
        return 0;
    }
    persona->table.sessions = persona->sessions;
    persona->table.sessions_len = 2;
    const size_t mark = vehicle_enter_name(r, "sessions");
    for (int i = 0; rc == 0 && i < cJSON_GetArraySize(list); i++) {
        const size_t entry = vehicle_enter_index(r, (size_t)i);
        rc = name_session(r, cJSON_GetArrayItem(list, i));
        vehicle_leave(r, entry);
    }
    if (rc == 0 && (persona->sessions[0].id == 0 || persona->sessions[1].id == 0)) {
        rc = vehicle_fail(r, ERR_NOT_FOUND, "there is no session of the kind \"%s\"; add one",
                          kinds[persona->sessions[0].id == 0 ? 0 : 1]);
    }
    vehicle_leave(r, mark);
    return rc;
}

/* Blocks, loader, and the whole. */

struct block_desc {
    uint32_t id, start, end;
};

static int read_block_range(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct block_desc *desc = to;
    (void)index;
    return vehicle_read_range(r, json, &desc->start, &desc->end);
}

static const struct member block_members[] = {
    {.name = "id",
     .kind = MEMBER_NUMBER,
     .required = true,
     .max = UINT8_MAX,
     .offset = offsetof(struct block_desc, id)},
    {.name = "range", .kind = MEMBER_CALL, .required = true, .read = read_block_range},
    MEMBERS_END,
};

static int read_block(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_personality *persona = to;
    struct block_desc desc = {.id = 0};
    int rc = vehicle_read_object(r, json, block_members, &desc);
    for (size_t i = 0; rc == 0 && i < index; i++) {
        if (persona->blocks[i].id == desc.id) {
            rc = vehicle_fail(r, ERR_CONFLICT, "block %u is blocks[%zu] already", desc.id, i);
        }
    }
    persona->blocks[index] =
        (struct boot_block_row){.id = (uint8_t)desc.id, .start = desc.start, .end = desc.end};
    persona->table.blocks = persona->blocks;
    persona->table.blocks_len = (uint8_t)(index + 1);
    return rc;
}

static int read_ram(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_personality *persona = to;
    struct boot_personality *table = &persona->table;
    (void)index;
    return vehicle_read_range(r, json, &table->ram_start, &table->ram_end);
}

#define AT(field) offsetof(struct vehicle_personality, field)
static const struct member loader_members[] = {
    {.name = "ram", .kind = MEMBER_CALL, .required = true, .read = read_ram},
    YES_NO("required", AT(table.loader_required)),
    MEMBERS_END,
};

static int read_transferred(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    static const struct member bytes = {.kind = MEMBER_BYTES, .max = BOOT_CONSTANT_MAX};
    struct boot_bytes *answer = to;
    struct vehicle_bytes read = {.len = 0};
    (void)index;
    const int rc = vehicle_read_value(r, json, &bytes, &read);
    if (rc == 0) {
        *answer = persona_answer_of(&read);
    }
    return rc;
}

static int read_block_length_bytes(struct vehicle_reader *r, const cJSON *json, void *to,
                                   size_t index)
{
    static const struct member number = {.kind = MEMBER_NUMBER, .min = 2, .max = 4};
    uint8_t *len = to;
    uint32_t value = 0;
    (void)index;
    const int rc = vehicle_read_value(r, json, &number, &value);
    *len = (uint8_t)value;
    return rc;
}

/* The record given replaces the default one as a whole. */
static int read_record(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    static const struct member record = RECORD(NULL, 0);
    struct boot_record *replaced = to;
    (void)index;
    *replaced = (struct boot_record){.optional = false};
    return vehicle_read_value(r, json, &record, replaced);
}

const struct member vehicle_personality_members[] = {
    {.name = "sessions",
     .kind = MEMBER_LIST,
     .min = 2,
     .max = BOOT_SESSIONS_MAX,
     .read = read_session,
     .members = session_members},
    {.name = "levels",
     .kind = MEMBER_LIST,
     .min = 1,
     .max = BOOT_LEVELS_MAX,
     .read = persona_read_level,
     .members = persona_level_members},
    {.name = "identifiers",
     .kind = MEMBER_LIST,
     .min = 1,
     .max = PERSONA_IDENTIFIERS_MAX,
     .read = persona_read_identifier,
     .members = persona_identifier_members},
    {.name = "routines",
     .kind = MEMBER_LIST,
     .min = 1,
     .max = PERSONA_ROUTINES_MAX,
     .read = persona_read_routine,
     .members = persona_routine_members},
    {.name = "blocks",
     .kind = MEMBER_LIST,
     .min = 1,
     .max = PERSONA_BLOCKS_MAX,
     .read = read_block,
     .members = block_members},
    {.name = "loader", .kind = MEMBER_OBJECT, .members = loader_members},
    {.name = "download", .kind = MEMBER_CALL, .offset = AT(table.download), .read = read_record},
    {.name = "exit", .kind = MEMBER_CALL, .offset = AT(table.exit), .read = read_record},
    {.name = "transferred",
     .kind = MEMBER_CALL,
     .offset = AT(table.transferred),
     .read = read_transferred},
    {.name = "block_length_bytes",
     .kind = MEMBER_CALL,
     .offset = AT(table.block_length_bytes),
     .read = read_block_length_bytes},
    YES_NO("line_crc16", AT(table.line_crc16)),
    {.name = "hooks", .kind = MEMBER_TEXT, .min = 1, .max = PERSONA_PATH_MAX, .offset = AT(hooks)},
    MEMBERS_END,
};
#undef AT

/* Routines without a level of their own ask for the one that opens programming. */
static void settle_levels(struct vehicle_personality *persona)
{
    uint8_t opening = 0;
    for (uint8_t i = 0; i < persona->table.levels_len && opening == 0; i++) {
        opening = persona->table.levels[i].programming ? persona->table.levels[i].seed_sub : 0;
    }
    for (size_t i = 0; i < PERSONA_ROUTINES_MAX; i++) {
        if (persona->routines[i].level == UINT8_MAX) {
            persona->routines[i].level = opening;
        }
    }
}

int vehicle_personality_read(struct vehicle_reader *r, const cJSON *json,
                             struct vehicle_personality *persona)
{
    persona->table = boot_personality_default;
    persona->table.checks = boot_check_methods;
    r->personality = persona;
    int rc = name_sessions(r, json);
    rc = rc != 0 ? rc : vehicle_read_object(r, json, vehicle_personality_members, persona);
    settle_levels(persona);
    r->personality = NULL;
    return rc;
}
