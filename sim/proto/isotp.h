/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp.h - ISO 15765-2 transport over CAN and CAN FD: two machines, one to send and one
 * to receive, for one pair of addresses.
 *
 * The link knows no identifiers: its owner filters frames by identifier and hands the payloads in.
 * Every input carries now_ns; isotp_deadline_ns() says when isotp_on_deadline() wants to be called.
 * State is written in one place per machine.
 *
 * Both directions run at the same time, independent of one another, but only one frame of the link
 * is with the controller at a time; a flow control that is owed goes before further frames of a
 * message. A controller that gives up on a frame is told nothing: a confirmation after N_As counts
 * for the next frame, and is dropped if there is none.
 *
 * Frame types and their coding: ISO 15765-2 N_PCI (single, first, consecutive, flow control);
 * separation time: STmin table, reserved values count as 127 ms. */
#ifndef SIM_PROTO_ISOTP_H
#define SIM_PROTO_ISOTP_H

#include "sim/proto/isotp_pci.h"

struct isotp;

enum isotp_result {
    ISOTP_OK,
    ISOTP_TIMEOUT_A,    /* N_As / N_Ar: the controller did not confirm a frame in time. */
    ISOTP_TIMEOUT_BS,   /* N_Bs: no flow control. */
    ISOTP_TIMEOUT_CR,   /* N_Cr: no consecutive frame. */
    ISOTP_WRONG_SN,     /* Consecutive frame out of order. */
    ISOTP_INVALID_FS,   /* Flow control with a reserved flow status. */
    ISOTP_UNEXP_PDU,    /* A new message began before the old one was complete. */
    ISOTP_WFT_OVRN,     /* Too many waits. */
    ISOTP_BUFFER_OVFLW, /* The receiver announced that the message does not fit. */
    ISOTP_ERROR,        /* Aborted by the owner. */
};

/* The owner's side. send may be null only for a functional link that never sends. */
struct isotp_ops {
    /* Puts one frame payload on the bus. False: the controller cannot take it now; the link tries
     * again at isotp_on_confirm() or after a millisecond. It must not call the link back. */
    bool (*send)(void *ctx, const uint8_t *data, uint8_t len_bytes);
    /* A complete message; data points into rx_buffer or, for a single frame, into the frame that
     * was handed in, and is valid until the return. It may call isotp_send(). */
    void (*on_message)(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns);
    /* A first frame was accepted (ISO 15765-2 N_USData_FF.indication). May be null. */
    void (*on_first_frame)(void *ctx, uint16_t len_bytes, proto_ns_t now_ns);
    /* Reception failed; the partial message is gone. May be null. */
    void (*on_receive_error)(void *ctx, enum isotp_result why, proto_ns_t now_ns);
    /* The message given to isotp_send() has gone over the bus, or failed. It may call isotp_send()
     * for the next one. May be null. */
    void (*on_sent)(void *ctx, enum isotp_result result, proto_ns_t now_ns);
};

/* A flow control that the receiver owes, as a hook may have it otherwise. Preset with what the link
 * would send. */
struct isotp_flow {
    const uint8_t *data; /* What was received so far. */
    uint16_t len_bytes;  /* Of the message. */
    uint16_t done_bytes; /* Received so far. */
    uint16_t number;     /* Of the flow controls of this message, from 0; waits count. */
    uint8_t status;      /* enum isotp_flow_status; reserved values are sent as well. After an
                          * overflow the message is given up. */
    uint8_t block_size;
    uint8_t st_min;      /* As coded. */
    bool leave_out;      /* Nothing is sent; the link waits for frames as if it had been. */
    proto_ns_t again_ns; /* After a wait: when the next flow control follows. 0: never. */
};

/* Set by a laboratory, and changed while the link runs. */
struct isotp_hooks {
    void *ctx;
    void (*on_flow)(void *ctx, struct isotp_flow *flow, proto_ns_t now_ns); /* May be null. */
};

struct isotp_cfg {
    uint8_t
        frame_len_max; /* Payload of one CAN frame: 8 (classical) or 12 ... 64 (FD). 0 means 8. */
    uint8_t padding_byte; /* Used when pad is set. */
    bool pad;             /* Fill frames to 8 bytes (always filled to an FD length above 8). */
    bool extended;        /* Extended addressing: address_tx goes first in every frame sent, and
                           * frames received must start with address_rx. */
    uint8_t address_tx;
    uint8_t address_rx;
    uint8_t block_size; /* Announced in flow control. 0: no further flow control. */
    uint8_t st_min;     /* Announced in flow control, as coded by ISO 15765-2. */
    uint8_t wft_max;    /* Flow-control waits tolerated in a row when sending. 0: none. */
    bool functional;    /* Single frames only, both ways (functional addressing). */
    proto_ns_t n_as_ns; /* 0 means 1 s; likewise the next two. */
    proto_ns_t n_bs_ns;
    proto_ns_t n_cr_ns;
    uint16_t rx_buffer_len; /* Longer messages are answered with overflow. Required to receive. */
    uint8_t *rx_buffer;     /* Owned by the caller. */
    const struct isotp_hooks *hooks; /* May be null. */
};

enum isotp_tx_state { ISOTP_TX_IDLE, ISOTP_TX_WAIT_CONFIRM, ISOTP_TX_WAIT_FC, ISOTP_TX_WAIT_GAP };
enum isotp_rx_state { ISOTP_RX_IDLE, ISOTP_RX_WAIT_CF };

struct isotp_tx {
    enum isotp_tx_state state;
    const uint8_t *data; /* The caller's message; it must stay until on_sent. */
    uint16_t len;
    uint16_t done; /* Bytes handed to the controller. */
    uint8_t next_sn;
    uint8_t block_left; /* Frames until the next flow control; meaningful if block_size is not 0. */
    uint8_t block_size;
    uint8_t waits;
    bool frame_pending; /* A frame waits for its turn, or was refused by the controller. */
    proto_ns_t gap_ns;
    bool first_sent;
    bool cf_sent;
    proto_ns_t last_cf_ns; /* Confirmation of the last consecutive frame; STmin counts from it. */
    proto_ns_t deadline_ns;
};

struct isotp_rx {
    enum isotp_rx_state state;
    uint16_t len;
    uint16_t done;
    uint8_t frame_len; /* RX_DL: the length of the first frame, and of all but the last one. */
    uint8_t next_sn;
    uint8_t block_left;
    bool fc_pending; /* A flow control waits for its turn, or was refused by the controller. */
    uint8_t fc_status, fc_block_size, fc_st_min;
    uint16_t fc_number;        /* Of the next flow control of this message. */
    proto_ns_t fc_gap_ns;      /* A wait is being sent: the next one follows after this. */
    proto_ns_t fc_again_ns;    /* After a wait. */
    proto_ns_t fc_deadline_ns; /* N_Ar of the flow control. */
    proto_ns_t deadline_ns;    /* N_Cr. */
};

/* Whose frame the controller has. */
enum isotp_in_flight { ISOTP_FLIGHT_NONE, ISOTP_FLIGHT_TX, ISOTP_FLIGHT_FC };

struct isotp {
    struct isotp_cfg cfg;
    const struct isotp_ops *ops;
    void *ctx;
    enum isotp_in_flight in_flight;
    proto_ns_t retry_ns; /* When to offer a refused frame again. */
    struct isotp_tx tx;
    struct isotp_rx rx;
};

void isotp_init(struct isotp *tp, const struct isotp_cfg *cfg, const struct isotp_ops *ops,
                void *ctx);

/* Starts to send. False if a message is still being sent, or longer than the link can carry (0
 * bytes, more than 4,095, or more than a single frame when functional). on_sent follows only if
 * true. */
bool isotp_send(struct isotp *tp, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns);
bool isotp_sending(const struct isotp *tp);
bool isotp_receiving(const struct isotp *tp);
/* The other side has begun anew: a message that still waits for its flow control is given up, as
 * after N_Bs (on_sent: ISOTP_TIMEOUT_BS). Otherwise nothing happens. */
void isotp_give_up_waiting(struct isotp *tp, proto_ns_t now_ns);
/* Forgets both directions without a callback. */
void isotp_reset(struct isotp *tp);

/* A frame with this link's identifier has arrived. Anything may be in it: what ISO 15765-2 does not
 * expect is ignored, except that a single or first frame ends a reception that is under way. */
void isotp_on_frame(struct isotp *tp, const uint8_t *data, uint8_t len_bytes, proto_ns_t now_ns);
/* The frame given to ops->send has gone over the bus. */
void isotp_on_confirm(struct isotp *tp, proto_ns_t now_ns);
void isotp_on_deadline(struct isotp *tp, proto_ns_t now_ns);
proto_ns_t isotp_deadline_ns(const struct isotp *tp);

#endif
