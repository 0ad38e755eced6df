/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_branch.h - futures of a world whose master is a guest, each in a
 * process of its own: with a double of the program, or from its start on. */
#ifndef EXPLORE_GUEST_BRANCH_H
#define EXPLORE_GUEST_BRANCH_H

#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_guest.h"

/* After explore_world_run_before(): the target's supply is cut, and all else of that instant is
 * done. */
void explore_guest_cut(struct explore_world *world, sim_ns_t cut_ns);

/* As explore_branch_try() from a world whose program runs: its double goes on after the cut.
 * ERR_UNSUPPORTED: this program cannot be doubled (guest/supervisor_twin.h), and nothing has
 * happened. */
int explore_guest_branch(const struct explore_branch *branch, struct explore_guest *guest,
                         sim_ns_t cut_ns, struct err *child_err, struct err *err);

/* Likewise; but after the cut the double's process does walk(ctx), and may branch in turn. */
enum { EXPLORE_GUEST_WALK_LIMIT_S = 24 * 3600 };
int explore_guest_walk_on(struct explore_world *world, struct explore_guest *guest, sim_ns_t cut_ns,
                          void (*walk)(void *ctx), void *ctx, struct err *child_err,
                          struct err *err);

/* As explore_branch_try() from a world that is still vacant, with all cuts of the path; none: the
 * clean run. The child leaves in *child_err, which is shared, why the program could not be played;
 * a negative code then. */
int explore_guest_try(const struct explore_branch *branch, struct explore_guest *guest,
                      const struct explore_path *path, struct err *child_err, struct err *err);

/* One point alone, as explore_power_point(). guest->seat is put into the world. why: may be null.
 */
int explore_guest_point(const struct explore_world_cfg *cfg, const struct explore_guest_cfg *guest,
                        const struct explore_path *path, struct explore_outcome *outcome,
                        struct explore_judgement *why, struct err *err);

#endif
