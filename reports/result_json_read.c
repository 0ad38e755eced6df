/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json_read.c - results from JSON. Who wrote the text is not known: whatever is not
 * as this program writes it is refused with the line and the member. */
#include "reports/result_json.h"
#include "reports/result_shape.h"
#include "reports/safe_text.h"
#include "reports/sweep_code.h"
#include "sim/json_locate.h"
#include "sim/utf8.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_MAX_BYTES = 200,
    WHAT_MAX = 240,
    NAME_SHOWN_MAX = 60,
    DIGEST_LEN = 32,
    BINS_MAX = 1000
};

/* Numbers of JSON beyond this are not exact. */
static const double exact_max = 9007199254740992.0;

struct reading {
    const char *file; /* How messages call it. */
    const char *text;
    size_t len;
    char path[PATH_MAX_BYTES]; /* Of the value that is looked at: "runs[0].cases[2].id". */
    size_t map_columns;        /* Of the map of the sweep that is looked at. */
    struct err *err;
};

static int fail(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reading *r, const char *fmt, ...)
{
    char what[WHAT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(r->err, ERR_SYNTAX, "%s:%u: %s%s%s", r->file,
                   json_locate(r->text, r->len, r->path, 0), r->path,
                   r->path[0] != '\0' ? ": " : "", what);
}

static size_t enter(struct reading *r, const char *name)
{
    const size_t len = strlen(r->path);
    (void)snprintf(&r->path[len], sizeof r->path - len, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static size_t enter_index(struct reading *r, size_t index)
{
    const size_t len = strlen(r->path);
    (void)snprintf(&r->path[len], sizeof r->path - len, "[%zu]", index);
    return len;
}

static int read_text(struct reading *r, const cJSON *json, bool none_if_empty, char **to)
{
    const char *text = cJSON_GetStringValue(json);
    if (text == NULL) {
        return fail(r, "must be a text");
    }
    if (text[0] != '\0' || !none_if_empty) {
        *to = strdup(text);
        CHECK(*to != NULL);
    }
    return 0;
}

static int read_u64(struct reading *r, const cJSON *json, uint64_t *to)
{
    const char *text = cJSON_GetStringValue(json);
    const size_t len = text != NULL ? strlen(text) : 0;
    uint64_t value = 0;
    bool good = len > 0 && strspn(text, "0123456789") == len && (text[0] != '0' || len == 1);
    for (size_t i = 0; good && i < len; i++) {
        const uint64_t digit = (uint64_t)(text[i] - '0');
        good = value <= (UINT64_MAX - digit) / 10u;
        value = value * 10u + digit;
    }
    if (!good) {
        return fail(r, "must be a whole number of 64 bits, in quotes, without leading zeros");
    }
    *to = value;
    return 0;
}

static int read_u32(struct reading *r, const cJSON *json, uint32_t max, uint32_t *to)
{
    const bool good = cJSON_IsNumber(json) && json->valuedouble >= 0 && json->valuedouble <= max &&
                      json->valuedouble == (double)(uint32_t)json->valuedouble;
    if (!good) {
        return fail(r, "must be a whole number from 0 to %u", (unsigned)max);
    }
    *to = (uint32_t)json->valuedouble;
    return 0;
}

static int read_verdict(struct reading *r, const cJSON *json, enum verdict *to)
{
    const char *name = cJSON_GetStringValue(json);
    for (int i = VERDICT_PASS; name != NULL && i <= VERDICT_ERROR; i++) {
        if (strcmp(name, verdict_name((enum verdict)i)) == 0) {
            *to = (enum verdict)i;
            return 0;
        }
    }
    return fail(r, "must be \"pass\", \"not applicable\", \"fail\" or \"error\"");
}

static int read_digest(struct reading *r, const cJSON *json, char *to)
{
    const char *text = cJSON_GetStringValue(json);
    const size_t len = text != NULL ? strlen(text) : 1;
    if ((len != 0 && len != DIGEST_LEN) || strspn(text, "0123456789abcdef") != len) {
        return fail(r, "must have 32 hexadecimal digits in lower case, or be empty");
    }
    memcpy(to, text, len + 1);
    return 0;
}

static int read_bool(struct reading *r, const cJSON *json, bool *to)
{
    *to = cJSON_IsTrue(json) != 0;
    return cJSON_IsBool(json) ? 0 : fail(r, "must be true or false");
}

static int read_merge(struct reading *r, const cJSON *json, enum sweep_merge *to)
{
    const char *name = cJSON_GetStringValue(json);
    for (int i = 0; name != NULL && i < SHAPE_MERGES; i++) {
        if (strcmp(name, shape_merges[i]) == 0) {
            *to = (enum sweep_merge)i;
            return 0;
        }
    }
    return fail(r, "must be \"sum\", \"same\" or \"states\"");
}

static int read_units(struct reading *r, const cJSON *json, struct sweep_units **to, size_t *len)
{
    const char *text = cJSON_GetStringValue(json);
    return text != NULL && sweep_units_parse(text, to, len)
               ? 0
               : fail(r, "must be rising numbers as \"0-3 8 12-14\"");
}

static int read_states(struct reading *r, const cJSON *json, uint64_t **to, size_t *len)
{
    const char *text = cJSON_GetStringValue(json);
    return text != NULL && sweep_states_parse(text, to, len)
               ? 0
               : fail(r, "must be rising numbers of 16 hexadecimal digits in lower case each");
}

static int read_edges(struct reading *r, const cJSON *json, sim_ns_t **to, size_t *len)
{
    const char *text = cJSON_GetStringValue(json);
    return text != NULL && sweep_edges_parse(text, to, len)
               ? 0
               : fail(r, "must be rising numbers with a blank between them");
}

static int read_bin(struct reading *r, const cJSON *json, uint64_t *to)
{
    if (!cJSON_IsArray(json) || (size_t)cJSON_GetArraySize(json) != r->map_columns) {
        return fail(r, "must be a list of numbers, of one length in all bins");
    }
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, json)
    {
        const double number = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (number < 0 || number > exact_max || number != (double)(uint64_t)number) {
            return fail(r, "must be whole numbers from 0 on");
        }
        *to++ = (uint64_t)number;
    }
    return 0;
}

/* As many columns as the first bin has: check_sweep() compares them with the verdicts. */
static int read_counts(struct reading *r, const cJSON *json, struct sweep_map *map)
{
    const size_t bins = cJSON_IsArray(json) ? (size_t)cJSON_GetArraySize(json) : 0;
    const cJSON *first = cJSON_GetArrayItem(json, 0);
    r->map_columns = cJSON_IsArray(first) ? (size_t)cJSON_GetArraySize(first) : 0;
    if (bins == 0 || bins > BINS_MAX || r->map_columns == 0) {
        return fail(r, "must be a list of 1 to %d bins with a number for each verdict", BINS_MAX);
    }
    map->counts = calloc(bins * r->map_columns, sizeof *map->counts);
    CHECK(map->counts != NULL);
    map->bins = bins;
    const cJSON *item = NULL;
    size_t i = 0;
    cJSON_ArrayForEach(item, json)
    {
        const size_t back = enter_index(r, i);
        const int rc = read_bin(r, item, &map->counts[i++ * r->map_columns]);
        if (rc != 0) {
            return rc;
        }
        r->path[back] = '\0';
    }
    return 0;
}

static int read_object(struct reading *r, const cJSON *json, const struct shape *shape, void *to);

/* As deep as the tables of shapes, no deeper. */
static int read_list(struct reading *r, const cJSON *json, const struct shape_member *member,
                     void *to)
{
    char **elements = (void *)((char *)to + member->at);
    size_t *len = (void *)((char *)to + member->len_at);
    const size_t size = cJSON_IsArray(json) ? (size_t)cJSON_GetArraySize(json) : 0;
    if (!cJSON_IsArray(json) || (size == 0 && member->kind == SHAPE_NON_EMPTY)) {
        return fail(r, size == 0 && cJSON_IsArray(json) ? "must not be empty" : "must be a list");
    }
    *elements = calloc(size + 1, member->of->bytes);
    CHECK(*elements != NULL);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, json)
    {
        const size_t back = enter_index(r, *len);
        const int rc = read_object(r, item, member->of, *elements + *len * member->of->bytes);
        *len += 1; /* What is half read is released as well. */
        if (rc != 0) {
            return rc;
        }
        r->path[back] = '\0';
    }
    return 0;
}

static int read_member(struct reading *r, const cJSON *json, const struct shape_member *member,
                       void *to)
{
    void *at = (char *)to + member->at;
    void *len_at = (char *)to + member->len_at;
    switch (member->kind) {
    case SHAPE_TEXT: return read_text(r, json, false, at);
    case SHAPE_NO_TEXT: return read_text(r, json, true, at);
    case SHAPE_INSTANT:
    case SHAPE_U64: return read_u64(r, json, at);
    case SHAPE_U32: return read_u32(r, json, member->max, at);
    case SHAPE_VERDICT: return read_verdict(r, json, at);
    case SHAPE_DIGEST: return read_digest(r, json, at);
    case SHAPE_BOOL: return read_bool(r, json, at);
    case SHAPE_MERGE: return read_merge(r, json, at);
    case SHAPE_UNITS: return read_units(r, json, at, len_at);
    case SHAPE_STATES: return read_states(r, json, at, len_at);
    case SHAPE_EDGES: return read_edges(r, json, at, len_at);
    case SHAPE_COUNTS: return read_counts(r, json, to);
    case SHAPE_MAP: return read_object(r, json, member->of, at);
    case SHAPE_LIST:
    case SHAPE_NON_EMPTY:
    case SHAPE_OPTIONAL: return read_list(r, json, member, to);
    }
    return 0;
}

static size_t find_member(const struct shape *shape, const char *name)
{
    size_t i = 0;
    while (i < shape->members_len && strcmp(shape->members[i].name, name) != 0) {
        i++;
    }
    return i;
}

static int refuse_member(struct reading *r, const char *name, const char *why)
{
    char *shown = safe_text_line(name);
    shown[utf8_cut(shown, strlen(shown), NAME_SHOWN_MAX)] = '\0';
    const int rc = fail(r, "%s: \"%s\"", why, shown);
    free(shown);
    return rc;
}

static int fill_absent(struct reading *r, const struct shape *shape, uint32_t seen, void *to)
{
    for (size_t i = 0; i < shape->members_len; i++) {
        const struct shape_member *member = &shape->members[i];
        if ((seen & 1u << i) != 0) {
            continue;
        }
        if (member->kind == SHAPE_INSTANT) {
            *(sim_ns_t *)(void *)((char *)to + member->at) = SIM_NEVER;
        } else if (member->kind != SHAPE_OPTIONAL && member->kind != SHAPE_STATES &&
                   member->kind != SHAPE_MAP) {
            return refuse_member(r, member->name, "a member is missing");
        }
    }
    return 0;
}

static int check_play(struct reading *r, const struct play_result *play)
{
    if (play->findings_len > 0 && play->verdict < VERDICT_FAIL) {
        return fail(r, "the verdict is \"%s\" in spite of findings", verdict_name(play->verdict));
    }
    return 0;
}

static int check_case(struct reading *r, const struct case_result *one)
{
    enum verdict highest = VERDICT_PASS;
    for (size_t i = 0; i < one->plays_len; i++) {
        highest = one->plays[i].verdict > highest ? one->plays[i].verdict : highest;
    }
    return one->verdict == highest ? 0
                                   : fail(r, "the verdict is \"%s\", and that of its plays \"%s\"",
                                          verdict_name(one->verdict), verdict_name(highest));
}

static int check_failures(struct reading *r, const struct result_sweep *sweep)
{
    uint64_t bad = 0;
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        bad += sweep->verdicts[i].good ? 0 : sweep->verdicts[i].count;
    }
    bool good = bad == sweep->failures_all && sweep->failures_len <= bad &&
                sweep->failures_len <= SWEEP_FAILURES_MAX;
    for (size_t i = 0; good && i < sweep->failures_len; i++) {
        const struct sweep_failure *failure = &sweep->failures[i];
        good = failure->verdict < sweep->verdicts_len && !sweep->verdicts[failure->verdict].good &&
               (i == 0 || failure->unit >= sweep->failures[i - 1].unit);
    }
    return good ? 0 : fail(r, "the failures are not in order, or not what the verdicts count");
}

static int check_states(struct reading *r, const struct result_sweep *sweep)
{
    bool good = result_sweep_keeps_states(sweep) || sweep->states_len == 0;
    for (size_t i = 0; i < sweep->rows_len; i++) {
        const struct sweep_row *row = &sweep->rows[i];
        good = good && (row->merge != SWEEP_STATES || !result_sweep_keeps_states(sweep) ||
                        row->number == sweep->states_len);
    }
    return good ? 0 : fail(r, "the states are not as many as it says, or of a whole sweep");
}

static int check_map(struct reading *r, const struct result_sweep *sweep)
{
    const struct sweep_map *map = &sweep->map;
    /* Ends so early that a drawing of it can reckon. */
    bool good = map->bins == 0 ||
                (r->map_columns == sweep->verdicts_len && map->edges_len == map->bins + 1 &&
                 map->edges_ns[map->bins] <= SIM_NEVER / 4);
    for (size_t i = 0; i < map->phases_len; i++) {
        good = good && map->phases[i].start_ns <= map->phases[i].end_ns;
    }
    return good ? 0
                : fail(r, "the map has other verdicts than the sweep, or its edges are not one "
                          "more than its bins");
}

static int check_sweep(struct reading *r, const struct result_sweep *sweep)
{
    const size_t len = sweep->done_len;
    int rc = 0;
    if (sweep->units != SWEEP_UNITS_OPEN && len > 0 && sweep->done[len - 1].last >= sweep->units) {
        rc = fail(r, "it has done units beyond its last one");
    }
    rc = rc == 0 ? check_failures(r, sweep) : rc;
    rc = rc == 0 ? check_map(r, sweep) : rc;
    rc = rc == 0 ? check_states(r, sweep) : rc;
    r->map_columns = 0;
    return rc;
}

/* They rise, so that none is there twice. */
static int check_run(struct reading *r, const struct run_result *run)
{
    for (size_t i = 0; i < run->parts_len; i++) {
        const struct run_part *part = &run->parts[i];
        if (part->shards < 2 || part->shard == 0 || part->shard > part->shards) {
            return fail(r, "there is no shard %u of %u", (unsigned)part->shard,
                        (unsigned)part->shards);
        }
        if (i > 0 && run_part_order(&run->parts[i - 1], part) >= 0) {
            return fail(r, "shard %u of %u does not stand behind those before it",
                        (unsigned)part->shard, (unsigned)part->shards);
        }
    }
    return 0;
}

static int check_object(struct reading *r, const struct shape *shape, const void *object)
{
    if (shape == &shape_play) {
        return check_play(r, object);
    }
    if (shape == &shape_sweep) {
        return check_sweep(r, object);
    }
    if (shape == &shape_run) {
        return check_run(r, object);
    }
    return shape == &shape_case ? check_case(r, object) : 0;
}

static int read_object(struct reading *r, const cJSON *json, const struct shape *shape, void *to)
{
    uint32_t seen = 0;
    int rc = cJSON_IsObject(json) ? 0 : fail(r, "must be an object");
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, json)
    {
        const size_t i = find_member(shape, item->string != NULL ? item->string : "");
        if (rc != 0) {
            return rc;
        }
        if (i == shape->members_len || (seen & 1u << i) != 0) {
            return refuse_member(r, item->string != NULL ? item->string : "",
                                 i == shape->members_len ? "there is no such member"
                                                         : "a member is there twice");
        }
        seen |= 1u << i;
        const size_t back = enter(r, shape->members[i].name);
        rc = read_member(r, item, &shape->members[i], to);
        if (rc == 0) {
            r->path[back] = '\0';
        }
    }
    rc = rc == 0 ? fill_absent(r, shape, seen, to) : rc;
    return rc == 0 ? check_object(r, shape, to) : rc;
}

/* Offset of the first byte that no file of this program can have; len if there is none. */
static size_t find_foreign(const struct reading *r)
{
    const size_t nul = json_find_nul(r->text, r->len);
    size_t i = 0;
    while (i < nul) {
        const size_t step = utf8_char_len(&r->text[i], r->len - i);
        if (step == 0) {
            return i;
        }
        i += step;
    }
    return nul;
}

static int parse_tree(struct reading *r, cJSON **tree)
{
    const size_t foreign = find_foreign(r);
    if (foreign < r->len) {
        return err_set(r->err, ERR_SYNTAX, "%s:%u: a NUL character, or a byte that is no UTF-8",
                       r->file, json_line_at(r->text, r->len, foreign));
    }
    const char *end = r->text;
    *tree = r->len > 0 ? cJSON_ParseWithLengthOpts(r->text, r->len, &end, false) : NULL;
    size_t at = end != NULL ? (size_t)(end - r->text) : 0;
    while (*tree != NULL && at < r->len && strchr(" \t\r\n", r->text[at]) != NULL) {
        at++;
    }
    if (*tree == NULL || at < r->len) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: not JSON from here on: is the file cut off, or no JSON?", r->file,
                       json_line_at(r->text, r->len, at));
    }
    return 0;
}

int play_result_parse(struct play_result *play, const char *text, size_t len_bytes, struct err *err)
{
    struct reading r = {.file = "the result of a play", .text = text, .len = len_bytes, .err = err};
    cJSON *tree = NULL;
    int rc = parse_tree(&r, &tree);
    rc = rc == 0 ? read_object(&r, tree, &shape_play, play) : rc;
    cJSON_Delete(tree);
    return rc;
}

static int check_format(struct reading *r, const cJSON *tree)
{
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "format"));
    if (format == NULL ||
        strncmp(format, RESULT_FORMAT_FAMILY, strlen(RESULT_FORMAT_FAMILY)) != 0) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s: no results of limphome: its \"format\" is not \"%s\"", r->file,
                       RESULT_FORMAT);
    }
    if (strcmp(format, RESULT_FORMAT) != 0) {
        char *shown = safe_text_line(format);
        shown[utf8_cut(shown, strlen(shown), NAME_SHOWN_MAX)] = '\0';
        const int rc = err_set(r->err, ERR_UNSUPPORTED,
                               "%s: has the format \"%s\" of another version of limphome; this one "
                               "reads \"%s\": run the cases again",
                               r->file, shown, RESULT_FORMAT);
        free(shown);
        return rc;
    }
    return 0;
}

/* The outermost object is no part of the model but for its runs and sweeps. */
struct root {
    char *format;
    struct result_set set;
};

static const struct shape_member root_members[] = {
    {"format", SHAPE_TEXT, offsetof(struct root, format), 0, 0, NULL},
    {"runs", SHAPE_LIST, offsetof(struct root, set.runs), offsetof(struct root, set.runs_len), 0,
     &shape_run},
    {"sweeps", SHAPE_OPTIONAL, offsetof(struct root, set.sweeps),
     offsetof(struct root, set.sweeps_len), 0, &shape_sweep},
};
static const struct shape shape_root = {sizeof(struct root), root_members,
                                        ARRAY_SIZE(root_members)};

int result_set_parse(struct result_set *set, const char *text, size_t len_bytes, const char *name,
                     struct err *err)
{
    struct reading r = {.file = name, .text = text, .len = len_bytes, .err = err};
    struct root root = {.format = NULL};
    cJSON *tree = NULL;
    int rc = parse_tree(&r, &tree);
    rc = rc == 0 ? check_format(&r, tree) : rc;
    rc = rc == 0 ? read_object(&r, tree, &shape_root, &root) : rc;
    cJSON_Delete(tree);
    free(root.format);
    *set = root.set;
    return rc;
}
