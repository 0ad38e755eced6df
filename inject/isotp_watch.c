/* SPDX-License-Identifier: Apache-2.0 */
/* inject/isotp_watch.c - follows the messages of one connection from outside. */
#include "inject/isotp_watch.h"

#include <string.h>

enum { SEQUENCE_NUMBERS = 16 };

void isotp_watch_init(struct isotp_watch *watch, const struct isotp_watch_cfg *cfg)
{
    memset(watch, 0, sizeof *watch);
    watch->cfg = *cfg;
}

static bool carries(const struct isotp_watch_address *address, const struct can_frame *frame)
{
    const bool ext = (frame->flags & CAN_FLAG_EXT) != 0;
    return frame->id == address->id && ext == address->ext &&
           (!address->has_target || (frame->len_bytes > 0 && frame->data[0] == address->target));
}

static const struct isotp_watch_address *channel_of(const struct isotp_watch *watch,
                                                    const struct can_frame *frame,
                                                    enum isotp_watch_channel *channel)
{
    const struct isotp_watch_cfg *cfg = &watch->cfg;
    if (carries(&cfg->request, frame)) {
        *channel = ISOTP_WATCH_REQUEST;
        return &cfg->request;
    }
    if (carries(&cfg->response, frame)) {
        *channel = ISOTP_WATCH_RESPONSE;
        return &cfg->response;
    }
    if (cfg->has_functional && carries(&cfg->functional, frame)) {
        *channel = ISOTP_WATCH_FUNCTIONAL;
        return &cfg->functional;
    }
    return NULL;
}

/* Those bytes of a frame that belong to the message, and not to its padding. */
static uint8_t share_of(const struct isotp_watch_message *message, uint32_t offset, uint8_t room)
{
    const uint32_t left = message->len - offset;
    return left < room ? (uint8_t)left : room;
}

static void keep(struct isotp_watch_message *message, const struct isotp_watch_view *view,
                 const struct can_frame *frame)
{
    if (view->offset + view->data_len <= sizeof message->data) {
        memcpy(message->data + view->offset, frame->data + view->data_at, view->data_len);
    }
}

static void read_uds(struct isotp_watch *watch, struct isotp_watch_message *message,
                     const struct isotp_watch_view *view)
{
    if (view->channel == ISOTP_WATCH_RESPONSE) {
        uds_view_response(&message->uds, message->data, view->data_len, &watch->asked);
    } else {
        uds_view_request(&message->uds, message->data, view->data_len, &watch->asked);
    }
}

static void begin(struct isotp_watch *watch, const struct can_frame *frame,
                  struct isotp_watch_view *view, uint8_t address_len)
{
    struct isotp_watch_message *message = &watch->messages[view->channel];
    message->known = true;
    message->holes = false;
    message->len = view->pci.len;
    message->index = 0;
    message->first_len = (uint8_t)(frame->len_bytes - view->data_at);
    message->next_len = (uint8_t)(frame->len_bytes - address_len - 1);
    view->message = message;
    view->data_len = share_of(message, 0, message->first_len);
    view->last = view->pci.type == ISOTP_PCI_SINGLE;
    view->complete = view->last;
    keep(message, view, frame);
    read_uds(watch, message, view);
}

/* The number of a consecutive frame, by its sequence number and what came before: the same number
 * again is the same frame again, and others that are left out were lost. */
static uint32_t index_of(const struct isotp_watch_message *message, uint8_t sn)
{
    const uint32_t ahead = (sn - message->index) % SEQUENCE_NUMBERS;
    return message->index + (message->index == 0 && ahead == 0 ? SEQUENCE_NUMBERS : ahead);
}

static void go_on(struct isotp_watch *watch, const struct can_frame *frame,
                  struct isotp_watch_view *view)
{
    struct isotp_watch_message *message = &watch->messages[view->channel];
    if (!message->known) {
        return;
    }
    const uint32_t index = index_of(message, view->pci.sn);
    const uint64_t offset = message->first_len + (uint64_t)(index - 1) * message->next_len;
    if (offset >= message->len) {
        return;
    }
    view->message = message;
    view->index = index;
    view->offset = (uint32_t)offset;
    view->data_len = share_of(message, view->offset, (uint8_t)(frame->len_bytes - view->data_at));
    view->repeated = index == message->index;
    view->last = offset + message->next_len >= message->len;
    const bool is_short = view->data_len < share_of(message, view->offset, message->next_len);
    message->holes |= is_short || index > message->index + 1;
    view->complete = view->last && !message->holes && !view->repeated;
    message->index = index;
    keep(message, view, frame);
}

/* A flow control speaks about the message of the other side. */
static void answer(const struct isotp_watch *watch, struct isotp_watch_view *view)
{
    const enum isotp_watch_channel other =
        view->channel == ISOTP_WATCH_RESPONSE ? ISOTP_WATCH_REQUEST : ISOTP_WATCH_RESPONSE;
    if (watch->messages[other].known) {
        view->message = &watch->messages[other];
        view->index = view->message->index;
    }
}

bool isotp_watch_on_frame(struct isotp_watch *watch, const struct can_frame *frame,
                          struct isotp_watch_view *view)
{
    enum isotp_watch_channel channel;
    const struct isotp_watch_address *address = channel_of(watch, frame, &channel);
    if (address == NULL || (frame->flags & CAN_FLAG_RTR) != 0) {
        return false;
    }
    const uint8_t address_len = address->has_target ? 1 : 0;
    struct isotp_pci pci = {.len = 0};
    if (!isotp_pci_decode(frame->data + address_len, (uint8_t)(frame->len_bytes - address_len),
                          address_len, &pci)) {
        return false;
    }
    *view = (struct isotp_watch_view){
        .channel = channel, .pci = pci, .data_at = (uint8_t)(address_len + pci.head_len)};
    switch (pci.type) {
    case ISOTP_PCI_SINGLE:
    case ISOTP_PCI_FIRST: begin(watch, frame, view, address_len); break;
    case ISOTP_PCI_CONSECUTIVE: go_on(watch, frame, view); break;
    case ISOTP_PCI_FLOW_CONTROL: answer(watch, view); break;
    }
    return true;
}
