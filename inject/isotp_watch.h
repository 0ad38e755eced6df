/* SPDX-License-Identifier: Apache-2.0 */
/* inject/isotp_watch.h - listens to one diagnostic connection: tells of each frame which place it
 * has in which message, and puts the messages together (ISO 15765-2, ISO 14229-1).
 *
 * It never sends and never gives up: frames may be missing (the message then has holes and is never
 * complete), come twice (a controller repeats a frame that was destroyed), or be none at all. Time
 * plays no part: a message lies open until another begins. */
#ifndef INJECT_ISOTP_WATCH_H
#define INJECT_ISOTP_WATCH_H

#include "inject/uds_view.h"
#include "sim/can/can_frame.h"
#include "sim/proto/isotp_pci.h"

struct isotp_watch_address {
    uint32_t id;
    bool ext;        /* 29-bit identifier. */
    bool has_target; /* Extended addressing: the first byte of each frame is this one. */
    uint8_t target;
};

struct isotp_watch_cfg {
    struct isotp_watch_address request;
    struct isotp_watch_address response;
    bool has_functional; /* Requests to all come with this address, as single frames. */
    struct isotp_watch_address functional;
};

enum isotp_watch_channel { ISOTP_WATCH_REQUEST, ISOTP_WATCH_RESPONSE, ISOTP_WATCH_FUNCTIONAL };
enum { ISOTP_WATCH_CHANNELS = 3 };

/* The last message of one channel. */
struct isotp_watch_message {
    bool known; /* Its beginning was seen. */
    bool holes; /* A frame of it was not. */
    uint32_t len;
    uint32_t index;    /* Of the last frame seen, 0: the first. */
    uint8_t first_len; /* Bytes of it in the first frame and in those that follow. */
    uint8_t next_len;
    struct uds_view uds;
    uint8_t data[ISOTP_LEN_MAX]; /* Longer messages: the beginning. */
};

struct isotp_watch {
    struct isotp_watch_cfg cfg;
    struct uds_asked asked;
    struct isotp_watch_message messages[ISOTP_WATCH_CHANNELS];
};

/* One frame of the connection. */
struct isotp_watch_view {
    enum isotp_watch_channel channel; /* That carried the frame. */
    struct isotp_pci pci;
    /* To which message it belongs: a flow control to one of the other direction. Null: to none
     * whose beginning was seen. Valid until the next frame. */
    const struct isotp_watch_message *message;
    uint32_t index;   /* Consecutive frames count from 1; a single or first frame is 0. */
    uint32_t offset;  /* Where in the message its data lie, */
    uint8_t data_at;  /* where in the frame, */
    uint8_t data_len; /* and how many bytes they are. A flow control has none. */
    bool repeated;    /* A consecutive frame that came before. */
    bool last;        /* The message ends with it. */
    bool complete;    /* And all of it was seen, for the first time. */
};

void isotp_watch_init(struct isotp_watch *watch, const struct isotp_watch_cfg *cfg);

/* False: not a frame of this connection, or none that ISO 15765-2 knows; nothing has changed. */
bool isotp_watch_on_frame(struct isotp_watch *watch, const struct can_frame *frame,
                          struct isotp_watch_view *view);

#endif
