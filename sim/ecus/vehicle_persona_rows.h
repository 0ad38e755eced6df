/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_persona_rows.h - rows of member tables that the readers of a personality share,
 * and those readers. Rows are read into plain structs of 32-bit numbers first, as all members are,
 * and then put into the tables. */
#ifndef SIM_VEHICLE_PERSONA_ROWS_H
#define SIM_VEHICLE_PERSONA_ROWS_H

#include "sim/ecus/vehicle_personality.h"

/* Entries of lists; to: a set of enum boot_where, a set of sessions, a struct boot_record. The
 * first entry empties the set. */
member_fn persona_read_place, persona_read_session_number, persona_read_field;
/* Entries of lists; to: the struct vehicle_personality. */
member_fn persona_read_level, persona_read_identifier, persona_read_routine;

struct boot_bytes persona_answer_of(const struct vehicle_bytes *from);

extern const struct member persona_level_members[], persona_identifier_members[];
extern const struct member persona_routine_members[];

#define PLACES(label, at)                                                                          \
    {                                                                                              \
        .name = (label), .kind = MEMBER_LIST, .min = 1, .max = 3, .offset = (at),                  \
        .read = persona_read_place                                                                 \
    }
#define SESSIONS(label, at)                                                                        \
    {                                                                                              \
        .name = (label), .kind = MEMBER_LIST, .min = 1, .max = BOOT_SESSIONS_MAX, .offset = (at),  \
        .read = persona_read_session_number                                                        \
    }
#define NUMBER(label, low, high, at)                                                               \
    {                                                                                              \
        .name = (label), .kind = MEMBER_NUMBER, .min = (low), .max = (high), .offset = (at)        \
    }
#define BYTES(label, low, high, at)                                                                \
    {                                                                                              \
        .name = (label), .kind = MEMBER_BYTES, .min = (low), .max = (high), .offset = (at)         \
    }
#define YES_NO(label, at)                                                                          \
    {                                                                                              \
        .name = (label), .kind = MEMBER_YES_NO, .offset = (at)                                     \
    }
#define HOOK(label, at)                                                                            \
    {                                                                                              \
        .name = (label), .kind = MEMBER_NAME, .min = 1, .max = PERSONA_HOOK_MAX, .offset = (at)    \
    }
#define CHOICE(label, texts, at)                                                                   \
    {                                                                                              \
        .name = (label), .kind = MEMBER_CHOICE, .choices = (texts), .offset = (at)                 \
    }

#define RECORD(label, at)                                                                          \
    {                                                                                              \
        .name = (label), .kind = MEMBER_LIST, .max = BOOT_FIELDS_MAX, .offset = (at),              \
        .read = persona_read_field                                                                 \
    }

#endif
