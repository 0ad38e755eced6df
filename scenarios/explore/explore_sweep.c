/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_sweep.c - workers, the units that they are given, and their parent,
 * which adds up what they have done. Each worker has two places for results: one that it fills, one
 * that the parent reads. */
#include "scenarios/explore/explore_sweep.h"

#include "scenarios/engine/play_pool.h"
#include "scenarios/engine/wall_clock.h"
#include "scenarios/explore/explore_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 256, PLACES = 2, PROGRESS_MS = 200, NS_IN_MS = 1000000 };

/* A place for the result of a unit, in shared memory. */
struct place {
    sem_t free;
    uint64_t index;
    size_t points_done;
    struct explore_tally tally;
};

struct shared {
    uint64_t next; /* Unit that is given out next, counted among those of the shard. */
    struct err errs[WORKERS_MAX];
};

struct run {
    const struct explore_sweep_cfg *cfg;
    struct explore_sum sum;
    struct explore_journal journal;
    struct shared *shared;
    struct place *places;                              /* PLACES for each worker. */
    struct explore_table tables[WORKERS_MAX * PLACES]; /* Of these, if states are counted. */
    size_t jobs;
    pid_t workers[WORKERS_MAX]; /* 0: ended. */
    size_t workers_len;
    int ends[2];          /* Workers write which of their places is filled. */
    uint64_t deadline_ns; /* No unit begins later. UINT64_MAX: none. */
    uint64_t last_done_ns, last_tick_ns;
    uint64_t *states; /* Of one unit; room for all of a table. */
    bool ended_early;
};

uint64_t explore_sweep_shard_units(uint64_t units, uint32_t shard, uint32_t shards)
{
    CHECK(shards == 0 || (shard >= 1 && shard <= shards));
    return shards == 0 ? units : (units + shards - shard) / shards;
}

/* The next unit that is not done. False: there is none, or no more time. */
static bool take_unit(struct run *run, uint64_t *unit)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    const bool open = cfg->units == SWEEP_UNITS_OPEN;
    const uint64_t len = explore_sweep_shard_units(cfg->units, cfg->shard, cfg->shards);
    do {
        if (wall_clock_ns() >= run->deadline_ns) {
            return false;
        }
        const uint64_t number = __atomic_fetch_add(&run->shared->next, 1, __ATOMIC_RELAXED);
        if (!open && number >= len) {
            return false;
        }
        *unit = cfg->shards == 0 ? number : number * cfg->shards + cfg->shard - 1;
    } while (explore_sum_has(&run->sum, *unit));
    return true;
}

static void wait_for_place(struct place *place)
{
    while (sem_wait(&place->free) != 0) {
        CHECK(errno == EINTR);
    }
}

static int do_unit(struct run *run, void *worker, uint16_t at, uint64_t index, struct err *err)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    struct place *place = &run->places[at];
    const bool counts = cfg->unit_states_max != 0;
    struct explore_unit unit = {.index = index,
                                .tally = &place->tally,
                                .states = counts ? &run->tables[at] : NULL,
                                .map = cfg->map,
                                .points_done = &place->points_done};
    place->index = index;
    memset(&place->tally, 0, sizeof place->tally);
    if (counts) {
        explore_table_clear(&run->tables[at]);
    }
    return cfg->work(cfg->ctx, worker, &unit, err);
}

static int work(struct run *run, size_t number, struct err *err)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    void *worker = NULL;
    int rc = cfg->begin != NULL ? cfg->begin(cfg->ctx, &worker, err) : 0;
    uint16_t at = (uint16_t)(number * PLACES);
    uint64_t unit = 0;
    while (rc == 0) {
        wait_for_place(&run->places[at]);
        if (!take_unit(run, &unit)) {
            break;
        }
        rc = do_unit(run, worker, at, unit, err);
        if (rc == 0 && write(run->ends[1], &at, sizeof at) != (ssize_t)sizeof at) {
            rc = err_set(err, ERR_IO, "a worker cannot say that it is done: %s", strerror(errno));
        }
        at = (uint16_t)(number * PLACES + (at + 1u) % PLACES);
    }
    if (cfg->end != NULL) {
        cfg->end(cfg->ctx, worker);
    }
    return rc;
}

/* Crashes are verdicts here, and expected by the thousand where a bootloader is broken. */
static void leave_no_core(void)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

/* Ctrl-C is for the parent alone, which then ends the workers: so they are a group of their own. */
static _Noreturn void be_worker(struct run *run, size_t number, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    (void)setpgid(0, 0);
    (void)close(run->ends[0]);
    leave_no_core();
    _exit(work(run, number, &run->shared->errs[number]) == 0 ? 0 : 1);
}

static int start_workers(struct run *run, struct err *err)
{
    const pid_t parent = getpid();
    int rc = 0;
    (void)fflush(NULL);
    for (size_t i = 0; rc == 0 && i < run->jobs; i++) {
        const pid_t pid = fork();
        if (pid == 0) {
            be_worker(run, i, parent);
        }
        if (pid < 0) {
            rc = err_set(err, ERR_NOMEM, "no worker can be made: %s", strerror(errno));
        } else {
            run->workers[run->workers_len++] = pid;
        }
    }
    (void)close(run->ends[1]);
    return rc;
}

static void end_workers(struct run *run)
{
    run->ended_early = true;
    for (size_t i = 0; i < run->workers_len; i++) {
        if (run->workers[i] != 0) {
            (void)kill(run->workers[i], SIGKILL);
        }
    }
}

static size_t list_states(const struct explore_table *table, uint64_t *states)
{
    size_t len = 0;
    for (size_t i = 0; i < table->cap && len < *table->len; i++) {
        if (table->keys[i] != 0) {
            states[len++] = table->keys[i];
        }
    }
    return len;
}

static int take_result(struct run *run, uint16_t at, struct err *err)
{
    CHECK(at < run->jobs * PLACES);
    struct place *place = &run->places[at];
    const uint64_t now_ns = wall_clock_ns();
    struct explore_done unit = {.index = place->index,
                                .points = place->points_done,
                                .wall_ns = now_ns - run->last_done_ns,
                                .tally = &place->tally,
                                .states = run->states};
    if (run->cfg->unit_states_max != 0) {
        unit.states_len = list_states(&run->tables[at], run->states);
    }
    run->last_done_ns = now_ns;
    explore_sum_add(&run->sum, &unit);
    const int rc = explore_journal_add(&run->journal, &unit, &run->sum, err);
    __atomic_store_n(&place->points_done, 0, __ATOMIC_RELAXED);
    CHECK(sem_post(&place->free) == 0);
    return rc;
}

/* False: the workers have ended, and all of their results are taken. */
static bool take_results(struct run *run, int *rc, struct err *err)
{
    uint16_t filled[WORKERS_MAX];
    const ssize_t len = read(run->ends[0], filled, sizeof filled);
    for (size_t i = 0; *rc == 0 && len > 0 && i < (size_t)len / sizeof filled[0]; i++) {
        *rc = take_result(run, filled[i], err);
        if (*rc != 0) {
            end_workers(run);
        }
    }
    return len > 0 || (len < 0 && errno == EINTR);
}

static void show_progress(const struct run *run)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    uint64_t points = run->sum.points;
    for (size_t i = 0; i < run->jobs * PLACES; i++) {
        points += __atomic_load_n(&run->places[i].points_done, __ATOMIC_RELAXED);
    }
    if (cfg->on_progress != NULL) {
        cfg->on_progress(cfg->progress_ctx, points, cfg->points);
    }
}

static bool given_up(const struct run *run)
{
    const volatile sig_atomic_t *give_up = run->cfg->give_up;
    return give_up != NULL && *give_up != 0;
}

/* Notes that a worker has ended. */
static int worker_ended(struct run *run, size_t number, int status, struct err *err)
{
    run->workers[number] = 0;
    if (status == 0 || run->ended_early || given_up(run)) {
        return 0;
    }
    end_workers(run);
    *err = run->shared->errs[number];
    return err->code != 0
               ? err->code
               : err_set(err, ERR_NOMEM, "a worker of the sweep died; is there memory enough?");
}

static int reap(struct run *run, int flags, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < run->workers_len; i++) {
        int status = 0;
        pid_t got = 0;
        do {
            got = run->workers[i] != 0 ? waitpid(run->workers[i], &status, flags) : 0;
        } while (got < 0 && errno == EINTR);
        if (got > 0) {
            const int ended = worker_ended(run, i, status, err);
            rc = rc != 0 ? rc : ended;
        }
    }
    return rc;
}

static int tick(struct run *run, struct err *err)
{
    if (given_up(run) && !run->ended_early) {
        end_workers(run);
    }
    const uint64_t now_ns = wall_clock_ns();
    if (now_ns - run->last_tick_ns < (uint64_t)PROGRESS_MS * NS_IN_MS) {
        return 0;
    }
    run->last_tick_ns = now_ns;
    show_progress(run);
    return reap(run, WNOHANG, err);
}

static int wait_for_workers(struct run *run, struct err *err)
{
    struct pollfd end = {.fd = run->ends[0], .events = POLLIN};
    int rc = 0;
    int lost = 0;
    bool more = true;
    while (more) {
        if (poll(&end, 1, PROGRESS_MS) > 0) {
            more = take_results(run, &lost, err);
        }
        const int ended = tick(run, rc == 0 && lost == 0 ? err : NULL);
        rc = rc != 0 ? rc : ended;
    }
    rc = lost != 0 ? lost : rc;
    const int ended = reap(run, 0, rc == 0 ? err : NULL);
    (void)close(run->ends[0]);
    return rc != 0 ? rc : ended;
}

static int share(struct run *run, struct err *err)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    run->jobs = cfg->jobs != 0 ? cfg->jobs : play_pool_cores();
    run->jobs = run->jobs < WORKERS_MAX ? run->jobs : WORKERS_MAX;
    if (cfg->units != SWEEP_UNITS_OPEN && run->jobs > cfg->units) {
        run->jobs = (size_t)cfg->units;
    }
    run->shared = explore_share(sizeof *run->shared);
    run->places = explore_share(run->jobs * PLACES * sizeof *run->places);
    run->states = malloc((cfg->unit_states_max + 1) * sizeof *run->states);
    if (run->shared == NULL || run->places == NULL || run->states == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for %zu workers", run->jobs);
    }
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < run->jobs * PLACES; i++) {
        CHECK(sem_init(&run->places[i].free, 1, 1) == 0);
        rc = cfg->unit_states_max != 0
                 ? explore_table_init(&run->tables[i], cfg->unit_states_max, err)
                 : 0;
    }
    return rc;
}

static void unshare(struct run *run)
{
    for (size_t i = 0; i < run->jobs * PLACES; i++) {
        explore_table_release(&run->tables[i]);
    }
    explore_unshare(run->places, run->jobs * PLACES * sizeof *run->places);
    explore_unshare(run->shared, sizeof *run->shared);
    free(run->states);
}

static int do_units(struct run *run, struct err *err)
{
    const struct explore_sweep_cfg *cfg = run->cfg;
    int rc = share(run, err);
    if (rc == 0 && pipe2(run->ends, O_CLOEXEC) != 0) {
        rc = err_set(err, ERR_IO, "no pipe can be made: %s", strerror(errno));
    }
    if (rc == 0) {
        run->last_done_ns = run->last_tick_ns = wall_clock_ns();
        run->deadline_ns = cfg->limit_ns != 0 ? run->last_done_ns + cfg->limit_ns : UINT64_MAX;
        if (cfg->on_begin != NULL) {
            cfg->on_begin(cfg->progress_ctx, cfg, run->sum.points, run->jobs);
        }
        show_progress(run);
        rc = start_workers(run, err);
        if (rc != 0) {
            end_workers(run);
        }
        const int waited = wait_for_workers(run, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : waited;
    }
    unshare(run);
    return rc;
}

int explore_sweep_run(const struct explore_sweep_cfg *cfg, struct result_sweep *result,
                      struct err *err)
{
    struct run *run = calloc(1, sizeof *run);
    CHECK(run != NULL);
    *result = (struct result_sweep){.kind = NULL};
    run->cfg = cfg;
    explore_sum_init(&run->sum, cfg);
    int rc = cfg->journal_path != NULL
                 ? explore_journal_open(&run->journal, cfg->journal_path, &run->sum, err)
                 : 0;
    rc = rc == 0 ? do_units(run, err) : rc;
    const int closed = explore_journal_close(&run->journal, rc == 0 ? err : NULL);
    rc = rc == 0 ? closed : rc;
    if (rc == 0) {
        explore_sum_result(&run->sum, result);
    }
    explore_sum_release(&run->sum);
    free(run);
    return rc;
}
