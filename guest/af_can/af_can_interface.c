/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_interface.c - an interface: queueing discipline, driver with local echo, and
 * a controller on the bus.
 *
 * Below can_send() (net/can/af_can.c) stand pfifo_fast with txqueuelen places a band, and a driver
 * that gives its controller one frame at a time and loops it back when it has gone over the bus
 * (can_put_echo_skb(), can_get_echo_skb(), drivers/net/can/dev/skb.c). */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"
#include "guest/af_can/af_can_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PRIORITIES = 16, LOOPBACK_INDEX = 1 };

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct af_can_interface *interface = ctx;
    struct af_can_skb skb = {.ifindex = interface->index, .at_ns = now_ns};
    skb.size_bytes = af_can_wire_from_bus(frame, &skb.frame);
    af_can_deliver(interface, &skb);
    af_can_errors_counted(interface);
}

static void release_tx(struct af_can *stack, struct af_can_tx *tx)
{
    tx->next = stack->free_tx;
    stack->free_tx = tx;
}

static struct af_can_tx *allocate_tx(struct af_can *stack)
{
    struct af_can_tx *tx = stack->free_tx;
    if (tx == NULL) {
        return malloc(sizeof(*tx));
    }
    stack->free_tx = tx->next;
    return tx;
}

static void push(struct af_can_tx_queue *queue, struct af_can_tx *tx)
{
    tx->next = NULL;
    if (queue->last != NULL) {
        queue->last->next = tx;
    } else {
        queue->first = tx;
    }
    queue->last = tx;
    queue->len++;
}

static struct af_can_tx *pop(struct af_can_tx_queue *queue)
{
    struct af_can_tx *tx = queue->first;
    if (tx != NULL) {
        queue->first = tx->next;
        queue->last = tx->next != NULL ? queue->last : NULL;
        queue->len--;
    }
    return tx;
}

/* pfifo_fast_dequeue(). */
static struct af_can_tx *dequeue(struct af_can_interface *interface)
{
    for (size_t band = 0; band < AF_CAN_BANDS; band++) {
        struct af_can_tx *tx = pop(&interface->bands[band]);
        if (tx != NULL) {
            return tx;
        }
    }
    return NULL;
}

/* The echo is a clone that does not count as send buffer (can_create_echo_skb()): the original has
 * done its duty when the driver has it. */
static void charge_ends(const struct af_can_tx *tx)
{
    if (tx->charged && tx->skb.sender != NULL) {
        af_can_sent(tx->skb.sender);
    }
}

/* A controller that recovers from bus-off takes nothing; on_state comes back to it. */
static void hand_over(struct af_can_interface *interface)
{
    const struct af_can_tx *tx = interface->sending;
    if (tx == NULL || interface->handed) {
        return;
    }
    const struct can_frame frame = af_can_wire_to_bus(&tx->skb.frame, tx->skb.size_bytes);
    interface->handed = can_node_send(&interface->node, &frame) == CAN_SEND_QUEUED;
}

static void feed_controller(struct af_can_interface *interface)
{
    if (interface->sending == NULL) {
        interface->sending = dequeue(interface);
        interface->handed = false;
        if (interface->sending != NULL) {
            charge_ends(interface->sending);
        }
    }
    hand_over(interface);
}

static void drop_sending(struct af_can_interface *interface)
{
    if (interface->sending != NULL) {
        release_tx(interface->stack, interface->sending);
        interface->sending = NULL;
    }
}

static void drop_queued(struct af_can_interface *interface)
{
    struct af_can_tx *tx;
    while ((tx = dequeue(interface)) != NULL) {
        charge_ends(tx);
        release_tx(interface->stack, tx);
    }
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)frame;
    struct af_can_interface *interface = ctx;
    struct af_can_tx *tx = interface->sending;
    CHECK(tx != NULL && interface->handed);
    interface->sending = NULL;
    feed_controller(interface);
    if (tx->loopback) {
        tx->skb.at_ns = now_ns;
        af_can_deliver(interface, &tx->skb);
    }
    release_tx(interface->stack, tx);
    af_can_errors_counted(interface);
}

static void on_arbitration_lost(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)frame;
    (void)now_ns;
    af_can_errors_arbitration_lost(ctx);
}

/* can_bus_off() takes the carrier away: the queue is emptied, and until the restart the queueing
 * discipline is noop, which loses frames without an error (dev_deactivate_many(),
 * net/sched/sch_generic.c). */
static void went_bus_off(struct af_can_interface *interface, sim_ns_t now_ns)
{
    interface->carrier = false;
    can_node_abort(&interface->node);
    drop_sending(interface);
    drop_queued(interface);
    if (interface->cfg.restart_after_ms != 0) {
        sim_schedule(interface->stack->cfg.sim, &interface->restart,
                     now_ns + SIM_MS(interface->cfg.restart_after_ms));
    }
}

static void on_error(void *ctx, const struct can_error *error, sim_ns_t now_ns)
{
    struct af_can_interface *interface = ctx;
    af_can_errors_bus_error(interface, error);
    if (interface->node.state == CAN_BUS_OFF && interface->carrier) {
        went_bus_off(interface, now_ns);
    }
}

static void on_state(void *ctx, enum can_state state, sim_ns_t now_ns)
{
    (void)now_ns;
    if (state != CAN_BUS_OFF) {
        hand_over(ctx);
    }
}

static const struct can_node_ops node_ops = {
    .on_frame = on_frame,
    .on_confirm = on_confirm,
    .on_arbitration_lost = on_arbitration_lost,
    .on_error = on_error,
    .on_state = on_state,
};

/* can_restart(), drivers/net/can/dev/dev.c. */
static void on_restart(struct sim *sim, void *ctx)
{
    (void)sim;
    struct af_can_interface *interface = ctx;
    af_can_errors_restarted(interface);
    can_node_recover(&interface->node);
    interface->carrier = true;
}

void af_can_interface_init(struct af_can_interface *interface)
{
    can_node_init(&interface->node, &(struct can_node_cfg){
                                        .name = interface->cfg.name,
                                        .ops = &node_ops,
                                        .ctx = interface,
                                        .queue_len = 1,
                                        .classical = interface->cfg.bus->cfg.data_bps == 0,
                                        .manual_recovery = true,
                                    });
    sim_event_init(&interface->restart, SIM_NODE, on_restart, interface, NULL);
    can_bus_attach(interface->cfg.bus, &interface->node);
}

void af_can_interface_release(struct af_can_interface *interface)
{
    sim_cancel(interface->stack->cfg.sim, &interface->restart);
    can_bus_detach(interface->cfg.bus, &interface->node);
    drop_sending(interface);
    drop_queued(interface);
    af_can_receivers_free(&interface->receivers);
}

/* can_skb_set_owner() finds a socket that is being freed no longer, so frames that still wait for
 * the driver lose their origin; the one that the driver has keeps it. */
void af_can_interface_forget(struct af_can_interface *interface, const struct af_can_socket *socket)
{
    for (size_t band = 0; band < AF_CAN_BANDS; band++) {
        for (struct af_can_tx *tx = interface->bands[band].first; tx != NULL; tx = tx->next) {
            if (tx->skb.sender == socket) {
                tx->skb.sender = NULL;
                tx->skb.has_origin = false;
            }
        }
    }
    if (interface->sending != NULL && interface->sending->skb.sender == socket) {
        interface->sending->skb.sender = NULL;
    }
}

/* can_send() before it hands the frame to the interface. */
static int check(const struct af_can_interface *interface, const struct af_can_wire_frame *frame,
                 size_t size_bytes)
{
    if (!af_can_wire_is_classical(frame, size_bytes) && !af_can_wire_is_fd(frame, size_bytes)) {
        return -EINVAL;
    }
    if (size_bytes > af_can_interface_mtu(interface->stack, interface->index)) {
        return -EMSGSIZE;
    }
    return interface->up ? 0 : -ENETDOWN;
}

static int enqueue(struct af_can_interface *interface, const struct af_can_skb *skb, bool loopback,
                   size_t band)
{
    struct af_can_tx_queue *queue = &interface->bands[band];
    if (queue->len >= interface->cfg.tx_queue_len) {
        return -ENOBUFS;
    }
    struct af_can_tx *tx = allocate_tx(interface->stack);
    if (tx == NULL) {
        return -ENOMEM;
    }
    /* vcan_tx() frees a frame at once, so its interface never fills a send buffer. */
    const bool charged = !interface->cfg.bus->cfg.instant;
    *tx = (struct af_can_tx){.skb = *skb, .loopback = loopback, .charged = charged};
    af_can_core(skb->sender)->sending += charged ? AF_CAN_FRAME_TRUE_SIZE : 0;
    if (!charged) {
        af_can_changed(skb->sender); /* vcan_tx() frees it at once, which sock_wfree() tells. */
    }
    push(queue, tx);
    return 0;
}

/* prio2band of net/sched/sch_generic.c. */
static size_t band_of(const struct af_can_socket *socket)
{
    static const uint8_t bands[PRIORITIES] = {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    return bands[(unsigned)socket->options->priority % PRIORITIES];
}

int af_can_transmit(struct af_can_socket *socket, int ifindex,
                    const struct af_can_wire_frame *frame, size_t size_bytes, bool loopback)
{
    if (ifindex == LOOPBACK_INDEX) {
        return -EPERM; /* An interface, but not ARPHRD_CAN. */
    }
    struct af_can_interface *interface = af_can_interface_at(socket->stack, ifindex);
    if (interface == NULL) {
        return -ENODEV;
    }
    const int refused = check(interface, frame, size_bytes);
    if (refused != 0) {
        return refused;
    }
    if (!interface->carrier) {
        return 0;
    }
    struct af_can_skb skb = {
        .size_bytes = size_bytes,
        .ifindex = ifindex,
        .sender = socket,
        .from_this_host = true,
        .has_origin = true,
    };
    memcpy(&skb.frame, frame, size_bytes);
    if (size_bytes == AF_CANFD_MTU) {
        skb.frame.flags |= CANFD_FDF;
    }
    const int full = enqueue(interface, &skb, loopback, band_of(socket));
    if (full == 0) {
        feed_controller(interface);
    }
    return full;
}

static void tell_sockets(struct af_can *stack, int index, bool up)
{
    for (struct af_can_socket_core *core = stack->first; core != NULL; core = core->next) {
        if (core->socket.protocol->on_interface != NULL) {
            core->socket.protocol->on_interface(&core->socket, index, up);
        }
    }
}

void af_can_set_up(struct af_can *stack, int index, bool up)
{
    struct af_can_interface *interface = af_can_interface_at(stack, index);
    CHECK(interface != NULL);
    if (interface->up == up) {
        return;
    }
    interface->up = up;
    can_node_set_power(&interface->node, up);
    if (!up) {
        sim_cancel(stack->cfg.sim, &interface->restart);
        drop_sending(interface);
        drop_queued(interface);
    }
    interface->carrier = true;
    interface->error_state = AF_CAN_ERROR_ACTIVE;
    tell_sockets(stack, index, up);
}

void af_can_set_power(struct af_can *stack, bool on)
{
    CHECK(stack->first == NULL);
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        af_can_set_up(stack, stack->interfaces[i].index, on);
    }
}
