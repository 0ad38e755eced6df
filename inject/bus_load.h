/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_load.h - background traffic: a node of its own that asks for a given share of the bus.
 *
 * The share counts what the frames take on the wire, stuff bits and intermission included. It is
 * what is offered: on a bus that is full, or against frames of higher priority, what does not fit
 * waits in the node's queue, lowest identifier first, and is given up when that is full too. */
#ifndef INJECT_BUS_LOAD_H
#define INJECT_BUS_LOAD_H

#include "sim/can/can_bus.h"
#include "sim/prng.h"

enum { BUS_LOAD_KINDS_MAX = 16 };

/* One of the identifiers that the traffic is made of. */
struct bus_load_kind {
    uint32_t id;
    uint8_t flags; /* enum can_frame_flag; not RTR. */
    uint8_t len_bytes;
    bool has_data; /* Always these bytes; else they are random. */
    uint8_t data[CAN_DATA_MAX];
    uint32_t weight; /* So many frames among the sum of all weights. At least 1. */
};

struct bus_load_cfg {
    const char *name;  /* Of the node, and of the stream "load/NAME"; kept by pointer. Required. */
    uint32_t permille; /* Of the bus's time, 1 to 2000; above 1000 the queue overflows. */
    uint32_t jitter_permille;   /* Each gap is longer or shorter by up to so much of itself, at
                                 * random;   at most 1000. */
    sim_ns_t from_ns, until_ns; /* until_ns 0: for ever. */
    size_t kinds_len;           /* 0: 8 bytes with identifier 100, which goes before diagnosis. */
    struct bus_load_kind kinds[BUS_LOAD_KINDS_MAX];
};

struct bus_load {
    struct bus_load_cfg cfg;
    struct can_node node;
    struct sim *sim;
    struct prng prng;
    struct sim_event event;
    uint64_t weights;
    double due_ns; /* When the next frame is due; the fraction keeps the share exact. */
    bool begun;
    struct can_frame next;
    uint64_t offered, refused; /* Frames; refused of them found no room. */
};

/* Attaches to the bus; begins at from_ns, or now. */
void bus_load_start(struct bus_load *load, struct can_bus *bus, const struct bus_load_cfg *cfg);
/* Detaches. Not from inside an event of the bus. */
void bus_load_stop(struct bus_load *load);

#endif
