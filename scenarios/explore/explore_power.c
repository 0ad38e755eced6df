/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_power.c - plans a sweep, hands its slices to workers, and adds up. */
#include "scenarios/explore/explore_power.h"

#include "scenarios/engine/play_pool.h"
#include "scenarios/explore/explore_slice.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 256, PROGRESS_MS = 200 };
/* Cuts in a slice: enough to join futures, few enough to share the work out. */
enum { SLICE_CUTS = 512, SLICE_CUTS_NESTED = 32 };

struct shared {
    size_t next; /* Slice that is given out next. */
    size_t done; /* First cuts that have been tried. */
    struct err err;
};

struct sweep {
    const struct explore_power_cfg *cfg;
    struct explore_world world;
    struct explore_plan plan;
    struct shared *shared;
    struct explore_tally *tallies;    /* Shared; one a slice. */
    struct explore_outcome *outcomes; /* Shared; one a cut. */
    struct explore_table states;      /* Shared by all workers. */
    size_t slice_cuts, slices;
    pid_t workers[WORKERS_MAX];
    size_t workers_len;
    int ends[2]; /* A pipe that is at its end when the last worker is. */
};

/* The clean run, in a child; its operations are planned for. */
static int scout(struct sweep *sweep, struct explore_power_result *result, struct err *err)
{
    struct explore_slate *slate = explore_share(sizeof *slate);
    if (slate == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the operations of a run");
    }
    const struct explore_branch branch = {.world = &sweep->world, .slate = slate, .watch = true};
    struct prng prng;
    prng_init(&prng, sweep->cfg->world.seed, "explore sample");
    int rc = explore_branch_try(&branch, 0, err);
    if (rc == 0 && slate->outcome.verdict != EXPLORE_UPDATED) {
        rc = err_set(err, ERR_CONFLICT, "the update does not even go well without a cut: %s",
                     explore_verdict_text((enum explore_verdict)slate->outcome.verdict));
    }
    if (rc == 0 && slate->ops_full) {
        rc = err_set(err, ERR_RANGE, "the update has more than %d operations; take a smaller image",
                     EXPLORE_OPS_MAX);
    }
    for (size_t i = 0; rc == 0 && i < slate->ops_len; i++) {
        result->ops[slate->ops[i].kind]++;
    }
    if (rc == 0) {
        result->clean_ns = slate->ops_len > 0 ? slate->ops[slate->ops_len - 1].end_ns : 0;
        rc = explore_plan_make(&sweep->plan, &sweep->cfg->plan, slate->ops, slate->ops_len,
                               sweep->world.sim.now_ns + 1, &prng, err);
    }
    explore_unshare(slate, sizeof *slate);
    return rc;
}

static int share(struct sweep *sweep, struct err *err)
{
    const bool nested = sweep->cfg->depth > 1;
    sweep->slice_cuts = nested ? SLICE_CUTS_NESTED : SLICE_CUTS;
    sweep->slices = (sweep->plan.len + sweep->slice_cuts - 1) / sweep->slice_cuts;
    sweep->shared = explore_share(sizeof *sweep->shared);
    sweep->tallies = explore_share((sweep->slices + 1) * sizeof *sweep->tallies);
    sweep->outcomes = explore_share((sweep->plan.len + 1) * sizeof *sweep->outcomes);
    if (sweep->shared == NULL || sweep->tallies == NULL || sweep->outcomes == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for %zu cuts", sweep->plan.len);
    }
    return explore_table_init(&sweep->states, (size_t)1 << 22, err);
}

static int work(struct sweep *sweep, struct err *err)
{
    struct explore_worker worker;
    const struct explore_worker_cfg cfg = {
        .world = &sweep->world,
        .plan = &sweep->plan,
        .nested = &sweep->cfg->plan,
        .depth = sweep->cfg->depth,
        .seed = sweep->cfg->world.seed,
        .join = !sweep->cfg->no_join,
    };
    int rc = explore_worker_init(&worker, &cfg, err);
    while (rc == 0) {
        const size_t slice = __atomic_fetch_add(&sweep->shared->next, 1, __ATOMIC_RELAXED);
        if (slice >= sweep->slices) {
            break;
        }
        const size_t first = slice * sweep->slice_cuts;
        const size_t left = sweep->plan.len - first;
        struct explore_unit unit = {.index = slice,
                                    .tally = &sweep->tallies[slice],
                                    .states = &sweep->states,
                                    .points_done = &sweep->shared->done};
        rc = explore_worker_slice(&worker, first,
                                  left < sweep->slice_cuts ? left : sweep->slice_cuts, &unit,
                                  &sweep->outcomes[first], err);
    }
    explore_worker_release(&worker);
    return rc;
}

/* Crashes are verdicts here, and expected by the thousand where a bootloader is broken. */
static void leave_no_core(void)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

static int start_workers(struct sweep *sweep, struct err *err)
{
    size_t jobs = sweep->cfg->jobs != 0 ? sweep->cfg->jobs : play_pool_cores();
    jobs = jobs < WORKERS_MAX ? jobs : WORKERS_MAX;
    jobs = jobs < sweep->slices ? jobs : sweep->slices;
    if (pipe(sweep->ends) != 0) {
        return err_set(err, ERR_IO, "no pipe can be made: %s", strerror(errno));
    }
    for (size_t i = 0; i < jobs; i++) {
        const pid_t pid = fork();
        if (pid < 0) {
            return err_set(err, ERR_NOMEM, "no worker can be made: %s", strerror(errno));
        }
        if (pid == 0) {
            (void)close(sweep->ends[0]);
            leave_no_core();
            _exit(work(sweep, &sweep->shared->err) == 0 ? 0 : 1);
        }
        sweep->workers[sweep->workers_len++] = pid;
    }
    return 0;
}

static void end_workers(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->workers_len; i++) {
        (void)kill(sweep->workers[i], SIGKILL);
    }
}

static bool given_up(const struct sweep *sweep)
{
    return sweep->cfg->give_up != NULL && *sweep->cfg->give_up != 0;
}

static int wait_for_workers(struct sweep *sweep, struct explore_power_result *result,
                            struct err *err)
{
    struct pollfd end = {.fd = sweep->ends[0], .events = POLLIN};
    bool good = true;
    (void)close(sweep->ends[1]);
    while (poll(&end, 1, PROGRESS_MS) <= 0) {
        if (given_up(sweep) && !result->interrupted) {
            result->interrupted = true;
            end_workers(sweep);
        }
        if (sweep->cfg->on_progress != NULL) {
            sweep->cfg->on_progress(sweep->cfg->ctx, sweep->shared->done, sweep->plan.len);
        }
    }
    (void)close(sweep->ends[0]);
    for (size_t i = 0; i < sweep->workers_len; i++) {
        int status = 0;
        while (waitpid(sweep->workers[i], &status, 0) < 0 && errno == EINTR) {
        }
        good = good && status == 0;
    }
    if (good || result->interrupted) {
        return 0;
    }
    *err = sweep->shared->err;
    return err->code != 0 ? err->code
                          : err_set(err, ERR_NOMEM,
                                    "a worker of the sweep died; is there memory "
                                    "enough?");
}

static void add_tally(struct explore_tally *to, const struct explore_tally *more)
{
    for (size_t i = 0; i < EXPLORE_ROWS_MAX; i++) {
        to->numbers[i] += more->numbers[i];
    }
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        to->verdicts[i] += more->verdicts[i];
    }
    for (uint64_t i = 0; i < more->failures_all && i < SWEEP_FAILURES_MAX; i++) {
        if (to->failures_all + i < SWEEP_FAILURES_MAX) {
            to->failures[to->failures_all + i] = more->failures[i];
        }
    }
    to->failures_all += more->failures_all;
}

static int collect(struct sweep *sweep, struct explore_power_result *result, struct err *err)
{
    for (size_t i = 0; i < sweep->slices; i++) {
        add_tally(&result->tally, &sweep->tallies[i]);
    }
    explore_plan_counts_add(&result->tally.numbers[EXPLORE_ROW_FIRST], &sweep->plan.counts);
    result->states = *sweep->states.len;
    result->states_full = *sweep->states.len >= sweep->states.cap / 4 * 3;
    result->outcomes = malloc((sweep->plan.len + 1) * sizeof *result->outcomes);
    if (result->outcomes == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for %zu outcomes", sweep->plan.len);
    }
    memcpy(result->outcomes, sweep->outcomes, sweep->plan.len * sizeof *result->outcomes);
    result->cuts_len = sweep->plan.len;
    result->cuts = sweep->plan.cuts;
    sweep->plan.cuts = NULL;
    return 0;
}

static void release(struct sweep *sweep)
{
    explore_table_release(&sweep->states);
    explore_unshare(sweep->shared, sizeof *sweep->shared);
    explore_unshare(sweep->tallies, (sweep->slices + 1) * sizeof *sweep->tallies);
    explore_unshare(sweep->outcomes, (sweep->plan.len + 1) * sizeof *sweep->outcomes);
    explore_plan_release(&sweep->plan);
    (void)explore_world_release(&sweep->world, NULL);
}

int explore_power_run(const struct explore_power_cfg *cfg, struct explore_power_result *result,
                      struct err *err)
{
    CHECK(cfg->depth <= EXPLORE_CUTS_MAX);
    struct sweep sweep = {.cfg = cfg};
    *result = (struct explore_power_result){.cuts_len = 0};
    int rc = explore_world_init(&sweep.world, &cfg->world, err);
    if (rc != 0) {
        return rc;
    }
    rc = scout(&sweep, result, err);
    rc = rc != 0 ? rc : share(&sweep, err);
    if (rc == 0) {
        rc = start_workers(&sweep, err);
        if (rc != 0) {
            end_workers(&sweep);
        }
        const int waited = wait_for_workers(&sweep, result, err);
        rc = rc != 0 ? rc : waited;
    }
    rc = rc != 0 ? rc : collect(&sweep, result, err);
    release(&sweep);
    return rc;
}

void explore_power_result_release(struct explore_power_result *result)
{
    free(result->cuts);
    free(result->outcomes);
    *result = (struct explore_power_result){.cuts_len = 0};
}
