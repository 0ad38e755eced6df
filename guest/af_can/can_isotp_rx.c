/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_isotp_rx.c - the receiving half of CAN_ISOTP: frames become messages. */
#include "guest/af_can/can_isotp.h"

#include "sim/sim.h"

#include <errno.h>
#include <string.h>

enum { CHECK_PADDING = CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA };

static void rx_enter(struct can_isotp *tp, enum can_isotp_rx_state next)
{
    tp->rx.state = next;
}

static void rx_watch(struct can_isotp *tp)
{
    struct sim *sim = af_can_sim(tp->socket->stack);
    sim_schedule(sim, &tp->rx.timer, sim->now_ns + CAN_ISOTP_FC_TIMEOUT_NS);
}

static void rx_unwatch(struct can_isotp *tp)
{
    sim_cancel(af_can_sim(tp->socket->stack), &tp->rx.timer);
}

static void rx_on_timer(struct sim *sim, void *ctx)
{
    struct can_isotp *tp = ctx;
    (void)sim;
    if (tp->rx.state == CAN_ISOTP_RX_WAIT_DATA) {
        rx_enter(tp, CAN_ISOTP_RX_IDLE);
        af_can_report_error(tp->socket, ETIMEDOUT);
    }
}

void can_isotp_rx_init(struct can_isotp *tp)
{
    sim_event_init(&tp->rx.timer, SIM_NODE, rx_on_timer, tp, NULL);
}

void can_isotp_rx_stop(struct can_isotp *tp)
{
    rx_unwatch(tp);
    rx_enter(tp, CAN_ISOTP_RX_IDLE);
}

static bool padding_refused(const struct can_isotp *tp, const struct af_can_wire_frame *frame,
                            unsigned from)
{
    return (tp->opt.flags & CHECK_PADDING) != 0 && !can_isotp_padding_ok(tp, frame, from);
}

static void deliver(struct can_isotp *tp, const uint8_t *data, size_t len_bytes,
                    const struct af_can_skb *skb)
{
    struct sockaddr_can from = {.can_family = AF_CAN, .can_ifindex = skb->ifindex};
    af_can_queue(tp->socket, data, len_bytes, &from, CAN_ISOTP_ADDRESS_BYTES, 0, skb->at_ns);
}

/* isotp_send_fc(). That it could not be sent stays without consequence, as there. */
static void send_flow_control(struct can_isotp *tp, enum can_isotp_flow status)
{
    unsigned at = can_isotp_extension(tp);
    struct af_can_wire_frame frame = {.can_id = tp->tx_id,
                                      .len = (uint8_t)(at + CAN_ISOTP_FC_BYTES)};
    if ((tp->opt.flags & CAN_ISOTP_TX_PADDING) != 0) {
        frame.len = CAN_CLASSIC_DATA_MAX;
        memset(frame.data, tp->opt.txpad_content, frame.len);
    }
    if (at != 0) {
        frame.data[0] = tp->opt.ext_address;
    }
    frame.data[at] = (uint8_t)(CAN_ISOTP_FLOW_CONTROL | (unsigned)status);
    frame.data[at + 1] = tp->fc.bs;
    frame.data[at + 2] = tp->fc.stmin;
    can_isotp_transmit(tp, &frame);
    tp->rx.block_done = 0;
    tp->rx.last_cf_ns = SIM_NEVER;
    rx_watch(tp);
}

/* isotp_rcv_sf() */
static void on_single(struct can_isotp *tp, const struct af_can_skb *skb, unsigned at, unsigned len)
{
    const struct af_can_wire_frame *frame = &skb->frame;
    can_isotp_rx_stop(tp);
    if (len == 0 || len + at > frame->len) {
        return;
    }
    if (padding_refused(tp, frame, at + len)) {
        af_can_report_error(tp->socket, EBADMSG);
        return;
    }
    deliver(tp, frame->data + at, len, skb);
}

/* A frame of more than 8 bytes is a single frame only with the escape: length 0, then the true one.
 */
static void on_any_single(struct can_isotp *tp, const struct af_can_skb *skb, unsigned at)
{
    const uint8_t *data = skb->frame.data;
    unsigned short_len = data[at] & 15u;
    if (skb->frame.len <= CAN_CLASSIC_DATA_MAX) {
        on_single(tp, skb, at + 1, short_len);
    } else if (short_len == 0) {
        on_single(tp, skb, at + 2, data[at + 1]);
    }
}

/* The length that a first frame announces; *at: behind it. */
static uint32_t first_frame_len(const uint8_t *data, unsigned *at)
{
    const uint8_t *p = data + *at;
    uint32_t len = (uint32_t)(p[0] & 15) << 8 | p[1];
    *at += 2;
    if (len == 0) {
        len = (uint32_t)p[2] << 24 | (uint32_t)p[3] << 16 | (uint32_t)p[4] << 8 | p[5];
        *at += 4;
    }
    return len;
}

/* isotp_rcv_ff() */
static void on_first(struct can_isotp *tp, const struct af_can_wire_frame *frame, unsigned at)
{
    struct can_isotp_rx *rx = &tp->rx;
    can_isotp_rx_stop(tp);
    rx->frame_len = can_isotp_pad_len(frame->len);
    if (frame->len != rx->frame_len) {
        return;
    }
    rx->len = first_frame_len(frame->data, &at);
    /* What would have fitted a single frame. The sum wraps at 32 bits as the kernel's does. */
    uint32_t escape = rx->frame_len > CAN_CLASSIC_DATA_MAX ? 1 : 0;
    if (rx->len + at + escape < rx->frame_len) {
        return;
    }
    if (rx->len > CAN_ISOTP_MESSAGE_MAX) {
        send_flow_control(tp, CAN_ISOTP_OVERFLOW);
        return;
    }
    rx->done = rx->frame_len - at;
    memcpy(rx->data, frame->data + at, rx->done);
    rx->sn = 1;
    rx_enter(tp, CAN_ISOTP_RX_WAIT_DATA);
    if ((tp->opt.flags & CAN_ISOTP_LISTEN_MODE) == 0) {
        send_flow_control(tp, CAN_ISOTP_CONTINUE);
    }
}

/* FORCE_RXSTMIN: what comes too soon after the last one is not seen. The time stamps of the frames
 * are compared; as long as the host keeps none, they are all 0, and no frame is late enough. */
static bool too_soon(struct can_isotp *tp, const struct af_can_skb *skb)
{
    sim_ns_t last_ns = tp->rx.last_cf_ns;
    if ((tp->opt.flags & CAN_ISOTP_FORCE_RXSTMIN) == 0) {
        return false;
    }
    if (!skb->stamped) {
        return tp->rx_stmin_ns > 0;
    }
    if (last_ns != SIM_NEVER && skb->at_ns - last_ns < tp->rx_stmin_ns) {
        return true;
    }
    tp->rx.last_cf_ns = skb->at_ns;
    return false;
}

/* As long as the first frame; only the last one may be shorter. */
static bool length_fits(const struct can_isotp_rx *rx, unsigned frame_len, unsigned at)
{
    if (frame_len < rx->frame_len) {
        return rx->len - rx->done <= rx->frame_len - at;
    }
    return frame_len == rx->frame_len;
}

/* The bytes from at on. Returns where in the frame the padding begins. Where the first frame held
 * everything already, one more byte is taken for part of the message, as in the kernel. */
static unsigned take_bytes(struct can_isotp_rx *rx, const struct af_can_wire_frame *frame,
                           unsigned at)
{
    unsigned there = frame->len > at ? frame->len - at : 0;
    unsigned missing = rx->done < rx->len ? rx->len - rx->done : 1;
    unsigned taken = there < missing ? there : missing;
    memcpy(rx->data + rx->done, frame->data + at, taken);
    rx->done += taken;
    return at + (taken > 0 ? taken : 1);
}

static void finish(struct can_isotp *tp, const struct af_can_skb *skb, unsigned padding_at)
{
    rx_enter(tp, CAN_ISOTP_RX_IDLE);
    if (padding_refused(tp, &skb->frame, padding_at)) {
        af_can_report_error(tp->socket, EBADMSG);
        return;
    }
    deliver(tp, tp->rx.data, tp->rx.len, skb);
}

/* A listener neither sends flow control nor, at the end of a block, watches the time. */
static void await_more(struct can_isotp *tp)
{
    if (tp->fc.bs == 0 || ++tp->rx.block_done < tp->fc.bs) {
        rx_watch(tp);
    } else if ((tp->opt.flags & CAN_ISOTP_LISTEN_MODE) == 0) {
        send_flow_control(tp, CAN_ISOTP_CONTINUE);
    }
}

/* isotp_rcv_cf(). A frame of the wrong length stops the watchdog and is passed over: only another
 * message ends this reception then. That is the kernel's way. */
static void on_consecutive(struct can_isotp *tp, const struct af_can_skb *skb, unsigned at)
{
    const struct af_can_wire_frame *frame = &skb->frame;
    struct can_isotp_rx *rx = &tp->rx;
    if (rx->state != CAN_ISOTP_RX_WAIT_DATA || too_soon(tp, skb)) {
        return;
    }
    rx_unwatch(tp);
    if (!length_fits(rx, frame->len, at + 1)) {
        return;
    }
    if ((frame->data[at] & 15) != rx->sn) {
        rx_enter(tp, CAN_ISOTP_RX_IDLE);
        af_can_report_error(tp->socket, EILSEQ);
        return;
    }
    rx->sn = (rx->sn + 1) & 15;
    unsigned end = take_bytes(rx, frame, at + 1);
    if (rx->done >= rx->len) {
        finish(tp, skb, end);
    } else {
        await_more(tp);
    }
}

static bool other_half_is_busy(const struct can_isotp *tp, unsigned pci)
{
    if (pci == CAN_ISOTP_FLOW_CONTROL) {
        return tp->rx.state != CAN_ISOTP_RX_IDLE;
    }
    return tp->tx.state != CAN_ISOTP_TX_IDLE;
}

void can_isotp_on_frame(struct af_can_socket *socket, const struct af_can_skb *skb)
{
    struct can_isotp *tp = socket->state;
    unsigned at = can_isotp_extension(tp);
    if (skb->size_bytes != tp->ll.mtu ||
        (at != 0 && skb->frame.data[0] != tp->opt.rx_ext_address)) {
        return;
    }
    unsigned pci = skb->frame.data[at] & 0xF0u;
    if ((tp->opt.flags & CAN_ISOTP_HALF_DUPLEX) != 0 && other_half_is_busy(tp, pci)) {
        return;
    }
    switch (pci) {
    case CAN_ISOTP_SINGLE: on_any_single(tp, skb, at); break;
    case CAN_ISOTP_FIRST: on_first(tp, &skb->frame, at); break;
    case CAN_ISOTP_CONSECUTIVE: on_consecutive(tp, skb, at); break;
    case CAN_ISOTP_FLOW_CONTROL: can_isotp_on_flow_control(tp, &skb->frame); break;
    default: break;
    }
}
