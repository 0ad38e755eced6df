/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_json.c - reads a vehicle file by tables of members, and says exactly what is
 * wrong with it. */
#include "sim/ecus/vehicle_json.h"

#include "sim/ecus/json_locate.h"
#include "sim/s12x_flash_model/s12x_part.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_PADDING UINT32_MAX

enum { PATH_CAP = 96 };

struct reader {
    const char *file, *text;
    size_t len;
    struct err *err;
    char path[PATH_CAP];
};

enum kind {
    MEMBER_NAME,   /* Letters, digits, '_', '-' and '.'; min to max characters. */
    MEMBER_TEXT,   /* Printable ASCII, min to max characters. */
    MEMBER_NUMBER, /* A JSON number or a text "0x...", min to max. */
    MEMBER_CHOICE, /* One of the texts; its index is stored. */
    MEMBER_OBJECT, /* Its members go into the same struct. */
    MEMBER_REGIONS,
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

static const struct member clock_members[] = {
    {"oscillator_hz", MEMBER_NUMBER, false, 2000000, 40000000, AT_ECU(oscillator_hz), NULL, NULL},
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
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

static const struct member top_members[] = {
    {"name", MEMBER_NAME, true, 1, VEHICLE_NAME_MAX, AT_TOP(name), NULL, NULL},
    {"buses", MEMBER_BUSES, true, 1, VEHICLE_BUSES_MAX, 0, NULL, NULL},
    {"ecus", MEMBER_ECUS, true, 1, VEHICLE_ECUS_MAX, 0, NULL, NULL},
    {NULL, MEMBER_NAME, false, 0, 0, 0, NULL, NULL}};

/* --- Messages and paths ------------------------------------------------------------------------
 */

static int fail_at(struct reader *r, unsigned occurrence, int code, const char *fmt, va_list args)
    __attribute__((format(printf, 4, 0)));

static int fail_at(struct reader *r, unsigned occurrence, int code, const char *fmt, va_list args)
{
    char what[200];
    unsigned line = json_locate(r->text, r->len, r->path, occurrence);
    (void)vsnprintf(what, sizeof what, fmt, args);
    if (r->path[0] == '\0') {
        return err_set(r->err, code, "%s:%u: %s", r->file, line, what);
    }
    return err_set(r->err, code, "%s:%u: %s: %s", r->file, line, r->path, what);
}

static int fail(struct reader *r, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct reader *r, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int rc = fail_at(r, 0, code, fmt, args);
    va_end(args);
    return rc;
}

static int fail_again(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* About the second of two members of one name. */
static int fail_again(struct reader *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int rc = fail_at(r, 1, ERR_CONFLICT, fmt, args);
    va_end(args);
    return rc;
}

/* Returns the length to give to leave(). Names that do not fit are cut: the line is right still. */
static size_t enter_name(struct reader *r, const char *name)
{
    size_t len = strlen(r->path);
    (void)snprintf(r->path + len, sizeof r->path - len, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static size_t enter_index(struct reader *r, size_t index)
{
    size_t len = strlen(r->path);
    (void)snprintf(r->path + len, sizeof r->path - len, "[%zu]", index);
    return len;
}

static void leave(struct reader *r, size_t len)
{
    r->path[len] = '\0';
}

/* --- Values ------------------------------------------------------------------------------------
 */

static int read_object(struct reader *r, const cJSON *json, const struct member *members, void *to);

static int read_text(struct reader *r, const cJSON *json, const struct member *m, char *to)
{
    if (!cJSON_IsString(json)) {
        return fail(r, ERR_SYNTAX, "must be a text in quotes");
    }
    const char *text = json->valuestring;
    size_t len = strlen(text);
    if (len < m->min || len > m->max) {
        return m->min == m->max
                   ? fail(r, ERR_RANGE, "must have exactly %u characters, not %zu", m->max, len)
                   : fail(r, ERR_RANGE, "must have %u to %u characters, not %zu", m->min, m->max,
                          len);
    }
    for (const char *c = text; *c != '\0'; c++) {
        bool good = m->kind == MEMBER_NAME ? isalnum((unsigned char)*c) || strchr("_-.", *c) != NULL
                                           : *c >= ' ' && *c <= '~';
        if (!good) {
            return fail(r, ERR_SYNTAX, "may hold %s only",
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

static int read_number(struct reader *r, const cJSON *json, const struct member *m, uint32_t *to)
{
    double value = 0;
    if (!number_of(json, &value)) {
        return fail(r, ERR_SYNTAX, "must be a number, or a text like \"0x7E0\"");
    }
    /* The negation also catches NaN. */
    if (!(value >= m->min && value <= m->max)) {
        return m->max > 0xFFFFF ? fail(r, ERR_RANGE, "must be 0x%X to 0x%X", m->min, m->max)
                                : fail(r, ERR_RANGE, "must be %u to %u", m->min, m->max);
    }
    *to = (uint32_t)value;
    if ((double)*to != value) {
        return fail(r, ERR_SYNTAX, "must be a whole number");
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

static int read_choice(struct reader *r, const cJSON *json, const struct member *m, uint32_t *to)
{
    for (uint32_t i = 0; cJSON_IsString(json) && m->choices[i] != NULL; i++) {
        if (strcmp(json->valuestring, m->choices[i]) == 0) {
            *to = i;
            return 0;
        }
    }
    char names[96];
    list_names(names, sizeof names, m->choices, NULL);
    return fail(r, cJSON_IsString(json) ? ERR_UNSUPPORTED : ERR_SYNTAX, "must be one of: %s",
                names);
}

static int check_array(struct reader *r, const cJSON *json, const struct member *m, size_t *len)
{
    if (!cJSON_IsArray(json)) {
        return fail(r, ERR_SYNTAX, "must be a list in square brackets");
    }
    int count = cJSON_GetArraySize(json);
    if (count < (int)m->min || count > (int)m->max) {
        return fail(r, ERR_RANGE, "must have %u to %u entries, not %d", m->min, m->max, count);
    }
    *len = (size_t)count;
    return 0;
}

static int read_region(struct reader *r, const cJSON *json, struct boot_region *to)
{
    static const struct member bound = {"", MEMBER_NUMBER, true, 0, 0xFFFFFF, 0, NULL, NULL};
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 2) {
        return fail(r, ERR_SYNTAX, "must be a pair: [first address, first address behind]");
    }
    int rc = read_number(r, cJSON_GetArrayItem(json, 0), &bound, &to->start);
    return rc != 0 ? rc : read_number(r, cJSON_GetArrayItem(json, 1), &bound, &to->end);
}

static int read_regions(struct reader *r, const cJSON *json, const struct member *m,
                        struct vehicle_ecu_desc *ecu)
{
    size_t len = 0;
    int rc = check_array(r, json, m, &len);
    for (size_t i = 0; rc == 0 && i < len; i++) {
        size_t mark = enter_index(r, i);
        rc = read_region(r, cJSON_GetArrayItem(json, (int)i), &ecu->regions[i]);
        leave(r, mark);
    }
    ecu->regions_len = (uint32_t)len;
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

static int read_buses(struct reader *r, const cJSON *json, const struct member *m,
                      struct vehicle_desc *desc)
{
    int rc = check_array(r, json, m, &desc->buses_len);
    for (size_t i = 0; rc == 0 && i < desc->buses_len; i++) {
        size_t mark = enter_index(r, i);
        rc = read_object(r, cJSON_GetArrayItem(json, (int)i), bus_members, &desc->buses[i]);
        leave(r, mark);
    }
    return rc;
}

static int read_ecus(struct reader *r, const cJSON *json, const struct member *m,
                     struct vehicle_desc *desc)
{
    int rc = check_array(r, json, m, &desc->ecus_len);
    for (size_t i = 0; rc == 0 && i < desc->ecus_len; i++) {
        size_t mark = enter_index(r, i);
        default_ecu(&desc->ecus[i]);
        rc = read_object(r, cJSON_GetArrayItem(json, (int)i), ecu_members, &desc->ecus[i]);
        desc->ecus[i].pad = desc->ecus[i].isotp_padding != NO_PADDING;
        leave(r, mark);
    }
    return rc;
}

static int read_member(struct reader *r, const cJSON *json, const struct member *m, void *to)
{
    void *field = (char *)to + m->offset;
    switch (m->kind) {
    case MEMBER_NAME:
    case MEMBER_TEXT: return read_text(r, json, m, field);
    case MEMBER_NUMBER: return read_number(r, json, m, field);
    case MEMBER_CHOICE: return read_choice(r, json, m, field);
    case MEMBER_OBJECT: return read_object(r, json, m->members, to);
    case MEMBER_REGIONS: return read_regions(r, json, m, to);
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

static int read_item(struct reader *r, const cJSON *json, const cJSON *item,
                     const struct member *members, void *to)
{
    const struct member *m = find_member(members, item->string);
    if (m == NULL) {
        char names[160];
        list_names(names, sizeof names, NULL, members);
        return fail(r, ERR_SYNTAX, "unknown member; known here: %s", names);
    }
    if (given_before(json, item)) {
        return fail_again(r, "given twice; leave one of them");
    }
    return read_member(r, item, m, to);
}

static int read_object(struct reader *r, const cJSON *json, const struct member *members, void *to)
{
    if (!cJSON_IsObject(json)) {
        return fail(r, ERR_SYNTAX, "must be an object in curly brackets");
    }
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        size_t mark = enter_name(r, item->string);
        int rc = read_item(r, json, item, members, to);
        leave(r, mark);
        if (rc != 0) {
            return rc;
        }
    }
    for (; members->name != NULL; members++) {
        if (members->required && cJSON_GetObjectItemCaseSensitive(json, members->name) == NULL) {
            return fail(r, ERR_NOT_FOUND, "member \"%s\" is missing", members->name);
        }
    }
    return 0;
}

/* --- What members mean together ----------------------------------------------------------------
 */

static int fail_member(struct reader *r, const char *list, size_t index, const char *name, int code,
                       const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static int fail_member(struct reader *r, const char *list, size_t index, const char *name, int code,
                       const char *fmt, ...)
{
    va_list args;
    (void)snprintf(r->path, sizeof r->path, "%s[%zu]%s%s", list, index, name[0] != '[' ? "." : "",
                   name);
    va_start(args, fmt);
    int rc = fail_at(r, 0, code, fmt, args);
    va_end(args);
    return rc;
}

static int check_buses(struct reader *r, const struct vehicle_desc *desc)
{
    for (size_t i = 0; i < desc->buses_len; i++) {
        const struct vehicle_bus_desc *bus = &desc->buses[i];
        if (bus->data_bitrate != 0 && bus->data_bitrate < bus->bitrate) {
            return fail_member(r, "buses", i, "data_bitrate", ERR_RANGE,
                               "must be 0 (no FD) or at least the bitrate, %u", bus->bitrate);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(desc->buses[k].name, bus->name) == 0) {
                return fail_member(r, "buses", i, "name", ERR_CONFLICT,
                                   "\"%s\" is the name of buses[%zu] already", bus->name, k);
            }
        }
    }
    return 0;
}

static int check_names(struct reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    bool bus_known = false;
    for (size_t k = 0; k < desc->buses_len; k++) {
        bus_known = bus_known || strcmp(desc->buses[k].name, ecu->bus) == 0;
    }
    if (!bus_known) {
        return fail_member(r, "ecus", i, "bus", ERR_NOT_FOUND,
                           "there is no bus \"%s\" in this vehicle", ecu->bus);
    }
    if (s12x_part_find(ecu->part) == NULL) {
        return fail_member(r, "ecus", i, "part", ERR_UNSUPPORTED,
                           "part \"%s\" is not known; known: mc9s12xeq512", ecu->part);
    }
    for (size_t k = 0; k < i; k++) {
        if (strcmp(desc->ecus[k].name, ecu->name) == 0) {
            return fail_member(r, "ecus", i, "name", ERR_CONFLICT,
                               "\"%s\" is the name of ecus[%zu] already", ecu->name, k);
        }
    }
    return 0;
}

static const char *id_owner(const struct vehicle_ecu_desc *ecu, uint32_t id, bool functional_too)
{
    if (ecu->request_id == id) {
        return "request_id";
    }
    if (ecu->response_id == id) {
        return "response_id";
    }
    return functional_too && ecu->functional_id == id ? "functional_id" : NULL;
}

/* One identifier has one sender. Functional identifiers are shared by ECUs, and by nothing else. */
static int check_ids(struct reader *r, const struct vehicle_desc *desc, size_t i)
{
    const struct vehicle_ecu_desc *ecu = &desc->ecus[i];
    if (ecu->response_id == ecu->request_id) {
        return fail_member(r, "ecus", i, "response_id", ERR_CONFLICT,
                           "0x%X is its request_id already", ecu->response_id);
    }
    if (id_owner(ecu, ecu->functional_id, false) != NULL) {
        return fail_member(r, "ecus", i, "functional_id", ERR_CONFLICT, "0x%X is its %s already",
                           ecu->functional_id, id_owner(ecu, ecu->functional_id, false));
    }
    for (size_t k = 0; k < i; k++) {
        const struct vehicle_ecu_desc *other = &desc->ecus[k];
        const char *taken[] = {id_owner(other, ecu->request_id, true),
                               id_owner(other, ecu->response_id, true),
                               id_owner(other, ecu->functional_id, false)};
        static const char *const names[] = {"request_id", "response_id", "functional_id"};
        for (size_t n = 0; strcmp(other->bus, ecu->bus) == 0 && n < ARRAY_SIZE(names); n++) {
            if (taken[n] != NULL) {
                return fail_member(r, "ecus", i, names[n], ERR_CONFLICT,
                                   "is the %s of ecus[%zu] (\"%s\") already", taken[n], k,
                                   other->name);
            }
        }
    }
    return 0;
}

/* What FPROT protects of an ECU from this line (s12x_factory.c): the boot block. */
static const struct boot_region boot_areas[] = {{0x7F8000, 0x7FA000}, {0x7FC000, 0x800000}};

static bool overlap(const struct boot_region *a, const struct boot_region *b)
{
    return a->start < b->end && b->start < a->end;
}

static bool inside_p_flash(const struct s12x_part *part, const struct boot_region *region)
{
    uint32_t start = UINT32_MAX;
    uint32_t end = 0;
    for (uint8_t i = 0; i < part->p_blocks_len; i++) {
        const struct s12x_block *block = &part->p_blocks[i];
        start = block->start < start ? block->start : start;
        end = block->start + block->size_bytes > end ? block->start + block->size_bytes : end;
    }
    return region->start >= start && region->end <= end;
}

static int check_region(struct reader *r, const struct vehicle_ecu_desc *ecu, size_t i, size_t n)
{
    const struct s12x_part *part = s12x_part_find(ecu->part);
    const struct boot_region *region = &ecu->regions[n];
    char name[24];
    (void)snprintf(name, sizeof name, "regions[%zu]", n);
    if (region->start >= region->end) {
        return fail_member(r, "ecus", i, name, ERR_RANGE,
                           "is empty: the end 0x%X must lie behind the start 0x%X", region->end,
                           region->start);
    }
    if (region->start % part->p_sector_bytes != 0 || region->end % part->p_sector_bytes != 0) {
        return fail_member(r, "ecus", i, name, ERR_RANGE,
                           "must begin and end at a sector, a multiple of 0x%X",
                           part->p_sector_bytes);
    }
    if (!inside_p_flash(part, region)) {
        return fail_member(r, "ecus", i, name, ERR_RANGE,
                           "0x%X to 0x%X is not inside the P-Flash of %s", region->start,
                           region->end, part->name);
    }
    for (size_t k = 0; k < ARRAY_SIZE(boot_areas); k++) {
        if (overlap(region, &boot_areas[k])) {
            return fail_member(r, "ecus", i, name, ERR_CONFLICT,
                               "overlaps the protected boot block 0x%X to 0x%X",
                               boot_areas[k].start, boot_areas[k].end);
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (overlap(region, &ecu->regions[k])) {
            return fail_member(r, "ecus", i, name, ERR_CONFLICT, "overlaps regions[%zu]", k);
        }
    }
    return 0;
}

static int check_memory(struct reader *r, const struct vehicle_ecu_desc *ecu, size_t i)
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
        return fail_member(r, "ecus", i, "header", ERR_RANGE,
                           "the %d bytes from 0x%X on do not lie inside one region",
                           BOOT_HEADER_LEN, ecu->header);
    }
    if (ecu->min_mv >= ecu->max_mv) {
        return fail_member(r, "ecus", i, "supply", ERR_RANGE, "min_mv %u must be below max_mv %u",
                           ecu->min_mv, ecu->max_mv);
    }
    return 0;
}

static int check_together(struct reader *r, const struct vehicle_desc *desc)
{
    int rc = check_buses(r, desc);
    for (size_t i = 0; rc == 0 && i < desc->ecus_len; i++) {
        rc = check_names(r, desc, i);
        rc = rc != 0 ? rc : check_ids(r, desc, i);
        rc = rc != 0 ? rc : check_memory(r, &desc->ecus[i], i);
    }
    return rc;
}

static size_t trailing(const char *text, size_t len, size_t at)
{
    while (at < len && isspace((unsigned char)text[at])) {
        at++;
    }
    return at;
}

int vehicle_json_parse(struct vehicle_desc *desc, const char *text, size_t len_bytes,
                       const char *file, struct err *err)
{
    struct reader r = {.file = file, .text = text, .len = len_bytes, .err = err};
    const char *end = text;
    cJSON *json = cJSON_ParseWithLengthOpts(text, len_bytes, &end, false);
    size_t at = end != NULL ? (size_t)(end - text) : 0;
    if (json == NULL) {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: not JSON from here on: check commas, quotes and brackets", file,
                       json_line_at(text, len_bytes, at));
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
    return rc != 0 ? rc : check_together(&r, desc);
}
