/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_source_json.c - the member "result" of an adapter file: where a result
 * is looked for, and how the master's words are to be read. */
#include "scenarios/engine/adapter_reader.h"

#include "scenarios/engine/nearest.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_TIMES_MAX = 255 };

/* Names of what a result may tell, by enum adapter_field. */
static const char *const fields[ADAPTER_FIELD_COUNT] = {
    "",       "code",    "reason_code", "reason",   "sid",         "nrc",
    "prompt", "version", "ecu.name",    "ecu.code", "ecu.version",
};

static enum adapter_field field_find(const char *name)
{
    unsigned i = 0;
    while (i < ADAPTER_FIELD_COUNT && strcmp(fields[i], name) != 0) {
        i++;
    }
    return (enum adapter_field)i;
}

static int fail_field(struct vehicle_reader *r, const char *name)
{
    return vehicle_fail(r, ERR_NOT_FOUND,
                        "\"%.40s\" is nothing that a result tells; known are code, reason_code, "
                        "reason, sid, nrc, prompt, version, ecu.name, ecu.code, ecu.version",
                        name);
}

/* Words of the master and of the catalogue. */

static int fail_code(struct vehicle_reader *r, const char *word)
{
    unsigned best = MASTER_NO_REPORT + 1;
    for (unsigned i = best; i < MASTER_CODE_COUNT; i++) {
        const char *name = master_code_name((enum master_code)i);
        const char *so_far = master_code_name((enum master_code)best);
        best = nearest_distance(word, name) < nearest_distance(word, so_far) ? i : best;
    }
    return vehicle_fail(r, ERR_NOT_FOUND,
                        "\"%.40s\" is no result of the catalogue; did you mean \"%s\"?", word,
                        master_code_name((enum master_code)best));
}

static int read_word(struct vehicle_reader *r, const char *name, const cJSON *json,
                     struct adapter_word *word)
{
    if (strlen(name) > MASTER_WORD_MAX) {
        return vehicle_fail(r, ERR_RANGE, "a word of more than %d characters", MASTER_WORD_MAX);
    }
    (void)snprintf(word->theirs, sizeof word->theirs, "%s", name);
    return adapter_read_text(r, json, 1, word->ours, sizeof word->ours);
}

static int read_code_word(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter *a = to;
    struct adapter_word *word = &a->codes[a->codes_len++];
    const int code = read_word(r, name, json, word);
    if (code != 0) {
        return code;
    }
    return master_code_find(word->ours) != MASTER_CODE_COUNT ? 0 : fail_code(r, word->ours);
}

static int read_codes(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_MAP_MAX, read_code_word, to);
}

static int read_reason_word(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter *a = to;
    return read_word(r, name, json, &a->reasons[a->reasons_len++]);
}

static int read_reasons(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_MAP_MAX, read_reason_word, to);
}

/* Sources. */

static int read_file(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    source->kind = ADAPTER_FROM_FILE;
    return adapter_read_template(r, json, 1, source->file, sizeof source->file);
}

static int read_output(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    if (cJSON_IsString(json) && strcmp(json->valuestring, "json") == 0) {
        source->kind = ADAPTER_FROM_OUTPUT_JSON;
        return 0;
    }
    if (cJSON_IsString(json) && strcmp(json->valuestring, "lines") == 0) {
        source->kind = ADAPTER_FROM_OUTPUT;
        return 0;
    }
    return vehicle_fail(r, ERR_SYNTAX, "must be \"json\" or \"lines\"");
}

static int read_path(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    const enum adapter_field field = field_find(name);
    if (field == ADAPTER_NOTHING || field == ADAPTER_FIELD_COUNT) {
        return fail_field(r, name);
    }
    return adapter_read_text(r, json, 1, source->members[field], ADAPTER_TEXT_MAX + 1);
}

static int read_members(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_FIELD_COUNT, read_path, to);
}

static int read_ecus(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    return adapter_read_text(r, json, 1, source->ecus, sizeof source->ecus);
}

/* Patterns. */

/* A pattern that would take for ever, or all memory: back references, and repetitions inside of
 * repetitions. */
static bool is_costly(const char *pattern)
{
    unsigned long times = 1;
    for (const char *c = pattern; *c != '\0'; c++) {
        if (c[0] == '\\' && c[1] >= '0' && c[1] <= '9') {
            return true;
        }
        if (c[0] != '{') {
            continue;
        }
        char *end = NULL;
        const unsigned long least = strtoul(c + 1, &end, 10);
        const unsigned long most = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;
        const unsigned long count = least > most ? least : most;
        times *= count > PATTERN_TIMES_MAX ? PATTERN_TIMES_MAX + 1 : (count > 0 ? count : 1);
        if (times > PATTERN_TIMES_MAX) {
            return true;
        }
    }
    return false;
}

static int read_pattern_text(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_pattern *pattern = to;
    const int code = adapter_read_text(r, json, 1, pattern->text, sizeof pattern->text);
    if (code != 0) {
        return code;
    }
    if (is_costly(pattern->text)) {
        return vehicle_fail(
            r, ERR_RANGE,
            "takes too long to look for: no \\1, and not more than %d repetitions by "
            "{n} in all",
            PATTERN_TIMES_MAX);
    }
    regex_t regex;
    const int bad = regcomp(&regex, pattern->text, REG_EXTENDED);
    if (bad != 0) {
        char why[80];
        (void)regerror(bad, &regex, why, sizeof why);
        return vehicle_fail(r, ERR_SYNTAX, "no regular pattern (POSIX extended): %s", why);
    }
    regfree(&regex);
    return 0;
}

static int read_group(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_pattern *pattern = to;
    if (!cJSON_IsString(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a text in quotes");
    }
    const enum adapter_field field = field_find(json->valuestring);
    if (field == ADAPTER_FIELD_COUNT) {
        return fail_field(r, json->valuestring);
    }
    pattern->groups[pattern->groups_len++] = field;
    return 0;
}

static int read_groups(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_list(r, json, 0, 9, read_group, to);
}

static int read_telling(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter_pattern *pattern = to;
    const enum adapter_field field = field_find(name);
    if (field == ADAPTER_NOTHING || field == ADAPTER_FIELD_COUNT) {
        return fail_field(r, name);
    }
    return adapter_read_text(r, json, 1, pattern->tells[field], MASTER_WORD_MAX + 1);
}

static int read_tells(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_FIELD_COUNT, read_telling, to);
}

static int check_pattern(struct vehicle_reader *r, const struct adapter_pattern *pattern)
{
    regex_t regex;
    CHECK(regcomp(&regex, pattern->text, REG_EXTENDED) == 0);
    const size_t groups = regex.re_nsub;
    regfree(&regex);
    bool tells = pattern->groups_len > 0;
    for (size_t i = 0; i < ADAPTER_FIELD_COUNT; i++) {
        tells = tells || pattern->tells[i][0] != '\0';
    }
    if (!tells) {
        return vehicle_fail(r, ERR_SYNTAX, "tells nothing: give it \"groups\" or \"tells\"");
    }
    if (pattern->groups_len > groups) {
        return vehicle_fail(r, ERR_RANGE, "names %zu groups, but the pattern has %zu in brackets",
                            pattern->groups_len, groups);
    }
    return 0;
}

static int read_pattern(struct vehicle_reader *r, const cJSON *json, void *to)
{
    static const struct adapter_member members[] = {
        {"pattern", true, read_pattern_text},
        {"groups", false, read_groups},
        {"tells", false, read_tells},
    };
    struct adapter_source *source = to;
    struct adapter_pattern *pattern = &source->patterns[source->patterns_len++];
    const int code = adapter_read_object(r, json, members, ARRAY_SIZE(members), pattern);
    return code != 0 ? code : check_pattern(r, pattern);
}

static int read_patterns(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_list(r, json, 1, ADAPTER_PATTERNS_MAX, read_pattern, to);
}

/* Exit codes. */

static int read_exit_code(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    struct adapter_exit_code *row = &source->exit_codes[source->exit_codes_len++];
    char word[MASTER_WORD_MAX + 1];
    const size_t len = strlen(name);
    const long value = strtol(name, NULL, 10);
    if (len < 1 || len > 3 || strspn(name, "0123456789") != len || value > 255) {
        return vehicle_fail(r, ERR_RANGE, "an exit code is a number of 0 to 255, in quotes");
    }
    const int code = adapter_read_text(r, json, 1, word, sizeof word);
    if (code != 0) {
        return code;
    }
    row->value = (uint8_t)value;
    row->code = master_code_find(word);
    return row->code != MASTER_CODE_COUNT ? 0 : fail_code(r, word);
}

static int read_exit_codes(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter_source *source = to;
    source->kind = ADAPTER_FROM_EXIT_CODE;
    return adapter_read_map(r, json, ADAPTER_MAP_MAX, read_exit_code, to);
}

static bool has(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name) != NULL;
}

/* Members that belong to another kind of source. */
static int check_source(struct vehicle_reader *r, const cJSON *json,
                        const struct adapter_source *source)
{
    const unsigned kinds = (has(json, "file") ? 1u : 0u) + (has(json, "output") ? 1u : 0u) +
                           (has(json, "exit_codes") ? 1u : 0u);
    const bool tree = source->kind == ADAPTER_FROM_FILE || source->kind == ADAPTER_FROM_OUTPUT_JSON;
    if (kinds != 1) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "needs exactly one of \"file\", \"output\" and \"exit_codes\"");
    }
    if (tree != has(json, "members")) {
        return vehicle_fail(r, ERR_CONFLICT, "%s",
                            tree ? "member \"members\" is missing: where in the JSON things stand"
                                 : "\"members\" belongs to a file, or to the output \"json\"");
    }
    if ((source->kind == ADAPTER_FROM_OUTPUT) != has(json, "patterns")) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "\"patterns\" and the output \"lines\" need each other");
    }
    const bool each = source->members[ADAPTER_ECU_NAME][0] != '\0' ||
                      source->members[ADAPTER_ECU_CODE][0] != '\0' ||
                      source->members[ADAPTER_ECU_VERSION][0] != '\0';
    if (tree && each != (source->ecus[0] != '\0')) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "\"ecus\" (a list) and members \"ecu.…\" need each other");
    }
    return 0;
}

static int read_source(struct vehicle_reader *r, const cJSON *json, void *to)
{
    static const struct adapter_member members[] = {
        {"file", false, read_file},         {"output", false, read_output},
        {"members", false, read_members},   {"ecus", false, read_ecus},
        {"patterns", false, read_patterns}, {"exit_codes", false, read_exit_codes},
    };
    struct adapter *a = to;
    struct adapter_source *source = &a->sources[a->sources_len++];
    const int code = adapter_read_object(r, json, members, ARRAY_SIZE(members), source);
    return code != 0 ? code : check_source(r, json, source);
}

static int read_sources(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_list(r, json, 1, ADAPTER_SOURCES_MAX, read_source, to);
}

static bool pattern_tells_code(const struct adapter_pattern *pattern)
{
    bool tells = pattern->tells[ADAPTER_CODE][0] != '\0';
    for (size_t i = 0; i < pattern->groups_len; i++) {
        tells = tells || pattern->groups[i] == ADAPTER_CODE;
    }
    return tells;
}

static bool tells_code(const struct adapter_source *source)
{
    bool tells = source->exit_codes_len > 0 || source->members[ADAPTER_CODE][0] != '\0';
    for (size_t i = 0; i < source->patterns_len; i++) {
        tells = tells || pattern_tells_code(&source->patterns[i]);
    }
    return tells;
}

int adapter_read_result(struct vehicle_reader *r, const cJSON *json, void *to)
{
    static const struct adapter_member members[] = {
        {"codes", false, read_codes},
        {"reasons", false, read_reasons},
        {"sources", true, read_sources},
    };
    const struct adapter *a = to;
    const int code = adapter_read_object(r, json, members, ARRAY_SIZE(members), to);
    bool tells = code != 0;
    for (size_t i = 0; i < a->sources_len; i++) {
        tells = tells || tells_code(&a->sources[i]);
    }
    return tells ? code
                 : vehicle_fail(r, ERR_NOT_FOUND,
                                "no source tells the code: the master's "
                                "result could never be known");
}
