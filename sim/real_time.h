/* SPDX-License-Identifier: Apache-2.0 */
/* sim/real_time.h - the real driver: turns the event queue against the clock on the wall.
 *
 * Virtual time is the real time since real_time_run() began, plus what the clock of the simulation
 * showed then. An event never runs before its time. If it runs after it, because the machine was
 * busy, it still sees its own time, and all that is due runs at once and in order: the simulation
 * falls behind for a moment and never drifts.
 *
 * Descriptors are served between events: whoever watches one is called at the present instant,
 * after everything that was due before it. Theirs is the only way in for what is real. */
#ifndef SIM_REAL_TIME_H
#define SIM_REAL_TIME_H

#include "sim/err.h"
#include "sim/sim.h"

struct real_time;

/* An event that runs later than this is counted as late. */
#define REAL_TIME_LATE_NS SIM_MS(1)

struct real_time_stats {
    uint64_t late;        /* Events that ran later than that. */
    sim_ns_t late_max_ns; /* Of all events, counted or not. */
};

enum real_time_end {
    REAL_TIME_REACHED, /* until_ns. */
    REAL_TIME_STOPPED, /* sim_stop(). */
    REAL_TIME_SIGNAL,  /* SIGINT or SIGTERM. */
};

typedef void real_time_fn(void *ctx, sim_ns_t now_ns);

/* A descriptor that is watched for input. Belongs to the driver from add to remove. */
struct real_time_watch;

/* Null with *err filled on failure. sim must outlive the driver. */
struct real_time *real_time_new(struct sim *sim, struct err *err);
/* All watches must be gone. driver may be null. */
void real_time_free(struct real_time *driver);

/* Calls fn whenever fd is readable, or in trouble. Null: out of memory. */
struct real_time_watch *real_time_add(struct real_time *driver, int fd, real_time_fn *fn,
                                      void *ctx);
/* Not from inside another watch's function. watch may be null. */
void real_time_remove(struct real_time_watch *watch);
/* Off: leaves what arrives in the descriptor until it is on again. */
void real_time_enable(struct real_time_watch *watch, bool on);

/* Runs until until_ns (SIM_NEVER: no limit), sim_stop(), SIGINT or SIGTERM. The clock of the
 * simulation then stands at the instant of the end. While it runs the two signals are its own;
 * afterwards they have their default action again. One driver a process may run at a time. */
enum real_time_end real_time_run(struct real_time *driver, sim_ns_t until_ns);

struct real_time_stats real_time_stats(const struct real_time *driver);

#endif
