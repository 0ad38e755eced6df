/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_guest.c - the past of a master, and its place in a play of faults. */
#include "scenarios/explore/fault_guest.h"

#include "scenarios/engine/case_play.h"
#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_hash.h"

#include <stdio.h>
#include <unistd.h>

#define PAST "before"
/* Real time for it. */
enum { PAST_LIMIT_S = 300 };

void fault_guest_init(struct fault_guest *guest, const struct explore_guest_cfg *cfg,
                      guest_store_hook *on_disk, void *ctx)
{
    *guest = (struct fault_guest){.cfg = *cfg};
    guest->cfg.state = &guest->past;
    guest->cfg.on_disk = on_disk;
    guest->cfg.disk_ctx = ctx;
}

void fault_guest_release(struct fault_guest *guest)
{
    explore_folder_release(&guest->past);
}

struct lesson {
    struct fault_guest *guest;
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
    struct explore_guest_cfg cfg = lesson->guest->cfg;
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

static int keep_state(struct fault_guest *guest, struct err *err)
{
    char path[EXPLORE_GUEST_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/" PAST "/state", guest->cfg.folder);
    return explore_folder_keep(&guest->past, path, err);
}

int fault_guest_learn(struct fault_guest *guest, const struct explore_world_cfg *cfg,
                      struct err *err)
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
    rc = rc != 0 ? rc : keep_state(guest, err);
    (void)snprintf(path, sizeof path, "%s/" PAST, guest->cfg.folder);
    case_play_remove(path);
    explore_unshare(lesson.result, sizeof *lesson.result);
    return rc;
}

int fault_guest_enter(struct fault_guest *guest, struct err *err)
{
    char place[32];
    if (guest->cfg.keep_folder) {
        (void)snprintf(place, sizeof place, "master");
    } else {
        (void)snprintf(place, sizeof place, "play-%010ld", (long)getpid());
    }
    return explore_guest_init(&guest->guest, &guest->cfg, place, err);
}

void fault_guest_leave(struct fault_guest *guest)
{
    explore_guest_release(&guest->guest);
}
