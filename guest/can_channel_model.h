/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_model.h - the socket behind a channel: of AF_CAN or of NETLINK_ROUTE. */
#ifndef GUEST_CAN_CHANNEL_MODEL_H
#define GUEST_CAN_CHANNEL_MODEL_H

#include "guest/af_can/af_can.h"
#include "guest/af_can/rtnetlink.h"

/* One of the two is set. */
struct can_channel_model {
    struct af_can_socket *can;
    struct rtnetlink *netlink;
};

/* user and port: see af_can_socket_open() and rtnetlink_new(). 0 or a negative errno. */
int can_channel_model_open(struct can_channel_model *model, struct af_can *stack, int domain,
                           int type, int protocol, void *user, uint32_t port);
void can_channel_model_close(struct can_channel_model *model);
bool can_channel_model_close_waits(const struct can_channel_model *model);

/* As the functions of these names in guest/af_can/af_can.h. */
int can_channel_model_bind(struct can_channel_model *model, const void *address, size_t len_bytes);
int can_channel_model_connect(struct can_channel_model *model, const void *address,
                              size_t len_bytes);
int can_channel_model_name(const struct can_channel_model *model, bool peer, void *address,
                           size_t *len_bytes);
int can_channel_model_setsockopt(struct can_channel_model *model, int level, int name,
                                 const void *value, size_t len_bytes);
int can_channel_model_getsockopt(const struct can_channel_model *model, int level, int name,
                                 void *value, size_t *len_bytes);
int can_channel_model_ioctl(struct can_channel_model *model, unsigned long request, void *value,
                            size_t *len_bytes);
long can_channel_model_send(struct can_channel_model *model, const struct af_can_message *message);
long can_channel_model_receive(struct can_channel_model *model, struct af_can_message *message);
unsigned can_channel_model_poll(const struct can_channel_model *model);

#endif
