/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_raw.c - CAN_RAW (net/can/raw.c of Linux 6.1). */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOOPBACK_INDEX = 1 };

struct can_raw {
    bool bound;
    int ifindex;
    /* As set; any value but 0 means on. */
    int loopback;
    int receive_own;
    int fd_frames;
    int xl_frames;
    int join;
    uint32_t error_mask;
    struct can_filter *filters; /* Owned. */
    size_t filters_len;
    /* struct uniqframe: the frame that a filter let through last, and how many did. */
    uint64_t last_serial;
    size_t matches;
};

static struct can_raw *raw_of(const struct af_can_socket *socket)
{
    return socket->state;
}

/* Receiving. */

/* raw_rcv(): true the first time that a frame comes, or with CAN_RAW_JOIN_FILTERS the time that
 * completes the filters. */
static bool is_due(struct can_raw *raw, uint64_t serial)
{
    raw->matches = raw->last_serial == serial ? raw->matches + 1 : 1;
    raw->last_serial = serial;
    if (raw->join == 0) {
        return raw->matches == 1;
    }
    return raw->matches == 1 ? raw->filters_len <= 1 : raw->matches >= raw->filters_len;
}

static void on_frame(struct af_can_socket *socket, const struct af_can_skb *skb)
{
    struct can_raw *raw = raw_of(socket);
    const bool own = skb->sender == socket;
    if ((own && raw->receive_own == 0) ||
        (skb->size_bytes == AF_CANFD_MTU && raw->fd_frames == 0) || !is_due(raw, skb->serial)) {
        return;
    }
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = skb->ifindex};
    const int flags = (skb->has_origin ? MSG_DONTROUTE : 0) | (own ? MSG_CONFIRM : 0);
    (void)af_can_queue(socket, &skb->frame, skb->size_bytes, &address, AF_CAN_RAW_ADDRESS_BYTES,
                       flags, skb->at_ns);
}

static int register_filters(struct af_can_socket *socket)
{
    const struct can_raw *raw = raw_of(socket);
    for (size_t i = 0; i < raw->filters_len; i++) {
        const int failed = af_can_rx_register(socket, raw->ifindex, raw->filters[i].can_id,
                                              raw->filters[i].can_mask, on_frame);
        if (failed != 0) {
            return failed;
        }
    }
    if (raw->error_mask == 0) {
        return 0;
    }
    return af_can_rx_register(socket, raw->ifindex, 0, raw->error_mask | CAN_ERR_FLAG, on_frame);
}

static int renew_filters(struct af_can_socket *socket)
{
    if (!raw_of(socket)->bound) {
        return 0;
    }
    af_can_rx_unregister(socket);
    return register_filters(socket);
}

/* raw_recvmsg(): nothing is ever in the error queue. */
static long before_receive(struct af_can_socket *socket, int flags)
{
    (void)socket;
    return (flags & MSG_ERRQUEUE) != 0 ? -EAGAIN : 0;
}

/* Life and address. */

static void init(struct af_can_socket *socket)
{
    struct can_raw *raw = raw_of(socket);
    raw->loopback = 1;
    /* One filter that everything passes. Without memory for it: none, as if set so. */
    raw->filters = calloc(1, sizeof(*raw->filters));
    raw->filters_len = raw->filters != NULL ? 1 : 0;
}

static void release(struct af_can_socket *socket)
{
    af_can_rx_unregister(socket);
    free(raw_of(socket)->filters);
}

static int address_of(const void *address, size_t len_bytes, struct sockaddr_can *out)
{
    *out = (struct sockaddr_can){0};
    if (len_bytes < AF_CAN_RAW_ADDRESS_BYTES) {
        return -EINVAL;
    }
    memcpy(out, address, AF_CAN_RAW_ADDRESS_BYTES);
    return out->can_family == AF_CAN ? 0 : -EINVAL;
}

static int bind_socket(struct af_can_socket *socket, const void *address, size_t len_bytes)
{
    struct can_raw *raw = raw_of(socket);
    struct sockaddr_can to;
    const int bad = address_of(address, len_bytes, &to);
    if (bad != 0 || (raw->bound && to.can_ifindex == raw->ifindex)) {
        return bad;
    }
    const int state = af_can_interface_check(socket->stack, to.can_ifindex);
    if (state == -ENODEV) {
        return state;
    }
    raw->bound = true;
    raw->ifindex = to.can_ifindex;
    const int failed = renew_filters(socket);
    if (state == -ENETDOWN) {
        af_can_report_error(socket, ENETDOWN);
    }
    return failed;
}

static int getname(const struct af_can_socket *socket, void *address, bool peer)
{
    if (peer) {
        return -EOPNOTSUPP;
    }
    const struct sockaddr_can name = {.can_family = AF_CAN, .can_ifindex = raw_of(socket)->ifindex};
    memcpy(address, &name, AF_CAN_RAW_ADDRESS_BYTES);
    return AF_CAN_RAW_ADDRESS_BYTES;
}

/* raw_notify(): a socket of all interfaces hears nothing of it. */
static void on_interface(struct af_can_socket *socket, int ifindex, bool up)
{
    if (!up && raw_of(socket)->bound && raw_of(socket)->ifindex == ifindex) {
        af_can_report_error(socket, ENETDOWN);
    }
}

/* Options. */

static int set_filters(struct af_can_socket *socket, const void *value, size_t len_bytes)
{
    struct can_raw *raw = raw_of(socket);
    if (len_bytes % sizeof(*raw->filters) != 0 ||
        len_bytes > CAN_RAW_FILTER_MAX * sizeof(*raw->filters)) {
        return -EINVAL;
    }
    struct can_filter *filters = NULL;
    if (len_bytes > 0) {
        filters = malloc(len_bytes);
        if (filters == NULL) {
            return -ENOMEM;
        }
        memcpy(filters, value, len_bytes);
    }
    free(raw->filters);
    raw->filters = filters;
    raw->filters_len = len_bytes / sizeof(*filters);
    return renew_filters(socket);
}

static int set_error_mask(struct af_can_socket *socket, const void *value, size_t len_bytes)
{
    struct can_raw *raw = raw_of(socket);
    if (len_bytes != sizeof(raw->error_mask)) {
        return -EINVAL;
    }
    memcpy(&raw->error_mask, value, len_bytes);
    raw->error_mask &= CAN_ERR_MASK;
    return renew_filters(socket);
}

/* Null: not an option that is an int. */
static int *int_option(struct can_raw *raw, int name)
{
    switch (name) {
    case CAN_RAW_LOOPBACK: return &raw->loopback;
    case CAN_RAW_RECV_OWN_MSGS: return &raw->receive_own;
    case CAN_RAW_FD_FRAMES: return &raw->fd_frames;
    case CAN_RAW_JOIN_FILTERS: return &raw->join;
    case CAN_RAW_XL_FRAMES: return &raw->xl_frames;
    default: return NULL;
    }
}

/* CAN XL includes CAN FD: the one switches the other on, and keeps it. */
static int set_int(struct can_raw *raw, int name, const void *value, size_t len_bytes)
{
    int *option = int_option(raw, name);
    if (option == NULL) {
        return -ENOPROTOOPT;
    }
    if (len_bytes != sizeof(*option)) {
        return -EINVAL;
    }
    memcpy(option, value, len_bytes);
    if (raw->xl_frames != 0 && raw->fd_frames == 0) {
        raw->fd_frames = raw->xl_frames;
        return name == CAN_RAW_FD_FRAMES ? -EINVAL : 0;
    }
    return 0;
}

static int setsockopt_raw(struct af_can_socket *socket, int level, int name, const void *value,
                          size_t len_bytes)
{
    if (level != SOL_CAN_RAW) {
        return -EINVAL;
    }
    switch (name) {
    case CAN_RAW_FILTER: return set_filters(socket, value, len_bytes);
    case CAN_RAW_ERR_FILTER: return set_error_mask(socket, value, len_bytes);
    default: return set_int(raw_of(socket), name, value, len_bytes);
    }
}

static int give(const void *from, size_t from_bytes, void *value, size_t *len_bytes)
{
    if (*len_bytes > from_bytes) {
        *len_bytes = from_bytes;
    }
    memcpy(value, from, *len_bytes);
    return 0;
}

static int give_filters(const struct can_raw *raw, void *value, size_t *len_bytes)
{
    const size_t needed = raw->filters_len * sizeof(*raw->filters);
    if (*len_bytes < needed) {
        *len_bytes = needed;
        return -ERANGE;
    }
    *len_bytes = needed;
    if (needed > 0) {
        memcpy(value, raw->filters, needed);
    }
    return 0;
}

static int getsockopt_raw(struct af_can_socket *socket, int level, int name, void *value,
                          size_t *len_bytes)
{
    struct can_raw *raw = raw_of(socket);
    if (level != SOL_CAN_RAW) {
        return -EINVAL;
    }
    if (name == CAN_RAW_FILTER) {
        return give_filters(raw, value, len_bytes);
    }
    if (name == CAN_RAW_ERR_FILTER) {
        return give(&raw->error_mask, sizeof(raw->error_mask), value, len_bytes);
    }
    const int *option = int_option(raw, name);
    return option != NULL ? give(option, sizeof(*option), value, len_bytes) : -ENOPROTOOPT;
}

/* Sending. */

/* raw_bad_txframe(). No interface here knows CAN XL. */
static bool bad_frame(const struct can_raw *raw, const struct af_can_wire_frame *frame,
                      size_t size_bytes, size_t mtu)
{
    if (size_bytes == AF_CAN_MTU) {
        return frame->len > CAN_CLASSIC_DATA_MAX;
    }
    return raw->fd_frames == 0 || size_bytes != AF_CANFD_MTU || mtu != AF_CANFD_MTU ||
           frame->len > CAN_DATA_MAX;
}

static int destination(const struct af_can_socket *socket, const struct af_can_message *message,
                       int *ifindex)
{
    *ifindex = raw_of(socket)->ifindex;
    if (message->address != NULL) {
        struct sockaddr_can to;
        const int bad = address_of(message->address, message->address_bytes, &to);
        if (bad != 0) {
            return bad;
        }
        *ifindex = to.can_ifindex;
    }
    const bool known =
        *ifindex == LOOPBACK_INDEX ||
        (*ifindex != 0 && af_can_interface_check(socket->stack, *ifindex) != -ENODEV);
    return known ? 0 : -ENXIO;
}

/* sock_alloc_send_skb(): a pending error is told here too. */
static int may_send(struct af_can_socket *socket)
{
    if (socket->error != 0) {
        const int error = -socket->error;
        socket->error = 0;
        return error;
    }
    return af_can_send_buffer_full(socket) ? -EAGAIN : 0;
}

static long send_message(struct af_can_socket *socket, const struct af_can_message *message)
{
    const struct can_raw *raw = raw_of(socket);
    const size_t size = message->data_bytes;
    if (size < CANXL_HDR_SIZE + CANXL_MIN_DLEN || size > CANXL_MTU) {
        return -EINVAL;
    }
    int ifindex;
    int failed = destination(socket, message, &ifindex);
    if (failed == 0) {
        failed = may_send(socket);
    }
    if (failed != 0) {
        return failed;
    }
    struct af_can_wire_frame frame = {0};
    memcpy(&frame, message->data, size < sizeof(frame) ? size : sizeof(frame));
    if (bad_frame(raw, &frame, size, af_can_interface_mtu(socket->stack, ifindex))) {
        return -EINVAL;
    }
    failed = af_can_transmit(socket, ifindex, &frame, size, raw->loopback != 0);
    return failed != 0 ? failed : (long)size;
}

const struct af_can_protocol af_can_raw = {
    .type = SOCK_RAW,
    .protocol = CAN_RAW,
    .state_bytes = sizeof(struct can_raw),
    .init = init,
    .release = release,
    .bind = bind_socket,
    .getname = getname,
    .setsockopt = setsockopt_raw,
    .getsockopt = getsockopt_raw,
    .send = send_message,
    .before_receive = before_receive,
    .on_interface = on_interface,
};
