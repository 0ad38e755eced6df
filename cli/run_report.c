/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_report.c - prints a run while it goes on. */
#include "cli/run_report.h"

#include <unistd.h>

enum { FINDINGS_SHOWN = 6, PLAYS_SHOWN = 4, TITLE_WIDTH = 56 };

void run_report_init(struct run_report *report, FILE *out, const char *folder)
{
    *report = (struct run_report){.out = out, .folder = folder, .terminal = isatty(fileno(out))};
}

static void clear_line(struct run_report *report)
{
    if (report->shown) {
        fprintf(report->out, "\r\033[K");
        report->shown = false;
    }
}

void run_report_play(void *ctx, size_t done, size_t all, const struct case_result *of)
{
    struct run_report *report = ctx;
    if (report->terminal) {
        fprintf(report->out, "\r  %zu of %zu plays   %s\033[K", done, all, of->id);
        fflush(report->out);
        report->shown = true;
    }
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

static void print_finding(const struct run_report *report, const struct finding *finding)
{
    char at[48];
    fprintf(report->out, "           %s%s%s: expected %s, seen %s\n", cli_on(report->out, CLI_BOLD),
            finding->criterion, cli_off(report->out), finding->expected, finding->seen);
    if (finding->at_ns != SIM_NEVER) {
        cli_print_duration(at, sizeof at, finding->at_ns);
        fprintf(report->out, "             at %s", at);
        if (finding->bus_line != 0) {
            fprintf(report->out, ", line %u of bus.log", (unsigned)finding->bus_line);
        }
        fputc('\n', report->out);
    }
}

static void print_play(const struct run_report *report, const struct case_result *of,
                       const struct play_result *play)
{
    if (play->name[0] != '\0') {
        fprintf(report->out, "         play %s, seed %llu\n", play->name,
                (unsigned long long)play->seed);
    }
    if (play->verdict == VERDICT_ERROR) {
        fprintf(report->out, "           %s\n", play->error);
    }
    const size_t shown = play->findings_len < FINDINGS_SHOWN ? play->findings_len : FINDINGS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        print_finding(report, &play->findings[i]);
    }
    if (shown < play->findings_len) {
        fprintf(report->out, "           and %zu more\n", play->findings_len - shown);
    }
    if (report->folder != NULL) {
        fprintf(report->out, "           %s/%s%s%s\n", report->folder, of->id,
                play->name[0] != '\0' ? "/" : "", play->name);
    }
}

static void print_plays(const struct run_report *report, const struct case_result *result)
{
    size_t bad = 0;
    for (size_t i = 0; i < result->plays_len; i++) {
        const struct play_result *play = &result->plays[i];
        if (play->verdict == VERDICT_FAIL || play->verdict == VERDICT_ERROR) {
            if (bad++ < PLAYS_SHOWN) {
                print_play(report, result, play);
            }
        }
    }
    if (bad > PLAYS_SHOWN) {
        fprintf(report->out, "         and %zu more plays\n", bad - PLAYS_SHOWN);
    }
}

static sim_ns_t virtual_ns(const struct case_result *result)
{
    sim_ns_t sum = 0;
    for (size_t i = 0; i < result->plays_len; i++) {
        sum += result->plays[i].virtual_ns;
    }
    return sum;
}

static uint64_t wall_ns(const struct case_result *result)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < result->plays_len; i++) {
        sum += result->plays[i].wall_ns;
    }
    return sum;
}

void run_report_case(void *ctx, const struct case_result *result)
{
    struct run_report *report = ctx;
    FILE *out = report->out;
    clear_line(report);
    fprintf(out, "%s%-14s%s  %-7s  ", cli_on(out, style_of(result->verdict)),
            verdict_name(result->verdict), cli_off(out), result->id);
    if (result->verdict == VERDICT_NOT_APPLICABLE) {
        fprintf(out, "%-*s  needs %s\n", TITLE_WIDTH, result->title, result->plays[0].error);
    } else {
        fprintf(out, "%-*s  %4zu %-5s %9.1f s in %6.2f s\n", TITLE_WIDTH, result->title,
                result->plays_len, result->plays_len == 1 ? "play" : "plays",
                (double)virtual_ns(result) / 1e9, (double)wall_ns(result) / 1e9);
    }
    print_plays(report, result);
    fflush(out);
}

void run_report_end(struct run_report *report, const struct run_result *result)
{
    FILE *out = report->out;
    sim_ns_t all_ns = 0;
    clear_line(report);
    for (size_t i = 0; i < result->cases_len; i++) {
        all_ns += virtual_ns(&result->cases[i]);
    }
    const size_t passed = run_result_count(result, VERDICT_PASS);
    const bool good = passed == result->cases_len;
    fprintf(out,
            "\n%s%zu of %zu cases passed%s, %zu failed, %zu not applicable, %zu in error: master "
            "%s, seed %llu\n",
            cli_on(out, good ? CLI_GOOD : CLI_BOLD), passed, result->cases_len, cli_off(out),
            run_result_count(result, VERDICT_FAIL), run_result_count(result, VERDICT_NOT_APPLICABLE),
            run_result_count(result, VERDICT_ERROR), result->master,
            (unsigned long long)result->seed);
    fprintf(out, "%.0f s of virtual time in %.1f s\n", (double)all_ns / 1e9,
            (double)result->wall_ns / 1e9);
    if (report->folder != NULL) {
        fprintf(out, "%s/results.json\n", report->folder);
    }
}
