/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_bus.h - the faults on the frames of one bus.
 *
 * It sits on the bus as a tap, follows the diagnostic connections that it was told of, and asks its
 * rules about each frame, in the order in which they were added. All rules see the frame as it was
 * sent; their effects add up. A frame that is repeated after an error frame counts anew.
 *
 * In the trace each rule leaves TRACE_FAULT records of the bus: when its window opens, each time
 * it fires (the value counts), and when it can fire no more. */
#ifndef INJECT_INJECT_BUS_H
#define INJECT_INJECT_BUS_H

#include "inject/inject_rule.h"

enum { INJECT_RULES_MAX = 64, INJECT_CONNECTIONS_MAX = 16 };

/* What tells most rules from most frames at a glance: the classes of frames that the rule may hit,
 * one bit each, and the service, 0 for any. */
struct inject_glance {
    uint16_t classes;
    uint8_t service;
};

struct inject_bus {
    struct can_bus *bus;
    struct can_tap tap;
    struct inject_rule *rules[INJECT_RULES_MAX];
    struct inject_glance glances[INJECT_RULES_MAX]; /* Of the rules, side by side. */
    size_t rules_len;
    struct isotp_watch *watches[INJECT_CONNECTIONS_MAX]; /* Owned. */
    size_t watches_len;
    uint64_t watched_ids; /* One bit for each identifier of a connection, modulo 64. */
    /* Called for each frame of a connection, before the rules. May be null. */
    void (*on_view)(void *ctx, const struct inject_view *view, sim_ns_t now_ns);
    /* Called after it, for each that a rule then takes away, delays, changes or destroys: it does
     * not arrive as it was sent, or (lost) not at all. May be null. */
    void (*on_struck)(void *ctx, const struct inject_view *view, bool lost, sim_ns_t now_ns);
    void *ctx;
};

void inject_bus_init(struct inject_bus *inject, struct can_bus *bus);
/* Takes the tap and all rules away. The bus must still be there. */
void inject_bus_release(struct inject_bus *inject);

/* Follows one more connection; its number. Rules that speak of messages need theirs. */
size_t inject_bus_watch(struct inject_bus *inject, const struct isotp_watch_cfg *cfg);

/* The rule is the caller's and must stay until it is removed. It starts with nothing counted. */
void inject_bus_add(struct inject_bus *inject, struct inject_rule *rule,
                    const struct inject_rule_cfg *cfg);
/* From any place but an event of this bus's taps. Keeps what was counted. */
void inject_bus_remove(struct inject_rule *rule);

#endif
