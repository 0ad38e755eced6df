/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_bus_fault.c - babbling nodes, stuck wires and controllers in bus-off. */
#include "inject/babbling_node.h"
#include "inject/bus_fault.h"
#include "tests/inject/inject_rig.h"

static struct rig *rig;

static void set_up(void)
{
    rig = rig_new(3, 0, NULL);
}

static void tear_down(void)
{
    rig_free(rig);
}

TestSuite(bus_fault, .init = set_up, .fini = tear_down);

Test(bus_fault, a_babbling_node_lets_nobody_through_until_it_stops)
{
    struct babbling_node babbler;
    babbling_node_start(&babbler, &rig->bus, "babbler", SIM_MS(1), SIM_MS(41));
    rig_run(rig, SIM_MS(2));
    rig_send(rig, TESTER, "001#00");
    rig_run(rig, SIM_MS(41));
    cr_expect_eq(rig_count(rig, TESTER, SEEN_CONFIRM), 0);
    /* ISO 11898-1: eight bytes take 111 bits with the intermission, and 24 stuff bits at most. */
    cr_expect_geq(babbler.sent, SIM_MS(40) / (135 * BIT_NS) - 1);
    cr_expect_leq(babbler.sent, SIM_MS(40) / (111 * BIT_NS));
    cr_expect_gt(rig->bus.stats.busy_ns, SIM_MS(40) - 135 * BIT_NS);
    rig_run(rig, SIM_MS(43));
    cr_expect_eq(rig_count(rig, TESTER, SEEN_CONFIRM), 1);
    babbling_node_stop(&babbler);
}

Test(bus_fault, stuck_wires_carry_nothing_until_they_are_free_again)
{
    static const enum can_wire_fault faults[] = {CAN_WIRE_STUCK_DOMINANT, CAN_WIRE_STUCK_RECESSIVE};
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        struct wire_fault wire;
        tear_down();
        set_up();
        wire_fault_start(&wire, &rig->bus, "short", faults[i], SIM_MS(1), SIM_MS(50));
        rig_run(rig, SIM_MS(2));
        rig_send(rig, TESTER, "100#00");
        rig_run(rig, SIM_MS(49));
        cr_expect_eq(rig_count(rig, THIRD, SEEN_FRAME), 0);
        rig_run(rig, SIM_MS(60));
        cr_expect_eq(rig_count(rig, THIRD, SEEN_FRAME), 1);
        wire_fault_stop(&wire);
    }
}

Test(bus_fault, a_wire_fault_can_be_ended_early)
{
    struct wire_fault wire;
    wire_fault_start(&wire, &rig->bus, "short", CAN_WIRE_STUCK_DOMINANT, 0, SIM_NEVER);
    rig_run(rig, SIM_MS(2));
    cr_expect_eq(rig->bus.fault, CAN_WIRE_STUCK_DOMINANT);
    wire_fault_stop(&wire);
    cr_expect_eq(rig->bus.fault, CAN_WIRE_OK);
}

Test(bus_fault, bus_off_takes_32_frames_and_lasts_as_long_as_the_fault)
{
    struct inject_bus inject;
    struct inject_rule rule;
    inject_bus_init(&inject, &rig->bus);
    const struct inject_rule_cfg cfg =
        bus_off_rule("bus off", &rig->station[ECU].node, 0, SIM_MS(50));
    inject_bus_add(&inject, &rule, &cfg);
    rig_send(rig, TESTER, "7E0#023E00");
    rig_send(rig, ECU, "7E8#027E00");
    while (rig->station[ECU].node.state != CAN_BUS_OFF) {
        cr_assert(sim_step(&rig->sim));
    }
    cr_expect_eq(rule.count.fired, 32, "ISO 11898-1: 8 a time, above 255");
    rig_run(rig, SIM_MS(50));
    cr_expect_str_eq(rig_heard(rig), "7E0#023E00");
    cr_expect_geq(rule.count.fired, 4 * 32);
    const uint64_t fired = rule.count.fired;
    rig_run(rig, SIM_MS(60));
    cr_expect_str_eq(rig_heard(rig), "7E0#023E00 7E8#027E00");
    cr_expect_eq(rule.count.fired, fired);
    inject_bus_release(&inject);
}
