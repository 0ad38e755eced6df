/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_model.c - the socket behind a channel: of AF_CAN or of NETLINK_ROUTE. */
#include "guest/can_channel_model.h"

#include <errno.h>
#include <sys/socket.h>

int can_channel_model_open(struct can_channel_model *model, struct af_can *stack, int domain,
                           int type, int protocol, void *user, uint32_t port)
{
    int error = -ENOBUFS;
    *model = (struct can_channel_model){0};
    if (domain == AF_CAN) {
        model->can = af_can_socket_open(stack, type, protocol, user, &error);
    } else if (type == SOCK_RAW || type == SOCK_DGRAM) {
        model->netlink = rtnetlink_new(stack, type, port);
    } else {
        error = -ESOCKTNOSUPPORT;
    }
    return model->can || model->netlink ? 0 : error;
}

void can_channel_model_close(struct can_channel_model *model)
{
    if (model->can) {
        af_can_socket_close(model->can);
    } else if (model->netlink) {
        rtnetlink_free(model->netlink);
    }
    *model = (struct can_channel_model){0};
}

bool can_channel_model_close_waits(const struct can_channel_model *model)
{
    return model->can && af_can_socket_close_waits(model->can);
}

int can_channel_model_bind(struct can_channel_model *model, const void *address, size_t len_bytes)
{
    return model->can ? af_can_bind(model->can, address, len_bytes)
                      : rtnetlink_bind(model->netlink, address, len_bytes);
}

/* Whom a netlink socket talks to by default is the kernel already. */
int can_channel_model_connect(struct can_channel_model *model, const void *address,
                              size_t len_bytes)
{
    return model->can ? af_can_connect(model->can, address, len_bytes) : 0;
}

int can_channel_model_name(const struct can_channel_model *model, bool peer, void *address,
                           size_t *len_bytes)
{
    if (model->can) {
        return peer ? af_can_getpeername(model->can, address, len_bytes)
                    : af_can_getsockname(model->can, address, len_bytes);
    }
    return peer ? rtnetlink_getpeername(model->netlink, address, len_bytes)
                : rtnetlink_getsockname(model->netlink, address, len_bytes);
}

int can_channel_model_setsockopt(struct can_channel_model *model, int level, int name,
                                 const void *value, size_t len_bytes)
{
    return model->can ? af_can_setsockopt(model->can, level, name, value, len_bytes)
                      : rtnetlink_setsockopt(model->netlink, level, name, value, len_bytes);
}

int can_channel_model_getsockopt(const struct can_channel_model *model, int level, int name,
                                 void *value, size_t *len_bytes)
{
    return model->can ? af_can_getsockopt(model->can, level, name, value, len_bytes)
                      : rtnetlink_getsockopt(model->netlink, level, name, value, len_bytes);
}

int can_channel_model_ioctl(struct can_channel_model *model, unsigned long request, void *value,
                            size_t *len_bytes)
{
    return model->can ? af_can_socket_ioctl(model->can, request, value, len_bytes) : -ENOTTY;
}

long can_channel_model_send(struct can_channel_model *model, const struct af_can_message *message)
{
    return model->can ? af_can_send(model->can, message) : rtnetlink_send(model->netlink, message);
}

long can_channel_model_receive(struct can_channel_model *model, struct af_can_message *message)
{
    return model->can ? af_can_receive(model->can, message)
                      : rtnetlink_receive(model->netlink, message);
}

unsigned can_channel_model_poll(const struct can_channel_model *model)
{
    return model->can ? af_can_poll(model->can) : rtnetlink_poll(model->netlink);
}
