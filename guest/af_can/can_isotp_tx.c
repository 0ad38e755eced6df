/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_isotp_tx.c - the sending half of CAN_ISOTP: a message becomes frames.
 *
 * Consecutive frames are driven by their echoes: the gap to the next one begins when the last one
 * has really gone over the bus. */
#include "guest/af_can/can_isotp.h"

#include "sim/sim.h"

#include <errno.h>
#include <string.h>

enum {
    SHORT_MESSAGE_MAX = 4095, /* The length of 12 bits in a first frame. */
    BROADCAST = CAN_ISOTP_SF_BROADCAST | CAN_ISOTP_CF_BROADCAST,
};

static struct sim *sim_of(const struct can_isotp *tp)
{
    return af_can_sim(tp->socket->stack);
}

static void tx_enter(struct can_isotp *tp, enum can_isotp_tx_state next)
{
    tp->tx.state = next;
}

static void tx_arm(struct can_isotp *tp, struct sim_event *timer, sim_ns_t delay_ns)
{
    struct sim *sim = sim_of(tp);
    sim_schedule(sim, timer, sim->now_ns + delay_ns);
}

void can_isotp_tx_stop(struct can_isotp *tp)
{
    sim_cancel_owner(sim_of(tp), &tp->tx.timers);
    tp->tx.echo_awaited = false;
    tx_enter(tp, CAN_ISOTP_TX_IDLE);
}

/* The same, and those who wait for it are told: senders, and a close. */
static void tx_rest(struct can_isotp *tp)
{
    can_isotp_tx_stop(tp);
    af_can_changed(tp->socket);
}

/* The end of a transmission that send() has begun: 0 or a positive errno. */
static void tx_end(struct can_isotp *tp, int error)
{
    tp->tx.result = error;
    tx_rest(tp);
    if (error != 0) {
        af_can_report_error(tp->socket, error);
    }
}

/* isotp_tx_timeout(): no flow control, or no echo. */
static void on_late(struct sim *sim, void *ctx)
{
    (void)sim;
    tx_end(ctx, ECOMM);
}

/* Frames. */

static unsigned minimum(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* isotp_fill_dataframe(): the next bytes of the message behind header bytes. */
static void fill_data(struct can_isotp *tp, struct af_can_wire_frame *frame, unsigned header)
{
    struct can_isotp_tx *tx = &tp->tx;
    unsigned room = tp->ll.tx_dl - header;
    unsigned taken = minimum(tx->len - tx->done, room);
    unsigned len = header + taken;
    bool pad = (tp->opt.flags & CAN_ISOTP_TX_PADDING) != 0;
    if (taken < room && (pad || len > CAN_CLASSIC_DATA_MAX)) {
        len = can_isotp_pad_len(len);
        memset(frame->data, pad ? tp->opt.txpad_content : CAN_ISOTP_DEFAULT_PAD_CONTENT, len);
    }
    memcpy(frame->data + header, tx->data + tx->done, taken);
    tx->done += taken;
    frame->len = (uint8_t)len;
}

/* Longest message of a single frame. A frame of more than 8 bytes needs a second length byte. */
static unsigned single_max(const struct can_isotp *tp)
{
    unsigned length_bytes = tp->ll.tx_dl > CAN_CLASSIC_DATA_MAX ? 2 : 1;
    return tp->ll.tx_dl - can_isotp_extension(tp) - length_bytes;
}

static void build_single(struct can_isotp *tp, struct af_can_wire_frame *frame)
{
    unsigned at = can_isotp_extension(tp);
    bool escape = tp->tx.len > CAN_CLASSIC_DATA_MAX - 1 - at;
    fill_data(tp, frame, at + (escape ? 2 : 1));
    frame->data[at] = escape ? CAN_ISOTP_SINGLE : (uint8_t)tp->tx.len;
    if (escape) {
        frame->data[at + 1] = (uint8_t)tp->tx.len;
    }
}

/* isotp_create_fframe() */
static void build_first(struct can_isotp *tp, struct af_can_wire_frame *frame)
{
    struct can_isotp_tx *tx = &tp->tx;
    unsigned at = can_isotp_extension(tp);
    if (tx->len > SHORT_MESSAGE_MAX) {
        frame->data[at++] = CAN_ISOTP_FIRST;
        at++;
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            frame->data[at++] = (uint8_t)(tx->len >> (shift - 8));
        }
    } else {
        frame->data[at++] = (uint8_t)(CAN_ISOTP_FIRST | tx->len >> 8);
        frame->data[at++] = (uint8_t)tx->len;
    }
    frame->len = tp->ll.tx_dl;
    tx->done = tp->ll.tx_dl - at;
    memcpy(frame->data + at, tx->data, tx->done);
    tx->sn = 1;
}

/* Hands the frame on. awaited: its echo will continue or end the transmission. */
static int tx_transmit(struct can_isotp *tp, struct af_can_wire_frame *frame, bool awaited)
{
    frame->can_id = tp->tx_id;
    if (can_isotp_extension(tp) != 0) {
        frame->data[0] = tp->opt.ext_address;
    }
    tp->tx.echo_awaited = awaited;
    tp->tx.awaited = *frame;
    return can_isotp_transmit(tp, frame);
}

/* isotp_send_cframe(). A frame that could not be sent is missed by echo_late, not told at once. */
static void send_consecutive(struct can_isotp *tp)
{
    struct af_can_wire_frame frame = {0};
    unsigned at = can_isotp_extension(tp);
    fill_data(tp, &frame, at + 1);
    frame.data[at] = (uint8_t)(CAN_ISOTP_CONSECUTIVE | tp->tx.sn);
    tp->tx.sn = (tp->tx.sn + 1) & 15;
    tp->tx.block_done++;
    tx_arm(tp, &tp->tx.echo_late, CAN_ISOTP_ECHO_TIMEOUT_NS);
    tx_transmit(tp, &frame, true);
}

static void on_gap_over(struct sim *sim, void *ctx)
{
    (void)sim;
    send_consecutive(ctx);
}

/* Flow control and echo. */

/* STmin of a flow control: milliseconds, or tenths from F1 to F9; what is reserved means the
 * longest time. */
static sim_ns_t separation_ns(uint8_t stmin)
{
    if (stmin >= 0xF1 && stmin <= 0xF9) {
        return SIM_US(100) * (stmin - 0xF0u);
    }
    return SIM_MS(stmin <= 0x7F ? stmin : 0x7F);
}

/* Only the first flow control of a message sets the pace. */
static void take_pace(struct can_isotp *tp, uint8_t block_size, uint8_t stmin)
{
    bool forced = (tp->opt.flags & CAN_ISOTP_FORCE_TXSTMIN) != 0;
    tp->tx.block_size = block_size;
    tp->tx.gap_ns = tp->frame_txtime_ns + (forced ? tp->tx_stmin_ns : separation_ns(stmin));
}

static bool flow_control_malformed(const struct can_isotp *tp,
                                   const struct af_can_wire_frame *frame, unsigned end)
{
    bool check = (tp->opt.flags & (CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA)) != 0;
    return frame->len < end || (check && !can_isotp_padding_ok(tp, frame, end));
}

void can_isotp_on_flow_control(struct can_isotp *tp, const struct af_can_wire_frame *frame)
{
    struct can_isotp_tx *tx = &tp->tx;
    unsigned at = can_isotp_extension(tp);
    if (tx->state != CAN_ISOTP_TX_WAIT_FIRST_FC && tx->state != CAN_ISOTP_TX_WAIT_FC) {
        return;
    }
    sim_cancel(sim_of(tp), &tx->fc_late);
    if (flow_control_malformed(tp, frame, at + CAN_ISOTP_FC_BYTES)) {
        tx_end(tp, EBADMSG);
        return;
    }
    if (tx->state == CAN_ISOTP_TX_WAIT_FIRST_FC) {
        take_pace(tp, frame->data[at + 1], frame->data[at + 2]);
        tx_enter(tp, CAN_ISOTP_TX_WAIT_FC);
    }
    switch (frame->data[at] & 15) {
    case CAN_ISOTP_CONTINUE:
        tx->block_done = 0;
        tx_enter(tp, CAN_ISOTP_TX_SENDING);
        send_consecutive(tp);
        break;
    /* There is no limit to their number. */
    case CAN_ISOTP_WAIT: tx_arm(tp, &tx->fc_late, CAN_ISOTP_FC_TIMEOUT_NS); break;
    case CAN_ISOTP_OVERFLOW: tx_end(tp, EMSGSIZE); break;
    default: tx_end(tp, EBADMSG); break;
    }
}

/* The kernel numbers its frames; bytes tell them apart as well, for one is under way at a time. */
static bool is_awaited(const struct can_isotp *tp, const struct af_can_skb *skb)
{
    const struct af_can_wire_frame *sent = &tp->tx.awaited;
    return tp->tx.echo_awaited && skb->sender == tp->socket && skb->from_this_host &&
           skb->frame.len == sent->len && memcmp(skb->frame.data, sent->data, sent->len) == 0;
}

void can_isotp_on_echo(struct af_can_socket *socket, const struct af_can_skb *skb)
{
    struct can_isotp *tp = socket->state;
    struct can_isotp_tx *tx = &tp->tx;
    if (!is_awaited(tp, skb)) {
        return;
    }
    sim_cancel(sim_of(tp), &tx->echo_late);
    tx->echo_awaited = false;
    if (tx->done >= tx->len) {
        tx_end(tp, 0);
    } else if (tx->block_size != 0 && tx->block_done >= tx->block_size) {
        tx_enter(tp, CAN_ISOTP_TX_WAIT_FC);
        tx_arm(tp, &tx->fc_late, CAN_ISOTP_FC_TIMEOUT_NS);
    } else if (tx->gap_ns == 0) {
        send_consecutive(tp);
    } else {
        tx_arm(tp, &tx->gap_over, tx->gap_ns);
    }
}

/* Beginning. */

void can_isotp_tx_init(struct can_isotp *tp)
{
    struct can_isotp_tx *tx = &tp->tx;
    sim_event_init(&tx->fc_late, SIM_NODE, on_late, tp, &tx->timers);
    sim_event_init(&tx->echo_late, SIM_NODE, on_late, tp, &tx->timers);
    sim_event_init(&tx->gap_over, SIM_NODE, on_gap_over, tp, &tx->timers);
}

/* Without flow control STmin is the sender's own business. */
static void pace_broadcast(struct can_isotp *tp)
{
    bool forced = (tp->opt.flags & CAN_ISOTP_FORCE_TXSTMIN) != 0;
    tp->tx.gap_ns = forced ? tp->tx_stmin_ns : tp->frame_txtime_ns;
    tp->tx.block_size = 0;
}

/* The first or only frame. */
static int tx_begin(struct can_isotp *tp)
{
    struct af_can_wire_frame frame = {0};
    bool single = tp->tx.len <= single_max(tp);
    bool broadcast = (tp->opt.flags & BROADCAST) == CAN_ISOTP_CF_BROADCAST;
    if (single) {
        build_single(tp, &frame);
    } else {
        build_first(tp, &frame);
    }
    if (broadcast && !single) {
        pace_broadcast(tp);
    }
    if (single || broadcast) {
        tx_enter(tp, CAN_ISOTP_TX_SENDING);
        tx_arm(tp, &tp->tx.echo_late, CAN_ISOTP_ECHO_TIMEOUT_NS);
    } else {
        tx_enter(tp, CAN_ISOTP_TX_WAIT_FIRST_FC);
        tx_arm(tp, &tp->tx.fc_late, CAN_ISOTP_FC_TIMEOUT_NS);
    }
    return tx_transmit(tp, &frame, single || broadcast);
}

/* Why isotp_sendmsg() does not even begin, in its order; sock_alloc_send_skb() is where a pending
 * error is told. */
static long refusal(struct can_isotp *tp, size_t len_bytes)
{
    struct af_can_socket *socket = tp->socket;
    if (!tp->bound) {
        return -EADDRNOTAVAIL;
    }
    if (tp->tx.state != CAN_ISOTP_TX_IDLE || tp->tx.call_waits) {
        return -EAGAIN;
    }
    bool single_only = (tp->opt.flags & BROADCAST) == CAN_ISOTP_SF_BROADCAST;
    if (len_bytes == 0 || len_bytes > CAN_ISOTP_MESSAGE_MAX ||
        (single_only && len_bytes > single_max(tp))) {
        return -EINVAL;
    }
    if (socket->error != 0) {
        int error = socket->error;
        socket->error = 0;
        return -error;
    }
    return af_can_send_buffer_full(socket) ? -EAGAIN : 0;
}

long can_isotp_send(struct af_can_socket *socket, const struct af_can_message *message)
{
    struct can_isotp *tp = socket->state;
    long error = refusal(tp, message->data_bytes);
    if (error != 0) {
        return error;
    }
    memcpy(tp->tx.data, message->data, message->data_bytes);
    tp->tx.len = (uint32_t)message->data_bytes;
    tp->tx.done = 0;
    error = tx_begin(tp);
    if (error != 0) {
        tx_rest(tp);
        return error;
    }
    tp->tx.call_waits = (tp->opt.flags & CAN_ISOTP_WAIT_TX_DONE) != 0;
    return tp->tx.call_waits ? AF_CAN_SEND_WAITS : (long)tp->tx.len;
}

long af_can_send_result(struct af_can_socket *socket)
{
    CHECK(socket->protocol == &af_can_isotp);
    struct can_isotp *tp = socket->state;
    CHECK(tp->tx.call_waits);
    if (tp->tx.state != CAN_ISOTP_TX_IDLE) {
        return AF_CAN_SEND_WAITS;
    }
    tp->tx.call_waits = false;
    socket->error = 0; /* "drain to avoid stale error" */
    af_can_changed(socket);
    return tp->tx.result != 0 ? -(long)tp->tx.result : (long)tp->tx.len;
}

void af_can_send_abandon(struct af_can_socket *socket)
{
    CHECK(socket->protocol == &af_can_isotp);
    struct can_isotp *tp = socket->state;
    CHECK(tp->tx.call_waits);
    tp->tx.call_waits = false;
    tx_rest(tp);
}
