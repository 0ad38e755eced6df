/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_random.c - properties that must hold whatever happens on a bus. */
#include "sim/prng.h"
#include "tests/can/bus_rig.h"

/* Each station sends frames with its number in the identifier and a serial number in the data.
 * Random taps, power cuts, wire faults and sleeps interfere. */
enum { SENDERS = 5, STEPS = 4000 };

struct chaos;

struct actor {
    struct can_node node;
    struct chaos *chaos;
    uint8_t number;
    uint32_t sent;               /* Serial number of the next frame. */
    uint32_t confirmed;          /* Serial number after the last confirmed one. */
    uint32_t last_from[SENDERS]; /* Serial number after the last received, per sender. */
    uint64_t received;
};

struct chaos {
    struct sim sim;
    struct trace *trace;
    struct can_bus bus;
    struct can_tap tap;
    struct prng prng;
    struct actor actor[SENDERS];
    uint64_t confirms;
};

static uint32_t serial_of(const struct can_frame *frame)
{
    uint32_t serial;
    memcpy(&serial, frame->data, sizeof(serial));
    return serial;
}

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)now_ns;
    struct actor *actor = ctx;
    const size_t from = frame->id & 7u;
    cr_assert(from < SENDERS && from != actor->number);
    cr_assert(can_frame_valid(frame));
    const uint32_t serial = serial_of(frame);
    /* Never one that was not sent, never out of order; taps may repeat and drop. */
    cr_assert_lt(serial, actor->chaos->actor[from].sent);
    cr_assert_geq(serial + 1, actor->last_from[from]);
    cr_assert(actor->node.powered && actor->node.state != CAN_BUS_OFF);
    actor->last_from[from] = serial + 1;
    actor->received++;
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)now_ns;
    struct actor *actor = ctx;
    const uint32_t serial = serial_of(frame);
    cr_assert_eq(frame->id & 7u, actor->number);
    cr_assert_geq(serial, actor->confirmed, "confirmed twice or out of order");
    cr_assert_lt(serial, actor->sent);
    actor->confirmed = serial + 1;
    actor->chaos->confirms++;
}

static const struct can_node_ops actor_ops = {.on_frame = on_frame, .on_confirm = on_confirm};

static void interfere(void *ctx, const struct can_node *sender, struct can_frame *frame,
                      struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    (void)sender;
    (void)frame;
    (void)now_ns;
    struct chaos *chaos = ctx;
    verdict->drop = prng_chance_ppm(&chaos->prng, 50000);
    verdict->damage = prng_chance_ppm(&chaos->prng, 150000);
    verdict->damage_bit = (uint16_t)prng_below(&chaos->prng, 200);
    verdict->duplicates = prng_chance_ppm(&chaos->prng, 50000) ? 1 : 0;
}

static void send_one(struct chaos *chaos, struct actor *actor)
{
    struct can_frame frame = {.flags = CAN_FLAG_EXT, .len_bytes = 8};
    frame.id = (uint32_t)prng_below(&chaos->prng, 4) << 20 | actor->number;
    if (prng_chance_ppm(&chaos->prng, 300000)) {
        frame.flags = CAN_FLAG_FD | CAN_FLAG_BRS;
        frame.id = (uint32_t)prng_below(&chaos->prng, 16) << 3 | actor->number;
        frame.len_bytes = can_len_from_dlc((uint8_t)(4 + prng_below(&chaos->prng, 12)), true);
    }
    memcpy(frame.data, &actor->sent, sizeof(actor->sent));
    if (can_node_send(&actor->node, &frame) == CAN_SEND_QUEUED) {
        actor->sent++;
    }
}

static void act(struct chaos *chaos)
{
    struct actor *actor = &chaos->actor[prng_below(&chaos->prng, SENDERS)];
    switch (prng_below(&chaos->prng, 40)) {
    case 0: can_node_set_power(&actor->node, false); break;
    case 1: can_node_sleep(&actor->node); break;
    case 2: can_node_wake(&actor->node); break;
    case 3: can_node_abort(&actor->node); break;
    case 4: can_bus_set_fault(&chaos->bus, CAN_WIRE_STUCK_RECESSIVE); break;
    case 5: can_bus_set_fault(&chaos->bus, CAN_WIRE_STUCK_DOMINANT); break;
    case 6:
        can_bus_detach(&chaos->bus, &actor->node);
        can_bus_attach(&chaos->bus, &actor->node);
        break;
    case 7:
    case 8:
    case 9:
    case 10: can_bus_set_fault(&chaos->bus, CAN_WIRE_OK); break;
    case 11:
    case 12:
    case 13: can_node_set_power(&actor->node, true); break;
    default: send_one(chaos, actor); break;
    }
}

static void assert_counters(const struct chaos *chaos)
{
    for (size_t i = 0; i < SENDERS; i++) {
        const struct can_node *node = &chaos->actor[i].node;
        cr_assert_leq(node->tec, 255 + 8);
        cr_assert_leq(node->rec, 255);
        cr_assert_eq(node->state == CAN_BUS_OFF, node->tec > 255);
        cr_assert(node->state == CAN_BUS_OFF ||
                  (node->state == CAN_ERROR_PASSIVE) == (node->tec > 127 || node->rec > 127));
        cr_assert_leq(node->queue_used, 10);
    }
}

static struct chaos *chaos_new(uint64_t seed)
{
    static const char *const names[SENDERS] = {"a", "b", "c", "d", "e"};
    struct chaos *chaos = calloc(1, sizeof(*chaos));
    chaos->trace = trace_new(true);
    sim_init(&chaos->sim, &(struct sim_cfg){.seed = seed, .trace = chaos->trace});
    prng_init(&chaos->prng, seed, "chaos");
    can_bus_init(&chaos->bus, &chaos->sim,
                 &(struct can_bus_cfg){"can0", .nominal_bps = 500000, .data_bps = 2000000});
    chaos->tap = (struct can_tap){chaos, interfere};
    can_bus_add_tap(&chaos->bus, &chaos->tap);
    for (size_t i = 0; i < SENDERS; i++) {
        struct actor *actor = &chaos->actor[i];
        actor->chaos = chaos;
        actor->number = (uint8_t)i;
        can_node_init(&actor->node,
                      &(struct can_node_cfg){.name = names[i], .ops = &actor_ops, .ctx = actor});
        can_bus_attach(&chaos->bus, &actor->node);
    }
    return chaos;
}

static struct trace_digest play(uint64_t seed, bool check_progress)
{
    struct chaos *chaos = chaos_new(seed);
    for (int i = 0; i < STEPS; i++) {
        act(chaos);
        sim_run_until(&chaos->sim, chaos->sim.now_ns + prng_below(&chaos->prng, SIM_US(400)));
        assert_counters(chaos);
    }
    const struct trace_digest digest = trace_digest(chaos->trace);
    uint64_t received = 0;
    for (size_t i = 0; i < SENDERS; i++) {
        received += chaos->actor[i].received;
    }
    if (check_progress) {
        cr_assert_gt(chaos->confirms, STEPS / 20);
        cr_assert_gt(received, chaos->confirms);
        cr_assert_gt(chaos->bus.stats.error_frames, 100);
        cr_assert_leq(chaos->bus.stats.busy_ns, chaos->sim.now_ns + SIM_MS(2));
    }
    can_bus_release(&chaos->bus);
    sim_release(&chaos->sim);
    trace_free(chaos->trace);
    free(chaos);
    return digest;
}

Test(can_random, nothing_arrives_that_was_not_sent_and_order_and_counters_hold)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        play(seed, true);
    }
}

Test(can_random, the_same_seed_gives_the_same_digest_and_another_seed_another)
{
    const struct trace_digest first = play(7, false);
    const struct trace_digest again = play(7, false);
    const struct trace_digest other = play(8, false);
    cr_assert_str_eq(first.hex, again.hex);
    cr_assert_str_neq(first.hex, other.hex);
}
