/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_slice.c - tries the cuts of a slice with a guest. */
#include "scenarios/explore/explore_guest_slice.h"

#include <stdio.h>
#include <unistd.h>

enum { STATES_MAX = 1 << 13 };
/* Real time for a slice. */
enum { WALK_LIMIT_S = 3600 };

int explore_guest_worker_init(struct explore_guest_worker *worker,
                              const struct explore_world_cfg *world,
                              const struct explore_guest_cfg *guest, struct err *err)
{
    char place[32];
    struct explore_world_cfg cfg = *world;
    *worker = (struct explore_guest_worker){.plan = NULL};
    (void)snprintf(place, sizeof place, "worker-%010ld", (long)getpid());
    worker->slate = explore_share(sizeof *worker->slate);
    worker->child_err = explore_share(sizeof *worker->child_err);
    int rc = worker->slate != NULL && worker->child_err != NULL
                 ? 0
                 : err_set(err, ERR_NOMEM, "out of memory for a worker");
    rc = rc != 0 ? rc : explore_table_init(&worker->alone, STATES_MAX, err);
    rc = rc != 0 ? rc : explore_guest_init(&worker->guest, guest, place, err);
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
    explore_unshare(worker->child_err, sizeof *worker->child_err);
}

int explore_guest_worker_scout(struct explore_guest_worker *worker, struct err *err)
{
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .watch = true};
    return explore_guest_try(&branch, &worker->guest, 0, worker->child_err, err);
}

static void count(struct explore_unit *unit, const struct explore_cut *cut,
                  const struct explore_outcome *outcome, uint64_t *also)
{
    char id[EXPLORE_ID_CHARS];
    const struct explore_path path = {.len = 1, .cuts = {*cut}};
    explore_path_print(&path, id);
    unit->tally->numbers[EXPLORE_ROW_TRIED]++;
    explore_table_count(unit->states, outcome->state);
    explore_unit_count(unit, (enum explore_verdict)outcome->verdict, id, cut->at_ns);
    if (also != NULL) {
        ++*also;
    }
}

/* What a slice has come to; shared with the child that walks. */
struct slice_shared {
    size_t next; /* Cut that is tried next. */
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

static int try_cut(const struct walk *walk, const struct explore_cut *cut, struct err *err)
{
    struct explore_guest_worker *worker = walk->worker;
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .alone = &worker->alone};
    if (!walk->doubles) {
        return explore_guest_try(&branch, &worker->guest, cut->at_ns, worker->child_err, err);
    }
    return worker->guest.err.code != 0
               ? worker->guest.err.code
               : explore_guest_branch(&branch, &worker->guest, cut->at_ns, worker->child_err, err);
}

/* Walks up to that cut, or has been there in a survey. */
static enum explore_alike look(const struct walk *walk, struct explore_lookout *lookout, size_t i)
{
    struct explore_guest_worker *worker = walk->worker;
    const sim_ns_t cut_ns = worker->plan->cuts[walk->first + i].at_ns;
    if (!walk->doubles) {
        return walk->shared->alike[i];
    }
    explore_world_run_before(&worker->world, cut_ns);
    return worker->join ? explore_guest_look(lookout, &worker->guest, &worker->world, cut_ns,
                                             &walk->shared->peeked)
                        : EXPLORE_ALIKE_NOT;
}

static void count_cut(const struct walk *walk, size_t i, uint64_t *also)
{
    count(walk->unit, &walk->worker->plan->cuts[walk->first + i], &walk->shared->last, also);
    if (walk->outcomes != NULL) {
        walk->outcomes[i] = walk->shared->last;
    }
    explore_unit_progress(walk->unit, 1);
}

/* Cuts from shared->next on, up to the end of the slice or what goes wrong. */
static int try_cuts(const struct walk *walk, struct err *err)
{
    struct slice_shared *shared = walk->shared;
    struct explore_lookout lookout = {.any = false};
    int rc = 0;
    while (rc == 0 && shared->next < walk->len) {
        const size_t i = shared->next;
        const enum explore_alike alike = look(walk, &lookout, i);
        uint64_t *also = NULL;
        if (alike != EXPLORE_ALIKE_NOT) {
            const enum explore_power_row row =
                alike == EXPLORE_ALIKE_CLOCK ? EXPLORE_ROW_SAME_WORLD : EXPLORE_ROW_JOINED;
            also = &walk->unit->tally->numbers[row];
            shared->last.joined = true;
            shared->last.digest = 0;
        } else {
            rc = try_cut(walk, &walk->worker->plan->cuts[walk->first + i], err);
            shared->last = rc == 0 ? walk->worker->slate->outcome : shared->last;
        }
        if (rc == 0) {
            count_cut(walk, i, also);
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
    int rc = explore_branch_fork(walk_in_child, walk, WALK_LIMIT_S, &ended_well, err);
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
    struct explore_guest_worker *worker = walk->worker;
    walk->doubles = false;
    const int rc = worker->join ? explore_guest_survey(&worker->guest, &worker->world,
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
