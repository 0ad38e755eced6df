/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_seat.h - the place of the master under test in a play: its lives, one
 * after the other, what it was asked to do and what it reported.
 *
 * A life begins with a start of the program and ends when it exits, or when its power is cut. What
 * it keeps in its state folder outlives it. Starts and cuts are asked for from inside events, and
 * happen between two turns of the simulation at that instant. */
#ifndef ENGINE_MASTER_SEAT_H
#define ENGINE_MASTER_SEAT_H

#include "guest/supervisor.h"
#include "scenarios/engine/adapter.h"
#include "scenarios/engine/campaign.h"
#include "sim/sim.h"

enum master_life_end {
    MASTER_RUNS,
    MASTER_EXITED,
    MASTER_CUT,     /* The scenario took its power away. */
    MASTER_STUCK,   /* All of it waits for what can never come. */
    MASTER_TIME_UP, /* The adapter's limit, or the play's end. */
};

struct master_life {
    sim_ns_t begin_ns, end_ns;
    enum master_life_end end;
    int exit_code; /* MASTER_EXITED. */
    uint64_t calls;
    struct campaign campaign;    /* What it was asked to do. */
    struct master_result result; /* MASTER_EXITED. */
};

enum { MASTER_LIVES_MAX = 256 };

struct master_seat_cfg {
    struct sim *sim;
    struct af_can *can;
    const struct adapter *adapter;
    const char *preload_path;
    const char *folder; /* Of the play; the state folder is FOLDER/state. */
    uint64_t seed;
};

struct master_seat {
    struct master_seat_cfg cfg;
    struct supervisor *supervisor; /* Null: no life goes on. */
    struct master_life *lives;     /* Owned, MASTER_LIVES_MAX. */
    size_t lives_len;
    bool start_wanted, cut_wanted; /* Asked for, and to be done between two turns. */
    struct campaign next;          /* Of the life to start. */
    /* A life has begun or ended. May be null. */
    void (*on_change)(void *ctx);
    void *ctx;
};

#endif
