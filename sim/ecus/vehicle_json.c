/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_json.c - reads a vehicle file by tables of members, and says exactly what is
 * wrong with it. */
#include "sim/ecus/vehicle_json.h"

#include "sim/ecus/json_locate.h"
#include "sim/ecus/vehicle_reader.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_PADDING UINT32_MAX

enum kind {
    MEMBER_NAME,   /* Letters, digits, '_', '-' and '.'; min to max characters. */
    MEMBER_TEXT,   /* Printable ASCII, min to max characters. */
    MEMBER_NUMBER, /* A JSON number or a text "0x...", min to max. */
    MEMBER_CHOICE, /* One of the texts; its index is stored. */
    MEMBER_OBJECT, /* Its members go into the same struct. */
    MEMBER_REGIONS,
    MEMBER_ALIASES,
    MEMBER_BUSES,
    MEMBER_ECUS,
};

struct member {
    const char *name;
    enum kind kind;
    bool required;
    uint32_t min, max;
    size_t offset;
    const char *const *choices;   /* Null-terminated. */
    const struct member *members; /* Ends with a row without a name. */
};

#define AT_BUS(field) offsetof(struct vehicle_bus_desc, field)
#define AT_ECU(field) offsetof(struct vehicle_ecu_desc, field)
#define AT_TOP(field) offsetof(struct vehicle_desc, field)

static const char *const types[] = {"s12x", NULL};
static const char *const styles[] = {"block", "s19-line", NULL};
static const char *const checks[] = {"sha1", "crc32", "sum8", NULL};
static const char *const bus_timings[] = {"bit", "instant", NULL};
static const char *const timings[] = {"typical", "minimum", "maximum", NULL};

static const struct member isotp_members[] = {
    {"block_size", MEMBER_NUMBER, false, 0, 255, AT_ECU(isotp_block_size), NULL, NULL},
    {"st_min", MEMBER_NUMBER, false, 0, 255, AT_ECU(isotp_st_min), NULL, NULL},
    {"padding", MEMBER_NUMBER, false, 0, 255, AT_ECU(isotp_padding), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

/* Limits: what 50 03 can tell (P2 in 1 ms, P2* in 10 ms, 16 bits each: ISO 14229-1). */
static const struct member timing_members[] = {
    {"p2_ms", MEMBER_NUMBER, false, 1, 65535, AT_ECU(p2_ms), NULL, NULL},
    {"p2_star_ms", MEMBER_NUMBER, false, 10, 655350, AT_ECU(p2_star_ms), NULL, NULL},
    {"s3_ms", MEMBER_NUMBER, false, 100, 600000, AT_ECU(s3_ms), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member security_members[] = {
    {"secret", MEMBER_NUMBER, false, 0, UINT32_MAX, AT_ECU(secret), NULL, NULL},
    {"attempts", MEMBER_NUMBER, false, 1, 255, AT_ECU(attempts), NULL, NULL},
    {"delay_ms", MEMBER_NUMBER, false, 1, 3600000, AT_ECU(delay_ms), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

/* The bootloader finds no divider for the flash clock below 3.2 MHz (boot_flash.c). */
static const struct member clock_members[] = {
    {"oscillator_hz", MEMBER_NUMBER, false, 3200000, 40000000, AT_ECU(oscillator_hz), NULL, NULL},
    {"bus_hz", MEMBER_NUMBER, false, 1000000, 50000000, AT_ECU(bus_hz), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member supply_members[] = {
    {"nominal_mv", MEMBER_NUMBER, false, 0, 60000, AT_ECU(nominal_mv), NULL, NULL},
    {"min_mv", MEMBER_NUMBER, false, 0, 60000, AT_ECU(min_mv), NULL, NULL},
    {"max_mv", MEMBER_NUMBER, false, 1, 60000, AT_ECU(max_mv), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member ecu_members[] = {
    {"name", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_ECU(name), NULL, NULL},
    {"type", MEMBER_CHOICE, true, 0, 0, AT_ECU(type), types, NULL},
    {"part", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_ECU(part), NULL, NULL},
    {"bus", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_ECU(bus), NULL, NULL},
    {"request_id", MEMBER_NUMBER, true, 0, CAN_EXT_ID_MAX, AT_ECU(request_id), NULL, NULL},
    {"response_id", MEMBER_NUMBER, true, 0, CAN_EXT_ID_MAX, AT_ECU(response_id), NULL, NULL},
    {"functional_id", MEMBER_NUMBER, false, 0, CAN_EXT_ID_MAX, AT_ECU(functional_id), NULL, NULL},
    {"transfer", MEMBER_CHOICE, false, 0, 0, AT_ECU(transfer), styles, NULL},
    {"check", MEMBER_CHOICE, false, 0, 0, AT_ECU(check), checks, NULL},
    {"block_length", MEMBER_NUMBER, false, 10, BOOT_BLOCK_MAX, AT_ECU(block_length), NULL, NULL},
    {"isotp", MEMBER_OBJECT, false, 0, 0, 0, NULL, isotp_members},
    {"timing", MEMBER_OBJECT, false, 0, 0, 0, NULL, timing_members},
    {"security", MEMBER_OBJECT, false, 0, 0, 0, NULL, security_members},
    {"clock", MEMBER_OBJECT, false, 0, 0, 0, NULL, clock_members},
    {"flash_timing", MEMBER_CHOICE, false, 0, 0, AT_ECU(flash_timing), timings, NULL},
    {"supply", MEMBER_OBJECT, false, 0, 0, 0, NULL, supply_members},
    {"regions", MEMBER_REGIONS, true, 1, BOOT_REGIONS_MAX, AT_ECU(regions), NULL, NULL},
    {"header", MEMBER_NUMBER, true, 0, 0xFFFFFF, AT_ECU(header), NULL, NULL},
    {"hardware_id", MEMBER_TEXT, true, 1, BOOT_ID_LEN, AT_ECU(hardware_id), NULL, NULL},
    {"serial_number", MEMBER_TEXT, false, 0, BOOT_ID_LEN, AT_ECU(serial_number), NULL, NULL},
    {"part_number", MEMBER_TEXT, false, 0, BOOT_ID_LEN, AT_ECU(part_number), NULL, NULL},
    {"vin", MEMBER_TEXT, false, 17, 17, AT_ECU(vin), NULL, NULL},
    {"boot_version", MEMBER_TEXT, false, 0, BOOT_ID_LEN, AT_ECU(boot_version), NULL, NULL},
    {"image", MEMBER_TEXT, false, 1, VEHICLE_PATH_MAX, AT_ECU(image), NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member bus_members[] = {
    {"name", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_BUS(name), NULL, NULL},
    {"bitrate", MEMBER_NUMBER, true, 10000, 1000000, AT_BUS(bitrate), NULL, NULL},
    {"data_bitrate", MEMBER_NUMBER, false, 0, 12000000, AT_BUS(data_bitrate), NULL, NULL},
    {"timing", MEMBER_CHOICE, false, 0, 0, AT_BUS(timing), bus_timings, NULL},
    {"aliases", MEMBER_ALIASES, false, 0, VEHICLE_ALIASES_MAX, 0, NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member top_members[] = {
    {"name", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_TOP(name), NULL, NULL},
    {"buses", MEMBER_BUSES, true, 1, VEHICLE_BUSES_MAX, 0, NULL, NULL},
    {"ecus", MEMBER_ECUS, true, 1, VEHICLE_ECUS_MAX, 0, NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

/* Values. */

static int read_object(struct vehicle_reader *r, const cJSON *json, const struct member *members,
                       void *to);

static int read_text(struct vehicle_reader *r, const cJSON *json, const struct member *m, char *to)
{
    if (!cJSON_IsString(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a text in quotes");
    }
    const char *text = json->valuestring;
    size_t len = strlen(text);
    if (len < m->min || len > m->max) {
        return m->min == m->max
                   ? vehicle_fail(r, ERR_RANGE, "must have exactly %u characters, not %zu", m->max,
                                  len)
                   : vehicle_fail(r, ERR_RANGE, "must have %u to %u characters, not %zu", m->min,
                                  m->max, len);
    }
    for (const char *c = text; *c != '\0'; c++) {
        bool good = m->kind == MEMBER_NAME ? isalnum((unsigned char)*c) || strchr("_-.", *c) != NULL
                                           : *c >= ' ' && *c <= '~';
        if (!good) {
            return vehicle_fail(r, ERR_SYNTAX, "may hold %s only",
                                m->kind == MEMBER_NAME ? "letters, digits, '_', '-' and '.'"
                                                       : "printable ASCII characters");
        }
    }
    memcpy(to, text, len + 1);
    return 0;
}

static bool number_of(const cJSON *json, double *value)
{
    if (cJSON_IsNumber(json)) {
        *value = json->valuedouble;
        return true;
    }
    if (!cJSON_IsString(json) || strncmp(json->valuestring, "0x", 2) != 0) {
        return false;
    }
    const char *digits = json->valuestring + 2;
    size_t len = strlen(digits);
    if (len == 0 || len > 8 || strspn(digits, "0123456789abcdefABCDEF") != len) {
        return false;
    }
    *value = (double)strtoul(digits, NULL, 16);
    return true;
}

/* Addresses, identifiers and secrets are as wide as bits allow; people read those as hexadecimal.
 */
static bool is_bits(uint32_t max)
{
    return max > UINT16_MAX && (max & (max + 1u)) == 0;
}

static int read_number(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       uint32_t *to)
{
    double value = 0;
    if (!number_of(json, &value)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a number, or a text like \"0x7E0\"");
    }
    /* The negation also catches NaN. */
    if (!(value >= m->min && value <= m->max)) {
        return is_bits(m->max) ? vehicle_fail(r, ERR_RANGE, "must be 0x%X to 0x%X", m->min, m->max)
                               : vehicle_fail(r, ERR_RANGE, "must be %u to %u", m->min, m->max);
    }
    *to = (uint32_t)value;
    if ((double)*to != value) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a whole number");
    }
    return 0;
}

static void list_names(char *to, size_t cap, const char *const *names, const struct member *members)
{
    size_t used = 0;
    to[0] = '\0';
    for (size_t i = 0; names != NULL ? names[i] != NULL : members[i].name != NULL; i++) {
        const char *name = names != NULL ? names[i] : members[i].name;
        int len = snprintf(to + used, cap - used, "%s%s", used > 0 ? ", " : "", name);
        used += (size_t)len < cap - used ? (size_t)len : cap - used - 1;
    }
}

static int read_choice(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       uint32_t *to)
{
    for (uint32_t i = 0; cJSON_IsString(json) && m->choices[i] != NULL; i++) {
        if (strcmp(json->valuestring, m->choices[i]) == 0) {
            *to = i;
            return 0;
        }
    }
    char names[96];
    list_names(names, sizeof names, m->choices, NULL);
    return vehicle_fail(r, cJSON_IsString(json) ? ERR_UNSUPPORTED : ERR_SYNTAX,
                        "must be one of: %s", names);
}

static int check_array(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       size_t *len)
{
    if (!cJSON_IsArray(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a list in square brackets");
    }
    int count = cJSON_GetArraySize(json);
    if (count < (int)m->min || count > (int)m->max) {
        return vehicle_fail(r, ERR_RANGE, "must have %u to %u entries, not %d", m->min, m->max,
                            count);
    }
    *len = (size_t)count;
    return 0;
}

static int read_region(struct vehicle_reader *r, const cJSON *json, struct boot_region *to)
{
    static const struct member bound = {"", MEMBER_NUMBER, true, 0, 0xFFFFFF, 0, NULL, NULL};
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 2) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a pair: [first address, first address behind]");
    }
    int rc = read_number(r, cJSON_GetArrayItem(json, 0), &bound, &to->start);
    return rc != 0 ? rc : read_number(r, cJSON_GetArrayItem(json, 1), &bound, &to->end);
}

static int read_regions(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                        struct vehicle_ecu_desc *ecu)
{
    size_t len = 0;
    int rc = check_array(r, json, m, &len);
    for (size_t i = 0; rc == 0 && i < len; i++) {
        size_t mark = vehicle_enter_index(r, i);
        rc = read_region(r, cJSON_GetArrayItem(json, (int)i), &ecu->regions[i]);
        vehicle_leave(r, mark);
    }
    ecu->regions_len = (uint32_t)len;
    return rc;
}

static int read_aliases(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                        struct vehicle_bus_desc *bus)
{
    static const struct member alias = {"", MEMBER_NAME, true, 1, VEHICLE_ALIAS_MAX, 0, NULL, NULL};
    int rc = check_array(r, json, m, &bus->aliases_len);
    for (size_t i = 0; rc == 0 && i < bus->aliases_len; i++) {
        size_t mark = vehicle_enter_index(r, i);
        rc = read_text(r, cJSON_GetArrayItem(json, (int)i), &alias, bus->aliases[i]);
        vehicle_leave(r, mark);
    }
    return rc;
}

static void default_ecu(struct vehicle_ecu_desc *ecu)
{
    *ecu = (struct vehicle_ecu_desc){
        .functional_id = 0x7DF,
        .block_length = 1026,
        .isotp_padding = NO_PADDING,
        .p2_ms = 50,
        .p2_star_ms = 5000,
        .s3_ms = 5000,
        .secret = 0x4C494D50,
        .attempts = 3,
        .delay_ms = 10000,
        .oscillator_hz = 16000000,
        .bus_hz = 50000000,
        .nominal_mv = 13500,
        .min_mv = 9000,
        .max_mv = 16000,
    };
}

static int read_buses(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                      struct vehicle_desc *desc)
{
    int rc = check_array(r, json, m, &desc->buses_len);
    for (size_t i = 0; rc == 0 && i < desc->buses_len; i++) {
        size_t mark = vehicle_enter_index(r, i);
        rc = read_object(r, cJSON_GetArrayItem(json, (int)i), bus_members, &desc->buses[i]);
        vehicle_leave(r, mark);
    }
    return rc;
}

/* Parts are found by the name that the maker prints, files may write it small. */
static void to_upper(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)toupper((unsigned char)*text);
    }
}

static int read_ecus(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                     struct vehicle_desc *desc)
{
    int rc = check_array(r, json, m, &desc->ecus_len);
    for (size_t i = 0; rc == 0 && i < desc->ecus_len; i++) {
        size_t mark = vehicle_enter_index(r, i);
        default_ecu(&desc->ecus[i]);
        rc = read_object(r, cJSON_GetArrayItem(json, (int)i), ecu_members, &desc->ecus[i]);
        to_upper(desc->ecus[i].part);
        desc->ecus[i].pad = desc->ecus[i].isotp_padding != NO_PADDING;
        vehicle_leave(r, mark);
    }
    return rc;
}

static int read_member(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       void *to)
{
    void *field = (char *)to + m->offset;
    switch (m->kind) {
    case MEMBER_NAME:
    case MEMBER_TEXT: return read_text(r, json, m, field);
    case MEMBER_NUMBER: return read_number(r, json, m, field);
    case MEMBER_CHOICE: return read_choice(r, json, m, field);
    case MEMBER_OBJECT: return read_object(r, json, m->members, to);
    case MEMBER_REGIONS: return read_regions(r, json, m, to);
    case MEMBER_ALIASES: return read_aliases(r, json, m, to);
    case MEMBER_BUSES: return read_buses(r, json, m, to);
    case MEMBER_ECUS: return read_ecus(r, json, m, to);
    }
    return 0;
}

static const struct member *find_member(const struct member *members, const char *name)
{
    for (; members->name != NULL; members++) {
        if (strcmp(members->name, name) == 0) {
            return members;
        }
    }
    return NULL;
}

static bool given_before(const cJSON *json, const cJSON *item)
{
    for (const cJSON *other = json->child; other != item; other = other->next) {
        if (strcmp(other->string, item->string) == 0) {
            return true;
        }
    }
    return false;
}

static int read_item(struct vehicle_reader *r, const cJSON *json, const cJSON *item,
                     const struct member *members, void *to)
{
    const struct member *m = find_member(members, item->string);
    if (m == NULL) {
        char names[160];
        list_names(names, sizeof names, NULL, members);
        return vehicle_fail(r, ERR_SYNTAX, "unknown member; known here: %s", names);
    }
    if (given_before(json, item)) {
        return vehicle_fail_again(r, "given twice; leave one of them");
    }
    return read_member(r, item, m, to);
}

static int read_object(struct vehicle_reader *r, const cJSON *json, const struct member *members,
                       void *to)
{
    if (!cJSON_IsObject(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be an object in curly brackets");
    }
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        size_t mark = vehicle_enter_name(r, item->string);
        int rc = read_item(r, json, item, members, to);
        vehicle_leave(r, mark);
        if (rc != 0) {
            return rc;
        }
    }
    for (; members->name != NULL; members++) {
        if (members->required && cJSON_GetObjectItemCaseSensitive(json, members->name) == NULL) {
            return vehicle_fail(r, ERR_NOT_FOUND, "member \"%s\" is missing", members->name);
        }
    }
    return 0;
}

static size_t trailing(const char *text, size_t len, size_t at)
{
    while (at < len && isspace((unsigned char)text[at])) {
        at++;
    }
    return at;
}

/* cJSON says where it stopped, and not why. */
static int fail_to_parse(const struct vehicle_reader *r, size_t at)
{
    unsigned line = json_line_at(r->text, r->len, at);
    if (json_depth_at(r->text, r->len, at) >= CJSON_NESTING_LIMIT) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: nested too deeply: more than %d brackets are open here; a vehicle "
                       "file needs five",
                       r->file, line, CJSON_NESTING_LIMIT);
    }
    return err_set(r->err, ERR_SYNTAX,
                   "%s:%u: not JSON from here on: check commas, quotes and brackets", r->file,
                   line);
}

int vehicle_json_parse(struct vehicle_desc *desc, const char *text, size_t len_bytes,
                       const char *file, struct err *err)
{
    struct vehicle_reader r = {.file = file, .text = text, .len = len_bytes, .err = err};
    const char *end = text;
    size_t nul = json_find_nul(text, len_bytes);
    if (nul < len_bytes) {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: a NUL character, which no text here may hold; "
                       "remove it",
                       file, json_line_at(text, len_bytes, nul));
    }
    cJSON *json = cJSON_ParseWithLengthOpts(text, len_bytes, &end, false);
    size_t at = end != NULL ? (size_t)(end - text) : 0;
    if (json == NULL) {
        return fail_to_parse(&r, at);
    }
    at = trailing(text, len_bytes, at);
    int rc;
    memset(desc, 0, sizeof *desc);
    if (at < len_bytes) {
        rc = err_set(err, ERR_SYNTAX, "%s:%u: there is more after the closing bracket", file,
                     json_line_at(text, len_bytes, at));
    } else {
        rc = read_object(&r, json, top_members, desc);
    }
    cJSON_Delete(json);
    return rc != 0 ? rc : vehicle_check_together(&r, desc);
}
