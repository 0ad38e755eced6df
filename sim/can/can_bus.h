/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_bus.h - one CAN segment: arbitration, delivery, acknowledgement, errors.
 *
 * Frames requested at the same instant compete by identifier, never by order of the calls. A frame
 * occupies the bus for its exact stuffed length; receivers and sender see it at the end of its EOF.
 * A frame that no other active node acknowledges, or that a tap damages, ends in an error frame
 * whose cause is told to everyone; the controllers count and fall silent as ISO 11898-1 says, and
 * the sender repeats on its own.
 *
 * An instant bus is one like Linux's vcan: frames take no time and need no acknowledgement, and
 * they go in the order in which they were sent, whatever their identifiers.
 *
 * The bus does not own its nodes and taps: detach them before their memory goes away. */
#ifndef SIM_CAN_BUS_H
#define SIM_CAN_BUS_H

#include "sim/can/can_node.h"
#include "sim/sim.h"

enum { CAN_NODES_MAX = 64, CAN_TAPS_MAX = 16 };

struct can_bus_cfg {
    const char *name;     /* Shown in traces; kept by pointer. Required. */
    uint32_t nominal_bps; /* Arbitration bit rate, 10,000 to 1,000,000. Required. */
    uint32_t data_bps; /* FD data bit rate up to 12,000,000. 0: classical frames only; an FD frame
                        * then ends in a form error, as on a classical segment. */
    bool instant;      /* No wire time, arbitration or acknowledgement. The rates then serve the
                        * recovery from bus-off alone, and queues are FIFO. */
};

/* An instant bus carries at most so many frames, error frames included, at one instant, and then
 * rests: nodes that answer each other at once would otherwise keep the clock from moving. */
enum { CAN_INSTANT_FRAMES_MAX = 1000 };
#define CAN_INSTANT_REST_NS SIM_MS(1)

/* What a tap wants done with the frame that is about to be sent. Zero: nothing. */
struct can_tap_verdict {
    bool drop;           /* Occupies the bus and is confirmed to the sender, but nobody receives it:
                          * the loss of a gateway or a receiver, not of the wire. */
    sim_ns_t delay_ns;   /* Receivers see it this much later. */
    bool after_next;     /* With delay_ns: earlier, right after the next frame that this sender gets
                          * through with this identifier. */
    uint8_t duplicates;  /* Receivers see it this many times more. */
    bool damage;         /* A bit is inverted on the wire: error frame, retransmission. */
    uint16_t damage_bit; /* Which bit from SOF, stuff bits included. Past the last bit but one of
                          * EOF it is taken as that bit: the very last is not an error to anyone
                          * who has received the frame (ISO 11898-1: overload). */
    bool replace; /* Receivers see *frame as the tap left it (changed behind a correct CRC). */
};

struct can_tap {
    void *ctx;
    /* Called once per transmission when the frame has won the bus. May change *frame if it sets
     * verdict->replace. */
    void (*on_transmit)(void *ctx, const struct can_node *sender, struct can_frame *frame,
                        struct can_tap_verdict *verdict, sim_ns_t now_ns);
};

/* Electrical state of the two wires. Stuck dominant: the frame on the wire fails, then nothing
 * moves until the fault is lifted, counters and recovery included; queues fill. Stuck recessive:
 * each sender fails at SOF, up to bus-off; nobody else notices. */
enum can_wire_fault { CAN_WIRE_OK, CAN_WIRE_STUCK_DOMINANT, CAN_WIRE_STUCK_RECESSIVE };

/* Argument "reason" of TRACE_CAN_LOST: a frame that was on the wire and reached nobody. */
enum can_lost { CAN_LOST_DROPPED, CAN_LOST_TOO_MANY_LATE };

/* How many delayed copies can be under way on one bus; more are lost (CAN_LOST_TOO_MANY_LATE). */
enum { CAN_LATE_MAX = 256 };

/* TRACE_CAN_FRAME: source is the bus, at_ns the end of EOF, "sender" the source number of the
 * sending node, "wire_bits" the bits of both rates. "flags" is enum can_frame_flag; for a remote
 * frame, which has no bytes, bits 8 to 11 hold the requested length (see can_log_frame).
 * TRACE_CAN_ERROR: source is the bus; "tec" and "rec" are the sender's after counting. */

struct can_bus_stats {
    uint64_t frames; /* Completed without error. */
    uint64_t error_frames;
    uint64_t arbitrations_lost;
    sim_ns_t busy_ns; /* SOF to the end of the intermission, error frames included. Instant: 0. */
};

struct can_bus {
    struct can_bus_cfg cfg;
    struct sim *sim;
    uint16_t source; /* Trace source. */
    struct can_node *nodes[CAN_NODES_MAX];
    size_t nodes_len;
    struct can_tap *taps[CAN_TAPS_MAX];
    size_t taps_len;
    enum can_wire_fault fault;
    struct can_bus_stats stats;
    /* The rest belongs to the bus: the frame on the wire and the events that end it. Owned. */
    struct can_transmission *transmission;
};

void can_bus_init(struct can_bus *bus, struct sim *sim, const struct can_bus_cfg *cfg);
void can_bus_release(struct can_bus *bus);

void can_bus_attach(struct can_bus *bus, struct can_node *node);
void can_bus_detach(struct can_bus *bus, struct can_node *node);

/* Taps are asked in the order they were added. */
void can_bus_add_tap(struct can_bus *bus, struct can_tap *tap);
void can_bus_remove_tap(struct can_bus *bus, struct can_tap *tap);

/* Whether the frame on the wire is beyond its acknowledgement at at_ns, from now on: its sender
 * then no longer minds who else leaves. */
bool can_bus_acknowledged(const struct can_bus *bus, sim_ns_t at_ns);

void can_bus_set_fault(struct can_bus *bus, enum can_wire_fault fault);

#endif
