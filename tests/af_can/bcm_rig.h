/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/bcm_rig.h - a CAN_BCM socket on a bus, and opposite it a plain node.
 *
 * The log holds, in the order of time, the frames that the node sees ("1000us 123#01") and the
 * messages that the socket gets ("1000us RX_CHANGED 123 on 2: 123#01"). On an instant bus a frame
 * has the time at which it was sent. */
#ifndef TESTS_AF_CAN_BCM_RIG_H
#define TESTS_AF_CAN_BCM_RIG_H

#include "guest/af_can/af_can.h"
#include "guest/af_can/af_can_linux.h"
#include "sim/sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define can_frame linux_can_frame
#include <linux/can/bcm.h>
#undef can_frame

enum { BCM_LOG_MAX = 8192, ASK_FRAMES_MAX = 6, BUSES = 2, MESSAGE_MAX = 32 * 1024 };

struct bcm_rig {
    struct sim sim;
    struct can_bus bus[BUSES];
    struct can_node peer[BUSES];
    struct af_can *stack;
    int ifindex[BUSES];
    struct af_can_socket *socket;
    struct bcm_msg_head *head; /* Of the message taken last. */
    size_t message_bytes;
    struct sockaddr_can from;
    size_t from_bytes;
    int message_flags;
    size_t log_len;
    char log[BCM_LOG_MAX];
};

/* A request. Frames as candump writes them; nframes and can_id are found from them if zero. */
struct ask {
    uint32_t opcode;
    uint32_t flags;
    uint32_t count;
    long ival1_us, ival2_us;
    uint32_t can_id;
    uint32_t nframes;
    int to; /* Interface index as sendto() would give it; 0: no address. */
    const char *frames[ASK_FRAMES_MAX];
};

__attribute__((format(printf, 2, 3))) static inline void rig_say(struct bcm_rig *rig,
                                                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof rig->log - rig->log_len;
    const int len = vsnprintf(rig->log + rig->log_len, room, format, arguments);
    va_end(arguments);
    cr_assert_lt((size_t)len, room);
    rig->log_len += (size_t)len;
}

static inline void rig_on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    char text[CAN_TEXT_MAX];
    struct bcm_rig *rig = ctx;
    can_frame_print(frame, text);
    rig_say(rig, "%lluus %s\n", (unsigned long long)(now_ns / 1000), text);
}

static inline void rig_add_bus(struct bcm_rig *rig, size_t i, bool instant, uint32_t data_bps)
{
    static const struct can_node_ops ops = {.on_frame = rig_on_frame};
    static const char *const names[BUSES] = {"can0", "can1"};
    can_bus_init(
        &rig->bus[i], &rig->sim,
        &(struct can_bus_cfg){
            .name = names[i], .nominal_bps = 500000, .data_bps = data_bps, .instant = instant});
    can_node_init(&rig->peer[i],
                  &(struct can_node_cfg){.name = "peer", .ops = &ops, .ctx = rig, .queue_len = 64});
    can_bus_attach(&rig->bus[i], &rig->peer[i]);
    rig->ifindex[i] = af_can_add_interface(
        rig->stack, &(struct af_can_interface_cfg){.name = names[i], .bus = &rig->bus[i]});
}

static inline struct af_can_socket *rig_open(struct bcm_rig *rig)
{
    int error = 0;
    struct af_can_socket *socket =
        af_can_socket_open(rig->stack, SOCK_DGRAM, CAN_BCM, NULL, &error);
    cr_assert_not_null(socket, "error %d", error);
    return socket;
}

static inline int rig_connect(struct af_can_socket *socket, int ifindex)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    return af_can_connect(socket, &address, sizeof address);
}

/* Two buses; the socket is not connected yet. */
static inline struct bcm_rig *rig_new(bool instant)
{
    struct bcm_rig *rig = calloc(1, sizeof *rig);
    rig->head = malloc(MESSAGE_MAX);
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1});
    rig->stack = af_can_new(&(struct af_can_cfg){.sim = &rig->sim});
    for (size_t i = 0; i < BUSES; i++) {
        rig_add_bus(rig, i, instant, 2000000);
    }
    rig->socket = rig_open(rig);
    return rig;
}

/* The usual beginning: instant buses, connected to the first of them. */
static inline struct bcm_rig *rig_start(void)
{
    struct bcm_rig *rig = rig_new(true);
    cr_assert_eq(rig_connect(rig->socket, rig->ifindex[0]), 0);
    return rig;
}

static inline void rig_free(struct bcm_rig *rig)
{
    af_can_free(rig->stack);
    for (size_t i = 0; i < BUSES; i++) {
        can_bus_release(&rig->bus[i]);
    }
    sim_release(&rig->sim);
    free(rig->head);
    free(rig);
}

static inline uint32_t rig_wire_id(const struct can_frame *frame)
{
    return frame->id | ((frame->flags & CAN_FLAG_EXT) != 0 ? CAN_EFF_FLAG : 0) |
           ((frame->flags & CAN_FLAG_RTR) != 0 ? CAN_RTR_FLAG : 0);
}

static inline size_t rig_put_frame(uint8_t *to, const char *text, bool fd, uint32_t *can_id)
{
    struct can_frame frame;
    struct canfd_frame wire = {0};
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    wire.can_id = rig_wire_id(&frame);
    wire.len = frame.len_bytes;
    memcpy(wire.data, frame.data, frame.len_bytes);
    *can_id = wire.can_id;
    memcpy(to, &wire, fd ? sizeof wire : 16);
    return fd ? sizeof wire : 16;
}

static inline long rig_ask_on(struct af_can_socket *socket, const struct ask *ask)
{
    uint8_t bytes[sizeof(struct bcm_msg_head) + ASK_FRAMES_MAX * sizeof(struct canfd_frame)];
    struct bcm_msg_head head;
    size_t len_bytes = sizeof head;
    uint32_t frames = 0, can_id = 0;
    while (frames < ASK_FRAMES_MAX && ask->frames[frames] != NULL) {
        len_bytes += rig_put_frame(bytes + len_bytes, ask->frames[frames++],
                                   (ask->flags & CAN_FD_FRAME) != 0, &can_id);
    }
    memset(&head, 0, sizeof head);
    head.opcode = ask->opcode;
    head.flags = ask->flags;
    head.count = ask->count;
    head.ival1 = (struct bcm_timeval){ask->ival1_us / 1000000, ask->ival1_us % 1000000};
    head.ival2 = (struct bcm_timeval){ask->ival2_us / 1000000, ask->ival2_us % 1000000};
    head.can_id = ask->can_id != 0 ? ask->can_id : can_id;
    head.nframes = ask->nframes != 0 ? ask->nframes : frames;
    memcpy(bytes, &head, sizeof head);
    struct sockaddr_can to = {.can_family = AF_CAN, .can_ifindex = ask->to};
    const struct af_can_message message = {.data = bytes,
                                           .data_bytes = len_bytes,
                                           .address = ask->to != 0 ? &to : NULL,
                                           .address_bytes = ask->to != 0 ? sizeof to : 0};
    return af_can_send(socket, &message);
}

#define rig_ask(rig, ...) rig_ask_on((rig)->socket, &(struct ask){__VA_ARGS__})

static inline void rig_say_frames(struct bcm_rig *rig)
{
    const size_t frame_bytes = (rig->head->flags & CAN_FD_FRAME) != 0 ? 72 : 16;
    const uint8_t *bytes = (const uint8_t *)rig->head + sizeof *rig->head;
    for (uint32_t i = 0; i < rig->head->nframes; i++) {
        struct canfd_frame wire = {0};
        memcpy(&wire, bytes + i * frame_bytes, frame_bytes);
        rig_say(rig, " %03X#", wire.can_id & CAN_EFF_MASK);
        for (size_t j = 0; j < wire.len; j++) {
            rig_say(rig, "%02X", wire.data[j]);
        }
    }
}

/* Takes a message and writes it to the log; false if there is none. */
static inline bool rig_take(struct bcm_rig *rig)
{
    static const char *const names[] = {[TX_STATUS] = "TX_STATUS",
                                        [TX_EXPIRED] = "TX_EXPIRED",
                                        [RX_STATUS] = "RX_STATUS",
                                        [RX_TIMEOUT] = "RX_TIMEOUT",
                                        [RX_CHANGED] = "RX_CHANGED"};
    struct af_can_message message = {.data = rig->head,
                                     .data_bytes = MESSAGE_MAX,
                                     .address = &rig->from,
                                     .address_bytes = sizeof rig->from};
    const long len_bytes = af_can_receive(rig->socket, &message);
    if (len_bytes < 0) {
        cr_assert_eq(len_bytes, -EAGAIN);
        return false;
    }
    rig->message_bytes = (size_t)len_bytes;
    rig->from_bytes = message.address_bytes;
    rig->message_flags = message.flags;
    const size_t frame_bytes = (rig->head->flags & CAN_FD_FRAME) != 0 ? 72 : 16;
    cr_assert_eq(rig->message_bytes, sizeof *rig->head + rig->head->nframes * frame_bytes);
    cr_assert(rig->head->opcode >= TX_STATUS && rig->head->opcode <= RX_CHANGED);
    rig_say(rig, "%lluus %s %03X on %d:", (unsigned long long)(rig->sim.now_ns / 1000),
            names[rig->head->opcode], rig->head->can_id & CAN_EFF_MASK, rig->from.can_ifindex);
    rig_say_frames(rig);
    rig_say(rig, "\n");
    return true;
}

static inline void rig_run(struct bcm_rig *rig, sim_ns_t duration_ns)
{
    const sim_ns_t end_ns = rig->sim.now_ns + duration_ns;
    while (rig_take(rig)) {
    }
    while (sim_next_due_ns(&rig->sim) <= end_ns) {
        sim_step(&rig->sim);
        while (rig_take(rig)) {
        }
    }
    sim_run_until(&rig->sim, end_ns);
}

/* The node on the first bus sends. */
static inline void rig_peer(struct bcm_rig *rig, const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    cr_assert_eq(can_node_send(&rig->peer[0], &frame), CAN_SEND_QUEUED);
    rig_run(rig, 0);
}

/* What the log holds since it was looked at last. */
#define rig_expect(rig, expected)                                                                  \
    do {                                                                                           \
        cr_assert_str_eq((rig)->log, (expected), "the log is\n%s", (rig)->log);                    \
        (rig)->log_len = 0;                                                                        \
        (rig)->log[0] = '\0';                                                                      \
    } while (0)

#endif
