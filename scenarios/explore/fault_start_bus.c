/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_start_bus.c - begins faults of the wires, of foreign nodes, and of the
 * ECU's supply. */
#include "scenarios/explore/fault_play.h"

#include <stdlib.h>
#include <string.h>

static struct can_bus *bus_of(const struct fault_slot *slot)
{
    return slot->play->bus.bus;
}

static sim_ns_t now_of(const struct fault_slot *slot)
{
    return slot->play->world.sim.now_ns;
}

static sim_ns_t until_of(const struct fault_slot *slot)
{
    return now_of(slot) + fault_value_ns(slot->fault, "for_");
}

static void stop_load(struct fault_slot *slot)
{
    bus_load_stop(&slot->as.load);
}

void fault_start_load(struct fault_slot *slot)
{
    struct bus_load_cfg cfg = {
        .name = slot->name,
        .permille = fault_value(slot->fault, "percent") * 10u,
        .from_ns = now_of(slot),
        .until_ns = until_of(slot),
        .kinds_len = 1,
        .kinds = {{.len_bytes = 8, .weight = 1}},
    };
    cfg.kinds[0].id = fault_value(slot->fault, "priority") == 0 ? 1 : CAN_STD_ID_MAX;
    bus_load_start(&slot->as.load, bus_of(slot), &cfg);
    slot->stop = stop_load;
    fault_slot_fires(slot);
}

static void stop_babble(struct fault_slot *slot)
{
    babbling_node_stop(&slot->as.babbler);
}

void fault_start_babble(struct fault_slot *slot)
{
    babbling_node_start(&slot->as.babbler, bus_of(slot), slot->name, now_of(slot), until_of(slot));
    slot->stop = stop_babble;
    fault_slot_fires(slot);
}

static void stop_short(struct fault_slot *slot)
{
    wire_fault_stop(&slot->as.wire);
}

void fault_start_short(struct fault_slot *slot)
{
    const enum can_wire_fault fault =
        fault_value(slot->fault, "wires") == 0 ? CAN_WIRE_STUCK_DOMINANT : CAN_WIRE_STUCK_RECESSIVE;
    wire_fault_start(&slot->as.wire, bus_of(slot), slot->name, fault, now_of(slot), until_of(slot));
    slot->stop = stop_short;
    fault_slot_fires(slot);
}

static void stop_foreign(struct fault_slot *slot)
{
    frame_sender_stop(&slot->as.sender);
}

/* "02 3E 00", between quotes. */
static uint8_t read_bytes(const char *text, uint8_t *to)
{
    uint8_t len = 0;
    for (char *end = NULL; *++text != '"' && *text != '\0'; text = end - 1) {
        to[len++] = (uint8_t)strtoul(text, &end, 16);
        if (*end == '"') {
            break;
        }
    }
    return len;
}

void fault_start_foreign(struct fault_slot *slot)
{
    const uint32_t id = slot->play->scope.foreign_id;
    struct frame_sender_cfg cfg = {
        .name = slot->name,
        .from_ns = now_of(slot),
        .until_ns = SIM_NEVER,
        .every_ns = fault_value_ns(slot->fault, "every"),
        .times = fault_value(slot->fault, "times"),
    };
    cfg.frame.id = id;
    cfg.frame.flags = id > CAN_STD_ID_MAX ? CAN_FLAG_EXT : 0;
    cfg.frame.len_bytes = read_bytes(fault_word(slot->fault, "data"), cfg.frame.data);
    frame_sender_start(&slot->as.sender, bus_of(slot), &cfg);
    slot->stop = stop_foreign;
    fault_slot_fires(slot);
}

/* The supply. */

static void begin_supply(struct fault_slot *slot, const struct run_supply_fault *fault)
{
    if (run_supply_has_room(&slot->play->supply)) {
        (void)run_supply_begin(&slot->play->supply, fault);
        explore_judge_cut(&slot->play->world.judge, now_of(slot));
        fault_slot_fires(slot);
    }
}

void fault_start_cut(struct fault_slot *slot)
{
    begin_supply(slot, &(struct run_supply_fault){.begin_ns = now_of(slot),
                                                  .for_ns = fault_value_ns(slot->fault, "for_")});
}

void fault_start_cut_at(struct fault_slot *slot)
{
    fault_start_cut(slot);
}

void fault_start_brownout(struct fault_slot *slot)
{
    begin_supply(slot, &(struct run_supply_fault){.begin_ns = now_of(slot),
                                                  .for_ns = fault_value_ns(slot->fault, "for_"),
                                                  .ramp_ns = fault_value_ns(slot->fault, "ramp"),
                                                  .level_mv = fault_value(slot->fault, "to")});
}

static void set_ignition(struct fault_slot *slot, bool on)
{
    struct s12x_ecu *target = slot->play->world.target;
    struct boot_vehicle_state state = s12x_ecu_vehicle_state(target);
    state.ignition_on = on;
    s12x_ecu_set_vehicle_state(target, &state);
}

static void ignition_on(struct fault_slot *slot)
{
    set_ignition(slot, true);
}

void fault_start_ignition(struct fault_slot *slot)
{
    set_ignition(slot, false);
    slot->stop = ignition_on;
    sim_schedule(&slot->play->world.sim, &slot->event, until_of(slot));
    fault_slot_fires(slot);
}

/* The play itself asks when the master writes. */
void fault_start_store(struct fault_slot *slot)
{
    (void)slot;
}
