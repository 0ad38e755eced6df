/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_sweep.c - a sweep comes to the same whoever does its units, and
 * whatever ends it before it goes on. The work is arithmetic here. */
#include "scenarios/explore/explore_sweep.h"

#include "scenarios/engine/wall_clock.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNITS = 60, STATES_MAX = 64, MAP_START_NS = 1000, MAP_END_NS = 61000, MAP_STEPS = 30 };

static const struct explore_row rows[] = {
    {"before", "known before", SWEEP_SAME, true},
    {"points", "counted", SWEEP_SUM, true},
    {"points", "states", SWEEP_STATES, false},
};
static const uint64_t same[] = {42, 0, 0};
static const struct explore_kind kind = {"sums", "instant", rows, ARRAY_SIZE(rows)};

/* What a unit does besides, the first time. */
enum trouble { NONE, CRASH, ERROR, KILL_THE_SWEEP, GIVE_UP };

/* Shared by all processes of a test. */
struct bench {
    uint64_t worked; /* Units. */
    volatile sig_atomic_t give_up;
    enum trouble trouble;
    uint64_t trouble_unit;
    uint64_t spin_ns;
};

static char folder[] = "/tmp/limphome-sweep-XXXXXX";
static char journal[64];

static struct bench *bench_new(void)
{
    struct bench *bench = explore_share(sizeof *bench);
    cr_assert_neq(bench, NULL);
    cr_assert_neq(mkdtemp(folder), NULL);
    snprintf(journal, sizeof journal, "%s/sweep.journal", folder);
    return bench;
}

static void bench_free(struct bench *bench)
{
    (void)unlink(journal);
    cr_assert_eq(rmdir(folder), 0);
    explore_unshare(bench, sizeof *bench);
}

static int make_trouble(struct bench *bench, struct err *err)
{
    const enum trouble trouble = bench->trouble;
    bench->trouble = NONE;
    switch (trouble) {
    case CRASH: abort();
    case ERROR: return err_set(err, ERR_RANGE, "unit %" PRIu64 " is wrong", bench->trouble_unit);
    case KILL_THE_SWEEP: (void)kill(getppid(), SIGKILL); break;
    case GIVE_UP: bench->give_up = 1; break;
    case NONE: break;
    }
    return 0;
}

static int work(void *ctx, void *worker, struct explore_unit *unit, struct err *err)
{
    struct bench *bench = ctx;
    const uint64_t points = 3 + unit->index % 4;
    const uint64_t begin_ns = wall_clock_ns();
    (void)worker;
    for (uint64_t i = 0; i < points; i++) {
        char id[32];
        const uint64_t mixed = (unit->index * 8 + i) * UINT64_C(0x9E3779B97F4A7C15) >> 32;
        snprintf(id, sizeof id, "p%" PRIu64 ".%" PRIu64, unit->index, i);
        unit->tally->numbers[1]++;
        explore_table_count(unit->states, mixed % 50 + 1);
        explore_unit_count(unit, (enum explore_verdict)(mixed % EXPLORE_VERDICT_COUNT),
                           (uint16_t)(mixed >> 8 & 0xF8u), id, unit->index * 1000 + i);
        explore_unit_progress(unit, 1);
    }
    while (wall_clock_ns() - begin_ns < bench->spin_ns) {
    }
    const int rc = unit->index == bench->trouble_unit ? make_trouble(bench, err) : 0;
    (void)__atomic_add_fetch(&bench->worked, 1, __ATOMIC_RELAXED);
    return rc;
}

static struct explore_map map;

static struct explore_sweep_cfg cfg_of(struct bench *bench)
{
    explore_map_init(&map, MAP_START_NS, MAP_END_NS, MAP_STEPS);
    explore_map_split(&map, MAP_START_NS + 500);
    return (struct explore_sweep_cfg){
        .kind = &kind,
        .identity = "sums --of 60",
        .version = "1",
        .units = UNITS,
        .jobs = 3,
        .map = &map,
        .same = same,
        .unit_states_max = STATES_MAX,
        .work = work,
        .ctx = bench,
        .give_up = &bench->give_up,
    };
}

static void print_lists(FILE *out, const struct result_sweep *result)
{
    for (size_t i = 0; i < result->done_len; i++) {
        fprintf(out, "%" PRIu64 "-%" PRIu64 "\n", result->done[i].first, result->done[i].last);
    }
    for (size_t i = 0; i < result->rows_len; i++) {
        fprintf(out, "%s: %" PRIu64 " %s\n", result->rows[i].heading, result->rows[i].number,
                result->rows[i].text);
    }
    for (size_t i = 0; i < result->failures_len; i++) {
        const struct sweep_failure *failure = &result->failures[i];
        fprintf(out, "%s %u %" PRIu64 " %" PRIu64 " %s\n", failure->id, (unsigned)failure->verdict,
                failure->unit, failure->at_ns, failure->rules);
    }
    for (size_t i = 0; i < result->rules_len; i++) {
        fprintf(out, "%s %" PRIu64 "\n", result->rules[i].name, result->rules[i].count);
    }
    for (size_t i = 0; i < result->states_len; i++) {
        fprintf(out, "state %" PRIx64 "\n", result->states[i]);
    }
}

/* All that a result says. The caller frees it. */
static char *print(const struct result_sweep *result)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    fprintf(out, "%s %s %s %" PRIu64 "\n", result->kind, result->version, result->identity,
            result->units);
    print_lists(out, result);
    fprintf(out, "%" PRIu64 " failures\n", result->failures_all);
    for (size_t i = 0; i < result->verdicts_len; i++) {
        fprintf(out, "%s: %" PRIu64 "\n", result->verdicts[i].name, result->verdicts[i].count);
    }
    fprintf(out, "%s", result->map.axis);
    for (size_t i = 0; i < result->map.edges_len; i++) {
        fprintf(out, " %" PRIu64, result->map.edges_ns[i]);
    }
    for (size_t i = 0; i < result->map.bins * result->verdicts_len; i++) {
        fprintf(out, "%" PRIu64 " ", result->map.counts[i]);
    }
    (void)fclose(out);
    return text;
}

static char *run(const struct explore_sweep_cfg *cfg)
{
    struct result_sweep result;
    struct err err = {.code = 0};
    cr_assert_eq(explore_sweep_run(cfg, &result, &err), 0, "%s", err.text);
    char *text = print(&result);
    result_sweep_release(&result);
    return text;
}

static void assert_as_if_never_stopped(struct bench *bench)
{
    struct explore_sweep_cfg cfg = cfg_of(bench);
    bench->give_up = 0;
    char *plain = run(&cfg);
    const uint64_t before = bench->worked;
    cfg.journal_path = journal;
    char *resumed = run(&cfg);
    cr_assert_str_eq(resumed, plain);
    cr_assert_lt(bench->worked - before, UNITS, "what was done is done again");
    free(plain);
    free(resumed);
}

Test(explore_sweep, it_counts_what_units_count)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep result;
    struct err err = {.code = 0};
    uint64_t verdicts = 0;
    uint64_t mapped = 0;
    cr_assert_eq(explore_sweep_run(&cfg, &result, &err), 0, "%s", err.text);
    cr_assert(result_sweep_whole(&result));
    cr_assert_eq(result.rows[0].number, 42);
    cr_assert_eq(result.rows[1].number, 15 * (3 + 4 + 5 + 6));
    cr_assert_eq(result.rows[2].number, 50);
    cr_assert_eq(result.states_len, 0, "the states of a whole sweep are a number");
    for (size_t i = 0; i < result.verdicts_len; i++) {
        verdicts += result.verdicts[i].count;
    }
    for (size_t i = 0; i < result.map.bins * result.verdicts_len; i++) {
        mapped += result.map.counts[i];
    }
    cr_assert_eq(verdicts, result.rows[1].number);
    cr_assert_eq(mapped, result.rows[1].number);
    cr_assert_eq(result.failures_len, SWEEP_FAILURES_MAX);
    cr_assert_gt(result.failures_all, SWEEP_FAILURES_MAX);
    for (size_t i = 1; i < result.failures_len; i++) {
        cr_assert_leq(result.failures[i - 1].unit, result.failures[i].unit);
    }
    result_sweep_release(&result);
    bench_free(bench);
}

Test(explore_sweep, the_number_of_workers_does_not_show)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    cfg.jobs = 1;
    char *one = run(&cfg);
    cfg.jobs = 7;
    char *seven = run(&cfg);
    cr_assert_str_eq(seven, one);
    free(one);
    free(seven);
    bench_free(bench);
}

Test(explore_sweep, shards_add_up_to_the_whole_in_any_order)
{
    static const uint32_t order[] = {3, 1, 4, 2};
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep all;
    struct err err = {.code = 0};
    char *plain = run(&cfg);
    cfg.shards = ARRAY_SIZE(order);
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        struct result_sweep part;
        cfg.shard = order[i];
        cr_assert_eq(explore_sweep_run(&cfg, i == 0 ? &all : &part, &err), 0, "%s", err.text);
        cr_assert_eq(result_sweep_done(i == 0 ? &all : &part),
                     explore_sweep_shard_units(UNITS, cfg.shard, cfg.shards));
        cr_assert(i == 0 || result_sweep_add(&all, &part, &err) == 0, "%s", err.text);
    }
    char *merged = print(&all);
    cr_assert_str_eq(merged, plain);
    free(plain);
    free(merged);
    result_sweep_release(&all);
    bench_free(bench);
}

Test(explore_sweep, shards_that_do_not_divide_the_units_have_all_of_them)
{
    for (uint32_t shards = 1; shards <= 9; shards++) {
        uint64_t sum = 0;
        for (uint32_t shard = 1; shard <= shards; shard++) {
            sum += explore_sweep_shard_units(7, shard, shards);
        }
        cr_assert_eq(sum, 7);
    }
}

Test(explore_sweep, a_journal_cut_anywhere_is_gone_on_with)
{
    enum { CUTS = 9 };
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct stat status;
    char *plain = run(&cfg);
    cfg.journal_path = journal;
    free(run(&cfg));
    cr_assert_eq(stat(journal, &status), 0);
    for (off_t cut = 0; cut <= CUTS; cut++) {
        cr_assert_eq(truncate(journal, status.st_size / CUTS * cut), 0);
        char *resumed = run(&cfg);
        cr_assert_str_eq(resumed, plain);
        free(resumed);
    }
    bench->worked = 0;
    free(run(&cfg));
    cr_assert_eq(bench->worked, 0, "a whole journal leaves nothing to do");
    free(plain);
    bench_free(bench);
}

static void overwrite(long at, const char *bytes, size_t len)
{
    FILE *file = fopen(journal, "r+");
    cr_assert_neq(file, NULL);
    cr_assert_eq(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
    cr_assert_eq(fwrite(bytes, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
}

Test(explore_sweep, a_block_that_was_lost_costs_but_its_units)
{
    static const char zeros[600];
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    cfg.journal_path = journal;
    free(run(&cfg));
    overwrite(-(long)sizeof zeros, zeros, sizeof zeros);
    assert_as_if_never_stopped(bench);
    bench_free(bench);
}

Test(explore_sweep, a_journal_of_another_sweep_is_refused_and_left_alone)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep result;
    struct err err = {.code = 0};
    struct stat before;
    struct stat after;
    cfg.journal_path = journal;
    free(run(&cfg));
    cr_assert_eq(stat(journal, &before), 0);
    cfg.identity = "sums --of 61";
    cr_assert_eq(explore_sweep_run(&cfg, &result, &err), ERR_CONFLICT);
    cr_assert(strstr(err.text, journal) != NULL && strstr(err.text, "\"sums --of 60\"") != NULL &&
                  strstr(err.text, "\"sums --of 61\"") != NULL,
              "%s", err.text);
    cfg = cfg_of(bench);
    cfg.journal_path = journal;
    cfg.shard = 2;
    cfg.shards = 4;
    cr_assert_eq(explore_sweep_run(&cfg, &result, &err), ERR_CONFLICT);
    cr_assert(strstr(err.text, "\"1/1\", and not \"2/4\"") != NULL, "%s", err.text);
    cr_assert_eq(stat(journal, &after), 0);
    cr_assert_eq(before.st_size, after.st_size);
    bench_free(bench);
}

Test(explore_sweep, a_file_that_is_no_journal_is_refused_and_left_alone)
{
    static const char *const texts[] = {"my notes\n", "my notes", "{\"a\":1}\n", "{\"forma"};
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    cfg.journal_path = journal;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct result_sweep result;
        struct err err = {.code = 0};
        FILE *file = fopen(journal, "w");
        cr_assert(file != NULL && fputs(texts[i], file) >= 0 && fclose(file) == 0);
        const int rc = explore_sweep_run(&cfg, &result, &err);
        /* The last one is how a journal begins. */
        cr_assert_eq(rc, i + 1 < ARRAY_SIZE(texts) ? ERR_SYNTAX : 0, "%s", texts[i]);
        result_sweep_release(&result);
    }
    bench_free(bench);
}

/* In a process of its own. */
static int run_apart(const struct explore_sweep_cfg *cfg)
{
    int status = 0;
    const pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct result_sweep result;
        _exit(explore_sweep_run(cfg, &result, NULL) == 0 ? 0 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

Test(explore_sweep, a_sweep_that_was_killed_goes_on_where_it_was)
{
    static const uint64_t at[] = {0, 7, 30, UNITS - 1};
    for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
        struct bench *bench = bench_new();
        struct explore_sweep_cfg cfg = cfg_of(bench);
        bench->trouble = KILL_THE_SWEEP;
        bench->trouble_unit = at[i];
        cfg.journal_path = journal;
        const int status = run_apart(&cfg);
        cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        char *resumed = run(&cfg);
        cfg.journal_path = NULL;
        char *plain = run(&cfg);
        cr_assert_str_eq(resumed, plain);
        free(resumed);
        free(plain);
        bench_free(bench);
        memcpy(&folder[sizeof folder - 7], "XXXXXX", 6);
    }
}

Test(explore_sweep, one_that_is_given_up_is_a_part_and_goes_on)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep part;
    struct err err = {.code = 0};
    bench->spin_ns = 10000000;
    bench->trouble = GIVE_UP;
    bench->trouble_unit = 30;
    cfg.journal_path = journal;
    cr_assert_eq(explore_sweep_run(&cfg, &part, &err), 0, "%s", err.text);
    cr_assert_not(result_sweep_whole(&part));
    cr_assert_gt(result_sweep_done(&part), 0);
    cr_assert_eq(part.states_len, part.rows[2].number);
    bench->spin_ns = 0;
    assert_as_if_never_stopped(bench);
    result_sweep_release(&part);
    bench_free(bench);
}

Test(explore_sweep, a_worker_that_crashes_ends_the_sweep_but_loses_no_other_unit)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep result;
    struct err err = {.code = 0};
    bench->trouble = CRASH;
    bench->trouble_unit = 41;
    cfg.journal_path = journal;
    cr_assert_eq(explore_sweep_run(&cfg, &result, &err), ERR_NOMEM);
    cr_assert(strstr(err.text, "worker") != NULL, "%s", err.text);
    assert_as_if_never_stopped(bench);
    bench_free(bench);
}

Test(explore_sweep, what_a_worker_says_is_wrong_is_what_is_said)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep result;
    struct err err = {.code = 0};
    bench->trouble = ERROR;
    bench->trouble_unit = 5;
    cr_assert_eq(explore_sweep_run(&cfg, &result, &err), ERR_RANGE);
    cr_assert_str_eq(err.text, "unit 5 is wrong");
    bench_free(bench);
}

Test(explore_sweep, open_units_end_with_the_time_and_none_that_began_is_lost)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    struct result_sweep result;
    struct err err = {.code = 0};
    cfg.units = SWEEP_UNITS_OPEN;
    cfg.limit_ns = 60000000;
    cfg.journal_path = journal;
    bench->spin_ns = 2000000;
    for (int times = 1; times <= 2; times++) {
        cr_assert_eq(explore_sweep_run(&cfg, &result, &err), 0, "%s", err.text);
        cr_assert_eq(result.done_len, 1);
        cr_assert_eq(result.done[0].first, 0);
        cr_assert_eq(result.done[0].last + 1, bench->worked);
        cr_assert_eq(result.states_len, result.rows[2].number, "more may come");
        result_sweep_release(&result);
    }
    cr_assert_gt(bench->worked, 2);
    bench_free(bench);
}

static long most_kb(void)
{
    struct rusage usage;
    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

Test(explore_sweep, memory_stays_the_same_over_any_number_of_units)
{
    enum { MANY = 50000, SLACK_KB = 512 };
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    cfg.journal_path = journal;
    free(run(&cfg));
    (void)unlink(journal);
    const long before_kb = most_kb();
    cfg.units = MANY;
    free(run(&cfg));
    cr_assert_eq(bench->worked, UNITS + MANY);
    cr_assert_lt(most_kb() - before_kb, SLACK_KB);
    bench_free(bench);
}

static const struct explore_sweep_cfg *held;
static int refused;

static void try_beside(void *ctx, uint64_t done, uint64_t all)
{
    struct explore_sweep_cfg cfg = *held;
    (void)ctx;
    (void)done;
    (void)all;
    cfg.on_progress = NULL;
    refused += run_apart(&cfg) != 0;
}

Test(explore_sweep, two_sweeps_do_not_share_a_journal)
{
    struct bench *bench = bench_new();
    struct explore_sweep_cfg cfg = cfg_of(bench);
    cfg.journal_path = journal;
    cfg.on_progress = try_beside;
    held = &cfg;
    free(run(&cfg));
    cr_assert_gt(refused, 0);
    bench_free(bench);
}
