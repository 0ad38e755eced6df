/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/guest_run.h - a vehicle, and an unmodified program as a node on its buses. */
#ifndef ENGINE_GUEST_RUN_H
#define ENGINE_GUEST_RUN_H

#include "guest/supervisor.h"
#include "scenarios/engine/run_faults.h"
#include "scenarios/engine/run_vehicle.h"
#include "sim/trace.h"

enum { GUEST_RUN_ALIASES_MAX = 8 };

/* A further name under which the guest finds a bus. */
struct guest_run_alias {
    const char *name, *bus;
};

struct guest_run_cfg {
    struct run_vehicle_cfg vehicle;
    char *const *argv;        /* Null-terminated. Required. */
    const char *trace_folder; /* Null: no files, and no digest unless digest is set. */
    bool digest;
    bool calls; /* Also calls.log, which makes guests much slower. With trace_folder. */
    const char *preload_path; /* See struct supervisor_cfg. */
    struct guest_run_alias aliases[GUEST_RUN_ALIASES_MAX];
    size_t aliases_len;
    struct run_faults_cfg faults; /* Of the first ECU. */
    uint64_t seed;
    sim_ns_t for_ns;    /* SIM_NEVER: until the program ends. */
    bool ends_if_stuck; /* See struct supervisor_cfg. */
    bool real_time;
};

struct guest_run_result {
    enum supervisor_end end;
    int exit_code;
    sim_ns_t now_ns;
    uint64_t events;
    uint64_t calls;  /* Notified system calls. */
    uint64_t frames; /* That guests sent and received without one. */
    size_t faults_begun;
    struct trace_digest digest; /* Empty text if none was kept. */
};

/* 0, or a negative code with *err. */
int guest_run(const struct guest_run_cfg *cfg, struct guest_run_result *result, struct err *err);

#endif
