/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_storage.c - plans a sweep over the master's state folder, and tries its
 * points. */
#include "scenarios/explore/explore_storage.h"

#include "scenarios/explore/explore_storage_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Points of a unit; with two, first ones. */
enum {
    UNIT_POINTS = 256,
    UNIT_POINTS_NESTED = 16,
    UNIT_POINTS_GUEST = 32,
    UNIT_POINTS_GUEST_NESTED = 4,
    UNIT_STATES = 1 << 15
};
/* Real time for the sweep of one recovery. */
enum { NESTED_LIMIT_S = 3600 };

enum row {
    ROW_CALLS, /* One a kind. */
    ROW_CUTS = ROW_CALLS + EXPLORE_CALL_KINDS,
    ROW_POINTS,
    ROW_SAME,
    ROW_NOT_DRAWN,
    ROW_FIRST,
    ROW_SECOND_POINTS,
    ROW_SECOND_SAME,
    ROW_SECOND_NOT_DRAWN,
    ROW_SECOND,
    ROW_DROPPED,
    ROW_TRIED,
    ROW_STATES,
    ROWS
};

#define CALLS  "calls of the update on the state folder, and frames"
#define FAULTS "faults"
#define SECOND "second faults, in the recoveries from these"

#define OF_GUESTS(id)                                                                              \
    ((id) == EXPLORE_CALL_CREATE || (id) == EXPLORE_CALL_RESIZE || (id) == EXPLORE_CALL_SYNC_FOLDER)

static const struct explore_row rows[ROWS] = {
#define EXPLORE_ROW(id, letter, text)                                                              \
    [ROW_CALLS + (int)(id)] = {CALLS, text, SWEEP_SAME, !OF_GUESTS(id)},
    EXPLORE_CALLS(EXPLORE_ROW)
#undef EXPLORE_ROW
        [ROW_CUTS] = {FAULTS, "cuts of the ECU's supply", SWEEP_SAME, false},
    [ROW_POINTS] = {FAULTS, "points: what may happen at each of them", SWEEP_SAME, true},
    [ROW_SAME] = {FAULTS, "left out: another point leaves the same at the same instant", SWEEP_SAME,
                  false},
    [ROW_NOT_DRAWN] = {FAULTS, "left out: not in the sample", SWEEP_SAME, false},
    [ROW_FIRST] = {FAULTS, "faults", SWEEP_SAME, true},
    [ROW_SECOND_POINTS] = {SECOND, "points", SWEEP_SUM, false},
    [ROW_SECOND_SAME] = {SECOND, "left out: another point leaves the same at the same instant",
                         SWEEP_SUM, false},
    [ROW_SECOND_NOT_DRAWN] = {SECOND, "left out: not in the sample", SWEEP_SUM, false},
    [ROW_SECOND] = {SECOND, "faults", SWEEP_SUM, false},
    [ROW_DROPPED] = {SECOND, "recoveries with more operations than there is room for", SWEEP_SUM,
                     false},
    [ROW_TRIED] = {"recoveries", "tried", SWEEP_SUM, true},
    [ROW_STATES] = {"recoveries", "different states of flash and state folder after the fault",
                    SWEEP_STATES, true},
};

static const struct explore_kind kind = {
    .name = "storage", .axis = "instant of the first fault", .rows = rows, .rows_len = ROWS};

struct sweep {
    const struct explore_storage_cfg *cfg;
    struct explore_storage_play play;
    struct explore_steps_plan plan;
    uint64_t same[ROWS];
    size_t unit_points;
    sim_ns_t clean_ns;
    struct explore_phases phases;
    struct explore_map map;
};

/* A worker's. */
struct worker {
    struct sweep *sweep;
    struct explore_storage_slate *slate; /* Of recoveries that are swept. */
    struct explore_storage_slate *last_slate;
    struct explore_unit *unit;
};

static bool is_nested(const struct explore_storage_cfg *cfg)
{
    return cfg->depth > 1 || cfg->with_power;
}

/* The clean run. */
static int scout(struct sweep *sweep, struct err *err)
{
    const struct explore_storage_slate *slate = sweep->play.slate;
    int rc = explore_storage_play_scout(&sweep->play, NULL, err);
    if (rc == 0 && slate->outcome.verdict != EXPLORE_UPDATED) {
        rc = explore_verdict_refuse(slate->outcome.verdict, err);
    }
    if (rc == 0 && (slate->called_full || slate->ops_full)) {
        rc = err_set(err, ERR_RANGE, "the update makes too many calls; take a smaller image");
    }
    for (size_t i = 0; rc == 0 && i < slate->called_len; i++) {
        sweep->same[ROW_CALLS + slate->called[i].call]++;
    }
    for (size_t i = 0; rc == 0 && i < slate->ops_len; i++) {
        const sim_ns_t end_ns = slate->ops[i].end_ns;
        sweep->clean_ns = end_ns > sweep->clean_ns ? end_ns : sweep->clean_ns;
    }
    sweep->phases = slate->phases;
    return rc;
}

static int compare(const void *left, const void *right)
{
    const struct explore_step *a = left;
    const struct explore_step *b = right;
    if (a->at_ns != b->at_ns) {
        return a->at_ns < b->at_ns ? -1 : 1;
    }
    return (int)b->is_cut - (int)a->is_cut;
}

/* Half of the sample are cuts of the ECU. */
static int add_cuts(struct sweep *sweep, struct prng *prng, struct err *err)
{
    const struct explore_storage_slate *slate = sweep->play.slate;
    const size_t sample = sweep->cfg->sample;
    const struct explore_plan_cfg cfg = {.mode = EXPLORE_EXHAUSTIVE, .sample = sample / 2};
    struct explore_steps_plan *plan = &sweep->plan;
    struct explore_plan cuts;
    explore_steps_plan_draw(plan, sample - sample / 2, prng);
    int rc = explore_plan_make(&cuts, &cfg, slate->ops, slate->ops_len, sweep->play.start_ns + 1,
                               prng, err);
    if (rc != 0) {
        return rc;
    }
    struct explore_step *steps =
        realloc(plan->steps, (plan->len + cuts.len + 1) * sizeof *plan->steps);
    if (steps == NULL) {
        rc = err_set(err, ERR_NOMEM, "out of memory for %zu cuts", cuts.len);
    } else {
        plan->steps = steps;
        for (size_t i = 0; i < cuts.len && sample > 1; i++) {
            steps[plan->len++] = (struct explore_step){
                .is_cut = true, .cut = cuts.cuts[i], .at_ns = cuts.cuts[i].at_ns};
        }
        qsort(steps, plan->len, sizeof *steps, compare);
        sweep->same[ROW_CUTS] = cuts.counts.cuts + cuts.counts.not_drawn;
        plan->counts.not_drawn += cuts.counts.not_drawn;
        plan->counts.tried = plan->len;
    }
    explore_plan_release(&cuts);
    return rc;
}

static int make_plan(struct sweep *sweep, struct err *err)
{
    const struct explore_storage_cfg *cfg = sweep->cfg;
    const struct explore_storage_slate *slate = sweep->play.slate;
    struct prng prng;
    prng_init(&prng, cfg->world.seed, "explore storage sample");
    int rc =
        explore_steps_plan_make(&sweep->plan, cfg->with_power ? EXPLORE_LOSSES : EXPLORE_ALL_STEPS,
                                slate->called, slate->called_len, sweep->play.start_ns, err);
    if (rc == 0 && cfg->with_power) {
        rc = add_cuts(sweep, &prng, err);
    } else if (rc == 0 && cfg->sample != 0) {
        explore_steps_plan_draw(&sweep->plan, cfg->sample, &prng);
    }
    const struct explore_steps_counts *counts = &sweep->plan.counts;
    sweep->same[ROW_POINTS] = counts->points;
    sweep->same[ROW_SAME] = counts->same;
    sweep->same[ROW_NOT_DRAWN] = counts->not_drawn;
    sweep->same[ROW_FIRST] = counts->tried;
    return rc;
}

static void count(const struct worker *worker, const struct explore_steps *steps,
                  const struct explore_storage_outcome *outcome)
{
    char id[EXPLORE_ID_CHARS];
    explore_steps_print(steps, id);
    worker->unit->tally->numbers[ROW_TRIED]++;
    explore_table_count(worker->unit->states, outcome->state);
    explore_unit_count(worker->unit, outcome->verdict, outcome->invariants, id,
                       steps->steps[0].at_ns);
}

/* The recovery from a first fault. */
struct recovery {
    struct worker *worker;
    struct explore_steps steps;
    struct explore_steps_plan plan;
};

/* Cuts of the ECU during the recovery. */
static int plan_cuts(struct recovery *recovery, size_t sample, struct prng *prng, struct err *err)
{
    const struct explore_storage_slate *slate = recovery->worker->slate;
    const struct explore_plan_cfg cfg = {.mode = EXPLORE_EXHAUSTIVE, .sample = sample};
    struct explore_steps_plan *plan = &recovery->plan;
    struct explore_plan cuts;
    const int rc = explore_plan_make(&cuts, &cfg, slate->ops, slate->ops_len,
                                     recovery->steps.steps[0].at_ns, prng, err);
    if (rc != 0) {
        return rc;
    }
    *plan = (struct explore_steps_plan){.len = 0};
    plan->counts = (struct explore_steps_counts){.points = cuts.counts.points,
                                                 .same = cuts.counts.same_instant,
                                                 .not_drawn = cuts.counts.not_drawn,
                                                 .tried = cuts.counts.cuts};
    plan->steps = calloc(cuts.len + 1, sizeof *plan->steps);
    if (plan->steps == NULL) {
        explore_plan_release(&cuts);
        return err_set(err, ERR_NOMEM, "out of memory for %zu cuts", cuts.len);
    }
    for (size_t i = 0; i < cuts.len; i++) {
        plan->steps[plan->len++] =
            (struct explore_step){.is_cut = true, .cut = cuts.cuts[i], .at_ns = cuts.cuts[i].at_ns};
    }
    explore_plan_release(&cuts);
    return 0;
}

static int plan_recovery(struct recovery *recovery, struct err *err)
{
    const struct explore_storage_cfg *cfg = recovery->worker->sweep->cfg;
    const struct explore_storage_slate *slate = recovery->worker->slate;
    const size_t sample = cfg->sample != 0 ? 1 : 0;
    struct prng prng;
    char id[EXPLORE_ID_CHARS];
    char stream[EXPLORE_ID_CHARS + 16];
    explore_steps_print(&recovery->steps, id);
    (void)snprintf(stream, sizeof stream, "storage %s", id);
    prng_init(&prng, cfg->world.seed, stream);
    int rc = 0;
    if (cfg->with_power && !recovery->steps.steps[0].is_cut) {
        rc = plan_cuts(recovery, sample, &prng, err);
    } else {
        rc = explore_steps_plan_make(&recovery->plan,
                                     cfg->with_power ? EXPLORE_LOSSES : EXPLORE_LATER_STEPS,
                                     slate->called, slate->called_len, 0, err);
        if (rc == 0 && sample != 0) {
            explore_steps_plan_draw(&recovery->plan, sample, &prng);
        }
    }
    uint64_t *numbers = recovery->worker->unit->tally->numbers;
    numbers[ROW_SECOND_POINTS] += recovery->plan.counts.points;
    numbers[ROW_SECOND_SAME] += recovery->plan.counts.same;
    numbers[ROW_SECOND_NOT_DRAWN] += recovery->plan.counts.not_drawn;
    numbers[ROW_SECOND] += recovery->plan.len;
    numbers[ROW_DROPPED] += slate->called_full || slate->ops_full;
    return rc;
}

/* In a child, whose world is right before the first fault. */
static void sweep_recovery(void *ctx)
{
    struct recovery *recovery = ctx;
    struct worker *worker = recovery->worker;
    struct explore_storage_play *play = &worker->sweep->play;
    struct explore_steps *steps = &recovery->steps;
    struct err *err = &worker->slate->err;
    play->slate = worker->slate;
    int rc = explore_storage_play_scout(play, &steps->steps[0], err);
    if (rc == 0) {
        count(worker, steps, &worker->slate->outcome);
        rc = plan_recovery(recovery, err);
    }
    explore_storage_play_expect(play, &steps->steps[0]);
    steps->len = 2;
    play->slate = worker->last_slate;
    for (size_t i = 0; rc == 0 && i < recovery->plan.len; i++) {
        steps->steps[1] = recovery->plan.steps[i];
        explore_storage_play_before(play, steps->steps[1].at_ns);
        rc = explore_storage_play_try(play, &steps->steps[1], err);
        if (rc == 0) {
            count(worker, steps, &worker->last_slate->outcome);
        }
    }
    explore_steps_plan_release(&recovery->plan);
}

static int try_with_recovery(struct worker *worker, const struct explore_step *step,
                             struct err *err)
{
    struct recovery recovery = {.worker = worker, .steps = {.len = 1, .steps = {*step}}};
    bool ended_well = false;
    worker->slate->err.code = 0;
    int rc = explore_branch_fork(sweep_recovery, &recovery, NESTED_LIMIT_S, &ended_well, err);
    if (rc == 0 && worker->slate->err.code != 0) {
        *err = worker->slate->err;
        rc = err->code;
    }
    if (rc == 0 && !ended_well) {
        rc = err_set(err, ERR_NOMEM, "the sweep of a recovery died or took more than %d s",
                     NESTED_LIMIT_S);
    }
    return rc;
}

static int try_alone(struct worker *worker, const struct explore_step *step, struct err *err)
{
    const struct explore_steps steps = {.len = 1, .steps = {*step}};
    struct explore_storage_play *play = &worker->sweep->play;
    play->slate = worker->last_slate;
    const int rc = explore_storage_play_try(play, step, err);
    if (rc == 0) {
        count(worker, &steps, &worker->last_slate->outcome);
    }
    return rc;
}

static void end(void *ctx, void *worker_ctx)
{
    struct worker *worker = worker_ctx;
    (void)ctx;
    if (worker != NULL) {
        explore_unshare(worker->slate, sizeof *worker->slate);
        explore_unshare(worker->last_slate, sizeof *worker->last_slate);
        free(worker);
    }
}

static int begin(void *ctx, void **worker_ctx, struct err *err)
{
    struct worker *worker = calloc(1, sizeof *worker);
    struct sweep *sweep = ctx;
    *worker_ctx = worker;
    if (worker != NULL) {
        worker->sweep = sweep;
        worker->slate = explore_share(sizeof *worker->slate);
        worker->last_slate = explore_share(sizeof *worker->last_slate);
    }
    return worker != NULL && worker->slate != NULL && worker->last_slate != NULL
               ? explore_storage_play_move(&sweep->play, err)
               : err_set(err, ERR_NOMEM, "out of memory for a worker");
}

static size_t unit_len(const struct sweep *sweep, uint64_t unit)
{
    const size_t left = sweep->plan.len - (size_t)unit * sweep->unit_points;
    return left < sweep->unit_points ? left : sweep->unit_points;
}

static int work(void *ctx, void *worker_ctx, struct explore_unit *unit, struct err *err)
{
    struct sweep *sweep = ctx;
    struct worker *worker = worker_ctx;
    const size_t first = (size_t)unit->index * sweep->unit_points;
    const size_t len = unit_len(sweep, unit->index);
    int rc = 0;
    worker->unit = unit;
    for (size_t i = 0; rc == 0 && i < len; i++) {
        const struct explore_step *step = &sweep->plan.steps[first + i];
        explore_storage_play_before(&sweep->play, step->at_ns);
        rc = is_nested(sweep->cfg) ? try_with_recovery(worker, step, err)
                                   : try_alone(worker, step, err);
        explore_unit_progress(unit, 1);
    }
    return rc;
}

static void make_map(struct sweep *sweep)
{
    explore_map_init(&sweep->map, sweep->play.start_ns, sweep->clean_ns, EXPLORE_MAP_STEPS);
    explore_phases_split(&sweep->phases, &sweep->map);
    if (sweep->plan.len > 0) {
        explore_map_share(&sweep->map, &sweep->plan.steps[0].at_ns, sizeof sweep->plan.steps[0],
                          sweep->plan.len);
    }
}

static int run(struct sweep *sweep, struct result_sweep *result, struct err *err)
{
    struct explore_sweep_cfg cfg = sweep->cfg->sweep;
    const bool guest = sweep->cfg->guest != NULL;
    const size_t nested = guest ? UNIT_POINTS_GUEST_NESTED : UNIT_POINTS_NESTED;
    const size_t plain = guest ? UNIT_POINTS_GUEST : UNIT_POINTS;
    sweep->unit_points = is_nested(sweep->cfg) ? nested : plain;
    cfg.kind = &kind;
    cfg.units = (sweep->plan.len + sweep->unit_points - 1) / sweep->unit_points;
    for (uint64_t unit = 0; unit < cfg.units; unit++) {
        const bool ours = cfg.shards == 0 || unit % cfg.shards == cfg.shard - 1;
        cfg.points += ours ? unit_len(sweep, unit) : 0;
    }
    make_map(sweep);
    cfg.map = &sweep->map;
    cfg.same = sweep->same;
    cfg.unit_states_max = UNIT_STATES;
    cfg.begin = begin;
    cfg.work = work;
    cfg.end = end;
    cfg.ctx = sweep;
    const int rc = explore_sweep_run(&cfg, result, err);
    if (rc == 0) {
        explore_phases_print(&sweep->phases, sweep->play.start_ns, sweep->clean_ns, &result->map);
    }
    return rc;
}

int explore_storage_run(const struct explore_storage_cfg *cfg, struct result_sweep *result,
                        struct err *err)
{
    struct sweep sweep = {.cfg = cfg};
    struct explore_storage_slate *slate = explore_share(sizeof *slate);
    *result = (struct result_sweep){.units = 0};
    if (slate == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the calls of a run");
    }
    int rc = explore_storage_play_init(&sweep.play, cfg, slate, err);
    if (rc == 0) {
        rc = scout(&sweep, err);
        rc = rc != 0 ? rc : make_plan(&sweep, err);
        rc = rc != 0 ? rc : run(&sweep, result, err);
        explore_steps_plan_release(&sweep.plan);
        (void)explore_storage_play_release(&sweep.play, NULL);
    }
    explore_unshare(slate, sizeof *slate);
    return rc;
}
