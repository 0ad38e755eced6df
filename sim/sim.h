/* SPDX-License-Identifier: Apache-2.0 */
/* sim/sim.h - the clock and the event queue.
 *
 * Events are ordered by (due time, phase, sequence number of scheduling), never by address. The
 * phases at one instant, in order:
 *
 *     fault     injections dated t are seen by everything else at t
 *     power     supply changes and resets
 *     deliver   frames reach the controllers
 *     node      CPUs and testers act
 *     arbitrate every node has asked for the bus before anyone wins it
 *
 * An event belongs to its caller: embed it in the object that it wakes. An owner groups the events
 * of one thing, so that taking its power away cancels them in one call. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/base.h"

#include <stdbool.h>

enum sim_phase { SIM_FAULT, SIM_POWER, SIM_DELIVER, SIM_NODE, SIM_ARBITRATE };

struct sim;
struct sim_owner;
struct trace;

typedef void sim_event_fn(struct sim *sim, void *ctx);

struct sim_event {
    sim_event_fn *fn;
    void *ctx;
    struct sim_owner *owner; /* Null: cancelled only one by one. */
    enum sim_phase phase;
    /* The rest belongs to the queue. */
    size_t heap_slot; /* SIM_NOT_QUEUED, or the place in the heap. */
    struct sim_event *owner_next;
    struct sim_event *owner_prev;
};

#define SIM_NOT_QUEUED SIZE_MAX

/* One place of the queue: the sort key, and whose it is. */
struct sim_slot {
    sim_ns_t due_ns;
    uint64_t order; /* Phase in the upper 4 bits, sequence number below. */
    struct sim_event *event;
};

/* The pending events of one thing. Zero it to initialise. */
struct sim_owner {
    struct sim_event *first;
};

struct sim_cfg {
    uint64_t seed;        /* The run's seed; every named stream derives from it. */
    uint32_t cascade_max; /* Events at one instant before the run stops as a livelock (programming
                           * error of a model). 0 means 100,000. */
    struct trace *trace;  /* Where records go. Null: no trace. Not owned. */
};

struct sim {
    struct sim_cfg cfg;
    sim_ns_t now_ns;
    uint64_t next_seq;
    uint64_t events_run; /* How many events have run: the figure of the benchmark. */
    uint32_t cascade;
    bool stop_requested;
    bool top_is_running;   /* The first slot is that of the event that runs; see there. */
    struct sim_slot *heap; /* Owned; see sim/event_heap.h. */
    size_t heap_len;
    size_t heap_cap;
};

void sim_init(struct sim *sim, const struct sim_cfg *cfg);
/* Forgets pending events without running or touching them: their memory may be gone already. */
void sim_release(struct sim *sim);

void sim_event_init(struct sim_event *event, enum sim_phase phase, sim_event_fn *fn, void *ctx,
                    struct sim_owner *owner);
/* Schedules, or moves an event that is already pending. due_ns must not lie in the past;
 * SIM_NEVER cancels. */
void sim_schedule(struct sim *sim, struct sim_event *event, sim_ns_t due_ns);
void sim_cancel(struct sim *sim, struct sim_event *event);
void sim_cancel_owner(struct sim *sim, struct sim_owner *owner);
bool sim_event_pending(const struct sim_event *event);

/* Runs the next event; false if none is pending. The virtual driver. Not from inside an event. */
bool sim_step(struct sim *sim);
/* Runs everything due up to and including until_ns, or until sim_stop(); leaves the clock at
 * until_ns in the first case. SIM_NEVER: runs until nothing is pending; the clock then stays at the
 * last event. */
void sim_run_until(struct sim *sim, sim_ns_t until_ns);
/* From inside an event: sim_run_until() returns after this event. */
void sim_stop(struct sim *sim);
/* Due time of the next event, SIM_NEVER if none. Not from inside an event. */
sim_ns_t sim_next_due_ns(const struct sim *sim);

#endif
