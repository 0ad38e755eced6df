/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_play_pool.c - plays that crash, hang, flood and say nothing, beside good ones.
 */
#include "scenarios/engine/play_pool.h"

#include "sim/base.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { GOOD, CRASHES, IS_KILLED, HANGS, ENDS_EARLY, FLOODS, FINDS };

struct bench {
    const enum kind *kinds;
    struct play_result results[32];
    size_t done;
    size_t stop_after; /* 0: never. */
    unsigned limit_s;  /* 0: far longer than a flood takes. */
    volatile sig_atomic_t give_up;
};

static void play(void *ctx, size_t index, struct play_result *result)
{
    const struct bench *bench = ctx;
    result->name = strdup("play");
    result->seed = index;
    switch (bench->kinds[index]) {
    case GOOD: break;
    case CRASHES:
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
        break;
    case IS_KILLED: raise(SIGKILL); break;
    case HANGS:
        for (;;) {
            pause();
        }
    case ENDS_EARLY: _exit(7);
    case FLOODS:
        for (int i = 0; i < 6000; i++) {
            char text[600];
            memset(text, 'x', sizeof text);
            text[sizeof text - 1] = '\0';
            play_result_find(result, text, text, text, 0, 0);
        }
        break;
    case FINDS: play_result_find(result, "criterion", "one", "two", 5, 6); break;
    }
}

static void done(void *ctx, size_t index, struct play_result *result)
{
    struct bench *bench = ctx;
    bench->results[index] = *result;
    bench->done++;
    bench->give_up = bench->stop_after != 0 && bench->done >= bench->stop_after;
}

static void run(struct bench *bench, size_t len, size_t workers)
{
    play_pool_run(&(struct play_pool_cfg){.workers = workers,
                                          .limit_s = bench->limit_s != 0 ? bench->limit_s : 60,
                                          .play = play,
                                          .done = done,
                                          .ctx = bench,
                                          .give_up = &bench->give_up},
                  len);
}

static void release(struct bench *bench)
{
    for (size_t i = 0; i < ARRAY_SIZE(bench->results); i++) {
        play_result_release(&bench->results[i]);
    }
}

static void expect_error(const struct play_result *result, const char *part)
{
    cr_expect_eq(result->verdict, VERDICT_ERROR);
    cr_assert_not_null(result->error);
    cr_expect_not_null(strstr(result->error, part), "\"%s\" in \"%s\"", part, result->error);
}

Test(play_pool, each_trouble_is_that_plays_alone, .timeout = 120)
{
    static const enum kind kinds[] = {GOOD,   CRASHES, FINDS,      IS_KILLED, GOOD,
                                      FLOODS, GOOD,    ENDS_EARLY, GOOD};
    struct bench bench = {.kinds = kinds};
    run(&bench, ARRAY_SIZE(kinds), 3);
    cr_expect_eq(bench.done, ARRAY_SIZE(kinds));
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i] == GOOD) {
            cr_expect_eq(bench.results[i].verdict, VERDICT_PASS, "%zu", i);
            cr_expect_eq(bench.results[i].seed, i);
        }
    }
    expect_error(&bench.results[1], "ended by signal 11");
    cr_expect_eq(bench.results[2].verdict, VERDICT_FAIL);
    cr_expect_str_eq(bench.results[2].findings[0].criterion, "criterion");
    expect_error(&bench.results[3], "ended by signal 9");
    expect_error(&bench.results[5], "said too much");
    expect_error(&bench.results[7], "ended with code 7 and no result");
    release(&bench);
}

Test(play_pool, what_hangs_is_ended_alone, .timeout = 60)
{
    static const enum kind kinds[] = {GOOD, HANGS, GOOD};
    struct bench bench = {.kinds = kinds, .limit_s = 4};
    run(&bench, ARRAY_SIZE(kinds), 2);
    cr_expect_eq(bench.results[0].verdict, VERDICT_PASS);
    expect_error(&bench.results[1], "took too long in real time");
    cr_expect_eq(bench.results[2].verdict, VERDICT_PASS);
    release(&bench);
}

Test(play_pool, what_is_given_up_ends_at_once, .timeout = 20)
{
    static const enum kind kinds[] = {GOOD, GOOD, HANGS, GOOD, GOOD, GOOD};
    struct bench bench = {.kinds = kinds, .stop_after = 2};
    run(&bench, ARRAY_SIZE(kinds), 2);
    cr_expect_lt(bench.done, ARRAY_SIZE(kinds));
    cr_expect_eq(bench.results[0].verdict, VERDICT_PASS);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (bench.results[i].verdict == VERDICT_ERROR) {
            expect_error(&bench.results[i], "interrupted");
        }
    }
    release(&bench);
}

Test(play_pool, nothing_to_play_is_no_trouble)
{
    struct bench bench = {.kinds = NULL};
    run(&bench, 0, 0);
    cr_expect_eq(bench.done, 0u);
    cr_expect_geq(play_pool_cores(), 1u);
}
