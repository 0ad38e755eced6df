/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can.h - the CAN part of a Linux kernel: interfaces and sockets of one host.
 *
 * The model of net/can/{af_can,raw,isotp,bcm}.c and of a CAN driver with local echo, on top of
 * simulated buses. It knows nothing of processes and system calls: a caller hands in what a system
 * call would, in buffers of its own, and gets what the kernel would answer: a length or a negative
 * errno value. Addresses, options, frames and control messages have the byte layout of the x86-64
 * kernel interface (linux/can.h and its neighbours).
 *
 * Nothing here waits. Where the kernel would, the answer is -EAGAIN; the caller tries again after
 * on_change, or hands -EAGAIN on if the descriptor or the call is non-blocking.
 *
 * An own frame is looped back to the sockets of the host when it has really gone over the bus. */
#ifndef GUEST_AF_CAN_H
#define GUEST_AF_CAN_H

#include "sim/can/can_bus.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AF_CAN_INTERFACES_MAX = 8,
    AF_CAN_NAMES_MAX = 8,               /* Names of one interface: its own and its aliases. */
    AF_CAN_NAME_SIZE = 16,              /* IFNAMSIZ. */
    AF_CAN_FIRST_INDEX = 2,             /* 1 is the loopback interface of every host. */
    AF_CAN_TX_QUEUE_LEN = 10,           /* txqueuelen of a CAN interface (drivers/net/can/dev). */
    AF_CAN_INSTANT_TX_QUEUE_LEN = 1000, /* And of vcan, which has no queue and never fills. */
};

struct af_can;
struct af_can_socket;

struct af_can_interface_cfg {
    const char *name;          /* At most 15 bytes; kept by pointer. Required. */
    struct can_bus *bus;       /* Required. */
    uint32_t tx_queue_len;     /* Frames that wait for the bus. 0: AF_CAN_TX_QUEUE_LEN, and on an
                                * instant bus AF_CAN_INSTANT_TX_QUEUE_LEN. */
    uint32_t restart_after_ms; /* Bus-off recovery ("restart-ms"). 0: stays bus-off. */
};

struct af_can_cfg {
    struct sim *sim;   /* Required. */
    uint64_t epoch_ns; /* Wall clock at virtual time 0, for time stamps: ns since 1970. */
    /* What poll() would report for the socket may have changed. Runs inside simulated events and
     * inside the calls below; it must only take note. May be null. user is that of
     * af_can_socket_open(). */
    void (*on_change)(void *ctx, void *user);
    void *ctx;
};

/* Null: out of memory. The stack owns its sockets and its nodes on the buses. */
struct af_can *af_can_new(const struct af_can_cfg *cfg);
void af_can_free(struct af_can *stack);

/* Attaches a node to the bus. Returns the interface index. */
int af_can_add_interface(struct af_can *stack, const struct af_can_interface_cfg *cfg);
/* A further name of an interface, kept by pointer. False: the name is taken or too long, or there
 * are too many. */
bool af_can_add_alias(struct af_can *stack, int index, const char *name);
/* "ip link set up|down": down drops what is queued and tells the sockets ENETDOWN. Up at first. */
void af_can_set_up(struct af_can *stack, int index, bool up);
/* The host loses its power or has it back: all interfaces at once. Off: what is queued is gone, a
 * frame on the wire is cut off, nothing is acknowledged any more; the host's programs must be gone
 * first. On: all interfaces are up, as after its boot, with new controllers. */
void af_can_set_power(struct af_can *stack, bool on);

/* The node with which the host is on a bus. Null: no interface of it is. */
const struct can_node *af_can_node(const struct af_can *stack, const struct can_bus *bus);

/* 0 if there is none. */
int af_can_index(const struct af_can *stack, const char *name);
/* Its own name, null if there is none. Indexes run from AF_CAN_FIRST_INDEX without gaps. */
const char *af_can_name(const struct af_can *stack, int index);
/* The interface requests SIOCGIFINDEX, NAME, MTU, FLAGS, HWADDR, TXQLEN ... on a struct ifreq (40
 * bytes), asked on any socket. -ENOTTY: not a request of this kind. -ENODEV: no CAN interface of
 * that name or index; the caller asks the real kernel then. */
int af_can_interface_ioctl(struct af_can *stack, unsigned long request, void *ifreq);

/* socket(AF_CAN, type, protocol); type without SOCK_NONBLOCK and SOCK_CLOEXEC. *error: negative
 * errno if null is returned. user: handed to on_change. */
struct af_can_socket *af_can_socket_open(struct af_can *stack, int type, int protocol, void *user,
                                         int *error);
/* The last descriptor was closed. What is queued still goes out; an ISO-TP transmission that still
 * runs is given up, as that of a process which a signal ends. */
void af_can_socket_close(struct af_can_socket *socket);
/* close() and exit() would wait now (ISO-TP: a transmission runs). Ask again after on_change; close
 * when it is over, or when a signal ends the wait. */
bool af_can_socket_close_waits(const struct af_can_socket *socket);

int af_can_bind(struct af_can_socket *socket, const void *address, size_t len_bytes);
int af_can_connect(struct af_can_socket *socket, const void *address, size_t len_bytes);
/* *len_bytes: room on entry, true length of the address on return, which may be more. */
int af_can_getsockname(const struct af_can_socket *socket, void *address, size_t *len_bytes);
int af_can_getpeername(const struct af_can_socket *socket, void *address, size_t *len_bytes);
int af_can_setsockopt(struct af_can_socket *socket, int level, int name, const void *value,
                      size_t len_bytes);
/* *len_bytes: room on entry, length of the value on return. */
int af_can_getsockopt(struct af_can_socket *socket, int level, int name, void *value,
                      size_t *len_bytes);
/* Requests that concern the socket: SIOCGSTAMP and SIOCGSTAMPNS in their old and new forms,
 * FIONREAD/SIOCINQ, SIOCOUTQ. value: room for 16 bytes. *len_bytes: how many were written. -ENOTTY:
 * not one of them. */
int af_can_socket_ioctl(struct af_can_socket *socket, unsigned long request, void *value,
                        size_t *len_bytes);

/* One message, as struct msghdr describes it, gathered into one piece. */
struct af_can_message {
    void *data;
    size_t data_bytes;    /* Receive: room on entry. */
    void *address;        /* Null: none given, or not wanted. */
    size_t address_bytes; /* Receive: room on entry, true length on return (0: none). */
    void *control;        /* Receive: struct cmsghdr and its data are written here. Null: none. */
    size_t control_bytes; /* Receive: room on entry, used on return. */
    int flags;            /* Send and receive: MSG_* of the call; receive: msg_flags on return. */
};

/* Returns how many bytes were taken; -EAGAIN: would wait. AF_CAN_SEND_WAITS: the message was taken,
 * but the call must not return before it has gone out (ISO-TP with WAIT_TX_DONE), even if it is
 * non-blocking; the caller asks af_can_send_result() after on_change. */
long af_can_send(struct af_can_socket *socket, const struct af_can_message *message);
/* The kernel's ERESTARTSYS: no program ever sees it. */
enum { AF_CAN_SEND_WAITS = -512 };
/* Of the call that waits: AF_CAN_SEND_WAITS still, or what it returns now. Until that has been
 * fetched other calls to af_can_send() answer -EAGAIN. */
long af_can_send_result(struct af_can_socket *socket);
/* A signal ends the wait, and with it the transmission. */
void af_can_send_abandon(struct af_can_socket *socket);
/* Returns the length as recvmsg() would (with MSG_TRUNC the true one); -EAGAIN: nothing there. */
long af_can_receive(struct af_can_socket *socket, struct af_can_message *message);
/* POLLIN, POLLRDNORM, POLLOUT, POLLWRNORM, POLLWRBAND, POLLERR, POLLHUP as the socket's poll would
 * say. */
unsigned af_can_poll(const struct af_can_socket *socket);

#endif
