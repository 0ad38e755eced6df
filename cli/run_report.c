/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_report.c - prints a run while it goes on. */
#include "cli/run_report.h"

#include "cli/run_estimate.h"
#include "scenarios/engine/wall_clock.h"

#include <string.h>

/* Columns of the line of a case: what stands before the title, and the figures behind it. */
enum {
    ID_COLUMNS = 7,
    HEAD_COLUMNS = 25,
    TITLE_COLUMNS = 56,
    FIGURES_COLUMNS = 36,
    TITLE_LEAST = 24
};
enum { FINDINGS_SHOWN = 6, PLAYS_SHOWN = 4 };

static const uint64_t second_ns = 1000000000u;

void run_report_init(struct run_report *report, const struct run_report_cfg *cfg)
{
    *report = (struct run_report){
        .cfg = *cfg, .terminal = cli_is_terminal(cfg->out), .begin_ns = wall_clock_ns()};
}

static void clear_line(struct run_report *report)
{
    if (report->shown) {
        fprintf(report->cfg.out, "\r\033[K");
        report->shown = false;
    }
}

/* Once a second; in between it counts down. */
static uint64_t time_left_ns(struct run_report *report)
{
    const uint64_t now_ns = wall_clock_ns();
    if (report->done == report->all) {
        return 0;
    }
    if (report->estimated_ns == 0 || now_ns - report->estimated_ns >= second_ns) {
        report->left_ns = run_estimate_ns(report->cfg.result, now_ns - report->begin_ns);
        report->estimated_ns = now_ns;
    }
    const uint64_t past_ns = now_ns - report->estimated_ns;
    return report->left_ns > past_ns ? report->left_ns - past_ns : 0;
}

static void show_line(struct run_report *report)
{
    char line[160];
    if (report->terminal && report->of != NULL) {
        const uint64_t left_s = (time_left_ns(report) + second_ns - 1) / second_ns;
        snprintf(line, sizeof line, "  %zu/%zu plays  %llu:%02llu left  %s", report->done,
                 report->all, (unsigned long long)(left_s / 60), (unsigned long long)(left_s % 60),
                 report->of->id);
        fputc('\r', report->cfg.out);
        (void)cli_text_cut(report->cfg.out, line, cli_columns(report->cfg.out) - 1);
        fputs("\033[K", report->cfg.out);
        fflush(report->cfg.out);
        report->shown = true;
    }
}

void run_report_play(void *ctx, size_t done, size_t all, const struct case_result *of)
{
    struct run_report *report = ctx;
    report->done = done;
    report->all = all;
    report->of = of;
    show_line(report);
}

static enum cli_style style_of(enum verdict verdict)
{
    static const enum cli_style styles[] = {
        [VERDICT_PASS] = CLI_GOOD,
        [VERDICT_NOT_APPLICABLE] = CLI_DIM,
        [VERDICT_FAIL] = CLI_BAD,
        [VERDICT_ERROR] = CLI_BAD,
    };
    return styles[verdict];
}

static void print_finding(FILE *out, const struct finding *finding)
{
    fprintf(out, "    %s", cli_on(out, CLI_BOLD));
    cli_text(out, finding->criterion);
    fputs(cli_off(out), out);
    cli_say(out, ": expected %s, seen %s", finding->expected, finding->seen);
}

static void print_option(FILE *out, const char *name, const char *value)
{
    if (value != NULL) {
        fprintf(out, " %s ", name);
        cli_shell_word(out, value);
    }
}

/* What to type to see it again. */
static void print_replay(const struct run_report *report, const struct play_result *play)
{
    char path[CASE_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", report->cfg.folder, play->folder);
    fputs("    limphome replay ", report->cfg.out);
    cli_shell_word(report->cfg.out, path);
    fputc('\n', report->cfg.out);
}

/* The same of a case whose plays were not kept. */
static void print_rerun(const struct run_report *report, const struct case_result *of,
                        const struct play_result *play)
{
    FILE *out = report->cfg.out;
    const bool there = strncmp(of->file, report->cfg.place, strlen(report->cfg.place)) == 0;
    fputs("    limphome run ", out);
    cli_shell_word(out, there ? of->id : of->file);
    print_option(out, "--scenarios", report->cfg.scenarios);
    print_option(out, "--master", report->cfg.master);
    fprintf(out, " --seed %llu --out out\n", (unsigned long long)play->seed);
}

static void print_play(FILE *out, const struct play_result *play)
{
    if (play->verdict == VERDICT_ERROR) {
        cli_say(out, "    %s", play->error);
    }
    const size_t shown = play->findings_len < FINDINGS_SHOWN ? play->findings_len : FINDINGS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        print_finding(out, &play->findings[i]);
    }
    if (shown < play->findings_len) {
        fprintf(out, "    and %zu more\n", play->findings_len - shown);
    }
}

static void print_plays(const struct run_report *report, const struct case_result *result)
{
    const struct play_result *first = NULL;
    size_t bad = 0;
    for (size_t i = 0; i < result->plays_len; i++) {
        const struct play_result *play = &result->plays[i];
        if (play->verdict != VERDICT_FAIL && play->verdict != VERDICT_ERROR) {
            continue;
        }
        if (bad++ < PLAYS_SHOWN) {
            print_play(report->cfg.out, play);
            if (report->cfg.folder != NULL && play->folder != NULL) {
                print_replay(report, play);
            }
        }
        first = first == NULL ? play : first;
    }
    if (bad > PLAYS_SHOWN) {
        fprintf(report->cfg.out, "    and %zu more plays\n", bad - PLAYS_SHOWN);
    }
    if (first != NULL && report->cfg.folder == NULL && report->cfg.place != NULL) {
        print_rerun(report, result, first);
    }
}

/* How many columns the title gets, and whether the figures have room behind it. */
static size_t title_columns(const struct run_report *report, bool *figures)
{
    const size_t all = HEAD_COLUMNS + TITLE_COLUMNS + FIGURES_COLUMNS;
    const size_t have = report->terminal ? cli_columns(report->cfg.out) : all;
    *figures = have >= HEAD_COLUMNS + TITLE_LEAST + FIGURES_COLUMNS;
    const size_t taken = HEAD_COLUMNS + (*figures ? FIGURES_COLUMNS : 0);
    const size_t left = have > taken ? have - taken : 1;
    return left < TITLE_COLUMNS ? left : TITLE_COLUMNS;
}

static void print_case(struct run_report *report, const struct case_result *result)
{
    FILE *out = report->cfg.out;
    bool figures = false;
    const size_t columns = title_columns(report, &figures);
    fprintf(out, "%s%-14s%s  ", cli_on(out, style_of(result->verdict)),
            verdict_name(result->verdict), cli_off(out));
    cli_text_padded(out, result->id, ID_COLUMNS);
    fputs("  ", out);
    const size_t used = cli_text_cut(out, result->title, columns);
    fprintf(out, "%*s", figures ? (int)(columns - used) : 0, "");
    if (figures && result->verdict == VERDICT_NOT_APPLICABLE) {
        fputs("  needs ", out);
        (void)cli_text_cut(out, result->plays[0].error, FIGURES_COLUMNS - 8);
    } else if (figures) {
        fprintf(out, "  %4zu %-5s %9.1f s in %6.2f s", result->plays_len,
                result->plays_len == 1 ? "play" : "plays",
                (double)case_result_virtual_ns(result) / 1e9,
                (double)case_result_wall_ns(result) / 1e9);
    }
    fputc('\n', out);
}

void run_report_case(void *ctx, const struct case_result *result)
{
    struct run_report *report = ctx;
    clear_line(report);
    print_case(report, result);
    print_plays(report, result);
    show_line(report);
    fflush(report->cfg.out);
}

/* Plays that were ended, or never begun, because nobody wanted them any more. */
static size_t interrupted(const struct run_result *result, size_t *all)
{
    size_t count = 0;
    *all = 0;
    for (size_t i = 0; i < result->cases_len; i++) {
        const struct case_result *one = &result->cases[i];
        for (size_t k = 0; k < one->plays_len; k++) {
            const char *error = one->plays[k].error;
            count += error != NULL && strcmp(error, "interrupted") == 0;
        }
        *all += one->plays_len;
    }
    return count;
}

static void print_shard(FILE *out, const struct run_result *result)
{
    if (result->parts_len > 0) {
        fprintf(out, ", shard %u of %u", (unsigned)result->parts[0].shard,
                (unsigned)result->parts[0].shards);
    }
}

static void print_file(FILE *out, const char *folder, const struct run_result *result)
{
    if (result->parts_len > 0) {
        cli_say(out, "%s/results-%u-of-%u.json", folder, (unsigned)result->parts[0].shard,
                (unsigned)result->parts[0].shards);
    } else {
        cli_say(out, "%s/results.json", folder);
    }
}

void run_report_end(struct run_report *report)
{
    FILE *out = report->cfg.out;
    const struct run_result *result = report->cfg.result;
    sim_ns_t all_ns = 0;
    size_t plays = 0;
    const size_t given_up = interrupted(result, &plays);
    clear_line(report);
    for (size_t i = 0; i < result->cases_len; i++) {
        all_ns += case_result_virtual_ns(&result->cases[i]);
    }
    if (given_up > 0) {
        fprintf(out, "\ninterrupted: %zu of %zu plays have no verdict", given_up, plays);
    }
    const size_t passed = run_result_count(result, VERDICT_PASS);
    const bool good = passed == result->cases_len;
    fprintf(
        out, "\n%s%zu of %zu cases passed%s, %zu failed, %zu not applicable, %zu in error: master ",
        cli_on(out, good ? CLI_GOOD : CLI_BOLD), passed, result->cases_len, cli_off(out),
        run_result_count(result, VERDICT_FAIL), run_result_count(result, VERDICT_NOT_APPLICABLE),
        run_result_count(result, VERDICT_ERROR));
    cli_text(out, result->master);
    fprintf(out, ", seed %llu", (unsigned long long)result->seed);
    print_shard(out, result);
    fprintf(out, "\n%.0f s of virtual time in %.1f s\n", (double)all_ns / 1e9,
            (double)result->wall_ns / 1e9);
    if (report->cfg.folder != NULL) {
        print_file(out, report->cfg.folder, result);
    }
}
