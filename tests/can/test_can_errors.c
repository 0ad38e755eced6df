/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_errors.c - error frames, counters, bus-off and recovery (ISO 11898-1:2015,
 * 12.1.4), wire faults. */
#include "tests/can/bus_rig.h"

/* Damages the first `times` transmissions at one bit. */
struct damage {
    struct can_tap tap;
    unsigned times;
    uint16_t bit;
};

static void damage_on_transmit(void *ctx, const struct can_node *sender, struct can_frame *frame,
                               struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    (void)sender;
    (void)frame;
    (void)now_ns;
    struct damage *damage = ctx;
    if (damage->times > 0) {
        damage->times--;
        verdict->damage = true;
        verdict->damage_bit = damage->bit;
    }
}

static void damage_frames(struct rig *rig, struct damage *damage, unsigned times, uint16_t bit)
{
    *damage = (struct damage){{damage, damage_on_transmit}, times, bit};
    can_bus_add_tap(&rig->bus, &damage->tap);
}

/* Bits of an error frame that others answer (two flags, delimiter) and the intermission. */
enum { ERROR_FRAME = 12 + 8 + 3, LONE_ERROR_FRAME = 6 + 8 + 3, SUSPEND = 8 };

Test(can_errors, a_damaged_frame_is_repeated_and_counted_on_both_sides)
{
    struct rig *rig = rig_new(3, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 1, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, 21 * BIT_NS);
    const struct seen *sent = rig_seen(rig, 0, SEEN_ERROR, 0);
    cr_assert_eq(sent->at_ns, 21 * BIT_NS);
    cr_assert_eq(sent->error.cause, CAN_ERROR_BIT);
    cr_assert_eq(sent->error.bit, 20);
    cr_assert(sent->error.sender);
    const struct seen *heard = rig_seen(rig, 1, SEEN_ERROR, 0);
    cr_assert_eq(heard->error.cause, CAN_ERROR_STUFF);
    cr_assert_not(heard->error.sender);
    cr_assert_eq(rig->station[0].node.tec, 8);
    cr_assert_eq(rig->station[1].node.rec, 1);
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns,
                 (21 + ERROR_FRAME) * BIT_NS + rig_length_ns("123#DEADBEEF"));
    cr_assert_eq(rig->station[0].node.tec, 7);
    cr_assert_eq(rig->station[1].node.rec, 0);
    cr_assert_eq(rig->bus.stats.error_frames, 1);
    rig_free(rig);
}

Test(can_errors, damage_in_the_ack_slot_is_a_missing_acknowledgement)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct damage damage;
    const unsigned bits = (unsigned)(rig_length_ns("123#DEADBEEF") / BIT_NS);
    damage_frames(rig, &damage, 1, (uint16_t)(bits - 9));
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.cause, CAN_ERROR_ACK);
    cr_assert_eq(rig_seen(rig, 1, SEEN_ERROR, 0)->error.cause, CAN_ERROR_FORM);
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_errors, one_shot_nodes_do_not_repeat)
{
    const struct can_node_cfg cfg = {.one_shot = true};
    struct rig *rig = rig_new(2, 0, &cfg);
    struct damage damage;
    damage_frames(rig, &damage, 1, 20);
    rig_send(rig, 0, "100#01");
    rig_send(rig, 0, "100#02");
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 0), "100#02");
    rig_free(rig);
}

/* Fault confinement, rule c), exception 1: 16 failures lead to error-passive at 128 and the counter
 * stays there. */
Test(can_errors, a_lone_sender_becomes_passive_and_never_bus_off)
{
    struct rig *rig = rig_new(1, 0, NULL);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(60));
    const unsigned to_ack = (unsigned)(rig_length_ns("123#DEADBEEF") / BIT_NS) - 8;
    const struct seen *first = rig_seen(rig, 0, SEEN_ERROR, 0);
    cr_assert_eq(first->at_ns, to_ack * BIT_NS);
    cr_assert_eq(first->error.cause, CAN_ERROR_ACK);
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 1)->at_ns - first->at_ns,
                 (to_ack + LONE_ERROR_FRAME) * BIT_NS);
    cr_assert_eq(rig_count(rig, 0, SEEN_STATE), 1);
    const struct seen *passive = rig_seen(rig, 0, SEEN_STATE, 0);
    cr_assert_eq(passive->state, CAN_ERROR_PASSIVE);
    cr_assert_eq(passive->at_ns, rig_seen(rig, 0, SEEN_ERROR, 15)->at_ns);
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 16)->at_ns - passive->at_ns,
                 (to_ack + LONE_ERROR_FRAME + SUSPEND) * BIT_NS);
    cr_assert_eq(rig->station[0].node.tec, 128);
    cr_assert_gt(rig_count(rig, 0, SEEN_ERROR), 200);
    rig_free(rig);
}

Test(can_errors, a_second_node_lets_the_lone_sender_go_on)
{
    struct rig *rig = rig_new(2, 0, NULL);
    can_node_set_power(&rig->station[1].node, false);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(20));
    cr_assert_eq(rig->station[0].node.state, CAN_ERROR_PASSIVE);
    can_node_set_power(&rig->station[1].node, true);
    rig_run(rig, SIM_MS(21));
    cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
    cr_assert_eq(rig->station[0].node.tec, 127);
    cr_assert_eq(rig->station[0].node.state, CAN_ERROR_ACTIVE);
    rig_free(rig);
}

/* The 32nd failure takes the counter to 256. Sixteen in error-active state, each 21 bits of frame
 * and 23 of error frame after the last; sixteen with 8 bits of suspend transmission more. */
enum { BUS_OFF_AT = 21 + 15 * (21 + ERROR_FRAME) + 16 * (21 + ERROR_FRAME + SUSPEND) };

Test(can_errors, thirty_two_failures_lead_to_bus_off_at_the_exact_bit)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 32, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, (BUS_OFF_AT + 1) * BIT_NS);
    cr_assert_eq(rig_count(rig, 0, SEEN_ERROR), 32);
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 0)->state, CAN_ERROR_PASSIVE);
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 0)->at_ns, (21 + 15 * 44) * BIT_NS);
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 1)->state, CAN_BUS_OFF);
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 1)->at_ns, BUS_OFF_AT * BIT_NS);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_BUS_OFF);
    cr_assert_eq(rig->station[1].node.rec, 32);
    cr_assert_eq(rig->station[1].node.state, CAN_ERROR_ACTIVE);
    rig_free(rig);
}

Test(can_errors, recovery_takes_128_times_11_bits_and_sends_what_was_queued)
{
    struct rig *rig = rig_new(3, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 32, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, (BUS_OFF_AT + 30) * BIT_NS);
    rig_send(rig, 1, "200#00");
    rig_run(rig, SIM_MS(20));
    /* A node in bus-off neither receives nor acknowledges. */
    cr_assert_eq(rig_count(rig, 0, SEEN_FRAME), 0);
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 2);
    const sim_ns_t back_ns = (BUS_OFF_AT + 128 * 11) * (sim_ns_t)BIT_NS;
    const struct seen *active = rig_seen(rig, 0, SEEN_STATE, 2);
    cr_assert_eq(active->state, CAN_ERROR_ACTIVE);
    cr_assert_eq(active->at_ns, back_ns);
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns, back_ns + rig_length_ns("123#DEADBEEF"));
    cr_assert_eq(rig->station[0].node.tec, 0);
    rig_free(rig);
}

Test(can_errors, manual_recovery_waits_to_be_asked)
{
    const struct can_node_cfg cfg = {.manual_recovery = true};
    struct rig *rig = rig_new(2, 0, &cfg);
    struct damage damage;
    damage_frames(rig, &damage, 32, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(50));
    cr_assert_eq(rig->station[0].node.state, CAN_BUS_OFF);
    can_node_recover(&rig->station[0].node);
    rig_run(rig, SIM_MS(51));
    can_node_recover(&rig->station[0].node); /* Does not start again. */
    rig_run(rig, SIM_MS(60));
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 2)->at_ns, SIM_MS(50) + 1408 * BIT_NS);
    cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
    rig_free(rig);
}

Test(can_errors, power_clears_bus_off)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 32, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, (BUS_OFF_AT + 1) * BIT_NS);
    can_node_set_power(&rig->station[0].node, false);
    can_node_set_power(&rig->station[0].node, true);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_QUEUED);
    rig_run(rig, SIM_MS(20));
    /* 11 recessive bits after the reset, later than the end of the error frame. */
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns,
                 (BUS_OFF_AT + ERROR_FRAME) * BIT_NS + rig_length_ns("100#00"));
    cr_assert_eq(rig_count(rig, 0, SEEN_STATE), 2);
    rig_free(rig);
}

Test(can_errors, a_receiver_becomes_passive_above_127_and_recovers_with_one_good_frame)
{
    const struct can_node_cfg cfg = {.one_shot = true};
    struct rig *rig = rig_new(2, 0, &cfg);
    struct damage damage;
    damage_frames(rig, &damage, 128, 20);
    for (unsigned i = 0; i < 128; i++) {
        rig->station[0].node.tec = 0; /* Only the receiver is looked at. */
        rig_send(rig, 0, "123#00");
        rig_run(rig, rig->sim.now_ns + SIM_MS(1));
        cr_assert_eq(rig->station[1].node.rec, i + 1);
        cr_assert_eq(rig->station[1].node.state, i < 127 ? CAN_ERROR_ACTIVE : CAN_ERROR_PASSIVE);
    }
    rig_send(rig, 0, "123#00");
    rig_run(rig, rig->sim.now_ns + SIM_MS(1));
    /* The standard: a value between 119 and 127. */
    cr_assert_geq(rig->station[1].node.rec, 119);
    cr_assert_leq(rig->station[1].node.rec, 127);
    cr_assert_eq(rig->station[1].node.state, CAN_ERROR_ACTIVE);
    rig_free(rig);
}

Test(can_errors, equal_arbitration_fields_with_different_data_collide)
{
    struct rig *rig = rig_new(3, 0, NULL);
    const struct can_frame a = rig_frame("100#0011");
    const struct can_frame b = rig_frame("100#0012");
    const uint16_t bit = can_wire_first_difference(&a, &b);
    rig_send(rig, 0, "100#0011");
    rig_send(rig, 1, "100#0012");
    rig_run(rig, SIM_MS(20));
    for (size_t i = 0; i < 2; i++) {
        const struct seen *error = rig_seen(rig, i, SEEN_ERROR, 0);
        cr_assert_eq(error->error.cause, CAN_ERROR_BIT);
        cr_assert_eq(error->error.bit, bit);
        cr_assert_eq(error->at_ns, (bit + 1u) * BIT_NS);
        /* Nothing separates the two, so both end in bus-off, over and over. */
        cr_assert_eq(rig_seen(rig, i, SEEN_STATE, 1)->state, CAN_BUS_OFF);
    }
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 0);
    rig_free(rig);
}

Test(can_errors, equal_frames_sent_together_are_one_frame_on_the_wire)
{
    struct rig *rig = rig_new(3, 0, NULL);
    rig_send(rig, 0, "100#0011");
    rig_send(rig, 1, "100#0011");
    rig_run(rig, SIM_MS(5));
    cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
    cr_assert_eq(rig_count(rig, 1, SEEN_CONFIRM), 1);
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_errors, an_fd_frame_on_a_classical_segment_is_a_form_error)
{
    struct rig *rig = rig_new(2, 0, NULL);
    rig_send(rig, 0, "123##1AABB");
    rig_run(rig, 30 * BIT_NS);
    const struct seen *error = rig_seen(rig, 0, SEEN_ERROR, 0);
    cr_assert_eq(error->error.cause, CAN_ERROR_FORM);
    /* SOF, 11 bits of identifier, RRS, IDE, FDF: bit 14; no stuff bit in 0x123. */
    cr_assert_eq(error->error.bit, 14);
    cr_assert_eq(rig->station[0].node.tec, 8);
    /* 1 for the error and 8 for the dominant bit after its own flag. */
    cr_assert_eq(rig->station[1].node.rec, 9);
    rig_free(rig);
}

Test(can_errors, one_classical_controller_breaks_fd_for_all_and_an_absent_one_does_not)
{
    const struct can_node_cfg classical = {.classical = true};
    struct rig *rig = rig_new(3, 2000000, NULL);
    rig->station[2].node.cfg.classical = classical.classical;
    can_bus_detach(&rig->bus, &rig->station[2].node);
    can_bus_attach(&rig->bus, &rig->station[2].node);
    rig_send(rig, 0, "123##1AABB");
    rig_run(rig, 30 * BIT_NS);
    cr_assert_eq(rig_seen(rig, 1, SEEN_ERROR, 0)->error.cause, CAN_ERROR_FORM);
    cr_assert_eq(rig->station[1].node.rec, 1);
    cr_assert_eq(rig->station[2].node.rec, 9);
    can_node_set_power(&rig->station[2].node, false);
    rig_run(rig, SIM_MS(5));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_errors, stuck_recessive_drives_the_sender_into_bus_off_unnoticed_by_others)
{
    struct rig *rig = rig_new(2, 0, NULL);
    can_bus_set_fault(&rig->bus, CAN_WIRE_STUCK_RECESSIVE);
    rig_send(rig, 0, "123#DEADBEEF");
    const unsigned off = 1 + 15 * (1 + LONE_ERROR_FRAME) + 16 * (1 + LONE_ERROR_FRAME + SUSPEND);
    rig_run(rig, off * BIT_NS);
    cr_assert_eq(rig->station[0].node.state, CAN_BUS_OFF);
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 1)->at_ns, off * BIT_NS);
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.cause, CAN_ERROR_BIT);
    cr_assert_eq(rig->station[1].seen_len, 0);
    can_bus_set_fault(&rig->bus, CAN_WIRE_OK);
    rig_run(rig, SIM_MS(10));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_errors, stuck_dominant_stops_everything_until_it_is_lifted)
{
    struct rig *rig = rig_new(2, 0, NULL);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, 30 * BIT_NS);
    can_bus_set_fault(&rig->bus, CAN_WIRE_STUCK_DOMINANT);
    rig_run(rig, SIM_MS(10));
    cr_assert_eq(rig_count(rig, 0, SEEN_ERROR), 1);
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.bit, 30);
    cr_assert_eq(rig_send(rig, 1, "100#00"), CAN_SEND_QUEUED);
    rig_run(rig, SIM_MS(20));
    cr_assert_eq(rig_count(rig, 0, SEEN_FRAME), 0);
    can_bus_set_fault(&rig->bus, CAN_WIRE_OK);
    rig_run(rig, SIM_MS(30));
    /* 11 recessive bits, then the lower identifier. */
    cr_assert_eq(rig_seen(rig, 0, SEEN_FRAME, 0)->at_ns,
                 SIM_MS(20) + 11 * BIT_NS + rig_length_ns("100#00"));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_errors, recovery_does_not_count_while_the_wire_is_stuck_dominant)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 32, 20);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, (BUS_OFF_AT + 100) * BIT_NS);
    can_bus_set_fault(&rig->bus, CAN_WIRE_STUCK_DOMINANT);
    rig_run(rig, SIM_MS(50));
    cr_assert_eq(rig->station[0].node.state, CAN_BUS_OFF);
    can_bus_set_fault(&rig->bus, CAN_WIRE_OK);
    rig_run(rig, SIM_MS(60));
    cr_assert_eq(rig_seen(rig, 0, SEEN_STATE, 2)->at_ns, SIM_MS(50) + 1408 * BIT_NS);
    rig_free(rig);
}

/* A model whose reaction to an error state pulls the plug of everybody. */
static void cut_all(void *ctx, enum can_state state, sim_ns_t now_ns)
{
    (void)state;
    (void)now_ns;
    struct rig *rig = ctx;
    for (size_t i = 0; i < 3; i++) {
        can_node_set_power(&rig->station[i].node, false);
    }
}

Test(can_errors, a_callback_that_cuts_the_power_of_all_ends_the_matter)
{
    static const struct can_node_ops ops = {.on_state = cut_all, .on_error = rig_on_error};
    struct rig *rig = rig_new(3, 0, NULL);
    struct damage damage;
    damage_frames(rig, &damage, 20, 20);
    rig->station[0].node.cfg.ops = &ops;
    rig->station[0].node.cfg.ctx = rig;
    rig->station[0].node.tec = 120;
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(5));
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(rig->station[i].node.tec, 0);
        cr_assert_eq(rig->station[i].node.rec, 0);
        cr_assert_eq(rig->station[i].seen_len, 0);
    }
    cr_assert_eq(rig->bus.stats.frames, 0);
    cr_assert_eq(rig->bus.stats.error_frames, 1);
    rig_free(rig);
}
