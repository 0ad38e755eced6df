/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_sum.c - adds up units, and prints the sum as a result. */
#include "scenarios/explore/explore_sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATES_FIRST = 1 << 12, DONE_FIRST = 64 };

static void *list_of(size_t len, size_t bytes)
{
    void *list = calloc(len + 1, bytes);
    CHECK(list != NULL);
    return list;
}

void explore_sum_init(struct explore_sum *sum, const struct explore_sweep_cfg *cfg)
{
    CHECK(cfg->kind->rows_len <= EXPLORE_ROWS_MAX);
    *sum = (struct explore_sum){.cfg = cfg, .done_cap = DONE_FIRST, .states_cap = STATES_FIRST};
    sum->done = list_of(sum->done_cap, sizeof *sum->done);
    sum->states = list_of(sum->states_cap, sizeof *sum->states);
}

void explore_sum_release(struct explore_sum *sum)
{
    free(sum->done);
    free(sum->states);
    *sum = (struct explore_sum){.cfg = NULL};
}

/* The first range that does not end before the unit. */
static size_t range_at(const struct explore_sum *sum, uint64_t unit)
{
    size_t low = 0;
    size_t high = sum->done_len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sum->done[middle].last < unit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool explore_sum_has(const struct explore_sum *sum, uint64_t unit)
{
    const size_t at = range_at(sum, unit);
    return at < sum->done_len && sum->done[at].first <= unit;
}

static void insert_range(struct explore_sum *sum, size_t at, uint64_t unit)
{
    if (sum->done_len == sum->done_cap) {
        CHECK(sum->done_cap != 0);
        sum->done_cap *= 2;
        sum->done = realloc(sum->done, sum->done_cap * sizeof *sum->done);
        CHECK(sum->done != NULL);
    }
    memmove(&sum->done[at + 1], &sum->done[at], (sum->done_len - at) * sizeof *sum->done);
    sum->done[at] = (struct sweep_units){.first = unit, .last = unit};
    sum->done_len++;
}

static void add_unit(struct explore_sum *sum, uint64_t unit)
{
    const size_t at = range_at(sum, unit);
    const bool joins_last = at > 0 && sum->done[at - 1].last + 1 == unit;
    const bool joins_next = at < sum->done_len && sum->done[at].first == unit + 1;
    CHECK(at == sum->done_len || sum->done[at].first > unit);
    if (joins_last && joins_next) {
        sum->done[at - 1].last = sum->done[at].last;
        sum->done_len--;
        memmove(&sum->done[at], &sum->done[at + 1], (sum->done_len - at) * sizeof *sum->done);
    } else if (joins_last) {
        sum->done[at - 1].last = unit;
    } else if (joins_next) {
        sum->done[at].first = unit;
    } else {
        insert_range(sum, at, unit);
    }
}

static size_t place_of(const uint64_t *states, size_t cap, uint64_t state)
{
    size_t at = (size_t)(state * UINT64_C(0xD6E8FEB86659FD93) >> 20) & (cap - 1);
    while (states[at] != 0 && states[at] != state) {
        at = (at + 1) & (cap - 1);
    }
    return at;
}

static void grow_states(struct explore_sum *sum)
{
    const size_t cap = sum->states_cap * 2;
    uint64_t *states = list_of(cap, sizeof *states);
    for (size_t i = 0; i < sum->states_cap; i++) {
        if (sum->states[i] != 0) {
            states[place_of(states, cap, sum->states[i])] = sum->states[i];
        }
    }
    free(sum->states);
    sum->states = states;
    sum->states_cap = cap;
}

static void add_states(struct explore_sum *sum, struct explore_done *unit)
{
    size_t fresh = 0;
    for (size_t i = 0; i < unit->states_len; i++) {
        const uint64_t state = unit->states[i];
        if (sum->states_len >= sum->states_cap / 2) {
            grow_states(sum);
        }
        uint64_t *place = &sum->states[place_of(sum->states, sum->states_cap, state)];
        if (*place == 0) {
            *place = state;
            sum->states_len++;
            unit->states[fresh++] = state;
        }
    }
    unit->states_len = fresh;
}

static void add_failures(struct explore_sum *sum, const struct explore_done *unit)
{
    const uint64_t all = unit->tally->failures_all;
    const size_t more = all < SWEEP_FAILURES_MAX ? (size_t)all : SWEEP_FAILURES_MAX;
    struct explore_sum_failure *failures = sum->failures;
    size_t at = 0;
    while (at < sum->failures_len && failures[at].unit < unit->index) {
        at++;
    }
    const size_t room = SWEEP_FAILURES_MAX - at;
    const size_t taken = more < room ? more : room;
    const size_t behind = sum->failures_len - at;
    const size_t kept = behind < room - taken ? behind : room - taken;
    memmove(&failures[at + taken], &failures[at], kept * sizeof *failures);
    for (size_t i = 0; i < taken; i++) {
        failures[at + i] =
            (struct explore_sum_failure){.unit = unit->index, .failed = unit->tally->failures[i]};
    }
    sum->failures_len = at + taken + kept;
    sum->failures_all += all;
}

void explore_sum_add(struct explore_sum *sum, struct explore_done *unit)
{
    const struct explore_tally *tally = unit->tally;
    for (size_t i = 0; i < sum->cfg->kind->rows_len; i++) {
        sum->numbers[i] += tally->numbers[i];
    }
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        sum->verdicts[i] += tally->verdicts[i];
    }
    for (int i = 0; i < EXPLORE_RULES; i++) {
        sum->invariants[i] += tally->invariants[i];
    }
    for (int bin = 0; bin < EXPLORE_BINS; bin++) {
        for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
            sum->map[bin][i] += tally->map[bin][i];
        }
    }
    sum->points += unit->points;
    sum->wall_ns += unit->wall_ns;
    add_failures(sum, unit);
    add_unit(sum, unit->index);
    add_states(sum, unit);
}

static char *copy(const char *text)
{
    char *own = strdup(text != NULL ? text : "");
    CHECK(own != NULL);
    return own;
}

static void print_rows(const struct explore_sum *sum, struct result_sweep *result)
{
    const struct explore_kind *kind = sum->cfg->kind;
    result->rows = list_of(kind->rows_len, sizeof *result->rows);
    for (size_t i = 0; i < kind->rows_len; i++) {
        const struct explore_row *row = &kind->rows[i];
        uint64_t number = sum->numbers[i];
        if (row->merge == SWEEP_SAME) {
            number = sum->cfg->same[i];
        } else if (row->merge == SWEEP_STATES) {
            number = sum->states_len;
        }
        result->rows[result->rows_len++] = (struct sweep_row){.heading = copy(row->heading),
                                                              .text = copy(row->text),
                                                              .number = number,
                                                              .merge = row->merge,
                                                              .shown_if_zero = row->shown_if_zero};
    }
}

static void print_verdicts(const struct explore_sum *sum, struct result_sweep *result)
{
    result->verdicts = list_of(EXPLORE_VERDICT_COUNT, sizeof *result->verdicts);
    result->verdicts_len = EXPLORE_VERDICT_COUNT;
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        const enum explore_verdict verdict = (enum explore_verdict)i;
        result->verdicts[i] = (struct sweep_verdict){
            .name = copy(explore_verdict_text(verdict)),
            .meaning = copy(explore_verdict_meaning(verdict)),
            .good = explore_verdict_good(verdict),
            .shown_if_zero = verdict == EXPLORE_BRICKED || verdict == EXPLORE_FALSE_SUCCESS,
            .count = sum->verdicts[i]};
    }
}

static void print_rules(const struct explore_sum *sum, struct result_sweep *result)
{
    result->rules = list_of(EXPLORE_RULES, sizeof *result->rules);
    result->rules_len = EXPLORE_RULES;
    for (size_t i = 0; i < EXPLORE_RULES; i++) {
        result->rules[i] = (struct sweep_rule){.name = copy(explore_invariants[i].name),
                                               .meaning = copy(explore_invariants[i].meaning),
                                               .count = sum->invariants[i]};
    }
}

/* "INV-5 INV-7". */
static char *names_of(uint16_t invariants)
{
    char text[64] = "";
    size_t len = 0;
    for (size_t i = 0; i < EXPLORE_RULES; i++) {
        if ((invariants >> explore_invariants[i].number & 1u) != 0) {
            const int more = snprintf(&text[len], sizeof text - len, "%s%s", len > 0 ? " " : "",
                                      explore_invariants[i].name);
            len += (size_t)more;
            CHECK(len < sizeof text);
        }
    }
    return copy(text);
}

static void print_failures(const struct explore_sum *sum, struct result_sweep *result)
{
    result->failures_all = sum->failures_all;
    result->failures_len = sum->failures_len;
    result->failures = list_of(sum->failures_len, sizeof *result->failures);
    for (size_t i = 0; i < sum->failures_len; i++) {
        const struct explore_failed *failed = &sum->failures[i].failed;
        result->failures[i] = (struct sweep_failure){.id = copy(failed->id),
                                                     .verdict = failed->verdict,
                                                     .unit = sum->failures[i].unit,
                                                     .at_ns = failed->at_ns,
                                                     .rules = names_of(failed->invariants),
                                                     .replay = copy(NULL),
                                                     .scenario = copy(NULL)};
    }
}

static void print_map(const struct explore_sum *sum, struct result_sweep *result)
{
    const struct explore_sweep_cfg *cfg = sum->cfg;
    struct sweep_map *map = &result->map;
    *map = (struct sweep_map){.axis = copy(cfg->kind->axis)};
    if (cfg->map == NULL) {
        return;
    }
    map->bins = cfg->map->bins;
    map->edges_len = map->bins + 1;
    map->edges_ns = list_of(map->edges_len, sizeof *map->edges_ns);
    memcpy(map->edges_ns, cfg->map->edges_ns, map->edges_len * sizeof *map->edges_ns);
    map->counts = list_of(map->bins * EXPLORE_VERDICT_COUNT, sizeof *map->counts);
    for (size_t i = 0; i < map->bins * EXPLORE_VERDICT_COUNT; i++) {
        map->counts[i] = sum->map[i / EXPLORE_VERDICT_COUNT][i % EXPLORE_VERDICT_COUNT];
    }
}

static int compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void print_states(const struct explore_sum *sum, struct result_sweep *result)
{
    if (!result_sweep_keeps_states(result)) {
        return;
    }
    result->states = list_of(sum->states_len, sizeof *result->states);
    for (size_t i = 0; i < sum->states_cap; i++) {
        if (sum->states[i] != 0) {
            result->states[result->states_len++] = sum->states[i];
        }
    }
    qsort(result->states, result->states_len, sizeof *result->states, compare);
}

void explore_sum_result(const struct explore_sum *sum, struct result_sweep *result)
{
    const struct explore_sweep_cfg *cfg = sum->cfg;
    *result = (struct result_sweep){.version = copy(cfg->version),
                                    .kind = copy(cfg->kind->name),
                                    .master = copy(cfg->master),
                                    .identity = copy(cfg->identity),
                                    .date = copy(cfg->date),
                                    .units = cfg->units,
                                    .wall_ns = sum->wall_ns};
    result->files = list_of(cfg->files_len, sizeof *result->files);
    for (size_t i = 0; i < cfg->files_len; i++) {
        result->files[result->files_len++] = (struct sweep_file){
            .name = copy(cfg->files[i].name), .sha256 = copy(cfg->files[i].sha256)};
    }
    result->done = list_of(sum->done_len, sizeof *result->done);
    memcpy(result->done, sum->done, sum->done_len * sizeof *sum->done);
    result->done_len = sum->done_len;
    print_rows(sum, result);
    print_verdicts(sum, result);
    print_rules(sum, result);
    print_failures(sum, result);
    print_map(sum, result);
    print_states(sum, result);
}
