/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_branch.c - forks worlds, and joins those that come to a known state. */
#include "scenarios/explore/explore_branch.h"

#include "scenarios/explore/explore_rewind.h"
#include "scenarios/explore/explore_truth.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Real time for one future: far beyond what the longest takes. */
enum { LIMIT_S = 120 };
_Static_assert((int)EXPLORE_VERDICT_COUNT < (int)EXPLORE_VALUES, "a table holds verdicts");

struct walk {
    const struct explore_branch *branch;
    uint64_t master; /* Its state when it was looked at last. */
    bool joined;
};

static bool moved_on(struct walk *walk, const struct explore_world *world)
{
    const uint64_t now = ota_master_state_hash(world->master.master);
    const bool moved = now != walk->master;
    walk->master = now;
    return moved;
}

static void visit(struct explore_slate *slate, uint64_t state,
                  const struct explore_breaches *before)
{
    if (slate->visited_len < EXPLORE_VISITED_MAX) {
        slate->visited[slate->visited_len++] =
            (struct explore_visit){.state = state, .before = *before};
    }
}

static void join(const struct explore_branch *branch, uint8_t value, sim_ns_t now_ns)
{
    struct explore_slate *slate = branch->slate;
    const struct explore_future future = explore_table_future(branch->known, value);
    slate->of_end = (enum explore_verdict)future.of_end;
    slate->breaches_after = future.breaches;
    slate->invariants_after = future.invariants;
    slate->outcome.joined = true;
    slate->outcome.joined_ns = now_ns;
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
        join(walk->branch, future, world->sim.now_ns);
        sim_stop(&world->sim);
    } else {
        const struct explore_breaches before = explore_breaches_of(world);
        visit(slate, state, &before);
    }
}

void explore_branch_keep(const struct explore_slate *slate, struct explore_table *table)
{
    for (size_t i = 0; i < slate->visited_len; i++) {
        const struct explore_visit *visit = &slate->visited[i];
        const unsigned breaches =
            explore_breaches_since(&slate->breaches, &visit->before) | slate->breaches_after;
        const struct explore_future future = {
            .of_end = (uint8_t)slate->of_end,
            .breaches = (uint8_t)breaches,
            .invariants = explore_judgement_since(&slate->why, visit->before.at_ns) |
                          slate->invariants_after};
        const uint8_t value = explore_table_code(table, &future);
        if (value < EXPLORE_VALUES) {
            explore_table_put(table, visit->state, value);
        }
    }
}

/* invariants: of the breaches those of the judge's rules. */
static void judge(struct explore_slate *slate, const struct explore_breaches *breaches,
                  uint16_t invariants)
{
    const struct explore_breaches none = {.rules = 0};
    slate->breaches = *breaches;
    slate->outcome.verdict = (uint8_t)explore_verdict_with(
        slate->of_end, explore_breaches_since(breaches, &none) | slate->breaches_after);
    slate->outcome.invariants = invariants | slate->invariants_after;
}

static void find_verdict(struct explore_slate *slate, struct explore_world *world, bool joined)
{
    const struct explore_breaches on_the_way = explore_breaches_judged(world, &slate->why);
    if (!joined) {
        slate->outcome.digest = explore_world_digest(world);
        slate->of_end = explore_verdict_of_end(world);
        explore_judge_add_network(&world->judge, &slate->why);
        slate->breaches_after = 0;
        slate->invariants_after = slate->why.invariants & EXPLORE_INV_NETWORK;
    }
    struct explore_breaches breaches = explore_breaches_of(world);
    breaches.judged_ns = on_the_way.judged_ns;
    judge(slate, &breaches, explore_judgement_since(&slate->why, 0));
}

static void go_on(const struct explore_branch *branch)
{
    struct explore_world *world = branch->world;
    struct explore_slate *slate = branch->slate;
    struct walk walk = {.branch = branch};
    struct explore_points points = {.watching = false};
    if (branch->known != NULL) {
        walk.master = ota_master_state_hash(world->master.master);
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
    if (branch->watch) {
        explore_phases_find(&slate->phases, world);
    }
    world->on_step = NULL;
    find_verdict(slate, world, walk.joined);
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

int explore_branch_play(void (*fn)(void *ctx), void *ctx, unsigned limit_s, bool *ended_well,
                        struct err *err)
{
    if (!explore_rewind_ready()) {
        return explore_branch_fork(fn, ctx, limit_s, ended_well, err);
    }
    *ended_well = explore_rewind_play(fn, ctx, limit_s);
    return 0;
}

struct trial {
    const struct explore_branch *branch;
    sim_ns_t cut_ns;
};

/* From the first to the last byte of the image. */
static void watch_image(const struct explore_world *world)
{
    const struct ota_image *image = &world->new_image;
    uint32_t start = UINT32_MAX;
    uint32_t end = 0;
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        start = segment->start < start ? segment->start : start;
        end = segment->start + segment->len_bytes > end ? segment->start + segment->len_bytes : end;
    }
    s12x_flash_watch(s12x_ecu_flash(world->target), start, explore_head_end(world), end);
}

static void run_alone(void *ctx)
{
    const struct trial *trial = ctx;
    const struct explore_branch *branch = trial->branch;
    struct explore_world *world = branch->world;
    world->sim.cfg.trace = NULL;
    explore_world_leave(world);
    watch_image(world);
    sim_run_until(&world->sim, world->sim.now_ns + EXPLORE_ALONE_NS);
    explore_world_look(world);
    branch->slate->alone_by = explore_truth_asks_cells(world)
                                  ? S12X_READ_BEYOND
                                  : s12x_flash_watched(s12x_ecu_flash(world->target));
    branch->slate->alone = world->ran_unapproved           ? EXPLORE_WRONG
                           : !explore_truth_kept(world)    ? EXPLORE_UNTRUE
                           : explore_truth_stranded(world) ? EXPLORE_STRANDED
                                                           : EXPLORE_UPDATED;
}

/* A table has verdicts: by the log of emulated EEPROM, by it and the header, by all flash. Where
 * more has to be known it has this instead: */
enum { ALONE_BY_MORE = EXPLORE_VERDICT_COUNT };

static bool alone_known(const struct explore_branch *branch, const struct explore_foreseen *cut,
                        uint8_t *verdict)
{
    const uint64_t keys[] = {cut->log, cut->head, cut->flash};
    bool known = true;
    *verdict = ALONE_BY_MORE;
    for (size_t i = 0; known && *verdict == ALONE_BY_MORE && i < ARRAY_SIZE(keys); i++) {
        known = explore_table_find(branch->alone, keys[i], verdict);
    }
    return known;
}

static void keep_alone(const struct explore_branch *branch, const struct explore_foreseen *cut,
                       uint8_t verdict)
{
    const enum s12x_watched by = branch->slate->alone_by;
    explore_table_put(branch->alone, cut->log, by > S12X_READ_NOTHING ? ALONE_BY_MORE : verdict);
    if (by > S12X_READ_NOTHING) {
        explore_table_put(branch->alone, cut->head, by > S12X_READ_HEAD ? ALONE_BY_MORE : verdict);
    }
    if (by > S12X_READ_HEAD) {
        explore_table_put(branch->alone, cut->flash, verdict);
    }
}

/* What becomes of the ECU when nobody comes. */
static uint8_t try_alone(const struct explore_branch *branch, const struct explore_foreseen *cut)
{
    struct explore_slate *slate = branch->slate;
    uint8_t verdict = EXPLORE_UPDATED;
    bool ended_well = false;
    if (alone_known(branch, cut, &verdict)) {
        return verdict;
    }
    slate->alone_by = S12X_READ_BEYOND;
    struct trial trial = {.branch = branch};
    CHECK(explore_branch_fork(run_alone, &trial, LIMIT_S, &ended_well, NULL) == 0);
    verdict = ended_well ? slate->alone : (uint8_t)EXPLORE_BROKEN;
    keep_alone(branch, cut, verdict);
    return verdict;
}

static void take_worse(struct explore_outcome *outcome, uint8_t alone)
{
    if (outcome->verdict < alone) {
        outcome->verdict = alone;
    }
}

bool explore_branch_known(const struct explore_branch *branch, sim_ns_t cut_ns)
{
    const struct explore_foreseen *cut = branch->foreseen;
    struct explore_slate *slate = branch->slate;
    uint8_t future = 0;
    uint8_t alone = EXPLORE_UPDATED;
    if (cut == NULL || branch->known == NULL ||
        !explore_table_find(branch->known, cut->state, &future) ||
        (branch->alone != NULL && !alone_known(branch, cut, &alone))) {
        return false;
    }
    slate->outcome = (struct explore_outcome){.state = cut->flash};
    slate->visited_len = 0;
    join(branch, future, cut_ns);
    judge(slate, &cut->breaches, 0);
    take_worse(&slate->outcome, alone);
    return true;
}

void explore_branch_after_cut(const struct explore_branch *branch)
{
    struct explore_slate *slate = branch->slate;
    struct explore_outcome *outcome = &slate->outcome;
    const struct explore_foreseen here = {
        .flash = explore_flash_hash(branch->world),
        .log = s12x_flash_log_hash(s12x_ecu_flash(branch->world->target)),
        .head = explore_head_hash(branch->world),
    };
    outcome->state = here.flash;
    const uint8_t alone =
        branch->alone != NULL ? try_alone(branch, &here) : (uint8_t)EXPLORE_UPDATED;
    if (branch->foreseen != NULL) {
        const struct explore_breaches before = explore_breaches_of(branch->world);
        CHECK(branch->foreseen->flash == here.flash);
        visit(slate, branch->foreseen->state, &before);
    }
    go_on(branch);
    take_worse(outcome, alone);
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
    branch->slate->visited_len = 0;
    const int rc = explore_branch_play(run_trial, &trial, LIMIT_S, &ended_well, err);
    if (rc == 0 && !ended_well) {
        branch->slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
        branch->slate->visited_len = 0;
    }
    if (rc == 0 && branch->keep) {
        explore_branch_keep(branch->slate, branch->known);
    }
    return rc;
}
