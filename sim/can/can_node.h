/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_node.h - a CAN controller: transmit queue, error counters, error states.
 *
 * Operations follow the list of FMI-LS-BUS for CAN: transmit, confirm, arbitration lost, bus error,
 * status, wake-up. Its configuration is struct can_node_cfg, once and for all; the bit rates belong
 * to the bus. */
#ifndef SIM_CAN_NODE_H
#define SIM_CAN_NODE_H

#include "sim/base.h"
#include "sim/can/can_frame.h"

#include <stdbool.h>

struct can_bus;
struct can_node;

enum { CAN_QUEUE_MAX = 64 };

/* ISO 11898-1 fault confinement. Bus-off includes the recovery sequence. */
enum can_state { CAN_ERROR_ACTIVE, CAN_ERROR_PASSIVE, CAN_BUS_OFF };

/* Why an error frame was sent (ISO 11898-1 error types) and by whom it was seen. */
enum can_error_cause {
    CAN_ERROR_BIT,
    CAN_ERROR_STUFF,
    CAN_ERROR_CRC,
    CAN_ERROR_FORM,
    CAN_ERROR_ACK,
};

struct can_error {
    enum can_error_cause cause;
    uint16_t bit;           /* Where in the frame, from SOF, stuff bits included. */
    bool sender;            /* The node told is the one that was sending. */
    struct can_frame frame; /* What was being sent. */
};

/* All callbacks may be null. They run inside the bus's events; they may send, but not detach. */
struct can_node_ops {
    void (*on_frame)(void *ctx, const struct can_frame *frame, sim_ns_t now_ns);
    /* The oldest queued frame (with a priority queue: the first) has gone over the bus. */
    void (*on_confirm)(void *ctx, const struct can_frame *frame, sim_ns_t now_ns);
    void (*on_arbitration_lost)(void *ctx, const struct can_frame *frame, sim_ns_t now_ns);
    void (*on_error)(void *ctx, const struct can_error *error, sim_ns_t now_ns);
    void (*on_state)(void *ctx, enum can_state state, sim_ns_t now_ns);
    /* First dominant edge while asleep. */
    void (*on_wake_up)(void *ctx, sim_ns_t now_ns);
};

struct can_node_cfg {
    const char *name;               /* Shown in traces; kept by pointer. Required. */
    const struct can_node_ops *ops; /* Required. */
    void *ctx;
    uint8_t queue_len; /* Frames waiting to be sent. 0 means 10, as a Linux CAN interface. At most
                        * CAN_QUEUE_MAX. */
    bool
        priority_queue; /* Lowest identifier first (as MSCAN's three buffers do) instead of FIFO. */
    bool listen_only;   /* Never sends, acknowledges or flags errors. */
    bool classical;     /* A controller without CAN FD: answers FD frames with an error frame. */
    bool one_shot;      /* A failed transmission is not repeated. */
    bool
        manual_recovery; /* Bus-off lasts until can_node_recover(); else recovery starts at once. */
};

struct can_node {
    struct can_node_cfg cfg;
    struct can_bus *bus; /* Null while detached. */
    bool powered;        /* Unpowered: neither sends, receives nor acknowledges. */
    bool asleep;
    enum can_state state;
    uint16_t tec; /* Transmit error counter. */
    uint16_t rec; /* Receive error counter. */
    struct can_frame queue[CAN_QUEUE_MAX];
    uint8_t queue_head;
    uint8_t queue_used;
    /* The rest belongs to the bus. */
    uint16_t source;
    uint8_t slot; /* Its place in the bus's sets of nodes. */
    bool transmitting;
    bool receives_fd;
    bool failed;       /* The head of the queue was on the wire in vain. */
    bool recovering;   /* Bus-off and counting recessive bits; ready_ns is the end of it. */
    sim_ns_t ready_ns; /* Not before this instant (suspend transmission, end of bus-off). */
    uint64_t
        queue_order[CAN_QUEUE_MAX]; /* Beside queue: place among all frames of an instant bus. */
};

enum can_send_result {
    CAN_SEND_QUEUED,
    CAN_SEND_FULL, /* The queue is full: try again after on_confirm. */
    CAN_SEND_BUS_OFF,
    CAN_SEND_OFFLINE, /* Detached, unpowered, asleep or listen-only. */
};

/* Powered, awake, error-active, empty queue. */
void can_node_init(struct can_node *node, const struct can_node_cfg *cfg);

/* Modelled behaviour, not an error: the caller decides what a full queue means to it. The frame
 * must be valid (can_frame_valid). */
enum can_send_result can_node_send(struct can_node *node, const struct can_frame *frame);
/* Whether what the node has on the wire now was there before, in vain: the controller repeats it,
 * nobody has sent it again. */
bool can_node_retransmits(const struct can_node *node);
/* Drops what is queued but not on the wire. Returns how many frames went. */
size_t can_node_abort(struct can_node *node);

/* Power off forgets queue and counters; a frame on the wire is cut and ends in an error frame.
 * Power on joins the bus after 11 recessive bits (ISO 11898-1: bus integration). */
void can_node_set_power(struct can_node *node, bool powered);
/* A frame on the wire is still finished. The next frame of another node wakes it: that frame is
 * not received, and on_wake_up is called at its SOF. */
void can_node_sleep(struct can_node *node);
void can_node_wake(struct can_node *node);
/* Starts the recovery sequence of 128 x 11 recessive bits (ISO 11898-1). Bus-off nodes only. Other
 * traffic does not prolong it: each frame ends in 11 recessive bits. The queue is kept. */
void can_node_recover(struct can_node *node);

#endif
