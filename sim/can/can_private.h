/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_private.h - what the files of the bus share: the frame on the wire, sets of nodes.
 *
 * A set of nodes is 64 bits, one a slot, so that a frame costs nothing for nodes it does not
 * concern. */
#ifndef SIM_CAN_CAN_PRIVATE_H
#define SIM_CAN_CAN_PRIVATE_H

#include "sim/can/can_bus.h"
#include "sim/can/can_wire.h"
#include "sim/trace.h"

#include <string.h>

typedef uint64_t can_node_set;

/* ISO 11898-1, error frame: a flag of 6 bits, superposed with the answers of others up to 12, and
 * a delimiter of 8. Modelled as 12 whenever another controller may answer. */
enum {
    CAN_ERROR_FLAG_BITS = 6,
    CAN_ERROR_FLAGS_SUPERPOSED_BITS = 12,
    CAN_ERROR_DELIMITER_BITS = 8,
    CAN_STUFF_ERROR_BITS = 6,  /* Equal bits that are one too many. */
    CAN_INTEGRATION_BITS = 11, /* Recessive bits before a controller takes part. */
};

/* A copy of a frame that a tap has delayed. */
struct can_late {
    struct sim_event event;
    struct can_bus *bus;
    const struct can_node *sender; /* Null once detached. */
    struct can_frame frame;
    uint32_t sent_id; /* Of the frame as sent. */
    uint8_t copies;
    bool after_next; /* Waits for the next frame like it, and for delay_ns at most. */
    struct can_late *next_free;
};

struct can_transmission {
    can_node_set wanting;   /* Have something to send and may. */
    can_node_set receiving; /* Powered, awake, not bus-off. */
    can_node_set answering; /* Of those, not listen-only: acknowledge and flag errors. */
    can_node_set sleeping;

    bool busy;    /* A frame is on the wire; what follows describes it. */
    bool failing; /* It will end in an error frame, for this cause at this bit. */
    enum can_error_cause cause;
    uint16_t cause_bit;
    can_node_set senders;         /* Several only if their frames are equal or collide. */
    can_node_set audience;        /* Were receiving at SOF and still are. */
    const struct can_node *first; /* One of the senders, for exclusion; null once detached. */
    uint16_t first_source;        /* Its trace source. */
    sim_ns_t sof_ns;
    struct can_wire wire;
    struct can_frame frame; /* As sent. */
    struct can_frame seen;  /* As taps left it; valid if replaced. */
    bool replaced;
    struct can_tap_verdict verdict; /* Of all taps together. */

    uint64_t next_order;     /* Of the frames sent on an instant bus. */
    sim_ns_t instant_ns;     /* When it carried its last frame, */
    unsigned instant_frames; /* and how many it has carried then. */

    sim_ns_t idle_ns;      /* First instant at which the next SOF may come. */
    sim_ns_t bit_ns;       /* Nominal; 0 if no whole number of nanoseconds. */
    bool calling;          /* Inside callbacks: nobody may detach. */
    sim_ns_t arbitrate_ns; /* Valid while the event is pending. */
    struct sim_event arbitrate;
    struct sim_event end;
    struct sim_event recover;
    unsigned after_next; /* How many of late wait for a next frame. */
    struct can_late *free;
    struct can_late late[CAN_LATE_MAX];
};

static inline can_node_set can_set_of(const struct can_node *node)
{
    return UINT64_C(1) << node->slot;
}

/* Takes the lowest member out of a set that is not empty. */
static inline struct can_node *can_set_take(const struct can_bus *bus, can_node_set *set)
{
    struct can_node *node = bus->nodes[__builtin_ctzll(*set)];
    *set &= *set - 1;
    return node;
}

/* Copies no more of the data than there is: most frames are classical. */
static inline void can_frame_copy(struct can_frame *to, const struct can_frame *from)
{
    enum { CLASSIC_BYTES = offsetof(struct can_frame, data) + CAN_CLASSIC_DATA_MAX };
    if (from->len_bytes <= CAN_CLASSIC_DATA_MAX) {
        memcpy(to, from, CLASSIC_BYTES);
    } else {
        *to = *from;
    }
}

/* By the clock of the controllers. */
static inline sim_ns_t can_bus_clock_ns(const struct can_bus *bus, uint64_t bits)
{
    const sim_ns_t bit_ns = bus->transmission->bit_ns;
    return bit_ns != 0 ? bits * bit_ns : bits * SIM_S(1) / bus->cfg.nominal_bps;
}

/* On the wire. */
static inline sim_ns_t can_bus_bits_ns(const struct can_bus *bus, uint64_t bits)
{
    return bus->cfg.instant ? 0 : can_bus_clock_ns(bus, bits);
}

static inline unsigned can_total_bits(const struct can_transmission *tr)
{
    return (unsigned)tr->wire.nominal_bits + tr->wire.data_bits;
}

static inline unsigned can_ack_bit(const struct can_transmission *tr)
{
    return can_total_bits(tr) - CAN_TRAILER_BITS;
}

/* The arbitration field in the order it is sent, from the first identifier bit; lower wins.
 * Standard: identifier, RTR, IDE. Extended: 11 bits of it, SRR, IDE, 18 bits, RTR. What a standard
 * frame sends after IDE is not compared: IDE has decided. */
static inline uint32_t can_arbitration_key(const struct can_frame *frame)
{
    const uint32_t rtr = (frame->flags & CAN_FLAG_RTR) != 0 ? 1 : 0;
    if ((frame->flags & CAN_FLAG_EXT) == 0) {
        return frame->id << 21 | rtr << 20;
    }
    return (frame->id >> 18) << 21 | UINT32_C(3) << 19 | (frame->id & 0x3FFFFu) << 1 | rtr;
}

/* can_node.c */
struct can_frame *can_node_head(struct can_node *node);
/* Instant bus: the place of that frame among all that were sent. */
uint64_t can_node_head_order(const struct can_node *node);
void can_node_pop(struct can_node *node);
/* After a failed attempt a frame of higher priority may go first. */
void can_node_reorder(struct can_node *node);

/* can_bus.c: puts the node into the sets it belongs to now. */
void can_bus_update_sets(struct can_bus *bus, const struct can_node *node);

/* can_transmission.c */
void can_transmission_init(struct can_bus *bus);
void can_transmission_release(struct can_bus *bus);
/* Schedules the next arbitration if somebody wants the bus and it may be free. */
void can_transmission_request(struct can_bus *bus);
/* The same when only this node may have changed its mind. */
void can_transmission_request_for(struct can_bus *bus, const struct can_node *node);
/* The node no longer sends, receives or acknowledges the frame on the wire. */
void can_transmission_leave(struct can_bus *bus, struct can_node *node);
/* The wire is stuck from now on. */
void can_transmission_break(struct can_bus *bus);
void can_transmission_wake_all(struct can_bus *bus);
void can_transmission_forget_sender(struct can_bus *bus, const struct can_node *node);

/* can_outcome.c: the frame on the wire has ended, well or in an error. */
void can_outcome_complete(struct can_bus *bus);
void can_outcome_fail(struct can_bus *bus);
void can_outcome_on_late(struct sim *sim, void *ctx);

/* can_errors.c: fault confinement, ISO 11898-1:2015, 12.1.4. */
void can_errors_sent(struct can_bus *bus, struct can_node *node);
void can_errors_received(struct can_bus *bus, struct can_node *node);
void can_errors_send_failed(struct can_bus *bus, struct can_node *node, enum can_error_cause cause);
void can_errors_receive_failed(struct can_bus *bus, struct can_node *node, bool flagged_first);
void can_errors_start_recovery(struct can_bus *bus, struct can_node *node);
void can_errors_schedule_recovery(struct can_bus *bus);
void can_errors_on_recover(struct sim *sim, void *ctx);

#endif
