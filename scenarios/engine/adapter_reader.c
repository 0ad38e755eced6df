/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_reader.c - objects, lists and texts of an adapter file. */
#include "scenarios/engine/adapter_reader.h"

#include "scenarios/engine/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A word is probably meant if so few characters differ. */
enum { MEANT_MAX = 3 };

static const struct adapter_member *find(const struct adapter_member *members, size_t len,
                                         const char *name)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

static void list_names(const struct adapter_member *members, size_t len, char *to, size_t cap)
{
    size_t used = 0;
    to[0] = '\0';
    for (size_t i = 0; i < len && used < cap; i++) {
        used += (size_t)snprintf(to + used, cap - used, "%s%s", i > 0 ? ", " : "", members[i].name);
    }
}

static int fail_unknown(struct vehicle_reader *r, const struct adapter_member *members, size_t len,
                        const char *name)
{
    size_t best = 0;
    for (size_t i = 1; i < len; i++) {
        if (nearest_distance(name, members[i].name) < nearest_distance(name, members[best].name)) {
            best = i;
        }
    }
    if (nearest_distance(name, members[best].name) <= MEANT_MAX) {
        return vehicle_fail(r, ERR_SYNTAX, "unknown member; did you mean \"%s\"?",
                            members[best].name);
    }
    char names[160];
    list_names(members, len, names, sizeof names);
    return vehicle_fail(r, ERR_SYNTAX, "unknown member; known here: %s", names);
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

static bool is_comment(const cJSON *item)
{
    return strcmp(item->string, ADAPTER_COMMENT) == 0;
}

static int read_member(struct vehicle_reader *r, const cJSON *json, const cJSON *item,
                       const struct adapter_member *members, size_t len, void *to)
{
    const struct adapter_member *member = find(members, len, item->string);
    if (member == NULL) {
        return fail_unknown(r, members, len, item->string);
    }
    if (given_before(json, item)) {
        return vehicle_fail_again(r, "given twice; leave one of them");
    }
    return member->read(r, item, to);
}

int adapter_read_object(struct vehicle_reader *r, const cJSON *json,
                        const struct adapter_member *members, size_t len, void *to)
{
    if (!cJSON_IsObject(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be an object in curly brackets");
    }
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        if (is_comment(item)) {
            continue;
        }
        const size_t mark = vehicle_enter_name(r, item->string);
        const int code = read_member(r, json, item, members, len, to);
        vehicle_leave(r, mark);
        if (code != 0) {
            return code;
        }
    }
    for (size_t i = 0; i < len; i++) {
        if (members[i].required &&
            cJSON_GetObjectItemCaseSensitive(json, members[i].name) == NULL) {
            return vehicle_fail(r, ERR_NOT_FOUND, "member \"%s\" is missing", members[i].name);
        }
    }
    return 0;
}

int adapter_read_map(struct vehicle_reader *r, const cJSON *json, size_t max,
                     adapter_entry_fn *read, void *to)
{
    if (!cJSON_IsObject(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be an object in curly brackets");
    }
    size_t count = 0;
    int code = 0;
    for (const cJSON *item = json->child; code == 0 && item != NULL; item = item->next) {
        if (is_comment(item)) {
            continue;
        }
        const size_t mark = vehicle_enter_name(r, item->string);
        if (given_before(json, item)) {
            code = vehicle_fail_again(r, "given twice; leave one of them");
        } else if (++count > max) {
            code = vehicle_fail(r, ERR_RANGE, "more than %zu entries", max);
        } else {
            code = read(r, item->string, item, to);
        }
        vehicle_leave(r, mark);
    }
    return code;
}

int adapter_read_list(struct vehicle_reader *r, const cJSON *json, size_t min, size_t max,
                      adapter_element_fn *read, void *to)
{
    if (!cJSON_IsArray(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a list in square brackets");
    }
    const size_t len = (size_t)cJSON_GetArraySize(json);
    if (len < min || len > max) {
        return vehicle_fail(r, ERR_RANGE, "must have %zu to %zu entries, not %zu", min, max, len);
    }
    size_t index = 0;
    int code = 0;
    for (const cJSON *item = json->child; code == 0 && item != NULL; item = item->next) {
        const size_t mark = vehicle_enter_index(r, index++);
        code = read(r, item, to);
        vehicle_leave(r, mark);
    }
    return code;
}

int adapter_read_text(struct vehicle_reader *r, const cJSON *json, size_t min, char *to, size_t cap)
{
    if (!cJSON_IsString(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a text in quotes");
    }
    const char *text = json->valuestring;
    const size_t len = strlen(text);
    if (len < min || len >= cap) {
        return vehicle_fail(r, ERR_RANGE, "must have %zu to %zu characters, not %zu", min, cap - 1,
                            len);
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            return vehicle_fail(r, ERR_SYNTAX, "may hold no control characters");
        }
    }
    memcpy(to, text, len + 1);
    return 0;
}

static const char *stand_in(void *ctx, const char *name)
{
    (void)ctx;
    return adapter_placeholder_known(name) ? "" : NULL;
}

int adapter_read_template(struct vehicle_reader *r, const cJSON *json, size_t min, char *to,
                          size_t cap)
{
    char filled[ADAPTER_TEXT_MAX + 1];
    char bad[48];
    const int code = adapter_read_text(r, json, min, to, cap);
    if (code != 0 || adapter_fill(to, stand_in, NULL, filled, sizeof filled, bad, sizeof bad)) {
        return code;
    }
    if (bad[0] == '\0') {
        return vehicle_fail(r, ERR_SYNTAX,
                            "a curly bracket is not closed; write {{ for a bracket as such");
    }
    return vehicle_fail(r, ERR_NOT_FOUND,
                        "there is no placeholder {%s}; did you mean {%s}? docs/adapters.md has all",
                        bad, adapter_placeholder_nearest(bad));
}

int adapter_check_name(struct vehicle_reader *r, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("_-.", *c) == NULL) {
            return vehicle_fail(r, ERR_SYNTAX, "may hold letters, digits, '_', '-' and '.' only");
        }
    }
    return 0;
}
