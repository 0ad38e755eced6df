/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_journal_line.c - writes and reads the lines of a journal. */
#include "scenarios/explore/explore_journal_line.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to here a JSON number is exact. */
#define NUMBER_MAX (UINT64_C(1) << 53)
enum { STATE_CHARS = 16, MAP_NUMBERS = 3, SHOWN_MAX = 90 };

#define FORMAT_NAME "limphome sweep journal 2"

static void put(cJSON *object, const char *name, cJSON *value)
{
    CHECK(value != NULL && cJSON_AddItemToObject(object, name, value));
}

static cJSON *number(uint64_t value)
{
    CHECK(value <= NUMBER_MAX);
    return cJSON_CreateNumber((double)value);
}

static cJSON *text(const char *value)
{
    return cJSON_CreateString(value != NULL ? value : "");
}

static cJSON *list(const uint64_t *values, size_t len)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < len; i++) {
        CHECK(cJSON_AddItemToArray(array, number(values[i])));
    }
    return array;
}

static char *line_of(cJSON *object)
{
    char *plain = cJSON_PrintUnformatted(object);
    CHECK(plain != NULL);
    const size_t len = strlen(plain);
    char *line = malloc(len + 2);
    CHECK(line != NULL);
    memcpy(line, plain, len);
    memcpy(&line[len], "\n", 2);
    free(plain);
    cJSON_Delete(object);
    return line;
}

/* Members of the header, and what they are called where they differ. */
static const struct {
    const char *name, *meaning;
} members[] = {
    {"format", "format"},
    {"kind", "kind"},
    {"version", "version of limphome"},
    {"identity", "command"},
    {"master", "master"},
    {"date", "date"},
    {"shard", "shard"},
    {"units", "number of units"},
    {"same", "update, whose operations were counted,"},
    {"map", "update, whose time was taken,"},
};

char *explore_journal_line_header(const struct explore_sweep_cfg *cfg)
{
    char shard[32];
    uint64_t same[EXPLORE_ROWS_MAX] = {0};
    cJSON *header = cJSON_CreateObject();
    cJSON *files = cJSON_CreateObject();
    for (size_t i = 0; i < cfg->files_len; i++) {
        put(files, cfg->files[i].name, text(cfg->files[i].sha256));
    }
    for (size_t i = 0; i < cfg->kind->rows_len; i++) {
        same[i] = cfg->kind->rows[i].merge == SWEEP_SAME ? cfg->same[i] : 0;
    }
    (void)snprintf(shard, sizeof shard, "%" PRIu32 "/%" PRIu32, cfg->shards != 0 ? cfg->shard : 1,
                   cfg->shards != 0 ? cfg->shards : 1);
    put(header, "format", text(FORMAT_NAME));
    put(header, "kind", text(cfg->kind->name));
    put(header, "version", text(cfg->version));
    put(header, "identity", text(cfg->identity));
    put(header, "master", text(cfg->master));
    put(header, "date", text(cfg->date));
    put(header, "shard", text(shard));
    put(header, "files", files);
    put(header, "units", number(cfg->units));
    put(header, "same", list(same, cfg->kind->rows_len));
    put(header, "map",
        cfg->map != NULL ? list(cfg->map->edges_ns, cfg->map->bins + 1) : cJSON_CreateArray());
    return line_of(header);
}

static void show(char shown[SHOWN_MAX], const cJSON *value)
{
    char *plain = value != NULL ? cJSON_PrintUnformatted(value) : NULL;
    (void)snprintf(shown, SHOWN_MAX, "%s", plain != NULL ? plain : "nothing");
    free(plain);
}

/* Which file is another one than then. */
static int compare_files(const char *path, const cJSON *there, const cJSON *here, struct err *err)
{
    const cJSON *now = NULL;
    cJSON_ArrayForEach(now, here)
    {
        const cJSON *then = cJSON_GetObjectItemCaseSensitive(there, now->string);
        if (!cJSON_Compare(then, now, true)) {
            return err_set(err, ERR_CONFLICT,
                           "%s: belongs to another sweep: the contents of \"%s\" were others then; "
                           "give another folder, or remove it",
                           path, now->string);
        }
    }
    return 0;
}

static int compare(const char *path, const cJSON *there, const cJSON *here, struct err *err)
{
    char theirs[SHOWN_MAX];
    char ours[SHOWN_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        const cJSON *a = cJSON_GetObjectItemCaseSensitive(there, members[i].name);
        const cJSON *b = cJSON_GetObjectItemCaseSensitive(here, members[i].name);
        if (!cJSON_Compare(a, b, true)) {
            show(theirs, a);
            show(ours, b);
            return err_set(err, ERR_CONFLICT,
                           "%s: belongs to another sweep: its %s is %s, and not %s; give another "
                           "folder, or remove it",
                           path, members[i].meaning, theirs, ours);
        }
    }
    return compare_files(path, cJSON_GetObjectItemCaseSensitive(there, "files"),
                         cJSON_GetObjectItemCaseSensitive(here, "files"), err);
}

int explore_journal_line_compare(const char *path, const char *line, const char *header,
                                 struct err *err)
{
    cJSON *there = cJSON_Parse(line);
    cJSON *here = cJSON_Parse(header);
    CHECK(here != NULL);
    const int rc = cJSON_GetObjectItemCaseSensitive(there, "format") != NULL
                       ? compare(path, there, here, err)
                       : err_set(err, ERR_SYNTAX,
                                 "%s: is no journal of a sweep; give another "
                                 "folder, or remove it",
                                 path);
    cJSON_Delete(there);
    cJSON_Delete(here);
    return rc;
}

static cJSON *list_failures(const struct explore_tally *tally)
{
    cJSON *array = cJSON_CreateArray();
    for (uint64_t i = 0; i < tally->failures_all && i < SWEEP_FAILURES_MAX; i++) {
        const struct explore_failed *failed = &tally->failures[i];
        cJSON *one = cJSON_CreateObject();
        put(one, "id", text(failed->id));
        put(one, "verdict", number(failed->verdict));
        put(one, "invariants", number(failed->invariants));
        if (failed->at_ns != SIM_NEVER) {
            put(one, "at_ns", number(failed->at_ns));
        }
        CHECK(cJSON_AddItemToArray(array, one));
    }
    return array;
}

/* Bin, verdict and number, of those that are not 0. */
static cJSON *list_map(const struct explore_tally *tally)
{
    cJSON *array = cJSON_CreateArray();
    for (unsigned bin = 0; bin < EXPLORE_BINS; bin++) {
        for (unsigned verdict = 0; verdict < EXPLORE_VERDICT_COUNT; verdict++) {
            const uint32_t count = tally->map[bin][verdict];
            if (count != 0) {
                CHECK(cJSON_AddItemToArray(array, number(bin)) &&
                      cJSON_AddItemToArray(array, number(verdict)) &&
                      cJSON_AddItemToArray(array, number(count)));
            }
        }
    }
    return array;
}

static cJSON *list_states(const struct explore_done *unit)
{
    char *digits = malloc(unit->states_len * STATE_CHARS + 1);
    CHECK(digits != NULL);
    digits[0] = '\0';
    for (size_t i = 0; i < unit->states_len; i++) {
        (void)snprintf(&digits[i * STATE_CHARS], STATE_CHARS + 1, "%016" PRIx64, unit->states[i]);
    }
    cJSON *value = text(digits);
    free(digits);
    return value;
}

char *explore_journal_line_unit(const struct explore_done *unit, size_t rows_len)
{
    cJSON *line = cJSON_CreateObject();
    put(line, "unit", number(unit->index));
    put(line, "points", number(unit->points));
    put(line, "wall_ns", number(unit->wall_ns));
    put(line, "numbers", list(unit->tally->numbers, rows_len));
    put(line, "verdicts", list(unit->tally->verdicts, EXPLORE_VERDICT_COUNT));
    put(line, "invariants", list(unit->tally->invariants, EXPLORE_RULES));
    put(line, "map", list_map(unit->tally));
    put(line, "failures_all", number(unit->tally->failures_all));
    put(line, "failures", list_failures(unit->tally));
    put(line, "states", list_states(unit));
    return line_of(line);
}

static bool read_number(const cJSON *value, uint64_t max, uint64_t *to)
{
    if (!cJSON_IsNumber(value) || value->valuedouble < 0 ||
        value->valuedouble > (double)NUMBER_MAX) {
        return false;
    }
    *to = (uint64_t)value->valuedouble;
    return *to <= max && (double)*to == value->valuedouble;
}

static bool read_member(const cJSON *line, const char *name, uint64_t max, uint64_t *to)
{
    return read_number(cJSON_GetObjectItemCaseSensitive(line, name), max, to);
}

static bool read_list(const cJSON *line, const char *name, uint64_t *values, size_t len)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(line, name);
    const cJSON *value = NULL;
    size_t at = 0;
    if (!cJSON_IsArray(array)) {
        return false;
    }
    cJSON_ArrayForEach(value, array)
    {
        if (at == len || !read_number(value, NUMBER_MAX, &values[at])) {
            return false;
        }
        at++;
    }
    return at == len;
}

static bool read_map(const cJSON *line, size_t bins, struct explore_tally *tally)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(line, "map");
    const cJSON *at = cJSON_IsArray(array) ? array->child : NULL;
    uint64_t triple[MAP_NUMBERS];
    while (at != NULL && bins > 0) {
        const uint64_t max[MAP_NUMBERS] = {bins - 1, EXPLORE_VERDICT_COUNT - 1, UINT32_MAX};
        for (size_t i = 0; i < MAP_NUMBERS; i++) {
            if (!read_number(at, max[i], &triple[i])) {
                return false;
            }
            at = at->next;
        }
        tally->map[triple[0]][triple[1]] = (uint32_t)triple[2];
    }
    return cJSON_IsArray(array) && at == NULL;
}

static bool read_failure(const cJSON *one, struct explore_failed *failed)
{
    uint64_t verdict = 0;
    uint64_t invariants = 0;
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "id"));
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(one, "at_ns");
    failed->at_ns = SIM_NEVER;
    if (id == NULL || strlen(id) >= sizeof failed->id ||
        !read_member(one, "verdict", EXPLORE_VERDICT_COUNT - 1, &verdict) ||
        !read_member(one, "invariants", UINT16_MAX, &invariants) ||
        (at != NULL && !read_number(at, NUMBER_MAX, &failed->at_ns))) {
        return false;
    }
    (void)snprintf(failed->id, sizeof failed->id, "%s", id);
    failed->verdict = (uint8_t)verdict;
    failed->invariants = (uint16_t)invariants;
    return true;
}

static bool read_failures(const cJSON *line, struct explore_tally *tally)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(line, "failures");
    const cJSON *one = NULL;
    uint64_t len = 0;
    if (!cJSON_IsArray(array) ||
        !read_member(line, "failures_all", NUMBER_MAX, &tally->failures_all)) {
        return false;
    }
    cJSON_ArrayForEach(one, array)
    {
        if (len == SWEEP_FAILURES_MAX || !read_failure(one, &tally->failures[len])) {
            return false;
        }
        len++;
    }
    return len ==
           (tally->failures_all < SWEEP_FAILURES_MAX ? tally->failures_all : SWEEP_FAILURES_MAX);
}

static bool read_states(const cJSON *line, struct explore_done *unit)
{
    const char *digits = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "states"));
    const size_t len = digits != NULL ? strlen(digits) : 1;
    if (len % STATE_CHARS != 0 || strspn(digits, "0123456789abcdef") != len) {
        return false;
    }
    unit->states = malloc(len / STATE_CHARS * sizeof *unit->states + 1);
    CHECK(unit->states != NULL);
    for (size_t at = 0; at < len; at += STATE_CHARS) {
        char one[STATE_CHARS + 1] = "";
        memcpy(one, &digits[at], STATE_CHARS);
        const uint64_t state = strtoull(one, NULL, 16);
        if (state == 0) {
            free(unit->states);
            unit->states = NULL;
            return false;
        }
        unit->states[unit->states_len++] = state;
    }
    return true;
}

static bool is_lacking(const struct explore_sum *sum, uint64_t unit)
{
    const struct explore_sweep_cfg *cfg = sum->cfg;
    return (cfg->units == SWEEP_UNITS_OPEN || unit < cfg->units) &&
           (cfg->shards == 0 || unit % cfg->shards == cfg->shard - 1) &&
           !explore_sum_has(sum, unit);
}

static bool read_unit(const cJSON *line, const struct explore_sum *sum, struct explore_done *unit,
                      struct explore_tally *tally)
{
    return read_member(line, "unit", NUMBER_MAX, &unit->index) && is_lacking(sum, unit->index) &&
           read_member(line, "points", NUMBER_MAX, &unit->points) &&
           read_member(line, "wall_ns", NUMBER_MAX, &unit->wall_ns) &&
           read_list(line, "numbers", tally->numbers, sum->cfg->kind->rows_len) &&
           read_list(line, "verdicts", tally->verdicts, EXPLORE_VERDICT_COUNT) &&
           read_list(line, "invariants", tally->invariants, EXPLORE_RULES) &&
           read_map(line, sum->cfg->map != NULL ? sum->cfg->map->bins : 0, tally) &&
           read_failures(line, tally) && read_states(line, unit);
}

bool explore_journal_line_read(const char *line, const struct explore_sum *sum,
                               struct explore_done *unit, struct explore_tally *tally)
{
    cJSON *json = cJSON_Parse(line);
    *tally = (struct explore_tally){.failures_all = 0};
    *unit = (struct explore_done){.tally = tally};
    const bool good = read_unit(json, sum, unit, tally);
    cJSON_Delete(json);
    return good;
}
