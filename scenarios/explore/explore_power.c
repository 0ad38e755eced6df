/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_power.c - plans a sweep of power cuts; its units are slices. */
#include "scenarios/explore/explore_power.h"

#include "scenarios/explore/explore_guest_slice.h"
#include "scenarios/explore/explore_rewind.h"
#include "scenarios/explore/explore_slice.h"

#include <stdlib.h>
#include <string.h>

/* Cuts in a slice: enough to join futures, few enough to share the work out. */
enum {
    SLICE_CUTS = 512,
    SLICE_CUTS_NESTED = 128,
    SLICE_CUTS_GUEST = 128,
    SLICE_CUTS_GUEST_NESTED = 16
};
/* Room for the contents of flash that a slice leaves. */
enum { STATES_MAX = 1 << 10, STATES_MAX_NESTED = 1 << 18 };

#define OPS  "operations of the update"
#define CUTS "first cuts"
#define MORE "second cuts, in the recoveries after these"
#define PLAN_ROWS(heading, how)                                                                    \
    {heading,                                                                                      \
     "points: each operation before, after 1/5 to 4/5, after; of flash also after 7 and 93 %",     \
     how, true},                                                                                   \
        {heading, "left out: not in this mode", how, false},                                       \
        {heading, "left out: the ECU has no supply then", how, false},                             \
        {heading, "left out: another point has the same instant", how, false},                     \
        {heading, "left out: not in the sample", how, false}, {heading, "cuts", how, true},

/* Operations are called as explore_op_kind_text() says. */
static const struct explore_row row_table[EXPLORE_POWER_ROWS] = {
    {OPS, NULL, SWEEP_SAME, true},
    {OPS, NULL, SWEEP_SAME, true},
    {OPS, NULL, SWEEP_SAME, true},
    PLAN_ROWS(CUTS, SWEEP_SAME) PLAN_ROWS(MORE, SWEEP_SUM){
        MORE, "recoveries swept up to a state that was swept before", SWEEP_SUM, true},
    {MORE, "recoveries with more operations than there is room for", SWEEP_SUM, false},
    {"recoveries", "tried", SWEEP_SUM, true},
    {"recoveries", "different states of flash after them", SWEEP_STATES, true},
    {"recoveries", "not gone through: nothing but the clock has moved since the last", SWEEP_SUM,
     true},
    {"recoveries", "not gone through to the end: from a state whose end was known", SWEEP_SUM,
     true},
};

struct sweep {
    const struct explore_power_cfg *cfg;
    struct explore_world world;
    struct explore_plan plan;
    struct explore_phases phases;
    struct explore_map map;
    sim_ns_t clean_ns; /* The end of the last operation. */
    uint64_t same[EXPLORE_POWER_ROWS];
    struct explore_row rows[EXPLORE_POWER_ROWS];
    struct explore_kind kind;
    size_t slice_cuts;
    struct explore_outcome *outcomes; /* Shared; one a cut. Null: they are not kept. */
    struct explore_pair *pairs;       /* Likewise, with two cuts and a guest. */
};

static int plan(struct sweep *sweep, const struct explore_slate *slate, struct err *err)
{
    struct prng prng;
    prng_init(&prng, sweep->cfg->world.seed, "explore sample");
    sweep->phases = slate->phases;
    for (size_t i = 0; i < slate->ops_len; i++) {
        const struct explore_op *op = &slate->ops[i];
        sweep->same[EXPLORE_ROW_OPS + op->kind]++;
        sweep->clean_ns = op->end_ns > sweep->clean_ns ? op->end_ns : sweep->clean_ns;
    }
    const int rc = explore_plan_make(&sweep->plan, &sweep->cfg->plan, slate->ops, slate->ops_len,
                                     sweep->world.sim.now_ns + 1, &prng, err);
    if (rc == 0) {
        explore_plan_counts_add(&sweep->same[EXPLORE_ROW_FIRST], &sweep->plan.counts);
    }
    return rc;
}

static int check_clean(const struct explore_slate *slate, struct err *err)
{
    if (slate->outcome.verdict != EXPLORE_UPDATED) {
        return explore_verdict_refuse((enum explore_verdict)slate->outcome.verdict, err);
    }
    return !slate->ops_full
               ? 0
               : err_set(err, ERR_RANGE,
                         "the update has more than %d operations; take a smaller image",
                         EXPLORE_OPS_MAX);
}

/* The same with a guest. */
static int scout_guest(struct sweep *sweep, struct err *err)
{
    struct explore_guest_worker worker;
    const struct explore_power_cfg *cfg = sweep->cfg;
    int rc = explore_guest_worker_init(&worker, &cfg->world, cfg->guest, NULL, err);
    rc = rc != 0 ? rc : explore_guest_worker_scout(&worker, err);
    rc = rc != 0 ? rc : check_clean(worker.slate, err);
    rc = rc != 0 ? rc : plan(sweep, worker.slate, err);
    explore_guest_worker_release(&worker);
    return rc;
}

/* The clean run, in a child; its operations are planned for. */
static int scout(struct sweep *sweep, struct err *err)
{
    struct explore_slate *slate = explore_share(sizeof *slate);
    if (slate == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the operations of a run");
    }
    const struct explore_branch branch = {.world = &sweep->world, .slate = slate, .watch = true};
    int rc = explore_branch_try(&branch, 0, err);
    rc = rc != 0 ? rc : check_clean(slate, err);
    rc = rc != 0 ? rc : plan(sweep, slate, err);
    explore_unshare(slate, sizeof *slate);
    return rc;
}

/* What is told only of sweeps with two cuts is left empty without. */
static void name_rows(struct sweep *sweep)
{
    const bool nested = sweep->cfg->depth > 1;
    memcpy(sweep->rows, row_table, sizeof sweep->rows);
    for (size_t i = 0; i < EXPLORE_OP_KINDS; i++) {
        sweep->rows[EXPLORE_ROW_OPS + i].text = explore_op_kind_text((enum explore_op_kind)i);
    }
    for (size_t i = 0; !nested && i < EXPLORE_POWER_ROWS; i++) {
        struct explore_row *row = &sweep->rows[i];
        if (i >= EXPLORE_ROW_SECOND && i <= EXPLORE_ROW_OPS_DROPPED) {
            row->shown_if_zero = false;
        } else if (i >= EXPLORE_ROW_FIRST && i < EXPLORE_ROW_SECOND) {
            row->heading = "cuts";
        }
    }
    sweep->kind = (struct explore_kind){.name = "power",
                                        .axis = "instant of the first cut",
                                        .rows = sweep->rows,
                                        .rows_len = EXPLORE_POWER_ROWS};
}

static int begin(void *ctx, void **worker, struct err *err)
{
    struct sweep *sweep = ctx;
    const struct explore_worker_cfg cfg = {.world = &sweep->world,
                                           .plan = &sweep->plan,
                                           .nested = &sweep->cfg->plan,
                                           .depth = sweep->cfg->depth,
                                           .seed = sweep->cfg->world.seed,
                                           .join = !sweep->cfg->no_join};
    *worker = calloc(1, sizeof(struct explore_worker));
    if (*worker == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a worker");
    }
    if (!sweep->cfg->forks) {
        explore_rewind_begin();
    }
    return explore_worker_init(*worker, &cfg, err);
}

static int begin_guest(void *ctx, void **worker, struct err *err)
{
    const struct sweep *sweep = ctx;
    struct explore_guest_worker *own = calloc(1, sizeof *own);
    *worker = own;
    if (own == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a worker");
    }
    const struct explore_plan_cfg *nested = sweep->cfg->depth > 1 ? &sweep->cfg->plan : NULL;
    const int rc =
        explore_guest_worker_init(own, &sweep->cfg->world, sweep->cfg->guest, nested, err);
    own->plan = &sweep->plan;
    own->pairs = sweep->pairs;
    own->join = !sweep->cfg->no_join;
    return rc;
}

static size_t slice_len(const struct sweep *sweep, uint64_t slice)
{
    const size_t left = sweep->plan.len - (size_t)slice * sweep->slice_cuts;
    return left < sweep->slice_cuts ? left : sweep->slice_cuts;
}

static int work(void *ctx, void *worker, struct explore_unit *unit, struct err *err)
{
    struct sweep *sweep = ctx;
    const size_t first = (size_t)unit->index * sweep->slice_cuts;
    return explore_worker_slice(worker, first, slice_len(sweep, unit->index), unit,
                                sweep->outcomes != NULL ? &sweep->outcomes[first] : NULL, err);
}

static int work_guest(void *ctx, void *worker, struct explore_unit *unit, struct err *err)
{
    struct sweep *sweep = ctx;
    const size_t first = (size_t)unit->index * sweep->slice_cuts;
    return explore_guest_worker_slice(worker, first, slice_len(sweep, unit->index), unit,
                                      sweep->outcomes != NULL ? &sweep->outcomes[first] : NULL,
                                      err);
}

static void end_guest(void *ctx, void *worker)
{
    (void)ctx;
    if (worker != NULL) {
        explore_guest_worker_release(worker);
        free(worker);
    }
}

static void end(void *ctx, void *worker)
{
    (void)ctx;
    if (worker != NULL) {
        explore_worker_release(worker);
        free(worker);
    }
}

/* How many slices, and how many cuts in those of the shard. */
static void split(const struct sweep *sweep, struct explore_sweep_cfg *cfg)
{
    cfg->units = (sweep->plan.len + sweep->slice_cuts - 1) / sweep->slice_cuts;
    for (uint64_t slice = 0; slice < cfg->units; slice++) {
        if (cfg->shards == 0 || slice % cfg->shards == cfg->shard - 1) {
            cfg->points += slice_len(sweep, slice);
        }
    }
}

static size_t cuts_of_slice(bool nested, bool guest)
{
    if (guest) {
        return nested ? SLICE_CUTS_GUEST_NESTED : SLICE_CUTS_GUEST;
    }
    return nested ? SLICE_CUTS_NESTED : SLICE_CUTS;
}

static void make_map(struct sweep *sweep)
{
    explore_map_init(&sweep->map, sweep->world.sim.now_ns, sweep->clean_ns, EXPLORE_MAP_STEPS);
    explore_phases_split(&sweep->phases, &sweep->map);
    if (sweep->plan.len > 0) {
        explore_map_share(&sweep->map, &sweep->plan.cuts[0].at_ns, sizeof sweep->plan.cuts[0],
                          sweep->plan.len);
    }
}

static int run(struct sweep *sweep, struct result_sweep *result, struct err *err)
{
    const bool nested = sweep->cfg->depth > 1;
    const bool guest = sweep->cfg->guest != NULL;
    struct explore_sweep_cfg cfg = {.limit_ns = 0};
    if (sweep->cfg->sweep != NULL) {
        cfg = *sweep->cfg->sweep;
    }
    name_rows(sweep);
    sweep->slice_cuts = cuts_of_slice(nested, guest);
    split(sweep, &cfg);
    if (cfg.units == 0) {
        return err_set(err, ERR_RANGE, "the update has no instant that could be cut");
    }
    cfg.kind = &sweep->kind;
    make_map(sweep);
    cfg.map = &sweep->map;
    cfg.same = sweep->same;
    cfg.unit_states_max = nested ? STATES_MAX_NESTED : STATES_MAX;
    cfg.begin = guest ? begin_guest : begin;
    cfg.work = guest ? work_guest : work;
    cfg.end = guest ? end_guest : end;
    cfg.ctx = sweep;
    const int rc = explore_sweep_run(&cfg, result, err);
    if (rc == 0) {
        explore_phases_print(&sweep->phases, sweep->world.sim.now_ns, sweep->clean_ns,
                             &result->map);
    }
    return rc;
}

static int share_outcomes(struct sweep *sweep, struct err *err)
{
    if (!sweep->cfg->keep_outcomes) {
        return 0;
    }
    sweep->outcomes = explore_share((sweep->plan.len + 1) * sizeof *sweep->outcomes);
    sweep->pairs = explore_share((sweep->plan.len + 1) * sizeof *sweep->pairs);
    return sweep->outcomes != NULL && sweep->pairs != NULL
               ? 0
               : err_set(err, ERR_NOMEM, "out of memory for %zu outcomes", sweep->plan.len);
}

static void collect(struct sweep *sweep, struct explore_power_result *result)
{
    if (sweep->outcomes == NULL) {
        return;
    }
    result->outcomes = malloc((sweep->plan.len + 1) * sizeof *result->outcomes);
    CHECK(result->outcomes != NULL);
    memcpy(result->outcomes, sweep->outcomes, sweep->plan.len * sizeof *result->outcomes);
    result->pairs = malloc((sweep->plan.len + 1) * sizeof *result->pairs);
    CHECK(result->pairs != NULL);
    memcpy(result->pairs, sweep->pairs, sweep->plan.len * sizeof *result->pairs);
    result->cuts_len = sweep->plan.len;
    result->cuts = sweep->plan.cuts;
    sweep->plan.cuts = NULL;
}

int explore_power_run(const struct explore_power_cfg *cfg, struct explore_power_result *result,
                      struct err *err)
{
    CHECK(cfg->depth <= EXPLORE_CUTS_MAX);
    struct sweep sweep = {.cfg = cfg};
    struct explore_world_cfg world = cfg->world;
    *result = (struct explore_power_result){.cuts_len = 0};
    world.vacant = cfg->guest != NULL;
    if (cfg->guest == NULL && !cfg->forks) {
        explore_rewind_prepare();
    }
    int rc = explore_world_init(&sweep.world, &world, err);
    if (rc != 0) {
        return rc;
    }
    rc = cfg->guest != NULL ? scout_guest(&sweep, err) : scout(&sweep, err);
    rc = rc != 0 ? rc : share_outcomes(&sweep, err);
    rc = rc != 0 ? rc : run(&sweep, &result->sweep, err);
    if (rc == 0) {
        collect(&sweep, result);
    }
    explore_unshare(sweep.outcomes, (sweep.plan.len + 1) * sizeof *sweep.outcomes);
    explore_unshare(sweep.pairs, (sweep.plan.len + 1) * sizeof *sweep.pairs);
    explore_plan_release(&sweep.plan);
    (void)explore_world_release(&sweep.world, NULL);
    return rc;
}

void explore_power_result_release(struct explore_power_result *result)
{
    result_sweep_release(&result->sweep);
    free(result->cuts);
    free(result->outcomes);
    free(result->pairs);
    *result = (struct explore_power_result){.cuts_len = 0};
}
