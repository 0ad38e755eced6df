/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_fault.c - wires that stick for a time, and controllers that are driven into bus-off.
 */
#include "inject/bus_fault.h"

#include "inject/fault_note.h"

#include <string.h>

/* Behind the arbitration of either kind of identifier, stuff bits included: the sender sees a bit
 * error, which costs it 8 counts whatever its state. */
enum { DESTROYED_BIT = 40 };

static void end(struct wire_fault *wire)
{
    wire->active = false;
    can_bus_set_fault(wire->bus, CAN_WIRE_OK);
    fault_note(wire->bus, wire->fault, "%s: ends", wire->name);
}

static void on_edge(struct sim *sim, void *ctx)
{
    struct wire_fault *wire = ctx;
    if (wire->active) {
        end(wire);
        return;
    }
    wire->active = true;
    fault_note(wire->bus, wire->fault, "%s: begins", wire->name);
    can_bus_set_fault(wire->bus, wire->fault);
    sim_schedule(sim, &wire->event, wire->until_ns);
}

void wire_fault_start(struct wire_fault *wire, struct can_bus *bus, const char *name,
                      enum can_wire_fault fault, sim_ns_t from_ns, sim_ns_t until_ns)
{
    const sim_ns_t begin_ns = from_ns > bus->sim->now_ns ? from_ns : bus->sim->now_ns;
    CHECK(until_ns > begin_ns && fault != CAN_WIRE_OK);
    memset(wire, 0, sizeof *wire);
    wire->bus = bus;
    wire->name = name;
    wire->fault = fault;
    wire->until_ns = until_ns;
    sim_event_init(&wire->event, SIM_FAULT, on_edge, wire, NULL);
    sim_schedule(bus->sim, &wire->event, begin_ns);
}

void wire_fault_stop(struct wire_fault *wire)
{
    sim_cancel(wire->bus->sim, &wire->event);
    if (wire->active) {
        end(wire);
    }
}

struct inject_rule_cfg bus_off_rule(const char *name, const struct can_node *node, sim_ns_t from_ns,
                                    sim_ns_t until_ns)
{
    return (struct inject_rule_cfg){
        .name = name,
        .where = {.sender = node},
        .when = {.from_ns = from_ns, .until_ns = until_ns},
        .effect = {.damage = true, .damage_bit = DESTROYED_BIT},
    };
}
