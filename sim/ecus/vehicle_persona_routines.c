/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_persona_routines.c - routines of a personality, and the records of
 * requests that they share with 34 and 37. */
#include "sim/ecus/vehicle_persona_rows.h"

#include "sim/base.h"

#include <string.h>

static const char *const functions[] = {"preconditions", "erase",  "check-memory",
                                        "dependencies",  "commit", "start-loader",
                                        "hook",          NULL};
enum { NOT_GIVEN = 0xFFFF };

/* Records of requests. */

struct token {
    const char *text;
    enum boot_field_kind kind;
    uint8_t len;
};

static const struct token tokens[] = {
    {"block", BOOT_FIELD_BLOCK, 1},       {"alfid", BOOT_FIELD_ALFID, 0},
    {"address", BOOT_FIELD_ADDRESS, 4},   {"address:2", BOOT_FIELD_ADDRESS, 2},
    {"address:3", BOOT_FIELD_ADDRESS, 3}, {"length", BOOT_FIELD_LENGTH, 4},
    {"length:2", BOOT_FIELD_LENGTH, 2},   {"length:3", BOOT_FIELD_LENGTH, 3},
    {"check", BOOT_FIELD_CHECK, 0},       {"count", BOOT_FIELD_COUNT, 2},
    {"any", BOOT_FIELD_ANY, 0},
};

static const struct token *find_token(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
        if (strcmp(tokens[i].text, text) == 0) {
            return &tokens[i];
        }
    }
    return NULL;
}

/* "alfid:44": this format and no other. */
static bool parse_format(const char *text, uint8_t *format)
{
    struct vehicle_bytes bytes;
    if (strncmp(text, "alfid:", 6) != 0 || !vehicle_hex_parse(text + 6, &bytes) || bytes.len != 1) {
        return false;
    }
    const unsigned address = bytes.bytes[0] & 15u;
    const unsigned length = bytes.bytes[0] >> 4;
    *format = bytes.bytes[0];
    return address >= 1 && address <= 4 && length >= 1 && length <= 4;
}

int persona_read_field(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct boot_record *record = to;
    struct boot_field *field = &record->fields[index];
    struct vehicle_bytes bytes;
    const char *text = cJSON_IsString(json) ? json->valuestring : "";
    const struct token *token = find_token(text);
    record->fields_len = (uint8_t)(index + 1);
    *field = (struct boot_field){.kind = BOOT_FIELD_CONSTANT};
    if (token != NULL) {
        field->kind = token->kind;
        field->len = token->len;
        return 0;
    }
    if (parse_format(text, &field->bytes[0])) {
        field->kind = BOOT_FIELD_ALFID;
        return 0;
    }
    if (text[0] == '\0' || !vehicle_hex_parse(text, &bytes) || bytes.len > BOOT_CONSTANT_MAX) {
        return vehicle_fail(r, ERR_SYNTAX,
                            "must be block, alfid, alfid:44, address, address:3, length, length:3, "
                            "check, count, any, or up to %d hexadecimal bytes",
                            BOOT_CONSTANT_MAX);
    }
    field->len = (uint8_t)bytes.len;
    memcpy(field->bytes, bytes.bytes, bytes.len);
    return 0;
}

/* Routines. */

struct routine_desc {
    uint32_t id, function, level;
    uint8_t where, sessions;
    bool optional, polled, commits;
    struct boot_record option;
    struct vehicle_bytes good, busy, bad;
    char hook[PERSONA_HOOK_MAX + 1];
};

#define AT(field) offsetof(struct routine_desc, field)
const struct member persona_routine_members[] = {
    {.name = "id", .kind = MEMBER_NUMBER, .required = true, .max = UINT16_MAX, .offset = AT(id)},
    {.name = "do",
     .kind = MEMBER_CHOICE,
     .required = true,
     .choices = functions,
     .offset = AT(function)},
    RECORD("option", AT(option)),
    YES_NO("optional", AT(optional)),
    BYTES("good", 0, BOOT_CONSTANT_MAX, AT(good)),
    BYTES("busy", 0, BOOT_CONSTANT_MAX, AT(busy)),
    BYTES("bad", 0, BOOT_CONSTANT_MAX, AT(bad)),
    YES_NO("polled", AT(polled)),
    YES_NO("commits", AT(commits)),
    PLACES("where", AT(where)),
    SESSIONS("sessions", AT(sessions)),
    NUMBER("level", 0, 0x7D, AT(level)),
    HOOK("hook", AT(hook)),
    MEMBERS_END,
};
#undef AT

struct boot_bytes persona_answer_of(const struct vehicle_bytes *from)
{
    struct boot_bytes to = {.len = (uint8_t)from->len};
    memcpy(to.bytes, from->bytes, from->len);
    return to;
}

static bool in_application(uint32_t function)
{
    return function == BOOT_DO_PRECONDITIONS || function == BOOT_DO_HOOK;
}

static int check_routine(struct vehicle_reader *r, const struct routine_desc *desc)
{
    if ((desc->function == BOOT_DO_HOOK) != (desc->hook[0] != '\0')) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "\"hook\" names a function if, and only if, \"do\" is \"hook\"");
    }
    if (!in_application(desc->function) && (desc->where & BOOT_IN_APPLICATION) != 0) {
        return vehicle_fail(r, ERR_UNSUPPORTED,
                            "the application has no \"%s\"; leave it out of \"where\"",
                            functions[desc->function]);
    }
    if (desc->polled && desc->function != BOOT_DO_ERASE) {
        return vehicle_fail(r, ERR_UNSUPPORTED, "only an erase can be polled");
    }
    if (desc->function == BOOT_DO_CHECK_MEMORY && desc->bad.len != 0 &&
        desc->bad.len != desc->good.len) {
        return vehicle_fail(r, ERR_RANGE,
                            "good and bad answers of check-memory must have one length");
    }
    for (uint8_t i = 0; i + 1 < desc->option.fields_len; i++) {
        if (desc->option.fields[i].kind == BOOT_FIELD_ANY) {
            return vehicle_fail(r, ERR_RANGE, "\"any\" must be the last field of \"option\"");
        }
    }
    return 0;
}

int persona_read_routine(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_personality *persona = to;
    struct routine_desc desc = {.level = NOT_GIVEN, .commits = true};
    int rc = vehicle_read_object(r, json, persona_routine_members, &desc);
    const bool open = in_application(desc.function);
    desc.where = desc.where != 0 ? desc.where
                 : open          ? BOOT_IN_ALL
                                 : BOOT_IN_BOOTLOADER | BOOT_IN_LOADER;
    rc = rc != 0 ? rc : check_routine(r, &desc);
    for (size_t i = 0; rc == 0 && i < index; i++) {
        if (persona->routines[i].rid == desc.id && (persona->routines[i].where & desc.where) != 0) {
            rc = vehicle_fail(r, ERR_CONFLICT, "0x%04X is routines[%zu] already", desc.id, i);
        }
    }
    memcpy(persona->routine_hooks[index], desc.hook, sizeof desc.hook);
    desc.option.optional = desc.optional;
    persona->routines[index] = (struct boot_routine_row){
        .rid = (uint16_t)desc.id,
        .function = (enum boot_function)desc.function,
        .where = desc.where,
        /* The programming session is row 1. */
        .sessions = desc.sessions != 0 ? desc.sessions
                    : open             ? BOOT_ANY_SESSION
                                       : 1u << 1,
        .level = desc.level == NOT_GIVEN ? (open ? 0 : UINT8_MAX) : (uint8_t)desc.level,
        .polled = desc.polled,
        .commits = desc.commits,
        .option = desc.option,
        .good = persona_answer_of(&desc.good),
        .busy = persona_answer_of(&desc.busy),
        .bad = persona_answer_of(&desc.bad),
        .hook = persona->routine_hooks[index],
    };
    persona->table.routines = persona->routines;
    persona->table.routines_len = (uint8_t)(index + 1);
    return rc;
}
