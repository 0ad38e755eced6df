/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/isotp_rig.h - an ISO-TP socket on a bus, and opposite it a plain node whose frames
 * the test writes by hand: the protocol is checked byte by byte, not against itself.
 *
 * The log holds what the host sent and what became of its calls: "2500us 7E0#0211", in the order of
 * time; the time of a frame is when it was complete on the bus. */
#ifndef TESTS_AF_CAN_ISOTP_RIG_H
#define TESTS_AF_CAN_ISOTP_RIG_H

#include "guest/af_can/af_can.h"
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_socket.h"
#include "sim/sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/can/isotp.h>
#include <poll.h>

enum { ISOTP_RIG_LOG_MAX = 4096, TESTER_ID = 0x7E0, ECU_ID = 0x7E8 };

/* Extended identifiers, as the classic pair of ISO 15765-4. */
#define TESTER_EXT_ID (0x18DA10F1u | CAN_EFF_FLAG)

struct isotp_rig {
    struct sim sim;
    struct can_bus bus;
    struct can_node peer;
    struct af_can *stack;
    int ifindex;
    struct af_can_socket *socket;
    unsigned changes; /* Calls of on_change. */
    uint64_t frames;  /* Seen by the peer. */
    struct can_frame last;
    bool muted; /* Frames are counted, not logged. */
    char log[ISOTP_RIG_LOG_MAX];
};

/* An instant bus with CAN FD, or one of 500 kbit/s with bit times. */
void rig_init(struct isotp_rig *rig, bool instant);
void rig_release(struct isotp_rig *rig);

/* socket(), options (none if null), bind() to the identifiers above. */
struct af_can_socket *rig_open(struct isotp_rig *rig);
void rig_bind(struct isotp_rig *rig, struct af_can_socket *socket, uint32_t tx_id, uint32_t rx_id);
/* The usual beginning: init, open with these flags, bind. */
void rig_start(struct isotp_rig *rig, bool instant, uint32_t flags);
void rig_start_with(struct isotp_rig *rig, bool instant, const struct can_isotp_options *options);
/* With CAN FD frames of up to so many bytes. */
void rig_start_fd(struct isotp_rig *rig, uint8_t tx_dl, uint32_t flags);
void rig_set(struct af_can_socket *socket, int name, const void *value, size_t len_bytes);

/* The peer sends, as candump writes it: "7E8#300000". Time goes on by what the frame takes on the
 * instant bus: nothing. */
void rig_peer(struct isotp_rig *rig, const char *frame);
void rig_run(struct isotp_rig *rig, sim_ns_t duration_ns);

/* A message of so many bytes that count up from 0. */
long rig_send(struct isotp_rig *rig, size_t len_bytes);
/* Writes "error" or the message in hexadecimal (from 20 bytes on its length and a sum) to the log.
 */
void rig_receive(struct isotp_rig *rig);
unsigned rig_poll(const struct isotp_rig *rig);
/* SO_ERROR: positive. */
int rig_error(struct isotp_rig *rig);

/* The log must be this; it begins anew. */
void rig_expect(struct isotp_rig *rig, const char *expected);

#endif
