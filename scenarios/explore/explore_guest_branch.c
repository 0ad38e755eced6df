/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_branch.c - starts the program anew for each future. */
#include "scenarios/explore/explore_guest_branch.h"

#include "guest/supervisor_twin.h"
#include "scenarios/explore/explore_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Real time for one future. */
enum { LIMIT_S = 300 };

static void cut(const struct explore_branch *branch, sim_ns_t cut_ns)
{
    explore_world_cut(branch->world, cut_ns);
    explore_world_run_to(branch->world, cut_ns);
}

/* In this process: the master of a vacant world starts, and the supply is cut. */
static int play_cut(const struct explore_branch *branch, struct explore_guest *guest,
                    sim_ns_t cut_ns, struct err *err)
{
    struct explore_world *world = branch->world;
    const int rc = explore_world_start(world, err);
    if (rc != 0) {
        return rc;
    }
    if (cut_ns != 0) {
        explore_world_run_before(world, cut_ns);
        cut(branch, cut_ns);
    }
    explore_branch_after_cut(branch);
    if (guest->err.code != 0) {
        *err = guest->err;
    }
    return guest->err.code;
}

struct trial {
    const struct explore_branch *branch;
    struct explore_guest *guest;
    sim_ns_t cut_ns;
    struct err *err;
    const struct supervisor_twin *twin; /* Null: it starts anew, or has ended. */
};

static void run_trial(void *ctx)
{
    const struct trial *trial = ctx;
    (void)setsid(); /* Ctrl-C is the sweep's business. */
    (void)play_cut(trial->branch, trial->guest, trial->cut_ns, trial->err);
    explore_guest_release(trial->guest);
}

static int try_in_child(const struct trial *trial, void (*run)(void *ctx), struct err *err)
{
    CHECK(trial->branch->slate != NULL && trial->err != NULL);
    struct trial own = *trial;
    struct explore_outcome *outcome = &trial->branch->slate->outcome;
    bool ended_well = false;
    *outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    *trial->err = (struct err){.code = 0};
    fflush(NULL); /* The child starts programs, and would write what stands here once more. */
    const int rc = explore_branch_fork(run, &own, LIMIT_S, &ended_well, err);
    if (rc == 0 && trial->err->code != 0) {
        *err = *trial->err;
        return err->code;
    }
    if (rc == 0 && !ended_well) {
        *outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    }
    return rc;
}

static void go_on(void *ctx)
{
    const struct trial *trial = ctx;
    if (trial->twin != NULL) {
        supervisor_twin_enter(trial->guest->lives.supervisor, trial->twin);
    }
    trial->guest->shares_folder = true;
    cut(trial->branch, trial->cut_ns);
    explore_branch_after_cut(trial->branch);
    *trial->err = trial->guest->err;
    explore_guest_release(trial->guest);
}

/* The folder first: open files are put back into those that are there. */
static int put_back(struct explore_guest *guest, const struct explore_folder *folder,
                    struct supervisor_twin *twin, struct err *err)
{
    const int rc = explore_folder_put_back(folder, err);
    const int ended = twin->pidfd >= 0
                          ? supervisor_twin_end(guest->lives.supervisor, twin, rc == 0 ? err : NULL)
                          : 0;
    return rc != 0 ? rc : ended;
}

int explore_guest_branch(const struct explore_branch *branch, struct explore_guest *guest,
                         sim_ns_t cut_ns, struct err *child_err, struct err *err)
{
    struct supervisor_twin twin = {.pidfd = -1};
    struct explore_folder *folder = calloc(1, sizeof *folder);
    int rc = folder != NULL ? explore_folder_keep(folder, guest->work, err)
                            : err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    const bool runs = guest->lives.supervisor != NULL;
    if (rc == 0 && runs) {
        rc = supervisor_twin_make(guest->lives.supervisor, &twin, err);
    }
    if (rc == 0) {
        const struct trial trial = {branch, guest, cut_ns, child_err, runs ? &twin : NULL};
        rc = try_in_child(&trial, go_on, err);
        const int back = put_back(guest, folder, &twin, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : back;
    }
    if (folder != NULL) {
        explore_folder_release(folder);
    }
    free(folder);
    return rc;
}

int explore_guest_try(const struct explore_branch *branch, struct explore_guest *guest,
                      sim_ns_t cut_ns, struct err *child_err, struct err *err)
{
    struct trial trial = {branch, guest, cut_ns, child_err, NULL};
    return try_in_child(&trial, run_trial, err);
}

/* The clean run, for its operations. */
static int scout(struct explore_guest *guest, const struct explore_world_cfg *cfg,
                 struct explore_slate *slate, struct err *child_err, struct err *err)
{
    struct explore_world world;
    struct explore_world_cfg untraced = *cfg;
    untraced.trace_folder = NULL;
    int rc = explore_world_init(&world, &untraced, err);
    if (rc == 0) {
        const struct explore_branch branch = {.world = &world, .slate = slate, .watch = true};
        rc = explore_guest_try(&branch, guest, 0, child_err, err);
        (void)explore_world_release(&world, NULL);
    }
    return rc;
}

/* The program is ended before the world is released. */
static int play(struct explore_guest *guest, const struct explore_world_cfg *cfg,
                struct explore_slate *slate, struct explore_table *alone, sim_ns_t cut_ns,
                struct err *err)
{
    struct explore_world world;
    int rc = explore_world_init(&world, cfg, err);
    if (rc == 0) {
        const struct explore_branch branch = {.world = &world, .slate = slate, .alone = alone};
        slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
        rc = play_cut(&branch, guest, cut_ns, err);
        explore_guest_release(guest);
        const int released = explore_world_release(&world, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : released;
    }
    return rc;
}

int explore_guest_point(const struct explore_world_cfg *cfg, const struct explore_guest_cfg *guest,
                        const struct explore_path *path, struct explore_outcome *outcome,
                        struct explore_judgement *why, struct err *err)
{
    struct explore_guest own;
    struct explore_table alone = {.cap = 0};
    struct explore_world_cfg world = *cfg;
    struct explore_path placed = *path;
    struct explore_slate *slate = explore_share(sizeof *slate);
    struct err *child_err = explore_share(sizeof *child_err);
    int rc = slate != NULL && child_err != NULL
                 ? explore_table_init(&alone, 2, err)
                 : err_set(err, ERR_NOMEM, "out of memory for the operations of a run");
    rc = rc != 0 ? rc : explore_guest_init(&own, guest, "master", err);
    world.seat = &own.seat;
    world.vacant = true;
    rc = rc != 0 ? rc : scout(&own, &world, slate, child_err, err);
    rc = rc != 0 ? rc : explore_cut_place(&placed.cuts[0], slate->ops, slate->ops_len, err);
    rc = rc != 0 ? rc : play(&own, &world, slate, &alone, placed.cuts[0].at_ns, err);
    *outcome = rc == 0 ? slate->outcome : (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    if (rc == 0 && why != NULL) {
        *why = slate->why;
    }
    explore_table_release(&alone);
    explore_unshare(slate, sizeof *slate);
    explore_unshare(child_err, sizeof *child_err);
    return rc;
}
