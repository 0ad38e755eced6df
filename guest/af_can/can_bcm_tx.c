/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_bcm_tx.c - CAN_BCM: frames and sequences of frames, sent in cycles. */
#include "guest/af_can/can_bcm.h"

#include <errno.h>

/* A frame that the interface does not take is lost, and its turn in the sequence is over. */
void bcm_transmit(struct bcm_op *op)
{
    if (op->ifindex == 0) {
        return; /* The answer of a filter on any interface has none to go to. */
    }
    const struct af_can_wire_frame *frame = &op->slots[op->next_frame].frame;
    (void)af_can_transmit(op->socket, op->ifindex, frame, op->frame_bytes, true);
    op->next_frame = op->next_frame + 1 < op->frames_len ? op->next_frame + 1 : 0;
    if (op->count > 0) {
        op->count--;
    }
}

/* bcm_tx_set_expiry(): from now, not from when the timer was due. */
static void start_timer(struct bcm_op *op)
{
    struct sim *sim = af_can_sim(op->socket->stack);
    if (op->ival1_ns != 0 && op->count > 0) {
        sim_schedule(sim, &op->timer, sim->now_ns + op->ival1_ns);
    } else if (op->ival2_ns != 0) {
        sim_schedule(sim, &op->timer, sim->now_ns + op->ival2_ns);
    }
}

static void on_timer(struct sim *sim, void *ctx)
{
    struct bcm_op *op = ctx;
    if (op->ival1_ns != 0 && op->count > 0) {
        bcm_transmit(op);
        if (op->count == 0 && (op->flags & TX_COUNTEVT) != 0) {
            bcm_tell(op, TX_EXPIRED, NULL, sim->now_ns);
        }
    } else if (op->ival2_ns != 0) {
        bcm_transmit(op);
    }
    start_timer(op);
}

static int check_setup(const struct bcm_request *request)
{
    const struct bcm_head *head = &request->head;
    if (request->ifindex == 0) {
        return -ENODEV;
    }
    if (head->nframes < 1 || head->nframes > BCM_TX_FRAMES_MAX || !bcm_intervals_valid(head)) {
        return -EINVAL;
    }
    return 0;
}

static int check_frames(const struct bcm_request *request)
{
    const uint8_t len_max = (request->head.flags & CAN_FD_FRAME) != 0 ? 64 : 8;
    if (!bcm_has_frames(request)) {
        return -EFAULT; /* memcpy_from_msg() comes to the end of the message. */
    }
    for (size_t i = 0; i < request->head.nframes; i++) {
        struct af_can_wire_frame frame;
        bcm_copy_frame(&frame, request, i);
        if (frame.len > len_max) {
            return -EINVAL;
        }
    }
    return 0;
}

static void take_frames(struct bcm_op *op, const struct bcm_request *request)
{
    for (size_t i = 0; i < request->head.nframes; i++) {
        bcm_copy_frame(&op->slots[i].frame, request, i);
        if ((request->head.flags & TX_CP_CAN_ID) != 0) {
            op->slots[i].frame.can_id = request->head.can_id;
        }
    }
    if (op->frames_len != request->head.nframes ||
        (request->head.flags & TX_RESET_MULTI_IDX) != 0) {
        op->next_frame = 0;
    }
    op->frames_len = request->head.nframes;
    op->flags = request->head.flags;
}

static void apply_timer(struct bcm_op *op, const struct bcm_head *head)
{
    struct sim *sim = af_can_sim(op->socket->stack);
    if ((head->flags & SETTIMER) == 0) {
        return;
    }
    op->count = head->count;
    bcm_take_intervals(op, head);
    if (op->ival1_ns == 0 && op->ival2_ns == 0) {
        sim_cancel(sim, &op->timer);
    }
}

static void start(struct bcm_op *op)
{
    if ((op->flags & STARTTIMER) != 0) {
        sim_cancel(af_can_sim(op->socket->stack), &op->timer);
        op->flags |= TX_ANNOUNCE; /* And is told so by TX_STATUS, as by bcm_tx_setup(). */
    }
    if ((op->flags & TX_ANNOUNCE) != 0) {
        bcm_transmit(op);
    }
    if ((op->flags & STARTTIMER) != 0) {
        start_timer(op);
    }
}

long bcm_tx_setup(struct af_can_socket *socket, const struct bcm_request *request)
{
    struct bcm_socket *bcm = socket->state;
    int error = check_setup(request);
    if (error < 0) {
        return error;
    }
    struct bcm_op *op = bcm_op_find(bcm->tx_ops, request);
    if (op != NULL && request->head.nframes > op->frames_len) {
        return -E2BIG;
    }
    error = check_frames(request);
    if (error < 0) {
        return error;
    }
    if (op == NULL) {
        /* A task has no throttle: that event is never scheduled. */
        op = bcm_op_new(socket, request, on_timer, on_timer);
        if (op == NULL) {
            return -ENOMEM;
        }
        op->next = bcm->tx_ops;
        bcm->tx_ops = op;
    }
    take_frames(op, request);
    apply_timer(op, &request->head);
    start(op);
    return (long)(sizeof request->head + request->head.nframes * op->frame_bytes);
}
