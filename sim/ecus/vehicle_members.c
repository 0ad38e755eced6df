/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_members.c - reads JSON values by tables of members. */
#include "sim/ecus/vehicle_members.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Null behind the last one. */
static const char *name_at(const char *const *names, const struct member *members, size_t i)
{
    if (names != NULL) {
        return names[i];
    }
    return members != NULL ? members[i].name : NULL;
}

static void list_names(char *to, size_t cap, const char *const *names, const struct member *members)
{
    size_t used = 0;
    to[0] = '\0';
    const char *name = NULL;
    for (size_t i = 0; (name = name_at(names, members, i)) != NULL; i++) {
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
    char names[200];
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

static int read_yes_no(struct vehicle_reader *r, const cJSON *json, bool *to)
{
    if (!cJSON_IsBool(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be true or false");
    }
    *to = cJSON_IsTrue(json);
    return 0;
}

bool vehicle_hex_parse(const char *text, struct vehicle_bytes *to)
{
    to->len = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            continue;
        }
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
            to->len == VEHICLE_BYTES_MAX) {
            return false;
        }
        const char pair[3] = {text[0], text[1], '\0'};
        to->bytes[to->len++] = (uint8_t)strtoul(pair, NULL, 16);
        text++;
    }
    return true;
}

static int read_bytes(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                      struct vehicle_bytes *to)
{
    if (!cJSON_IsString(json) || !vehicle_hex_parse(json->valuestring, to)) {
        return vehicle_fail(r, ERR_SYNTAX,
                            "must be a text of hexadecimal digits in pairs, like \"01 F0 5A\"");
    }
    if (to->len < m->min || to->len > m->max) {
        return vehicle_fail(r, ERR_RANGE, "must have %u to %u bytes, not %u", m->min, m->max,
                            to->len);
    }
    return 0;
}

static int read_list(struct vehicle_reader *r, const cJSON *json, const struct member *m, void *to)
{
    size_t len = 0;
    int rc = check_array(r, json, m, &len);
    for (size_t i = 0; rc == 0 && i < len; i++) {
        size_t mark = vehicle_enter_index(r, i);
        rc = m->read(r, cJSON_GetArrayItem(json, (int)i), to, i);
        vehicle_leave(r, mark);
    }
    return rc;
}

int vehicle_read_value(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       void *to)
{
    void *field = (char *)to + m->offset;
    switch (m->kind) {
    case MEMBER_NAME:
    case MEMBER_TEXT: return read_text(r, json, m, field);
    case MEMBER_NUMBER: return read_number(r, json, m, field);
    case MEMBER_CHOICE: return read_choice(r, json, m, field);
    case MEMBER_YES_NO: return read_yes_no(r, json, field);
    case MEMBER_BYTES: return read_bytes(r, json, m, field);
    case MEMBER_OBJECT: return vehicle_read_object(r, json, m->members, to);
    case MEMBER_LIST: return read_list(r, json, m, field);
    case MEMBER_CALL: return m->read(r, json, field, 0);
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
        char names[320];
        list_names(names, sizeof names, NULL, members);
        return vehicle_fail(r, ERR_SYNTAX, "unknown member; known here: %s", names);
    }
    if (given_before(json, item)) {
        return vehicle_fail_again(r, "given twice; leave one of them");
    }
    return vehicle_read_value(r, item, m, to);
}

int vehicle_read_object(struct vehicle_reader *r, const cJSON *json, const struct member *members,
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

int vehicle_read_range(struct vehicle_reader *r, const cJSON *json, uint32_t *start, uint32_t *end)
{
    static const struct member bound = {.kind = MEMBER_NUMBER, .max = 0xFFFFFF};
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 2) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a pair: [first address, first address behind]");
    }
    int rc = read_number(r, cJSON_GetArrayItem(json, 0), &bound, start);
    return rc != 0 ? rc : read_number(r, cJSON_GetArrayItem(json, 1), &bound, end);
}
