/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_world.h - an update in process that can be stopped at any instant: a
 * vehicle, its bus, the reference master. Without traces unless it is to be looked at.
 *
 * A world branches by fork(): memory is shared until one side writes to it, and every pointer stays
 * what it is. So a walk goes once through the update, and each cut is a child of the instant before
 * it. */
#ifndef EXPLORE_WORLD_H
#define EXPLORE_WORLD_H

#include "scenarios/engine/master_node.h"
#include "sim/ecus/vehicle.h"
#include "sim/trace.h"

struct run_trace;

struct explore_world_cfg {
    const char *vehicle_path;         /* Null: the built-in vehicle. The first ECU is the target. */
    uint32_t image_bytes;             /* Of the old and of the new image. 0: 8 KB. */
    struct vehicle_overrides vehicle; /* Style and check also become the master's. */
    enum ota_resume_34 resume;
    uint64_t seed;
    sim_ns_t off_ns;          /* How long a cut lasts. 0: 10 ms. */
    const char *trace_folder; /* As struct update_cfg has it. Null: no trace. */
};

struct explore_world {
    struct explore_world_cfg cfg;
    struct sim sim;
    struct trace *trace; /* Null: none. */
    struct run_trace *files_of_trace;
    struct vehicle *vehicle;
    struct s12x_ecu *target;
    struct ota_image old_image, new_image;
    struct ota_job job;
    struct master_files files; /* The master's, over all its lives. */
    struct master_node master;
    struct sim_event cut_event;
    uint64_t others_hash;    /* Of the flash of all other ECUs, and of the target's boot block. */
    uint32_t ran_unapproved; /* The target has run something that is neither image. */
    enum ecu_run seen_run;
    uint32_t seen_resets;
    /* After each thing that the master has handled; may be null. */
    void (*on_step)(struct explore_world *world);
    void *ctx;
};

enum { EXPLORE_BYTES_DEFAULT = 8 * 1024 };

/* Builds it and runs to the instant at which the master begins. */
int explore_world_init(struct explore_world *world, const struct explore_world_cfg *cfg,
                       struct err *err);
/* Writes what the trace folder still lacks. */
int explore_world_release(struct explore_world *world, struct err *err);

/* Everything before that instant; it must not lie in the past. */
void explore_world_run_before(struct explore_world *world, sim_ns_t at_ns);
/* The target loses its supply at that instant, before anything else happens then, and has it back
 * after off_ns. Only after explore_world_run_before() the same instant. */
void explore_world_cut(struct explore_world *world, sim_ns_t at_ns);
/* Until the master has ended its campaign, or nothing more is waited for at limit_ns. */
void explore_world_run_to_end(struct explore_world *world, sim_ns_t limit_ns);
/* The master starts anew in the same state folder; campaign null: the same campaign. */
int explore_world_start_again(struct explore_world *world, const char *campaign, struct err *err);

/* Notes what the target runs. It is done whenever the master has handled something. */
void explore_world_look(struct explore_world *world);
/* What the ECUs other than the target hold, and what no update may touch. */
uint64_t explore_world_others_hash(struct explore_world *world);
/* True if the target's flash holds the image, byte for byte. */
bool explore_world_holds(struct explore_world *world, const struct ota_image *image);
/* A number for all that the run has come to: equal for runs that are the same. */
uint64_t explore_world_digest(struct explore_world *world);

#endif
