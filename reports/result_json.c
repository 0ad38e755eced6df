/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json.c - results to JSON. */
#include "reports/result_json.h"

#include "reports/result_shape.h"
#include "reports/safe_text.h"
#include "reports/sweep_code.h"

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

/* Its bins, each with a number for each verdict of the sweep that the map is of. */
static void add_counts(cJSON *object, const char *name, const struct sweep_map *map)
{
    const struct result_sweep *sweep =
        (const void *)((const char *)map - offsetof(struct result_sweep, map));
    cJSON *bins = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < map->bins; i++) {
        cJSON *counts = cJSON_CreateArray();
        for (size_t k = 0; k < sweep->verdicts_len; k++) {
            const uint64_t count = map->counts[i * sweep->verdicts_len + k];
            cJSON_AddItemToArray(counts, cJSON_CreateNumber((double)count));
        }
        cJSON_AddItemToArray(bins, counts);
    }
}

/* What a text stands for, which is freed. */
static void add_code(cJSON *object, const char *name, char *text)
{
    cJSON_AddStringToObject(object, name, text);
    free(text);
}

/* An instant that is none, and what may be left out because it is empty. */
static bool is_left_out(const struct shape_member *member, const void *from)
{
    const void *at = (const char *)from + member->at;
    const void *len_at = (const char *)from + member->len_at;
    if (member->kind == SHAPE_INSTANT) {
        return *(const sim_ns_t *)at == SIM_NEVER;
    }
    if (member->kind == SHAPE_MAP) {
        return ((const struct sweep_map *)at)->bins == 0;
    }
    return (member->kind == SHAPE_STATES || member->kind == SHAPE_OPTIONAL) &&
           *(const size_t *)len_at == 0;
}

static void add_member(cJSON *object, const struct shape_member *member, const void *from)
{
    const void *at = (const char *)from + member->at;
    const void *len_at = (const char *)from + member->len_at;
    if (is_left_out(member, from)) {
        return;
    }
    switch (member->kind) {
    case SHAPE_TEXT:
    case SHAPE_NO_TEXT: add_text(object, member->name, *(char *const *)at); return;
    case SHAPE_INSTANT:
    case SHAPE_U64: add_u64(object, member->name, *(const uint64_t *)at); return;
    case SHAPE_U32: cJSON_AddNumberToObject(object, member->name, *(const uint32_t *)at); return;
    case SHAPE_VERDICT:
        cJSON_AddStringToObject(object, member->name, verdict_name(*(const enum verdict *)at));
        return;
    case SHAPE_DIGEST: cJSON_AddStringToObject(object, member->name, at); return;
    case SHAPE_BOOL: cJSON_AddBoolToObject(object, member->name, *(const bool *)at); return;
    case SHAPE_MERGE:
        cJSON_AddStringToObject(object, member->name, shape_merges[*(const enum sweep_merge *)at]);
        return;
    case SHAPE_UNITS:
        add_code(object, member->name,
                 sweep_units_print(*(struct sweep_units *const *)at, *(const size_t *)len_at));
        return;
    case SHAPE_STATES:
        add_code(object, member->name,
                 sweep_states_print(*(uint64_t *const *)at, *(const size_t *)len_at));
        return;
    case SHAPE_EDGES:
        add_code(object, member->name,
                 sweep_edges_print(*(sim_ns_t *const *)at, *(const size_t *)len_at));
        return;
    case SHAPE_COUNTS: add_counts(object, member->name, from); return;
    case SHAPE_MAP:
        cJSON_AddItemToObject(object, member->name, print_object(member->of, at));
        return;
    case SHAPE_LIST:
    case SHAPE_NON_EMPTY:
    case SHAPE_OPTIONAL: add_list(object, member, from); return;
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
    cJSON *sweeps = set->sweeps_len > 0 ? cJSON_AddArrayToObject(object, "sweeps") : NULL;
    for (size_t i = 0; i < set->sweeps_len; i++) {
        cJSON_AddItemToArray(sweeps, print_object(&shape_sweep, &set->sweeps[i]));
    }
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}
