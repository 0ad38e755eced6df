/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_play.h - plays schedules of faults, and judges what becomes of the
 * update: of the reference master in process, or of any master as a guest.
 *
 * The world stands at the begin of the campaign; each schedule is played by a child process, so
 * that nothing of it stays. Faults that are still there FAULT_HORIZON_NS after the begin are taken
 * away, but for those that end with the campaign; from then on EXPLORE_BOUND_NS are left to come to
 * an end.
 *
 * A guest has a past (explore_past.h): what that leaves in its state folder is there at the begin
 * of each schedule. ECU and clocks are as they are for the master in process. */
#ifndef EXPLORE_FAULT_PLAY_H
#define EXPLORE_FAULT_PLAY_H

#include "inject/babbling_node.h"
#include "inject/bus_fault.h"
#include "inject/bus_load.h"
#include "inject/frame_sender.h"
#include "inject/inject_bus.h"
#include "inject/inject_ecu.h"
#include "inject/inject_flash.h"
#include "inject/inject_gateway.h"
#include "scenarios/engine/run_supply.h"
#include "scenarios/explore/explore_guest.h"
#include "scenarios/explore/explore_verdict.h"
#include "scenarios/explore/fault_schedule.h"

#define FAULT_HORIZON_NS SIM_S(600)

/* What a schedule has come to. */
struct fault_outcome {
    uint8_t verdict;              /* enum explore_verdict. */
    uint16_t invariants;          /* Those of the judge's rules that it was held to and broke. */
    struct explore_judgement why; /* Which rule of the judge the master has broken on the way. */
    uint64_t fired;               /* Bits: which faults have taken effect. */
    sim_ns_t first_ns; /* The first of them, from the begin of the campaign. SIM_NEVER: none. */
    sim_ns_t at_ns[FAULTS_MAX]; /* When each one did first, likewise. */
    sim_ns_t took_ns;           /* Until the campaign ended, or the bound. */
    struct err err;             /* Why a guest could not even be played. Code 0: it could. */
};

struct fault_play;

/* A fault that is being played. */
struct fault_slot {
    struct fault_play *play;
    const struct fault *fault;
    const struct fault_kind *kind;
    char name[32];
    uint32_t seen;  /* Of what nth counts, if the play counts it itself. */
    uint64_t fired; /* Likewise. */
    sim_ns_t first_ns;
    /* Where a fault of inject/ keeps its books; null: in fired and first_ns. */
    const struct inject_count *count;
    struct sim_event event; /* Begin, then the end if it is the play's. */
    sim_ns_t late_ns;       /* What it has hit may be on its way for so long. */
    bool begun, ended;
    void (*stop)(struct fault_slot *slot); /* Null: ends by itself. */
    union {
        struct inject_rule frames;
        struct inject_ecu_rule ecu;
        struct inject_flash_rule flash;
        struct inject_gateway gateway;
        struct wire_fault wire;
        struct babbling_node babbler;
        struct bus_load load;
        struct frame_sender sender;
    } as;
};

struct fault_play {
    struct explore_world world; /* Without a trace: before the master starts. */
    struct fault_setting_state setting;
    bool has_guest;
    struct explore_guest guest; /* If it has one: of the process that plays a schedule. */
    struct explore_guest_cfg guest_cfg;
    struct explore_folder past; /* What its state folder holds at the begin. */
    struct fault_scope scope;
    struct inject_bus bus; /* Looks on; rules are added to the judge's, which lets off what they
                            * strike. */
    struct inject_ecu ecu;
    struct inject_flash flash;
    struct run_supply supply;
    struct ota_port port; /* The own one of the master in process. */
    sim_ns_t begin_ns;
    bool dark; /* The campaign ended while the ECU had no supply. */
    size_t slots_len;
    struct fault_slot slots[FAULTS_MAX];
};

/* Builds the world, and finds out in a child what the undisturbed update does. The play must not
 * move in memory until it is released. ERR_CONFLICT: the update does not even go well undisturbed.
 */
int fault_play_init(struct fault_play *play, const struct explore_world_cfg *cfg, struct err *err);
/* The same with a guest. */
int fault_play_init_guest(struct fault_play *play, const struct explore_world_cfg *cfg,
                          const struct explore_guest_cfg *guest, struct err *err);
/* Writes what the trace folder still lacks, if there is one. */
int fault_play_release(struct fault_play *play, struct err *err);

/* In a child. A child that crashes or hangs leaves EXPLORE_BROKEN. ERR_NOMEM if there can be none,
 * or why a guest could not be played; *outcome lies in shared memory (explore_share()). */
int fault_play_try(struct fault_play *play, const struct fault_schedule *schedule,
                   struct fault_outcome *outcome, struct err *err);
/* In this process; the play is worn out. */
void fault_play_here(struct fault_play *play, const struct fault_schedule *schedule,
                     struct fault_outcome *outcome);

/* For the functions that start faults: one more time that a fault has taken effect, now. */
void fault_slot_fires(struct fault_slot *slot);

#endif
