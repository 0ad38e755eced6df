/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_reader.h - where the reading of a vehicle file stands, and how it says what is
 * wrong: shared by vehicle_json.c and vehicle_check.c. */
#ifndef SIM_VEHICLE_READER_H
#define SIM_VEHICLE_READER_H

#include "sim/err.h"

#include <stddef.h>

struct vehicle_desc;
struct vehicle_personality;

enum { VEHICLE_MEMBER_PATH = 96 };

struct vehicle_reader {
    const char *file, *text;
    size_t len;
    struct err *err;
    char path[VEHICLE_MEMBER_PATH];          /* Of the member in hand. */
    struct vehicle_personality *personality; /* That is being read: names of sessions are its. */
};

/* Fill err with "file:line: path: ..." and return code. */
int vehicle_fail(struct vehicle_reader *r, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* About the second of two members of one name; returns ERR_CONFLICT. */
int vehicle_fail_again(struct vehicle_reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* About member name of list[index]. */
int vehicle_fail_member(struct vehicle_reader *r, const char *list, size_t index, const char *name,
                        int code, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Go down in the path; what they return goes to vehicle_leave(). A path that does not fit is cut:
 * the line of the message is that of an outer member then. */
size_t vehicle_enter_name(struct vehicle_reader *r, const char *name);
size_t vehicle_enter_index(struct vehicle_reader *r, size_t index);
void vehicle_leave(struct vehicle_reader *r, size_t len);

/* After all members have been read one by one. */
int vehicle_check_together(struct vehicle_reader *r, const struct vehicle_desc *desc);

#endif
