/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_telling.h - what one source of a result tells, as texts, before it is
 * translated into the words of the catalogue (adapter_result.c). */
#ifndef ENGINE_ADAPTER_TELLING_H
#define ENGINE_ADAPTER_TELLING_H

#include "scenarios/engine/adapter.h"

#include <cjson/cJSON.h>

struct adapter_telling {
    bool said[ADAPTER_FIELD_COUNT];
    char texts[ADAPTER_FIELD_COUNT][MASTER_REASON_MAX + 1]; /* Of what is told twice, the last. */
    struct {
        char name[MASTER_WORD_MAX + 1], code[MASTER_WORD_MAX + 1], version[MASTER_WORD_MAX + 1];
    } ecus[MASTER_ECUS_MAX];
    size_t ecus_len;
    uint32_t reports; /* How often a code was told. */
};

/* A text; too long a one is cut. */
void adapter_tell(struct adapter_telling *telling, enum adapter_field field, const char *text,
                  size_t len);
/* A text, number or truth value; anything else, and null, tells nothing. */
void adapter_tell_json(struct adapter_telling *telling, enum adapter_field field,
                       const cJSON *json);
/* What was told about an ECU belongs together. */
void adapter_tell_ecu_end(struct adapter_telling *telling);

/* The item at a path such as "ecus[0].version". Null: there is none, or the path is empty. */
const cJSON *adapter_json_at(const cJSON *tree, const char *path);

/* Adds to *result what it does not hold yet. where: how the source is called. */
void adapter_telling_merge(const struct adapter_telling *telling, const struct adapter *adapter,
                           const char *where, struct master_result *result);

#endif
