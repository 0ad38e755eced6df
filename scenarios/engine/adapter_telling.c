/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_telling.c - from a master's words to those of the catalogue. */
#include "scenarios/engine/adapter_telling.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Telling. */

static void put(char *to, size_t cap, const char *text, size_t len)
{
    const size_t kept = len < cap ? len : cap - 1;
    memcpy(to, text, kept);
    to[kept] = '\0';
}

void adapter_tell(struct adapter_telling *telling, enum adapter_field field, const char *text,
                  size_t len)
{
    CHECK(field > ADAPTER_NOTHING && field < ADAPTER_FIELD_COUNT);
    put(telling->texts[field], sizeof telling->texts[field], text, len);
    telling->said[field] = true;
    telling->reports += field == ADAPTER_CODE ? 1u : 0u;
}

void adapter_tell_json(struct adapter_telling *telling, enum adapter_field field, const cJSON *json)
{
    char text[32];
    const bool hex = field == ADAPTER_SID || field == ADAPTER_NRC;
    if (cJSON_IsString(json)) {
        adapter_tell(telling, field, json->valuestring, strlen(json->valuestring));
    } else if (cJSON_IsNumber(json)) {
        const int len = hex && json->valuedouble >= 0 && json->valuedouble <= 255
                            ? snprintf(text, sizeof text, "%X", (unsigned)json->valuedouble)
                            : snprintf(text, sizeof text, "%.10g", json->valuedouble);
        adapter_tell(telling, field, text, (size_t)len);
    } else if (cJSON_IsTrue(json)) {
        adapter_tell(telling, field, "true", strlen("true"));
    } else if (cJSON_IsFalse(json)) {
        adapter_tell(telling, field, "", 0);
    }
}

void adapter_tell_ecu_end(struct adapter_telling *telling)
{
    const bool any = telling->said[ADAPTER_ECU_NAME] || telling->said[ADAPTER_ECU_CODE] ||
                     telling->said[ADAPTER_ECU_VERSION];
    if (any && telling->ecus_len < MASTER_ECUS_MAX) {
        put(telling->ecus[telling->ecus_len].name, MASTER_WORD_MAX + 1,
            telling->texts[ADAPTER_ECU_NAME], strlen(telling->texts[ADAPTER_ECU_NAME]));
        put(telling->ecus[telling->ecus_len].code, MASTER_WORD_MAX + 1,
            telling->texts[ADAPTER_ECU_CODE], strlen(telling->texts[ADAPTER_ECU_CODE]));
        put(telling->ecus[telling->ecus_len].version, MASTER_WORD_MAX + 1,
            telling->texts[ADAPTER_ECU_VERSION], strlen(telling->texts[ADAPTER_ECU_VERSION]));
        telling->ecus_len++;
    }
    for (unsigned i = ADAPTER_ECU_NAME; i <= ADAPTER_ECU_VERSION; i++) {
        telling->said[i] = false;
        telling->texts[i][0] = '\0';
    }
}

const cJSON *adapter_json_at(const cJSON *tree, const char *path)
{
    if (*path == '\0') {
        return NULL;
    }
    while (tree != NULL && *path != '\0') {
        if (*path == '[') {
            char *rest = NULL;
            const unsigned long index = strtoul(path + 1, &rest, 10);
            tree =
                cJSON_IsArray(tree) && index < 100000 ? cJSON_GetArrayItem(tree, (int)index) : NULL;
            path = *rest == ']' ? rest + 1 : rest;
        } else {
            char name[ADAPTER_TEXT_MAX + 1];
            const size_t len = strcspn(path, ".[");
            put(name, sizeof name, path, len);
            tree = cJSON_GetObjectItemCaseSensitive(tree, name);
            path += len;
        }
        path += *path == '.' ? 1 : 0;
    }
    return tree;
}

/* Translating. */

static const char *translate(const struct adapter_word *words, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(words[i].theirs, word) == 0) {
            return words[i].ours;
        }
    }
    return word;
}

static enum master_code code_of(const struct adapter *a, const char *word)
{
    return master_code_find(translate(a->codes, a->codes_len, word));
}

/* Services and response codes are written in hexadecimal everywhere, with or without 0x. */
static uint8_t byte_of(const char *text)
{
    char *end = NULL;
    const unsigned long value = strtoul(text, &end, 16);
    return end != text && *end == '\0' && value <= 0xFF ? (uint8_t)value : 0;
}

static bool is_yes(const char *text)
{
    static const char *const no[] = {"", "0", "false", "no", "none"};
    for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
        if (strcmp(text, no[i]) == 0) {
            return false;
        }
    }
    return true;
}

static void merge_code(const struct adapter_telling *telling, const struct adapter *adapter,
                       const char *where, struct master_result *result)
{
    if (result->code != MASTER_NO_REPORT || !telling->said[ADAPTER_CODE]) {
        return;
    }
    const char *word = telling->texts[ADAPTER_CODE];
    const enum master_code code = code_of(adapter, word);
    put(result->word, sizeof result->word, word, strlen(word));
    if (code == MASTER_CODE_COUNT) {
        (void)snprintf(result->trouble, sizeof result->trouble,
                       "%.80s: \"%.80s\" is neither a word of result.codes nor of the catalogue",
                       where, word);
        return;
    }
    result->code = code;
    result->reports = telling->reports;
    put(result->source, sizeof result->source, where, strlen(where));
}

/* Takes a text if there is none yet. */
static void merge_text(const struct adapter_telling *telling, enum adapter_field field, char *to,
                       size_t cap)
{
    if (to[0] == '\0' && telling->said[field]) {
        put(to, cap, telling->texts[field], strlen(telling->texts[field]));
    }
}

static void merge_ecus(const struct adapter_telling *telling, const struct adapter *adapter,
                       struct master_result *result)
{
    if (result->ecus_len > 0) {
        return;
    }
    for (size_t i = 0; i < telling->ecus_len; i++) {
        struct master_ecu_result *ecu = &result->ecus[result->ecus_len++];
        const enum master_code code = code_of(adapter, telling->ecus[i].code);
        ecu->code = code != MASTER_CODE_COUNT ? code : MASTER_NO_REPORT;
        put(ecu->name, sizeof ecu->name, telling->ecus[i].name, strlen(telling->ecus[i].name));
        put(ecu->version, sizeof ecu->version, telling->ecus[i].version,
            strlen(telling->ecus[i].version));
    }
}

void adapter_telling_merge(const struct adapter_telling *telling, const struct adapter *adapter,
                           const char *where, struct master_result *result)
{
    merge_code(telling, adapter, where, result);
    if (result->reason_code[0] == '\0' && telling->said[ADAPTER_REASON_CODE]) {
        const char *word =
            translate(adapter->reasons, adapter->reasons_len, telling->texts[ADAPTER_REASON_CODE]);
        put(result->reason_code, sizeof result->reason_code, word, strlen(word));
    }
    merge_text(telling, ADAPTER_REASON, result->reason, sizeof result->reason);
    merge_text(telling, ADAPTER_VERSION, result->version, sizeof result->version);
    if (result->sid == 0 && telling->said[ADAPTER_SID]) {
        result->sid = byte_of(telling->texts[ADAPTER_SID]);
    }
    if (result->nrc == 0 && telling->said[ADAPTER_NRC]) {
        result->nrc = byte_of(telling->texts[ADAPTER_NRC]);
    }
    result->prompt =
        result->prompt || (telling->said[ADAPTER_PROMPT] && is_yes(telling->texts[ADAPTER_PROMPT]));
    merge_ecus(telling, adapter, result);
}
