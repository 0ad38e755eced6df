/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_taps.c - what a tap may do to a frame. */
#include "tests/can/bus_rig.h"

/* Gives one verdict to every frame, and another identifier if it replaces. */
struct meddler {
    struct can_tap tap;
    struct can_tap_verdict verdict;
    uint32_t id;
    size_t asked;
    sim_ns_t asked_ns;
    const struct can_node *sender;
};

static void meddle(void *ctx, const struct can_node *sender, struct can_frame *frame,
                   struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    struct meddler *meddler = ctx;
    meddler->asked++;
    meddler->asked_ns = now_ns;
    meddler->sender = sender;
    *verdict = meddler->verdict;
    if (meddler->id != 0) {
        frame->id = meddler->id;
    }
}

static void add(struct rig *rig, struct meddler *meddler, struct can_tap_verdict verdict)
{
    *meddler = (struct meddler){{meddler, meddle}, .verdict = verdict};
    can_bus_add_tap(&rig->bus, &meddler->tap);
}

static void count_lost(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    size_t *counts = ctx;
    if (rec->kind == TRACE_CAN_LOST) {
        counts[rec->arg[1]]++;
    }
}

Test(can_taps, a_tap_sees_each_transmission_once_at_sof_with_its_sender)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){0});
    rig_run(rig, SIM_MS(1));
    rig_send(rig, 1, "100#00");
    rig_run(rig, SIM_MS(2));
    cr_assert_eq(meddler.asked, 1);
    cr_assert_eq(meddler.asked_ns, SIM_MS(1));
    cr_assert_eq(meddler.sender, &rig->station[1].node);
    can_bus_remove_tap(&rig->bus, &meddler.tap);
    rig_send(rig, 1, "100#00");
    rig_run(rig, SIM_MS(3));
    cr_assert_eq(meddler.asked, 1);
    cr_assert_eq(rig_count(rig, 0, SEEN_FRAME), 2);
    rig_free(rig);
}

Test(can_taps, a_dropped_frame_is_confirmed_but_reaches_nobody)
{
    struct rig *rig = rig_new(3, 0, NULL);
    size_t lost[2] = {0};
    trace_subscribe(rig->trace, count_lost, lost);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){.drop = true});
    rig_send(rig, 0, "100#00");
    rig_run(rig, SIM_MS(2));
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns, rig_length_ns("100#00"));
    cr_assert_eq(rig->station[1].seen_len + rig->station[2].seen_len, 0);
    cr_assert_eq(rig->bus.stats.frames, 1);
    cr_assert_eq(lost[CAN_LOST_DROPPED], 1);
    rig_free(rig);
}

Test(can_taps, a_delayed_frame_comes_later_and_frees_the_bus_in_time)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){.delay_ns = SIM_MS(5)});
    rig_send(rig, 0, "100#01");
    rig_send(rig, 0, "100#02");
    rig_run(rig, SIM_MS(20));
    const sim_ns_t length_ns = rig_length_ns("100#01");
    cr_assert_eq(rig_seen(rig, 0, SEEN_CONFIRM, 0)->at_ns, length_ns);
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, length_ns + SIM_MS(5));
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 0), "100#01");
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 1), "100#02");
    cr_assert_eq(rig_count(rig, 0, SEEN_FRAME), 0);
    rig_free(rig);
}

Test(can_taps, duplicates_are_delivered_as_often_as_said_now_or_late)
{
    for (sim_ns_t delay_ns = 0; delay_ns <= SIM_MS(1); delay_ns += SIM_MS(1)) {
        struct rig *rig = rig_new(2, 0, NULL);
        struct meddler meddler;
        add(rig, &meddler, (struct can_tap_verdict){.duplicates = 2, .delay_ns = delay_ns});
        rig_send(rig, 0, "100#00");
        rig_run(rig, SIM_MS(2));
        cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 3);
        cr_assert_eq(rig_count(rig, 0, SEEN_CONFIRM), 1);
        rig_free(rig);
    }
}

Test(can_taps, a_replaced_frame_is_what_receivers_get_and_not_what_the_sender_gets)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){.replace = true});
    meddler.id = 0x222;
    rig_send(rig, 0, "100#AB");
    rig_run(rig, SIM_MS(2));
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 0), "222#AB");
    rig_assert_frame(rig_seen(rig, 0, SEEN_CONFIRM, 0), "100#AB");
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, rig_length_ns("100#AB"));
    rig_free(rig);
}

Test(can_taps, a_frame_changed_without_saying_so_is_not_changed)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){0});
    meddler.id = 0x222;
    rig_send(rig, 0, "100#AB");
    rig_run(rig, SIM_MS(2));
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 0), "100#AB");
    rig_free(rig);
}

Test(can_taps, damage_shows_at_its_bit_and_past_the_end_at_the_last_bit_but_one)
{
    static const uint16_t bits[] = {0, 1, 13, 40, UINT16_MAX};
    for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
        struct rig *rig = rig_new(2, 0, NULL);
        struct meddler meddler;
        add(rig, &meddler, (struct can_tap_verdict){.damage = true, .damage_bit = bits[i]});
        rig_send(rig, 0, "123#DEADBEEF");
        rig_run(rig, SIM_MS(1) / 4);
        const unsigned total = (unsigned)(rig_length_ns("123#DEADBEEF") / BIT_NS);
        const unsigned bit = bits[i] == UINT16_MAX ? total - 2 : bits[i];
        cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->at_ns, (bit + 1) * BIT_NS);
        cr_assert_eq(rig_seen(rig, 0, SEEN_ERROR, 0)->error.bit, bit);
        cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 0);
        rig_free(rig);
    }
}

Test(can_taps, several_taps_add_up)
{
    struct rig *rig = rig_new(2, 0, NULL);
    struct meddler meddlers[3];
    add(rig, &meddlers[0], (struct can_tap_verdict){.delay_ns = SIM_MS(1), .duplicates = 1});
    add(rig, &meddlers[1], (struct can_tap_verdict){.replace = true});
    add(rig, &meddlers[2], (struct can_tap_verdict){.delay_ns = SIM_MS(2), .duplicates = 1});
    meddlers[1].id = 0x333;
    rig_send(rig, 0, "100#AB");
    rig_run(rig, SIM_MS(9));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 3);
    rig_assert_frame(rig_seen(rig, 1, SEEN_FRAME, 2), "333#AB");
    cr_assert_eq(rig_seen(rig, 1, SEEN_FRAME, 0)->at_ns, rig_length_ns("100#AB") + SIM_MS(3));
    rig_free(rig);
}

Test(can_taps, delayed_frames_beyond_the_limit_are_lost_and_traced)
{
    struct rig *rig = rig_new(2, 0, NULL);
    size_t lost[2] = {0};
    trace_subscribe(rig->trace, count_lost, lost);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){.delay_ns = SIM_S(10)});
    for (unsigned i = 0; i < CAN_LATE_MAX + 4; i++) {
        rig_send(rig, 0, "100#AB");
        rig_run(rig, rig->sim.now_ns + SIM_MS(1));
        rig->station[0].seen_len = 0;
    }
    rig_run(rig, SIM_S(20));
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), CAN_LATE_MAX);
    cr_assert_eq(lost[CAN_LOST_TOO_MANY_LATE], 4);
    rig_free(rig);
}

/* A tap is where injected faults sit: it may pull the plug. */
static void unplug(void *ctx, const struct can_node *sender, struct can_frame *frame,
                   struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    (void)sender;
    (void)frame;
    (void)verdict;
    (void)now_ns;
    can_node_set_power(ctx, false);
}

Test(can_taps, a_tap_may_cut_the_power_of_the_sender)
{
    struct rig *rig = rig_new(3, 0, NULL);
    struct can_tap tap = {&rig->station[0].node, unplug};
    can_bus_add_tap(&rig->bus, &tap);
    rig_send(rig, 0, "123#DEADBEEF");
    rig_run(rig, SIM_MS(1));
    cr_assert_eq(rig->station[0].seen_len, 0);
    cr_assert_eq(rig_seen(rig, 1, SEEN_ERROR, 0)->error.cause, CAN_ERROR_STUFF);
    cr_assert_eq(rig_count(rig, 1, SEEN_FRAME), 0);
    rig_free(rig);
}

Test(can_taps, a_frame_held_back_comes_right_after_the_next_one_like_it)
{
    struct rig *rig = rig_new(3, 0, NULL);
    struct meddler meddler;
    add(rig, &meddler, (struct can_tap_verdict){.delay_ns = SIM_MS(5), .after_next = true});
    rig_send(rig, 0, "100#01");
    rig_run(rig, SIM_MS(1));
    can_bus_remove_tap(&rig->bus, &meddler.tap);
    rig_send(rig, 1, "100#02");
    rig_send(rig, 0, "101#03");
    rig_run(rig, SIM_MS(2));
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 2);
    rig_send(rig, 0, "100#04");
    rig_run(rig, SIM_MS(10));
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 2), "100#04");
    rig_assert_frame(rig_seen(rig, 2, SEEN_FRAME, 3), "100#01");
    cr_assert_eq(rig_seen(rig, 2, SEEN_FRAME, 3)->at_ns, SIM_MS(2) + rig_length_ns("100#04"));
    cr_assert_eq(rig_count(rig, 2, SEEN_FRAME), 4);
    rig_free(rig);
}
