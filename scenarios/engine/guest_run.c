/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/guest_run.c - a vehicle, and an unmodified program as a node on its buses. */
#include "scenarios/engine/guest_run.h"

#include "guest/af_can/af_can.h"
#include "scenarios/engine/run_trace.h"
#include "sim/can/can_log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An instant bus stands for vcan, whose queue is never full. */
enum { VCAN_QUEUE_LEN = 1000 };

struct guest_world {
    const struct guest_run_cfg *cfg;
    struct trace *trace;     /* Null: none wanted. */
    struct run_trace *files; /* Null: none wanted. */
    struct sim sim;
    struct vehicle *vehicle;
    struct af_can *can;
    struct supervisor *supervisor;
    struct run_faults faults;
    char calls_path[4096];
};

static int open_trace(struct guest_world *w, struct err *err)
{
    const char *folder = w->cfg->trace_folder;
    if (!folder && !w->cfg->digest) {
        return 0;
    }
    w->trace = trace_new(true);
    if (!w->trace) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    if (!folder) {
        return 0;
    }
    w->files = run_trace_open(folder, w->trace, err);
    int len = snprintf(w->calls_path, sizeof w->calls_path, "%s/calls.log", folder);
    if (w->files && (size_t)len >= sizeof w->calls_path) {
        return err_set(err, ERR_RANGE, "%s: the path is too long", folder);
    }
    return w->files ? 0 : err->code;
}

static void on_can_change(void *ctx, void *user)
{
    const struct guest_world *w = ctx;
    if (w->supervisor) {
        supervisor_on_can_change(w->supervisor, user);
    }
}

static int add_alias(struct guest_world *w, const char *name, const char *bus, struct err *err)
{
    const struct can_bus *of = vehicle_bus(w->vehicle, bus);
    int index = of ? af_can_index(w->can, of->cfg.name) : 0;
    if (index == 0) {
        return err_set(err, ERR_USAGE, "alias %s=%s: the vehicle has no bus \"%s\"", name, bus,
                       bus);
    }
    if (!af_can_add_alias(w->can, index, name)) {
        return err_set(err, ERR_CONFLICT,
                       "alias %s=%s: the name is taken, or longer than 15 characters", name, bus);
    }
    return 0;
}

/* CLOCK_REALTIME when the run begins: as in the logs, or the real one. */
static uint64_t epoch_ns(const struct guest_world *w)
{
    struct timespec now = {.tv_sec = CAN_LOG_EPOCH_S};
    if (w->cfg->real_time) {
        clock_gettime(CLOCK_REALTIME, &now);
    }
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int add_interfaces(struct guest_world *w, struct err *err)
{
    w->can = af_can_new(&(struct af_can_cfg){
        .sim = &w->sim, .epoch_ns = epoch_ns(w), .on_change = on_can_change, .ctx = w});
    if (!w->can) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    int code = 0;
    for (size_t i = 0; i < vehicle_bus_count(w->vehicle); i++) {
        struct can_bus *bus = vehicle_bus_at(w->vehicle, i);
        af_can_add_interface(w->can, &(struct af_can_interface_cfg){
                                         .name = bus->cfg.name,
                                         .bus = bus,
                                         .tx_queue_len = bus->cfg.instant ? VCAN_QUEUE_LEN : 0});
    }
    for (size_t i = 0; i < vehicle_bus_count(w->vehicle); i++) {
        const char *bus = vehicle_bus_at(w->vehicle, i)->cfg.name;
        for (size_t k = 0; !code && k < vehicle_bus_alias_count(w->vehicle, i); k++) {
            code = add_alias(w, vehicle_bus_alias(w->vehicle, i, k), bus, err);
        }
    }
    for (size_t i = 0; !code && i < w->cfg->aliases_len; i++) {
        code = add_alias(w, w->cfg->aliases[i].name, w->cfg->aliases[i].bus, err);
    }
    return code;
}

static int build(struct guest_world *w, struct err *err)
{
    int code = open_trace(w, err);
    if (code) {
        return code;
    }
    sim_init(&w->sim, &(struct sim_cfg){.seed = w->cfg->seed, .trace = w->trace});
    w->vehicle = run_vehicle_load(&w->cfg->vehicle, &w->sim, err);
    if (!w->vehicle) {
        return err->code;
    }
    code = add_interfaces(w, err);
    if (code) {
        return code;
    }
    w->supervisor = supervisor_new(
        &(struct supervisor_cfg){.sim = &w->sim,
                                 .can = w->can,
                                 .preload_path = w->cfg->preload_path,
                                 .epoch_ns = epoch_ns(w),
                                 .seed = w->cfg->seed,
                                 .calls_path =
                                     w->cfg->calls && w->cfg->trace_folder ? w->calls_path : NULL,
                                 .ends_if_stuck = w->cfg->ends_if_stuck,
                                 .real_time = w->cfg->real_time},
        err);
    return w->supervisor ? supervisor_start(w->supervisor, w->cfg->argv, err) : err->code;
}

/* The guests first: their sockets live in the host's CAN, and that in the vehicle's buses. */
static void release(struct guest_world *w)
{
    supervisor_free(w->supervisor);
    w->supervisor = NULL;
    af_can_free(w->can);
    vehicle_free(w->vehicle);
    sim_release(&w->sim);
    trace_free(w->trace);
}

static int run(struct guest_world *w, struct guest_run_result *result, struct err *err)
{
    vehicle_power_on(w->vehicle);
    run_faults_start(&w->faults, vehicle_ecu_at(w->vehicle, 0), vehicle_nominal_mv(w->vehicle, 0),
                     &w->cfg->faults);
    result->end = supervisor_run(w->supervisor, w->cfg->for_ns, err);
    result->exit_code = supervisor_exit_code(w->supervisor);
    result->calls = supervisor_calls(w->supervisor);
    result->frames = supervisor_fast_frames(w->supervisor);
    result->now_ns = w->sim.now_ns;
    result->events = w->sim.events_run;
    result->faults_begun = w->faults.begun_len;
    if (w->trace) {
        result->digest = trace_digest(w->trace);
    }
    if (result->end == SUPERVISOR_FAILED) {
        return err->code;
    }
    return w->files ? run_trace_save_state(w->files, w->vehicle, w->sim.now_ns, err) : 0;
}

int guest_run(const struct guest_run_cfg *cfg, struct guest_run_result *result, struct err *err)
{
    struct guest_world *w = calloc(1, sizeof *w);
    *result = (struct guest_run_result){.exit_code = 0};
    if (!w) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    w->cfg = cfg;
    int code = build(w, err);
    code = code ? code : run(w, result, err);
    struct err close_err = {0};
    int closed = run_trace_close(w->files, code ? &close_err : err);
    release(w);
    free(w);
    return code ? code : closed;
}
