/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_private.h - what the files of the core share. The protocols do not know it.
 */
#ifndef GUEST_AF_CAN_PRIVATE_H
#define GUEST_AF_CAN_PRIVATE_H

#include "guest/af_can/af_can_socket.h"

/* One filter of a socket (struct receiver, net/can/af_can.h). */
enum af_can_match { AF_CAN_MATCH_EQUAL, AF_CAN_MATCH_UNEQUAL, AF_CAN_MATCH_ERROR };

struct af_can_receiver {
    struct af_can_receiver *next;
    struct af_can_socket *socket;
    af_can_rx_fn *fn;
    uint32_t can_id, mask;
    enum af_can_match match;
};

struct af_can_receivers {
    struct af_can_receiver *first, *last;
};

/* A frame on its way out. */
struct af_can_tx {
    struct af_can_tx *next;
    struct af_can_skb skb;
    bool loopback;
    bool charged; /* Counts as send buffer of the sender. */
};

struct af_can_tx_queue {
    struct af_can_tx *first, *last;
    size_t len;
};

/* Bands of pfifo_fast, the queueing discipline of every CAN interface (attach_one_default_qdisc(),
 * net/sched/sch_generic.c): band 0 goes first, each is txqueuelen long. */
enum { AF_CAN_BANDS = 3 };

/* What the driver thinks of the controller (enum can_state of the kernel). */
enum af_can_error_state {
    AF_CAN_ERROR_ACTIVE,
    AF_CAN_ERROR_WARNING,
    AF_CAN_ERROR_PASSIVE,
    AF_CAN_ERROR_BUS_OFF,
};

struct af_can_interface {
    struct af_can *stack;
    int index;
    struct af_can_interface_cfg cfg;
    const char *names[AF_CAN_NAMES_MAX];
    size_t names_len;
    bool up;
    bool carrier;   /* False from bus-off to restart. */
    unsigned flags; /* IFF_NOARP and others that can be set and mean nothing. */
    struct can_node node;
    struct af_can_tx_queue bands[AF_CAN_BANDS];
    /* What the driver has given to the controller. One frame, as drivers with a single transmit
     * buffer do (flexcan, sja1000, mcp2515: alloc_candev(..., 1)); others have 8 to 16. */
    struct af_can_tx *sending;
    bool handed; /* The controller has taken it. */
    struct sim_event restart;
    enum af_can_error_state error_state;
    struct af_can_receivers receivers;
};

/* An entry of a receive queue. */
struct af_can_entry {
    struct af_can_entry *next;
    sim_ns_t at_ns;
    bool stamped;       /* The kernel kept time stamps when it came (net_enable_timestamp()). */
    uint32_t dropped;   /* Drops so far, if SO_RXQ_OVFL was on. */
    uint32_t true_size; /* What it takes of the receive buffer. */
    int flags;
    uint8_t address[24];
    uint8_t address_bytes;
    size_t len_bytes;
    uint8_t data[];
};

/* skb->truesize of a frame: 512 bytes for data and struct skb_shared_info, 256 for struct sk_buff
 * (measured on Linux 6.1, x86-64), on the way out and in, classical and FD. */
enum { AF_CAN_FRAME_TRUE_SIZE = 768 };

enum { AF_CAN_ENTRY_SMALL = AF_CANFD_MTU }; /* Room for data in entries that are kept for reuse. */

struct af_can_rx_queue {
    struct af_can_entry *first, *last;
    uint32_t allocated; /* sk_rmem_alloc. */
    uint32_t dropped;   /* sk_drops. */
};

/* SOL_SOCKET. Values that only answer getsockopt() are kept in stored[], see
 * af_can_options.c. */
enum { AF_CAN_STORED_MAX = 32 };

struct af_can_socket_options {
    int receive_buffer; /* sk_rcvbuf and sk_sndbuf. */
    int send_buffer;
    int priority;
    int bound_index; /* SO_BINDTODEVICE; means nothing to AF_CAN. */
    bool overflow;   /* SO_RXQ_OVFL. */
    bool stamp;      /* SOCK_RCVTSTAMP, SOCK_RCVTSTAMPNS, SOCK_TSTAMP_NEW. */
    bool stamp_ns;
    bool stamp_new;
    bool keeps_stamps;    /* Holds a reference on the kernel's time stamping: SOCK_TIMESTAMP */
    bool keeps_sw_stamps; /* and SOCK_TIMESTAMPING_RX_SOFTWARE. */
    uint32_t stamping;    /* SO_TIMESTAMPING. */
    int bind_phc;
    uint32_t linger_s; /* SO_LINGER. */
    bool linger;
    uint64_t pacing_rate;
    uint32_t tx_time[2];         /* SO_TXTIME. */
    uint64_t receive_timeout_us; /* 0: none. */
    uint64_t send_timeout_us;
    int stored[AF_CAN_STORED_MAX];
};

/* sk_stamp: what SIOCGSTAMP answers. */
enum af_can_last_stamp { AF_CAN_STAMP_NEVER, AF_CAN_STAMP_ZERO, AF_CAN_STAMP_KNOWN };

struct af_can_socket_core {
    struct af_can_socket socket;
    struct af_can_socket_core *next, *prev; /* All sockets of the stack, in order of opening. */
    struct af_can_rx_queue queue;
    struct af_can_socket_options options;
    uint32_t sending; /* sk_wmem_alloc without its first 1. */
    enum af_can_last_stamp last_stamp;
    uint64_t last_stamp_ns;
    _Alignas(max_align_t) unsigned char state[];
};

struct af_can {
    struct af_can_cfg cfg;
    struct af_can_interface interfaces[AF_CAN_INTERFACES_MAX];
    size_t interfaces_len;
    struct af_can_receivers receivers; /* Those of all interfaces. */
    struct af_can_socket_core *first, *last;
    struct af_can_tx *free_tx;
    struct af_can_entry *free_entries;
    uint64_t serial;
    unsigned stamp_users; /* netstamp_needed_key, net/core/dev.c. */
    bool handing_out;     /* No socket closes and no filter changes meanwhile. */
};

static inline struct af_can_socket_core *af_can_core(const struct af_can_socket *socket)
{
    return container_of(socket->queue, struct af_can_socket_core, queue);
}

/* af_can.c. Null: no such interface. */
struct af_can_interface *af_can_interface_at(const struct af_can *stack, int index);
uint64_t af_can_wall_ns(const struct af_can *stack, sim_ns_t at_ns);

/* af_can_interface.c */
void af_can_interface_init(struct af_can_interface *interface);
void af_can_interface_release(struct af_can_interface *interface);
/* The socket is about to go: frames on their way out must not name it any more. */
void af_can_interface_forget(struct af_can_interface *interface,
                             const struct af_can_socket *socket);

/* af_can_rx.c: hands the frame to whom it concerns. */
void af_can_deliver(struct af_can_interface *interface, struct af_can_skb *skb);
void af_can_receivers_free(struct af_can_receivers *receivers);

/* af_can_errors.c: the messages of the driver about its controller. */
void af_can_errors_bus_error(struct af_can_interface *interface, const struct can_error *error);
void af_can_errors_arbitration_lost(struct af_can_interface *interface);
void af_can_errors_restarted(struct af_can_interface *interface);
/* The error counters may have crossed a limit. */
void af_can_errors_counted(struct af_can_interface *interface);

/* af_can_sock.c */
/* sock_error(): negative errno or 0, told once. */
int af_can_take_error(struct af_can_socket *socket);
/* The frame is in the controller, or lost: sock_wfree(). */
void af_can_sent(struct af_can_socket *socket);

/* af_can_queue.c */
void af_can_queue_free(struct af_can_socket_core *core);
long af_can_queue_take(struct af_can_socket *socket, struct af_can_message *message);

/* af_can_cmsg.c: sock_recv_cmsgs(). */
void af_can_control(struct af_can_socket_core *core, const struct af_can_entry *entry,
                    struct af_can_message *message);

/* af_can_options.c */
void af_can_options_init(struct af_can_socket_core *core);
int af_can_options_set(struct af_can_socket_core *core, int name, const void *value,
                       size_t len_bytes);
int af_can_options_get(struct af_can_socket_core *core, int name, void *value, size_t *len_bytes);
/* sock_enable_timestamp(SOCK_TIMESTAMP). */
void af_can_options_keep_stamps(struct af_can_socket_core *core);
void af_can_options_release(struct af_can_socket_core *core);

#endif
