/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_socket.h - inside the stack: what the protocols (RAW, ISO-TP, BCM) are given
 * and what they give. Not for users of the stack.
 *
 * As in the kernel, a protocol asks the core for frames by filter (can_rx_register) and hands
 * frames to an interface (can_send); everything common to sockets lives in the core. */
#ifndef GUEST_AF_CAN_SOCKET_H
#define GUEST_AF_CAN_SOCKET_H

#include "guest/af_can/af_can.h"

/* The kernel's struct canfd_frame, which begins as its struct can_frame does (linux/can.h; that
 * header's struct can_frame has the name of ours, so it is not included here). */
struct af_can_wire_frame {
    uint32_t can_id; /* With CAN_EFF_FLAG, CAN_RTR_FLAG, CAN_ERR_FLAG. */
    uint8_t len;
    uint8_t flags; /* CANFD_BRS, CANFD_ESI, CANFD_FDF. */
    uint8_t res0;
    uint8_t len8_dlc;
    uint8_t data[64];
};

enum { AF_CAN_MTU = 16, AF_CANFD_MTU = 72 };

/* A frame as sockets see it: received, looped back, or an error message of the driver. */
struct af_can_skb {
    struct af_can_wire_frame frame;
    size_t size_bytes; /* AF_CAN_MTU or AF_CANFD_MTU. */
    int ifindex;
    sim_ns_t at_ns;               /* When it was complete on the bus. */
    struct af_can_socket *sender; /* Null: from another node of the bus, or the sender is closed. */
    bool from_this_host;          /* Looped back (the kernel's PACKET_LOOPBACK). */
    bool stamped;                 /* The kernel keeps time stamps, for some socket of the host
                                   * has asked for them (net_enable_timestamp()). */
    bool has_origin;              /* Looped back, and the kernel's skb->sk is set: the socket was
                                   * open when the driver got the frame. */
    uint64_t serial;              /* Different for every frame of the stack; one frame that several
                                   * filters of a socket let through has one (RAW: join, doubles). */
};

typedef void af_can_rx_fn(struct af_can_socket *socket, const struct af_can_skb *skb);

/* What a protocol is. Functions as in the kernel's struct proto_ops; null: -EOPNOTSUPP, or for the
 * two void ones nothing. Options of SOL_SOCKET never reach the protocol. */
struct af_can_protocol {
    int type;           /* SOCK_RAW or SOCK_DGRAM. */
    int protocol;       /* CAN_RAW, CAN_BCM, CAN_ISOTP. */
    size_t state_bytes; /* The core allocates so much zeroed memory behind socket->state. */
    void (*init)(struct af_can_socket *socket);
    /* Drops filters and timers. */
    void (*release)(struct af_can_socket *socket);
    bool (*close_waits)(const struct af_can_socket *socket);
    int (*bind)(struct af_can_socket *socket, const void *address, size_t len_bytes);
    int (*connect)(struct af_can_socket *socket, const void *address, size_t len_bytes);
    /* peer: getpeername. Writes at most 24 bytes (struct sockaddr_can), returns the length. */
    int (*getname)(const struct af_can_socket *socket, void *address, bool peer);
    int (*setsockopt)(struct af_can_socket *socket, int level, int name, const void *value,
                      size_t len_bytes);
    int (*getsockopt)(struct af_can_socket *socket, int level, int name, void *value,
                      size_t *len_bytes);
    long (*send)(struct af_can_socket *socket, const struct af_can_message *message);
    /* Null: the core takes the next entry of the receive queue. Not null: called first; negative
     * errno ends the call, 0 goes on to the queue. */
    long (*before_receive)(struct af_can_socket *socket, int flags);
    /* Changes what the core found out from queue, error and send buffer. May be null. */
    unsigned (*poll)(const struct af_can_socket *socket, unsigned events);
    /* The interface goes down, comes up. */
    void (*on_interface)(struct af_can_socket *socket, int ifindex, bool up);
    /* MSG_TRUNC as a flag of the call makes recvmsg() return the true length (isotp_recvmsg()). */
    bool tells_true_length;
    /* A message that is cut to the caller's room is not marked MSG_TRUNC (bcm_recvmsg()). */
    bool hides_cut;
};

extern const struct af_can_protocol af_can_raw, af_can_isotp, af_can_bcm;

struct af_can_rx_queue;

struct af_can_socket {
    struct af_can *stack;
    const struct af_can_protocol *protocol;
    void *user;
    void *state; /* The protocol's, state_bytes. */
    bool closed; /* About to go: nobody is told any more. */
    int error;   /* sk_err: positive errno, told and cleared by the next call that looks. */
    /* The rest belongs to the core: receive queue, options of SOL_SOCKET, send buffer. */
    struct af_can_rx_queue *queue;
    struct af_can_socket_options *options;
};

/* can_rx_register(): fn is called for each frame of the interface (0: of all) that passes the
 * filter as the kernel applies it (CAN_INV_FILTER, CAN_ERR_FLAG in the mask, CAN_EFF_FLAG ...). A
 * socket may register many; filters of one socket are called in the order of their registration. */
int af_can_rx_register(struct af_can_socket *socket, int ifindex, uint32_t can_id, uint32_t mask,
                       af_can_rx_fn *fn);
/* All filters of the socket. Neither of the two from within a filter's function. */
void af_can_rx_unregister(struct af_can_socket *socket);

/* can_send(): 0, -ENOBUFS (the interface's queue is full), -ENETDOWN, -ENXIO/-ENODEV, -EINVAL,
 * -EPERM ... as the kernel's. loopback: the host's sockets get it when it has gone out (on_frame
 * with from_this_host). socket: whose send buffer it fills until then; on_sent of the protocol's
 * choice may be found by comparing skb->sender. */
int af_can_transmit(struct af_can_socket *socket, int ifindex,
                    const struct af_can_wire_frame *frame, size_t size_bytes, bool loopback);
/* True while the socket's send buffer (SO_SNDBUF) has no room for one more frame. */
bool af_can_send_buffer_full(const struct af_can_socket *socket);

/* sock_queue_rcv_skb(): false if the receive buffer (SO_RCVBUF) is full; the entry is then counted
 * as dropped (SO_RXQ_OVFL). address: the struct sockaddr_can that recvmsg() reports, flags:
 * MSG_DONTROUTE, MSG_CONFIRM. */
bool af_can_queue(struct af_can_socket *socket, const void *data, size_t len_bytes,
                  const void *address, size_t address_bytes, int flags, sim_ns_t at_ns);
/* sk_error_report(): keeps the positive errno and tells the caller. */
void af_can_report_error(struct af_can_socket *socket, int error);
/* What poll() reports has changed in a way the core cannot see. */
void af_can_changed(struct af_can_socket *socket);

/* -ENODEV, -ENETDOWN or 0; 0 for index 0. And the MTU, AF_CAN_MTU or AF_CANFD_MTU; 0: none. */
int af_can_interface_check(const struct af_can *stack, int ifindex);
size_t af_can_interface_mtu(const struct af_can *stack, int ifindex);
struct sim *af_can_sim(const struct af_can *stack);

#endif
