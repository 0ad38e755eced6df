/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor.h - an unmodified program, with all its children, as part of the simulation.
 *
 * Every system call that may wait, tell the time or open a CAN socket is notified to the supervisor
 * (seccomp user notification), which answers it from the simulation: one thread of all guests runs
 * at a time, in a defined order, and virtual time moves only while all of them wait. See
 * docs/guests.md for what is emulated, and what is not. */
#ifndef GUEST_SUPERVISOR_H
#define GUEST_SUPERVISOR_H

#include "sim/err.h"
#include "sim/sim.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct af_can;
struct guest_store;
struct supervisor;

struct supervisor_cfg {
    struct sim *sim;           /* Required. */
    struct af_can *can;        /* The host's CAN interfaces. Null: none. Not owned. */
    struct guest_store *store; /* The disk of the guests' state (guest/guest_store.h). Null: none,
                                * and files are the machine's own. Not owned. Not with real_time. */
    const char *preload_path;  /* The library that serves clock reads. Null: the guest's reads are
                                * notified, each some microseconds slower. */
    uint64_t epoch_ns;         /* CLOCK_REALTIME at virtual time 0, ns since 1970. */
    sim_ns_t booted_ns;        /* When the guests' machine came up, in virtual time: CLOCK_MONOTONIC
                                * begins there. 0 for a first life; not in the future. */
    sim_ns_t wake_delay_ns;    /* A thread that has waited goes on so much later, as on a machine
                                * whose processor is taken by others. 0: at once. */
    uint64_t seed;             /* Of the guest's randomness. */
    const char *calls_path;    /* Where each call is written as a line; all are notified then. Null:
                                * nowhere. */
    bool ends_if_stuck;       /* Guests that can never go on end the run at once; else it goes on to
                               * its limit, if there is one. */
    sim_ns_t escape_limit_ns; /* Real time after which a guest that runs outside of virtual time,
                               * for instance in a loop without calls, ends the run as stuck. 0: it
                               * goes on to its limit. */
    bool real_time;           /* Waits and clocks are the kernel's; only CAN is simulated. */
};

enum supervisor_end {
    SUPERVISOR_EXITED,      /* The program ended; see supervisor_exit_code(). */
    SUPERVISOR_TIME_UP,     /* until_ns. */
    SUPERVISOR_STUCK,       /* All guests wait for something that can never come; or one was outside
                             * of virtual time for longer than escape_limit_ns. */
    SUPERVISOR_STOPPED,     /* supervisor_stop(). */
    SUPERVISOR_INTERRUPTED, /* SIGINT or SIGTERM. */
    SUPERVISOR_FAILED,      /* *err says why. */
};

/* Null with *err filled on failure; names the right that is missing and what grants it. */
struct supervisor *supervisor_new(const struct supervisor_cfg *cfg, struct err *err);
/* Ends all guests that are left, as the loss of their machine's power does: none of them runs
 * another instruction. Their sockets are gone afterwards; frames that they have handed to their
 * interfaces are not, see af_can_set_power(). Another supervisor can then be made on the same
 * simulation, for the next life of the machine. self may be null. */
void supervisor_free(struct supervisor *self);

/* Starts the program; argv[0] is searched in PATH. It has not run yet. 0 or a negative code. */
int supervisor_start(struct supervisor *self, char *const argv[], struct err *err);
/* Runs guests and simulation until the program ends or until_ns (SIM_NEVER: no limit). */
enum supervisor_end supervisor_run(struct supervisor *self, sim_ns_t until_ns, struct err *err);
/* From an event of the simulation, or a hook that a guest's call has led to: supervisor_run()
 * returns SUPERVISOR_STOPPED, with all guests frozen where they are and the clock at this instant.
 * A call that was under way has its effect and no answer. A further supervisor_run() goes on from
 * there; supervisor_free() instead makes it a loss of power. No effect outside of
 * supervisor_run(). */
void supervisor_stop(struct supervisor *self);
/* As a shell tells it: the exit status, or 128 + the signal. */
int supervisor_exit_code(const struct supervisor *self);
/* CAN sockets have changed (struct af_can_cfg.on_change; ctx is the supervisor). */
void supervisor_on_can_change(void *ctx, void *user);
/* What the program had when it was about to exit. Figures of the real machine: they must not decide
 * anything in the simulation. Zero if it was ended otherwise. */
struct supervisor_usage {
    uint64_t peak_bytes; /* Of memory that was resident, at most. */
    uint64_t open_files; /* Descriptors. */
};
struct supervisor_usage supervisor_usage(const struct supervisor *self);
/* Who waits for what, a line for each thread. */
void supervisor_print_waits(const struct supervisor *self, FILE *out);
/* The program as the host knows it, for a debugger. 0: it has ended. */
pid_t supervisor_pid(const struct supervisor *self);
/* While the child process `debugger` lives, which may attach itself to the guests: lets the threads
 * out that it wants to stop, which wait in calls that no stop signal reaches, and takes them back
 * into the same calls. Virtual time stands still. SUPERVISOR_TIME_UP: all is as before; else as
 * supervisor_run(). *status gets the debugger's wait status. */
enum supervisor_end supervisor_attend(struct supervisor *self, pid_t debugger, int *status,
                                      struct err *err);
/* How many calls were notified so far. */
uint64_t supervisor_calls(const struct supervisor *self);
/* How many CAN frames guests wrote and read without a call (guest/guest_fast.h). */
uint64_t supervisor_fast_frames(const struct supervisor *self);

#endif
