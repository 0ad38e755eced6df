/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_bcm_rx.c - CAN_BCM: filters on the content of received frames. */
#include "guest/af_can/can_bcm.h"

#include <errno.h>
#include <string.h>

static struct sim *sim_of(const struct bcm_op *op)
{
    return af_can_sim(op->socket->stack);
}

static void tell_change(struct bcm_op *op, struct bcm_slot *slot)
{
    slot->held_back = false;
    bcm_tell(op, RX_CHANGED, &slot->last, op->received_at_ns);
}

/* bcm_rx_update_and_send(): told at once, or, if that was less than ival2 ago, when the throttle
 * ends. */
static void take_change(struct bcm_op *op, struct bcm_slot *slot,
                        const struct af_can_wire_frame *frame)
{
    struct sim *sim = sim_of(op);
    slot->last = *frame;
    slot->last.flags &= 0x0F; /* BCM_CAN_FLAGS_MASK. */
    slot->received = true;
    slot->held_back = true;
    if (op->ival2_ns == 0) {
        tell_change(op, slot);
    } else if (sim_event_pending(&op->throttle)) {
        return;
    } else if (op->told_at_ns != SIM_NEVER && sim->now_ns - op->told_at_ns < op->ival2_ns) {
        sim_schedule(sim, &op->throttle, op->told_at_ns + op->ival2_ns);
    } else {
        tell_change(op, slot);
        op->told_at_ns = sim->now_ns;
    }
}

static uint64_t read_u64(const uint8_t *data)
{
    uint64_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

/* In steps of 8 bytes, as bcm_rx_cmp_to_index(): what lies behind the length counts too. */
static bool content_differs(const struct bcm_slot *slot, const struct af_can_wire_frame *frame)
{
    for (size_t i = 0; i < frame->len && i < sizeof frame->data; i += 8) {
        const uint64_t mask = read_u64(slot->frame.data + i);
        if ((read_u64(frame->data + i) & mask) != (read_u64(slot->last.data + i) & mask)) {
            return true;
        }
    }
    return false;
}

static void compare(struct bcm_op *op, struct bcm_slot *slot, const struct af_can_wire_frame *frame)
{
    const bool length_differs = (op->flags & RX_CHECK_DLC) != 0 && frame->len != slot->last.len;
    if (!slot->received || content_differs(slot, frame) || length_differs) {
        take_change(op, slot, frame);
    }
}

/* Slot 0 holds the mask of the multiplexer, in 8 bytes even with CAN FD; the first of the others
 * whose multiplexer fits gets the frame. */
static void compare_multiplexed(struct bcm_op *op, const struct af_can_wire_frame *frame)
{
    const uint64_t mask = read_u64(op->slots[0].frame.data);
    for (size_t i = 1; i < op->frames_len; i++) {
        if ((read_u64(frame->data) & mask) == (read_u64(op->slots[i].frame.data) & mask)) {
            compare(op, &op->slots[i], frame);
            return;
        }
    }
}

static void start_timeout(struct bcm_op *op)
{
    if (op->ival1_ns != 0) {
        sim_schedule(sim_of(op), &op->timer, sim_of(op)->now_ns + op->ival1_ns);
    }
}

/* bcm_rx_handler(). */
static void receive(struct bcm_op *op, const struct af_can_skb *skb)
{
    sim_cancel(sim_of(op), &op->timer);
    op->received_at_ns = skb->at_ns;
    op->received_ifindex = skb->ifindex;
    if ((op->flags & RX_RTR_FRAME) != 0) {
        bcm_transmit(op);
        return;
    }
    if ((op->flags & RX_FILTER_ID) != 0) {
        take_change(op, &op->slots[0], &skb->frame);
    } else if (op->frames_len == 1) {
        compare(op, &op->slots[0], &skb->frame);
    } else {
        compare_multiplexed(op, &skb->frame);
    }
    if ((op->flags & RX_NO_AUTOTIMER) == 0) {
        start_timeout(op);
    }
}

/* The kernel calls filters on all interfaces before those on one (can_receive()), the newest of
 * them first. The core hands the frame over once for each filter it passes; the first time serves
 * all. */
static void on_frame(struct af_can_socket *socket, const struct af_can_skb *skb)
{
    struct bcm_socket *bcm = socket->state;
    if (bcm->frame_seen && bcm->last_serial == skb->serial) {
        return;
    }
    bcm->frame_seen = true;
    bcm->last_serial = skb->serial;
    const int ifindexes[] = {0, skb->ifindex};
    for (size_t i = 0; i < ARRAY_SIZE(ifindexes); i++) {
        for (struct bcm_op *op = bcm->rx_ops; op != NULL; op = op->next) {
            if (op->ifindex == ifindexes[i] && op->can_id == skb->frame.can_id &&
                op->frame_bytes == skb->size_bytes) {
                receive(op, skb);
            }
        }
    }
}

static void on_timeout(struct sim *sim, void *ctx)
{
    struct bcm_op *op = ctx;
    if ((op->flags & RX_ANNOUNCE_RESUME) != 0) {
        for (size_t i = 0; i < op->frames_len; i++) {
            op->slots[i].received = op->slots[i].held_back = false;
        }
    }
    bcm_tell(op, RX_TIMEOUT, NULL, sim->now_ns);
}

/* bcm_rx_thr_flush(): whether something was held back. */
static bool tell_held_back(struct bcm_op *op)
{
    const size_t end = op->frames_len > 1 ? op->frames_len : 1;
    bool told = false;
    for (size_t i = op->frames_len > 1 ? 1 : 0; i < end; i++) {
        if (op->slots[i].held_back) {
            tell_change(op, &op->slots[i]);
            told = true;
        }
    }
    return told;
}

static void on_throttle_end(struct sim *sim, void *ctx)
{
    struct bcm_op *op = ctx;
    if (tell_held_back(op)) {
        sim_schedule(sim, &op->throttle, sim->now_ns + op->ival2_ns);
    }
}

int bcm_rx_refresh(struct af_can_socket *socket)
{
    const struct bcm_socket *bcm = socket->state;
    int error = 0;
    af_can_rx_unregister(socket);
    for (const struct bcm_op *op = bcm->rx_ops; op != NULL && error == 0; op = op->next) {
        /* REGMASK(): this identifier alone, data and remote frames apart. */
        const uint32_t id_mask = (op->can_id & CAN_EFF_FLAG) != 0 ? CAN_EFF_MASK : CAN_SFF_MASK;
        error = af_can_rx_register(socket, op->ifindex, op->can_id,
                                   id_mask | CAN_EFF_FLAG | CAN_RTR_FLAG, on_frame);
    }
    return error;
}

static int check_setup(struct bcm_head *head)
{
    if ((head->flags & RX_FILTER_ID) != 0 || head->nframes == 0) {
        head->flags |= RX_FILTER_ID;
        head->nframes = 0;
    }
    if (head->nframes > BCM_RX_FRAMES_MAX || !bcm_intervals_valid(head)) {
        return -EINVAL;
    }
    if ((head->flags & RX_RTR_FRAME) != 0 &&
        (head->nframes != 1 || (head->can_id & CAN_RTR_FLAG) == 0)) {
        return -EINVAL;
    }
    return 0;
}

static void take_masks(struct bcm_op *op, const struct bcm_request *request)
{
    for (size_t i = 0; i < request->head.nframes; i++) {
        op->slots[i] = (struct bcm_slot){.received = false};
        bcm_copy_frame(&op->slots[i].frame, request, i);
    }
    op->frames_len = request->head.nframes;
    op->flags = request->head.flags;
}

/* The answer to remote frames. Without the flag in its identifier it does not answer itself. */
static void set_up_answer(struct bcm_op *op)
{
    struct af_can_wire_frame *answer = &op->slots[0].frame;
    sim_cancel(sim_of(op), &op->throttle);
    sim_cancel(sim_of(op), &op->timer);
    if ((op->flags & TX_CP_CAN_ID) != 0 || answer->can_id == op->can_id) {
        answer->can_id = op->can_id & ~CAN_RTR_FLAG;
    }
}

static void apply_timers(struct bcm_op *op, const struct bcm_head *head)
{
    if ((head->flags & SETTIMER) != 0) {
        bcm_take_intervals(op, head);
        if (op->ival1_ns == 0) {
            sim_cancel(sim_of(op), &op->timer);
        }
        op->told_at_ns = SIM_NEVER;
        sim_cancel(sim_of(op), &op->throttle);
        (void)tell_held_back(op);
    }
    if ((head->flags & STARTTIMER) != 0) {
        start_timeout(op);
    }
}

static int add_filter(struct af_can_socket *socket, struct bcm_op *op)
{
    struct bcm_socket *bcm = socket->state;
    op->next = bcm->rx_ops;
    bcm->rx_ops = op;
    const int error = bcm_rx_refresh(socket);
    if (error < 0) {
        bcm->rx_ops = op->next;
        bcm_op_free(op);
    }
    return error;
}

long bcm_rx_setup(struct af_can_socket *socket, struct bcm_request *request)
{
    struct bcm_socket *bcm = socket->state;
    const int error = check_setup(&request->head);
    if (error < 0) {
        return error;
    }
    struct bcm_op *op = bcm_op_find(bcm->rx_ops, request);
    const bool is_new = op == NULL;
    if (!is_new && request->head.nframes > op->frames_len) {
        return -E2BIG;
    }
    if (!bcm_has_frames(request)) {
        return -EFAULT;
    }
    if (is_new) {
        op = bcm_op_new(socket, request, on_timeout, on_throttle_end);
        if (op == NULL) {
            return -ENOMEM;
        }
        op->received_ifindex = request->ifindex;
    }
    take_masks(op, request);
    if ((op->flags & RX_RTR_FRAME) != 0) {
        set_up_answer(op);
    } else {
        apply_timers(op, &request->head);
    }
    const long answer = (long)(sizeof request->head + op->frames_len * op->frame_bytes);
    return is_new && add_filter(socket, op) < 0 ? -ENOMEM : answer;
}
