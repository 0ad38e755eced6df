/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_branch.h - futures of a world whose master is a guest, each in a
 * process of its own, from the master's start on. */
#ifndef EXPLORE_GUEST_BRANCH_H
#define EXPLORE_GUEST_BRANCH_H

#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_guest.h"

/* As explore_branch_try() from a world whose program runs: its double goes on after the cut.
 * ERR_UNSUPPORTED: this program cannot be doubled (guest/supervisor_twin.h), and nothing has
 * happened. */
int explore_guest_branch(const struct explore_branch *branch, struct explore_guest *guest,
                         sim_ns_t cut_ns, struct err *child_err, struct err *err);

/* As explore_branch_try() from a world that is still vacant. The child leaves in *child_err, which
 * is shared, why the program could not be played; a negative code then. */
int explore_guest_try(const struct explore_branch *branch, struct explore_guest *guest,
                      sim_ns_t cut_ns, struct err *child_err, struct err *err);

/* One point alone, as explore_power_point(). guest->seat is put into the world. why: may be null.
 */
int explore_guest_point(const struct explore_world_cfg *cfg, const struct explore_guest_cfg *guest,
                        const struct explore_path *path, struct explore_outcome *outcome,
                        struct explore_judgement *why, struct err *err);

#endif
