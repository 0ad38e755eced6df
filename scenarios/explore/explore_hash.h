/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_hash.h - states of a world as numbers, and tables of them, so that what
 * is equal is explored once.
 *
 * A state is what decides on the future. Between two requests: the cells of the images' sectors and
 * of the boot block with their weak bits, what emulated EEPROM shows and what its log would show
 * after a reset, the ECU's RAM, the master's journal and its counters. Right after a cut the ECU
 * has no RAM, and the master may be amid anything: then it is what it has stored, and of the master
 * besides what it has asked, what it awaits, how much of its message is left to send and how long
 * it will wait (both in steps of eight), and what is in its controller. Chance begins anew with
 * each cut, from the operation that is cut, so that no random stream is a hidden part of a state.
 *
 * Left out, and so taken as equal: the clock, wear, where in its log emulated EEPROM keeps a value,
 * error counters of the controllers, what other ECUs have in RAM, and between two requests how long
 * ago a timer was started. A sweep that joins states must therefore be compared now and then with
 * one that does not. */
#ifndef EXPLORE_HASH_H
#define EXPLORE_HASH_H

#include "scenarios/explore/explore_verdict.h"

/* Of what is stored: all that a cut leaves. */
uint64_t explore_flash_hash(const struct explore_world *world);
/* Of it: emulated EEPROM's log, and the sector with the header, with which an image begins. */
uint64_t explore_head_hash(const struct explore_world *world);
uint32_t explore_head_end(const struct explore_world *world);
/* 0: the ECU is at work; there is no state to compare. */
uint64_t explore_state_hash(const struct explore_world *world);

/* What a cut would come to, looked at without it happening. */
struct explore_foreseen {
    uint64_t flash; /* explore_flash_hash() right after the cut; */
    uint64_t log;   /* emulated EEPROM's part of it, */
    uint64_t head;  /* and with it that of explore_head_hash(). */
    uint64_t state; /* With the master: what decides on all that follows. */
    struct explore_breaches breaches;
};
/* The cut comes next, at at_ns. False: it cannot be foreseen, or the master is no part of this
 * process. */
bool explore_foresee(struct explore_world *world, sim_ns_t at_ns,
                     struct explore_foreseen *foreseen);
/* The same but for the state, whoever the master is. */
bool explore_foresee_flash(struct explore_world *world, sim_ns_t at_ns,
                           struct explore_foreseen *foreseen);

/* What follows from a state. */
struct explore_future {
    uint8_t of_end;      /* enum explore_verdict: what the end comes to; */
    uint8_t breaches;    /* what is broken until then, EXPLORE_BROKE_RULE and so on, */
    uint16_t invariants; /* and which: bit n is INV-n. */
};

/* A set of numbers, each with a value below EXPLORE_VALUES; memory that processes may share. Small
 * tables are fast: each page of it that a child touches costs a fault. */
enum { EXPLORE_VALUES = 192 };
struct explore_table {
    struct explore_futures *futures; /* Those that values stand for: there are few. */
    uint64_t *keys;                  /* The value in place of the lowest bits; 0: free. */
    size_t cap;                      /* A power of two. */
    size_t *len;
};

/* Shared between this process and its children to come. ERR_NOMEM if there is none. */
int explore_table_init(struct explore_table *table, size_t cap, struct err *err);
void explore_table_release(struct explore_table *table);
void explore_table_clear(struct explore_table *table);
/* Both have the same cap. */
void explore_table_copy(struct explore_table *to, const struct explore_table *from);
/* False: not there. For tables that one process at a time uses. */
bool explore_table_find(const struct explore_table *table, uint64_t key, uint8_t *value);
/* Nothing happens if it is there already, or if the table is three quarters full. */
void explore_table_put(struct explore_table *table, uint64_t key, uint8_t value);
/* The value that stands for a future in this table; EXPLORE_VALUES: it has had too many. */
uint8_t explore_table_code(struct explore_table *table, const struct explore_future *future);
struct explore_future explore_table_future(const struct explore_table *table, uint8_t value);
/* For tables that several processes fill at the same time: how many keys there are does not depend
 * on their order. */
void explore_table_count(struct explore_table *table, uint64_t key);

/* Memory that children share; zeroed, and taken only as it is touched. Null: there is none. */
void *explore_share(size_t len_bytes);
void explore_unshare(void *memory, size_t len_bytes);

#endif
