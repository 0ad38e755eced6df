/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_bus.c - who is on the bus, who listens in, and what state the wires are in. */
#include "sim/can/can_bus.h"

#include "sim/can/can_private.h"

#include <stdlib.h>

enum { NOMINAL_BPS_MIN = 10000, NOMINAL_BPS_MAX = 1000000, DATA_BPS_MAX = 12000000 };

void can_bus_init(struct can_bus *bus, struct sim *sim, const struct can_bus_cfg *cfg)
{
    CHECK(cfg->name != NULL && cfg->data_bps <= DATA_BPS_MAX);
    CHECK(cfg->nominal_bps >= NOMINAL_BPS_MIN && cfg->nominal_bps <= NOMINAL_BPS_MAX);
    *bus = (struct can_bus){.cfg = *cfg, .sim = sim};
    if (sim->cfg.trace != NULL) {
        bus->source = trace_source(sim->cfg.trace, cfg->name);
    }
    can_transmission_init(bus);
}

void can_bus_release(struct can_bus *bus)
{
    while (bus->nodes_len > 0) {
        can_bus_detach(bus, bus->nodes[bus->nodes_len - 1]);
    }
    can_transmission_release(bus);
}

static void put(can_node_set *set, can_node_set node, bool member)
{
    *set = member ? *set | node : *set & ~node;
}

void can_bus_update_sets(struct can_bus *bus, const struct can_node *node)
{
    struct can_transmission *tr = bus->transmission;
    const can_node_set self = can_set_of(node);
    const bool on_bus = node->powered && node->state != CAN_BUS_OFF;
    const bool awake = on_bus && !node->asleep;
    const bool answers = awake && !node->cfg.listen_only;
    put(&tr->receiving, self, awake);
    put(&tr->answering, self, answers);
    put(&tr->wanting, self, answers && node->queue_used > 0);
    put(&tr->sleeping, self, on_bus && node->asleep);
}

void can_bus_attach(struct can_bus *bus, struct can_node *node)
{
    CHECK(node->bus == NULL && bus->nodes_len < CAN_NODES_MAX);
    node->bus = bus;
    node->slot = (uint8_t)bus->nodes_len;
    node->receives_fd = bus->cfg.data_bps != 0 && !node->cfg.classical;
    if (bus->sim->cfg.trace != NULL) {
        node->source = trace_source(bus->sim->cfg.trace, node->cfg.name);
    }
    bus->nodes[bus->nodes_len++] = node;
    can_bus_update_sets(bus, node);
    if (node->recovering) {
        can_errors_start_recovery(bus, node);
    }
}

/* Takes one slot out of a set and moves those above it down. */
static can_node_set without_slot(can_node_set set, unsigned slot)
{
    const can_node_set below = (UINT64_C(1) << slot) - 1;
    return (set & below) | (set >> 1 & ~below);
}

void can_bus_detach(struct can_bus *bus, struct can_node *node)
{
    struct can_transmission *tr = bus->transmission;
    CHECK(node->bus == bus && !tr->calling);
    can_transmission_leave(bus, node);
    can_transmission_forget_sender(bus, node);
    can_node_set *sets[] = {&tr->wanting,  &tr->receiving, &tr->answering,
                            &tr->sleeping, &tr->senders,   &tr->audience};
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        *sets[i] = without_slot(*sets[i], node->slot);
    }
    bus->nodes_len--;
    for (size_t i = node->slot; i < bus->nodes_len; i++) {
        bus->nodes[i] = bus->nodes[i + 1];
        bus->nodes[i]->slot = (uint8_t)i;
    }
    node->bus = NULL;
}

void can_bus_add_tap(struct can_bus *bus, struct can_tap *tap)
{
    CHECK(tap->on_transmit != NULL && bus->taps_len < CAN_TAPS_MAX);
    bus->taps[bus->taps_len++] = tap;
}

void can_bus_remove_tap(struct can_bus *bus, struct can_tap *tap)
{
    size_t at = 0;
    while (at < bus->taps_len && bus->taps[at] != tap) {
        at++;
    }
    CHECK(at < bus->taps_len);
    bus->taps_len--;
    for (; at < bus->taps_len; at++) {
        bus->taps[at] = bus->taps[at + 1];
    }
}

static void wire_freed(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    const sim_ns_t joined_ns = bus->sim->now_ns + can_bus_bits_ns(bus, CAN_INTEGRATION_BITS);
    tr->idle_ns = tr->idle_ns > joined_ns ? tr->idle_ns : joined_ns;
    for (size_t i = 0; i < bus->nodes_len; i++) {
        if (bus->nodes[i]->recovering) {
            can_errors_start_recovery(bus, bus->nodes[i]);
        }
    }
    can_transmission_request(bus);
}

static void wire_stuck_dominant(struct can_bus *bus)
{
    for (size_t i = 0; i < bus->nodes_len; i++) {
        if (bus->nodes[i]->recovering) {
            bus->nodes[i]->ready_ns = SIM_NEVER;
        }
    }
    can_errors_schedule_recovery(bus);
    can_transmission_wake_all(bus);
}

void can_bus_set_fault(struct can_bus *bus, enum can_wire_fault fault)
{
    const enum can_wire_fault before = bus->fault;
    if (before == fault) {
        return;
    }
    bus->fault = fault;
    if (fault != CAN_WIRE_OK) {
        can_transmission_break(bus);
    }
    if (fault == CAN_WIRE_STUCK_DOMINANT) {
        wire_stuck_dominant(bus);
    } else if (before == CAN_WIRE_STUCK_DOMINANT) {
        wire_freed(bus);
    }
}
