/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/update_run.h - one update from beginning to end: a vehicle, the reference
 * master, faults of the supply, and a result that says what happened. Nothing outlives a run but
 * its result; any number of them may follow each other or live in one process. */
#ifndef ENGINE_UPDATE_RUN_H
#define ENGINE_UPDATE_RUN_H

#include "master/ota_master.h"
#include "scenarios/engine/master_files.h"
#include "scenarios/engine/run_supply.h"
#include "sim/ecus/vehicle.h"
#include "sim/trace.h"

/* When a fault of the supply begins. */
enum update_trigger {
    UPDATE_AT_TIME,    /* At at_ns. */
    UPDATE_AT_SEGMENT, /* When permille of that segment's bytes are acknowledged. */
};

/* The supply of the target goes from the vehicle's nominal voltage to level_mv and back. Where
 * faults overlap, the lowest voltage that one of them asks for counts. */
struct update_fault {
    enum update_trigger trigger;
    sim_ns_t at_ns;    /* UPDATE_AT_TIME. */
    uint16_t segment;  /* UPDATE_AT_SEGMENT, counted from 1. */
    uint16_t permille; /* Likewise, 0 to 1000. */
    uint32_t level_mv; /* Battery voltage during the fault. 0: cut. */
    sim_ns_t for_ns;   /* How long the level lasts. */
    sim_ns_t ramp_ns;  /* Down and up again. 0: at once. */
};

enum { UPDATE_FAULTS_MAX = RUN_SUPPLY_FAULTS_MAX };

struct update_cfg {
    const char *vehicle_path;  /* Null: the built-in vehicle. The first ECU is the target. */
    const char *old_image;     /* S-record file that the target leaves its line with, and the
                                * known-good image that the master rolls back to unless its files
                                * hold one. Null: as struct run_vehicle_cfg says, none known. */
    const char *new_image;     /* S-record file. Required. */
    const char *version;       /* Expected afterwards. Null: the one in the new image's header. */
    const struct ota_job *job; /* Way of working and limits; target, image and, if the next member
                                * is not negative, style and check are filled in. Null: defaults. */
    struct vehicle_overrides vehicle; /* Style and check also become the master's. */
    uint64_t seed;
    const struct update_fault *faults;
    size_t faults_len;
    struct master_files
        *files;               /* State folder of the master, kept by the caller. Null: a new one. */
    sim_ns_t limit_ns;        /* The run ends here if the campaign has not. 0: 2 hours. */
    bool digest;              /* Compute the trace digest (costs time). */
    const char *trace_folder; /* Write bus.log, bus.pcapng, events.log, flash and state there. */
    /* Progress, whenever it has changed. May be null. */
    void (*on_progress)(void *ctx, const struct ota_progress *progress, sim_ns_t now_ns);
    void *ctx;
};

struct update_result {
    struct ota_report report; /* Of the master. */
    bool ended;               /* False: limit_ns came first; report is not final. */
    bool image_matches;       /* The target's flash holds the new image, byte for byte. */
    char version_before[BOOT_HEADER_TEXT + 1];
    struct s12x_ecu_status ecu; /* The target's truth at the end. */
    uint32_t ecu_resets;
    struct can_bus_stats bus;
    uint32_t bus_load_permille;
    uint64_t flash_commands[256]; /* By command code. */
    uint64_t findings[S12X_FINDING_COUNT];
    uint64_t findings_total;
    uint32_t faults_fired;
    uint64_t flash_hash; /* s12x_flash_state_hash() of the target at the end. */
    sim_ns_t virtual_ns;
    uint64_t wall_ns; /* Of the simulation alone: files are read before. */
    uint64_t events;
    struct trace_digest digest; /* Empty unless asked for. */
};

/* The part of a job that follows from the target's configuration: whom to talk to, how, and where
 * its image may lie. */
void update_job_target(struct ota_job *job, struct s12x_ecu *target);

/* Defaults: nothing overridden. */
void update_cfg_init(struct update_cfg *cfg);
/* Returns 0 with *result filled, however the campaign ended; or a negative code with *err if there
 * was no run. */
int update_run(const struct update_cfg *cfg, struct update_result *result, struct err *err);

#endif
