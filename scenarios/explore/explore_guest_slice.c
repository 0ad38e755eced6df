/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_slice.c - tries the cuts of a slice with a guest. */
#include "scenarios/explore/explore_guest_slice.h"

#include <stdio.h>
#include <unistd.h>

/* Room for states of a slice: with two cuts it has many more. */
enum { STATES_MAX = 1 << 13, STATES_MAX_NESTED = 1 << 17 };

int explore_guest_worker_init(struct explore_guest_worker *worker,
                              const struct explore_world_cfg *world,
                              const struct explore_guest_cfg *guest,
                              const struct explore_plan_cfg *nested, struct err *err)
{
    struct explore_world_cfg cfg = *world;
    const size_t room = nested != NULL ? STATES_MAX_NESTED : STATES_MAX;
    *worker = (struct explore_guest_worker){.nested = nested};
    worker->slate = explore_share(sizeof *worker->slate);
    worker->scout_slate = explore_share(sizeof *worker->scout_slate);
    worker->child_err = explore_share(sizeof *worker->child_err);
    int rc = worker->slate != NULL && worker->scout_slate != NULL && worker->child_err != NULL
                 ? 0
                 : err_set(err, ERR_NOMEM, "out of memory for a worker");
    rc = rc != 0 ? rc : explore_table_init(&worker->alone, room, err);
    rc = rc != 0 ? rc : explore_guest_init(&worker->guest, guest, NULL, err);
    cfg.seat = &worker->guest.seat;
    cfg.vacant = true;
    return rc != 0 ? rc : explore_world_init(&worker->world, &cfg, err);
}

void explore_guest_worker_release(struct explore_guest_worker *worker)
{
    if (worker->world.vehicle != NULL) {
        (void)explore_world_release(&worker->world, NULL);
    }
    explore_table_release(&worker->alone);
    explore_unshare(worker->slate, sizeof *worker->slate);
    explore_unshare(worker->scout_slate, sizeof *worker->scout_slate);
    explore_unshare(worker->child_err, sizeof *worker->child_err);
}

int explore_guest_worker_scout(struct explore_guest_worker *worker, struct err *err)
{
    static const struct explore_path clean = {.len = 0};
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .watch = true};
    return explore_guest_try(&branch, &worker->guest, &clean, worker->child_err, err);
}

/* What a slice has come to; shared with the child that walks. */
struct slice_shared {
    size_t next;                        /* Cut that is tried next. */
    struct explore_guest_course course; /* Of the recovery after it, with two cuts. */
    struct explore_outcome last;
    struct err err;
    uint64_t peeked;
    enum explore_alike alike[]; /* Of all cuts; where there was a survey. */
};

static size_t shared_bytes(size_t len)
{
    return sizeof(struct slice_shared) + len * sizeof(enum explore_alike);
}

struct walk {
    struct explore_guest_worker *worker;
    size_t first, len;
    struct explore_unit *unit;
    struct explore_outcome *outcomes; /* May be null. */
    bool doubles;                     /* Each future branches off the walk. */
    struct slice_shared *shared;
};

/* Recoveries of which only a sample is tried differ, each in what is drawn. */
static bool joins(const struct explore_guest_worker *worker)
{
    return worker->join && (worker->nested == NULL || worker->nested->sample == 0);
}

static int try_recovery(const struct walk *walk, const struct explore_path *path, struct err *err)
{
    struct explore_guest_worker *worker = walk->worker;
    struct explore_guest_recovery recovery = {
        .worker = worker,
        .unit = walk->unit,
        .path = *path,
        .doubles = walk->doubles,
        .pair = worker->pairs != NULL ? &worker->pairs[walk->first + walk->shared->next] : NULL,
        .course = &walk->shared->course};
    const int rc = explore_guest_recovery_sweep(&recovery, err);
    walk->shared->last = rc == 0 ? recovery.course->first : walk->shared->last;
    return rc;
}

static int try_cut(const struct walk *walk, const struct explore_path *path, struct err *err)
{
    struct explore_guest_worker *worker = walk->worker;
    const sim_ns_t cut_ns = path->cuts[0].at_ns;
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .alone = &worker->alone};
    int rc = worker->guest.err.code;
    if (!walk->doubles) {
        rc = explore_guest_try(&branch, &worker->guest, path, worker->child_err, err);
    } else if (rc == 0) {
        rc = explore_guest_branch(&branch, &worker->guest, cut_ns, worker->child_err, err);
    } else {
        *err = worker->guest.err;
    }
    walk->shared->last = rc == 0 ? worker->slate->outcome : walk->shared->last;
    return rc;
}

/* Walks up to that cut, or has been there in a survey. */
static enum explore_alike look(const struct walk *walk, struct explore_lookout *lookout, size_t i)
{
    struct explore_guest_worker *worker = walk->worker;
    const sim_ns_t cut_ns = worker->plan->cuts[walk->first + i].at_ns;
    if (walk->doubles) {
        explore_world_run_before(&worker->world, cut_ns);
    }
    if (!joins(worker)) {
        return EXPLORE_ALIKE_NOT;
    }
    return walk->doubles ? explore_guest_look(lookout, &worker->guest, &worker->world, cut_ns,
                                              &walk->shared->peeked)
                         : walk->shared->alike[i];
}

/* It shares what the one before has come to. */
static void take_alike(const struct walk *walk, const struct explore_path *path,
                       enum explore_alike alike)
{
    struct explore_outcome *last = &walk->shared->last;
    last->joined = true;
    last->digest = 0;
    explore_guest_count(walk->unit, path, last, alike);
    walk->unit->tally->numbers[EXPLORE_ROW_SWEPT] +=
        walk->worker->nested != NULL && alike == EXPLORE_ALIKE_STATE;
}

static int try_first(const struct walk *walk, const struct explore_path *path,
                     enum explore_alike alike, struct err *err)
{
    if (alike != EXPLORE_ALIKE_NOT && !walk->shared->course.scouted) {
        take_alike(walk, path, alike);
        return 0;
    }
    if (walk->worker->nested != NULL) {
        return try_recovery(walk, path, err);
    }
    const int rc = try_cut(walk, path, err);
    if (rc == 0) {
        explore_guest_count(walk->unit, path, &walk->shared->last, alike);
    }
    return rc;
}

/* Cuts from shared->next on, up to the end of the slice or what goes wrong. */
static int try_cuts(const struct walk *walk, struct err *err)
{
    struct slice_shared *shared = walk->shared;
    struct explore_lookout lookout = {.any = false};
    int rc = 0;
    while (rc == 0 && shared->next < walk->len) {
        const size_t i = shared->next;
        const struct explore_path path = {.len = 1,
                                          .cuts = {walk->worker->plan->cuts[walk->first + i]}};
        rc = try_first(walk, &path, look(walk, &lookout, i), err);
        if (rc == 0 && walk->outcomes != NULL) {
            walk->outcomes[i] = shared->last;
        }
        if (rc == 0) {
            explore_unit_progress(walk->unit, 1);
            shared->next++;
        }
    }
    return rc;
}

static void walk_in_child(void *ctx)
{
    struct walk *walk = ctx;
    struct explore_guest_worker *worker = walk->worker;
    struct err *err = &walk->shared->err;
    (void)setsid(); /* Ctrl-C is the sweep's business. */
    walk->doubles = true;
    if (explore_world_start(&worker->world, err) == 0) {
        (void)try_cuts(walk, err);
    }
    explore_guest_release(&worker->guest);
}

/* In a child, which goes through the update once: the worker's world stays vacant. What cannot be
 * doubled is left to be played from the start. */
static int walk_through(struct walk *walk, struct err *err)
{
    bool ended_well = false;
    fflush(NULL);
    int rc = explore_branch_fork(walk_in_child, walk, EXPLORE_GUEST_WALK_LIMIT_S, &ended_well, err);
    if (rc == 0 && walk->shared->err.code != 0) {
        *err = walk->shared->err;
        rc = err->code;
    } else if (rc == 0 && !ended_well) {
        rc = err_set(err, ERR_NOMEM, "a walk through the update died or took too long");
    }
    return rc;
}

/* From the cut on to which the walk has come; the one before it may be alike. */
static int try_from_start(struct walk *walk, struct err *err)
{
    static const struct explore_path start = {.len = 0};
    struct explore_guest_worker *worker = walk->worker;
    walk->doubles = false;
    const int rc = joins(worker) ? explore_guest_survey(&worker->guest, &worker->world, &start,
                                                        &worker->plan->cuts[walk->first], walk->len,
                                                        walk->shared->alike, worker->child_err, err)
                                 : 0;
    return rc != 0 ? rc : try_cuts(walk, err);
}

int explore_guest_worker_slice(struct explore_guest_worker *worker, size_t first, size_t len,
                               struct explore_unit *unit, struct explore_outcome *outcomes,
                               struct err *err)
{
    struct walk walk = {.worker = worker,
                        .first = first,
                        .len = len,
                        .unit = unit,
                        .outcomes = outcomes,
                        .shared = explore_share(shared_bytes(len))};
    if (walk.shared == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a slice");
    }
    explore_table_clear(&worker->alone);
    int rc = worker->cannot_double ? ERR_UNSUPPORTED : walk_through(&walk, err);
    if (rc == ERR_UNSUPPORTED) {
        worker->cannot_double = true;
        rc = try_from_start(&walk, err);
    }
    explore_unshare(walk.shared, shared_bytes(len));
    return rc;
}
