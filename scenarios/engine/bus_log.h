/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/bus_log.h - the decoded bus: every diagnostic message of one bus and every frame
 * of it, as they were sent. What an injection did to them on their way is in the trace.
 *
 * Times are those at which a frame won the bus. A frame of a request that its controller repeats,
 * after an error frame or because nobody has acknowledged it, is there once: it was sent once. A
 * repeated answer is there once per try: what counts is when it came through. */
#ifndef ENGINE_BUS_LOG_H
#define ENGINE_BUS_LOG_H

#include "inject/inject_bus.h"

#define BUS_LOG_NONE UINT32_MAX

struct bus_message {
    sim_ns_t begin_ns; /* First frame. */
    sim_ns_t end_ns;   /* Last frame. SIM_NEVER: it never came to its end. */
    sim_ns_t over_ns;  /* When that one is through; for who hears of it (on_message), else 0. */
    const struct can_node *sender;
    uint16_t connection; /* Number of the ECU's connection; functional requests: 0. */
    enum isotp_watch_channel channel;
    struct uds_view uds;
    uint32_t len;      /* As announced. */
    uint32_t data_at;  /* Its bytes in the log, whole or as far as they came. */
    uint32_t data_len; /* How many of them came. */
    uint32_t line;     /* Of bus.log: its first frame. */
    bool struck;       /* A fault hit a frame of it: it did not arrive as it stands here, */
    bool lost;         /* or not at all. */
    uint32_t answers;  /* Index of the request that it answers, or BUS_LOG_NONE. */
};

struct bus_frame {
    sim_ns_t at_ns;
    uint32_t message; /* Index of the message that it belongs to, or BUS_LOG_NONE. */
    uint32_t line;
    uint16_t connection;
    uint8_t channel; /* enum isotp_watch_channel, of the direction in which it went. */
    struct isotp_pci pci;
    uint32_t index; /* Of a consecutive frame in its message, from 1. */
};

struct bus_log {
    struct bus_message *messages;
    size_t messages_len, messages_cap;
    struct bus_frame *frames;
    size_t frames_len, frames_cap;
    uint32_t *done; /* Indexes of the messages in the order in which they came to their end. */
    size_t done_len, done_cap;
    uint8_t *bytes;
    size_t bytes_len, bytes_cap;
    /* The open message of each connection and channel, or BUS_LOG_NONE. */
    uint32_t open[INJECT_CONNECTIONS_MAX][ISOTP_WATCH_CHANNELS];
    /* The last request to each ECU with each service, functional ones included. */
    uint32_t last_request[INJECT_CONNECTIONS_MAX][256];
    size_t connections;
    const uint32_t *lines; /* Frames that bus.log has so far; the owner counts. */
    /* A message is complete. May be null. */
    void (*on_message)(void *ctx, const struct bus_message *message, sim_ns_t now_ns);
    /* A frame of a connection. May be null. */
    void (*on_frame)(void *ctx, const struct bus_frame *frame, sim_ns_t now_ns);
    void *ctx;
};

void bus_log_init(struct bus_log *log, const uint32_t *lines);
void bus_log_release(struct bus_log *log);
/* For inject_bus.on_view; ctx is the log. */
void bus_log_on_view(void *ctx, const struct inject_view *view, sim_ns_t now_ns);
/* For inject_bus.on_struck, likewise. */
void bus_log_on_struck(void *ctx, const struct inject_view *view, bool lost, sim_ns_t now_ns);
/* The bytes of a message. */
static inline const uint8_t *bus_log_bytes(const struct bus_log *log,
                                           const struct bus_message *message)
{
    return &log->bytes[message->data_at];
}

#endif
