/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_rx.c - who gets which frame (net/can/af_can.c, can_rx_register() and
 * can_rcv_filter()). */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <stdlib.h>

/* find_rcv_list(): which kind of filter it is, and its values as they are compared. */
static void normalise(struct af_can_receiver *receiver)
{
    const bool inverted = (receiver->can_id & CAN_INV_FILTER) != 0;
    if ((receiver->mask & CAN_ERR_FLAG) != 0) {
        receiver->match = AF_CAN_MATCH_ERROR;
        receiver->mask &= CAN_ERR_MASK;
        return;
    }
    if ((receiver->mask & CAN_EFF_FLAG) != 0 && (receiver->can_id & CAN_EFF_FLAG) == 0) {
        receiver->mask &= CAN_SFF_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG;
    }
    receiver->can_id &= receiver->mask;
    receiver->match = inverted ? AF_CAN_MATCH_UNEQUAL : AF_CAN_MATCH_EQUAL;
}

static struct af_can_receivers *receivers_of(struct af_can *stack, int ifindex)
{
    if (ifindex == 0) {
        return &stack->receivers;
    }
    struct af_can_interface *interface = af_can_interface_at(stack, ifindex);
    return interface != NULL ? &interface->receivers : NULL;
}

int af_can_rx_register(struct af_can_socket *socket, int ifindex, uint32_t can_id, uint32_t mask,
                       af_can_rx_fn *fn)
{
    struct af_can_receivers *receivers = receivers_of(socket->stack, ifindex);
    CHECK(!socket->stack->handing_out);
    if (receivers == NULL) {
        return -ENODEV;
    }
    struct af_can_receiver *receiver = malloc(sizeof(*receiver));
    if (receiver == NULL) {
        return -ENOMEM;
    }
    *receiver =
        (struct af_can_receiver){.socket = socket, .fn = fn, .can_id = can_id, .mask = mask};
    normalise(receiver);
    if (receivers->last != NULL) {
        receivers->last->next = receiver;
    } else {
        receivers->first = receiver;
    }
    receivers->last = receiver;
    return 0;
}

/* Null: those of everybody. */
static void remove_of(struct af_can_receivers *receivers, const struct af_can_socket *socket)
{
    struct af_can_receiver **link = &receivers->first;
    receivers->last = NULL;
    while (*link != NULL) {
        struct af_can_receiver *receiver = *link;
        if (socket == NULL || receiver->socket == socket) {
            *link = receiver->next;
            free(receiver);
        } else {
            receivers->last = receiver;
            link = &receiver->next;
        }
    }
}

void af_can_rx_unregister(struct af_can_socket *socket)
{
    struct af_can *stack = socket->stack;
    CHECK(!stack->handing_out);
    remove_of(&stack->receivers, socket);
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        remove_of(&stack->interfaces[i].receivers, socket);
    }
}

void af_can_receivers_free(struct af_can_receivers *receivers)
{
    remove_of(receivers, NULL);
}

static bool passes(const struct af_can_receiver *receiver, uint32_t can_id)
{
    if ((can_id & CAN_ERR_FLAG) != 0) {
        return receiver->match == AF_CAN_MATCH_ERROR && (can_id & receiver->mask) != 0;
    }
    switch (receiver->match) {
    case AF_CAN_MATCH_EQUAL: return (can_id & receiver->mask) == receiver->can_id;
    case AF_CAN_MATCH_UNEQUAL: return (can_id & receiver->mask) != receiver->can_id;
    case AF_CAN_MATCH_ERROR: return false;
    }
    return false;
}

static void hand_out(const struct af_can_receivers *receivers, const struct af_can_skb *skb)
{
    for (const struct af_can_receiver *r = receivers->first; r != NULL; r = r->next) {
        if (passes(r, skb->frame.can_id)) {
            r->fn(r->socket, skb);
        }
    }
}

void af_can_deliver(struct af_can_interface *interface, struct af_can_skb *skb)
{
    struct af_can *stack = interface->stack;
    CHECK(!stack->handing_out);
    skb->serial = ++stack->serial;
    skb->stamped = stack->stamp_users > 0;
    stack->handing_out = true;
    hand_out(&stack->receivers, skb);
    hand_out(&interface->receivers, skb);
    stack->handing_out = false;
}
