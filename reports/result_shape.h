/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_shape.h - which members the objects of results.json have, and where each stands in
 * the model (result.h, result_sweep.h): one table that is written from and read into.
 *
 * docs/results.schema.json says the same to others. */
#ifndef REPORTS_RESULT_SHAPE_H
#define REPORTS_RESULT_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#define RESULT_FORMAT_FAMILY "limphome-results/"
#define RESULT_FORMAT        RESULT_FORMAT_FAMILY "4"

enum shape_kind {
    SHAPE_TEXT,    /* char *; null is written as "". */
    SHAPE_NO_TEXT, /* The same, and "" is read as null. */
    SHAPE_U64,     /* As a text: 64 bits do not fit into a number of JSON. */
    SHAPE_INSTANT, /* The same; SIM_NEVER is left out, because no number can stand for it. */
    SHAPE_U32,     /* A number up to max. */
    SHAPE_VERDICT, /* By name. */
    SHAPE_DIGEST,  /* char[33]: 32 hexadecimal digits, or none. */
    SHAPE_BOOL,
    SHAPE_MERGE,     /* enum sweep_merge, by name. */
    SHAPE_UNITS,     /* struct sweep_units *, at len_at how many: as sweep_code.h has them. */
    SHAPE_STATES,    /* uint64_t *, likewise; left out if there is none. */
    SHAPE_EDGES,     /* sim_ns_t *, at len_at how many. */
    SHAPE_COUNTS,    /* Of struct sweep_map: a list for each bin, with a number for each verdict. */
    SHAPE_MAP,       /* struct sweep_map; left out if it has no axis. */
    SHAPE_LIST,      /* Of objects: a pointer, and at len_at how many. */
    SHAPE_NON_EMPTY, /* A list that has at least one. */
    SHAPE_OPTIONAL   /* A list that is left out if it has none. */
};

struct shape_member {
    const char *name;
    enum shape_kind kind;
    size_t at;
    size_t len_at;          /* Of lists, units, states. */
    uint32_t max;           /* Of SHAPE_U32. */
    const struct shape *of; /* Of lists the elements, and of the map. */
};

struct shape {
    size_t bytes; /* Of the struct. */
    const struct shape_member *members;
    size_t members_len;
};

extern const struct shape shape_run, shape_case, shape_play, shape_sweep;

/* Names of enum sweep_merge: "sum", "same", "states". */
extern const char *const shape_merges[];
enum { SHAPE_MERGES = 3 };

#endif
