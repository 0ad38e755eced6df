/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_cut.h - where to cut: instants of operations, each with a short id, and
 * the plan of a sweep, which has each instant once. */
#ifndef EXPLORE_CUT_H
#define EXPLORE_CUT_H

#include "scenarios/explore/explore_points.h"
#include "sim/prng.h"

/* How much of an operation has happened: nothing, one to four fifths, all; and of an operation of
 * flash so little, or so nearly all, that cells are weak but read as before, or as after. */
enum {
    EXPLORE_PART_BEFORE = 0,
    EXPLORE_PART_AFTER = 5,
    EXPLORE_PART_BEGUN = 6,
    EXPLORE_PART_NEARLY = 7,
    EXPLORE_PARTS = 8
};
/* The instant at which that part has happened. */
sim_ns_t explore_op_part_ns(const struct explore_op *op, uint8_t part);

/* An instant: an operation by kind and number, and how much of it has happened. */
struct explore_cut {
    uint8_t kind; /* enum explore_op_kind. */
    uint8_t part; /* EXPLORE_PART_... */
    uint32_t number;
    sim_ns_t at_ns; /* Not part of its id. */
};

enum { EXPLORE_CUTS_MAX = 2, EXPLORE_ID_CHARS = 40 };

/* Fills in the instant. ERR_NOT_FOUND: there is no such operation. */
int explore_cut_place(struct explore_cut *cut, const struct explore_op *ops, size_t ops_len,
                      struct err *err);

/* One cut, and those that follow while the master recovers: "f12.3", "f12.3+b1.0". Operations of a
 * further cut are counted from the cut before. No cut at all: "clean". */
struct explore_path {
    uint8_t len;
    struct explore_cut cuts[EXPLORE_CUTS_MAX];
};
void explore_path_print(const struct explore_path *path, char text[EXPLORE_ID_CHARS]);
/* False: the text is no id. */
bool explore_path_parse(struct explore_path *path, const char *text);

enum explore_mode {
    EXPLORE_LOG,        /* Operations 1, 2, 4, 8, ... of each kind, in all their parts. */
    EXPLORE_LINEAR,     /* Each operation, before and after it. */
    EXPLORE_EXHAUSTIVE, /* Each operation, in all its parts. */
};

struct explore_plan_cfg {
    enum explore_mode mode;
    size_t sample; /* So many of them, drawn at random. 0: all. */
};

/* What became of the points: parts of operations. */
struct explore_plan_counts {
    uint64_t points;       /* Of all operations, whatever the mode. */
    uint64_t not_in_mode;  /* Left out by the mode. */
    uint64_t no_supply;    /* Left out: the target has no supply then anyway. */
    uint64_t same_instant; /* At an instant that another point has. */
    uint64_t not_drawn;    /* Left out by the sample. */
    uint64_t cuts;         /* The rest. */
};

struct explore_plan {
    struct explore_cut *cuts; /* Owned. By rising instant. */
    size_t len;
    struct explore_plan_counts counts;
};

/* Instants after after_ns. ERR_NOMEM if there is no memory. prng: for the sample. */
int explore_plan_make(struct explore_plan *plan, const struct explore_plan_cfg *cfg,
                      const struct explore_op *ops, size_t ops_len, sim_ns_t after_ns,
                      struct prng *prng, struct err *err);
/* Of the recovery after a first cut, whose operations these are. With a sample one of them, drawn
 * for this recovery alone. */
int explore_plan_make_second(struct explore_plan *plan, const struct explore_plan_cfg *cfg,
                             const struct explore_path *first, const struct explore_op *ops,
                             size_t ops_len, uint64_t seed, struct err *err);
void explore_plan_release(struct explore_plan *plan);
/* Adds them, in the order of the struct. */
enum { EXPLORE_PLAN_NUMBERS = 6 };
void explore_plan_counts_add(uint64_t numbers[EXPLORE_PLAN_NUMBERS],
                             const struct explore_plan_counts *counts);

#endif
