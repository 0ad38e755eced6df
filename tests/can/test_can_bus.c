/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_bus.c - arbitration, timing, acknowledgement, queues, taps, power. */
#include "tests/can/bus_rig.h"

Test(can_bus, a_frame_reaches_everybody_else_at_the_end_of_its_eof)
{
    struct rig *rig = rig_new(3, 0, NULL);
    cr_assert_eq(rig_send(rig, 0, "7E0#02100100CCCCCCCC"), CAN_SEND_QUEUED);
    rig_run(rig, SIM_MS(1));
    /* 117 bits with intermission says can-utils (test_can_wire.c). */
    const sim_ns_t end_ns = (117 - 3) * BIT_NS;
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns, end_ns);
    for (size_t i = 1; i < 3; i++) {
        cr_assert_eq(rig_seen(rig, i, SEEN_FRAME, 0)->at_ns, end_ns);
        rig_assert_frame(rig_seen(rig, i, SEEN_FRAME, 0), "7E0#02100100CCCCCCCC");
        cr_assert_eq(rig->station[i].seen_len, 1);
    }
    cr_assert_eq(rig->station[0].seen_len, 1);
    cr_assert_eq(rig->bus.stats.frames, 1);
    cr_assert_eq(rig->bus.stats.busy_ns, 117 * BIT_NS);
    rig_free(rig);
}

Test(can_bus, frames_follow_each_other_after_three_bits_of_intermission)
{
    struct rig *rig = rig_new(2, 0, NULL);
    sim_ns_t end_ns = 0;
    for (size_t i = 0; i < 3; i++) {
        rig_send(rig, 0, "123#DEADBEEF");
    }
    rig_run(rig, SIM_MS(2));
    for (size_t i = 0; i < 3; i++) {
        end_ns += rig_length_ns("123#DEADBEEF");
        cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, i)->at_ns, end_ns);
        end_ns += 3 * BIT_NS;
    }
    rig_free(rig);
}

Test(can_bus, fd_frames_last_bits_of_both_rates)
{
    struct rig *rig = rig_new(2, 2000000, NULL);
    rig_send(rig, 0, "042##10001020304050607");
    rig_run(rig, SIM_MS(2));
    /* 27 slow and 106 fast bits, as recorded by sigrok (test_can_wire.c). */
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, 27 * 2000 + 106 * 500);
    rig_free(rig);
}

/* ISO 11898-1: dominant wins bit by bit; a standard data frame wins over a remote one and over
 * every extended frame with the same first 11 bits. */
Test(can_bus, arbitration_follows_the_bits_on_the_wire)
{
    static const struct {
        const char *winner;
        const char *loser;
    } rows[] = {
        {"100#01", "101#00"},           {"000#", "7FF#"},
        {"100#01", "100#R1"},           {"100#0102", "04000000#01"},
        {"100#R1", "04000000#01"},      {"04000000#01", "101#00"},
        {"04000000#01", "04000001#00"}, {"04000000#01", "04000000#R1"},
        {"03FFFFFF#01", "100#01"},      {"7FF#00", "1FFC0000#00"},
        {"0FF#FF", "1FFFFFFF#"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (size_t first = 0; first < 2; first++) {
            struct rig *rig = rig_new(3, 0, NULL);
            /* Whatever the order of the calls. */
            rig_send(rig, first, rows[i].loser);
            rig_send(rig, 1 - first, rows[i].winner);
            rig_run(rig, SIM_MS(2));
            rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 0), rows[i].winner);
            rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 1), rows[i].loser);
            rig_assert_frame(rig_seen(rig, first, SEEN_LOST, 0), rows[i].loser);
            cr_assert_eq(rig_count(rig, 1 - first, SEEN_LOST), 0);
            cr_assert_eq(rig->bus.stats.arbitrations_lost, 1);
            rig_free(rig);
        }
    }
}

Test(can_bus, a_frame_asked_for_during_another_waits_for_the_bus)
{
    struct rig *rig = rig_new(3, 0, NULL);
    rig_send(rig, 0, "400#00");
    rig_run(rig, 10 * BIT_NS);
    rig_send(rig, 1, "300#00");
    rig_send(rig, 2, "200#00");
    rig_run(rig, SIM_MS(2));
    rig_assert_frame(rig_seen(rig, 0, SEEN_FRAME, 0), "200#00");
    rig_assert_frame(rig_seen(rig, 0, SEEN_FRAME, 1), "300#00");
    const sim_ns_t start_ns = rig_length_ns("400#00") + 3 * BIT_NS;
    cr_assert_eq(rig_seen(rig, 0, SEEN_FRAME, 0)->at_ns, start_ns + rig_length_ns("200#00"));
    rig_free(rig);
}

Test(can_bus, a_queue_holds_ten_frames_unless_told_otherwise)
{
    struct rig *rig = rig_new(2, 0, NULL);
    for (size_t i = 0; i < 10; i++) {
        cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_QUEUED);
    }
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_FULL);
    rig_run(rig, rig_length_ns("100#00"));
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_QUEUED);
    rig_run(rig, SIM_MS(5));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 11);
    rig_free(rig);
}

Test(can_bus, a_priority_queue_sends_the_lowest_identifier_first_and_equals_in_order)
{
    const struct can_node_cfg cfg = {.priority_queue = true};
    struct rig *rig = rig_new(2, 0, &cfg);
    static const char *const sent[] = {"300#01", "200#01", "300#02", "100#01", "200#02"};
    static const char *const order[] = {"100#01", "200#01", "200#02", "300#01", "300#02"};
    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        rig_send(rig, 0, sent[i]);
    }
    rig_run(rig, SIM_MS(5));
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, i), order[i]);
    }
    rig_free(rig);
}

Test(can_bus, abort_drops_all_but_the_frame_on_the_wire)
{
    struct rig *rig = rig_new(2, 0, NULL);
    rig_send(rig, 0, "100#00");
    rig_send(rig, 0, "200#00");
    rig_send(rig, 0, "300#00");
    rig_run(rig, 5 * BIT_NS);
    cr_assert_eq(can_node_abort(&rig->station[0].node), 2);
    rig_run(rig, SIM_MS(5));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    cr_assert_eq(can_node_abort(&rig->station[0].node), 0);
    rig_free(rig);
}

Test(can_bus, who_cannot_send_is_told_so)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct can_node *node = &rig->station[0].node;
    can_node_sleep(node);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_OFFLINE);
    can_node_wake(node);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_QUEUED);
    can_node_set_power(node, false);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_OFFLINE);
    cr_assert_eq(node->queue_used, 0);
    can_node_set_power(node, true);
    can_bus_detach(&rig->bus, node);
    cr_assert_eq(rig_send(rig, 0, "100#00"), CAN_SEND_OFFLINE);
    rig_free(rig);
}

Test(can_bus, a_listen_only_node_receives_but_neither_sends_nor_acknowledges)
{
    struct rig *rig = rig_new(1, 0, NULL);
    struct station *listener = &rig->station[1];
    can_node_init(&listener->node,
                  &(struct can_node_cfg){
                      .name = "listener", .ops = &rig_ops, .ctx = listener, .listen_only = true});
    can_bus_attach(&rig->bus, &listener->node);
    rig_send(rig, 0, "100#00");
    cr_assert_eq(rig_send(rig, 1, "100#00"), CAN_SEND_OFFLINE);
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.cause, CAN_ERROR_ACK);
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 0);
    cr_assert_eq(listener->node.rec, 0);
    rig_free(rig);
}

Test(can_bus, a_sleeping_node_wakes_at_sof_and_receives_from_the_next_frame_on)
{
    struct rig *rig = rig_new(3, 0, NULL);
    can_node_sleep(&rig->station[2].node);
    rig_run(rig, SIM_MS(1));
    rig_send(rig, 0, "100#01");
    rig_send(rig, 0, "100#02");
    rig_run(rig, SIM_MS(2));
    cr_assert_eq(rig_seen(rig, 2, SEEN_WAKE, 0)->at_ns, SIM_MS(1));
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 1);
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 0), "100#02");
    rig_free(rig);
}

Test(can_bus, power_cut_of_the_sender_ends_the_frame_in_a_stuff_error)
{
    struct rig *rig = rig_new(3, 0, NULL);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, 30 * BIT_NS);
    can_node_set_power(&rig->station[0].node, false);
    rig_send(rig, 1, "200#00");
    rig_run(rig, SIM_MS(2));
    const struct seen *error = rig_seen(rig, 2, SEEN_ERROR, 0);
    cr_assert_eq(error->error.cause, CAN_ERROR_STUFF);
    cr_assert_not(error->error.sender);
    /* Cut at the start of bit 30; bits 30 to 35 are recessive, the last is bit 36. */
    cr_assert_eq(error->at_ns, 37 * BIT_NS);
    cr_assert_eq(rig->station[0].seen_len, 0);
    /* Error flags 12, delimiter 8, intermission 3. */
    cr_assert_eq(rig_seen(rig, 2, SEEN_FRAME, 0)->at_ns,
                 (37 + 23) * BIT_NS + rig_length_ns("200#00"));
    rig_free(rig);
}

Test(can_bus, power_cut_after_the_acknowledgement_leaves_the_frame_complete)
{
    struct rig *rig = rig_new(2, 0, NULL);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, rig_length_ns("123#DEADBEEF") - 2 * BIT_NS);
    can_node_set_power(&rig->station[0].node, false);
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    cr_assert_eq(rig->station[0].seen_len, 0);
    rig_free(rig);
}

Test(can_bus, the_last_receiver_losing_power_leaves_the_frame_unacknowledged)
{
    struct rig *rig = rig_new(2, 0, NULL);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, 30 * BIT_NS);
    can_node_set_power(&rig->station[1].node, false);
    rig_run(rig, rig_length_ns("123#DEADBEEF"));
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.cause, CAN_ERROR_ACK);
    /* The error shows at the end of the ACK slot, 8 bits before the end of EOF. */
    cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->at_ns,
                 rig_length_ns("123#DEADBEEF") - 8 * BIT_NS);
    rig_free(rig);
}

Test(can_bus, a_node_that_joins_during_a_frame_does_not_receive_it)
{
    struct rig *rig = rig_new(3, 0, NULL);
    can_node_set_power(&rig->station[2].node, false);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, 30 * BIT_NS);
    can_node_set_power(&rig->station[2].node, true);
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig->station[2].seen_len, 0);
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 1);
    rig_free(rig);
}

Test(can_bus, detaching_a_node_keeps_the_others_in_their_places)
{
    struct rig *rig = rig_new(4, 0, NULL);
    rig_send(rig, 2, "300#00");
    can_bus_detach(&rig->bus, &rig->station[1].node);
    rig_send(rig, 3, "200#00");
    rig_run(rig, SIM_MS(2));
    rig_assert_frame(rig_seen(rig, 0, SEEN_FRAME, 0), "200#00");
    rig_assert_frame(rig_seen(rig, 0, SEEN_FRAME, 1), "300#00");
    cr_assert_eq(rig_count(rig, 2, SEEN_CONFIRM), 1);
    cr_assert_eq(rig_count(rig, 3, SEEN_CONFIRM), 1);
    cr_assert_eq(rig->station[1].seen_len, 0);
    rig_free(rig);
}
