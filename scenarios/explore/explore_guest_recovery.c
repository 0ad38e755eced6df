/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_recovery.c - goes through the recovery after a first cut. */
#include "scenarios/explore/explore_guest_recovery.h"

#include "scenarios/explore/explore_guest_slice.h"

void explore_guest_count(struct explore_unit *unit, const struct explore_path *path,
                         const struct explore_outcome *outcome, enum explore_alike alike)
{
    char id[EXPLORE_ID_CHARS];
    explore_path_print(path, id);
    unit->tally->numbers[EXPLORE_ROW_TRIED]++;
    unit->tally->numbers[EXPLORE_ROW_SAME_WORLD] += alike == EXPLORE_ALIKE_CLOCK;
    unit->tally->numbers[EXPLORE_ROW_JOINED] += alike == EXPLORE_ALIKE_STATE;
    explore_table_count(unit->states, outcome->state);
    explore_unit_count(unit, (enum explore_verdict)outcome->verdict, outcome->invariants, id,
                       path->cuts[0].at_ns);
}

/* A second cut, or none: the recovery as it goes without. */
static int try_path(const struct explore_guest_recovery *recovery,
                    const struct explore_branch *branch, const struct explore_path *path,
                    struct err *err)
{
    struct explore_guest_worker *worker = recovery->worker;
    struct explore_guest *guest = &worker->guest;
    if (!recovery->doubles) {
        return explore_guest_try(branch, guest, path, worker->child_err, err);
    }
    if (guest->err.code != 0) {
        *err = guest->err;
        return err->code;
    }
    return explore_guest_branch(branch, guest, path->cuts[path->len - 1u].at_ns, worker->child_err,
                                err);
}

/* The operations of the recovery as it goes without a second cut. */
static int scout(const struct explore_guest_recovery *recovery, struct err *err)
{
    struct explore_guest_worker *worker = recovery->worker;
    struct explore_guest_course *course = recovery->course;
    const struct explore_branch branch = {.world = &worker->world,
                                          .slate = worker->scout_slate,
                                          .alone = &worker->alone,
                                          .watch = true};
    const int rc = try_path(recovery, &branch, &recovery->path, err);
    if (rc == 0) {
        course->first = worker->scout_slate->outcome;
        course->next = 0;
        course->scouted = true;
        explore_guest_count(recovery->unit, &recovery->path, &course->first, EXPLORE_ALIKE_NOT);
    }
    return rc;
}

static int plan(const struct explore_guest_recovery *recovery, struct explore_plan *plan,
                struct err *err)
{
    const struct explore_guest_worker *worker = recovery->worker;
    const struct explore_slate *slate = worker->scout_slate;
    return explore_plan_make_second(plan, worker->nested, &recovery->path, slate->ops,
                                    slate->ops_len, worker->world.cfg.seed, err);
}

static void count_plan(const struct explore_guest_recovery *recovery,
                       const struct explore_plan *plan)
{
    uint64_t *numbers = recovery->unit->tally->numbers;
    numbers[EXPLORE_ROW_OPS_DROPPED] += recovery->worker->scout_slate->ops_full;
    explore_plan_counts_add(&numbers[EXPLORE_ROW_SECOND], &plan->counts);
}

/* From cut to cut. */
struct walk {
    const struct explore_guest_recovery *recovery;
    const struct explore_plan *plan;
    const enum explore_alike *alike; /* Of all cuts. Null: the walk looks for itself. */
    struct explore_lookout lookout;
};

/* Walks up to that cut, or has been there in a survey. */
static enum explore_alike look(struct walk *walk, const struct explore_cut *cut)
{
    const struct explore_guest_recovery *recovery = walk->recovery;
    struct explore_guest_worker *worker = recovery->worker;
    if (recovery->doubles) {
        explore_world_run_before(&worker->world, cut->at_ns);
    }
    if (!worker->join) {
        return EXPLORE_ALIKE_NOT;
    }
    if (recovery->doubles) {
        return explore_guest_look(&walk->lookout, &worker->guest, &worker->world, cut->at_ns,
                                  &recovery->course->peeked);
    }
    CHECK(walk->alike != NULL);
    return walk->alike[recovery->course->next];
}

static int try_second(const struct explore_guest_recovery *recovery,
                      const struct explore_path *path, struct err *err)
{
    struct explore_guest_worker *worker = recovery->worker;
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .alone = &worker->alone};
    const int rc = try_path(recovery, &branch, path, err);
    if (rc == 0) {
        recovery->course->last = worker->slate->outcome;
    }
    if (rc == 0 && recovery->pair != NULL) {
        *recovery->pair = (struct explore_pair){path->cuts[1], worker->slate->outcome};
    }
    return rc;
}

/* Up to the last one, or what goes wrong. */
static int try_seconds(struct walk *walk, struct err *err)
{
    const struct explore_guest_recovery *recovery = walk->recovery;
    struct explore_guest_course *course = recovery->course;
    struct explore_path path = recovery->path;
    int rc = 0;
    path.len = 2;
    while (rc == 0 && course->next < walk->plan->len) {
        path.cuts[1] = walk->plan->cuts[course->next];
        const enum explore_alike alike = look(walk, &path.cuts[1]);
        if (alike == EXPLORE_ALIKE_NOT) {
            rc = try_second(recovery, &path, err);
        }
        if (rc == 0) {
            explore_guest_count(recovery->unit, &path, &course->last, alike);
            course->next++;
        }
    }
    return rc;
}

/* In the process of the double, right after the first cut. */
static void walk_through(void *ctx)
{
    struct walk *walk = ctx;
    (void)try_seconds(walk, &walk->recovery->course->err);
}

static int try_from_start(struct walk *walk, struct err *err)
{
    const struct explore_guest_recovery *recovery = walk->recovery;
    struct explore_guest_worker *worker = recovery->worker;
    const size_t bytes = (walk->plan->len + 1) * sizeof(enum explore_alike);
    enum explore_alike *alike = explore_share(bytes);
    int rc = alike != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for a recovery");
    if (rc == 0 && worker->join) {
        rc = explore_guest_survey(&worker->guest, &worker->world, &recovery->path, walk->plan->cuts,
                                  walk->plan->len, alike, worker->child_err, err);
    }
    walk->alike = alike;
    rc = rc != 0 ? rc : try_seconds(walk, err);
    explore_unshare(alike, bytes);
    return rc;
}

int explore_guest_recovery_sweep(struct explore_guest_recovery *recovery, struct err *err)
{
    struct explore_guest_worker *worker = recovery->worker;
    struct explore_guest_course *course = recovery->course;
    struct explore_plan seconds = {.len = 0};
    struct walk walk = {.recovery = recovery, .plan = &seconds};
    const bool resumed = course->scouted;
    int rc = resumed ? 0 : scout(recovery, err);
    rc = rc != 0 ? rc : plan(recovery, &seconds, err);
    if (rc == 0 && !resumed) {
        count_plan(recovery, &seconds);
    }
    if (rc == 0 && course->next < seconds.len) {
        rc = recovery->doubles ? explore_guest_walk_on(&worker->world, &worker->guest,
                                                       recovery->path.cuts[0].at_ns, walk_through,
                                                       &walk, &course->err, err)
                               : try_from_start(&walk, err);
    }
    explore_plan_release(&seconds);
    course->scouted = course->scouted && rc != 0;
    return rc;
}
