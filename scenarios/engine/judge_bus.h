/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_bus.h - the invariants that one decoded bus decides: INV-4 to INV-7, and
 * of INV-9 what was asked for. Pure: a log in, findings out.
 *
 * The log holds messages as they were sent. Where a fault then took one away, the master did not
 * see what the judge sees; so each rule is worded such that not having seen an answer is never held
 * against the master (docs/judge.md). */
#ifndef ENGINE_JUDGE_BUS_H
#define ENGINE_JUDGE_BUS_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/judge_ranges.h"

/* An ECU of the bus, by the number of its connection. */
struct judge_connection {
    const char *name;                      /* Null: not judged. */
    bool target;                           /* It is to be programmed in some life. */
    bool lines;                            /* 36 carries S-record lines; else blocks. */
    const struct campaign_window *windows; /* What of it may be programmed. */
    size_t windows_len;                    /* 0: anything. */
};

struct judge_life {
    sim_ns_t begin_ns;
    const char *campaign;
};

struct judge_bus {
    const struct bus_log *log;
    const struct can_node *master; /* Requests of other senders are other testers'. */
    struct judge_connection connections[INJECT_CONNECTIONS_MAX];
    const struct judge_life *lives; /* In order. */
    size_t lives_len;
    const struct case_forbidden *forbidden;
    size_t forbidden_len;
    bool asks_preconditions; /* The master declares that it does. */
    uint32_t n_rs;
    sim_ns_t p2_ns, p2_star_ns; /* Until the ECU tells others; shorter ones count then. */
    sim_ns_t n_bs_ns, t_boot_ns;
    struct play_result *result;
};

/* INV-5 and INV-6, judge_requests.c. */
void judge_bus_requests(const struct judge_bus *bus);
/* INV-7, judge_transfer.c. */
void judge_bus_transfer(const struct judge_bus *bus);
/* INV-4, and of INV-9 what was asked for, judge_order.c. */
void judge_bus_order(const struct judge_bus *bus);

/* A request of the master, as a whole or not. */
static inline bool judge_bus_is_masters(const struct judge_bus *bus,
                                        const struct bus_message *message)
{
    return message->channel != ISOTP_WATCH_RESPONSE && message->sender == bus->master;
}

/* The number of the life that a message falls into; lives before the first count as the first. */
size_t judge_bus_life(const struct judge_bus *bus, size_t from, sim_ns_t at_ns);
/* Bytes at..at+4 of a message, 0 where there are none. */
uint8_t judge_bus_byte(const struct judge_bus *bus, const struct bus_message *message, uint32_t at);
/* 31 01 with its routine, or 0 if the message is no such request or not a positive answer to one.
 */
uint16_t judge_bus_routine(const struct judge_bus *bus, const struct bus_message *message);
/* The range that a 34 asks for, or an erase that names one in the same format. False: none. */
bool judge_bus_range(const struct judge_bus *bus, const struct bus_message *message,
                     struct judge_range *range);
/* The range lies inside one window of the ECU. */
bool judge_bus_allowed(const struct judge_connection *ecu, const struct judge_range *range);

#endif
