/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json.c - results to JSON and back. Times are nanoseconds; one that is not given is
 * left out, because no number of JSON can stand for it. */
#include "reports/result_json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* 64 bits do not fit into a number of JSON. */
static void add_u64(cJSON *object, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    cJSON_AddStringToObject(object, name, text);
}

static void add_instant(cJSON *object, const char *name, sim_ns_t at_ns)
{
    if (at_ns != SIM_NEVER) {
        add_u64(object, name, at_ns);
    }
}

static cJSON *finding_json(const struct finding *finding)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "criterion", finding->criterion);
    cJSON_AddStringToObject(object, "expected", finding->expected);
    cJSON_AddStringToObject(object, "seen", finding->seen);
    add_instant(object, "at_ns", finding->at_ns);
    cJSON_AddNumberToObject(object, "bus_line", finding->bus_line);
    return object;
}

static cJSON *play_json(const struct play_result *play)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", or_empty(play->name));
    add_u64(object, "seed", play->seed);
    cJSON_AddStringToObject(object, "verdict", verdict_name(play->verdict));
    cJSON_AddStringToObject(object, "error", or_empty(play->error));
    cJSON_AddStringToObject(object, "term", or_empty(play->term));
    cJSON_AddNumberToObject(object, "checks", play->checks);
    add_u64(object, "virtual_ns", play->virtual_ns);
    add_u64(object, "wall_ns", play->wall_ns);
    cJSON_AddStringToObject(object, "digest", play->digest);
    cJSON *findings = cJSON_AddArrayToObject(object, "findings");
    for (size_t i = 0; i < play->findings_len; i++) {
        cJSON_AddItemToArray(findings, finding_json(&play->findings[i]));
    }
    cJSON *injections = cJSON_AddArrayToObject(object, "injections");
    for (size_t i = 0; i < play->injections_len; i++) {
        cJSON *injection = cJSON_CreateObject();
        cJSON_AddStringToObject(injection, "name", play->injections[i].name);
        add_u64(injection, "fired", play->injections[i].fired);
        add_instant(injection, "first_ns", play->injections[i].first_ns);
        add_instant(injection, "last_ns", play->injections[i].last_ns);
        cJSON_AddItemToArray(injections, injection);
    }
    return object;
}

char *play_result_print(const struct play_result *play)
{
    cJSON *object = play_json(play);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}

static cJSON *case_json(const struct case_result *one)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", or_empty(one->id));
    cJSON_AddStringToObject(object, "group", or_empty(one->group));
    cJSON_AddStringToObject(object, "title", or_empty(one->title));
    cJSON_AddStringToObject(object, "title_zh", or_empty(one->title_zh));
    cJSON_AddStringToObject(object, "file", or_empty(one->file));
    cJSON_AddNumberToObject(object, "priority", one->priority);
    cJSON_AddStringToObject(object, "verdict", verdict_name(one->verdict));
    cJSON *plays = cJSON_AddArrayToObject(object, "plays");
    for (size_t i = 0; i < one->plays_len; i++) {
        cJSON_AddItemToArray(plays, play_json(&one->plays[i]));
    }
    return object;
}

char *run_result_print(const struct run_result *run)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "format", "limphome-results/1");
    cJSON_AddStringToObject(object, "master", or_empty(run->master));
    add_u64(object, "seed", run->seed);
    add_u64(object, "wall_ns", run->wall_ns);
    cJSON *cases = cJSON_AddArrayToObject(object, "cases");
    for (size_t i = 0; i < run->cases_len; i++) {
        cJSON_AddItemToArray(cases, case_json(&run->cases[i]));
    }
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}

/* Reading. The first thing that is wrong makes it all bad. */
struct reading {
    bool bad;
};

static const char *text_of(struct reading *r, const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    r->bad = r->bad || text == NULL;
    return or_empty(text);
}

static uint64_t u64_of(struct reading *r, const cJSON *object, const char *name)
{
    const char *text = text_of(r, object, name);
    char *end = NULL;
    const uint64_t value = strtoull(text, &end, 10);
    r->bad = r->bad || end == text || *end != '\0';
    return value;
}

static uint32_t number_of(struct reading *r, const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    const bool good =
        cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX;
    r->bad = r->bad || !good;
    return good ? (uint32_t)item->valuedouble : 0;
}

static enum verdict verdict_of(struct reading *r, const char *name)
{
    for (int i = VERDICT_PASS; i <= VERDICT_ERROR; i++) {
        if (strcmp(name, verdict_name((enum verdict)i)) == 0) {
            return (enum verdict)i;
        }
    }
    r->bad = true;
    return VERDICT_ERROR;
}

/* One that is not there is none. */
static sim_ns_t instant_of(struct reading *r, const cJSON *object, const char *name)
{
    return cJSON_HasObjectItem(object, name) ? u64_of(r, object, name) : SIM_NEVER;
}

static void read_lists(struct reading *r, struct play_result *play, const cJSON *object)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "findings"))
    {
        play_result_find(play, text_of(r, item, "criterion"), text_of(r, item, "expected"),
                         text_of(r, item, "seen"), instant_of(r, item, "at_ns"),
                         number_of(r, item, "bus_line"));
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "injections"))
    {
        play_result_fired(play, text_of(r, item, "name"), u64_of(r, item, "fired"),
                          instant_of(r, item, "first_ns"), instant_of(r, item, "last_ns"));
    }
}

static char *own(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

static void read_play(struct reading *r, struct play_result *play, const cJSON *object)
{
    play->name = own(text_of(r, object, "name"));
    play->term = own(text_of(r, object, "term"));
    play->seed = u64_of(r, object, "seed");
    play->checks = number_of(r, object, "checks");
    play->virtual_ns = u64_of(r, object, "virtual_ns");
    play->wall_ns = u64_of(r, object, "wall_ns");
    snprintf(play->digest, sizeof play->digest, "%s", text_of(r, object, "digest"));
    read_lists(r, play, object);
    const char *error = text_of(r, object, "error");
    play->error = error[0] != '\0' ? own(error) : NULL;
    play->verdict = verdict_of(r, text_of(r, object, "verdict"));
}

int play_result_parse(struct play_result *play, const char *text, size_t len_bytes, struct err *err)
{
    struct reading r = {.bad = false};
    cJSON *object = cJSON_ParseWithLength(text, len_bytes);
    if (object == NULL) {
        return err_set(err, ERR_SYNTAX, "the result of a play is not JSON");
    }
    read_play(&r, play, object);
    cJSON_Delete(object);
    return r.bad ? err_set(err, ERR_SYNTAX, "the result of a play is not whole") : 0;
}
