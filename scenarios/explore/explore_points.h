/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_points.h - the operations of a run, in the order in which they begin:
 * flash commands, background steps of emulated EEPROM, frames on the target's bus. Each of them can
 * be cut before, in and after. */
#ifndef EXPLORE_POINTS_H
#define EXPLORE_POINTS_H

#include "scenarios/explore/explore_world.h"

enum explore_op_kind { EXPLORE_FLASH, EXPLORE_EEPROM, EXPLORE_FRAME, EXPLORE_OP_KINDS };

/* One letter, and what people call them. */
char explore_op_letter(enum explore_op_kind kind);
const char *explore_op_kind_text(enum explore_op_kind kind);

struct explore_op {
    uint8_t kind;    /* enum explore_op_kind. */
    uint8_t command; /* Of the flash; 0 for a frame. */
    bool powered;    /* The target had its supply when it began. */
    uint32_t what;   /* Flash address, or identifier of the frame. */
    uint32_t number; /* Among those of its kind since the watch began, from 1. */
    sim_ns_t start_ns, end_ns;
};

struct explore_points {
    struct explore_op *ops; /* The caller's; room for cap. */
    size_t cap;
    size_t len;
    bool full; /* There were more. */
    uint32_t numbers[EXPLORE_OP_KINDS];
    struct explore_world *world;
    struct can_tap tap;
    bool watching;
};

/* Notes each operation of the target's flash and bus from now on. One watch for a world. */
void explore_points_watch(struct explore_points *points, struct explore_world *world,
                          struct explore_op *ops, size_t cap);
void explore_points_stop(struct explore_points *points);

#endif
