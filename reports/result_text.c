/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_text.c - results in plain lines. */
#include "reports/result_text.h"

#include "reports/play_text.h"
#include "reports/safe_text.h"
#include "reports/sweep_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLAYS_SHOWN = 4,
    VERDICTS = VERDICT_ERROR + 1,
    ID_WIDTH = 7,
    COLUMN_WIDTH = 14,
    NUMBER_WIDTH = 10
};

/* Columns of tables, in this order. */
static const enum verdict columns[VERDICTS] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_ERROR,
                                               VERDICT_NOT_APPLICABLE};

/* width: of the data, filled up with spaces. */
static void put(FILE *out, const char *before, const char *data, int width)
{
    char *safe = safe_text_line(data != NULL ? data : "");
    fprintf(out, "%s%-*s", before, width, safe);
    free(safe);
}

static void print_lines(FILE *out, const char *before, char *text)
{
    for (char *line = text, *end = NULL; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        fprintf(out, "%s%.*s\n", before, (int)(end - line), line);
    }
    free(text);
}

static void print_play(FILE *out, const struct run_result *run, const struct case_result *one,
                       const struct play_result *play)
{
    if (one->plays_len > 1) {
        put(out, play->name[0] != '\0' ? "    play " : "    one play", play->name, 0);
        fprintf(out, ", seed %" PRIu64 "\n", play->seed);
    }
    print_lines(out, "      ", play_text_troubles(play));
    char *command = play_text_command(run, one, play);
    fprintf(out, "      %s\n", command);
    free(command);
}

static void print_plays(FILE *out, const struct run_result *run, const struct case_result *one)
{
    size_t bad = 0;
    for (size_t i = 0; i < one->plays_len; i++) {
        const enum verdict verdict = one->plays[i].verdict;
        if ((verdict == VERDICT_FAIL || verdict == VERDICT_ERROR) && bad++ < PLAYS_SHOWN) {
            print_play(out, run, one, &one->plays[i]);
        }
    }
    if (bad > PLAYS_SHOWN) {
        fprintf(out, "    and %zu more plays\n", bad - PLAYS_SHOWN);
    }
}

static void print_cases(FILE *out, const struct run_result *run)
{
    for (size_t i = 0; i < run->cases_len; i++) {
        const struct case_result *one = &run->cases[i];
        if (one->verdict == VERDICT_PASS) {
            continue;
        }
        fprintf(out, "%-*s", COLUMN_WIDTH, verdict_name(one->verdict));
        put(out, "  ", one->id, ID_WIDTH);
        put(out, "  ", one->title, 0);
        if (one->verdict == VERDICT_NOT_APPLICABLE) {
            put(out, ": needs ", one->plays[0].error, 0);
        }
        fputc('\n', out);
        print_plays(out, run, one);
    }
}

static bool is_first_of_group(const struct run_result *run, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(run->cases[i].group, run->cases[at].group) == 0) {
            return false;
        }
    }
    return true;
}

static size_t count(const struct run_result *run, const char *group, enum verdict verdict)
{
    size_t found = 0;
    for (size_t i = 0; i < run->cases_len; i++) {
        found += run->cases[i].verdict == verdict && strcmp(run->cases[i].group, group) == 0;
    }
    return found;
}

static void print_groups(FILE *out, const struct run_result *run)
{
    fprintf(out, "\n%-*s", COLUMN_WIDTH, "group");
    for (size_t k = 0; k < VERDICTS; k++) {
        fprintf(out, "  %*s", COLUMN_WIDTH, verdict_name(columns[k]));
    }
    fputc('\n', out);
    for (size_t i = 0; i < run->cases_len; i++) {
        if (is_first_of_group(run, i)) {
            put(out, "", run->cases[i].group, COLUMN_WIDTH);
            for (size_t k = 0; k < VERDICTS; k++) {
                fprintf(out, "  %*zu", COLUMN_WIDTH, count(run, run->cases[i].group, columns[k]));
            }
            fputc('\n', out);
        }
    }
}

static void print_seeds(FILE *out, const struct run_result *run)
{
    if (run->repeat > 1) {
        fprintf(out, ", seeds %" PRIu64 " to %" PRIu64, run->seed, run->seed + run->repeat - 1);
    } else {
        fprintf(out, ", seed %" PRIu64, run->seed);
    }
}

static void print_identity(FILE *out, const struct run_result *run)
{
    put(out, "master ", run->master, 0);
    print_seeds(out, run);
    put(out, ", limphome ", run->version, 0);
    put(out, run->date[0] != '\0' ? ", " : "", run->date, 0);
    for (size_t i = 0; i < run->settings_len; i++) {
        put(out, ", ", run->settings[i].name, 0);
        put(out, " ", run->settings[i].value, 0);
    }
    fputc('\n', out);
}

/* Of each run that was split: which shards it lacks. */
static void print_missing(FILE *out, const struct run_result *run)
{
    const struct run_part *parts = run->parts;
    for (size_t i = 0; i < run->parts_len; i++) {
        const bool first = i == 0 || parts[i].shards != parts[i - 1].shards ||
                           parts[i].plays != parts[i - 1].plays;
        const bool last = i + 1 == run->parts_len || parts[i].shards != parts[i + 1].shards ||
                          parts[i].plays != parts[i + 1].plays;
        if (first) {
            fprintf(out, "incomplete: of %" PRIu32 " shards these are missing:", parts[i].shards);
        }
        for (uint32_t k = first ? 1 : parts[i - 1].shard + 1; k < parts[i].shard; k++) {
            fprintf(out, " %" PRIu32, k);
        }
        for (uint32_t k = parts[i].shard + 1; last && k <= parts[i].shards; k++) {
            fprintf(out, " %" PRIu32, k);
        }
        fputs(last ? "\n" : "", out);
    }
}

static void print_run(FILE *out, const struct run_result *run)
{
    sim_ns_t virtual_ns = 0;
    for (size_t i = 0; i < run->cases_len; i++) {
        virtual_ns += case_result_virtual_ns(&run->cases[i]);
    }
    print_identity(out, run);
    print_cases(out, run);
    print_groups(out, run);
    fprintf(out, "\n%zu of %zu cases passed, %zu failed, %zu in error, %zu not applicable\n",
            run_result_count(run, VERDICT_PASS), run->cases_len,
            run_result_count(run, VERDICT_FAIL), run_result_count(run, VERDICT_ERROR),
            run_result_count(run, VERDICT_NOT_APPLICABLE));
    fprintf(out, "%.0f s of virtual time in %.1f s\n", (double)virtual_ns / 1e9,
            (double)run->wall_ns / 1e9);
    print_missing(out, run);
}

/* Who was swept, the command that does it again, and what it came to. */
static void print_sweep(FILE *out, const struct result_sweep *sweep)
{
    char *command = sweep_text_command(sweep);
    put(out, "sweep: master ", sweep->master, 0);
    put(out, ", limphome ", sweep->version, 0);
    put(out, sweep->date[0] != '\0' ? ", " : "", sweep->date, 0);
    put(out, "\n$ ", command, 0);
    fputc('\n', out);
    sweep_text_print(sweep, NULL, NULL, out);
    free(command);
}

static void print_change(FILE *out, const struct result_set *set, const struct change *change)
{
    const struct case_result *one = change->now != NULL ? change->now : change->before;
    const struct run_result *run = change->run != NULL ? change->run : change->old_run;
    fprintf(out, "  %-14s", change_name(change->kind));
    put(out, "  ", one->id, ID_WIDTH);
    if (change->kind == CHANGE_DURATION) {
        fprintf(out, "  %s, was %s", play_text_time(case_result_virtual_ns(change->now)).text,
                play_text_time(case_result_virtual_ns(change->before)).text);
    } else {
        fprintf(out, "  %s", change->now != NULL ? verdict_name(change->now->verdict) : "");
        if (change->before != NULL) {
            fprintf(out, "%swas %s", change->now != NULL ? ", " : "",
                    verdict_name(change->before->verdict));
        }
    }
    if (set->runs_len > 1 || change->run == NULL) {
        put(out, ": master ", run->master, 0);
        print_seeds(out, run);
    }
    fputc('\n', out);
}

static void print_changes(FILE *out, const struct result_set *set,
                          const struct result_changes *changes)
{
    fprintf(out, "\nagainst the baseline:");
    for (int kind = 0; kind < CHANGE_KINDS; kind++) {
        const size_t len = result_changes_count(changes, (enum change_kind)kind);
        if (len > 0) {
            fprintf(out, " %zu %s,", len, change_name((enum change_kind)kind));
        }
    }
    fprintf(out, " %s\n", changes->changes_len > 0 ? "nothing else" : "nothing has changed");
    for (size_t i = 0; i < changes->changes_len; i++) {
        print_change(out, set, &changes->changes[i]);
    }
}

/* Those listed in one and not in the other. */
static void print_points(FILE *out, const char *what, const struct result_sweep *in,
                         const struct result_sweep *not_in)
{
    for (size_t i = 0; i < in->failures_len; i++) {
        const struct sweep_failure *failure = &in->failures[i];
        if (!sweep_change_lists(not_in, failure->id)) {
            fprintf(out, "  %s  ", what);
            put(out, "", in->verdicts[failure->verdict].name, 0);
            put(out, ": ", failure->id, 0);
            fputc('\n', out);
        }
    }
}

static void print_counts(FILE *out, const struct sweep_change *change)
{
    for (size_t i = 0; i < change->now->verdicts_len; i++) {
        const struct sweep_verdict *verdict = &change->now->verdicts[i];
        const uint64_t before = sweep_change_count(change->before, verdict->name);
        if (before != verdict->count) {
            fprintf(out, "  %*" PRIu64, NUMBER_WIDTH, verdict->count);
            put(out, "  ", verdict->name, 0);
            fprintf(out, ", were %" PRIu64 "\n", before);
        }
    }
}

static void print_sweep_change(FILE *out, const struct sweep_change *change)
{
    char *command = sweep_text_command(change->now != NULL ? change->now : change->before);
    put(out, "\nagainst the baseline: ", command, 0);
    free(command);
    if (change->now == NULL || change->before == NULL) {
        fprintf(out, ": %s\n", change->now != NULL ? "is not in it" : "is only in it");
    } else if (sweep_change_none(change)) {
        fputs(": nothing has changed\n", out);
    } else {
        fputs("\n", out);
        print_counts(out, change);
        print_points(out, "newly bad  ", change->now, change->before);
        print_points(out, "bad no more", change->before, change->now);
    }
    if (change->now != NULL && change->before != NULL &&
        !(sweep_change_lists_all(change->now) && sweep_change_lists_all(change->before))) {
        fprintf(out, "  of each sweep only the first %d points that went wrong are listed\n",
                SWEEP_FAILURES_MAX);
    }
}

void result_text_print(const struct result_set *set, const struct result_changes *changes,
                       FILE *out)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        fputs(i > 0 ? "\n" : "", out);
        print_run(out, &set->runs[i]);
    }
    for (size_t i = 0; i < set->sweeps_len; i++) {
        fputs(set->runs_len + i > 0 ? "\n" : "", out);
        print_sweep(out, &set->sweeps[i]);
    }
    if (changes != NULL && set->runs_len > 0) {
        print_changes(out, set, changes);
    }
    for (size_t i = 0; changes != NULL && i < changes->sweeps.len; i++) {
        print_sweep_change(out, &changes->sweeps.list[i]);
    }
}
