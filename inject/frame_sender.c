/* SPDX-License-Identifier: Apache-2.0 */
/* inject/frame_sender.c - sends its frame at each due time. */
#include "inject/frame_sender.h"

#include "inject/fault_note.h"

#include <string.h>

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct frame_sender *sender = ctx;
    (void)frame;
    if (sender->sent++ == 0) {
        sender->first_ns = now_ns;
    }
}

static bool is_over(const struct frame_sender *sender, sim_ns_t at_ns)
{
    const struct frame_sender_cfg *cfg = &sender->cfg;
    return at_ns >= cfg->until_ns || (cfg->times != 0 && sender->tried >= cfg->times) ||
           (cfg->every_ns == 0 && sender->tried > 0);
}

static void on_due(struct sim *sim, void *ctx)
{
    struct frame_sender *sender = ctx;
    const char *name = sender->cfg.name;
    if (is_over(sender, sim->now_ns)) {
        fault_note(sender->node.bus, sender->sent, "%s: ends", name);
        return;
    }
    if (sender->tried++ == 0) {
        fault_note(sender->node.bus, 0, "%s: begins", name);
    }
    (void)can_node_send(&sender->node, &sender->cfg.frame);
    if (sender->cfg.every_ns != 0) {
        sim_schedule(sim, &sender->event, sim->now_ns + sender->cfg.every_ns);
    }
}

void frame_sender_start(struct frame_sender *sender, struct can_bus *bus,
                        const struct frame_sender_cfg *cfg)
{
    static const struct can_node_ops ops = {.on_confirm = on_confirm};
    memset(sender, 0, sizeof *sender);
    sender->cfg = *cfg;
    sender->sim = bus->sim;
    can_node_init(&sender->node,
                  &(struct can_node_cfg){
                      .name = cfg->name, .ops = &ops, .ctx = sender, .queue_len = CAN_QUEUE_MAX});
    can_bus_attach(bus, &sender->node);
    sim_event_init(&sender->event, SIM_NODE, on_due, sender, NULL);
    sim_schedule(bus->sim, &sender->event,
                 cfg->from_ns > bus->sim->now_ns ? cfg->from_ns : bus->sim->now_ns);
}

void frame_sender_stop(struct frame_sender *sender)
{
    sim_cancel(sender->sim, &sender->event);
    can_bus_detach(sender->node.bus, &sender->node);
}
