/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_outlook.c - what plain reads and writes of a socket will answer. It follows
 * send_message() of can_raw.c and af_can_transmit() step by step. */
#include "guest/af_can/af_can_outlook.h"

#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

/* The band of pfifo_fast for priority 0. */
enum { BAND_OF_PRIORITY_0 = 1, PRIORITIES = 16 };

static uint32_t room_of_buffer(const struct af_can_socket_core *core)
{
    const uint32_t limit = (uint32_t)core->options.send_buffer;
    if (core->sending >= limit) {
        return 0;
    }
    return (limit - core->sending + AF_CAN_FRAME_TRUE_SIZE - 1) / AF_CAN_FRAME_TRUE_SIZE;
}

/* A controller that is idle takes the first frame at once: that neither fills the queue nor counts
 * as send buffer any more. */
static void look_at_room(const struct af_can_socket_core *core,
                         const struct af_can_interface *interface, struct af_can_outlook *outlook)
{
    const size_t len = interface->bands[BAND_OF_PRIORITY_0].len;
    const uint32_t limit = interface->cfg.tx_queue_len;
    const uint32_t idle = interface->sending == NULL ? 1 : 0;
    const uint32_t queue = len < limit ? limit - (uint32_t)len + idle : 0;
    uint32_t buffer = room_of_buffer(core);
    buffer += buffer > 0 ? idle : 0;
    /* On an instant bus frames do not count as send buffer: it can only be full already. */
    const bool counts = !interface->cfg.bus->cfg.instant;
    outlook->full_then = buffer == 0 || (counts && buffer <= queue);
    outlook->room = outlook->full_then ? buffer : queue;
}

static bool takes_fd(struct af_can_socket *socket, int index)
{
    int value = 0;
    size_t len_bytes = sizeof(value);
    return af_can_interface_mtu(socket->stack, index) == AF_CANFD_MTU &&
           socket->protocol->getsockopt(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &value,
                                        &len_bytes) == 0 &&
           value != 0;
}

bool af_can_outlook(struct af_can_socket *socket, struct af_can_outlook *outlook)
{
    struct sockaddr_can name = {0};
    if (socket->protocol != &af_can_raw || socket->error != 0 ||
        (unsigned)socket->options->priority % PRIORITIES != 0) {
        return false;
    }
    socket->protocol->getname(socket, &name, false);
    const struct af_can_interface *interface = af_can_interface_at(socket->stack, name.can_ifindex);
    const struct af_can_socket_options *options = &af_can_core(socket)->options;
    *outlook = (struct af_can_outlook){.no_control = !options->stamp && options->stamping == 0 &&
                                                     !options->overflow};
    if (interface != NULL && interface->up && interface->carrier) {
        look_at_room(af_can_core(socket), interface, outlook);
        outlook->takes_fd = takes_fd(socket, interface->index);
    }
    return true;
}

struct af_can_outlook_frame af_can_outlook_frame(const struct af_can_socket *socket, size_t index)
{
    const struct af_can_entry *entry = af_can_core(socket)->queue.first;
    for (size_t i = 0; entry != NULL && i < index; i++) {
        entry = entry->next;
    }
    if (entry == NULL) {
        return (struct af_can_outlook_frame){.data = NULL};
    }
    return (struct af_can_outlook_frame){
        .data = entry->data, .len_bytes = entry->len_bytes, .flags = entry->flags};
}
