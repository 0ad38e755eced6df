/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_world.h - an update in process that can be stopped at any instant: a
 * vehicle, its bus, the reference master. Without traces unless it is to be looked at.
 *
 * A world branches as memory does: it is put back after a play (explore_rewind.h), or a child of
 * fork() plays. Every pointer stays what it is. So a walk goes once through the update, and each
 * cut is a branch of the instant before it. */
#ifndef EXPLORE_WORLD_H
#define EXPLORE_WORLD_H

#include "scenarios/engine/master_node.h"
#include "scenarios/explore/explore_judge.h"
#include "scenarios/explore/explore_seat.h"
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
    struct explore_judge_cfg judge;
    bool strict;                     /* A master that needs a retry has failed. */
    const struct explore_seat *seat; /* Of the master. Null: explore_seat_in_process. */
    bool vacant;                     /* The master does not start yet. */
    bool earlier; /* The update that comes before: to the old version, from one older still. */
};

struct explore_world {
    struct explore_world_cfg cfg;
    struct sim sim;
    struct trace *trace; /* Null: none. */
    struct run_trace *files_of_trace;
    struct vehicle *vehicle;
    struct s12x_ecu *target;
    struct explore_judge judge;
    struct ota_image old_image, new_image;
    struct ota_image trial; /* Approved as well, and does not work. No segments: there is none. */
    struct ota_job job;     /* What the master is told. */
    char *package;          /* The file that it is given; owned. Null: that of the new image. */
    size_t package_len;
    bool package_is_new;            /* A master in a program has not been given it yet. */
    struct ota_image package_image; /* As the master in process has read it. */
    struct master_files files;      /* Of the master in process, over all its lives. */
    struct master_node master;      /* Likewise. */
    bool started;                   /* The master, once at least. */
    struct sim_event cut_event;
    uint64_t others_hash;    /* Of the flash of all other ECUs, and of the target's boot block. */
    uint32_t ran_unapproved; /* The target has run something that is neither image. */
    enum ecu_run seen_run;
    uint32_t seen_resets;
    /* After each thing that the master in process has handled; may be null. */
    void (*on_step)(struct explore_world *world);
    void *ctx;
    /* Before a clean retry: what is wrong with the order is put right. May be null. */
    void (*on_retry)(struct explore_world *world);
    void *retry_ctx;
    /* Before a master that starts again is made: as struct master_node_ops has it. May be null. */
    void (*on_port)(void *port_ctx, struct ota_port *port);
    void *port_ctx;
};

enum { EXPLORE_BYTES_DEFAULT = 8 * 1024 };
#define EXPLORE_OLDER_VERSION "0.9.0" /* Of an earlier update. */
#define EXPLORE_OLD_VERSION   "1.0.0"
#define EXPLORE_NEW_VERSION   "2.0.0"

/* Builds it and runs to the instant at which the master begins, which it does unless the
 * configuration says otherwise. */
int explore_world_init(struct explore_world *world, const struct explore_world_cfg *cfg,
                       struct err *err);
/* Writes what the trace folder still lacks. */
int explore_world_release(struct explore_world *world, struct err *err);

/* The image of the new version, as a file of S-records. */
int explore_world_save_image(const struct explore_world *world, const char *path, struct err *err);

/* What a master that starts from now on is given as a package; taken over. Null: the new image. */
void explore_world_give(struct explore_world *world, char *package, size_t len);
/* A file of S-records for the target, of the size of the others; to be freed. Null: out of memory.
 * behaviour: a set of enum boot_behaviour. */
char *explore_world_make_image(const struct explore_world *world, const char *version,
                               uint32_t behaviour, size_t *len);
int explore_world_parse_image(const struct explore_world *world, const char *text, size_t len,
                              struct ota_image *image, struct err *err);
/* What a master claims that has rolled back: if it was told to, that is success. */
enum explore_claim explore_world_claim_of_rollback(const struct explore_world *world);

/* Everything before that instant; it must not lie in the past. */
void explore_world_run_before(struct explore_world *world, sim_ns_t at_ns);
/* The target loses its supply at that instant, before anything else happens then, and has it back
 * after off_ns. Only after explore_world_run_before() the same instant. */
void explore_world_cut(struct explore_world *world, sim_ns_t at_ns);
/* All that happens until then; less if the master has ended its campaign. */
void explore_world_run_to(struct explore_world *world, sim_ns_t until_ns);
/* What chance follows from in and after a cut: s12x_flash_draw_anew(). */
uint64_t explore_world_draws(const struct explore_world *world);
/* Until the master has ended its campaign, or nothing more is waited for at limit_ns. */
void explore_world_run_to_end(struct explore_world *world, sim_ns_t limit_ns);
/* The master of a vacant world starts. */
int explore_world_start(struct explore_world *world, struct err *err);
/* The master starts anew in the same state folder; campaign null: the same campaign. */
int explore_world_start_again(struct explore_world *world, const char *campaign, struct err *err);

enum explore_claim explore_world_claim(const struct explore_world *world);
/* With which the master is on the target's bus, once it has started. */
const struct can_node *explore_world_master_node(const struct explore_world *world);
/* The master is gone, whatever it does. */
void explore_world_leave(struct explore_world *world);

/* Notes what the target runs. It is done whenever the master has handled something. */
void explore_world_look(struct explore_world *world);
/* What the ECUs other than the target hold, and what no update may touch. */
uint64_t explore_world_others_hash(struct explore_world *world);
/* True if the target's flash holds the image, byte for byte. */
bool explore_world_holds(struct explore_world *world, const struct ota_image *image);
/* A number for all that the run has come to: equal for runs that are the same. */
uint64_t explore_world_digest(struct explore_world *world);

#endif
