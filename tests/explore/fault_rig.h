/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/fault_rig.h - what tests of schedules begin with: a play of a small update with the
 * reference master in process, and a place for what a schedule comes to. */
#ifndef TESTS_EXPLORE_FAULT_RIG_H
#define TESTS_EXPLORE_FAULT_RIG_H

#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/fault_play.h"

#include <criterion/criterion.h>

static struct fault_play play;
static struct fault_outcome *outcome;

static inline void open_play(void)
{
    const struct explore_world_cfg cfg = {
        .image_bytes = 2048, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    struct err err = {.code = 0};
    outcome = explore_share(sizeof *outcome);
    cr_assert_eq(fault_play_init(&play, &cfg, &err), 0, "%s", err.text);
}

static inline void end(void)
{
    (void)fault_play_release(&play, NULL);
    explore_unshare(outcome, sizeof *outcome);
}

#endif
