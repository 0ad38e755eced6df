/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit_sweep.c - a sweep as a suite of JUnit. Its test cases are what no point may come
 * to: their names stay the same from sweep to sweep, whatever is found. */
#include "reports/junit_writer.h"
#include "reports/sweep_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Nothing was seen, but not everything was looked at. */
static enum verdict verdict_of(const struct result_sweep *sweep, const struct sweep_verdict *bad)
{
    if (bad->count > 0) {
        return VERDICT_FAIL;
    }
    return result_sweep_whole(sweep) ? VERDICT_PASS : VERDICT_NOT_APPLICABLE;
}

static struct junit_tally tally_of(const struct result_sweep *sweep)
{
    struct junit_tally tally = {.tests = 1, .wall_ns = sweep->wall_ns};
    tally.of[result_sweep_whole(sweep) ? VERDICT_PASS : VERDICT_ERROR]++;
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        if (!sweep->verdicts[i].good) {
            tally.tests++;
            tally.of[verdict_of(sweep, &sweep->verdicts[i])]++;
        }
    }
    return tally;
}

void junit_sweep_count(struct junit_tally *tally, const struct result_sweep *sweep)
{
    const struct junit_tally own = tally_of(sweep);
    tally->tests += own.tests;
    tally->wall_ns += own.wall_ns;
    for (int i = 0; i <= VERDICT_ERROR; i++) {
        tally->of[i] += own.of[i];
    }
}

static void number(struct junit_writer *w, const char *group, const char *name, uint64_t value)
{
    junit_begin(w, "property");
    junit_attribute(w, "name", "%s: %s", group, name);
    junit_attribute(w, "value", "%" PRIu64, value);
    junit_end(w);
}

static void print_properties(struct junit_writer *w, const struct result_sweep *sweep)
{
    char *command = sweep_text_command(sweep);
    junit_begin(w, "properties");
    junit_property(w, "limphome", sweep->version);
    junit_property(w, "master", sweep->master);
    if (sweep->date != NULL && sweep->date[0] != '\0') {
        junit_property(w, "date", sweep->date);
    }
    junit_property(w, "command", command);
    number(w, "units", "of the sweep", sweep->units);
    number(w, "units", "done", result_sweep_done(sweep));
    for (size_t i = 0; i < sweep->rows_len; i++) {
        number(w, sweep->rows[i].heading, sweep->rows[i].text, sweep->rows[i].number);
    }
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        number(w, "verdicts", sweep->verdicts[i].name, sweep->verdicts[i].count);
    }
    for (size_t i = 0; i < sweep->rules_len; i++) {
        number(w, "rules of the judge that were broken", sweep->rules[i].name,
               sweep->rules[i].count);
    }
    junit_end(w);
    free(command);
}

/* The listed failures of a verdict, a line each. The caller frees it. */
static char *failures_of(const struct result_sweep *sweep, size_t verdict)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    CHECK(out != NULL);
    fprintf(out, "%s\n", sweep->verdicts[verdict].meaning);
    for (size_t i = 0; i < sweep->failures_len; i++) {
        const struct sweep_failure *failure = &sweep->failures[i];
        if (failure->verdict == verdict) {
            const bool broke = failure->rules != NULL && failure->rules[0] != '\0';
            fprintf(out, "%s%s%s%s: %s\n", failure->id, broke ? " (" : "",
                    broke ? failure->rules : "", broke ? ")" : "",
                    failure->replay != NULL ? failure->replay : "");
        }
    }
    CHECK(fclose(out) == 0);
    return text;
}

static void begin_case(struct junit_writer *w, const struct result_sweep *sweep, const char *name)
{
    junit_begin(w, "testcase");
    junit_attribute(w, "name", "%s: %s", sweep->identity, name);
    junit_attribute(w, "classname", "%s.explore %s", sweep->master, sweep->kind);
    junit_seconds(w, "time", 0);
}

static void print_verdict(struct junit_writer *w, const struct result_sweep *sweep, size_t i)
{
    const struct sweep_verdict *bad = &sweep->verdicts[i];
    const enum verdict verdict = verdict_of(sweep, bad);
    begin_case(w, sweep, bad->name);
    if (verdict == VERDICT_FAIL) {
        char message[64];
        char *text = failures_of(sweep, i);
        snprintf(message, sizeof message, "%" PRIu64 " of %" PRIu64 " points", bad->count,
                 sweep_text_points(sweep));
        junit_message(w, "failure", bad->name, message, text);
        free(text);
    } else if (verdict == VERDICT_NOT_APPLICABLE) {
        junit_begin(w, "skipped");
        junit_content(w, "none yet, but this is a part of the sweep");
        junit_end(w);
    }
    junit_end(w);
}

static void print_whole(struct junit_writer *w, const struct result_sweep *sweep)
{
    char *part = sweep_text_part(sweep);
    begin_case(w, sweep, "all units of work are done");
    if (!result_sweep_whole(sweep)) {
        junit_message(w, "error", "part", part, "");
    }
    junit_end(w);
    free(part);
}

void junit_sweep(struct junit_writer *w, const struct result_sweep *sweep)
{
    const struct junit_tally tally = tally_of(sweep);
    junit_begin(w, "testsuite");
    junit_attribute(w, "name", "%s.explore %s", sweep->master, sweep->identity);
    junit_print_tally(w, &tally, true);
    print_properties(w, sweep);
    print_whole(w, sweep);
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        if (!sweep->verdicts[i].good) {
            print_verdict(w, sweep, i);
        }
    }
    junit_end(w);
}
