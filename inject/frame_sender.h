/* SPDX-License-Identifier: Apache-2.0 */
/* inject/frame_sender.h - a node that does not belong to the vehicle and sends one frame, once or
 * again and again. */
#ifndef INJECT_FRAME_SENDER_H
#define INJECT_FRAME_SENDER_H

#include "sim/can/can_bus.h"

struct frame_sender_cfg {
    const char *name; /* Of the node; kept by pointer. Required. */
    struct can_frame frame;
    sim_ns_t from_ns;  /* When it is sent first. */
    sim_ns_t until_ns; /* Not from here on. SIM_NEVER: no end. */
    sim_ns_t every_ns; /* 0: only once. */
    uint64_t times;    /* 0: no limit. */
};

struct frame_sender {
    struct frame_sender_cfg cfg;
    struct can_node node;
    struct sim *sim;
    struct sim_event event;
    uint64_t tried;    /* Given to the controller, or refused by it. */
    uint64_t sent;     /* Gone over the bus. */
    sim_ns_t first_ns; /* The end of the first that went. */
};

/* Attaches to the bus. */
void frame_sender_start(struct frame_sender *sender, struct can_bus *bus,
                        const struct frame_sender_cfg *cfg);
/* Detaches. Not from inside an event of the bus. */
void frame_sender_stop(struct frame_sender *sender);

#endif
