/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_replay.h - plays the frames of a candump log back onto a bus, from a node of its own.
 *
 * Each frame is sent when the log says, counted from its first frame; the bus decides when it gets
 * through. Lines of other interfaces and error frames are left out. */
#ifndef INJECT_BUS_REPLAY_H
#define INJECT_BUS_REPLAY_H

#include "sim/can/can_bus.h"
#include "sim/err.h"

struct bus_replay_cfg {
    const char *name;        /* Of the node; kept by pointer. Required. */
    const char *interface;   /* Of the log: "can0". Null: all. */
    sim_ns_t from_ns;        /* When the first frame is sent. */
    uint32_t speed_permille; /* 2000 is twice as fast. 0 means 1000. */
};

struct bus_replay_line {
    sim_ns_t at_ns; /* After the first one. */
    struct can_frame frame;
};

struct bus_replay {
    struct bus_replay_cfg cfg;
    struct can_node node;
    struct sim *sim;
    struct sim_event event;
    struct bus_replay_line *lines; /* Owned. */
    size_t lines_len, lines_cap;
    size_t next;
    uint64_t left_out; /* Lines that are not for this bus. */
    uint64_t sent, refused;
};

/* Reads the whole log and attaches to the bus. 0, or a code with *err filled: the file cannot be
 * read, or a line is malformed, goes back in time or holds a frame that this bus cannot carry. */
int bus_replay_start(struct bus_replay *replay, struct can_bus *bus, const char *path,
                     const struct bus_replay_cfg *cfg, struct err *err);
/* Detaches. Not from inside an event of the bus. */
void bus_replay_stop(struct bus_replay *replay);

#endif
