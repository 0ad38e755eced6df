/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_faults.c - begins each fault of a supply at its instant. */
#include "scenarios/engine/run_faults.h"

static sim_ns_t next_ns(const struct run_faults *faults)
{
    sim_ns_t next = SIM_NEVER;
    for (size_t i = 0; i < faults->cfg.faults_len; i++) {
        if (!faults->begun[i]) {
            next = sim_min_ns(next, faults->cfg.faults[i].at_ns);
        }
    }
    return next;
}

static void begin(struct run_faults *faults, size_t index, sim_ns_t now_ns)
{
    const struct update_fault *fault = &faults->cfg.faults[index];
    const struct run_supply_fault supply_fault = {.begin_ns = now_ns,
                                                  .ramp_ns = fault->ramp_ns,
                                                  .for_ns = fault->for_ns,
                                                  .level_mv = fault->level_mv};
    faults->begun[index] = true;
    faults->begun_len++;
    (void)run_supply_begin(&faults->supply, &supply_fault);
    if (faults->cfg.on_begin != NULL) {
        faults->cfg.on_begin(faults->cfg.ctx, fault, now_ns);
    }
}

static void on_due(struct sim *sim, void *ctx)
{
    struct run_faults *faults = ctx;
    for (size_t i = 0; i < faults->cfg.faults_len; i++) {
        if (!faults->begun[i] && faults->cfg.faults[i].at_ns <= sim->now_ns) {
            begin(faults, i, sim->now_ns);
        }
    }
    sim_schedule(sim, &faults->event, next_ns(faults));
}

void run_faults_start(struct run_faults *faults, struct ecu *ecu, uint32_t nominal_mv,
                      const struct run_faults_cfg *cfg)
{
    CHECK(cfg->faults_len <= RUN_SUPPLY_FAULTS_MAX);
    *faults = (struct run_faults){.cfg = *cfg};
    run_supply_init(&faults->supply, ecu, nominal_mv);
    sim_event_init(&faults->event, SIM_FAULT, on_due, faults, NULL);
    for (size_t i = 0; i < cfg->faults_len; i++) {
        CHECK(cfg->faults[i].trigger == UPDATE_AT_TIME);
        CHECK(cfg->faults[i].at_ns >= ecu->sim->now_ns);
    }
    sim_schedule(ecu->sim, &faults->event, next_ns(faults));
}
