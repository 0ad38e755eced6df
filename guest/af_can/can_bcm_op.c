/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_bcm_op.c - what the tasks and the filters of CAN_BCM have in common. */
#include "guest/af_can/can_bcm.h"

#include <stdlib.h>
#include <string.h>

/* BCM_TIMER_SEC_MAX of bcm.c: 400 days. */
enum { SECONDS_MAX = 400 * 24 * 60 * 60 };

size_t bcm_frame_bytes(uint32_t flags)
{
    return (flags & CAN_FD_FRAME) != 0 ? AF_CANFD_MTU : AF_CAN_MTU;
}

static bool interval_valid(const struct bcm_timeval *interval)
{
    return interval->tv_sec >= 0 && interval->tv_sec <= SECONDS_MAX && interval->tv_usec >= 0 &&
           interval->tv_usec < 1000000;
}

bool bcm_intervals_valid(const struct bcm_head *head)
{
    return (head->flags & SETTIMER) == 0 ||
           (interval_valid(&head->ival1) && interval_valid(&head->ival2));
}

static sim_ns_t interval_ns(const struct bcm_timeval *interval)
{
    return SIM_S((sim_ns_t)interval->tv_sec) + SIM_US((sim_ns_t)interval->tv_usec);
}

void bcm_take_intervals(struct bcm_op *op, const struct bcm_head *head)
{
    op->ival1 = head->ival1;
    op->ival2 = head->ival2;
    op->ival1_ns = interval_ns(&head->ival1);
    op->ival2_ns = interval_ns(&head->ival2);
}

struct bcm_op *bcm_op_new(struct af_can_socket *socket, const struct bcm_request *request,
                          sim_event_fn *on_timer, sim_event_fn *on_throttle)
{
    const size_t slots = request->head.nframes > 0 ? request->head.nframes : 1;
    struct bcm_op *op = calloc(1, sizeof *op + slots * sizeof op->slots[0]);
    if (op == NULL) {
        return NULL;
    }
    op->socket = socket;
    op->ifindex = request->ifindex;
    op->can_id = request->head.can_id;
    op->flags = request->head.flags;
    op->frame_bytes = bcm_frame_bytes(op->flags);
    op->frames_len = request->head.nframes;
    op->told_at_ns = SIM_NEVER;
    sim_event_init(&op->timer, SIM_NODE, on_timer, op, NULL);
    sim_event_init(&op->throttle, SIM_NODE, on_throttle, op, NULL);
    return op;
}

/* bcm_find_op(): an FD op and a classical one may have the same identifier. */
static bool is_asked_for(const struct bcm_op *op, const struct bcm_request *request)
{
    return op->can_id == request->head.can_id && op->ifindex == request->ifindex &&
           op->frame_bytes == bcm_frame_bytes(request->head.flags);
}

struct bcm_op *bcm_op_find(struct bcm_op *first, const struct bcm_request *request)
{
    struct bcm_op *op = first;
    while (op != NULL && !is_asked_for(op, request)) {
        op = op->next;
    }
    return op;
}

bool bcm_op_delete(struct bcm_op **first, const struct bcm_request *request)
{
    struct bcm_op **link = first;
    while (*link != NULL && !is_asked_for(*link, request)) {
        link = &(*link)->next;
    }
    struct bcm_op *op = *link;
    if (op == NULL) {
        return false;
    }
    *link = op->next;
    bcm_op_free(op);
    return true;
}

void bcm_op_free(struct bcm_op *op)
{
    struct sim *sim = af_can_sim(op->socket->stack);
    sim_cancel(sim, &op->timer);
    sim_cancel(sim, &op->throttle);
    free(op);
}

bool bcm_has_frames(const struct bcm_request *request)
{
    const size_t needed = request->head.nframes * bcm_frame_bytes(request->head.flags);
    return needed <= request->frames_bytes;
}

void bcm_copy_frame(struct af_can_wire_frame *to, const struct bcm_request *request, size_t index)
{
    const size_t frame_bytes = bcm_frame_bytes(request->head.flags);
    memset(to, 0, sizeof *to);
    memcpy(to, request->frames + index * frame_bytes, frame_bytes);
}
