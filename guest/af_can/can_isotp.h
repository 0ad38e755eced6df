/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_isotp.h - inside CAN_ISOTP: one socket, its receiving and its sending half.
 *
 * The model of net/can/isotp.c as Debian 12 has it (6.1.192); comments name its functions. The two
 * halves share the socket and nothing else: a message may be received while another is sent.
 *
 * Every timer is an event of the simulation, in the phase in which CPUs act: a frame that arrives
 * at the very end of a time-out is still in time. */
#ifndef GUEST_AF_CAN_CAN_ISOTP_H
#define GUEST_AF_CAN_CAN_ISOTP_H

#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_socket.h"

#include <linux/can/isotp.h>

enum {
    CAN_ISOTP_MESSAGE_MAX = 66000, /* MAX_MSG_LENGTH */
    CAN_ISOTP_ADDRESS_BYTES = 16,  /* ISOTP_MIN_NAMELEN: struct sockaddr_can up to can_addr.tp. */
};

/* ISOTP_FC_TIMEOUT, which serves the receiver too, and ISOTP_ECHO_TIMEOUT. */
#define CAN_ISOTP_FC_TIMEOUT_NS   SIM_S(1)
#define CAN_ISOTP_ECHO_TIMEOUT_NS SIM_S(2)

/* Protocol control information: the upper half of the first byte. */
enum can_isotp_pci {
    CAN_ISOTP_SINGLE = 0x00,
    CAN_ISOTP_FIRST = 0x10,
    CAN_ISOTP_CONSECUTIVE = 0x20,
    CAN_ISOTP_FLOW_CONTROL = 0x30,
};

/* Flow status: the lower half of it. */
enum can_isotp_flow { CAN_ISOTP_CONTINUE, CAN_ISOTP_WAIT, CAN_ISOTP_OVERFLOW };

enum { CAN_ISOTP_FC_BYTES = 3 };

enum can_isotp_rx_state { CAN_ISOTP_RX_IDLE, CAN_ISOTP_RX_WAIT_DATA };

struct can_isotp_rx {
    enum can_isotp_rx_state state;
    struct sim_event timer; /* rxtimer: the next consecutive frame is late. */
    uint32_t len, done;     /* Bytes of the message: all, received. */
    uint8_t sn;             /* Sequence number expected next. */
    unsigned frame_len;     /* Of the first frame: the sender's data length. */
    uint8_t block_done;     /* Consecutive frames since our flow control. */
    sim_ns_t last_cf_ns;    /* For RX_STMIN; SIM_NEVER: none since our flow control. */
    uint8_t data[CAN_ISOTP_MESSAGE_MAX];
};

enum can_isotp_tx_state {
    CAN_ISOTP_TX_IDLE,
    CAN_ISOTP_TX_WAIT_FIRST_FC,
    CAN_ISOTP_TX_WAIT_FC,
    CAN_ISOTP_TX_SENDING, /* A frame is on its way, or the gap before the next one runs. */
};

struct can_isotp_tx {
    enum can_isotp_tx_state state;
    struct sim_owner timers;    /* The three below. */
    struct sim_event fc_late;   /* txtimer */
    struct sim_event echo_late; /* echotimer */
    struct sim_event gap_over;  /* txfrtimer: the next consecutive frame may go. */
    sim_ns_t gap_ns;            /* Between an echo and the next consecutive frame. */
    uint32_t len, done;         /* Bytes of the message: all, put into frames. */
    uint8_t sn;                 /* Sequence number sent next. */
    uint8_t block_size;         /* From the receiver's first flow control; 0: endless. */
    unsigned block_done;        /* Consecutive frames since the flow control. */
    bool echo_awaited;          /* cfecho: the echo of this frame, and no other, goes on. */
    struct af_can_wire_frame awaited;
    bool call_waits; /* A send() waits for the end (WAIT_TX_DONE) or has not fetched it yet. */
    int result;      /* Positive errno or 0: how the last transmission ended. */
    uint8_t data[CAN_ISOTP_MESSAGE_MAX];
};

struct can_isotp {
    struct af_can_socket *socket;
    bool bound;
    int ifindex;
    uint32_t tx_id, rx_id;
    struct can_isotp_options opt;
    struct can_isotp_fc_options fc; /* What our flow control says. */
    struct can_isotp_ll_options ll;
    uint32_t frame_txtime_ns; /* opt.frame_txtime, without its two special values. */
    uint32_t tx_stmin_ns;     /* Used with FORCE_TXSTMIN. */
    uint32_t rx_stmin_ns;     /* Used with FORCE_RXSTMIN. */
    struct can_isotp_rx rx;
    struct can_isotp_tx tx;
};

/* Bytes before the control information: the address extension, if there is one. */
static inline unsigned can_isotp_extension(const struct can_isotp *tp)
{
    return (tp->opt.flags & CAN_ISOTP_EXTEND_ADDR) != 0 ? 1 : 0;
}

/* padlen(): the smallest full data length that holds so many bytes. */
unsigned can_isotp_pad_len(unsigned len_bytes);
/* check_pad(): is all well with the padding that begins at from? Asked only if it is checked. */
bool can_isotp_padding_ok(const struct can_isotp *tp, const struct af_can_wire_frame *frame,
                          unsigned from);
/* can_send() with the socket's frame type and flags. */
int can_isotp_transmit(struct can_isotp *tp, struct af_can_wire_frame *frame);

void can_isotp_rx_init(struct can_isotp *tp);
void can_isotp_rx_stop(struct can_isotp *tp);
/* isotp_rcv(): every frame with the identifier that the socket receives. */
void can_isotp_on_frame(struct af_can_socket *socket, const struct af_can_skb *skb);

void can_isotp_tx_init(struct can_isotp *tp);
void can_isotp_tx_stop(struct can_isotp *tp);
/* isotp_rcv_fc(), isotp_rcv_echo(), isotp_sendmsg() */
void can_isotp_on_flow_control(struct can_isotp *tp, const struct af_can_wire_frame *frame);
void can_isotp_on_echo(struct af_can_socket *socket, const struct af_can_skb *skb);
long can_isotp_send(struct af_can_socket *socket, const struct af_can_message *message);

#endif
