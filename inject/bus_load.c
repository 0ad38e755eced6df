/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_load.c - each frame is followed by a gap that makes its own length the wanted share.
 */
#include "inject/bus_load.h"

#include "inject/fault_note.h"
#include "sim/can/can_wire.h"

#include <stdio.h>
#include <string.h>

enum { STREAM_CHARS = 128 };

static const struct bus_load_kind usual = {.id = 0x100, .len_bytes = 8, .weight = 1};

static void draw_frame(struct bus_load *load)
{
    uint64_t ticket = prng_below(&load->prng, load->weights);
    const struct bus_load_kind *kind = load->cfg.kinds;
    while (ticket >= kind->weight) {
        ticket -= kind->weight;
        kind++;
    }
    load->next =
        (struct can_frame){.id = kind->id, .flags = kind->flags, .len_bytes = kind->len_bytes};
    if (kind->has_data) {
        memcpy(load->next.data, kind->data, sizeof kind->data);
    } else {
        prng_fill(&load->prng, load->next.data, kind->len_bytes);
    }
}

/* With the intermission. */
static double frame_ns(const struct bus_load *load)
{
    const struct can_bus_cfg *bus = &load->node.bus->cfg;
    const struct can_wire wire = can_wire_measure(&load->next);
    return (double)can_wire_duration_ns(&wire, bus->nominal_bps, bus->data_bps) +
           CAN_INTERMISSION_BITS * 1e9 / bus->nominal_bps;
}

/* From -1 to 1. */
static double draw_swing(struct bus_load *load)
{
    enum { STEPS = 1 << 20 };
    return (double)prng_below(&load->prng, STEPS + 1) * 2.0 / STEPS - 1.0;
}

/* The gap swings about its mean, the due time does not: swings do not add up. */
static sim_ns_t send_time_ns(struct bus_load *load, double period_ns)
{
    const double swing = draw_swing(load) * load->cfg.jitter_permille / 1000.0;
    const double at_ns = load->due_ns + period_ns * (1.0 + swing) / 2.0;
    return at_ns > (double)load->sim->now_ns ? (sim_ns_t)at_ns : load->sim->now_ns;
}

static void plan_next(struct bus_load *load)
{
    draw_frame(load);
    const double period_ns = frame_ns(load) * 1000.0 / load->cfg.permille;
    const sim_ns_t at_ns = send_time_ns(load, period_ns);
    load->due_ns += period_ns;
    if (load->cfg.until_ns == 0 || at_ns < load->cfg.until_ns) {
        sim_schedule(load->sim, &load->event, at_ns);
    } else {
        sim_schedule(load->sim, &load->event, load->cfg.until_ns);
    }
}

static void on_due(struct sim *sim, void *ctx)
{
    struct bus_load *load = ctx;
    if (load->cfg.until_ns != 0 && sim->now_ns >= load->cfg.until_ns) {
        (void)can_node_abort(&load->node);
        fault_note(load->node.bus, load->offered, "%s: ends", load->cfg.name);
        return;
    }
    if (!load->begun) {
        load->begun = true;
        load->due_ns = (double)sim->now_ns;
        fault_note(load->node.bus, load->cfg.permille, "%s: begins", load->cfg.name);
        plan_next(load);
        return;
    }
    load->offered++;
    load->refused += can_node_send(&load->node, &load->next) != CAN_SEND_QUEUED;
    plan_next(load);
}

static void take_kinds(struct bus_load *load)
{
    if (load->cfg.kinds_len == 0) {
        load->cfg.kinds[load->cfg.kinds_len++] = usual;
    }
    for (size_t i = 0; i < load->cfg.kinds_len; i++) {
        CHECK(load->cfg.kinds[i].weight > 0);
        load->weights += load->cfg.kinds[i].weight;
    }
}

void bus_load_start(struct bus_load *load, struct can_bus *bus, const struct bus_load_cfg *cfg)
{
    static const struct can_node_ops deaf = {.on_frame = NULL};
    char stream[STREAM_CHARS];
    CHECK(cfg->permille >= 1 && cfg->permille <= 2000 && cfg->jitter_permille <= 1000);
    CHECK(cfg->kinds_len <= BUS_LOAD_KINDS_MAX);
    memset(load, 0, sizeof *load);
    load->cfg = *cfg;
    load->sim = bus->sim;
    take_kinds(load);
    (void)snprintf(stream, sizeof stream, "load/%s", cfg->name);
    prng_init(&load->prng, bus->sim->cfg.seed, stream);
    can_node_init(&load->node, &(struct can_node_cfg){.name = cfg->name,
                                                      .ops = &deaf,
                                                      .queue_len = CAN_QUEUE_MAX,
                                                      .priority_queue = true});
    can_bus_attach(bus, &load->node);
    sim_event_init(&load->event, SIM_NODE, on_due, load, NULL);
    sim_schedule(bus->sim, &load->event,
                 cfg->from_ns > bus->sim->now_ns ? cfg->from_ns : bus->sim->now_ns);
}

void bus_load_stop(struct bus_load *load)
{
    sim_cancel(load->sim, &load->event);
    can_bus_detach(load->node.bus, &load->node);
}
