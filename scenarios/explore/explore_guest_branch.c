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

void explore_guest_cut(struct explore_world *world, sim_ns_t cut_ns)
{
    explore_world_cut(world, cut_ns);
    explore_world_run_to(world, cut_ns);
}

/* In this process: the master of a vacant world starts, and the supply is cut. */
static int play_cuts(const struct explore_branch *branch, struct explore_guest *guest,
                     const struct explore_path *path, struct err *err)
{
    struct explore_world *world = branch->world;
    const int rc = explore_world_start(world, err);
    if (rc != 0) {
        return rc;
    }
    for (uint8_t i = 0; i < path->len; i++) {
        explore_world_run_before(world, path->cuts[i].at_ns);
        explore_guest_cut(world, path->cuts[i].at_ns);
    }
    explore_branch_after_cut(branch);
    if (guest->err.code != 0) {
        *err = guest->err;
    }
    return guest->err.code;
}

/* What a child is to do. Its err is shared. */
struct trial {
    const struct explore_branch *branch;
    struct explore_guest *guest;
    const struct explore_path *path;
    struct err *err;
};

static void run_trial(void *ctx)
{
    const struct trial *trial = ctx;
    (void)setsid(); /* Ctrl-C is the sweep's business. */
    (void)play_cuts(trial->branch, trial->guest, trial->path, trial->err);
    explore_guest_release(trial->guest);
}

/* The child starts programs, and would write what stands here once more. */
static int fork_child(void (*run)(void *ctx), void *ctx, unsigned limit_s, struct err *child_err,
                      bool *ended_well, struct err *err)
{
    *child_err = (struct err){.code = 0};
    fflush(NULL);
    const int rc = explore_branch_fork(run, ctx, limit_s, ended_well, err);
    if (rc == 0 && child_err->code != 0) {
        *err = *child_err;
        return err->code;
    }
    return rc;
}

static void begin_slate(struct explore_slate *slate)
{
    slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    slate->ops_len = 0;
}

/* A double that goes on. */
struct branching {
    struct explore_world *world;
    struct explore_guest *guest;
    sim_ns_t cut_ns;
    const struct supervisor_twin *twin; /* Null: the program has ended. */
    void (*then)(void *ctx);
    void *ctx;
    struct err *err;
};

static void go_on(void *ctx)
{
    const struct branching *branching = ctx;
    struct explore_guest *guest = branching->guest;
    if (branching->twin != NULL) {
        supervisor_twin_enter(guest->lives.supervisor, branching->twin);
    }
    guest->shares_folder = true;
    explore_guest_cut(branching->world, branching->cut_ns);
    branching->then(branching->ctx);
    if (branching->err->code == 0) {
        *branching->err = guest->err;
    }
    explore_guest_release(guest);
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

static int branch_off(struct branching *branching, unsigned limit_s, bool *ended_well,
                      struct err *err)
{
    struct explore_guest *guest = branching->guest;
    struct supervisor_twin twin = {.pidfd = -1};
    struct explore_folder *folder = calloc(1, sizeof *folder);
    int rc = folder != NULL ? explore_folder_keep(folder, guest->work, err)
                            : err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    const bool runs = guest->lives.supervisor != NULL;
    if (rc == 0 && runs) {
        rc = supervisor_twin_make(guest->lives.supervisor, &twin, err);
    }
    if (rc == 0) {
        branching->twin = runs ? &twin : NULL;
        rc = fork_child(go_on, branching, limit_s, branching->err, ended_well, err);
        const int back = put_back(guest, folder, &twin, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : back;
    }
    if (folder != NULL) {
        explore_folder_release(folder);
    }
    free(folder);
    return rc;
}

int explore_guest_walk_on(struct explore_world *world, struct explore_guest *guest, sim_ns_t cut_ns,
                          void (*walk)(void *ctx), void *ctx, struct err *child_err,
                          struct err *err)
{
    struct branching branching = {.world = world,
                                  .guest = guest,
                                  .cut_ns = cut_ns,
                                  .then = walk,
                                  .ctx = ctx,
                                  .err = child_err};
    bool ended_well = false;
    const int rc = branch_off(&branching, EXPLORE_GUEST_WALK_LIMIT_S, &ended_well, err);
    return rc == 0 && !ended_well
               ? err_set(err, ERR_NOMEM, "a walk through a recovery died or took too long")
               : rc;
}

static void end_of_branch(void *ctx)
{
    explore_branch_after_cut(ctx);
}

int explore_guest_branch(const struct explore_branch *branch, struct explore_guest *guest,
                         sim_ns_t cut_ns, struct err *child_err, struct err *err)
{
    struct explore_branch own = *branch;
    struct branching branching = {.world = branch->world,
                                  .guest = guest,
                                  .cut_ns = cut_ns,
                                  .then = end_of_branch,
                                  .ctx = &own,
                                  .err = child_err};
    bool ended_well = false;
    begin_slate(branch->slate);
    const int rc = branch_off(&branching, LIMIT_S, &ended_well, err);
    if (rc == 0 && !ended_well) {
        begin_slate(branch->slate);
    }
    return rc;
}

int explore_guest_try(const struct explore_branch *branch, struct explore_guest *guest,
                      const struct explore_path *path, struct err *child_err, struct err *err)
{
    struct trial trial = {branch, guest, path, child_err};
    bool ended_well = false;
    CHECK(branch->slate != NULL && child_err != NULL);
    begin_slate(branch->slate);
    const int rc = fork_child(run_trial, &trial, LIMIT_S, child_err, &ended_well, err);
    if (rc == 0 && !ended_well) {
        begin_slate(branch->slate);
    }
    return rc;
}

/* Fills in the instants: each cut is one of an operation of the run with the cuts before it. */
static int find_instants(struct explore_guest *guest, const struct explore_world_cfg *cfg,
                         struct explore_path *path, struct explore_slate *slate,
                         struct err *child_err, struct err *err)
{
    struct explore_world world;
    struct explore_world_cfg untraced = *cfg;
    untraced.trace_folder = NULL;
    int rc = explore_world_init(&world, &untraced, err);
    if (rc != 0) {
        return rc;
    }
    const struct explore_branch branch = {.world = &world, .slate = slate, .watch = true};
    struct explore_path before = *path;
    sim_ns_t last_ns = world.sim.now_ns;
    for (before.len = 0; rc == 0 && before.len < path->len; before.len++) {
        struct explore_cut *one = &path->cuts[before.len];
        rc = explore_guest_try(&branch, guest, &before, child_err, err);
        rc = rc != 0 ? rc : explore_cut_place(one, slate->ops, slate->ops_len, err);
        if (rc == 0 && one->at_ns <= last_ns) {
            rc = err_set(err, ERR_RANGE, "that operation begins before what it is to follow");
        }
        before.cuts[before.len] = *one;
        last_ns = one->at_ns;
    }
    (void)explore_world_release(&world, NULL);
    return rc;
}

/* The program is ended before the world is released. */
static int play(struct explore_guest *guest, const struct explore_world_cfg *cfg,
                struct explore_slate *slate, struct explore_table *alone,
                const struct explore_path *path, struct err *err)
{
    struct explore_world world;
    CHECK(slate != NULL);
    int rc = explore_world_init(&world, cfg, err);
    if (rc == 0) {
        const struct explore_branch branch = {.world = &world, .slate = slate, .alone = alone};
        begin_slate(slate);
        rc = play_cuts(&branch, guest, path, err);
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
    rc = rc != 0 ? rc : explore_guest_init(&own, guest, NULL, err);
    world.seat = &own.seat;
    world.vacant = true;
    rc = rc != 0 ? rc : find_instants(&own, &world, &placed, slate, child_err, err);
    rc = rc != 0 ? rc : play(&own, &world, slate, placed.len > 0 ? &alone : NULL, &placed, err);
    *outcome = rc == 0 ? slate->outcome : (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    if (rc == 0 && why != NULL) {
        *why = slate->why;
    }
    explore_table_release(&alone);
    explore_unshare(slate, sizeof *slate);
    explore_unshare(child_err, sizeof *child_err);
    return rc;
}
