/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_fault.h - faults of the wires and of one controller: short circuits, and bus-off. */
#ifndef INJECT_BUS_FAULT_H
#define INJECT_BUS_FAULT_H

#include "inject/inject_bus.h"

/* Both wires for a time. At most one at a time on a bus. */
struct wire_fault {
    struct can_bus *bus;
    const char *name;
    enum can_wire_fault fault;
    sim_ns_t until_ns;
    bool active;
    struct sim_event event; /* The begin, then the end. */
};

/* From from_ns (or now) until until_ns (SIM_NEVER: for good). The name is kept by pointer. */
void wire_fault_start(struct wire_fault *wire, struct can_bus *bus, const char *name,
                      enum can_wire_fault fault, sim_ns_t from_ns, sim_ns_t until_ns);
/* Ends it before its time. */
void wire_fault_stop(struct wire_fault *wire);

/* A rule that destroys each frame of this node in the window: 32 in a row drive its controller into
 * bus-off, and again each time that it has recovered and tries. The other nodes see error frames.
 */
struct inject_rule_cfg bus_off_rule(const char *name, const struct can_node *node, sim_ns_t from_ns,
                                    sim_ns_t until_ns);

#endif
