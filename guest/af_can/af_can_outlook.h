/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_outlook.h - what plain reads and writes of a socket will answer as long as
 * time stands still and nobody else of the host does anything. */
#ifndef GUEST_AF_CAN_OUTLOOK_H
#define GUEST_AF_CAN_OUTLOOK_H

#include "guest/af_can/af_can.h"

struct af_can_outlook {
    uint32_t room;   /* So many frames will be taken, if they are valid. */
    bool full_then;  /* The next one gets -EAGAIN. False: not known. */
    bool takes_fd;   /* Frames of 72 bytes are valid. */
    bool no_control; /* Messages come without control messages. */
};

/* False: nothing is known, every call has to be made. Only of CAN_RAW is anything known. */
bool af_can_outlook(struct af_can_socket *socket, struct af_can_outlook *outlook);

/* A frame of the receive queue as a read will give it. */
struct af_can_outlook_frame {
    const void *data; /* Null: there is none. */
    size_t len_bytes;
    int flags; /* msg_flags of recvmsg(). */
};
struct af_can_outlook_frame af_can_outlook_frame(const struct af_can_socket *socket, size_t index);

#endif
