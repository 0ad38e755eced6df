/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_wire.c - frames of sockets from and to frames of a bus. */
#include "guest/af_can/af_can_wire.h"

#include "guest/af_can/af_can_linux.h"

#include <string.h>

bool af_can_wire_is_classical(const struct af_can_wire_frame *frame, size_t size_bytes)
{
    return size_bytes == AF_CAN_MTU && frame->len <= CAN_CLASSIC_DATA_MAX;
}

bool af_can_wire_is_fd(const struct af_can_wire_frame *frame, size_t size_bytes)
{
    return size_bytes == AF_CANFD_MTU && frame->len <= CAN_DATA_MAX;
}

static uint8_t fd_flags_to_bus(const struct af_can_wire_frame *frame)
{
    return (uint8_t)(CAN_FLAG_FD | ((frame->flags & CANFD_BRS) != 0 ? CAN_FLAG_BRS : 0) |
                     ((frame->flags & CANFD_ESI) != 0 ? CAN_FLAG_ESI : 0));
}

struct can_frame af_can_wire_to_bus(const struct af_can_wire_frame *frame, size_t size_bytes)
{
    struct can_frame out = {.len_bytes = frame->len};
    if ((frame->can_id & CAN_EFF_FLAG) != 0) {
        out.id = frame->can_id & CAN_EFF_MASK;
        out.flags = CAN_FLAG_EXT;
    } else {
        out.id = frame->can_id & CAN_SFF_MASK;
    }
    if (size_bytes == AF_CANFD_MTU) {
        out.flags |= fd_flags_to_bus(frame);
        out.len_bytes = can_fd_len_at_least(frame->len);
    } else if ((frame->can_id & CAN_RTR_FLAG) != 0) {
        out.flags |= CAN_FLAG_RTR;
        return out;
    }
    memcpy(out.data, frame->data, frame->len);
    return out;
}

size_t af_can_wire_from_bus(const struct can_frame *frame, struct af_can_wire_frame *wire)
{
    *wire = (struct af_can_wire_frame){.can_id = frame->id, .len = frame->len_bytes};
    if ((frame->flags & CAN_FLAG_EXT) != 0) {
        wire->can_id |= CAN_EFF_FLAG;
    }
    if ((frame->flags & CAN_FLAG_RTR) != 0) {
        wire->can_id |= CAN_RTR_FLAG;
        return AF_CAN_MTU;
    }
    memcpy(wire->data, frame->data, frame->len_bytes);
    if ((frame->flags & CAN_FLAG_FD) == 0) {
        return AF_CAN_MTU;
    }
    wire->flags = (uint8_t)(CANFD_FDF | ((frame->flags & CAN_FLAG_BRS) != 0 ? CANFD_BRS : 0) |
                            ((frame->flags & CAN_FLAG_ESI) != 0 ? CANFD_ESI : 0));
    return AF_CANFD_MTU;
}
