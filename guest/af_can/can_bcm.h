/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/can_bcm.h - inside CAN_BCM: what its three files share.
 *
 * The model of net/can/bcm.c (Linux 6.1 with its stable updates). A task sends frames in cycles, a
 * filter watches the content of one identifier; the kernel calls both "op", and so do we. Its
 * private marks in the flags of stored frames (RX_RECV, RX_THR) are members here. */
#ifndef GUEST_AF_CAN_CAN_BCM_H
#define GUEST_AF_CAN_CAN_BCM_H

#include "guest/af_can/af_can_socket.h"

#include "sim/sim.h"

/* Linux has a struct of the same name as ours; nothing here uses it. */
#define can_frame linux_can_frame
#include <linux/can.h>
#include <linux/can/bcm.h>
#undef can_frame

/* As struct bcm_msg_head, without the frames that follow it in memory (an array of open length
 * cannot be a member). */
struct bcm_head {
    uint32_t opcode;
    uint32_t flags;
    uint32_t count;
    struct bcm_timeval ival1, ival2;
    uint32_t can_id;
    uint32_t nframes;
};

_Static_assert(sizeof(struct bcm_head) == sizeof(struct bcm_msg_head), "as linux/can/bcm.h");

enum {
    BCM_TX_FRAMES_MAX = 256,
    BCM_RX_FRAMES_MAX = BCM_TX_FRAMES_MAX + 1, /* The first holds the mask of the multiplexer. */
};

/* One frame of a sequence, or one content that is watched. */
struct bcm_slot {
    struct af_can_wire_frame frame; /* Sent; or the mask of what counts as a change. */
    struct af_can_wire_frame last;  /* What was received last; filters only. */
    bool received;                  /* last holds something. */
    bool held_back;                 /* last is not told yet, because of the throttle. */
};

struct bcm_op {
    struct bcm_op *next;
    struct af_can_socket *socket;
    int ifindex; /* 0: any; filters only. */
    uint32_t can_id;
    uint32_t flags;
    size_t frame_bytes; /* AF_CAN_MTU or AF_CANFD_MTU. */
    uint32_t count;     /* Frames to be sent before ival2 holds. */
    uint32_t frames_len;
    uint32_t next_frame;
    struct bcm_timeval ival1, ival2;
    sim_ns_t ival1_ns, ival2_ns;
    struct sim_event timer;    /* Next frame; filters: time-out. */
    struct sim_event throttle; /* Filters only. */
    sim_ns_t told_at_ns; /* When a change was told last. SIM_NEVER: the throttle is at rest. */
    sim_ns_t received_at_ns;
    int received_ifindex;    /* Told with the op's messages; 0 for those of a task. */
    struct bcm_slot slots[]; /* At least one. */
};

struct bcm_socket {
    bool connected; /* Perhaps to any interface, 0. */
    int ifindex;
    struct bcm_op *tx_ops, *rx_ops; /* The newest first, as in the kernel. */
    uint64_t last_serial;           /* Of the frame that the filters saw last. */
    bool frame_seen;
};

/* A request: its head, and the frames behind it. */
struct bcm_request {
    struct bcm_head head;
    int ifindex;
    const uint8_t *frames;
    size_t frames_bytes;
};

size_t bcm_frame_bytes(uint32_t flags);
bool bcm_intervals_valid(const struct bcm_head *head);
void bcm_take_intervals(struct bcm_op *op, const struct bcm_head *head);
/* Null: no memory. */
struct bcm_op *bcm_op_new(struct af_can_socket *socket, const struct bcm_request *request,
                          sim_event_fn *on_timer, sim_event_fn *on_throttle);
struct bcm_op *bcm_op_find(struct bcm_op *first, const struct bcm_request *request);
/* False: there is none. */
bool bcm_op_delete(struct bcm_op **first, const struct bcm_request *request);
void bcm_op_free(struct bcm_op *op);
/* Whether the request brings its frames_len frames. */
bool bcm_has_frames(const struct bcm_request *request);
void bcm_copy_frame(struct af_can_wire_frame *to, const struct bcm_request *request, size_t index);

/* Puts a message of the BCM into the receive queue: the op's state, and frame (null: none). */
void bcm_tell(struct bcm_op *op, uint32_t opcode, const struct af_can_wire_frame *frame,
              sim_ns_t at_ns);
/* bcm_can_tx(): the next frame of the sequence goes to the interface. */
void bcm_transmit(struct bcm_op *op);

/* Requests that set up; answers as send() does. */
long bcm_tx_setup(struct af_can_socket *socket, const struct bcm_request *request);
long bcm_rx_setup(struct af_can_socket *socket, struct bcm_request *request);
/* Asks the core for the frames of all filters anew; 0 or -ENOMEM. */
int bcm_rx_refresh(struct af_can_socket *socket);

#endif
