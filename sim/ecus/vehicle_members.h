/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_members.h - what a vehicle file may hold, as tables of members, and the readers
 * of values that they need. Whatever is wrong is said with file, line and path (vehicle_reader.h).
 */
#ifndef SIM_VEHICLE_MEMBERS_H
#define SIM_VEHICLE_MEMBERS_H

#include "sim/ecus/vehicle_reader.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum member_kind {
    MEMBER_NAME,   /* Letters, digits, '_', '-' and '.'; min to max characters; char[max + 1]. */
    MEMBER_TEXT,   /* Printable ASCII, min to max characters; likewise. */
    MEMBER_NUMBER, /* A JSON number or a text "0x...", min to max; uint32_t. */
    MEMBER_CHOICE, /* One of the texts; its index is stored; uint32_t. */
    MEMBER_YES_NO, /* true or false; bool. */
    MEMBER_BYTES,  /* Hexadecimal text, min to max bytes; struct vehicle_bytes. */
    MEMBER_OBJECT, /* Its members go into the same struct. */
    MEMBER_LIST,   /* min to max entries, each read by the function. */
    MEMBER_CALL,   /* Read by the function. */
};

struct member;

/* to: the field at the member's offset; index: of the entry of a list, else 0. */
typedef int member_fn(struct vehicle_reader *r, const cJSON *json, void *to, size_t index);

struct member {
    const char *name;
    enum member_kind kind;
    bool required;
    uint32_t min, max;
    size_t offset;
    const char *const *choices;   /* Null-terminated. */
    const struct member *members; /* Ends with a row without a name. */
    member_fn *read;
};

#define MEMBERS_END                                                                                \
    {                                                                                              \
        .name = NULL                                                                               \
    }

enum { VEHICLE_BYTES_MAX = 64 };
struct vehicle_bytes {
    uint32_t len;
    uint8_t bytes[VEHICLE_BYTES_MAX];
};

int vehicle_read_object(struct vehicle_reader *r, const cJSON *json, const struct member *members,
                        void *to);
int vehicle_read_value(struct vehicle_reader *r, const cJSON *json, const struct member *m,
                       void *to);
/* A pair of addresses. */
int vehicle_read_range(struct vehicle_reader *r, const cJSON *json, uint32_t *start, uint32_t *end);
/* Hexadecimal digits in pairs, blanks between pairs. False: something else, or too many. */
bool vehicle_hex_parse(const char *text, struct vehicle_bytes *to);

#endif
