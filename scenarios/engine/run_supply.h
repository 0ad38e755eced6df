/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_supply.h - the battery voltage of one ECU under faults that may overlap: at
 * each instant the lowest that an active fault asks for, and nominal when none is active. */
#ifndef ENGINE_RUN_SUPPLY_H
#define ENGINE_RUN_SUPPLY_H

#include "sim/ecus/ecu.h"

/* At a time; what is over does not count. */
enum { RUN_SUPPLY_FAULTS_MAX = 8 };

/* From nominal down to the level in ramp_ns, there for for_ns, and up again in ramp_ns. */
struct run_supply_fault {
    sim_ns_t begin_ns;
    sim_ns_t ramp_ns; /* 0: at once. */
    sim_ns_t for_ns;
    uint32_t level_mv;
};

/* Any fault: points joined by straight lines, at rising instants; two at one instant are a jump, of
 * which the second counts. It asks for nothing before the first, and from the last on. */
struct run_supply_line {
    struct s12x_supply_point points[S12X_SUPPLY_POINTS_MAX];
    size_t len;      /* At least 2. */
    uint64_t number; /* Set by the supply. */
};

struct run_supply {
    struct ecu *ecu;
    uint32_t nominal_mv;
    struct run_supply_line lines[RUN_SUPPLY_FAULTS_MAX];
    uint64_t begun;         /* Faults in all. */
    struct sim_event event; /* The next instant at which the line bends. */
};

/* ecu must outlive it, and be on at nominal_mv when the first fault begins. */
void run_supply_init(struct run_supply *supply, struct ecu *ecu, uint32_t nominal_mv);
/* Draws nothing more; the voltage stays as it is. */
void run_supply_release(struct run_supply *supply);

/* Whether one more fault can begin now. */
bool run_supply_has_room(const struct run_supply *supply);
/* Adds a fault that begins now, and notes it in the trace; returns when it is over. */
sim_ns_t run_supply_begin(struct run_supply *supply, const struct run_supply_fault *fault);
/* Likewise, without a note: the line's first point is now. Returns the number of the fault. */
uint64_t run_supply_begin_line(struct run_supply *supply, const struct run_supply_line *line);
/* Ends it now, before its time. Nothing if it is over. */
void run_supply_end(struct run_supply *supply, uint64_t number);

#endif
