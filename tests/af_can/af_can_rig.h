/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/af_can_rig.h - a host with one or two CAN interfaces, and a second station on the
 * bus that remembers what it saw. */
#ifndef TESTS_AF_CAN_AF_CAN_RIG_H
#define TESTS_AF_CAN_AF_CAN_RIG_H

#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_socket.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { PEER_SEEN_MAX = 1024 };
#define RIG_EPOCH_NS 1000000000000000000u /* 2001-09-09. */

struct rig {
    struct sim sim;
    struct can_bus bus[2];
    struct can_node peer; /* On bus 0. */
    size_t seen_len;
    struct can_frame seen[PEER_SEEN_MAX];
    struct af_can *stack;
    unsigned changes;
    int index[2];
};

static inline void rig_on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)now_ns;
    struct rig *rig = ctx;
    cr_assert_lt(rig->seen_len, PEER_SEEN_MAX);
    rig->seen[rig->seen_len++] = *frame;
}

static inline void rig_on_change(void *ctx, void *user)
{
    struct rig *rig = ctx;
    rig->changes++;
    if (user != NULL) {
        ++*(unsigned *)user;
    }
}

static const struct can_node_ops rig_peer_ops = {.on_frame = rig_on_frame};

/* can0 and can1 at 500 kbit/s; can1 without CAN FD. */
static inline struct rig *rig_with(const struct can_bus_cfg *cfg, uint32_t restart_after_ms)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1});
    static const char *const names[] = {"can0", "can1"};
    rig->stack = af_can_new(&(struct af_can_cfg){
        .sim = &rig->sim, .epoch_ns = RIG_EPOCH_NS, .on_change = rig_on_change, .ctx = rig});
    for (size_t i = 0; i < 2; i++) {
        struct can_bus_cfg bus = *cfg;
        bus.name = names[i];
        bus.nominal_bps = 500000;
        bus.data_bps = i == 0 ? cfg->data_bps : 0;
        can_bus_init(&rig->bus[i], &rig->sim, &bus);
        rig->index[i] = af_can_add_interface(
            rig->stack, &(struct af_can_interface_cfg){.name = names[i],
                                                       .bus = &rig->bus[i],
                                                       .restart_after_ms = restart_after_ms});
    }
    can_node_init(
        &rig->peer,
        &(struct can_node_cfg){.name = "peer", .ops = &rig_peer_ops, .ctx = rig, .queue_len = 64});
    can_bus_attach(&rig->bus[0], &rig->peer);
    return rig;
}

static inline struct rig *rig_new(uint32_t data_bps, uint32_t restart_after_ms)
{
    return rig_with(&(struct can_bus_cfg){.data_bps = data_bps}, restart_after_ms);
}

static inline void rig_free(struct rig *rig)
{
    af_can_free(rig->stack);
    can_bus_release(&rig->bus[0]);
    can_bus_release(&rig->bus[1]);
    sim_release(&rig->sim);
    free(rig);
}

static inline void rig_run_ms(struct rig *rig, unsigned ms)
{
    sim_run_until(&rig->sim, rig->sim.now_ns + SIM_MS(ms));
}

static inline struct af_can_socket *rig_open(struct rig *rig)
{
    int error = 1;
    struct af_can_socket *socket = af_can_socket_open(rig->stack, SOCK_RAW, CAN_RAW, NULL, &error);
    cr_assert(socket != NULL);
    cr_assert_eq(error, 0);
    return socket;
}

static inline int rig_bind(struct af_can_socket *socket, int ifindex)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    return af_can_bind(socket, &address, sizeof(address));
}

static inline struct af_can_socket *rig_bound(struct rig *rig, int ifindex)
{
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_bind(socket, ifindex), 0);
    return socket;
}

/* Text of a classical frame, as candump writes it; id flags are the kernel's. */
static inline struct af_can_wire_frame rig_wire(const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    struct af_can_wire_frame wire = {.can_id = frame.id, .len = frame.len_bytes};
    wire.can_id |= (frame.flags & CAN_FLAG_EXT) != 0 ? CAN_EFF_FLAG : 0;
    wire.can_id |= (frame.flags & CAN_FLAG_RTR) != 0 ? CAN_RTR_FLAG : 0;
    wire.flags = (uint8_t)(((frame.flags & CAN_FLAG_BRS) != 0 ? CANFD_BRS : 0) |
                           ((frame.flags & CAN_FLAG_ESI) != 0 ? CANFD_ESI : 0));
    memcpy(wire.data, frame.data, sizeof(wire.data));
    return wire;
}

static inline long rig_send_bytes(struct af_can_socket *socket, const void *data, size_t len_bytes)
{
    union {
        const void *from;
        void *to;
    } bytes = {.from = data};
    return af_can_send(socket, &(struct af_can_message){.data = bytes.to, .data_bytes = len_bytes});
}

static inline long rig_send(struct af_can_socket *socket, const char *text)
{
    const struct af_can_wire_frame wire = rig_wire(text);
    const bool fd = strstr(text, "##") != NULL;
    return rig_send_bytes(socket, &wire, fd ? AF_CANFD_MTU : AF_CAN_MTU);
}

static inline void rig_peer_send(struct rig *rig, const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    cr_assert_eq(can_node_send(&rig->peer, &frame), CAN_SEND_QUEUED);
}

/* One message with everything that comes with it. */
struct rig_received {
    long result;
    int flags;
    struct af_can_wire_frame frame;
    struct sockaddr_can address;
    size_t address_bytes;
    size_t control_bytes;
    _Alignas(8) unsigned char control[256];
};

static inline struct rig_received rig_receive_with(struct af_can_socket *socket, int flags,
                                                   size_t data_bytes, size_t control_bytes)
{
    struct rig_received got = {0};
    struct af_can_message message = {
        .data = &got.frame,
        .data_bytes = data_bytes,
        .address = &got.address,
        .address_bytes = sizeof(got.address),
        .control = control_bytes > 0 ? got.control : NULL,
        .control_bytes = control_bytes,
        .flags = flags,
    };
    got.result = af_can_receive(socket, &message);
    got.flags = message.flags;
    got.address_bytes = message.address_bytes;
    got.control_bytes = message.control_bytes;
    return got;
}

static inline struct rig_received rig_receive(struct af_can_socket *socket)
{
    return rig_receive_with(socket, 0, AF_CANFD_MTU, 256);
}

static inline size_t rig_drain(struct af_can_socket *socket)
{
    size_t count = 0;
    while (rig_receive(socket).result > 0) {
        count++;
    }
    return count;
}

static inline int rig_set(struct af_can_socket *socket, int level, int name, int value)
{
    return af_can_setsockopt(socket, level, name, &value, sizeof(value));
}

static inline int rig_get(struct af_can_socket *socket, int level, int name)
{
    int value = -1;
    size_t len = sizeof(value);
    cr_assert_eq(af_can_getsockopt(socket, level, name, &value, &len), 0);
    cr_assert_eq(len, sizeof(value));
    return value;
}

#endif
