/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_slice.c - tries the cuts of a slice, and with two cuts those of each
 * recovery. */
#include "scenarios/explore/explore_slice.h"

#include <stdio.h>

/* Room for states of a slice: with two cuts it has many more. */
enum { STATES_MAX = 1 << 13, STATES_MAX_NESTED = 1 << 20 };
/* Real time for the sweep of one recovery. */
enum { NESTED_LIMIT_S = 3600 };
/* First cuts whose recoveries every slice knows. */
enum { BASE_CUTS = 4 };

static int tables_init(struct explore_tables *tables, size_t room, struct err *err)
{
    int rc = explore_table_init(&tables->known, room, err);
    rc = rc != 0 ? rc : explore_table_init(&tables->alone, room, err);
    return rc != 0 ? rc : explore_table_init(&tables->swept, room, err);
}

static void tables_release(struct explore_tables *tables)
{
    explore_table_release(&tables->known);
    explore_table_release(&tables->alone);
    explore_table_release(&tables->swept);
}

static void tables_clear(struct explore_tables *tables)
{
    explore_table_clear(&tables->known);
    explore_table_clear(&tables->alone);
    explore_table_clear(&tables->swept);
}

static void tables_copy(struct explore_tables *to, const struct explore_tables *from)
{
    explore_table_copy(&to->known, &from->known);
    explore_table_copy(&to->alone, &from->alone);
    explore_table_copy(&to->swept, &from->swept);
}

int explore_worker_init(struct explore_worker *worker, const struct explore_worker_cfg *cfg,
                        struct err *err)
{
    *worker = (struct explore_worker){.cfg = *cfg};
    const size_t room = cfg->depth > 1 ? STATES_MAX_NESTED : STATES_MAX;
    int rc = tables_init(&worker->tables, room, err);
    rc = rc != 0 ? rc : tables_init(&worker->base, room, err);
    worker->slate = explore_share(sizeof *worker->slate);
    worker->scout_slate = explore_share(sizeof *worker->scout_slate);
    worker->child_err = explore_share(sizeof *worker->child_err);
    if (rc == 0 &&
        (worker->slate == NULL || worker->scout_slate == NULL || worker->child_err == NULL)) {
        rc = err_set(err, ERR_NOMEM, "out of memory for a worker");
    }
    return rc;
}

void explore_worker_release(struct explore_worker *worker)
{
    tables_release(&worker->tables);
    tables_release(&worker->base);
    explore_unshare(worker->slate, sizeof *worker->slate);
    explore_unshare(worker->scout_slate, sizeof *worker->scout_slate);
    explore_unshare(worker->child_err, sizeof *worker->child_err);
}

static uint64_t *number(const struct explore_worker *worker, enum explore_power_row row)
{
    return &worker->unit->tally->numbers[row];
}

static void count(const struct explore_worker *worker, const struct explore_path *path,
                  const struct explore_outcome *outcome)
{
    char id[EXPLORE_ID_CHARS] = "";
    if (!explore_verdict_good((enum explore_verdict)outcome->verdict)) {
        explore_path_print(path, id);
    }
    ++*number(worker, EXPLORE_ROW_TRIED);
    explore_table_count(worker->unit->states, outcome->state);
    explore_unit_count(worker->unit, (enum explore_verdict)outcome->verdict, outcome->invariants,
                       id, path->cuts[0].at_ns);
}

static bool nothing_happened(const struct explore_worker *worker, const struct explore_last *last)
{
    const struct explore_world *world = worker->cfg.world;
    return worker->cfg.join && last->known && last->events_run == world->sim.events_run &&
           s12x_flash_next_ns(s12x_ecu_flash(world->target)) == SIM_NEVER;
}

static void remember(const struct explore_worker *worker, struct explore_last *last,
                     const struct explore_outcome *outcome)
{
    *last = (struct explore_last){
        .known = true, .events_run = worker->cfg.world->sim.events_run, .outcome = *outcome};
    last->outcome.joined = true;
    last->outcome.digest = 0;
}

static void count_again(const struct explore_worker *worker, const struct explore_path *path,
                        const struct explore_last *last)
{
    count(worker, path, &last->outcome);
    ++*number(worker, EXPLORE_ROW_SAME_WORLD);
}

/* The last cut of a path. */
static int try_last(struct explore_worker *worker, const struct explore_path *path, struct err *err)
{
    const sim_ns_t cut_ns = path->cuts[path->len - 1u].at_ns;
    struct explore_foreseen foreseen;
    if (nothing_happened(worker, &worker->last)) {
        worker->slate->outcome = worker->last.outcome;
        count_again(worker, path, &worker->last);
        return 0;
    }
    const bool foresees = worker->cfg.join && explore_foresee(worker->cfg.world, cut_ns, &foreseen);
    const struct explore_branch branch = {.world = worker->cfg.world,
                                          .slate = worker->slate,
                                          .alone = &worker->tables.alone,
                                          .known = worker->cfg.join ? &worker->tables.known : NULL,
                                          .foreseen = foresees ? &foreseen : NULL,
                                          .keep = worker->cfg.join};
    const int rc =
        explore_branch_known(&branch, cut_ns) ? 0 : explore_branch_try(&branch, cut_ns, err);
    if (rc == 0) {
        count(worker, path, &worker->slate->outcome);
        *number(worker, EXPLORE_ROW_JOINED) += worker->slate->outcome.joined;
        remember(worker, &worker->last, &worker->slate->outcome);
    }
    return rc;
}

/* The recovery after a first cut. */
struct recovery {
    struct explore_worker *worker;
    const struct explore_foreseen *foreseen; /* Null: it could not be. */
    struct explore_path path;
    struct explore_plan plan;
};

/* A recovery of which only a sample was tried has not been swept. */
static bool joins_sweeps(const struct explore_worker *worker)
{
    return worker->cfg.join && worker->cfg.nested->sample == 0;
}

/* What a first cut has come to stands on the slate. */
static void count_first(struct explore_worker *worker, const struct explore_path *path)
{
    const struct explore_outcome *outcome = &worker->scout_slate->outcome;
    count(worker, path, outcome);
    *number(worker, EXPLORE_ROW_JOINED) += outcome->joined;
    *number(worker, EXPLORE_ROW_SWEPT) += outcome->joined;
}

/* Operations of the recovery as it goes without a second cut, up to a state that was swept from
 * before. */
static int scout(struct recovery *recovery, struct err *err)
{
    struct explore_worker *worker = recovery->worker;
    struct explore_slate *slate = worker->scout_slate;
    const struct explore_branch branch = {.world = worker->cfg.world,
                                          .slate = slate,
                                          .alone = &worker->tables.alone,
                                          .known =
                                              joins_sweeps(worker) ? &worker->tables.swept : NULL,
                                          .foreseen = recovery->foreseen,
                                          .watch = true};
    int rc = explore_branch_try(&branch, recovery->path.cuts[0].at_ns, err);
    if (rc != 0) {
        return rc;
    }
    count_first(worker, &recovery->path);
    *number(worker, EXPLORE_ROW_OPS_DROPPED) += slate->ops_full;
    rc = explore_plan_make_second(&recovery->plan, worker->cfg.nested, &recovery->path, slate->ops,
                                  slate->ops_len, worker->cfg.seed, err);
    if (rc == 0) {
        explore_plan_counts_add(number(worker, EXPLORE_ROW_SECOND), &recovery->plan.counts);
    }
    return rc;
}

/* In a child, whose world has lost its supply once. */
static void sweep_recovery(void *ctx)
{
    struct recovery *recovery = ctx;
    struct explore_worker *worker = recovery->worker;
    struct explore_world *world = worker->cfg.world;
    struct explore_path path = recovery->path;
    int rc = scout(recovery, worker->child_err);
    if (rc == 0) {
        explore_world_cut(world, path.cuts[0].at_ns);
    }
    path.len = 2;
    worker->last.known = false;
    for (size_t i = 0; rc == 0 && i < recovery->plan.len; i++) {
        path.cuts[1] = recovery->plan.cuts[i];
        explore_world_run_before(world, path.cuts[1].at_ns);
        rc = try_last(worker, &path, worker->child_err);
    }
    if (rc == 0 && joins_sweeps(worker)) {
        explore_branch_keep(worker->scout_slate, &worker->tables.swept);
    }
    explore_plan_release(&recovery->plan);
}

/* Whether the recovery after a cut was swept from its first instant. */
static bool is_swept(struct explore_worker *worker, const struct explore_path *path,
                     const struct explore_foreseen *foreseen)
{
    const struct explore_branch branch = {.world = worker->cfg.world,
                                          .slate = worker->scout_slate,
                                          .alone = &worker->tables.alone,
                                          .known = &worker->tables.swept,
                                          .foreseen = foreseen};
    if (foreseen == NULL || !explore_branch_known(&branch, path->cuts[0].at_ns)) {
        return false;
    }
    count_first(worker, path);
    return true;
}

static int try_with_recovery(struct explore_worker *worker, const struct explore_path *path,
                             struct err *err)
{
    struct explore_foreseen foreseen;
    const bool foresees =
        joins_sweeps(worker) && explore_foresee(worker->cfg.world, path->cuts[0].at_ns, &foreseen);
    struct recovery recovery = {
        .worker = worker, .foreseen = foresees ? &foreseen : NULL, .path = *path};
    bool ended_well = false;
    if (is_swept(worker, path, recovery.foreseen)) {
        return 0;
    }
    int rc = explore_branch_fork(sweep_recovery, &recovery, NESTED_LIMIT_S, &ended_well, err);
    if (rc == 0 && worker->child_err->code != 0) {
        *err = *worker->child_err;
        rc = err->code;
    }
    if (rc == 0 && !ended_well) {
        rc = err_set(err, ERR_NOMEM, "the sweep of a recovery died or took more than %d s",
                     NESTED_LIMIT_S);
    }
    return rc;
}

/* A first cut, and with two those of the recovery after it. */
static int try_first(struct explore_worker *worker, const struct explore_path *path,
                     struct explore_last *last, struct explore_outcome *outcome, struct err *err)
{
    int rc = 0;
    if (worker->cfg.depth <= 1) {
        rc = try_last(worker, path, err);
        *outcome = worker->slate->outcome;
    } else if (joins_sweeps(worker) && nothing_happened(worker, last)) {
        *outcome = last->outcome;
        count_again(worker, path, last);
    } else {
        rc = try_with_recovery(worker, path, err);
        *outcome = worker->scout_slate->outcome;
        remember(worker, last, outcome);
    }
    return rc;
}

/* In a child: the recoveries after some first cuts from all over the update. */
static void sweep_base(void *ctx)
{
    struct explore_worker *worker = ctx;
    const struct explore_plan *plan = worker->cfg.plan;
    for (size_t i = 0; i < BASE_CUTS && i < plan->len; i++) {
        const struct explore_path path = {.len = 1,
                                          .cuts = {plan->cuts[plan->len / BASE_CUTS * i]}};
        explore_world_run_before(worker->cfg.world, path.cuts[0].at_ns);
        if (try_with_recovery(worker, &path, worker->child_err) != 0) {
            return;
        }
    }
}

/* Once for a worker, and in each the same: what all slices would otherwise explore anew, each for
 * itself. What it finds is counted where it belongs: in the slices of those cuts. */
static int make_base(struct explore_worker *worker, struct err *err)
{
    bool ended_well = false;
    struct explore_table states;
    struct explore_tally *tally = explore_share(sizeof *tally);
    struct explore_unit nowhere = {.tally = tally, .states = &states};
    if (tally == NULL || explore_table_init(&states, 2, err) != 0) {
        explore_unshare(tally, sizeof *tally);
        return err_set(err, ERR_NOMEM, "out of memory for a worker");
    }
    struct explore_unit *unit = worker->unit;
    worker->unit = &nowhere;
    tables_clear(&worker->tables);
    int rc = explore_branch_fork(sweep_base, worker, NESTED_LIMIT_S, &ended_well, err);
    if (rc == 0 && (!ended_well || worker->child_err->code != 0)) {
        rc = err_set(err, ERR_NOMEM, "the sweep of the first recoveries died: %s",
                     worker->child_err->text);
    }
    tables_copy(&worker->base, &worker->tables);
    worker->has_base = true;
    worker->unit = unit;
    explore_table_release(&states);
    explore_unshare(tally, sizeof *tally);
    return rc;
}

/* Tables begin each slice alike, whatever the worker has done before. The base is made while the
 * world still stands before all cuts. */
static int begin_slice(struct explore_worker *worker, size_t first, size_t len, struct err *err)
{
    const bool based = worker->cfg.depth > 1 && joins_sweeps(worker) && len < worker->cfg.plan->len;
    int rc = 0;
    worker->last.known = false;
    if (based && !worker->has_base) {
        rc = make_base(worker, err);
    }
    if (based && first > 0) {
        tables_copy(&worker->tables, &worker->base);
    } else {
        tables_clear(&worker->tables);
    }
    return rc;
}

int explore_worker_slice(struct explore_worker *worker, size_t first, size_t len,
                         struct explore_unit *unit, struct explore_outcome *outcomes,
                         struct err *err)
{
    struct explore_last last = {.known = false};
    worker->unit = unit;
    int rc = begin_slice(worker, first, len, err);
    for (size_t i = 0; rc == 0 && i < len; i++) {
        const struct explore_path path = {.len = 1, .cuts = {worker->cfg.plan->cuts[first + i]}};
        struct explore_outcome outcome;
        explore_world_run_before(worker->cfg.world, path.cuts[0].at_ns);
        rc = try_first(worker, &path, &last, &outcome, err);
        if (outcomes != NULL) {
            outcomes[i] = outcome;
        }
        explore_unit_progress(unit, 1);
    }
    return rc;
}
