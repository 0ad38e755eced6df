/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_past.h - the past of a master that is a guest: before a sweep it
 * installs the old version, as it would have done in the field, and so has its copy of it. */
#ifndef EXPLORE_PAST_H
#define EXPLORE_PAST_H

#include "scenarios/explore/explore_guest.h"

/* In a child, and in a world of its own, an update from one version older still. What it leaves in
 * its state folder becomes *past, to be released in any case. ERR_CONFLICT: the master does not
 * even manage that. */
int explore_past_learn(struct explore_folder *past, const struct explore_guest_cfg *guest,
                       const struct explore_world_cfg *cfg, struct err *err);

#endif
