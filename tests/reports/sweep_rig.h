/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/sweep_rig.h - a sweep put together by hand, whole or in parts, whole enough for
 * every printer. */
#ifndef TESTS_SWEEP_RIG_H
#define TESTS_SWEEP_RIG_H

#include "reports/result_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RIG_UNITS = 40, RIG_BINS = 12, RIG_VERDICTS = 3, RIG_ROWS = 4, RIG_RULES = 2 };

static inline void rig_sweep_failure(struct result_sweep *sweep, uint64_t unit, unsigned nth)
{
    if (sweep->failures_all++ < SWEEP_FAILURES_MAX) {
        char text[80];
        struct sweep_failure *failure = &sweep->failures[sweep->failures_len++];
        snprintf(text, sizeof text, "f%u.%u", (unsigned)unit, nth);
        failure->id = strdup(text);
        snprintf(text, sizeof text, "limphome explore power --size 8 --point f%u.%u",
                 (unsigned)unit, nth);
        failure->replay = strdup(text);
        failure->rules = strdup(nth == 0 ? "" : nth == 1 ? "INV-5" : "INV-5 INV-7");
        failure->scenario = strdup(nth == 0 ? "found/f.lua" : "");
        failure->verdict = nth == 0 ? 2 : 1;
        failure->unit = unit;
        failure->at_ns = nth == 1 ? SIM_NEVER : 1000u + unit * 100u;
    }
}

static inline int rig_sweep_by_state(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a;
    const uint64_t other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

/* Three of forty states in each unit, most of them met by others too. */
static inline void rig_sweep_states(struct result_sweep *sweep, uint64_t unit)
{
    for (uint64_t k = 0; k < 3; k++) {
        const uint64_t state = (unit * 5 + k * 9) % 40 * 0x0123456789ABCDEFu;
        bool known = false;
        for (size_t i = 0; i < sweep->states_len; i++) {
            known = known || sweep->states[i] == state;
        }
        if (!known) {
            sweep->states[sweep->states_len++] = state;
        }
    }
    qsort(sweep->states, sweep->states_len, sizeof *sweep->states, rig_sweep_by_state);
}

/* Every third unit has three points that failed. */
static inline void rig_sweep_unit(struct result_sweep *sweep, uint64_t unit)
{
    const uint64_t bad = unit % 3 == 0 ? 3 : 0;
    uint64_t *bin = &sweep->map.counts[unit % (RIG_BINS - 2) * RIG_VERDICTS];
    sweep->rows[1].number += 13 + bad;
    sweep->verdicts[0].count += 13;
    bin[0] += 13;
    for (unsigned i = 0; i < bad; i++) {
        const size_t verdict = i == 0 ? 2 : 1;
        sweep->verdicts[verdict].count++;
        bin[verdict]++;
        sweep->rules[0].count += i > 0;
        sweep->rules[1].count += i > 1;
        rig_sweep_failure(sweep, unit, i);
    }
    rig_sweep_states(sweep, unit);
    if (sweep->done_len > 0 && sweep->done[sweep->done_len - 1].last + 1 == unit) {
        sweep->done[sweep->done_len - 1].last = unit;
    } else {
        sweep->done[sweep->done_len++] = (struct sweep_units){unit, unit};
    }
}

static inline void rig_sweep_row(struct result_sweep *sweep, const char *heading, const char *text,
                                 uint64_t number, enum sweep_merge merge)
{
    sweep->rows[sweep->rows_len++] = (struct sweep_row){.heading = strdup(heading),
                                                        .text = strdup(text),
                                                        .number = number,
                                                        .merge = merge,
                                                        .shown_if_zero = merge != SWEEP_SUM};
}

static inline void rig_sweep_verdict(struct result_sweep *sweep, const char *name,
                                     const char *meaning, bool good)
{
    sweep->verdicts[sweep->verdicts_len++] = (struct sweep_verdict){
        .name = strdup(name), .meaning = strdup(meaning), .good = good, .shown_if_zero = !good};
}

static inline void rig_sweep_rule(struct result_sweep *sweep, const char *name, const char *meaning)
{
    sweep->rules[sweep->rules_len++] =
        (struct sweep_rule){.name = strdup(name), .meaning = strdup(meaning)};
}

static inline void rig_sweep_texts(struct result_sweep *sweep)
{
    rig_sweep_row(sweep, "operations of the update", "flash commands", 1264, SWEEP_SAME);
    rig_sweep_row(sweep, "cuts", "cuts", 0, SWEEP_SUM);
    rig_sweep_row(sweep, "recoveries", "different states of flash after them", 0, SWEEP_STATES);
    rig_sweep_row(sweep, "recoveries", "given up", 0, SWEEP_SUM);
    rig_sweep_verdict(sweep, "updated", "the new version runs, and the master says so", true);
    rig_sweep_verdict(sweep, "false success", "the master claims success, and it is none", false);
    rig_sweep_verdict(sweep, "bricked", "nothing runs, and a clean retry does not mend it", false);
    rig_sweep_rule(sweep, "INV-5", "one request at a time");
    rig_sweep_rule(sweep, "INV-7", "the data are the segment");
}

static inline struct sweep_map rig_sweep_map(void)
{
    struct sweep_map map = {.axis = strdup("instant of the first cut"),
                            .bins = RIG_BINS,
                            .edges_ns = calloc(RIG_BINS + 1, sizeof(sim_ns_t)),
                            .edges_len = RIG_BINS + 1,
                            .counts = calloc((size_t)RIG_BINS * RIG_VERDICTS, sizeof(uint64_t)),
                            .phases = calloc(2, sizeof(struct sweep_phase)),
                            .phases_len = 2};
    for (size_t i = 0; i <= RIG_BINS; i++) {
        map.edges_ns[i] = 1000 + i * 400;
    }
    map.phases[0] = (struct sweep_phase){strdup("erase"), 1000, 2200};
    map.phases[1] = (struct sweep_phase){strdup("transfer"), 2200, 5000};
    return map;
}

/* Of a shard, from 1: as explore does it. 1 of 1: the whole sweep. */
static inline struct result_sweep rig_sweep(unsigned shard, unsigned shards)
{
    struct result_sweep sweep = {
        .version = strdup("1.2.3"),
        .kind = strdup("power"),
        .master = strdup("reference (in process)"),
        .identity = strdup("power --size 8 --style block --resume full --seed 1"),
        .date = strdup(""),
        .units = RIG_UNITS,
        .done = calloc(RIG_UNITS, sizeof(struct sweep_units)),
        .rows = calloc(RIG_ROWS, sizeof(struct sweep_row)),
        .verdicts = calloc(RIG_VERDICTS, sizeof(struct sweep_verdict)),
        .rules = calloc(RIG_RULES, sizeof(struct sweep_rule)),
        .failures = calloc(SWEEP_FAILURES_MAX, sizeof(struct sweep_failure)),
        .states = calloc((size_t)RIG_UNITS * 3, sizeof(uint64_t)),
        .map = rig_sweep_map(),
        .wall_ns = 1000000000u};
    rig_sweep_texts(&sweep);
    for (uint64_t unit = shard - 1; unit < RIG_UNITS; unit += shards) {
        rig_sweep_unit(&sweep, unit);
    }
    sweep.rows[2].number = sweep.states_len;
    if (!result_sweep_keeps_states(&sweep)) {
        free(sweep.states);
        sweep.states = NULL;
        sweep.states_len = 0;
    }
    return sweep;
}

#endif
