/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_wire.h - frames of sockets from and to frames of a bus. */
#ifndef GUEST_AF_CAN_WIRE_H
#define GUEST_AF_CAN_WIRE_H

#include "guest/af_can/af_can_socket.h"

/* can_is_can_skb(), can_is_canfd_skb() (include/linux/can/skb.h): size and length agree. */
bool af_can_wire_is_classical(const struct af_can_wire_frame *frame, size_t size_bytes);
bool af_can_wire_is_fd(const struct af_can_wire_frame *frame, size_t size_bytes);

/* What a driver makes of a frame that is one of the above: flags that the format does not know are
 * ignored, identifiers are cut to 11 or 29 bits, FD lengths are rounded up and padded with zeros
 * (mcp251xfd_tx_obj_from_skb()). */
struct can_frame af_can_wire_to_bus(const struct af_can_wire_frame *frame, size_t size_bytes);
/* Returns AF_CAN_MTU or AF_CANFD_MTU. What the frame does not use is zero. */
size_t af_can_wire_from_bus(const struct can_frame *frame, struct af_can_wire_frame *wire);

/* CAN_ERR_PROT_LOC_*: the field in which bit number bit lies, from SOF, stuff bits included. */
uint8_t af_can_wire_location(const struct can_frame *frame, unsigned bit);

#endif
