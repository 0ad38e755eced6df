/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_transmission.c - one frame on the wire: arbitration and its fate.
 *
 * A frame takes two events. The arbitration starts it and decides at once how it will end (who has
 * won, what a tap or a fault does to it, whether anybody acknowledges); the end event carries that
 * out. What changes in between - power, faults, nodes that leave - moves the end event. */
#include "sim/can/can_private.h"

#include <stdlib.h>

enum {
    EOF_LAST_BITS = 2,      /* A fault in the very last bit is no error to receivers. */
    FDF_TO_SWITCH_BITS = 3, /* FDF, res, BRS: no stuff bit can stand between them. */
};

static sim_event_fn on_arbitrate;
static sim_event_fn on_end;

void can_transmission_init(struct can_bus *bus)
{
    struct can_transmission *tr = calloc(1, sizeof(*tr));
    CHECK(tr != NULL);
    bus->transmission = tr;
    tr->bit_ns = SIM_S(1) % bus->cfg.nominal_bps == 0 ? SIM_S(1) / bus->cfg.nominal_bps : 0;
    sim_event_init(&tr->arbitrate, SIM_ARBITRATE, on_arbitrate, bus, NULL);
    sim_event_init(&tr->end, SIM_DELIVER, on_end, bus, NULL);
    sim_event_init(&tr->recover, SIM_DELIVER, can_errors_on_recover, bus, NULL);
    for (size_t i = 0; i < CAN_LATE_MAX; i++) {
        struct can_late *late = &tr->late[i];
        late->bus = bus;
        sim_event_init(&late->event, SIM_DELIVER, can_outcome_on_late, late, NULL);
        late->next_free = tr->free;
        tr->free = late;
    }
}

void can_transmission_release(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    sim_cancel(bus->sim, &tr->arbitrate);
    sim_cancel(bus->sim, &tr->end);
    sim_cancel(bus->sim, &tr->recover);
    for (size_t i = 0; i < CAN_LATE_MAX; i++) {
        sim_cancel(bus->sim, &tr->late[i].event);
    }
    free(tr);
    bus->transmission = NULL;
}

static void request_at(struct can_bus *bus, sim_ns_t ready_ns)
{
    struct can_transmission *tr = bus->transmission;
    if (tr->busy || ready_ns == SIM_NEVER || bus->fault == CAN_WIRE_STUCK_DOMINANT) {
        return;
    }
    sim_ns_t due_ns = bus->sim->now_ns;
    due_ns = tr->idle_ns > due_ns ? tr->idle_ns : due_ns;
    due_ns = ready_ns > due_ns ? ready_ns : due_ns;
    if (!sim_event_pending(&tr->arbitrate) || due_ns < tr->arbitrate_ns) {
        tr->arbitrate_ns = due_ns;
        sim_schedule(bus->sim, &tr->arbitrate, due_ns);
    }
}

void can_transmission_request_for(struct can_bus *bus, const struct can_node *node)
{
    if ((bus->transmission->wanting & can_set_of(node)) != 0) {
        request_at(bus, node->ready_ns);
    }
}

void can_transmission_request(struct can_bus *bus)
{
    can_node_set wanting = bus->transmission->wanting;
    sim_ns_t ready_ns = SIM_NEVER;
    while (wanting != 0) {
        ready_ns = sim_min_ns(ready_ns, can_set_take(bus, &wanting)->ready_ns);
    }
    request_at(bus, ready_ns);
}

/* Those who want the bus now: error-passive senders wait 8 bits longer than the others. */
static can_node_set contenders(const struct can_bus *bus)
{
    can_node_set wanting = bus->transmission->wanting;
    can_node_set ready = 0;
    while (wanting != 0) {
        const struct can_node *node = can_set_take(bus, &wanting);
        if (node->ready_ns <= bus->sim->now_ns) {
            ready |= can_set_of(node);
        }
    }
    return ready;
}

/* On an instant bus, the one whose frame was sent first. */
static can_node_set first_of(const struct can_bus *bus, can_node_set set)
{
    can_node_set first = 0;
    uint64_t lowest = UINT64_MAX;
    while (set != 0) {
        const struct can_node *node = can_set_take(bus, &set);
        if (can_node_head_order(node) < lowest) {
            lowest = can_node_head_order(node);
            first = can_set_of(node);
        }
    }
    return first;
}

/* Several win if their arbitration fields are equal. */
static can_node_set winners_of(const struct can_bus *bus, can_node_set set)
{
    if ((set & (set - 1)) == 0) {
        return set;
    }
    can_node_set winners = 0;
    uint32_t lowest = UINT32_MAX;
    while (set != 0) {
        struct can_node *node = can_set_take(bus, &set);
        const uint32_t key = can_arbitration_key(can_node_head(node));
        if (key < lowest) {
            lowest = key;
            winners = 0;
        }
        if (key == lowest) {
            winners |= can_set_of(node);
        }
    }
    return winners;
}

/* The fate that shows at the earliest bit prevails. */
static void will_fail(struct can_transmission *tr, enum can_error_cause cause, unsigned bit)
{
    if (!tr->failing || bit < tr->cause_bit) {
        tr->failing = true;
        tr->cause = cause;
        tr->cause_bit = (uint16_t)bit;
    }
}

/* Two controllers send the same arbitration field with different data: at the first difference
 * the one that sends recessive sees dominant. Controllers that send equal frames never notice. */
static void foresee_collision(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    can_node_set others = tr->senders & (tr->senders - 1);
    while (others != 0) {
        const struct can_frame *other = can_node_head(can_set_take(bus, &others));
        if (!can_frame_equal(&tr->frame, other)) {
            will_fail(tr, CAN_ERROR_BIT, can_wire_first_difference(&tr->frame, other));
        }
    }
}

static bool anyone_classical(const struct can_bus *bus, can_node_set set)
{
    while (set != 0) {
        if (!can_set_take(bus, &set)->receives_fd) {
            return true;
        }
    }
    return false;
}

static void foresee_fate(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    if (!bus->cfg.instant && (tr->audience & tr->answering) == 0) {
        will_fail(tr, CAN_ERROR_ACK, can_ack_bit(tr));
    }
    if (bus->fault == CAN_WIRE_STUCK_RECESSIVE) {
        will_fail(tr, CAN_ERROR_BIT, 0);
    }
    if ((tr->frame.flags & CAN_FLAG_FD) != 0 &&
        anyone_classical(bus, (tr->audience & tr->answering) | tr->senders)) {
        will_fail(tr, CAN_ERROR_FORM, tr->wire.switch_bit - (unsigned)FDF_TO_SWITCH_BITS);
    }
    foresee_collision(bus);
    if (tr->verdict.damage) {
        const unsigned last = can_total_bits(tr) - EOF_LAST_BITS;
        const unsigned bit = tr->verdict.damage_bit < last ? tr->verdict.damage_bit : last;
        /* A dominant acknowledgement that is made recessive is one that is missing. */
        will_fail(tr, bit == can_ack_bit(tr) ? CAN_ERROR_ACK : CAN_ERROR_BIT, bit);
    }
}

static sim_ns_t time_on_wire_ns(const struct can_bus *bus)
{
    const struct can_transmission *tr = bus->transmission;
    const struct can_bus_cfg *cfg = &bus->cfg;
    if (cfg->instant) {
        return 0;
    }
    if (tr->failing) {
        return can_wire_prefix_ns(&tr->wire, (uint16_t)(tr->cause_bit + 1), cfg->nominal_bps,
                                  cfg->data_bps);
    }
    return tr->wire.data_bits == 0
               ? can_bus_bits_ns(bus, tr->wire.nominal_bits)
               : can_wire_duration_ns(&tr->wire, cfg->nominal_bps, cfg->data_bps);
}

static void schedule_end(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    const sim_ns_t due_ns = tr->sof_ns + time_on_wire_ns(bus);
    sim_schedule(bus->sim, &tr->end, due_ns > bus->sim->now_ns ? due_ns : bus->sim->now_ns);
}

static void merge_verdict(struct can_tap_verdict *all, const struct can_tap_verdict *one)
{
    const unsigned duplicates = (unsigned)all->duplicates + one->duplicates;
    all->drop |= one->drop;
    all->delay_ns += one->delay_ns;
    all->after_next |= one->after_next;
    all->duplicates = duplicates < UINT8_MAX ? (uint8_t)duplicates : UINT8_MAX;
    if (one->damage && (!all->damage || one->damage_bit < all->damage_bit)) {
        all->damage = true;
        all->damage_bit = one->damage_bit;
    }
}

static void ask_taps(struct can_bus *bus, const struct can_node *sender)
{
    struct can_transmission *tr = bus->transmission;
    tr->replaced = false;
    tr->verdict = (struct can_tap_verdict){0};
    for (size_t i = 0; i < bus->taps_len; i++) {
        struct can_frame scratch = tr->replaced ? tr->seen : tr->frame;
        struct can_tap_verdict verdict = {0};
        bus->taps[i]->on_transmit(bus->taps[i]->ctx, sender, &scratch, &verdict, bus->sim->now_ns);
        merge_verdict(&tr->verdict, &verdict);
        if (verdict.replace) {
            CHECK(can_frame_valid(&scratch));
            tr->replaced = true;
            tr->seen = scratch;
        }
    }
}

static void wake(struct can_bus *bus, can_node_set sleeping)
{
    while (sleeping != 0) {
        struct can_node *node = can_set_take(bus, &sleeping);
        can_node_wake(node);
        if (node->cfg.ops->on_wake_up != NULL) {
            node->cfg.ops->on_wake_up(node->cfg.ctx, bus->sim->now_ns);
        }
    }
}

void can_transmission_wake_all(struct can_bus *bus)
{
    wake(bus, bus->transmission->sleeping);
}

/* Strictly, the loser knows some bits later; nothing can depend on it before the end of the
 * frame. */
static void tell_losers(struct can_bus *bus, can_node_set losers)
{
    while (losers != 0) {
        struct can_node *node = can_set_take(bus, &losers);
        bus->stats.arbitrations_lost++;
        if (node->cfg.ops->on_arbitration_lost != NULL) {
            node->cfg.ops->on_arbitration_lost(node->cfg.ctx, can_node_head(node),
                                               bus->sim->now_ns);
        }
    }
}

static void take_frame(struct can_bus *bus, struct can_node *sender)
{
    struct can_transmission *tr = bus->transmission;
    can_frame_copy(&tr->frame, can_node_head(sender));
    if ((tr->frame.flags & CAN_FLAG_FD) != 0 && sender->state == CAN_ERROR_PASSIVE) {
        tr->frame.flags |= CAN_FLAG_ESI;
    }
    can_wire_fill(&tr->wire, &tr->frame);
}

static void start(struct can_bus *bus, can_node_set winners, can_node_set losers)
{
    struct can_transmission *tr = bus->transmission;
    const can_node_set sleeping = tr->sleeping;
    tr->busy = true;
    tr->failing = false;
    tr->sof_ns = bus->sim->now_ns;
    tr->senders = winners;
    tr->audience = tr->receiving & ~winners;
    while (winners != 0) {
        can_set_take(bus, &winners)->transmitting = true;
    }

    can_node_set first = tr->senders;
    struct can_node *sender = can_set_take(bus, &first);
    tr->first = sender;
    tr->first_source = sender->source;
    take_frame(bus, sender);
    tr->calling = true;
    ask_taps(bus, sender);
    foresee_fate(bus);
    schedule_end(bus);
    if (bus->fault != CAN_WIRE_STUCK_RECESSIVE) {
        wake(bus, sleeping);
    }
    tell_losers(bus, losers);
    tr->calling = false;
}

static void on_arbitrate(struct sim *sim, void *ctx)
{
    (void)sim;
    struct can_bus *bus = ctx;
    const can_node_set ready = contenders(bus);
    if (ready == 0) {
        can_transmission_request(bus);
        return;
    }
    if (bus->cfg.instant) {
        start(bus, first_of(bus, ready), 0);
        return;
    }
    const can_node_set winners = winners_of(bus, ready);
    start(bus, winners, ready & ~winners);
}

static void on_end(struct sim *sim, void *ctx)
{
    (void)sim;
    struct can_bus *bus = ctx;
    struct can_transmission *tr = bus->transmission;
    tr->calling = true;
    if (tr->failing) {
        can_outcome_fail(bus);
    } else {
        can_outcome_complete(bus);
    }
    tr->calling = false;
    can_transmission_request(bus);
}

static uint16_t bit_at(const struct can_bus *bus, sim_ns_t at_ns)
{
    const struct can_transmission *tr = bus->transmission;
    return can_wire_bit_at(&tr->wire, at_ns - tr->sof_ns, bus->cfg.nominal_bps, bus->cfg.data_bps);
}

static uint16_t bit_now(const struct can_bus *bus)
{
    return bit_at(bus, bus->sim->now_ns);
}

bool can_bus_acknowledged(const struct can_bus *bus, sim_ns_t at_ns)
{
    const struct can_transmission *tr = bus->transmission;
    return tr->busy && !tr->failing && bit_at(bus, at_ns) > can_ack_bit(tr);
}

/* The sender falls silent: the wire stays recessive. Receivers notice at the sixth equal bit; but
 * from the ACK delimiter on recessive bits are all that was left to send. */
static void sender_vanished(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    const unsigned bit = bit_now(bus);
    if (bit > can_ack_bit(tr)) {
        return;
    }
    const unsigned noticed = bit + CAN_STUFF_ERROR_BITS;
    const unsigned last = can_total_bits(tr) - EOF_LAST_BITS;
    will_fail(tr, CAN_ERROR_STUFF, noticed < last ? noticed : last);
}

void can_transmission_leave(struct can_bus *bus, struct can_node *node)
{
    struct can_transmission *tr = bus->transmission;
    const can_node_set self = can_set_of(node);
    node->transmitting = false;
    if (((tr->senders | tr->audience) & self) == 0) {
        return;
    }
    const bool last_sender = tr->senders == self;
    tr->senders &= ~self;
    tr->audience &= ~self;
    if (!tr->busy) {
        return;
    }
    if (last_sender) {
        sender_vanished(bus);
    } else if (!bus->cfg.instant && (tr->audience & tr->answering) == 0 &&
               bit_now(bus) <= can_ack_bit(tr)) {
        will_fail(tr, CAN_ERROR_ACK, can_ack_bit(tr));
    }
    schedule_end(bus);
}

void can_transmission_break(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    sim_cancel(bus->sim, &tr->arbitrate);
    if (tr->busy) {
        will_fail(tr, CAN_ERROR_BIT, bit_now(bus));
        schedule_end(bus);
    } else {
        can_transmission_request(bus);
    }
}

void can_transmission_forget_sender(struct can_bus *bus, const struct can_node *node)
{
    struct can_transmission *tr = bus->transmission;
    if (tr->first == node) {
        tr->first = NULL;
    }
    for (size_t i = 0; i < CAN_LATE_MAX; i++) {
        if (tr->late[i].sender == node) {
            tr->late[i].sender = NULL;
        }
    }
}
