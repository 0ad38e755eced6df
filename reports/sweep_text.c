/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_text.c - a sweep in plain lines. */
#include "reports/sweep_text.h"

#include "reports/safe_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_WIDTH = 10 };

static void put(FILE *out, const char *data)
{
    char *safe = safe_text_line(data != NULL ? data : "");
    fputs(safe, out);
    free(safe);
}

static bool begins(const char *text, const char *word)
{
    const size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

char *sweep_text_command(const struct result_sweep *sweep)
{
    const char *kind = sweep->kind != NULL ? sweep->kind : "";
    const char *identity = sweep->identity != NULL ? sweep->identity : "";
    char *text = NULL;
    const int rc = begins(identity, "limphome") ? asprintf(&text, "%s", identity)
                   : begins(identity, kind)     ? asprintf(&text, "limphome explore %s", identity)
                                                : asprintf(&text, "limphome explore %s%s%s", kind,
                                                       identity[0] != '\0' ? " " : "", identity);
    CHECK(rc >= 0);
    return text;
}

char *sweep_text_part(const struct result_sweep *sweep)
{
    const uint64_t done = result_sweep_done(sweep);
    char *text = NULL;
    if (sweep->units == SWEEP_UNITS_OPEN) {
        CHECK(asprintf(&text, "%" PRIu64 " %s of work, as many as there was time for", done,
                       done == 1 ? "unit" : "units") >= 0);
    } else if (!result_sweep_whole(sweep)) {
        CHECK(asprintf(&text,
                       "%" PRIu64 " of %" PRIu64
                       " units of work are missing: this is a part of the sweep",
                       sweep->units - done, sweep->units) >= 0);
    }
    return text;
}

uint64_t sweep_text_points(const struct result_sweep *sweep)
{
    uint64_t points = 0;
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        points += sweep->verdicts[i].count;
    }
    return points;
}

static void print_rows(const struct result_sweep *sweep, FILE *out)
{
    const char *heading = NULL;
    for (size_t i = 0; i < sweep->rows_len; i++) {
        const struct sweep_row *row = &sweep->rows[i];
        if (row->number == 0 && !row->shown_if_zero) {
            continue;
        }
        if (heading == NULL || strcmp(heading, row->heading) != 0) {
            heading = row->heading;
            put(out, heading);
            fputc('\n', out);
        }
        fprintf(out, "  %*" PRIu64 "  ", NUMBER_WIDTH, row->number);
        put(out, row->text);
        fputc('\n', out);
    }
}

static void print_verdicts(const struct result_sweep *sweep, FILE *out)
{
    fputs("verdicts\n", out);
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        const struct sweep_verdict *verdict = &sweep->verdicts[i];
        if (verdict->count != 0 || verdict->shown_if_zero) {
            fprintf(out, "  %*" PRIu64 "  ", NUMBER_WIDTH, verdict->count);
            put(out, verdict->name);
            fputs(": ", out);
            put(out, verdict->meaning);
            fputc('\n', out);
        }
    }
}

/* Nothing, if none was broken. */
static void print_rules(const struct result_sweep *sweep, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < sweep->rules_len; i++) {
        const struct sweep_rule *rule = &sweep->rules[i];
        if (rule->count != 0) {
            fputs(any ? "" : "rules of the judge that were broken\n", out);
            fprintf(out, "  %*" PRIu64 "  ", NUMBER_WIDTH, rule->count);
            put(out, rule->name);
            fputs(": ", out);
            put(out, rule->meaning);
            fputc('\n', out);
            any = true;
        }
    }
}

static void print_failure(const struct result_sweep *sweep, const struct sweep_failure *failure,
                          const char *bad_on, const char *bad_off, FILE *out)
{
    fputs(bad_on != NULL ? bad_on : "", out);
    put(out, sweep->verdicts[failure->verdict].name);
    fputs(bad_off != NULL ? bad_off : "", out);
    if (failure->rules != NULL && failure->rules[0] != '\0') {
        fputs(" (", out);
        put(out, failure->rules);
        fputc(')', out);
    }
    fputs(": ", out);
    put(out, failure->id);
    if (failure->replay != NULL && failure->replay[0] != '\0') {
        fputs(": ", out);
        put(out, failure->replay);
    }
    fputc('\n', out);
    if (failure->scenario != NULL && failure->scenario[0] != '\0') {
        fputs("  the same as a scenario: ", out);
        put(out, failure->scenario);
        fputc('\n', out);
    }
}

void sweep_text_print(const struct result_sweep *sweep, const char *bad_on, const char *bad_off,
                      FILE *out)
{
    char *part = sweep_text_part(sweep);
    print_rows(sweep, out);
    print_verdicts(sweep, out);
    print_rules(sweep, out);
    for (size_t i = 0; i < sweep->failures_len; i++) {
        print_failure(sweep, &sweep->failures[i], bad_on, bad_off, out);
    }
    if (sweep->failures_all > sweep->failures_len) {
        fprintf(out, "and %" PRIu64 " more\n", sweep->failures_all - sweep->failures_len);
    }
    if (part != NULL) {
        fprintf(out, "%s\n", part);
    }
    free(part);
}
