/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json.c - results to JSON. */
#include "reports/result_json.h"

#include "reports/result_shape.h"
#include "reports/safe_text.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Whatever a master printed, the file stays UTF-8. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    char *valid = safe_text_utf8(text != NULL ? text : "");
    cJSON_AddStringToObject(object, name, valid);
    free(valid);
}

static void add_u64(cJSON *object, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    cJSON_AddStringToObject(object, name, text);
}

static cJSON *print_object(const struct shape *shape, const void *from);

/* Lists hold objects that hold lists: as deep as the tables, no deeper. */
static void add_list(cJSON *object, const struct shape_member *member, const void *from)
{
    const char *element = *(const char *const *)((const char *)from + member->at);
    const size_t len = *(const size_t *)(const void *)((const char *)from + member->len_at);
    cJSON *list = cJSON_AddArrayToObject(object, member->name);
    for (size_t i = 0; i < len; i++) {
        cJSON_AddItemToArray(list, print_object(member->of, element + i * member->of->bytes));
    }
}

static void add_member(cJSON *object, const struct shape_member *member, const void *from)
{
    const void *at = (const char *)from + member->at;
    switch (member->kind) {
    case SHAPE_TEXT:
    case SHAPE_NO_TEXT: add_text(object, member->name, *(char *const *)at); return;
    case SHAPE_U64: add_u64(object, member->name, *(const uint64_t *)at); return;
    case SHAPE_INSTANT:
        if (*(const sim_ns_t *)at != SIM_NEVER) {
            add_u64(object, member->name, *(const sim_ns_t *)at);
        }
        return;
    case SHAPE_U32: cJSON_AddNumberToObject(object, member->name, *(const uint32_t *)at); return;
    case SHAPE_VERDICT:
        cJSON_AddStringToObject(object, member->name, verdict_name(*(const enum verdict *)at));
        return;
    case SHAPE_DIGEST: cJSON_AddStringToObject(object, member->name, at); return;
    case SHAPE_LIST:
    case SHAPE_NON_EMPTY: add_list(object, member, from); return;
    }
}

static cJSON *print_object(const struct shape *shape, const void *from)
{
    cJSON *object = cJSON_CreateObject();
    CHECK(object != NULL);
    for (size_t i = 0; i < shape->members_len; i++) {
        add_member(object, &shape->members[i], from);
    }
    return object;
}

char *play_result_print(const struct play_result *play)
{
    cJSON *object = print_object(&shape_play, play);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}

char *result_set_print(const struct result_set *set)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "format", RESULT_FORMAT);
    cJSON *runs = cJSON_AddArrayToObject(object, "runs");
    for (size_t i = 0; i < set->runs_len; i++) {
        cJSON_AddItemToArray(runs, print_object(&shape_run, &set->runs[i]));
    }
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}
