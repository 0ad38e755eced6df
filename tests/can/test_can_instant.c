/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_instant.c - a bus without time: order, no arbitration, no acknowledgement, and
 * a clock that moves on whatever the nodes do. */
#include "tests/can/bus_rig.h"

static struct rig *instant_rig(size_t stations, const struct can_node_cfg *cfg)
{
    struct rig *rig = rig_new(stations, 2000000, cfg);
    rig->bus.cfg.instant = true;
    return rig;
}

Test(can_instant, a_frame_arrives_and_is_confirmed_at_the_instant_of_sending)
{
    struct rig *rig = instant_rig(3, NULL);
    rig_run(rig, SIM_MS(7));
    cr_assert_eq(rig_send(rig, 0, "7E0#02100100CCCCCCCC"), CAN_SEND_QUEUED);
    rig_send(rig, 0, "042##10001020304050607");
    rig_run(rig, SIM_MS(8));
    for (size_t n = 0; n < 2; n++) {
        cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, n)->at_ns, SIM_MS(7));
        cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, n)->at_ns, SIM_MS(7));
        cr_assert_eq(rig_seen(rig, 2, SEEN_FRAME, n)->at_ns, SIM_MS(7));
    }
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 1), "042##10001020304050607");
    cr_assert_eq(rig->bus.stats.frames, 2);
    cr_assert_eq(rig->bus.stats.busy_ns, 0);
    rig_free(rig);
}

Test(can_instant, frames_go_in_the_order_sent_whatever_their_identifiers)
{
    static const struct {
        size_t station;
        const char *text;
    } rows[] = {{1, "700#01"}, {0, "100#02"}, {1, "200#03"}, {1, "001#04"},
                {0, "7FF#05"}, {2, "700#06"}, {0, "000#07"}, {2, "300#08"}};
    const struct can_node_cfg by_priority = {.priority_queue = true};
    struct rig *rig = instant_rig(4, &by_priority);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_send(rig, rows[i].station, rows[i].text);
    }
    rig_run(rig, SIM_MS(1));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_assert_frame(rig_seen(rig, 3, SEEN_FRAME, i), rows[i].text);
    }
    cr_assert_eq(rig_count(rig, 0, SEEN_LOST), 0);
    cr_assert_eq(rig->bus.stats.arbitrations_lost, 0);
    rig_free(rig);
}

Test(can_instant, equal_identifiers_with_different_data_do_not_collide)
{
    struct rig *rig = instant_rig(3, NULL);
    rig_send(rig, 0, "123#01");
    rig_send(rig, 1, "123#02");
    rig_run(rig, SIM_MS(1));
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 0), "123#01");
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 1), "123#02");
    cr_assert_eq(rig->bus.stats.error_frames, 0);
    rig_free(rig);
}

Test(can_instant, a_node_alone_needs_no_acknowledgement)
{
    struct rig *rig = instant_rig(1, NULL);
    rig_send(rig, 0, "123#01");
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
    cr_assert_eq(rig_count(rig, 0, SEEN_ERROR), 0);
    rig_free(rig);
}

/* Two nodes that answer each frame at once with a frame. */
struct player {
    struct can_node node;
    uint64_t frames;
};

static void answer(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct player *player = ctx;
    (void)now_ns;
    player->frames++;
    cr_assert_eq(can_node_send(&player->node, frame), CAN_SEND_QUEUED);
}

Test(can_instant, nodes_that_answer_each_other_for_ever_do_not_stop_the_clock)
{
    static const struct can_node_ops ops = {.on_frame = answer};
    struct rig *rig = instant_rig(0, NULL);
    struct player players[2] = {{.frames = 0}, {.frames = 0}};
    for (size_t i = 0; i < 2; i++) {
        can_node_init(&players[i].node,
                      &(struct can_node_cfg){.name = "player", .ops = &ops, .ctx = &players[i]});
        can_bus_attach(&rig->bus, &players[i].node);
    }
    const struct can_frame frame = rig_frame("123#01");
    can_node_send(&players[0].node, &frame);
    rig_run(rig, SIM_MS(10));
    cr_assert_eq(rig->sim.now_ns, SIM_MS(10));
    /* Eleven instants: 0 ms, 1 ms, ... 10 ms. */
    cr_assert_eq(players[0].frames + players[1].frames, 11 * CAN_INSTANT_FRAMES_MAX);
    rig_free(rig);
}

static void damage(void *ctx, const struct can_node *sender, struct can_frame *frame,
                   struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    (void)ctx;
    (void)sender;
    (void)frame;
    (void)now_ns;
    verdict->damage = true;
    verdict->damage_bit = 20;
}

Test(can_instant, a_damaged_frame_is_repeated_up_to_bus_off_and_recovery_takes_its_time)
{
    struct rig *rig = instant_rig(2, NULL);
    struct can_tap tap = {.on_transmit = damage};
    can_bus_add_tap(&rig->bus, &tap);
    rig_send(rig, 0, "123#01");
    rig_run(rig, SIM_MS(1));
    /* ISO 11898-1: 8 for each failure, bus-off above 255. */
    cr_assert_eq(rig->bus.stats.error_frames, 32);
    cr_assert_eq(rig->station[0].node.state, CAN_BUS_OFF);
    can_bus_remove_tap(&rig->bus, &tap);
    rig_run(rig, SIM_MS(10));
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, 128 * 11 * BIT_NS);
    rig_free(rig);
}

Test(can_instant, frames_wait_while_the_wire_is_stuck_and_go_when_it_is_free)
{
    struct rig *rig = instant_rig(2, NULL);
    can_bus_set_fault(&rig->bus, CAN_WIRE_STUCK_DOMINANT);
    rig_send(rig, 0, "123#01");
    rig_run(rig, SIM_MS(3));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 0);
    can_bus_set_fault(&rig->bus, CAN_WIRE_OK);
    rig_run(rig, SIM_MS(4));
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, SIM_MS(3));
    rig_free(rig);
}
