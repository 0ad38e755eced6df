/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_power.c - limphome explore power: every power cut of an update, or one of them. */
#include "cli/explore.h"
#include "cli/run_report.h"
#include "scenarios/engine/wall_clock.h"

#include <inttypes.h>
#include <unistd.h>

static void show_progress(void *ctx, size_t done, size_t all)
{
    struct explore_arguments *a = ctx;
    if (a->terminal && !a->quiet) {
        fprintf(stdout, "\r%zu of %zu cuts, %zu left ", done, all, all - done);
        fflush(stdout);
        a->shown = true;
    }
}

/* The options that make a point what it is. */
static void print_replay(const struct explore_arguments *a, const char *id)
{
    const struct explore_world_cfg *world = &a->power.world;
    printf("limphome explore power --size %u --resume %s --seed %" PRIu64,
           (unsigned)(world->image_bytes / 1024u),
           explore_resumes[world->resume == OTA_RESUME_REMAINING], world->seed);
    if (world->vehicle_path != NULL) {
        printf(" --vehicle %s", world->vehicle_path);
    }
    if (world->vehicle.transfer >= 0) {
        printf(" --style %s", explore_styles[world->vehicle.transfer]);
    }
    if (world->vehicle.check >= 0) {
        printf(" --check %s", explore_checks[world->vehicle.check]);
    }
    if (world->off_ns != 0) {
        printf(" --off %" PRIu64 "ns", world->off_ns);
    }
    printf(" --point %s\n", id);
}

static void print_row(uint64_t number, const char *text)
{
    printf("  %10" PRIu64 "  %s\n", number, text);
}

static void print_counts(const uint64_t counts[EXPLORE_PLAN_NUMBERS], const char *title)
{
    printf("%s\n", title);
    print_row(
        counts[0],
        "points: each operation before, after 1/5 to 4/5, after; of flash also after 7 and 93 %");
    const struct {
        uint64_t number;
        const char *text;
    } rows[] = {
        {counts[1], "left out: not in this mode"},
        {counts[2], "left out: the ECU has no supply then"},
        {counts[3], "left out: another point has the same instant"},
        {counts[4], "left out: not in the sample"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].number != 0) {
            print_row(rows[i].number, rows[i].text);
        }
    }
    print_row(counts[5], "cuts");
}

static void print_failures(const struct explore_arguments *a, const struct explore_tally *tally)
{
    const uint64_t listed =
        tally->failures_all < SWEEP_FAILURES_MAX ? tally->failures_all : SWEEP_FAILURES_MAX;
    for (uint64_t i = 0; i < listed; i++) {
        const struct explore_failed *failure = &tally->failures[i];
        printf("%s%s%s: %s: ", cli_on(stdout, CLI_BAD),
               explore_verdict_text((enum explore_verdict)failure->verdict), cli_off(stdout),
               failure->id);
        print_replay(a, failure->id);
    }
    if (tally->failures_all > listed) {
        printf("and %" PRIu64 " more\n", tally->failures_all - listed);
    }
}

static void print_result(const struct explore_arguments *a,
                         const struct explore_power_result *result)
{
    const struct explore_tally *tally = &result->tally;
    printf("operations of the update\n");
    for (int kind = 0; kind < EXPLORE_OP_KINDS; kind++) {
        print_row(result->ops[kind], explore_op_kind_text((enum explore_op_kind)kind));
    }
    print_counts(&tally->numbers[EXPLORE_ROW_FIRST], a->power.depth > 1 ? "first cuts" : "cuts");
    if (a->power.depth > 1) {
        print_counts(&tally->numbers[EXPLORE_ROW_SECOND],
                     "second cuts, in the recoveries after these");
        print_row(tally->numbers[EXPLORE_ROW_SWEPT],
                  "recoveries swept up to a state that was swept before");
    }
    printf("recoveries\n");
    print_row(tally->numbers[EXPLORE_ROW_TRIED], "tried");
    print_row(result->states, result->states_full ? "or more different states of flash after them"
                                                  : "different states of flash after them");
    print_row(tally->numbers[EXPLORE_ROW_SAME_WORLD],
              "not gone through: nothing but the clock has moved since the last");
    print_row(tally->numbers[EXPLORE_ROW_JOINED],
              "not gone through to the end: from a state whose end was known");
    printf("verdicts\n");
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        const enum explore_verdict verdict = (enum explore_verdict)i;
        if (tally->verdicts[i] != 0 || i == EXPLORE_BRICKED || i == EXPLORE_FALSE_SUCCESS) {
            printf("  %10" PRIu64 "  %s: %s\n", tally->verdicts[i], explore_verdict_text(verdict),
                   explore_verdict_meaning(verdict));
        }
    }
    print_failures(a, tally);
}

static int sweep(struct explore_arguments *a)
{
    struct explore_power_result result;
    struct err err = {.code = 0};
    const uint64_t start_ns = wall_clock_ns();
    a->power.on_progress = show_progress;
    a->power.ctx = a;
    a->power.give_up = cli_catch_interrupts();
    a->terminal = isatty(STDOUT_FILENO) != 0;
    const int rc = explore_power_run(&a->power, &result, &err);
    const double spent_s = (double)(wall_clock_ns() - start_ns) / 1e9;
    if (a->shown) {
        printf("\r\033[K");
    }
    if (rc != 0) {
        explore_power_result_release(&result);
        return cli_error(&err);
    }
    const bool good = result.tally.failures_all == 0;
    if (!a->quiet || !good) {
        print_result(a, &result);
    }
    if (a->terminal && !a->quiet) {
        printf("%.1f s, %.0f recoveries a second\n", spent_s,
               (double)result.tally.numbers[EXPLORE_ROW_TRIED] / (spent_s > 0 ? spent_s : 1));
    }
    if (result.interrupted) {
        fprintf(stderr, "limphome explore: interrupted; what stands above is not complete\n");
    }
    explore_power_result_release(&result);
    return result.interrupted ? CLI_ENVIRONMENT : good ? CLI_OK : CLI_NOT_AS_WANTED;
}

static int point(struct explore_arguments *a)
{
    struct explore_outcome outcome;
    struct err err = {.code = 0};
    const int rc = explore_power_point(&a->power.world, &a->point, &outcome, &err);
    if (rc != 0) {
        return cli_error(&err);
    }
    const enum explore_verdict verdict = (enum explore_verdict)outcome.verdict;
    const bool good = explore_verdict_good(verdict);
    if (!a->quiet || !good) {
        printf("point    %s\n", a->point_text);
        printf("verdict  %s: %s\n", explore_verdict_text(verdict),
               explore_verdict_meaning(verdict));
        printf("state    %016" PRIx64 " of flash after the cut\n", outcome.state);
        printf("digest   %016" PRIx64 " of the run\n", outcome.digest);
    }
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_explore_power(struct explore_arguments *a)
{
    return a->point_text != NULL ? point(a) : sweep(a);
}
