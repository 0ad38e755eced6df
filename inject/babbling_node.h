/* SPDX-License-Identifier: Apache-2.0 */
/* inject/babbling_node.h - a node that has lost its mind: it sends frames of the highest priority,
 * one right after the other, and lets nobody else through. */
#ifndef INJECT_BABBLING_NODE_H
#define INJECT_BABBLING_NODE_H

#include "sim/can/can_bus.h"

struct babbling_node {
    struct can_node node;
    struct sim *sim;
    struct sim_event event; /* The begin, then the end. */
    sim_ns_t until_ns;
    bool babbling;
    uint64_t sent;
};

/* Identifier 0, eight bytes of 0, from from_ns (or now) until until_ns. The name is kept by
 * pointer. */
void babbling_node_start(struct babbling_node *babbler, struct can_bus *bus, const char *name,
                         sim_ns_t from_ns, sim_ns_t until_ns);
/* Detaches. Not from inside an event of the bus. */
void babbling_node_stop(struct babbling_node *babbler);

#endif
