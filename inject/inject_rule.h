/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_rule.h - one fault on the frames of a bus: where, what, when, and its effect.
 *
 * A rule is data. Zero means "any", "always" or "not", so that only what matters need be said.
 * docs/injections.md explains each word. */
#ifndef INJECT_INJECT_RULE_H
#define INJECT_INJECT_RULE_H

#include "inject/isotp_watch.h"
#include "sim/can/can_bus.h"
#include "sim/prng.h"

/* A frame as a rule sees it, on its way onto the wire. */
struct inject_view {
    const struct can_node *sender;
    const struct can_frame *frame; /* As sent, before any rule changed it. */
    /* Null: of no connection, or not ISO-TP. */
    const struct isotp_watch_view *watch;
    size_t connection;  /* Which one, if watch is not null. */
    bool retransmitted; /* By the controller, after an error frame. */
};

enum inject_way { INJECT_ANY_WAY, INJECT_TO_ECU, INJECT_TO_TESTER };

/* Connections are numbered as they were added (inject_bus_watch). */
#define INJECT_CONNECTION(number) (0x100u | (number))
#define INJECT_LEN(len_bytes)     (0x100u | (len_bytes))

struct inject_where {
    const struct can_node *sender; /* Null: any node. */
    uint32_t id;                   /* Bits of the identifier under the mask; */
    uint32_t id_mask;              /* 0: any identifier, */
    bool ext;                      /* else 29 bits or 11. */
    enum inject_way way;           /* Known for frames of a connection only. */
    uint16_t connection;           /* INJECT_CONNECTION(), or 0: any, or none. */
};

/* Which frames of a message; may be added up. 0: any frame, ISO-TP or not. */
enum inject_part {
    INJECT_SINGLE = 1u << 0,
    INJECT_FIRST = 1u << 1,
    INJECT_CONSECUTIVE = 1u << 2,
    INJECT_FLOW_CONTROL = 1u << 3,
    INJECT_LAST = 1u << 4, /* The one that ends a message, also a single frame. */
    INJECT_BEGIN = INJECT_SINGLE | INJECT_FIRST,
};

/* Byte `offset` of the message, as far as it has been sent, or of the frame. */
struct inject_byte {
    bool in_frame;
    uint16_t offset;
    uint8_t mask; /* 0: ends the list. */
    uint8_t value;
};

enum { INJECT_BYTES_MAX = 8 };

struct inject_what {
    unsigned parts;     /* enum inject_part. */
    uint32_t index;     /* Of the consecutive frames this one only, from 1. 0: each. */
    bool whole;         /* The message is chosen at its beginning, and all its frames are hit;
                         * parts then says where messages may begin (0: INJECT_BEGIN). */
    enum uds_kind kind; /* UDS_KIND_UNKNOWN: any. */
    uint8_t service;    /* 0: any. Of the request, also for its answers. */
    uint16_t sub;       /* UDS_SUB(), or 0: any. */
    uint8_t nrc;        /* 0: any. */
    struct inject_byte bytes[INJECT_BYTES_MAX]; /* All must agree. */
};

struct inject_when {
    sim_ns_t from_ns;
    sim_ns_t until_ns;   /* 0: for ever. The instant itself is out. */
    uint32_t skip;       /* So many are let through first, */
    uint32_t every;      /* then this one of so many is hit: 2 is each second. 0 and 1: each. */
    uint32_t times;      /* So many are hit at most. 0: no limit. */
    uint32_t chance_ppm; /* In a million, on the stream "inject/NAME". 0: always. */
    /* Asked last. Null: yes. */
    bool (*enabled)(void *ctx, const struct inject_view *view, sim_ns_t now_ns);
    void *ctx;
};

/* The bits under the mask become those of value, or are inverted. */
struct inject_change {
    bool in_frame; /* Else in the message: the frame that carries this byte of it is changed. */
    bool invert;
    uint16_t offset;
    uint8_t mask; /* 0: ends the list. */
    uint8_t value;
};

struct inject_effect {
    bool lose;
    sim_ns_t delay_ns;
    sim_ns_t delay_jitter_ns; /* Besides, at random from 0 to this, on the rule's stream. */
    bool swap; /* Arrives right after the next frame of its sender with its identifier, or after
                * delay_ns (0: a second) if none comes. */
    uint8_t duplicates;
    bool damage;          /* A bit on the wire is inverted. */
    uint16_t damage_bit;  /* From SOF. */
    bool damage_anywhere; /* The bit is drawn instead, from the whole frame. */
    struct inject_change changes[INJECT_BYTES_MAX]; /* Behind a correct CRC. */
    uint16_t len;                                   /* INJECT_LEN() of the frame. 0: as it is. */
    /* Besides: whatever else is to happen at this instant. May be null. */
    void (*on_fire)(void *ctx, const struct inject_view *view, sim_ns_t now_ns);
    void *ctx;
};

struct inject_rule_cfg {
    const char *name; /* In the trace and in the name of the stream; kept by pointer. Required. */
    struct inject_where where;
    struct inject_what what;
    struct inject_when when;
    struct inject_effect effect;
};

struct inject_count {
    uint64_t seen;  /* Frames (of whole: messages) that where and what fit, inside the window and
                     * before the last of `times`. */
    uint64_t fired; /* Frames on which the effect took place. */
    sim_ns_t first_ns, last_ns; /* When it did. */
};

struct inject_bus;

struct inject_rule {
    struct inject_rule_cfg cfg;
    struct inject_count count;
    /* The rest belongs to the bus's injections. */
    struct inject_bus *inject; /* Null: not added. */
    struct prng prng;
    uint32_t chosen;       /* Frames, or whole messages, that were hit. */
    uint64_t whole;        /* Channels whose present message is hit, one bit each. */
    bool over;             /* The end is in the trace. */
    struct sim_event edge; /* Begin and end of the window. */
};

/* Whether a frame fits where and what. Pure. */
bool inject_rule_fits(const struct inject_rule *rule, const struct inject_view *view);

/* Does what the effect says; false if it changes nothing (the byte is in another frame, or has
 * that value already): then it has not fired. */
bool inject_rule_apply(struct inject_rule *rule, const struct inject_view *view,
                       struct can_frame *frame, struct can_tap_verdict *verdict);

#endif
