/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_faults.h - faults of one ECU's supply that begin at instants of a run, for
 * runs whose master is not ours: in virtual time as in real time. */
#ifndef ENGINE_RUN_FAULTS_H
#define ENGINE_RUN_FAULTS_H

#include "scenarios/engine/run_supply.h"
#include "scenarios/engine/update_run.h"

struct run_faults_cfg {
    const struct update_fault *faults; /* UPDATE_AT_TIME only; kept by pointer. */
    size_t faults_len;                 /* At most RUN_SUPPLY_FAULTS_MAX. */
    /* A fault begins. May be null. */
    void (*on_begin)(void *ctx, const struct update_fault *fault, sim_ns_t now_ns);
    void *ctx;
};

struct run_faults {
    struct run_faults_cfg cfg;
    struct run_supply supply;
    struct sim_event event; /* The next fault. */
    bool begun[RUN_SUPPLY_FAULTS_MAX];
    size_t begun_len;
};

/* ecu is on at nominal_mv, and must outlive it. */
void run_faults_start(struct run_faults *faults, struct ecu *ecu, uint32_t nominal_mv,
                      const struct run_faults_cfg *cfg);

#endif
