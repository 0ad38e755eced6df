/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can_errors.c - error messages, bus-off and restart. */
#include "tests/af_can/af_can_rig.h"

#include <linux/sockios.h>
#include <net/if.h>

static struct af_can_socket *listener(struct rig *rig, unsigned mask)
{
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    cr_assert_eq(rig_set(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, (int)mask), 0);
    cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, NULL, 0), 0);
    return socket;
}

/* Damages the frames of the host at one bit. */
struct damage {
    struct can_tap tap;
    const struct can_node *not_of;
    uint16_t bit;
    unsigned times;
};

static void on_transmit(void *ctx, const struct can_node *sender, struct can_frame *frame,
                        struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    (void)frame;
    (void)now_ns;
    struct damage *damage = ctx;
    if (sender != damage->not_of && damage->times > 0) {
        damage->times--;
        verdict->damage = true;
        verdict->damage_bit = damage->bit;
    }
}

static struct damage damage_host(struct rig *rig, uint16_t bit, unsigned times)
{
    return (struct damage){
        .tap = {.on_transmit = on_transmit}, .not_of = &rig->peer, .bit = bit, .times = times};
}

Test(af_can_errors, a_missing_acknowledgement_is_named_with_place_and_counters)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *errors = listener(rig, CAN_ERR_ACK);
    can_node_set_power(&rig->peer, false);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    sim_run_until(&rig->sim, SIM_US(150));
    const struct rig_received got = rig_receive(errors);
    cr_assert_eq(got.result, 16);
    cr_assert_eq(got.frame.can_id,
                 CAN_ERR_FLAG | CAN_ERR_PROT | CAN_ERR_BUSERROR | CAN_ERR_ACK | CAN_ERR_CNT);
    cr_assert_eq(got.frame.len, CAN_ERR_DLC);
    cr_assert_eq(got.frame.data[2], CAN_ERR_PROT_TX);
    cr_assert_eq(got.frame.data[3], CAN_ERR_PROT_LOC_ACK);
    cr_assert_eq(got.frame.data[6], 8);
    cr_assert_eq(got.frame.data[7], 0);
    cr_assert_eq(got.flags, 0);
    rig_free(rig);
}

Test(af_can_errors, a_damaged_bit_is_a_violation_at_its_place_and_the_frame_is_repeated)
{
    struct rig *rig = rig_new(0, 0);
    struct damage damage = damage_host(rig, 20, 1);
    damage.tap.ctx = &damage;
    can_bus_add_tap(&rig->bus[0], &damage.tap);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *errors = listener(rig, CAN_ERR_PROT);
    cr_assert_eq(rig_send(socket, "555#55"), 16);
    rig_run_ms(rig, 2);
    cr_assert_eq(rig->seen_len, 1);
    const struct rig_received got = rig_receive(errors);
    cr_assert_eq(got.frame.data[2], CAN_ERR_PROT_BIT | CAN_ERR_PROT_TX);
    cr_assert_eq(got.frame.data[3], CAN_ERR_PROT_LOC_DATA);
    cr_assert_eq(rig_receive(errors).result, -EAGAIN);
    rig_free(rig);
}

Test(af_can_errors, an_error_in_a_frame_of_others_is_one_of_reception)
{
    struct rig *rig = rig_new(0, 0);
    struct damage damage = damage_host(rig, 20, 1);
    damage.not_of = NULL;
    damage.tap.ctx = &damage;
    can_bus_add_tap(&rig->bus[0], &damage.tap);
    struct af_can_socket *errors = listener(rig, CAN_ERR_PROT);
    rig_peer_send(rig, "555#55");
    rig_run_ms(rig, 2);
    const struct rig_received got = rig_receive(errors);
    cr_assert_eq(got.frame.data[2], CAN_ERR_PROT_STUFF);
    cr_assert_eq(got.frame.data[6], 0);
    cr_assert_eq(got.frame.data[7], 1);
    rig_free(rig);
}

Test(af_can_errors, lost_arbitration_is_told_as_such)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *errors = listener(rig, CAN_ERR_LOSTARB);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_peer_send(rig, "100#");
    rig_run_ms(rig, 2);
    cr_assert_eq(rig_receive(errors).frame.can_id, CAN_ERR_FLAG | CAN_ERR_LOSTARB | CAN_ERR_CNT);
    cr_assert_eq(rig_receive(errors).result, -EAGAIN);
    rig_free(rig);
}

/* Every failed attempt adds 8: the limits 96 and 128 are reached by the 12th and the 16th, and
 * without an acknowledgement the counter stays there. */
Test(af_can_errors, the_way_to_error_passive_and_back_is_told_at_the_limits)
{
    static const uint8_t states[] = {CAN_ERR_CRTL_TX_WARNING, CAN_ERR_CRTL_TX_PASSIVE,
                                     CAN_ERR_CRTL_TX_WARNING, CAN_ERR_CRTL_ACTIVE};
    static const uint8_t counters[] = {96, 128, 127, 95};
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *errors = listener(rig, CAN_ERR_CRTL);
    can_node_set_power(&rig->peer, false);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_run_ms(rig, 10);
    can_node_set_power(&rig->peer, true);
    for (unsigned i = 0; i < 40; i++) {
        rig_run_ms(rig, 1);
        (void)rig_send(socket, "123#");
    }
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        const struct rig_received got = rig_receive(errors);
        cr_assert_eq(got.result, 16);
        cr_expect_eq(got.frame.data[1], states[i]);
        cr_expect_eq(got.frame.data[6], counters[i], "%zu: %u", i, got.frame.data[6]);
    }
    cr_assert_eq(rig_receive(errors).result, -EAGAIN);
    rig_free(rig);
}

Test(af_can_errors, sockets_without_an_error_filter_never_see_them)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    can_node_set_power(&rig->peer, false);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_run_ms(rig, 10);
    cr_assert_eq(rig_drain(socket), 0);
    rig_free(rig);
}

Test(af_can_errors, joined_filters_keep_error_messages_away_as_in_the_kernel)
{
    static const struct can_filter two[2];
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *errors = listener(rig, CAN_ERR_MASK);
    cr_assert_eq(af_can_setsockopt(errors, SOL_CAN_RAW, CAN_RAW_FILTER, two, sizeof(two)), 0);
    cr_assert_eq(rig_set(errors, SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, 1), 0);
    can_node_set_power(&rig->peer, false);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_run_ms(rig, 10);
    cr_assert_eq(rig_drain(errors), 0);
    rig_free(rig);
}

static struct rig *rig_bus_off(unsigned restart_after_ms, struct damage *damage,
                               struct af_can_socket **socket, struct af_can_socket **errors)
{
    struct rig *rig = rig_new(0, restart_after_ms);
    *damage = damage_host(rig, 20, 32);
    damage->tap.ctx = damage;
    can_bus_add_tap(&rig->bus[0], &damage->tap);
    *socket = rig_bound(rig, rig->index[0]);
    *errors = listener(rig, CAN_ERR_BUSOFF | CAN_ERR_RESTARTED);
    for (unsigned i = 0; i < 5; i++) {
        cr_assert_eq(rig_send(*socket, "123#"), 16);
    }
    rig_run_ms(rig, 10);
    cr_assert_eq(damage->times, 0);
    return rig;
}

static int flags_of(struct rig *rig)
{
    struct ifreq ifreq = {.ifr_name = "can0"};
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCGIFFLAGS, &ifreq), 0);
    return ifreq.ifr_flags;
}

/* dev_deactivate(): the noop queueing discipline takes frames and loses them. */
Test(af_can_errors, bus_off_empties_the_queue_and_frames_vanish_without_an_error)
{
    struct damage damage;
    struct af_can_socket *socket;
    struct af_can_socket *errors;
    struct rig *rig = rig_bus_off(0, &damage, &socket, &errors);
    const struct rig_received got = rig_receive(errors);
    cr_assert_eq(got.frame.can_id & CAN_ERR_BUSOFF, CAN_ERR_BUSOFF);
    cr_assert_eq(got.frame.can_id & CAN_ERR_CNT, 0);
    cr_assert_eq(flags_of(rig) & (IFF_UP | IFF_RUNNING), IFF_UP);
    for (unsigned i = 0; i < 50; i++) {
        cr_assert_eq(rig_send(socket, "123#"), 16);
    }
    cr_assert_neq(af_can_poll(socket) & POLLOUT, 0);
    rig_run_ms(rig, 1000);
    cr_assert_eq(rig->seen_len, 0);
    /* Down and up again is the way out without restart-ms. */
    af_can_set_up(rig->stack, rig->index[0], false);
    af_can_set_up(rig->stack, rig->index[0], true);
    cr_assert_eq(rig_receive(socket).result, -ENETDOWN);
    cr_assert_eq(rig_send(socket, "456#"), 16);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    rig_free(rig);
}

Test(af_can_errors, after_restart_ms_the_controller_recovers_and_sends_what_came_since)
{
    struct damage damage;
    struct af_can_socket *socket;
    struct af_can_socket *errors;
    struct rig *rig = rig_bus_off(100, &damage, &socket, &errors);
    struct af_can_socket *states = listener(rig, CAN_ERR_CRTL);
    cr_assert_eq(rig_send(socket, "456#"), 16);
    rig_run_ms(rig, 90);
    cr_assert_neq(rig_receive(errors).frame.can_id & CAN_ERR_BUSOFF, 0);
    cr_assert_eq(rig_receive(errors).result, -EAGAIN);
    while (rig_receive_with(errors, MSG_PEEK, 72, 0).result == -EAGAIN) {
        cr_assert(sim_step(&rig->sim));
    }
    cr_assert_eq(rig_receive(errors).frame.can_id, CAN_ERR_FLAG | CAN_ERR_RESTARTED);
    cr_assert_eq(flags_of(rig) & IFF_RUNNING, IFF_RUNNING);
    cr_assert_eq(rig_send(socket, "457#"), 16);
    /* 128 times 11 bits of 2 us. */
    sim_run_until(&rig->sim, rig->sim.now_ns + SIM_US(2816));
    cr_assert_eq(rig->seen_len, 0);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    cr_assert_eq(rig->seen[0].id, 0x457);
    cr_assert_eq(rig_drain(states), 0); /* RESTARTED has said it. */
    rig_free(rig);
}

Test(af_can_errors, down_and_up_restarts_the_controller_and_nothing_else_does_later)
{
    struct damage damage;
    struct af_can_socket *socket;
    struct af_can_socket *errors;
    struct rig *rig = rig_bus_off(100, &damage, &socket, &errors);
    af_can_set_up(rig->stack, rig->index[0], false);
    af_can_set_up(rig->stack, rig->index[0], true);
    cr_assert_eq(rig_get(errors, SOL_SOCKET, SO_ERROR), ENETDOWN);
    cr_assert_eq(rig_drain(errors), 1); /* Bus-off. */
    rig_run_ms(rig, 200);
    cr_assert_eq(rig_drain(errors), 0);
    rig_free(rig);
}
