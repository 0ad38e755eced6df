/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_ecu.h - faults of an ECU's behaviour: what it makes of a request, what it answers,
 * and how it lets a long request come in. Bootloader and application are hit alike, over resets.
 *
 * A rule strikes at one of three moments, which its effect decides: when a request has arrived,
 * when a final response is ready, or when the ECU owes a flow control. Rules are asked in the order
 * in which they were added; of two that contradict each other the later one wins.
 *
 * In the trace each rule leaves TRACE_FAULT records of the ECU. docs/injections.md explains each
 * word. */
#ifndef INJECT_INJECT_ECU_H
#define INJECT_INJECT_ECU_H

#include "inject/inject_turns.h"
#include "inject/uds_view.h"
#include "sim/ecus/s12x_ecu.h"

enum {
    INJECT_ECU_RULES_MAX = 64,
    INJECT_ECU_ANSWER_MAX = 64,
    INJECT_ECU_BLOCKS_MAX = 8,
    INJECT_ECU_REMEMBERED = 64
};

enum inject_ecu_phase { INJECT_ANY_PHASE, INJECT_IN_BOOTLOADER, INJECT_IN_APPLICATION };
enum inject_ecu_address { INJECT_ANY_ADDRESS, INJECT_PHYSICAL, INJECT_FUNCTIONAL };

/* Which requests; also for their responses and flow controls. Zero: any. */
struct inject_ecu_what {
    enum inject_ecu_phase phase;
    enum inject_ecu_address address; /* Flow controls: physical. */
    uint8_t service;
    uint16_t sub;                               /* UDS_SUB(). */
    uint16_t len_min, len_max;                  /* Bytes of the request. 0: no limit. */
    struct inject_byte bytes[INJECT_BYTES_MAX]; /* Of the request, all must agree; those behind
                                                 * what has come, or behind the first
                                                 * INJECT_ECU_REMEMBERED, do not. */
};

enum inject_ecu_kind {
    /* A request. */
    INJECT_ECU_REFUSE,       /* Answered with nrc; the work is not done, or it is (works). */
    INJECT_ECU_SILENCE,      /* No answer; the work is not done, or it is (works). */
    INJECT_ECU_PENDING,      /* 0x78 first; then what the ECU would answer, or another effect. */
    INJECT_ECU_LOSE_SESSION, /* Falls back to the default session, then looks at the request. */
    /* A final response. */
    INJECT_ECU_DELAY,
    INJECT_ECU_CHANGE,  /* Bytes and length of a positive response. */
    INJECT_ECU_REPLACE, /* Other bytes altogether, whatever it was. */
    /* A flow control. */
    INJECT_ECU_FLOW,
};

/* What 0x78 end in. */
enum inject_ecu_then {
    INJECT_THEN_ANSWER,
    INJECT_THEN_SILENCE,
    INJECT_THEN_NRC,
    INJECT_THEN_NEVER, /* They do not end. */
};

struct inject_ecu_pending {
    uint16_t count;    /* 1 ... 65534. Without meaning if they never end. */
    sim_ns_t first_ns; /* From the request. 0: 30 ms. */
    sim_ns_t every_ns; /* Then; and from the last one to the end. Required. */
    enum inject_ecu_then then;
};

/* How a message may come in. */
struct inject_ecu_flow {
    uint32_t waits;                             /* Before each "continue"; INJECT_WAITS_FOR_EVER. */
    sim_ns_t wait_ns;                           /* From one to the next. */
    bool overflow;                              /* The answer to a first frame. */
    bool leave_out;                             /* No flow control, */
    uint16_t leave_out_at;                      /* from this one of the message on, 0: the first. */
    uint8_t block_sizes[INJECT_ECU_BLOCKS_MAX]; /* For its blocks in turn, again and again. */
    uint8_t block_sizes_len;                    /* 0: as configured. */
    uint8_t st_mins[INJECT_ECU_BLOCKS_MAX];     /* As coded; likewise. */
    uint8_t st_mins_len;
};
#define INJECT_WAITS_FOR_EVER UINT32_MAX

struct inject_ecu_effect {
    enum inject_ecu_kind kind;
    bool works;         /* Refuse, silence, pending: the work is done all the same. */
    uint8_t nrc;        /* Refuse; pending that ends so. */
    sim_ns_t delay_ns;  /* Delay: from the moment at which the response is ready, */
    sim_ns_t jitter_ns; /* and at random from 0 to this besides. */
    struct inject_ecu_pending pending;
    struct inject_change changes[INJECT_BYTES_MAX]; /* Change: of bytes of the response. */
    uint16_t len; /* Change: INJECT_LEN() of the response; filled with zeros. 0: as it is. */
    uint8_t answer[INJECT_ECU_ANSWER_MAX]; /* Replace. */
    uint8_t answer_len;
    struct inject_ecu_flow flow;
};

struct inject_ecu_rule_cfg {
    struct inject_turns_cfg turns;
    struct inject_ecu_what what;
    struct inject_ecu_effect effect;
};

struct inject_ecu;

struct inject_ecu_rule {
    struct inject_ecu_rule_cfg cfg;
    struct inject_turns turns; /* seen: requests, responses or messages that fit. */
    struct inject_ecu *inject; /* Null: not added. */
    bool hits_request;         /* Pending: the request in work. */
    bool hits_message;         /* Flow: the message that comes in now. */
    uint32_t waited;           /* Flow: waits before the next "continue". */
    uint32_t blocks;           /* Flow: "continue" sent. */
};

struct inject_ecu {
    struct s12x_ecu *ecu;
    struct ecu *base;
    struct inject_ecu_rule *rules[INJECT_ECU_RULES_MAX];
    size_t rules_len;
    /* The request in work: its response belongs to it, also after a reset. */
    uint8_t request[INJECT_ECU_REMEMBERED];
    size_t request_len;
    uint16_t request_full_len;
    bool functional;
    struct uds_asked asked;
};

/* Puts its hooks into the ECU's diagnostics, in the place of those that were there. */
void inject_ecu_init(struct inject_ecu *inject, struct s12x_ecu *ecu);
/* Takes hooks and rules away. The ECU must still be there. */
void inject_ecu_release(struct inject_ecu *inject);

/* The rule is the caller's and must stay until it is removed. */
void inject_ecu_add(struct inject_ecu *inject, struct inject_ecu_rule *rule,
                    const struct inject_ecu_rule_cfg *cfg);
/* Keeps what was counted, and ends a series of 0x78 that it has begun. Twice is allowed. */
void inject_ecu_remove(struct inject_ecu_rule *rule);

#endif
