/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_supply.h - the battery voltage of one ECU under faults that may overlap: at
 * each instant the lowest that an active fault asks for, and nominal when none is active. */
#ifndef ENGINE_RUN_SUPPLY_H
#define ENGINE_RUN_SUPPLY_H

#include "sim/ecus/ecu.h"

enum { RUN_SUPPLY_FAULTS_MAX = 8 };

/* From nominal down to the level in ramp_ns, there for for_ns, and up again in ramp_ns. */
struct run_supply_fault {
    sim_ns_t begin_ns;
    sim_ns_t ramp_ns; /* 0: at once. */
    sim_ns_t for_ns;
    uint32_t level_mv;
};

struct run_supply {
    struct ecu *ecu;
    uint32_t nominal_mv;
    struct run_supply_fault faults[RUN_SUPPLY_FAULTS_MAX];
    size_t faults_len;
    struct sim_event event; /* The next instant at which the line bends. */
};

/* ecu must outlive it, and be on at nominal_mv when the first fault begins. */
void run_supply_init(struct run_supply *supply, struct ecu *ecu, uint32_t nominal_mv);
/* Adds a fault that begins now, and notes it in the trace; returns when it is over. At most
 * RUN_SUPPLY_FAULTS_MAX. */
sim_ns_t run_supply_begin(struct run_supply *supply, const struct run_supply_fault *fault);

#endif
