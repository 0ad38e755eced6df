/* SPDX-License-Identifier: Apache-2.0 */
/* test_run_supply.c - the voltage under faults that overlap is at each instant the lowest that one
 * of them asks for; held against that sentence, point by point. */
#include "scenarios/engine/run_supply.h"
#include "sim/ecus/vehicle.h"
#include "sim/prng.h"

#include <criterion/criterion.h>

enum { NOMINAL_MV = 13500, ROUNDS = 60 };

struct bench {
    struct sim sim;
    struct vehicle *vehicle;
    struct run_supply supply;
    struct run_supply_fault planned[RUN_SUPPLY_FAULTS_MAX];
    size_t planned_len, begun;
    struct sim_event event;
};

static void begin_due(struct sim *sim, void *ctx)
{
    struct bench *bench = ctx;
    while (bench->begun < bench->planned_len &&
           bench->planned[bench->begun].begin_ns <= sim->now_ns) {
        run_supply_begin(&bench->supply, &bench->planned[bench->begun++]);
    }
    if (bench->begun < bench->planned_len) {
        sim_schedule(sim, &bench->event, bench->planned[bench->begun].begin_ns);
    }
}

static void bench_init(struct bench *bench, struct prng *prng)
{
    const struct sim_cfg cfg = {.seed = 1};
    struct err err = {.code = 0};
    *bench = (struct bench){.planned_len = 2 + (size_t)prng_below(prng, 7)};
    sim_init(&bench->sim, &cfg);
    bench->vehicle = vehicle_load(LIMPHOME_SOURCE_DIR "/vehicles/single.json", &bench->sim, &err);
    cr_assert(bench->vehicle != NULL, "%s", err.text);
    cr_assert_eq(vehicle_nominal_mv(bench->vehicle, 0), NOMINAL_MV);
    run_supply_init(&bench->supply, vehicle_ecu_at(bench->vehicle, 0), NOMINAL_MV);
    sim_ns_t at_ns = 0;
    for (size_t i = 0; i < bench->planned_len; i++) {
        at_ns += 1 + prng_below(prng, SIM_MS(60));
        bench->planned[i] =
            (struct run_supply_fault){.begin_ns = at_ns,
                                      .ramp_ns = prng_below(prng, 2) * prng_below(prng, SIM_MS(80)),
                                      .for_ns = 1 + prng_below(prng, SIM_MS(90)),
                                      .level_mv = (uint32_t)prng_below(prng, 18000)};
    }
    vehicle_power_on(bench->vehicle);
    sim_event_init(&bench->event, SIM_FAULT, begin_due, bench, NULL);
    sim_schedule(&bench->sim, &bench->event, bench->planned[0].begin_ns);
}

static void bench_release(struct bench *bench)
{
    vehicle_free(bench->vehicle);
    sim_release(&bench->sim);
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

/* A trapezium, from its distance to the nearer end. */
static double wanted_mv(const struct bench *bench, sim_ns_t at_ns)
{
    double lowest = 1e9;
    for (size_t i = 0; i < bench->planned_len; i++) {
        const struct run_supply_fault *fault = &bench->planned[i];
        sim_ns_t end_ns = fault->begin_ns + 2 * fault->ramp_ns + fault->for_ns;
        if (at_ns < fault->begin_ns || at_ns >= end_ns) {
            continue;
        }
        double inside = lesser((double)(at_ns - fault->begin_ns), (double)(end_ns - at_ns));
        double share = fault->ramp_ns > 0 ? lesser(1.0, inside / (double)fault->ramp_ns) : 1.0;
        lowest = lesser(lowest, NOMINAL_MV + share * ((double)fault->level_mv - NOMINAL_MV));
    }
    return lowest >= 1e9 ? NOMINAL_MV : lowest;
}

Test(run_supply, is_the_lowest_voltage_that_a_fault_asks_for)
{
    struct prng prng;
    prng_init(&prng, 5, "supply");
    for (int round = 0; round < ROUNDS; round++) {
        struct bench bench;
        bench_init(&bench, &prng);
        for (sim_ns_t at_ns = 0; at_ns < SIM_MS(800); at_ns += SIM_US(371)) {
            sim_run_until(&bench.sim, at_ns);
            double mv = ecu_supply_mv(vehicle_ecu_at(bench.vehicle, 0));
            double wanted = wanted_mv(&bench, at_ns);
            cr_expect(mv - wanted <= 2.0 && wanted - mv <= 2.0, "round %d at %llu ns: %g, not %g",
                      round, (unsigned long long)at_ns, mv, wanted);
        }
        cr_expect_eq(bench.begun, bench.planned_len);
        cr_expect_eq(ecu_supply_mv(vehicle_ecu_at(bench.vehicle, 0)), NOMINAL_MV);
        bench_release(&bench);
    }
}
