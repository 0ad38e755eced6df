/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_start_ecu.c - begins faults of the ECU's behaviour and of its flash. */
#include "scenarios/explore/fault_play.h"

#include <stdlib.h>

enum { SECTOR_BYTES = 1024 };

static void stop_ecu(struct fault_slot *slot)
{
    inject_ecu_remove(&slot->as.ecu);
}

static void add_rule(struct fault_slot *slot, uint32_t times,
                     const struct inject_ecu_effect *effect)
{
    const struct fault_target_row *row = &fault_targets[slot->fault->target];
    struct inject_ecu_rule_cfg cfg = {
        .turns = {.name = slot->name, .skip = slot->fault->nth - 1, .times = times},
        .what = {.service = row->service},
        .effect = *effect,
    };
    cfg.what.sub = row->sub != 0 ? (uint16_t)UDS_SUB((unsigned)row->sub) : 0;
    if (row->rid != 0) {
        cfg.what.bytes[0] =
            (struct inject_byte){.offset = 2, .mask = 0xFF, .value = (uint8_t)(row->rid >> 8)};
        cfg.what.bytes[1] =
            (struct inject_byte){.offset = 3, .mask = 0xFF, .value = (uint8_t)row->rid};
    }
    inject_ecu_add(&slot->play->ecu, &slot->as.ecu, &cfg);
    slot->count = &slot->as.ecu.turns.count;
    slot->stop = stop_ecu;
}

/* 0: until it is taken away. */
static uint32_t times_of(const struct fault_slot *slot)
{
    return slot->kind->end == FAULT_ENDS ? fault_value(slot->fault, "times") : 0;
}

void fault_start_refused(struct fault_slot *slot)
{
    add_rule(slot, times_of(slot),
             &(struct inject_ecu_effect){
                 .kind = INJECT_ECU_REFUSE,
                 .nrc = (uint8_t)strtoul(fault_word(slot->fault, "nrc"), NULL, 16)});
}

void fault_start_mute(struct fault_slot *slot)
{
    add_rule(slot, times_of(slot),
             &(struct inject_ecu_effect){.kind = INJECT_ECU_SILENCE,
                                         .works = fault_value(slot->fault, "works") != 0});
}

void fault_start_pending(struct fault_slot *slot)
{
    const bool answered = fault_value(slot->fault, "then_") == 0;
    add_rule(slot, 1,
             &(struct inject_ecu_effect){
                 .kind = INJECT_ECU_PENDING,
                 .works = true,
                 .pending = {.count = (uint16_t)fault_value(slot->fault, "count"),
                             .every_ns = fault_value_ns(slot->fault, "every"),
                             .then = answered ? INJECT_THEN_ANSWER : INJECT_THEN_SILENCE}});
}

void fault_start_pending_for_ever(struct fault_slot *slot)
{
    add_rule(
        slot, 0,
        &(struct inject_ecu_effect){.kind = INJECT_ECU_PENDING,
                                    .works = true,
                                    .pending = {.every_ns = fault_value_ns(slot->fault, "every"),
                                                .then = INJECT_THEN_NEVER}});
}

/* Of what the ECU itself says. */
void fault_start_wrong_echo(struct fault_slot *slot)
{
    struct inject_ecu_effect effect = {.kind = INJECT_ECU_CHANGE};
    effect.changes[0] =
        (struct inject_change){.invert = true,
                               .offset = (uint16_t)fault_value(slot->fault, "byte"),
                               .mask = (uint8_t)(1u << fault_value(slot->fault, "bit"))};
    add_rule(slot, times_of(slot), &effect);
}

void fault_start_slow(struct fault_slot *slot)
{
    slot->late_ns = fault_value_ns(slot->fault, "by");
    add_rule(slot, times_of(slot),
             &(struct inject_ecu_effect){.kind = INJECT_ECU_DELAY,
                                         .delay_ns = fault_value_ns(slot->fault, "by")});
}

void fault_start_lost_session(struct fault_slot *slot)
{
    add_rule(slot, times_of(slot), &(struct inject_ecu_effect){.kind = INJECT_ECU_LOSE_SESSION});
}

static void add_flow(struct fault_slot *slot, const struct inject_ecu_flow *flow)
{
    add_rule(slot, times_of(slot),
             &(struct inject_ecu_effect){.kind = INJECT_ECU_FLOW, .flow = *flow});
}

void fault_start_waits(struct fault_slot *slot)
{
    add_flow(slot, &(struct inject_ecu_flow){.waits = fault_value(slot->fault, "waits"),
                                             .wait_ns = fault_value_ns(slot->fault, "every")});
}

void fault_start_overflow(struct fault_slot *slot)
{
    add_flow(slot, &(struct inject_ecu_flow){.overflow = true});
}

void fault_start_no_flow(struct fault_slot *slot)
{
    add_flow(slot, &(struct inject_ecu_flow){.leave_out = true});
}

void fault_start_no_way_in(struct fault_slot *slot)
{
    static const struct inject_ecu_flow flows[] = {
        {.waits = INJECT_WAITS_FOR_EVER, .wait_ns = SIM_MS(500)},
        {.overflow = true},
        {.leave_out = true},
    };
    add_flow(slot, &flows[fault_value(slot->fault, "flow")]);
}

void fault_start_small_blocks(struct fault_slot *slot)
{
    add_flow(slot, &(struct inject_ecu_flow){
                       .block_sizes = {(uint8_t)fault_value(slot->fault, "block_size")},
                       .block_sizes_len = 1,
                       .st_mins = {(uint8_t)fault_value(slot->fault, "st_min")},
                       .st_mins_len = 1});
}

/* The flash. */

static void stop_flash(struct fault_slot *slot)
{
    inject_flash_remove(&slot->as.flash);
}

static void add_flash_rule(struct fault_slot *slot, const struct inject_flash_rule_cfg *cfg)
{
    inject_flash_add(&slot->play->flash, &slot->as.flash, cfg);
    slot->count = &slot->as.flash.turns.count;
    slot->stop = stop_flash;
}

static void add_flash(struct fault_slot *slot, bool programs,
                      const struct inject_flash_effect *effect)
{
    const struct inject_flash_rule_cfg cfg = {
        .turns = {.name = slot->name, .skip = slot->fault->nth - 1, .times = times_of(slot)},
        .what = {.ops = programs ? INJECT_FLASH_PROGRAM : INJECT_FLASH_ERASE},
        .effect = *effect,
    };
    add_flash_rule(slot, &cfg);
}

static void add_sector(struct fault_slot *slot, enum inject_flash_kind kind)
{
    const uint32_t start = slot->play->scope.sectors[fault_value(slot->fault, "sector")];
    const struct inject_flash_rule_cfg cfg = {
        .turns = {.name = slot->name},
        .what = {.start = start, .end = start + SECTOR_BYTES},
        .effect = {.kind = kind, .not_correctable = true},
    };
    add_flash_rule(slot, &cfg);
}

void fault_start_bad_sector(struct fault_slot *slot)
{
    add_sector(slot, INJECT_FLASH_FAIL);
}

void fault_start_dead_sector(struct fault_slot *slot)
{
    add_sector(slot, INJECT_FLASH_NO_EFFECT);
}

static bool programs(const struct fault_slot *slot)
{
    return fault_value(slot->fault, "operation") != 0;
}

void fault_start_slow_flash(struct fault_slot *slot)
{
    add_flash(
        slot, programs(slot),
        &(struct inject_flash_effect){.kind = INJECT_FLASH_SLOW,
                                      .slow_permille = fault_value(slot->fault, "factor") * 1000u});
}

void fault_start_failed_flash(struct fault_slot *slot)
{
    add_flash(slot, programs(slot),
              &(struct inject_flash_effect){.kind = INJECT_FLASH_FAIL, .not_correctable = true});
}

void fault_start_idle_flash(struct fault_slot *slot)
{
    add_flash(slot, programs(slot), &(struct inject_flash_effect){.kind = INJECT_FLASH_NO_EFFECT});
}

void fault_start_flip(struct fault_slot *slot)
{
    const bool in_flight = fault_value(slot->fault, "moment") != 0;
    add_flash(slot, true,
              &(struct inject_flash_effect){.kind = in_flight ? INJECT_FLASH_IN_FLIGHT
                                                              : INJECT_FLASH_AT_REST,
                                            .mask = (1u << fault_value(slot->fault, "bits")) - 1u});
}
