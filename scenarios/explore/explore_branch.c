/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_branch.c - forks worlds, and joins those that come to a known state. */
#include "scenarios/explore/explore_branch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Real time for one future: far beyond what the longest takes. */
enum { LIMIT_S = 120 };
/* Bytes that a transfer has to move on before its state is compared again. */
enum { COMPARE_BYTES = 1024 };

_Static_assert((int)EXPLORE_VERDICT_COUNT *EXPLORE_BREACH_SETS <= (int)EXPLORE_VALUES,
               "a table holds what follows from a state");

struct walk {
    const struct explore_branch *branch;
    struct ota_progress last;
    bool joined;
};

static bool moved_on(struct walk *walk, const struct explore_world *world)
{
    struct ota_progress now;
    ota_master_progress(world->master.master, &now);
    const struct ota_progress *last = &walk->last;
    if (now.phase == last->phase && now.segment == last->segment &&
        now.bytes_done / COMPARE_BYTES == last->bytes_done / COMPARE_BYTES) {
        return false;
    }
    walk->last = now;
    return true;
}

static void compare(struct explore_world *world)
{
    struct walk *walk = world->ctx;
    struct explore_slate *slate = walk->branch->slate;
    uint8_t future = 0;
    if (walk->joined || !moved_on(walk, world)) {
        return;
    }
    const uint64_t state = explore_state_hash(world);
    if (state == 0) {
        return;
    }
    if (explore_table_find(walk->branch->known, state, &future)) {
        walk->joined = true;
        slate->of_end = (enum explore_verdict)(future / EXPLORE_BREACH_SETS);
        slate->breaches_after = future % EXPLORE_BREACH_SETS;
        slate->outcome.joined = true;
        slate->outcome.joined_ns = world->sim.now_ns;
        sim_stop(&world->sim);
    } else if (slate->visited_len < EXPLORE_VISITED_MAX) {
        slate->visited[slate->visited_len++] =
            (struct explore_visit){.state = state, .before = explore_breaches_of(world)};
    }
}

void explore_branch_keep(const struct explore_slate *slate, struct explore_table *table)
{
    for (size_t i = 0; i < slate->visited_len; i++) {
        const struct explore_visit *visit = &slate->visited[i];
        const unsigned breaches =
            explore_breaches_since(&slate->breaches, &visit->before) | slate->breaches_after;
        explore_table_put(table, visit->state,
                          (uint8_t)((unsigned)slate->of_end * EXPLORE_BREACH_SETS + breaches));
    }
}

static void find_verdict(struct explore_slate *slate, struct explore_world *world, bool joined)
{
    const struct explore_breaches none = {.rules = 0};
    if (!joined) {
        slate->outcome.digest = explore_world_digest(world);
        slate->of_end = explore_verdict_of_end(world);
        slate->breaches_after = 0;
    }
    slate->breaches = explore_breaches_of(world);
    slate->outcome.verdict = (uint8_t)explore_verdict_with(
        slate->of_end, explore_breaches_since(&slate->breaches, &none) | slate->breaches_after);
}

static void go_on(const struct explore_branch *branch)
{
    struct explore_world *world = branch->world;
    struct explore_slate *slate = branch->slate;
    struct walk walk = {.branch = branch};
    struct explore_points points = {.watching = false};
    slate->visited_len = 0;
    if (branch->known != NULL) {
        ota_master_progress(world->master.master, &walk.last);
        world->ctx = &walk;
        world->on_step = compare;
    }
    if (branch->watch) {
        explore_points_watch(&points, world, slate->ops, EXPLORE_OPS_MAX);
    }
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    slate->ops_len = points.len;
    slate->ops_full = points.full;
    explore_points_stop(&points);
    world->on_step = NULL;
    find_verdict(slate, world, walk.joined);
    if (branch->keep) {
        explore_branch_keep(slate, branch->known);
    }
}

/* A child begins without the pages of its code, and would fault for them one by one. */
static void map_code(void)
{
    extern const char __executable_start[];
    extern const char etext[];
    union {
        const char *is_const;
        char *taken; /* Asked for, not written. */
    } start = {.is_const = __executable_start};
    (void)madvise(start.taken, (size_t)(etext - __executable_start), MADV_POPULATE_READ);
}

int explore_branch_fork(void (*fn)(void *ctx), void *ctx, unsigned limit_s, bool *ended_well,
                        struct err *err)
{
    const pid_t pid = fork();
    if (pid < 0) {
        return err_set(err, ERR_NOMEM, "no further process can be made: %s", strerror(errno));
    }
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)alarm(limit_s);
        map_code();
        fn(ctx);
        _exit(0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        CHECK(errno == EINTR);
    }
    *ended_well = status == 0;
    return 0;
}

struct trial {
    const struct explore_branch *branch;
    sim_ns_t cut_ns;
};

static void run_alone(void *ctx)
{
    const struct trial *trial = ctx;
    const struct explore_branch *branch = trial->branch;
    struct explore_world *world = branch->world;
    world->sim.cfg.trace = NULL;
    explore_world_leave(world);
    sim_run_until(&world->sim, world->sim.now_ns + EXPLORE_ALONE_NS);
    explore_world_look(world);
    branch->slate->alone_is_safe = !world->ran_unapproved;
}

/* Whether the ECU runs nothing that it should not when nobody comes. */
static bool alone_is_safe(const struct explore_branch *branch)
{
    struct explore_slate *slate = branch->slate;
    uint8_t safe = 0;
    bool ended_well = false;
    if (explore_table_find(branch->alone, slate->outcome.state, &safe)) {
        return safe != 0;
    }
    slate->alone_is_safe = false;
    struct trial trial = {.branch = branch};
    CHECK(explore_branch_fork(run_alone, &trial, LIMIT_S, &ended_well, NULL) == 0);
    safe = ended_well && slate->alone_is_safe;
    explore_table_put(branch->alone, slate->outcome.state, safe);
    return safe != 0;
}

void explore_branch_after_cut(const struct explore_branch *branch)
{
    struct explore_outcome *outcome = &branch->slate->outcome;
    outcome->state = explore_flash_hash(branch->world);
    const bool safe = branch->alone == NULL || alone_is_safe(branch);
    go_on(branch);
    if (!safe && outcome->verdict < EXPLORE_WRONG) {
        outcome->verdict = EXPLORE_WRONG;
    }
}

static void run_trial(void *ctx)
{
    const struct trial *trial = ctx;
    const struct explore_branch *branch = trial->branch;
    if (trial->cut_ns != 0) {
        explore_world_cut(branch->world, trial->cut_ns);
        sim_run_until(&branch->world->sim, trial->cut_ns);
    }
    explore_branch_after_cut(branch);
}

int explore_branch_try(const struct explore_branch *branch, sim_ns_t cut_ns, struct err *err)
{
    struct trial trial = {.branch = branch, .cut_ns = cut_ns};
    bool ended_well = false;
    branch->slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
    const int rc = explore_branch_fork(run_trial, &trial, LIMIT_S, &ended_well, err);
    if (rc == 0 && !ended_well) {
        branch->slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
        branch->slate->visited_len = 0;
    }
    return rc;
}
