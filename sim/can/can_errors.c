/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_errors.c - error counters and error states of controllers (ISO 11898-1:2015, 12.1.4).
 *
 * Simplifications, all in favour of one event a frame: every error of a frame is counted at the
 * instant it is detected, error flags are not disturbed themselves, and the recovery sequence is
 * 128 x 11 bit times long whatever the other nodes send meanwhile. */
#include "sim/can/can_private.h"

enum {
    TX_FAILED = 8,
    RX_FAILED = 1,
    RX_FLAGGED_FIRST = 8, /* It sees a dominant bit right after its own flag. */
    PASSIVE_ABOVE = 127,
    BUS_OFF_ABOVE = 255,
    REC_MAX = 255,
    REC_AFTER_PASSIVE = 119, /* The standard allows 119 to 127. */
};

static enum can_state state_of(const struct can_node *node)
{
    if (node->tec > BUS_OFF_ABOVE) {
        return CAN_BUS_OFF;
    }
    return node->tec > PASSIVE_ABOVE || node->rec > PASSIVE_ABOVE ? CAN_ERROR_PASSIVE
                                                                  : CAN_ERROR_ACTIVE;
}

static void update_state(struct can_bus *bus, struct can_node *node)
{
    const enum can_state next = state_of(node);
    if (next == node->state) {
        return;
    }
    struct sim *sim = bus->sim;
    node->state = next;
    if (next == CAN_BUS_OFF) {
        node->ready_ns = SIM_NEVER;
        if (!node->cfg.manual_recovery) {
            can_errors_start_recovery(bus, node);
        }
    }
    can_bus_update_sets(bus, node);
    if (trace_on(sim->cfg.trace)) {
        const uint64_t args[TRACE_ARGS] = {next, node->tec, node->rec};
        trace_emit(sim->cfg.trace, sim->now_ns, TRACE_CAN_STATE, node->source, args, NULL, 0);
    }
    if (node->cfg.ops->on_state != NULL) {
        node->cfg.ops->on_state(node->cfg.ctx, next, sim->now_ns);
    }
}

void can_errors_sent(struct can_bus *bus, struct can_node *node)
{
    if (node->tec > 0) {
        node->tec--;
        update_state(bus, node);
    }
}

void can_errors_received(struct can_bus *bus, struct can_node *node)
{
    if (node->rec > 0 && !node->cfg.listen_only) {
        node->rec = node->rec > PASSIVE_ABOVE ? REC_AFTER_PASSIVE : (uint16_t)(node->rec - 1);
        update_state(bus, node);
    }
}

void can_errors_send_failed(struct can_bus *bus, struct can_node *node, enum can_error_cause cause)
{
    /* Rule c), exception 1: nobody answers a passive error flag after a missing
     * acknowledgement, so a lone controller stays on the bus for ever. */
    if (!node->powered || (cause == CAN_ERROR_ACK && node->state == CAN_ERROR_PASSIVE)) {
        return;
    }
    node->tec = (uint16_t)(node->tec + TX_FAILED);
    update_state(bus, node);
}

void can_errors_receive_failed(struct can_bus *bus, struct can_node *node, bool flagged_first)
{
    if (!node->powered || node->cfg.listen_only) {
        return;
    }
    const unsigned rec = node->rec + (unsigned)RX_FAILED + (flagged_first ? RX_FLAGGED_FIRST : 0);
    node->rec = (uint16_t)(rec < REC_MAX ? rec : REC_MAX);
    update_state(bus, node);
}

void can_errors_start_recovery(struct can_bus *bus, struct can_node *node)
{
    node->recovering = true;
    /* A stuck dominant wire has no recessive bits; can_bus_set_fault starts it again. */
    if (bus->fault == CAN_WIRE_STUCK_DOMINANT) {
        node->ready_ns = SIM_NEVER;
        return;
    }
    node->ready_ns = bus->sim->now_ns + can_bus_clock_ns(bus, CAN_BUS_OFF_RECOVERY_BITS);
    can_errors_schedule_recovery(bus);
}

void can_errors_schedule_recovery(struct can_bus *bus)
{
    sim_ns_t due_ns = SIM_NEVER;
    for (size_t i = 0; i < bus->nodes_len; i++) {
        if (bus->nodes[i]->recovering) {
            due_ns = sim_min_ns(due_ns, bus->nodes[i]->ready_ns);
        }
    }
    sim_schedule(bus->sim, &bus->transmission->recover, due_ns);
}

void can_errors_on_recover(struct sim *sim, void *ctx)
{
    struct can_bus *bus = ctx;
    bus->transmission->calling = true;
    for (size_t i = 0; i < bus->nodes_len; i++) {
        struct can_node *node = bus->nodes[i];
        if (node->recovering && node->ready_ns <= sim->now_ns) {
            node->recovering = false;
            node->tec = 0;
            node->rec = 0;
            update_state(bus, node);
        }
    }
    bus->transmission->calling = false;
    can_errors_schedule_recovery(bus);
    can_transmission_request(bus);
}
