/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_seat.h - the place of the master under test in a play: its lives, one
 * after the other, what it was asked to do and what it reported.
 *
 * A life begins with a start of the program and ends when it exits, or when its power is cut. What
 * it keeps in its state folder outlives it. Starts and cuts are asked for from inside events, and
 * happen between two turns of the simulation at that instant. */
#ifndef ENGINE_MASTER_SEAT_H
#define ENGINE_MASTER_SEAT_H

#include "guest/guest_store.h"
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
    struct supervisor_usage usage; /* MASTER_EXITED. */
    struct campaign campaign;      /* What it was asked to do. */
    struct master_result result;   /* MASTER_EXITED. */
    struct guest_store_loss lost;  /* MASTER_CUT. */
};

enum { MASTER_LIVES_MAX = 4096 };

struct master_seat_cfg {
    struct sim *sim;
    struct af_can *can;
    const struct adapter *adapter;
    struct guest_store *store; /* The disk of its state folder. Not owned. Null: none. */
    const char *preload_path;
    const char *programs; /* See struct adapter_place. */
    const char *folder;   /* Of the play, absolute. What life N writes is in FOLDER/master-N.log. */
    uint64_t seed;
    uint64_t past_ns; /* By the wall clock its lives are so much before those of others. */
    /* A life has begun or ended. May be null. */
    void (*on_change)(void *ctx);
    void *ctx;
};

struct master_seat {
    struct master_seat_cfg cfg;
    struct supervisor *supervisor; /* Null: no life goes on. */
    struct adapter_launch *launch; /* Of the present life. Owned, as lives and next. */
    struct master_life *lives;     /* MASTER_LIVES_MAX. */
    size_t lives_len;
    struct campaign *next; /* Of the life to start. */
    char *job; /* Its job as the scenario wrote it, of job_len bytes. Null: as the campaign says. */
    size_t job_len;
    sim_ns_t wake_delay_ns; /* Of the lives to start; see struct supervisor_cfg. */
    bool start_wanted, cut_wanted;
    struct guest_store_policy loss; /* Of the cut that is wanted. */
    bool turn_over;                 /* master_seat_run() is to look around. */
};

void master_seat_init(struct master_seat *seat, const struct master_seat_cfg *cfg);
/* Ends a life that still goes on. */
void master_seat_release(struct master_seat *seat);

/* From inside an event. A life must not go on, nor must MASTER_LIVES_MAX be reached. */
void master_seat_ask_start(struct master_seat *seat, const struct campaign *campaign);
/* After it: the job file of that life holds these bytes instead; they are copied. Without effect on
 * a master that is given no file. */
void master_seat_set_job(struct master_seat *seat, const char *text, size_t len);
/* Power off; the disk keeps what the policy says (null: what was synced). Without a life nothing
 * happens. */
void master_seat_ask_cut(struct master_seat *seat, const struct guest_store_policy *loss);
/* From inside a call of the master, a hook of its disk: what else is due at this instant comes
 * before the master goes on. */
void master_seat_pause(struct master_seat *seat);
/* master_seat_run() returns after this event. */
void master_seat_stop(struct master_seat *seat);

/* Drives simulation and master until master_seat_stop() or until_ns. 0, or a negative code: the
 * master could not be started, or the harness is at fault. */
int master_seat_run(struct master_seat *seat, sim_ns_t until_ns, struct err *err);

bool master_seat_alive(const struct master_seat *seat);
/* The present or last life. Null: there was none. */
struct master_life *master_seat_life(const struct master_seat *seat);

#endif
