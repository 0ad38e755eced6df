/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_outcome.c - the end of a frame: delivery and confirmation, or the error frame. */
#include "sim/can/can_private.h"

/* Instant bus: when the next frame may go. */
static sim_ns_t next_instant_ns(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    const sim_ns_t now_ns = bus->sim->now_ns;
    tr->instant_frames = tr->instant_ns == now_ns ? tr->instant_frames + 1 : 1;
    tr->instant_ns = now_ns;
    return tr->instant_frames < CAN_INSTANT_FRAMES_MAX ? now_ns : now_ns + CAN_INSTANT_REST_NS;
}

/* The frame is over; the bus is free again after the given bits and the intermission. Comes before
 * anything that calls back. */
static void release_wire(struct can_bus *bus, unsigned bits)
{
    struct can_transmission *tr = bus->transmission;
    tr->busy = false;
    tr->idle_ns = bus->sim->now_ns + can_bus_bits_ns(bus, bits + CAN_INTERMISSION_BITS);
    if (bus->cfg.instant) {
        tr->idle_ns = next_instant_ns(bus);
    } else {
        bus->stats.busy_ns += tr->idle_ns - tr->sof_ns;
    }
    can_node_set senders = tr->senders;
    while (senders != 0) {
        can_set_take(bus, &senders)->transmitting = false;
    }
}

/* ISO 11898-1, suspend transmission: an error-passive sender lets others go first. */
static void suspend_passive_senders(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    can_node_set senders = tr->senders;
    while (senders != 0) {
        struct can_node *node = can_set_take(bus, &senders);
        if (node->state == CAN_ERROR_PASSIVE) {
            node->ready_ns = tr->idle_ns + can_bus_bits_ns(bus, CAN_SUSPEND_BITS);
        }
    }
}

static void trace_frame(struct can_bus *bus, const struct can_frame *frame)
{
    struct sim *sim = bus->sim;
    const bool remote = (frame->flags & CAN_FLAG_RTR) != 0;
    const uint64_t args[TRACE_ARGS] = {
        frame->id,
        frame->flags | (remote ? (uint64_t)frame->len_bytes << 8 : 0),
        bus->transmission->first_source,
        can_total_bits(bus->transmission),
    };
    trace_emit(sim->cfg.trace, sim->now_ns, TRACE_CAN_FRAME, bus->source, args, frame->data,
               remote ? 0 : frame->len_bytes);
}

static void trace_lost(struct can_bus *bus, const struct can_frame *frame, enum can_lost reason)
{
    struct sim *sim = bus->sim;
    if (trace_on(sim->cfg.trace)) {
        const bool remote = (frame->flags & CAN_FLAG_RTR) != 0;
        const uint64_t args[TRACE_ARGS] = {frame->id, reason};
        trace_emit(sim->cfg.trace, sim->now_ns, TRACE_CAN_LOST, bus->source, args, frame->data,
                   remote ? 0 : frame->len_bytes);
    }
}

static void deliver(struct can_bus *bus, can_node_set audience, const struct can_frame *frame)
{
    while (audience != 0) {
        struct can_node *node = can_set_take(bus, &audience);
        /* A callback of another node may have taken its power meanwhile. */
        if ((bus->transmission->receiving & can_set_of(node)) != 0 &&
            node->cfg.ops->on_frame != NULL) {
            node->cfg.ops->on_frame(node->cfg.ctx, frame, bus->sim->now_ns);
        }
    }
}

void can_outcome_on_late(struct sim *sim, void *ctx)
{
    (void)sim;
    struct can_late *late = ctx;
    struct can_transmission *tr = late->bus->transmission;
    const struct can_node *sender = late->sender;
    const can_node_set audience = tr->receiving & ~(sender != NULL ? can_set_of(sender) : 0);
    tr->calling = true;
    for (unsigned i = 0; i < late->copies; i++) {
        deliver(late->bus, audience, &late->frame);
    }
    tr->calling = false;
    tr->after_next -= late->after_next;
    late->after_next = false;
    late->next_free = tr->free;
    tr->free = late;
}

static void deliver_late(struct can_bus *bus, const struct can_frame *frame)
{
    struct can_transmission *tr = bus->transmission;
    struct can_late *late = tr->free;
    if (late == NULL) {
        trace_lost(bus, frame, CAN_LOST_TOO_MANY_LATE);
        return;
    }
    tr->free = late->next_free;
    late->sender = tr->first;
    late->frame = *frame;
    late->sent_id = tr->frame.id;
    late->copies = (uint8_t)(tr->verdict.duplicates + 1);
    late->after_next = tr->verdict.after_next;
    tr->after_next += late->after_next;
    sim_schedule(bus->sim, &late->event, bus->sim->now_ns + tr->verdict.delay_ns);
}

/* The frame that others were held back for is through: they come right after it. */
static void let_held_back_go(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    for (size_t i = 0; i < CAN_LATE_MAX; i++) {
        struct can_late *late = &tr->late[i];
        if (late->after_next && late->sender == tr->first && late->sent_id == tr->frame.id &&
            sim_event_pending(&late->event)) {
            sim_schedule(bus->sim, &late->event, bus->sim->now_ns);
        }
    }
}

static void reach_receivers(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    const struct can_frame *frame = tr->replaced ? &tr->seen : &tr->frame;
    if (tr->verdict.drop) {
        trace_lost(bus, frame, CAN_LOST_DROPPED);
        return;
    }
    if (tr->verdict.delay_ns > 0) {
        deliver_late(bus, frame);
        return;
    }
    for (unsigned i = 0; i <= tr->verdict.duplicates; i++) {
        deliver(bus, tr->audience, frame);
    }
}

static void pop_sent(struct can_bus *bus, bool one_shot_only)
{
    can_node_set senders = bus->transmission->senders;
    while (senders != 0) {
        struct can_node *node = can_set_take(bus, &senders);
        if (!one_shot_only || node->cfg.one_shot) {
            can_node_pop(node);
        } else {
            node->failed = true;
        }
        can_node_reorder(node);
        if (node->queue_used == 0) {
            bus->transmission->wanting &= ~can_set_of(node);
        }
    }
}

static void count_success(struct can_bus *bus)
{
    can_node_set senders = bus->transmission->senders;
    while (senders != 0) {
        can_errors_sent(bus, can_set_take(bus, &senders));
    }
    can_node_set audience = bus->transmission->audience;
    while (audience != 0) {
        can_errors_received(bus, can_set_take(bus, &audience));
    }
}

static void confirm(struct can_bus *bus)
{
    can_node_set senders = bus->transmission->senders;
    while (senders != 0) {
        const struct can_node *node = can_set_take(bus, &senders);
        if (node->powered && node->cfg.ops->on_confirm != NULL) {
            node->cfg.ops->on_confirm(node->cfg.ctx, &bus->transmission->frame, bus->sim->now_ns);
        }
    }
}

void can_outcome_complete(struct can_bus *bus)
{
    const struct can_transmission *tr = bus->transmission;
    bus->stats.frames++;
    release_wire(bus, 0);
    suspend_passive_senders(bus);
    pop_sent(bus, false);
    if (trace_on(bus->sim->cfg.trace)) {
        trace_frame(bus, tr->replaced ? &tr->seen : &tr->frame);
    }
    count_success(bus);
    /* Senders first: nothing that receivers do can unsend the frame. */
    confirm(bus);
    if (tr->after_next != 0) {
        let_held_back_go(bus);
    }
    reach_receivers(bus);
}

/* ISO 11898-1: six equal bits follow from an error flag, so receivers see a stuff error where
 * stuffing applies and a form error after it. A missing FD controller sees the format itself. */
static enum can_error_cause receivers_cause(const struct can_transmission *tr)
{
    if (tr->cause != CAN_ERROR_BIT && tr->cause != CAN_ERROR_ACK) {
        return tr->cause;
    }
    return tr->cause_bit + 1u < can_ack_bit(tr) ? CAN_ERROR_STUFF : CAN_ERROR_FORM;
}

static void tell_error(struct can_bus *bus, can_node_set set, bool sender)
{
    const struct can_transmission *tr = bus->transmission;
    struct can_error error = {
        .cause = sender ? tr->cause : receivers_cause(tr), .bit = tr->cause_bit, .sender = sender};
    can_frame_copy(&error.frame, &tr->frame);
    while (set != 0) {
        const struct can_node *node = can_set_take(bus, &set);
        if (node->powered && node->cfg.ops->on_error != NULL) {
            node->cfg.ops->on_error(node->cfg.ctx, &error, bus->sim->now_ns);
        }
    }
}

static void count_failure(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    can_node_set senders = tr->senders;
    while (senders != 0) {
        can_errors_send_failed(bus, can_set_take(bus, &senders), tr->cause);
    }
    can_node_set audience = tr->audience;
    while (audience != 0) {
        struct can_node *node = can_set_take(bus, &audience);
        const bool flagged_first = tr->cause == CAN_ERROR_FORM && !node->receives_fd;
        can_errors_receive_failed(bus, node, flagged_first);
    }
}

static void trace_error(struct can_bus *bus)
{
    struct sim *sim = bus->sim;
    const struct can_transmission *tr = bus->transmission;
    if (!trace_on(sim->cfg.trace)) {
        return;
    }
    can_node_set senders = tr->senders;
    const struct can_node *sender = senders != 0 ? can_set_take(bus, &senders) : NULL;
    const uint64_t args[TRACE_ARGS] = {
        tr->cause,
        tr->cause_bit,
        tr->frame.id,
        sender != NULL ? sender->tec : 0,
        sender != NULL ? sender->rec : 0,
    };
    trace_emit(sim->cfg.trace, sim->now_ns, TRACE_CAN_ERROR, bus->source, args, NULL, 0);
}

void can_outcome_fail(struct can_bus *bus)
{
    struct can_transmission *tr = bus->transmission;
    if (bus->fault == CAN_WIRE_STUCK_RECESSIVE) {
        tr->audience = 0; /* The receivers hear nothing, not even the error flag. */
    }
    const bool answered = (tr->audience & tr->answering) != 0;
    const unsigned flags = answered ? CAN_ERROR_FLAGS_SUPERPOSED_BITS : CAN_ERROR_FLAG_BITS;
    bus->stats.error_frames++;
    release_wire(bus, flags + CAN_ERROR_DELIMITER_BITS);
    pop_sent(bus, true);
    count_failure(bus);
    suspend_passive_senders(bus);
    trace_error(bus);
    tell_error(bus, tr->senders, true);
    tell_error(bus, tr->audience, false);
}
