/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_rewind.c - after a play memory is as before, wherever it lies; a play
 * that crashes or hangs is seen; and sweeps come to the same with plays as with processes. */
#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/explore_power.h"
#include "scenarios/explore/explore_rewind.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT_S = 60, PIECE = 100000, PIECES = 64 };

static int of_data = 1;
static int of_bss;

struct things {
    int on_stack;
    char *on_heap; /* PIECE bytes. */
    int *shared;
};

/* Writes everywhere, takes memory until the heap grows, and gives some back that is not its own. */
static void change_all(void *ctx)
{
    struct things *things = ctx;
    of_data++;
    of_bss++;
    things->on_stack++;
    memset(things->on_heap, 'x', PIECE);
    free(things->on_heap);
    for (int i = 0; i < PIECES; i++) {
        char *piece = malloc(PIECE);
        CHECK(piece != NULL);
        memset(piece, i, PIECE);
    }
    ++*things->shared;
}

static void check_as_before(const struct things *things)
{
    CHECK(of_data == 1 && of_bss == 0 && things->on_stack == 3);
    for (size_t i = 0; i < PIECE; i++) {
        CHECK(things->on_heap[i] == 'a');
    }
}

/* In a frame below that of explore_rewind_begin(), as plays are. */
static __attribute__((noinline)) void play_many(struct things *things)
{
    enum { PLAYS = 200 };
    const void *end = sbrk(0);
    for (int i = 0; i < PLAYS; i++) {
        CHECK(explore_rewind_play(change_all, things, LIMIT_S));
        check_as_before(things);
    }
    CHECK(*things->shared == PLAYS && sbrk(0) == end);
    free(things->on_heap);
}

static void write_to_nowhere(void *ctx)
{
    struct things *things = ctx;
    volatile char *nowhere = NULL;
    memset(things->on_heap, 'x', PIECE);
    *nowhere = 1;
}

static void give_up(void *ctx)
{
    struct things *things = ctx;
    memset(things->on_heap, 'x', PIECE);
    abort();
}

static void hang(void *ctx)
{
    struct things *things = ctx;
    volatile bool ever = true;
    while (ever) {
        things->on_stack++;
    }
}

static void crash_outside(struct things *things)
{
    write_to_nowhere(things);
}

static __attribute__((noinline)) void crash_each_way(struct things *things)
{
    static void (*const crashes[])(void *) = {write_to_nowhere, give_up, hang};
    for (size_t i = 0; i < 2 * ARRAY_SIZE(crashes); i++) {
        CHECK(!explore_rewind_play(crashes[i % ARRAY_SIZE(crashes)], things, 1));
        check_as_before(things);
        CHECK(explore_rewind_play(change_all, things, LIMIT_S));
        check_as_before(things);
    }
}

struct child {
    void (*fn)(struct things *things);
    bool *ready; /* Shared. */
};

/* As in a worker: a process of one thread. */
static void begin_and_run(void *ctx)
{
    const struct child *child = ctx;
    struct things things = {.on_stack = 3, .shared = explore_share(sizeof(int))};
    explore_rewind_prepare();
    things.on_heap = malloc(PIECE);
    CHECK(things.on_heap != NULL && things.shared != NULL);
    memset(things.on_heap, 'a', PIECE);
    explore_rewind_begin();
    *child->ready = explore_rewind_ready();
    if (*child->ready) {
        child->fn(&things);
    }
}

static bool ends_well(void (*fn)(struct things *things))
{
    struct child child = {.fn = fn, .ready = explore_share(sizeof(bool))};
    struct err err = {.code = 0};
    bool ended_well = false;
    cr_assert_not_null(child.ready);
    cr_assert_eq(explore_branch_fork(begin_and_run, &child, LIMIT_S, &ended_well, &err), 0);
    if (!*child.ready) {
        cr_skip("memory cannot be put back here");
    }
    explore_unshare(child.ready, sizeof(bool));
    return ended_well;
}

Test(rewind, memory_is_as_before_wherever_it_lies)
{
    cr_assert(ends_well(play_many));
}

Test(rewind, a_play_that_crashes_or_hangs_is_seen_and_leaves_nothing)
{
    cr_assert(ends_well(crash_each_way));
}

Test(rewind, a_crash_outside_of_plays_ends_the_process)
{
    cr_assert_not(ends_well(crash_outside));
}

static void sweep(const struct explore_power_cfg *cfg, struct explore_power_result *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_power_run(cfg, result, &err), 0, "%s", err.text);
}

static void assert_same(const struct explore_power_result *a, const struct explore_power_result *b)
{
    for (int row = 0; row < EXPLORE_POWER_ROWS; row++) {
        cr_assert_eq(a->sweep.rows[row].number, b->sweep.rows[row].number, "row %d", row);
    }
    cr_assert_eq(a->cuts_len, b->cuts_len);
    for (size_t i = 0; i < a->cuts_len; i++) {
        const struct explore_outcome *one = &a->outcomes[i];
        const struct explore_outcome *other = &b->outcomes[i];
        cr_assert(one->verdict == other->verdict && one->joined == other->joined, "%zu", i);
        cr_assert(one->state == other->state && one->digest == other->digest, "%zu", i);
        cr_assert(one->joined_ns == other->joined_ns, "%zu", i);
    }
}

static void compare(struct explore_power_cfg *cfg)
{
    struct explore_power_result plays;
    struct explore_power_result processes;
    cfg->forks = true;
    sweep(cfg, &processes);
    cfg->forks = false;
    sweep(cfg, &plays);
    cr_assert_gt(plays.cuts_len, 0);
    assert_same(&plays, &processes);
    explore_power_result_release(&plays);
    explore_power_result_release(&processes);
}

Test(rewind, sweeps_come_to_the_same_with_processes)
{
    struct explore_power_cfg cfg = {
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .plan = {.mode = EXPLORE_EXHAUSTIVE, .sample = 500},
        .keep_outcomes = true,
    };
    compare(&cfg);
    cfg.no_join = true;
    compare(&cfg);
    cfg.no_join = false;
    cfg.depth = 2;
    cfg.plan.sample = 0;
    cfg.plan.mode = EXPLORE_LOG;
    compare(&cfg);
}
