/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_reader.h - reading objects, lists and texts of an adapter file: shared
 * by adapter_json.c and adapter_source_json.c. Where the reading stands, and how it says what is
 * wrong, is sim/ecus/vehicle_reader.h. */
#ifndef ENGINE_ADAPTER_READER_H
#define ENGINE_ADAPTER_READER_H

#include "scenarios/engine/adapter.h"
#include "sim/ecus/vehicle_reader.h"

#include <cjson/cJSON.h>

/* A member named so is for people: its value is skipped, wherever it stands and however often. */
#define ADAPTER_COMMENT "//"

struct adapter_member {
    const char *name;
    bool required;
    int (*read)(struct vehicle_reader *r, const cJSON *json, void *to);
};

/* An object whose members are known; each goes to the same `to`. */
int adapter_read_object(struct vehicle_reader *r, const cJSON *json,
                        const struct adapter_member *members, size_t len, void *to);

/* A table that the author of the file fills: read() once for each member that is no comment. */
typedef int adapter_entry_fn(struct vehicle_reader *r, const char *name, const cJSON *json,
                             void *to);
int adapter_read_map(struct vehicle_reader *r, const cJSON *json, size_t max,
                     adapter_entry_fn *read, void *to);
/* A list with min to max entries. */
typedef int adapter_element_fn(struct vehicle_reader *r, const cJSON *json, void *to);
int adapter_read_list(struct vehicle_reader *r, const cJSON *json, size_t min, size_t max,
                      adapter_element_fn *read, void *to);

/* A text without control characters, min to cap - 1 bytes. */
int adapter_read_text(struct vehicle_reader *r, const cJSON *json, size_t min, char *to,
                      size_t cap);
/* Likewise, and its placeholders are known. */
int adapter_read_template(struct vehicle_reader *r, const cJSON *json, size_t min, char *to,
                          size_t cap);
/* Letters, digits, '_', '-' and '.'. */
int adapter_check_name(struct vehicle_reader *r, const char *text);

/* The member "result" (adapter_source_json.c). */
int adapter_read_result(struct vehicle_reader *r, const cJSON *json, void *to);

/* Placeholders (adapter_fill.c). */
/* What a placeholder stands for. Returns a text that holds until the next call, or null. */
typedef const char *adapter_value_fn(void *ctx, const char *name);
/* Replaces each {name}; "{{" is a bracket. False: bad holds the first placeholder that value() does
 * not know, "" if a bracket is not closed, or ADAPTER_TOO_LONG. */
#define ADAPTER_TOO_LONG " too long"
bool adapter_fill(const char *text, adapter_value_fn *value, void *ctx, char *to, size_t cap,
                  char *bad, size_t bad_cap);
/* Whether that placeholder exists, with profile parameters. */
bool adapter_placeholder_known(const char *name);
const char *adapter_placeholder_nearest(const char *name);
/* Whether the text holds that placeholder. */
bool adapter_uses(const char *text, const char *name);

#endif
