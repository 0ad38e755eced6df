/* SPDX-License-Identifier: Apache-2.0 */
/* inject/babbling_node.c - keeps its queue from ever being empty. */
#include "inject/babbling_node.h"

#include "inject/fault_note.h"

#include <string.h>

static void babble(struct babbling_node *babbler)
{
    const struct can_frame frame = {.id = 0, .len_bytes = CAN_CLASSIC_DATA_MAX};
    (void)can_node_send(&babbler->node, &frame);
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct babbling_node *babbler = ctx;
    (void)frame;
    (void)now_ns;
    babbler->sent++;
    if (babbler->babbling) {
        babble(babbler);
    }
}

static void on_edge(struct sim *sim, void *ctx)
{
    struct babbling_node *babbler = ctx;
    if (babbler->babbling) {
        babbler->babbling = false;
        (void)can_node_abort(&babbler->node);
        fault_note(babbler->node.bus, babbler->sent, "%s: ends", babbler->node.cfg.name);
        return;
    }
    babbler->babbling = true;
    fault_note(babbler->node.bus, 0, "%s: begins", babbler->node.cfg.name);
    babble(babbler);
    babble(babbler);
    sim_schedule(sim, &babbler->event, babbler->until_ns);
}

void babbling_node_start(struct babbling_node *babbler, struct can_bus *bus, const char *name,
                         sim_ns_t from_ns, sim_ns_t until_ns)
{
    static const struct can_node_ops ops = {.on_confirm = on_confirm};
    memset(babbler, 0, sizeof *babbler);
    babbler->sim = bus->sim;
    babbler->until_ns = until_ns;
    const sim_ns_t begin_ns = from_ns > bus->sim->now_ns ? from_ns : bus->sim->now_ns;
    CHECK(until_ns > begin_ns);
    can_node_init(&babbler->node,
                  &(struct can_node_cfg){.name = name, .ops = &ops, .ctx = babbler});
    can_bus_attach(bus, &babbler->node);
    sim_event_init(&babbler->event, SIM_FAULT, on_edge, babbler, NULL);
    sim_schedule(bus->sim, &babbler->event, begin_ns);
}

void babbling_node_stop(struct babbling_node *babbler)
{
    sim_cancel(babbler->sim, &babbler->event);
    can_bus_detach(babbler->node.bus, &babbler->node);
}
