/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_sock.c - what all sockets have in common: their life, their buffers, poll,
 * and the way into the protocol. */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const struct af_can_protocol *const protocols[] = {&af_can_raw, &af_can_bcm, &af_can_isotp};

enum { SOCKET_TYPES = 11 }; /* SOCK_MAX, include/linux/net.h. */

/* __sock_create(), net/socket.c, and can_create(), net/can/af_can.c. */
static const struct af_can_protocol *find_protocol(int type, int protocol, int *error)
{
    if (type < 0 || type >= SOCKET_TYPES || protocol < 0 || protocol >= CAN_NPROTO) {
        *error = -EINVAL;
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        if (protocols[i]->protocol == protocol) {
            *error = protocols[i]->type == type ? 0 : -EPROTOTYPE;
            return *error == 0 ? protocols[i] : NULL;
        }
    }
    *error = -EPROTONOSUPPORT;
    return NULL;
}

static void link_socket(struct af_can *stack, struct af_can_socket_core *core)
{
    core->prev = stack->last;
    if (stack->last != NULL) {
        stack->last->next = core;
    } else {
        stack->first = core;
    }
    stack->last = core;
}

static void unlink_socket(struct af_can *stack, struct af_can_socket_core *core)
{
    if (core->prev != NULL) {
        core->prev->next = core->next;
    } else {
        stack->first = core->next;
    }
    if (core->next != NULL) {
        core->next->prev = core->prev;
    } else {
        stack->last = core->prev;
    }
}

struct af_can_socket *af_can_socket_open(struct af_can *stack, int type, int protocol, void *user,
                                         int *error)
{
    const struct af_can_protocol *found = find_protocol(type, protocol, error);
    if (found == NULL) {
        return NULL;
    }
    struct af_can_socket_core *core = calloc(1, sizeof(*core) + found->state_bytes);
    if (core == NULL) {
        *error = -ENOMEM;
        return NULL;
    }
    core->socket = (struct af_can_socket){
        .stack = stack,
        .protocol = found,
        .user = user,
        .state = core->state,
        .queue = &core->queue,
        .options = &core->options,
    };
    af_can_options_init(core);
    link_socket(stack, core);
    if (found->init != NULL) {
        found->init(&core->socket);
    }
    return &core->socket;
}

static void free_socket(struct af_can_socket *socket)
{
    struct af_can *stack = socket->stack;
    struct af_can_socket_core *core = af_can_core(socket);
    af_can_rx_unregister(socket);
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        af_can_interface_forget(&stack->interfaces[i], socket);
    }
    af_can_options_release(core);
    unlink_socket(stack, core);
    af_can_queue_free(core);
    free(core);
}

void af_can_socket_close(struct af_can_socket *socket)
{
    CHECK(!socket->closed);
    socket->closed = true;
    socket->user = NULL;
    socket->protocol->release(socket);
    free_socket(socket);
}

bool af_can_socket_close_waits(const struct af_can_socket *socket)
{
    return socket->protocol->close_waits != NULL && socket->protocol->close_waits(socket);
}

void af_can_changed(struct af_can_socket *socket)
{
    const struct af_can_cfg *cfg = &socket->stack->cfg;
    if (!socket->closed && cfg->on_change != NULL) {
        cfg->on_change(cfg->ctx, socket->user);
    }
}

void af_can_report_error(struct af_can_socket *socket, int error)
{
    socket->error = error;
    af_can_changed(socket);
}

int af_can_take_error(struct af_can_socket *socket)
{
    const int error = socket->error;
    socket->error = 0;
    return -error;
}

bool af_can_send_buffer_full(const struct af_can_socket *socket)
{
    const struct af_can_socket_core *core = af_can_core(socket);
    return core->sending >= (uint32_t)core->options.send_buffer;
}

/* sk_wmem_alloc begins at 1 (sock_init_data()), which shows in both comparisons. */
static bool half_empty(const struct af_can_socket_core *core)
{
    return (core->sending + 1) * 2 <= (uint32_t)core->options.send_buffer;
}

/* sock_def_write_space(): nobody is woken before half of the buffer is free. */
void af_can_sent(struct af_can_socket *socket)
{
    struct af_can_socket_core *core = af_can_core(socket);
    core->sending -= AF_CAN_FRAME_TRUE_SIZE;
    if (half_empty(core)) {
        af_can_changed(socket);
    }
}

static bool writeable(const struct af_can_socket_core *core)
{
    return core->sending + 1 < (uint32_t)core->options.send_buffer / 2;
}

/* datagram_poll(), net/core/datagram.c. */
unsigned af_can_poll(const struct af_can_socket *socket)
{
    const struct af_can_socket_core *core = af_can_core(socket);
    unsigned events = 0;
    events |= socket->error != 0 ? POLLERR : 0;
    events |= core->queue.first != NULL ? POLLIN | POLLRDNORM : 0;
    events |= writeable(core) ? POLLOUT | POLLWRNORM | POLLWRBAND : 0;
    return socket->protocol->poll != NULL ? socket->protocol->poll(socket, events) : events;
}

int af_can_bind(struct af_can_socket *socket, const void *address, size_t len_bytes)
{
    if (len_bytes > sizeof(struct sockaddr_storage)) {
        return -EINVAL;
    }
    return socket->protocol->bind != NULL ? socket->protocol->bind(socket, address, len_bytes)
                                          : -EOPNOTSUPP;
}

int af_can_connect(struct af_can_socket *socket, const void *address, size_t len_bytes)
{
    if (len_bytes > sizeof(struct sockaddr_storage)) {
        return -EINVAL;
    }
    return socket->protocol->connect != NULL ? socket->protocol->connect(socket, address, len_bytes)
                                             : -EOPNOTSUPP;
}

static int get_name(const struct af_can_socket *socket, void *address, size_t *len_bytes, bool peer)
{
    unsigned char name[sizeof(struct sockaddr_can)] = {0};
    if (socket->protocol->getname == NULL) {
        return -EOPNOTSUPP;
    }
    const int len = socket->protocol->getname(socket, name, peer);
    if (len < 0) {
        return len;
    }
    memcpy(address, name, *len_bytes < (size_t)len ? *len_bytes : (size_t)len);
    *len_bytes = (size_t)len;
    return 0;
}

int af_can_getsockname(const struct af_can_socket *socket, void *address, size_t *len_bytes)
{
    return get_name(socket, address, len_bytes, false);
}

int af_can_getpeername(const struct af_can_socket *socket, void *address, size_t *len_bytes)
{
    return get_name(socket, address, len_bytes, true);
}

int af_can_setsockopt(struct af_can_socket *socket, int level, int name, const void *value,
                      size_t len_bytes)
{
    if (level == SOL_SOCKET) {
        return af_can_options_set(af_can_core(socket), name, value, len_bytes);
    }
    if (socket->protocol->setsockopt == NULL) {
        return -EOPNOTSUPP;
    }
    return socket->protocol->setsockopt(socket, level, name, value, len_bytes);
}

int af_can_getsockopt(struct af_can_socket *socket, int level, int name, void *value,
                      size_t *len_bytes)
{
    if (level == SOL_SOCKET) {
        return af_can_options_get(af_can_core(socket), name, value, len_bytes);
    }
    if (socket->protocol->getsockopt == NULL) {
        return -EOPNOTSUPP;
    }
    return socket->protocol->getsockopt(socket, level, name, value, len_bytes);
}

long af_can_send(struct af_can_socket *socket, const struct af_can_message *message)
{
    return socket->protocol->send != NULL ? socket->protocol->send(socket, message) : -EOPNOTSUPP;
}

long af_can_receive(struct af_can_socket *socket, struct af_can_message *message)
{
    if (socket->protocol->before_receive != NULL) {
        const long refused = socket->protocol->before_receive(socket, message->flags);
        if (refused < 0) {
            return refused;
        }
    }
    return af_can_queue_take(socket, message);
}
