/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_bcm.c - CAN_BCM: the socket, its requests and its answers. */
#include "guest/af_can/can_bcm.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* What connect() and sendto() need of struct sockaddr_can, and all that recvfrom() reports
 * (BCM_MIN_NAMELEN). */
enum { BCM_NAME_BYTES = offsetof(struct sockaddr_can, can_ifindex) + sizeof(int) };

/* An address of the caller need not be aligned. */
static struct sockaddr_can read_address(const void *address)
{
    struct sockaddr_can can = {0};
    memcpy(&can, address, BCM_NAME_BYTES);
    return can;
}

/* An interface that is down will do; bcm_connect() and bcm_sendmsg() look only for its kind. */
static bool interface_exists(const struct af_can_socket *socket, int ifindex)
{
    return af_can_interface_check(socket->stack, ifindex) != -ENODEV;
}

/* Does not look at the family, as bcm_connect() does not. */
static int connect_socket(struct af_can_socket *socket, const void *address, size_t len_bytes)
{
    struct bcm_socket *bcm = socket->state;
    if (len_bytes < BCM_NAME_BYTES) {
        return -EINVAL;
    }
    if (bcm->connected) {
        return -EISCONN;
    }
    const int ifindex = read_address(address).can_ifindex;
    if (ifindex != 0 && !interface_exists(socket, ifindex)) {
        return -ENODEV;
    }
    bcm->ifindex = ifindex;
    bcm->connected = true;
    return 0;
}

/* The interface of a request: that of connect(), else that of sendto(). Negative errno. */
static int request_interface(const struct af_can_socket *socket,
                             const struct af_can_message *message)
{
    const struct bcm_socket *bcm = socket->state;
    if (bcm->ifindex != 0 || message->address == NULL) {
        return bcm->ifindex;
    }
    if (message->address_bytes < BCM_NAME_BYTES) {
        return -EINVAL;
    }
    const struct sockaddr_can can = read_address(message->address);
    if (can.can_family != AF_CAN) {
        return -EINVAL;
    }
    if (can.can_ifindex != 0 && !interface_exists(socket, can.can_ifindex)) {
        return -ENODEV;
    }
    return can.can_ifindex;
}

/* 0, or negative errno. */
static int read_request(const struct af_can_socket *socket, const struct af_can_message *message,
                        struct bcm_request *request)
{
    const struct bcm_socket *bcm = socket->state;
    if (!bcm->connected) {
        return -ENOTCONN;
    }
    if (message->data_bytes < sizeof request->head) {
        return -EINVAL;
    }
    memcpy(&request->head, message->data, sizeof request->head);
    request->frames = (const uint8_t *)message->data + sizeof request->head;
    request->frames_bytes = message->data_bytes - sizeof request->head;
    if (request->frames_bytes % bcm_frame_bytes(request->head.flags) != 0) {
        return -EINVAL;
    }
    request->ifindex = request_interface(socket, message);
    return request->ifindex < 0 ? request->ifindex : 0;
}

/* bcm_tx_send(): one frame, once. */
static long send_frame(struct af_can_socket *socket, const struct bcm_request *request)
{
    const size_t frame_bytes = bcm_frame_bytes(request->head.flags);
    if (request->head.nframes != 1 || request->frames_bytes != frame_bytes) {
        return -EINVAL;
    }
    if (request->ifindex == 0) {
        return -ENODEV;
    }
    struct af_can_wire_frame frame;
    bcm_copy_frame(&frame, request, 0);
    const int result = af_can_transmit(socket, request->ifindex, &frame, frame_bytes, true);
    return result < 0 ? result : (long)(frame_bytes + sizeof request->head);
}

static size_t put_head(uint8_t *message, const struct bcm_op *op, uint32_t opcode, uint32_t nframes)
{
    struct bcm_head head;
    memset(&head, 0, sizeof head); /* The padding too: the caller sees it. */
    head.opcode = opcode;
    head.flags = op->flags;
    head.count = op->count;
    head.ival1 = op->ival1;
    head.ival2 = op->ival2;
    head.can_id = op->can_id;
    head.nframes = nframes;
    memcpy(message, &head, sizeof head);
    return sizeof head;
}

static void queue_message(struct bcm_op *op, const uint8_t *message, size_t len_bytes,
                          sim_ns_t at_ns)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = op->received_ifindex};
    /* A full receive buffer loses the message (bcm_send_to_user()); the core counts it. */
    (void)af_can_queue(op->socket, message, len_bytes, &address, BCM_NAME_BYTES, 0, at_ns);
}

void bcm_tell(struct bcm_op *op, uint32_t opcode, const struct af_can_wire_frame *frame,
              sim_ns_t at_ns)
{
    uint8_t message[sizeof(struct bcm_head) + AF_CANFD_MTU];
    size_t len_bytes = put_head(message, op, opcode, frame != NULL ? 1 : 0);
    if (frame != NULL) {
        memcpy(message + len_bytes, frame, op->frame_bytes);
        len_bytes += op->frame_bytes;
    }
    queue_message(op, message, len_bytes, at_ns);
}

/* bcm_read_op(): the answer to TX_READ and RX_READ. */
static long tell_state(struct bcm_op *first, const struct bcm_request *request, uint32_t opcode)
{
    struct bcm_op *op = bcm_op_find(first, request);
    if (op == NULL) {
        return -EINVAL;
    }
    uint8_t message[sizeof(struct bcm_head) + (size_t)BCM_RX_FRAMES_MAX * AF_CANFD_MTU];
    size_t len_bytes = put_head(message, op, opcode, op->frames_len);
    for (size_t i = 0; i < op->frames_len; i++) {
        memcpy(message + len_bytes, &op->slots[i].frame, op->frame_bytes);
        len_bytes += op->frame_bytes;
    }
    queue_message(op, message, len_bytes, af_can_sim(op->socket->stack)->now_ns);
    return sizeof(struct bcm_head);
}

static long delete_filter(struct af_can_socket *socket, const struct bcm_request *request)
{
    struct bcm_socket *bcm = socket->state;
    if (!bcm_op_delete(&bcm->rx_ops, request)) {
        return -EINVAL;
    }
    (void)bcm_rx_refresh(socket); /* Fewer than before. */
    return sizeof request->head;
}

static long delete_task(struct af_can_socket *socket, const struct bcm_request *request)
{
    struct bcm_socket *bcm = socket->state;
    return bcm_op_delete(&bcm->tx_ops, request) ? (long)sizeof request->head : -EINVAL;
}

static long send_request(struct af_can_socket *socket, const struct af_can_message *message)
{
    const struct bcm_socket *bcm = socket->state;
    struct bcm_request request;
    const int error = read_request(socket, message, &request);
    if (error < 0) {
        return error;
    }
    switch (request.head.opcode) {
    case TX_SETUP: return bcm_tx_setup(socket, &request);
    case RX_SETUP: return bcm_rx_setup(socket, &request);
    case TX_DELETE: return delete_task(socket, &request);
    case RX_DELETE: return delete_filter(socket, &request);
    case TX_READ: return tell_state(bcm->tx_ops, &request, TX_STATUS);
    case RX_READ: return tell_state(bcm->rx_ops, &request, RX_STATUS);
    case TX_SEND: return send_frame(socket, &request);
    default: return -EINVAL;
    }
}

static void free_ops(struct bcm_op *op)
{
    while (op != NULL) {
        struct bcm_op *next = op->next;
        bcm_op_free(op);
        op = next;
    }
}

static void release_socket(struct af_can_socket *socket)
{
    struct bcm_socket *bcm = socket->state;
    af_can_rx_unregister(socket);
    free_ops(bcm->tx_ops);
    free_ops(bcm->rx_ops);
    bcm->tx_ops = bcm->rx_ops = NULL;
}

/* bcm_notify(): tasks go on trying, so that frames flow again when the interface is back. */
static void interface_changed(struct af_can_socket *socket, int ifindex, bool up)
{
    const struct bcm_socket *bcm = socket->state;
    if (!up && bcm->connected && bcm->ifindex == ifindex) {
        af_can_report_error(socket, ENETDOWN);
    }
}

/* bind(), getsockname() and options are not supported (bcm_ops). */
const struct af_can_protocol af_can_bcm = {
    .type = SOCK_DGRAM,
    .protocol = CAN_BCM,
    .state_bytes = sizeof(struct bcm_socket),
    .release = release_socket,
    .connect = connect_socket,
    .send = send_request,
    .on_interface = interface_changed,
    .hides_cut = true,
};
