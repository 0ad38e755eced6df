/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_message.h - one message between a guest's memory and the model. */
#ifndef GUEST_CAN_CHANNEL_MESSAGE_H
#define GUEST_CAN_CHANNEL_MESSAGE_H

#include "guest/can_channel_private.h"

/* Where the parts of a message lie in the guest, as its call says: the struct msghdr of sendmsg()
 * and recvmsg(), or what stands for it in the other calls. The pieces of the data are in
 * can_channels.iov. All addresses and lengths are the guest's, good or bad. */
struct can_channel_message {
    bool has_name;
    uint64_t name;
    size_t name_bytes; /* Room, or length. */
    uint64_t name_bytes_at;
    uint64_t control;
    size_t control_bytes;
    uint64_t header; /* The struct msghdr; 0: none. */
    size_t iov_len;
    size_t data_bytes;
    int flags;
};

/* These fill a zeroed message from the guest's arguments: 0 or a negative errno. */
int can_channel_message_flat(struct can_channels *channels, struct can_channel_message *message,
                             uint64_t address, uint64_t len_bytes);
/* too_many: the negative errno for more than UIO_MAXIOV pieces. */
int can_channel_message_vector(struct can_channels *channels, const struct guest_thread *t,
                               struct can_channel_message *message, uint64_t iov, uint64_t iov_len,
                               int too_many);
int can_channel_message_header(struct can_channels *channels, const struct guest_thread *t,
                               struct can_channel_message *message, uint64_t header);

/* What the call of the kernel returns, -EAGAIN if it would wait. AF_CAN_SEND_WAITS: the thread must
 * park, whatever the flags say; the next call for it looks whether the end has come. */
long can_channel_receive(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                         const struct can_channel_message *message);
long can_channel_send(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                      const struct can_channel_message *message);

#endif
