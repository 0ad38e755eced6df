/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_node.c - transmit queue, power and sleep of one controller. */
#include "sim/can/can_node.h"

#include "sim/can/can_private.h"

enum { QUEUE_LEN_DEFAULT = 10 };

void can_node_init(struct can_node *node, const struct can_node_cfg *cfg)
{
    CHECK(cfg->name != NULL && cfg->ops != NULL && cfg->queue_len <= CAN_QUEUE_MAX);
    memset(node, 0, sizeof(*node));
    node->cfg = *cfg;
    if (node->cfg.queue_len == 0) {
        node->cfg.queue_len = QUEUE_LEN_DEFAULT;
    }
    node->powered = true;
    node->state = CAN_ERROR_ACTIVE;
}

static struct can_frame *queue_at(struct can_node *node, size_t index)
{
    return &node->queue[(node->queue_head + index) % CAN_QUEUE_MAX];
}

struct can_frame *can_node_head(struct can_node *node)
{
    CHECK(node->queue_used > 0);
    return queue_at(node, 0);
}

uint64_t can_node_head_order(const struct can_node *node)
{
    CHECK(node->queue_used > 0);
    return node->queue_order[node->queue_head];
}

void can_node_pop(struct can_node *node)
{
    CHECK(node->queue_used > 0);
    node->queue_head = (uint8_t)((node->queue_head + 1) % CAN_QUEUE_MAX);
    node->queue_used--;
    node->failed = false;
}

bool can_node_retransmits(const struct can_node *node)
{
    return node->transmitting && node->failed;
}

static void queue_swap(struct can_frame *a, struct can_frame *b)
{
    struct can_frame other;
    can_frame_copy(&other, a);
    can_frame_copy(a, b);
    can_frame_copy(b, &other);
}

static bool by_priority(const struct can_node *node)
{
    return node->cfg.priority_queue && !node->bus->cfg.instant;
}

void can_node_reorder(struct can_node *node)
{
    if (!by_priority(node)) {
        return;
    }
    for (size_t i = 1; i < node->queue_used; i++) {
        struct can_frame *first = queue_at(node, i - 1);
        struct can_frame *second = queue_at(node, i);
        if (can_arbitration_key(first) <= can_arbitration_key(second)) {
            return;
        }
        queue_swap(first, second);
        node->failed = false;
    }
}

/* Moves the last frame forward to its place; frames of one identifier stay in order, and the one
 * on the wire stays where it is. */
static void queue_sort_last(struct can_node *node)
{
    const size_t first = node->transmitting ? 1 : 0;
    for (size_t i = node->queue_used - 1u; i > first; i--) {
        struct can_frame *before = queue_at(node, i - 1);
        struct can_frame *last = queue_at(node, i);
        if (can_arbitration_key(before) <= can_arbitration_key(last)) {
            return;
        }
        queue_swap(before, last);
        node->failed = node->failed && i > 1;
    }
}

static bool online(const struct can_node *node)
{
    return node->bus != NULL && node->powered && !node->asleep && !node->cfg.listen_only;
}

enum can_send_result can_node_send(struct can_node *node, const struct can_frame *frame)
{
    CHECK(can_frame_valid(frame));
    if (!online(node)) {
        return CAN_SEND_OFFLINE;
    }
    if (node->state == CAN_BUS_OFF) {
        return CAN_SEND_BUS_OFF;
    }
    if (node->queue_used == node->cfg.queue_len) {
        return CAN_SEND_FULL;
    }
    can_frame_copy(queue_at(node, node->queue_used), frame);
    if (node->bus->cfg.instant) {
        node->queue_order[(node->queue_head + node->queue_used) % CAN_QUEUE_MAX] =
            node->bus->transmission->next_order++;
    }
    node->queue_used++;
    if (by_priority(node)) {
        queue_sort_last(node);
    }
    node->bus->transmission->wanting |= can_set_of(node);
    can_transmission_request_for(node->bus, node);
    return CAN_SEND_QUEUED;
}

size_t can_node_abort(struct can_node *node)
{
    const uint8_t kept = node->transmitting ? 1 : 0;
    const size_t dropped = (size_t)node->queue_used - kept;
    node->queue_used = kept;
    node->failed = node->failed && kept != 0;
    if (node->bus != NULL) {
        can_bus_update_sets(node->bus, node);
    }
    return dropped;
}

static void lose_power(struct can_node *node)
{
    if (node->bus != NULL) {
        can_transmission_leave(node->bus, node);
    }
    node->powered = false;
    node->asleep = false;
    node->queue_used = 0;
    node->tec = 0;
    node->rec = 0;
    node->state = CAN_ERROR_ACTIVE;
    node->recovering = false;
    node->failed = false;
}

void can_node_set_power(struct can_node *node, bool powered)
{
    if (node->powered == powered) {
        return;
    }
    if (!powered) {
        lose_power(node);
    }
    node->powered = powered;
    if (node->bus == NULL) {
        return;
    }
    node->ready_ns = node->bus->sim->now_ns + can_bus_bits_ns(node->bus, CAN_INTEGRATION_BITS);
    can_bus_update_sets(node->bus, node);
}

void can_node_sleep(struct can_node *node)
{
    if (node->powered && !node->asleep) {
        node->asleep = true;
        if (node->bus != NULL) {
            can_bus_update_sets(node->bus, node);
        }
    }
}

void can_node_wake(struct can_node *node)
{
    if (!node->asleep) {
        return;
    }
    node->asleep = false;
    if (node->bus != NULL) {
        can_bus_update_sets(node->bus, node);
        can_transmission_request_for(node->bus, node);
    }
}

void can_node_recover(struct can_node *node)
{
    CHECK(node->bus != NULL && node->state == CAN_BUS_OFF);
    if (!node->recovering) {
        can_errors_start_recovery(node->bus, node);
    }
}
