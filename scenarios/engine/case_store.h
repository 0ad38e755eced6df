/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_store.h - the disk below the state folder of the master in a play, and who
 * looks at what happens on it.
 *
 * The disk is there in all plays, without limit and without faults; a power cut of the master takes
 * away what was not synced. */
#ifndef ENGINE_CASE_STORE_H
#define ENGINE_CASE_STORE_H

#include "guest/guest_store.h"

struct case_world;
struct op_wait;

/* Hears of every operation, reads and opens too. May set what guest_store_hook may set, ask for a
 * cut of the master (master_seat_ask_cut()), or let what is due come first (master_seat_pause()).
 */
struct case_store_listener {
    void (*on_op)(void *ctx, struct guest_store_op *op, enum guest_store_when when);
    void *ctx;
    struct case_store_listener *next; /* Belongs to the store. */
};

struct case_store {
    struct guest_store *disk; /* Null before case_store_open(). */
    struct case_store_listener *listeners;
    struct op_wait *wait; /* Of the script (lua_store.c). Null: it never waited. */
};

/* Makes FOLDER/state and the disk on it. 0 or a negative code. */
int case_store_open(struct case_world *world, struct err *err);
/* After the seat and all listeners. */
void case_store_release(struct case_store *store);

/* In the order in which they came. The caller owns it, until removed. */
void case_store_listen(struct case_store *store, struct case_store_listener *listener);
/* Not from inside on_op. */
void case_store_unlisten(struct case_store *store, struct case_store_listener *listener);

#endif
