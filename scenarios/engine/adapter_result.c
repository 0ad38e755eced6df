/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_result.c - what a master said, from the places that its adapter names.
 */
#include "scenarios/engine/adapter_telling.h"

#include "sim/file_text.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_FILE_MAX = 1024 * 1024, OUTPUT_LINE_MAX = 4096, OBJECTS_MAX = 64 };

/* Keeps the first trouble. */
static void trouble(struct master_result *result, const char *where, const char *what)
{
    if (result->trouble[0] == '\0') {
        (void)snprintf(result->trouble, sizeof result->trouble, "%.40s: %.200s", where, what);
    }
}

static void keep_raw(struct master_result *result, const char *text, size_t len)
{
    const size_t most = sizeof result->raw - 1;
    const size_t kept = len < most ? len : most;
    /* The end of a long text says how it ended. */
    memcpy(result->raw, text + (len - kept), kept);
    result->raw[kept] = '\0';
}

/* JSON. */

static void tell_from_json(const struct adapter_source *source, struct adapter_telling *telling,
                           const cJSON *tree)
{
    for (unsigned i = ADAPTER_CODE; i <= ADAPTER_VERSION; i++) {
        const cJSON *item = adapter_json_at(tree, source->members[i]);
        adapter_tell_json(telling, (enum adapter_field)i, item);
    }
    const cJSON *list = adapter_json_at(tree, source->ecus);
    const cJSON *ecu = NULL;
    cJSON_ArrayForEach(ecu, list)
    {
        for (unsigned i = ADAPTER_ECU_NAME; i <= ADAPTER_ECU_VERSION; i++) {
            const cJSON *item = adapter_json_at(ecu, source->members[i]);
            adapter_tell_json(telling, (enum adapter_field)i, item);
        }
        adapter_tell_ecu_end(telling);
    }
    telling->reports = telling->said[ADAPTER_CODE] ? 1 : 0;
}

static void take_file(const struct adapter_source *source, const char *path,
                      struct adapter_telling *telling, struct master_result *result)
{
    struct err err = {.code = 0};
    size_t len = 0;
    char *text = file_text_read(path, RESULT_FILE_MAX, "a result", &len, &err);
    if (text == NULL) {
        trouble(result, "result file", err.text);
        return;
    }
    cJSON *tree = cJSON_ParseWithLength(text, len);
    if (tree != NULL) {
        tell_from_json(source, telling, tree);
    } else {
        trouble(result, path, "not JSON, or torn");
    }
    cJSON_Delete(tree);
    if (result->code == MASTER_NO_REPORT) {
        keep_raw(result, text, len);
    }
    free(text);
}

/* The last whole object that begins a line; *at is where. */
static cJSON *last_object(const char *text, size_t len, size_t *at)
{
    unsigned tries = 0;
    for (size_t i = len; i-- > 0 && tries < OBJECTS_MAX;) {
        if (text[i] != '{' || (i > 0 && text[i - 1] != '\n')) {
            continue;
        }
        const char *end = NULL;
        cJSON *tree = cJSON_ParseWithLengthOpts(text + i, len - i, &end, false);
        if (tree != NULL) {
            *at = i;
            return tree;
        }
        tries++;
    }
    return NULL;
}

static void take_output_json(const struct adapter_source *source,
                             const struct adapter_ending *ending, struct adapter_telling *telling,
                             struct master_result *result)
{
    size_t at = 0;
    cJSON *tree = last_object(ending->output, ending->output_len, &at);
    if (tree == NULL) {
        trouble(result, "output", "holds no whole JSON object at the beginning of a line");
        return;
    }
    tell_from_json(source, telling, tree);
    if (result->code == MASTER_NO_REPORT) {
        keep_raw(result, ending->output + at, ending->output_len - at);
    }
    cJSON_Delete(tree);
}

/* Patterns. */

static void take_match(const struct adapter_pattern *pattern, const char *line,
                       const regmatch_t *groups, struct adapter_telling *telling)
{
    bool ecu = false;
    for (size_t i = 0; i < pattern->groups_len; i++) {
        const enum adapter_field field = pattern->groups[i];
        const regmatch_t *group = &groups[i + 1];
        if (field != ADAPTER_NOTHING && group->rm_so >= 0) {
            adapter_tell(telling, field, line + group->rm_so,
                         (size_t)(group->rm_eo - group->rm_so));
        }
        ecu = ecu || field >= ADAPTER_ECU_NAME;
    }
    for (unsigned i = ADAPTER_CODE; i < ADAPTER_FIELD_COUNT; i++) {
        if (pattern->tells[i][0] != '\0') {
            adapter_tell(telling, (enum adapter_field)i, pattern->tells[i],
                         strlen(pattern->tells[i]));
            ecu = ecu || i >= ADAPTER_ECU_NAME;
        }
    }
    if (ecu) {
        adapter_tell_ecu_end(telling);
    }
}

static void take_line(const struct adapter_source *source, const regex_t *regexes, const char *line,
                      struct adapter_telling *telling)
{
    for (size_t i = 0; i < source->patterns_len; i++) {
        regmatch_t groups[10];
        if (regexec(&regexes[i], line, ARRAY_SIZE(groups), groups, 0) == 0) {
            take_match(&source->patterns[i], line, groups, telling);
        }
    }
}

static void take_lines(const struct adapter_source *source, const struct adapter_ending *ending,
                       struct adapter_telling *telling, struct master_result *result)
{
    regex_t regexes[ADAPTER_PATTERNS_MAX];
    for (size_t i = 0; i < source->patterns_len; i++) {
        CHECK(regcomp(&regexes[i], source->patterns[i].text, REG_EXTENDED) == 0);
    }
    for (size_t at = 0; at < ending->output_len;) {
        const char *text = ending->output + at;
        const char *end = memchr(text, '\n', ending->output_len - at);
        const size_t len = end != NULL ? (size_t)(end - text) : ending->output_len - at;
        char line[OUTPUT_LINE_MAX + 1];
        const size_t kept = len < OUTPUT_LINE_MAX ? len : OUTPUT_LINE_MAX;
        memcpy(line, text, kept);
        line[kept > 0 && line[kept - 1] == '\r' ? kept - 1 : kept] = '\0';
        take_line(source, regexes, line, telling);
        at += len + 1;
    }
    for (size_t i = 0; i < source->patterns_len; i++) {
        regfree(&regexes[i]);
    }
    if (result->code == MASTER_NO_REPORT && telling->said[ADAPTER_CODE]) {
        keep_raw(result, ending->output, ending->output_len);
    }
}

static void take_exit_code(const struct adapter_source *source, const struct adapter_ending *ending,
                           struct adapter_telling *telling, struct master_result *result)
{
    if (!ending->exited) {
        trouble(result, "exit code", "the master has not ended by itself");
        return;
    }
    for (size_t i = 0; i < source->exit_codes_len; i++) {
        if (source->exit_codes[i].value == ending->exit_code) {
            const char *name = master_code_name(source->exit_codes[i].code);
            adapter_tell(telling, ADAPTER_CODE, name, strlen(name));
            telling->reports = 1;
            return;
        }
    }
    char what[64];
    (void)snprintf(what, sizeof what, "%d means nothing to the adapter", ending->exit_code);
    trouble(result, "exit code", what);
}

static void name_source(const struct adapter_source *source, const struct adapter_launch *launch,
                        size_t i, const struct adapter_ending *ending, char *to, size_t cap)
{
    switch (source->kind) {
    case ADAPTER_FROM_FILE: (void)snprintf(to, cap, "file %s", launch->result_paths[i]); return;
    case ADAPTER_FROM_OUTPUT_JSON: (void)snprintf(to, cap, "JSON in the output"); return;
    case ADAPTER_FROM_OUTPUT: (void)snprintf(to, cap, "a line of the output"); return;
    case ADAPTER_FROM_EXIT_CODE: break;
    }
    (void)snprintf(to, cap, "exit code %d", ending->exit_code);
}

static void take_source(const struct adapter_source *source, const char *path,
                        const struct adapter_ending *ending, struct adapter_telling *telling,
                        struct master_result *result)
{
    switch (source->kind) {
    case ADAPTER_FROM_FILE: take_file(source, path, telling, result); return;
    case ADAPTER_FROM_OUTPUT_JSON: take_output_json(source, ending, telling, result); return;
    case ADAPTER_FROM_OUTPUT: take_lines(source, ending, telling, result); return;
    case ADAPTER_FROM_EXIT_CODE: break;
    }
    take_exit_code(source, ending, telling, result);
}

void adapter_result(const struct adapter *adapter, const struct adapter_launch *launch,
                    const struct adapter_ending *ending, struct master_result *result)
{
    memset(result, 0, sizeof *result);
    for (size_t i = 0; i < adapter->sources_len; i++) {
        const struct adapter_source *source = &adapter->sources[i];
        struct adapter_telling telling = {.said = {false}};
        char where[MASTER_REASON_MAX + 1];
        name_source(source, launch, i, ending, where, sizeof where);
        take_source(source, launch->result_paths[i], ending, &telling, result);
        adapter_telling_merge(&telling, adapter, where, result);
    }
    if (result->code == MASTER_NO_REPORT && result->trouble[0] == '\0') {
        trouble(result, "output", "no line tells a result");
    }
    if (result->raw[0] == '\0' && ending->output != NULL) {
        keep_raw(result, ending->output, ending->output_len);
    }
}
