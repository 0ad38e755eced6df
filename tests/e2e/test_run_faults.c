/* SPDX-License-Identifier: Apache-2.0 */
/* test_run_faults.c - faults of the supply begin at their instants, each once, whoever drives the
 * run. */
#include "scenarios/engine/run_faults.h"
#include "scenarios/engine/run_vehicle.h"

#include <criterion/criterion.h>

enum { BEGINS_MAX = 8 };

struct bench {
    struct sim sim;
    struct vehicle *vehicle;
    struct ecu *ecu;
    struct run_faults faults;
    sim_ns_t begun_ns[BEGINS_MAX];
    const struct update_fault *begun[BEGINS_MAX];
    size_t begun_len;
};

static void on_begin(void *ctx, const struct update_fault *fault, sim_ns_t now_ns)
{
    struct bench *bench = ctx;
    cr_assert_lt(bench->begun_len, (size_t)BEGINS_MAX);
    bench->begun[bench->begun_len] = fault;
    bench->begun_ns[bench->begun_len++] = now_ns;
}

static void bench_init(struct bench *bench, const struct update_fault *faults, size_t len)
{
    struct err err = {.code = 0};
    *bench = (struct bench){.begun_len = 0};
    sim_init(&bench->sim, &(struct sim_cfg){.seed = 1});
    bench->vehicle = run_vehicle_load(&(struct run_vehicle_cfg){.path = NULL}, &bench->sim, &err);
    cr_assert(bench->vehicle != NULL, "%s", err.text);
    bench->ecu = vehicle_ecu_at(bench->vehicle, 0);
    vehicle_power_on(bench->vehicle);
    const struct run_faults_cfg cfg = {
        .faults = faults, .faults_len = len, .on_begin = on_begin, .ctx = bench};
    run_faults_start(&bench->faults, bench->ecu, vehicle_nominal_mv(bench->vehicle, 0), &cfg);
}

static void bench_release(struct bench *bench)
{
    vehicle_free(bench->vehicle);
    sim_release(&bench->sim);
}

static enum ecu_run run_at(struct bench *bench, sim_ns_t at_ns)
{
    sim_run_until(&bench->sim, at_ns);
    return bench->ecu->run;
}

Test(run_faults, a_cut_takes_the_ecu_away_for_its_time)
{
    static const struct update_fault cut = {.at_ns = SIM_MS(2000), .for_ns = SIM_MS(500)};
    struct bench bench;
    bench_init(&bench, &cut, 1);
    cr_assert_eq(run_at(&bench, SIM_MS(2000) - 1), ECU_APPLICATION);
    cr_assert_eq(bench.faults.begun_len, 0);
    cr_assert_eq(run_at(&bench, SIM_MS(2000)), ECU_OFF);
    cr_assert_eq(run_at(&bench, SIM_MS(2499)), ECU_OFF);
    cr_assert_eq(run_at(&bench, SIM_MS(4000)), ECU_APPLICATION);
    cr_assert_eq(bench.faults.begun_len, 1);
    bench_release(&bench);
}

Test(run_faults, each_begins_once_at_its_instant_whatever_the_order_given)
{
    static const struct update_fault faults[] = {
        {.at_ns = SIM_MS(30), .for_ns = SIM_MS(100), .level_mv = 3600, .ramp_ns = SIM_MS(1)},
        {.at_ns = SIM_MS(10), .for_ns = SIM_MS(5)},
        {.at_ns = SIM_MS(30), .for_ns = SIM_MS(5)},
        {.at_ns = SIM_S(9), .for_ns = SIM_MS(5)},
    };
    struct bench bench;
    bench_init(&bench, faults, ARRAY_SIZE(faults));
    sim_run_until(&bench.sim, SIM_S(1));
    cr_assert_eq(bench.begun_len, 3);
    cr_assert_eq(bench.faults.begun_len, 3);
    cr_assert(bench.begun[0] == &faults[1] && bench.begun_ns[0] == SIM_MS(10));
    cr_assert(bench.begun[1] == &faults[0] && bench.begun_ns[1] == SIM_MS(30));
    cr_assert(bench.begun[2] == &faults[2] && bench.begun_ns[2] == SIM_MS(30));
    bench_release(&bench);
}

Test(run_faults, a_fault_at_the_start_is_seen)
{
    static const struct update_fault cut = {.at_ns = 0, .for_ns = SIM_MS(500)};
    struct bench bench;
    bench_init(&bench, &cut, 1);
    cr_assert_eq(run_at(&bench, 1), ECU_OFF);
    cr_assert_eq(run_at(&bench, SIM_S(2)), ECU_APPLICATION);
    bench_release(&bench);
}
