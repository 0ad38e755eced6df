/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_isotp.c - CAN_ISOTP as a socket: binding, options, the end; and the padding that
 * both halves know. */
#include "guest/af_can/can_isotp.h"

#include "sim/sim.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

_Static_assert(offsetof(struct sockaddr_can, can_addr.tp) + 8 == CAN_ISOTP_ADDRESS_BYTES,
               "CAN_REQUIRED_SIZE(struct sockaddr_can, can_addr.tp)");

/* Frames. */

unsigned can_isotp_pad_len(unsigned len_bytes)
{
    if (len_bytes <= CAN_CLASSIC_DATA_MAX) {
        return CAN_CLASSIC_DATA_MAX;
    }
    return len_bytes <= CAN_DATA_MAX ? can_fd_len_at_least((uint8_t)len_bytes) : CAN_DATA_MAX;
}

/* check_optimized(): no longer than needed. */
static bool unpadded(const struct af_can_wire_frame *frame, unsigned from)
{
    return frame->len == (frame->len <= CAN_CLASSIC_DATA_MAX ? from : can_isotp_pad_len(from));
}

bool can_isotp_padding_ok(const struct can_isotp *tp, const struct af_can_wire_frame *frame,
                          unsigned from)
{
    bool check_len = (tp->opt.flags & CAN_ISOTP_CHK_PAD_LEN) != 0;
    if ((tp->opt.flags & CAN_ISOTP_RX_PADDING) == 0) {
        return check_len && unpadded(frame, from);
    }
    if (check_len && frame->len != can_isotp_pad_len(frame->len)) {
        return false;
    }
    if ((tp->opt.flags & CAN_ISOTP_CHK_PAD_DATA) != 0) {
        for (unsigned i = from; i < frame->len; i++) {
            if (frame->data[i] != tp->opt.rxpad_content) {
                return false;
            }
        }
    }
    return true;
}

int can_isotp_transmit(struct can_isotp *tp, struct af_can_wire_frame *frame)
{
    frame->flags = tp->ll.tx_flags;
    return af_can_transmit(tp->socket, tp->ifindex, frame, tp->ll.mtu, true);
}

/* Beginning and end. */

static void isotp_init(struct af_can_socket *socket)
{
    struct can_isotp *tp = socket->state;
    tp->socket = socket;
    tp->opt.frame_txtime = CAN_ISOTP_DEFAULT_FRAME_TXTIME;
    tp->opt.txpad_content = CAN_ISOTP_DEFAULT_PAD_CONTENT;
    tp->opt.rxpad_content = CAN_ISOTP_DEFAULT_PAD_CONTENT;
    tp->frame_txtime_ns = CAN_ISOTP_DEFAULT_FRAME_TXTIME;
    tp->ll.mtu = AF_CAN_MTU;
    tp->ll.tx_dl = CAN_ISOTP_DEFAULT_LL_TX_DL;
    tp->rx.last_cf_ns = SIM_NEVER;
    can_isotp_rx_init(tp);
    can_isotp_tx_init(tp);
}

static bool isotp_close_waits(const struct af_can_socket *socket)
{
    const struct can_isotp *tp = socket->state;
    return tp->tx.state != CAN_ISOTP_TX_IDLE;
}

/* isotp_release() has waited for this, or has given it up for a signal. */
static void isotp_release(struct af_can_socket *socket)
{
    can_isotp_tx_stop(socket->state);
    can_isotp_rx_stop(socket->state);
    af_can_rx_unregister(socket);
}

/* Identifiers. */

static uint32_t without_strange_bits(uint32_t can_id)
{
    bool extended = (can_id & CAN_EFF_FLAG) != 0;
    return can_id & (extended ? CAN_EFF_FLAG | CAN_EFF_MASK : CAN_SFF_MASK);
}

/* SINGLE_MASK() */
static uint32_t mask_of(uint32_t can_id)
{
    bool extended = (can_id & CAN_EFF_FLAG) != 0;
    return CAN_EFF_FLAG | CAN_RTR_FLAG | (extended ? CAN_EFF_MASK : CAN_SFF_MASK);
}

/* isotp_register_rxid(): one that broadcasts receives nothing. */
static bool receives(const struct can_isotp *tp)
{
    return (tp->opt.flags & (CAN_ISOTP_SF_BROADCAST | CAN_ISOTP_CF_BROADCAST)) == 0;
}

static int check_address(const struct can_isotp *tp, const struct sockaddr_can *address)
{
    uint32_t tx_id = address->can_addr.tp.tx_id;
    uint32_t rx_id = address->can_addr.tp.rx_id;
    if (address->can_family != AF_CAN || tx_id != without_strange_bits(tx_id) ||
        (receives(tp) && rx_id != without_strange_bits(rx_id))) {
        return -EINVAL;
    }
    if (address->can_ifindex == 0) {
        return -ENODEV;
    }
    if (tp->bound) {
        return -EINVAL;
    }
    return receives(tp) && rx_id == tx_id ? -EADDRNOTAVAIL : 0;
}

static int listen_to(struct can_isotp *tp, const struct sockaddr_can *address)
{
    uint32_t tx_id = address->can_addr.tp.tx_id;
    uint32_t rx_id = address->can_addr.tp.rx_id;
    int ifindex = address->can_ifindex;
    int error = 0;
    if (receives(tp)) {
        error = af_can_rx_register(tp->socket, ifindex, rx_id, mask_of(rx_id), can_isotp_on_frame);
    }
    if (error == 0) {
        error = af_can_rx_register(tp->socket, ifindex, tx_id, mask_of(tx_id), can_isotp_on_echo);
    }
    if (error != 0) {
        af_can_rx_unregister(tp->socket);
        return error;
    }
    tp->ifindex = ifindex;
    tp->tx_id = tx_id;
    tp->rx_id = rx_id;
    tp->bound = true;
    return 0;
}

static int isotp_bind(struct af_can_socket *socket, const void *address, size_t len_bytes)
{
    struct can_isotp *tp = socket->state;
    struct sockaddr_can to = {0};
    if (len_bytes < CAN_ISOTP_ADDRESS_BYTES) {
        return -EINVAL;
    }
    memcpy(&to, address, CAN_ISOTP_ADDRESS_BYTES);
    int error = check_address(tp, &to);
    if (error != 0) {
        return error;
    }
    int state = af_can_interface_check(socket->stack, to.can_ifindex);
    if (state == -ENODEV) {
        return state;
    }
    if (af_can_interface_mtu(socket->stack, to.can_ifindex) < tp->ll.mtu) {
        return -EINVAL;
    }
    error = listen_to(tp, &to);
    if (error == 0 && state == -ENETDOWN) {
        af_can_report_error(socket, ENETDOWN);
    }
    return error;
}

static int isotp_getname(const struct af_can_socket *socket, void *address, bool peer)
{
    const struct can_isotp *tp = socket->state;
    struct sockaddr_can name = {.can_family = AF_CAN, .can_ifindex = tp->ifindex};
    if (peer) {
        return -EOPNOTSUPP;
    }
    name.can_addr.tp.rx_id = tp->rx_id;
    name.can_addr.tp.tx_id = tp->tx_id;
    memcpy(address, &name, CAN_ISOTP_ADDRESS_BYTES);
    return CAN_ISOTP_ADDRESS_BYTES;
}

/* Options. */

struct option {
    size_t offset;
    size_t bytes;
};

static const struct option options[] = {
    [CAN_ISOTP_OPTS] = {offsetof(struct can_isotp, opt), sizeof(struct can_isotp_options)},
    [CAN_ISOTP_RECV_FC] = {offsetof(struct can_isotp, fc), sizeof(struct can_isotp_fc_options)},
    [CAN_ISOTP_TX_STMIN] = {offsetof(struct can_isotp, tx_stmin_ns), sizeof(uint32_t)},
    [CAN_ISOTP_RX_STMIN] = {offsetof(struct can_isotp, rx_stmin_ns), sizeof(uint32_t)},
    [CAN_ISOTP_LL_OPTS] = {offsetof(struct can_isotp, ll), sizeof(struct can_isotp_ll_options)},
};

static const struct option *find_option(int name)
{
    bool known = name >= CAN_ISOTP_OPTS && name <= CAN_ISOTP_LL_OPTS;
    return known ? &options[name] : NULL;
}

static bool link_layer_ok(const struct can_isotp_ll_options *ll)
{
    if (ll->tx_dl != can_isotp_pad_len(ll->tx_dl)) {
        return false;
    }
    if (ll->mtu == AF_CAN_MTU) {
        return ll->tx_dl <= CAN_CLASSIC_DATA_MAX && ll->tx_flags == 0;
    }
    return ll->mtu == AF_CANFD_MTU;
}

/* What CAN_ISOTP_OPTS says between the lines. Both broadcasts at once are refused, and yet the
 * options stay, with one of them. */
static int settle_options(struct can_isotp *tp)
{
    struct can_isotp_options *opt = &tp->opt;
    if ((opt->flags & CAN_ISOTP_RX_EXT_ADDR) == 0) {
        opt->rx_ext_address = opt->ext_address;
    }
    if (opt->frame_txtime == CAN_ISOTP_FRAME_TXTIME_ZERO) {
        tp->frame_txtime_ns = 0;
    } else if (opt->frame_txtime != 0) {
        tp->frame_txtime_ns = opt->frame_txtime;
    }
    const uint32_t both = CAN_ISOTP_SF_BROADCAST | CAN_ISOTP_CF_BROADCAST;
    if ((opt->flags & both) == both) {
        opt->flags &= ~(uint32_t)CAN_ISOTP_CF_BROADCAST;
        return -EINVAL;
    }
    return 0;
}

static int isotp_setsockopt(struct af_can_socket *socket, int level, int name, const void *value,
                            size_t len_bytes)
{
    struct can_isotp *tp = socket->state;
    const struct option *option = find_option(name);
    if (level != SOL_CAN_ISOTP) {
        return -EINVAL;
    }
    if (tp->bound) {
        return -EISCONN;
    }
    if (option == NULL) {
        return -ENOPROTOOPT;
    }
    if (len_bytes != option->bytes || (name == CAN_ISOTP_LL_OPTS && !link_layer_ok(value))) {
        return -EINVAL;
    }
    memcpy((char *)tp + option->offset, value, len_bytes);
    return name == CAN_ISOTP_OPTS ? settle_options(tp) : 0;
}

static int isotp_getsockopt(struct af_can_socket *socket, int level, int name, void *value,
                            size_t *len_bytes)
{
    const struct option *option = find_option(name);
    if (level != SOL_CAN_ISOTP) {
        return -EINVAL;
    }
    if (option == NULL) {
        return -ENOPROTOOPT;
    }
    if (*len_bytes > option->bytes) {
        *len_bytes = option->bytes;
    }
    memcpy(value, (const char *)socket->state + option->offset, *len_bytes);
    return 0;
}

/* Calls on a bound socket. */

static long isotp_before_receive(struct af_can_socket *socket, int flags)
{
    const struct can_isotp *tp = socket->state;
    if ((flags & ~(MSG_DONTWAIT | MSG_TRUNC | MSG_PEEK)) != 0) {
        return -EINVAL;
    }
    return tp->bound ? 0 : -EADDRNOTAVAIL;
}

static unsigned isotp_poll(const struct af_can_socket *socket, unsigned events)
{
    return isotp_close_waits(socket) ? events & ~(unsigned)(POLLOUT | POLLWRNORM) : events;
}

/* isotp_notify(): what is being sent or received runs into its time-outs. */
static void isotp_on_interface(struct af_can_socket *socket, int ifindex, bool up)
{
    const struct can_isotp *tp = socket->state;
    if (tp->bound && tp->ifindex == ifindex && !up) {
        af_can_report_error(socket, ENETDOWN);
    }
}

const struct af_can_protocol af_can_isotp = {
    .type = SOCK_DGRAM,
    .protocol = CAN_ISOTP,
    .state_bytes = sizeof(struct can_isotp),
    .init = isotp_init,
    .release = isotp_release,
    .close_waits = isotp_close_waits,
    .bind = isotp_bind,
    .getname = isotp_getname,
    .setsockopt = isotp_setsockopt,
    .getsockopt = isotp_getsockopt,
    .send = can_isotp_send,
    .before_receive = isotp_before_receive,
    .poll = isotp_poll,
    .on_interface = isotp_on_interface,
    .tells_true_length = true,
};
