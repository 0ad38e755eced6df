/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_hash.h - states of a world as numbers, and tables of them, so that what
 * is equal is explored once.
 *
 * A state is what decides on the future: the cells of the images' sectors and of emulated EEPROM
 * with their weak bits, the ECU's RAM between two requests, the master's journal and its counters.
 * Left out, and so taken as equal: the clock, wear, the next draws of the random streams, error
 * counters of the controllers, and how long ago a timer was started. A sweep that joins states must
 * therefore be compared now and then with one that does not. */
#ifndef EXPLORE_HASH_H
#define EXPLORE_HASH_H

#include "scenarios/explore/explore_world.h"

/* Of flash and emulated EEPROM alone. */
uint64_t explore_flash_hash(const struct explore_world *world);
/* 0: the ECU is at work; there is no state to compare. */
uint64_t explore_state_hash(const struct explore_world *world);

/* A set of numbers, each with a value below EXPLORE_VALUES; memory that processes may share. Small
 * tables are fast: each page of it that a child touches costs a fault. */
enum { EXPLORE_VALUES = 64 };
struct explore_table {
    uint64_t *keys; /* The value in place of the lowest bits; 0: free. */
    size_t cap;     /* A power of two. */
    size_t *len;
};

/* Shared between this process and its children to come. ERR_NOMEM if there is none. */
int explore_table_init(struct explore_table *table, size_t cap, struct err *err);
void explore_table_release(struct explore_table *table);
void explore_table_clear(struct explore_table *table);
/* False: not there. For tables that one process at a time uses. */
bool explore_table_find(const struct explore_table *table, uint64_t key, uint8_t *value);
/* Nothing happens if it is there already, or if the table is three quarters full. */
void explore_table_put(struct explore_table *table, uint64_t key, uint8_t value);
/* For tables that several processes fill at the same time: how many keys there are does not depend
 * on their order. */
void explore_table_count(struct explore_table *table, uint64_t key);

/* Memory that children share; zeroed, and taken only as it is touched. Null: there is none. */
void *explore_share(size_t len_bytes);
void explore_unshare(void *memory, size_t len_bytes);

#endif
