/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_guest.h - any master in the seat of a play of faults.
 *
 * It has a past: before all schedules it installs the old version, as it would have done in the
 * field, and so has its copy of it. What that leaves in its state folder is there at the begin of
 * each schedule; ECU and clocks are as they are for the master in process. */
#ifndef EXPLORE_FAULT_GUEST_H
#define EXPLORE_FAULT_GUEST_H

#include "scenarios/explore/explore_guest.h"

struct fault_guest {
    struct explore_guest_cfg cfg;
    struct explore_folder past; /* What its state folder holds at the begin. */
    struct explore_guest guest; /* Of a process that plays a schedule. */
};

/* on_disk: hears of what it does to its state folder. Must not move in memory. */
void fault_guest_init(struct fault_guest *guest, const struct explore_guest_cfg *cfg,
                      guest_store_hook *on_disk, void *ctx);
void fault_guest_release(struct fault_guest *guest);
/* Lets it install the old version, in a child and in a world of its own. ERR_CONFLICT: it does not
 * even manage that. */
int fault_guest_learn(struct fault_guest *guest, const struct explore_world_cfg *cfg,
                      struct err *err);

/* Around a play, in the process that plays. The seat of the world is &guest->guest.seat. */
int fault_guest_enter(struct fault_guest *guest, struct err *err);
void fault_guest_leave(struct fault_guest *guest);

#endif
