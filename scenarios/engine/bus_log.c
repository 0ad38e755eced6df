/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/bus_log.c - messages grow frame by frame as they go over the bus. */
#include "scenarios/engine/bus_log.h"

#include "sim/can/can_wire.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more element of size bytes. */
static void *grow(void *list, size_t len, size_t *cap, size_t more, size_t size)
{
    if (len + more <= *cap) {
        return list;
    }
    *cap = (len + more) * 2 < 256 ? 256 : (len + more) * 2;
    void *grown = realloc(list, *cap * size);
    CHECK(grown != NULL);
    return grown;
}

void bus_log_init(struct bus_log *log, const uint32_t *lines)
{
    *log = (struct bus_log){.lines = lines};
    memset(log->open, 0xFF, sizeof log->open);
    memset(log->last_request, 0xFF, sizeof log->last_request);
}

void bus_log_release(struct bus_log *log)
{
    free(log->messages);
    free(log->frames);
    free(log->done);
    free(log->bytes);
}

static void remember_request(struct bus_log *log, const struct bus_message *message, uint32_t index)
{
    const size_t first = message->channel == ISOTP_WATCH_FUNCTIONAL ? 0 : message->connection;
    const size_t end =
        message->channel == ISOTP_WATCH_FUNCTIONAL ? INJECT_CONNECTIONS_MAX : first + 1;
    for (size_t i = first; i < end; i++) {
        log->last_request[i][message->uds.service] = index;
    }
}

/* A single or first frame begins a message. Room for all its bytes is kept at once,
 * so that those of others that are open at the same time come behind. */
static void begin(struct bus_log *log, const struct inject_view *view, sim_ns_t now_ns)
{
    const struct isotp_watch_view *watch = view->watch;
    log->messages =
        grow(log->messages, log->messages_len, &log->messages_cap, 1, sizeof *log->messages);
    const uint32_t index = (uint32_t)log->messages_len++;
    struct bus_message *message = &log->messages[index];
    *message = (struct bus_message){
        .begin_ns = now_ns,
        .end_ns = SIM_NEVER,
        .sender = view->sender,
        .connection = (uint16_t)view->connection,
        .channel = watch->channel,
        .len = watch->pci.len,
        .data_at = (uint32_t)log->bytes_len,
        .line = *log->lines + 1,
        .answers = BUS_LOG_NONE,
    };
    log->bytes = grow(log->bytes, log->bytes_len, &log->bytes_cap, message->len, 1);
    log->bytes_len += message->len;
    log->open[view->connection][watch->channel] = index;
}

static void take_bytes(struct bus_log *log, struct bus_message *message,
                       const struct isotp_watch_view *watch, const struct can_frame *frame)
{
    if (watch->offset + watch->data_len <= message->len) {
        memcpy(&log->bytes[message->data_at + watch->offset], &frame->data[watch->data_at],
               watch->data_len);
        const uint32_t end = watch->offset + watch->data_len;
        message->data_len = end > message->data_len ? end : message->data_len;
    }
}

static sim_ns_t over_ns(const struct inject_view *view, sim_ns_t now_ns)
{
    const struct can_bus_cfg *bus = &view->sender->bus->cfg;
    const struct can_wire wire = can_wire_measure(view->frame);
    return now_ns + can_wire_duration_ns(&wire, bus->nominal_bps, bus->data_bps);
}

static void tell_of(struct bus_log *log, uint32_t index, const struct inject_view *view,
                    sim_ns_t now_ns)
{
    const struct isotp_watch_view *watch = view->watch;
    struct bus_message *message = &log->messages[index];
    message->uds = watch->message->uds;
    const bool request = message->channel != ISOTP_WATCH_RESPONSE;
    if (watch->index == 0 && request) {
        remember_request(log, message, index);
    } else if (watch->index == 0) {
        message->answers = log->last_request[message->connection][message->uds.service];
    }
    if (watch->last) {
        message->end_ns = now_ns;
        log->open[message->connection][message->channel] = BUS_LOG_NONE;
        log->done = grow(log->done, log->done_len, &log->done_cap, 1, sizeof *log->done);
        log->done[log->done_len++] = index;
        if (log->on_message != NULL) {
            message->over_ns = over_ns(view, now_ns);
            log->on_message(log->ctx, message, now_ns);
        }
    }
}

/* Of a flow control the message that it controls: one of the other direction. */
static uint32_t message_of(struct bus_log *log, const struct inject_view *view)
{
    const struct isotp_watch_view *watch = view->watch;
    if (watch->pci.type != ISOTP_PCI_FLOW_CONTROL) {
        return log->open[view->connection][watch->channel];
    }
    const enum isotp_watch_channel other =
        watch->channel == ISOTP_WATCH_RESPONSE ? ISOTP_WATCH_REQUEST : ISOTP_WATCH_RESPONSE;
    return log->open[view->connection][other];
}

static void note_frame(struct bus_log *log, const struct inject_view *view, uint32_t message,
                       sim_ns_t now_ns)
{
    log->frames = grow(log->frames, log->frames_len, &log->frames_cap, 1, sizeof *log->frames);
    struct bus_frame *frame = &log->frames[log->frames_len++];
    *frame = (struct bus_frame){
        .at_ns = now_ns,
        .message = message,
        .line = *log->lines + 1,
        .connection = (uint16_t)view->connection,
        .channel = (uint8_t)view->watch->channel,
        .pci = view->watch->pci,
        .index = view->watch->index,
    };
    if (log->on_frame != NULL) {
        log->on_frame(log->ctx, frame, now_ns);
    }
}

/* Of an answer each try is here. A request that fails is sent until it is through. */
static bool fails_on_the_wire(const struct inject_view *view)
{
    return view->watch->channel == ISOTP_WATCH_RESPONSE &&
           view->sender->bus->fault == CAN_WIRE_STUCK_RECESSIVE;
}

void bus_log_on_view(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    struct bus_log *log = ctx;
    const struct isotp_watch_view *watch = view->watch;
    const enum isotp_pci_type type = watch->pci.type;
    if (view->retransmitted && watch->channel != ISOTP_WATCH_RESPONSE) {
        return;
    }
    if (type == ISOTP_PCI_SINGLE || type == ISOTP_PCI_FIRST) {
        begin(log, view, now_ns);
    }
    const uint32_t index = message_of(log, view);
    note_frame(log, view, index, now_ns);
    if (type == ISOTP_PCI_FLOW_CONTROL || index == BUS_LOG_NONE || watch->message == NULL) {
        return;
    }
    take_bytes(log, &log->messages[index], watch, view->frame);
    if (fails_on_the_wire(view)) {
        log->messages[index].struck = true;
        log->messages[index].lost = true;
    }
    tell_of(log, index, view, now_ns);
}

/* Flow control is no part of a message: without it the sender itself gives up. */
void bus_log_on_struck(void *ctx, const struct inject_view *view, bool lost, sim_ns_t now_ns)
{
    struct bus_log *log = ctx;
    (void)now_ns;
    if (log->frames_len == 0 || view->watch->pci.type == ISOTP_PCI_FLOW_CONTROL) {
        return;
    }
    const uint32_t message = log->frames[log->frames_len - 1].message;
    if (message != BUS_LOG_NONE) {
        log->messages[message].struck = true;
        log->messages[message].lost = log->messages[message].lost || lost;
    }
}
