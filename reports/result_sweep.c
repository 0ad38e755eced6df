/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_sweep.c - parts of a sweep become one sweep again. */
#include "reports/result_sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(text_of(a), text_of(b)) == 0;
}

uint64_t result_sweep_done(const struct result_sweep *sweep)
{
    uint64_t done = 0;
    for (size_t i = 0; i < sweep->done_len; i++) {
        done += sweep->done[i].last - sweep->done[i].first + 1;
    }
    return done;
}

bool result_sweep_whole(const struct result_sweep *sweep)
{
    return sweep->units == SWEEP_UNITS_OPEN || result_sweep_done(sweep) == sweep->units;
}

bool result_sweep_keeps_states(const struct result_sweep *sweep)
{
    return sweep->units == SWEEP_UNITS_OPEN || !result_sweep_whole(sweep);
}

bool result_sweep_good(const struct result_sweep *sweep)
{
    bool good = sweep->failures_all == 0;
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        good = good && (sweep->verdicts[i].good || sweep->verdicts[i].count == 0);
    }
    return good;
}

bool result_sweep_same(const struct result_sweep *a, const struct result_sweep *b)
{
    return same_text(a->version, b->version) && same_text(a->kind, b->kind) &&
           same_text(a->master, b->master) && same_text(a->identity, b->identity) &&
           same_text(a->date, b->date) && a->units == b->units;
}

/* What a sweep is called in messages. */
static int refuse(struct err *err, const struct result_sweep *sweep, const char *why)
{
    return err_set(err, ERR_RANGE, "two parts of the sweep \"%s\" %s; are these two builds?",
                   text_of(sweep->identity), why);
}

static int check_files(const struct result_sweep *a, const struct result_sweep *b, struct err *err)
{
    if (a->files_len != b->files_len) {
        return refuse(err, a, "depend on different files");
    }
    for (size_t i = 0; i < a->files_len; i++) {
        if (!same_text(a->files[i].name, b->files[i].name)) {
            return refuse(err, a, "depend on different files");
        }
        if (!same_text(a->files[i].sha256, b->files[i].sha256)) {
            return err_set(err, ERR_RANGE,
                           "two parts of the sweep \"%s\" were made with different contents of "
                           "\"%s\"; sweep one of them again",
                           text_of(a->identity), text_of(a->files[i].name));
        }
    }
    return 0;
}

static int check_rows(const struct result_sweep *a, const struct result_sweep *b, struct err *err)
{
    bool same = a->rows_len == b->rows_len;
    for (size_t i = 0; same && i < a->rows_len; i++) {
        const struct sweep_row *row = &a->rows[i];
        const struct sweep_row *other = &b->rows[i];
        same = same_text(row->heading, other->heading) && same_text(row->text, other->text) &&
               row->merge == other->merge && row->shown_if_zero == other->shown_if_zero;
        if (same && row->merge == SWEEP_SAME && row->number != other->number) {
            return err_set(err, ERR_RANGE,
                           "two parts of the sweep \"%s\" differ in \"%s\": %" PRIu64
                           " and %" PRIu64 "; are these two builds?",
                           text_of(a->identity), text_of(row->text), row->number, other->number);
        }
    }
    return same ? 0 : refuse(err, a, "count different things");
}

static int check_verdicts(const struct result_sweep *a, const struct result_sweep *b,
                          struct err *err)
{
    bool same = a->verdicts_len == b->verdicts_len;
    for (size_t i = 0; same && i < a->verdicts_len; i++) {
        const struct sweep_verdict *one = &a->verdicts[i];
        const struct sweep_verdict *other = &b->verdicts[i];
        same = same_text(one->name, other->name) && same_text(one->meaning, other->meaning) &&
               one->good == other->good && one->shown_if_zero == other->shown_if_zero;
    }
    return same ? 0 : refuse(err, a, "have different verdicts");
}

static int check_rules(const struct result_sweep *a, const struct result_sweep *b, struct err *err)
{
    bool same = a->rules_len == b->rules_len;
    for (size_t i = 0; same && i < a->rules_len; i++) {
        same = same_text(a->rules[i].name, b->rules[i].name) &&
               same_text(a->rules[i].meaning, b->rules[i].meaning);
    }
    return same ? 0 : refuse(err, a, "have different rules");
}

static int check_map(const struct result_sweep *one, const struct result_sweep *other,
                     struct err *err)
{
    const struct sweep_map *a = &one->map;
    const struct sweep_map *b = &other->map;
    bool same = same_text(a->axis, b->axis) && a->bins == b->bins && a->edges_len == b->edges_len &&
                a->phases_len == b->phases_len;
    for (size_t i = 0; same && i < a->edges_len; i++) {
        same = a->edges_ns[i] == b->edges_ns[i];
    }
    for (size_t i = 0; same && i < a->phases_len; i++) {
        same = same_text(a->phases[i].name, b->phases[i].name) &&
               a->phases[i].start_ns == b->phases[i].start_ns &&
               a->phases[i].end_ns == b->phases[i].end_ns;
    }
    return same ? 0 : refuse(err, one, "have maps of different updates");
}

static int check_units(const struct result_sweep *a, const struct result_sweep *b, struct err *err)
{
    size_t i = 0;
    size_t k = 0;
    while (i < a->done_len && k < b->done_len) {
        const struct sweep_units *one = &a->done[i];
        const struct sweep_units *other = &b->done[k];
        if (one->last < other->first) {
            i++;
        } else if (other->last < one->first) {
            k++;
        } else {
            return err_set(err, ERR_RANGE,
                           "two parts of the sweep \"%s\" have unit %" PRIu64
                           ": was the same part given twice?",
                           text_of(a->identity),
                           one->first > other->first ? one->first : other->first);
        }
    }
    return 0;
}

static int check_part(const struct result_sweep *sweep, const struct result_sweep *part,
                      struct err *err)
{
    if (!result_sweep_same(sweep, part)) {
        return err_set(err, ERR_RANGE, "\"%s\" and \"%s\" are not parts of one sweep",
                       text_of(sweep->identity), text_of(part->identity));
    }
    int rc = check_files(sweep, part, err);
    rc = rc == 0 ? check_rows(sweep, part, err) : rc;
    rc = rc == 0 ? check_verdicts(sweep, part, err) : rc;
    rc = rc == 0 ? check_rules(sweep, part, err) : rc;
    rc = rc == 0 ? check_map(sweep, part, err) : rc;
    return rc == 0 ? check_units(sweep, part, err) : rc;
}

/* For so many elements of both, none of which may be there. */
static void *room(size_t len, size_t bytes)
{
    void *list = calloc(len + 1, bytes);
    CHECK(list != NULL);
    return list;
}

static void merge_units(struct result_sweep *sweep, const struct result_sweep *part)
{
    struct sweep_units *all = room(sweep->done_len + part->done_len, sizeof *all);
    size_t len = 0;
    for (size_t i = 0, k = 0; i < sweep->done_len || k < part->done_len;) {
        const bool own = k == part->done_len ||
                         (i < sweep->done_len && sweep->done[i].first < part->done[k].first);
        const struct sweep_units *next = own ? &sweep->done[i++] : &part->done[k++];
        if (len > 0 && all[len - 1].last + 1 == next->first) {
            all[len - 1].last = next->last;
        } else {
            all[len++] = *next;
        }
    }
    free(sweep->done);
    sweep->done = all;
    sweep->done_len = len;
}

static void merge_states(struct result_sweep *sweep, const struct result_sweep *part)
{
    uint64_t *all = room(sweep->states_len + part->states_len, sizeof *all);
    size_t len = 0;
    for (size_t i = 0, k = 0; i < sweep->states_len || k < part->states_len;) {
        const bool own =
            k == part->states_len || (i < sweep->states_len && sweep->states[i] <= part->states[k]);
        const uint64_t next = own ? sweep->states[i++] : part->states[k++];
        if (len == 0 || all[len - 1] != next) {
            all[len++] = next;
        }
    }
    free(sweep->states);
    sweep->states = all;
    sweep->states_len = len;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void merge_numbers(struct result_sweep *sweep, const struct result_sweep *part)
{
    for (size_t i = 0; i < sweep->rows_len; i++) {
        struct sweep_row *row = &sweep->rows[i];
        if (row->merge == SWEEP_SUM) {
            row->number += part->rows[i].number;
        } else if (row->merge == SWEEP_STATES) {
            /* What is whole has kept their number alone; the other one has no units then. */
            row->number = larger(sweep->states_len, larger(row->number, part->rows[i].number));
        }
    }
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        sweep->verdicts[i].count += part->verdicts[i].count;
    }
    for (size_t i = 0; i < sweep->rules_len; i++) {
        sweep->rules[i].count += part->rules[i].count;
    }
    for (size_t i = 0; i < sweep->map.bins * sweep->verdicts_len; i++) {
        sweep->map.counts[i] += part->map.counts[i];
    }
    sweep->failures_all += part->failures_all;
    sweep->wall_ns += part->wall_ns;
}

static void release_failure(struct sweep_failure *failure)
{
    free(failure->id);
    free(failure->rules);
    free(failure->replay);
    free(failure->scenario);
}

/* Each part has its own first ones, so the first of both are the first of all. */
static void merge_failures(struct result_sweep *sweep, struct result_sweep *part)
{
    struct sweep_failure *all = room(sweep->failures_len + part->failures_len, sizeof *all);
    size_t len = 0;
    for (size_t i = 0, k = 0; i < sweep->failures_len || k < part->failures_len;) {
        const bool own =
            k == part->failures_len ||
            (i < sweep->failures_len && sweep->failures[i].unit < part->failures[k].unit);
        struct sweep_failure *next = own ? &sweep->failures[i++] : &part->failures[k++];
        if (len < SWEEP_FAILURES_MAX) {
            all[len++] = *next;
        } else {
            release_failure(next);
        }
    }
    free(sweep->failures);
    sweep->failures = all;
    sweep->failures_len = len;
    part->failures_len = 0;
}

int result_sweep_add(struct result_sweep *sweep, struct result_sweep *part, struct err *err)
{
    const int rc = check_part(sweep, part, err);
    if (rc != 0) {
        return rc;
    }
    merge_units(sweep, part);
    merge_states(sweep, part);
    merge_numbers(sweep, part);
    merge_failures(sweep, part);
    result_sweep_release(part);
    if (!result_sweep_keeps_states(sweep)) {
        free(sweep->states);
        sweep->states = NULL;
        sweep->states_len = 0;
    }
    return 0;
}

static void release_lists(struct result_sweep *sweep)
{
    for (size_t i = 0; i < sweep->rows_len; i++) {
        free(sweep->rows[i].heading);
        free(sweep->rows[i].text);
    }
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        free(sweep->verdicts[i].name);
        free(sweep->verdicts[i].meaning);
    }
    for (size_t i = 0; i < sweep->files_len; i++) {
        free(sweep->files[i].name);
        free(sweep->files[i].sha256);
    }
    for (size_t i = 0; i < sweep->rules_len; i++) {
        free(sweep->rules[i].name);
        free(sweep->rules[i].meaning);
    }
    for (size_t i = 0; i < sweep->failures_len; i++) {
        release_failure(&sweep->failures[i]);
    }
    for (size_t i = 0; i < sweep->map.phases_len; i++) {
        free(sweep->map.phases[i].name);
    }
    free(sweep->rows);
    free(sweep->verdicts);
    free(sweep->rules);
    free(sweep->files);
    free(sweep->failures);
    free(sweep->map.phases);
    free(sweep->map.counts);
    free(sweep->map.edges_ns);
    free(sweep->done);
    free(sweep->states);
}

void result_sweep_release(struct result_sweep *sweep)
{
    release_lists(sweep);
    free(sweep->map.axis);
    free(sweep->version);
    free(sweep->kind);
    free(sweep->master);
    free(sweep->identity);
    free(sweep->date);
    *sweep = (struct result_sweep){.kind = NULL};
}
