/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_start_frames.c - begins faults of frames and messages. */
#include "scenarios/explore/fault_play.h"

static void stop_rule(struct fault_slot *slot)
{
    inject_bus_remove(&slot->as.frames);
}

static void add_rule(struct fault_slot *slot, const struct inject_rule_cfg *cfg)
{
    inject_bus_add(&slot->play->world.judge.inject, &slot->as.frames, cfg);
    slot->count = &slot->as.frames.count;
    slot->stop = stop_rule;
}

/* Which messages, and which of them in turn. */
static struct inject_rule_cfg of_target(const struct fault_slot *slot, bool answer, uint32_t times)
{
    const struct fault_target_row *row = &fault_targets[slot->fault->target];
    struct inject_rule_cfg cfg = {.name = slot->name};
    cfg.where.way = answer ? INJECT_TO_TESTER : INJECT_TO_ECU;
    cfg.what.whole = true;
    cfg.what.service = row->service;
    cfg.what.sub = row->sub != 0 ? (uint16_t)UDS_SUB((unsigned)row->sub) : 0;
    if (row->rid != 0) {
        cfg.what.bytes[0] =
            (struct inject_byte){.offset = 2, .mask = 0xFF, .value = (uint8_t)(row->rid >> 8)};
        cfg.what.bytes[1] =
            (struct inject_byte){.offset = 3, .mask = 0xFF, .value = (uint8_t)row->rid};
    }
    cfg.when.skip = slot->fault->nth - 1;
    cfg.when.times = times;
    return cfg;
}

static struct inject_rule_cfg of_way(const struct fault_slot *slot)
{
    return of_target(slot, fault_value(slot->fault, "way") != 0, fault_value(slot->fault, "times"));
}

void fault_start_lost(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_way(slot);
    cfg.effect.lose = true;
    add_rule(slot, &cfg);
}

void fault_start_late(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_way(slot);
    cfg.effect.delay_ns = fault_value_ns(slot->fault, "by");
    slot->late_ns = cfg.effect.delay_ns;
    add_rule(slot, &cfg);
}

void fault_start_doubled(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_way(slot);
    cfg.effect.duplicates = (uint8_t)fault_value(slot->fault, "copies");
    add_rule(slot, &cfg);
}

void fault_start_damaged(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_way(slot);
    cfg.what.whole = false;
    cfg.what.parts = INJECT_BEGIN;
    cfg.effect.damage = true;
    cfg.effect.damage_anywhere = true;
    add_rule(slot, &cfg);
}

void fault_start_swapped(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_target(slot, false, 1);
    cfg.what.whole = false;
    cfg.what.index = fault_value(slot->fault, "index");
    cfg.effect.swap = true;
    cfg.effect.delay_ns = SIM_S(1);
    slot->late_ns = cfg.effect.delay_ns;
    add_rule(slot, &cfg);
}

void fault_start_lost_frame(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_target(slot, false, 1);
    cfg.what.whole = false;
    cfg.what.index = fault_value(slot->fault, "index");
    cfg.effect.lose = true;
    add_rule(slot, &cfg);
}

void fault_start_lost_flow(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_target(slot, true, fault_value(slot->fault, "times"));
    cfg.what.whole = false;
    cfg.what.parts = INJECT_FLOW_CONTROL;
    cfg.effect.lose = true;
    add_rule(slot, &cfg);
}

static void change(struct fault_slot *slot, bool answer, uint32_t times)
{
    struct inject_rule_cfg cfg = of_target(slot, answer, times);
    cfg.effect.changes[0] =
        (struct inject_change){.invert = true,
                               .offset = (uint16_t)fault_value(slot->fault, "byte"),
                               .mask = (uint8_t)(1u << fault_value(slot->fault, "bit"))};
    add_rule(slot, &cfg);
}

void fault_start_changed_answer(struct fault_slot *slot)
{
    change(slot, true, 1);
}

void fault_start_wrong_seed(struct fault_slot *slot)
{
    change(slot, true, fault_value(slot->fault, "times"));
}

void fault_start_changed_block(struct fault_slot *slot)
{
    change(slot, false, 1);
}

/* From now on, for a time. */
static struct inject_rule_cfg of_window(const struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = {.name = slot->name};
    cfg.when.from_ns = slot->play->world.sim.now_ns;
    cfg.when.until_ns = cfg.when.from_ns + fault_value_ns(slot->fault, "for_");
    return cfg;
}

void fault_start_loss(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_window(slot);
    cfg.when.chance_ppm = fault_value(slot->fault, "chance_ppm");
    cfg.effect.lose = true;
    add_rule(slot, &cfg);
}

void fault_start_gateway(struct fault_slot *slot)
{
    struct inject_rule_cfg cfg = of_window(slot);
    cfg.where.way = INJECT_TO_TESTER;
    cfg.effect.delay_ns = fault_value_ns(slot->fault, "by");
    slot->late_ns = cfg.effect.delay_ns;
    add_rule(slot, &cfg);
}

void fault_start_bus_off(struct fault_slot *slot)
{
    struct fault_play *play = slot->play;
    const sim_ns_t now_ns = play->world.sim.now_ns;
    const struct can_node *node = fault_value(slot->fault, "node") == 0
                                      ? &s12x_ecu_base(play->world.target)->node
                                      : explore_world_master_node(&play->world);
    const struct inject_rule_cfg cfg =
        bus_off_rule(slot->name, node, now_ns, now_ns + fault_value_ns(slot->fault, "for_"));
    add_rule(slot, &cfg);
}
