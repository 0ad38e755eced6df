/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_past.c - lets a master live through an earlier update. */
#include "scenarios/explore/explore_past.h"

#include "scenarios/engine/case_play.h"
#include "scenarios/explore/explore_branch.h"

#include <stdio.h>
#include <unistd.h>

#define PAST "before"
/* Real time for it. */
enum { PAST_LIMIT_S = 300 };

struct lesson {
    const struct explore_guest_cfg *guest;
    struct explore_world_cfg cfg;
    struct result {
        bool success;
        struct err err;
    } * result; /* Shared. */
};

static int install(struct explore_guest *guest, struct explore_world *world, struct result *result)
{
    const int rc = explore_world_start(world, &result->err);
    if (rc != 0) {
        return rc;
    }
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    result->err = guest->err;
    result->success = explore_world_claim(world) == EXPLORE_CLAIMS_SUCCESS;
    return guest->err.code;
}

/* In a child. */
static void live_through(void *ctx)
{
    struct lesson *lesson = ctx;
    struct explore_world world;
    struct explore_guest own;
    struct explore_guest_cfg cfg = *lesson->guest;
    struct err *err = &lesson->result->err;
    cfg.state = NULL;
    cfg.on_disk = NULL;
    cfg.keep_folder = true;
    (void)setsid(); /* Ctrl-C is the sweep's business. */
    if (explore_guest_init(&own, &cfg, PAST, err) != 0) {
        return;
    }
    lesson->cfg.seat = &own.seat;
    if (explore_world_init(&world, &lesson->cfg, err) == 0) {
        (void)install(&own, &world, lesson->result);
        explore_guest_release(&own);
    }
}

static int live_in_child(struct lesson *lesson, struct err *err)
{
    bool ended_well = false;
    fflush(NULL); /* The child starts programs, and would write what stands here once more. */
    const int rc = explore_branch_fork(live_through, lesson, PAST_LIMIT_S, &ended_well, err);
    if (rc != 0) {
        return rc;
    }
    if (lesson->result->err.code != 0) {
        *err = lesson->result->err;
        return err->code;
    }
    return ended_well && lesson->result->success
               ? 0
               : err_set(err, ERR_CONFLICT,
                         "the master does not even install the old version, without a fault, "
                         "before the update that is to be disturbed");
}

static int keep_state(struct explore_folder *past, const struct explore_guest_cfg *guest,
                      struct err *err)
{
    char path[EXPLORE_GUEST_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/" PAST "/state", guest->folder);
    return explore_folder_keep(past, path, err);
}

int explore_past_learn(struct explore_folder *past, const struct explore_guest_cfg *guest,
                       const struct explore_world_cfg *cfg, struct err *err)
{
    char path[EXPLORE_GUEST_PATH_MAX + 32];
    struct lesson lesson = {.guest = guest, .cfg = *cfg};
    lesson.result = explore_share(sizeof *lesson.result);
    if (lesson.result == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for an update");
    }
    lesson.cfg.earlier = true;
    lesson.cfg.vacant = true;
    lesson.cfg.trace_folder = NULL;
    int rc = live_in_child(&lesson, err);
    rc = rc != 0 ? rc : keep_state(past, guest, err);
    (void)snprintf(path, sizeof path, "%s/" PAST, guest->folder);
    case_play_remove(path);
    explore_unshare(lesson.result, sizeof *lesson.result);
    return rc;
}
