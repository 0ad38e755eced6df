/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_changes.c - finds for each run the one it is compared with, and for each case what
 * has become of it. */
#include "reports/result_changes.h"

#include <stdlib.h>
#include <string.h>

enum { TENTH = 10 };
static const sim_ns_t duration_min_ns = SIM_S(1);

const char *change_name(enum change_kind kind)
{
    static const char *const names[] = {
        [CHANGE_NEWLY_FAILING] = "newly failing",
        [CHANGE_NEWLY_PASSING] = "newly passing",
        [CHANGE_OTHER_VERDICT] = "other verdict",
        [CHANGE_APPEARED] = "new case",
        [CHANGE_GONE] = "case gone",
        [CHANGE_DURATION] = "other duration",
    };
    CHECK(kind < CHANGE_KINDS);
    return names[kind];
}

static void add(struct result_changes *changes, struct change change)
{
    struct change *grown =
        realloc(changes->changes, (changes->changes_len + 1) * sizeof *changes->changes);
    CHECK(grown != NULL);
    changes->changes = grown;
    changes->changes[changes->changes_len++] = change;
}

/* The runs of both sets, and which belong together: partner[i] is the index in before, or its
 * length. */
struct pairs {
    const struct result_set *now, *before;
    size_t *partner;
    bool *taken; /* Of before. */
};

static bool fits(const struct run_result *run, const struct run_result *old, bool by_seed)
{
    return strcmp(run->master, old->master) == 0 && (!by_seed || run->seed == old->seed);
}

static void pair(struct pairs *pairs, bool by_seed)
{
    for (size_t i = 0; i < pairs->now->runs_len; i++) {
        for (size_t k = 0;
             pairs->partner[i] == pairs->before->runs_len && k < pairs->before->runs_len; k++) {
            if (!pairs->taken[k] && fits(&pairs->now->runs[i], &pairs->before->runs[k], by_seed)) {
                pairs->partner[i] = k;
                pairs->taken[k] = true;
            }
        }
    }
}

static const struct run_result *old_run(const struct pairs *pairs, size_t i)
{
    return pairs->partner[i] < pairs->before->runs_len ? &pairs->before->runs[pairs->partner[i]]
                                                       : NULL;
}

static bool is_bad(const struct case_result *one)
{
    return one->verdict == VERDICT_FAIL || one->verdict == VERDICT_ERROR;
}

static bool has_other_duration(const struct case_result *now, const struct case_result *before)
{
    const sim_ns_t now_ns = case_result_virtual_ns(now);
    const sim_ns_t before_ns = case_result_virtual_ns(before);
    const sim_ns_t by_ns = now_ns > before_ns ? now_ns - before_ns : before_ns - now_ns;
    return by_ns >= duration_min_ns && by_ns >= before_ns / TENTH;
}

/* CHANGE_KINDS: it is as it was. */
static enum change_kind compare(const struct case_result *now, const struct case_result *before)
{
    if (before == NULL) {
        return CHANGE_APPEARED;
    }
    if (now == NULL) {
        return CHANGE_GONE;
    }
    if (now->verdict == before->verdict) {
        return has_other_duration(now, before) ? CHANGE_DURATION : CHANGE_KINDS;
    }
    if (is_bad(now) && !is_bad(before)) {
        return CHANGE_NEWLY_FAILING;
    }
    return now->verdict == VERDICT_PASS && is_bad(before) ? CHANGE_NEWLY_PASSING
                                                          : CHANGE_OTHER_VERDICT;
}

static void find_in_run(struct result_changes *changes, enum change_kind kind,
                        const struct run_result *run, const struct run_result *old)
{
    for (size_t i = 0; run != NULL && i < run->cases_len; i++) {
        const struct case_result *now = &run->cases[i];
        const struct case_result *before = old != NULL ? run_result_find(old, now->id) : NULL;
        if (compare(now, before) == kind) {
            add(changes, (struct change){kind, run, old, now, before});
        }
    }
    for (size_t i = 0; kind == CHANGE_GONE && old != NULL && i < old->cases_len; i++) {
        const struct case_result *before = &old->cases[i];
        if (run == NULL || run_result_find(run, before->id) == NULL) {
            add(changes, (struct change){kind, run, old, NULL, before});
        }
    }
}

static void find_in_all(struct result_changes *changes, enum change_kind kind,
                        const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->now->runs_len; i++) {
        find_in_run(changes, kind, &pairs->now->runs[i], old_run(pairs, i));
    }
    for (size_t k = 0; k < pairs->before->runs_len; k++) {
        if (!pairs->taken[k]) {
            find_in_run(changes, kind, NULL, &pairs->before->runs[k]);
        }
    }
}

void result_changes_find(struct result_changes *changes, const struct result_set *now,
                         const struct result_set *before)
{
    struct pairs pairs = {.now = now,
                          .before = before,
                          .partner = calloc(now->runs_len + 1, sizeof *pairs.partner),
                          .taken = calloc(before->runs_len + 1, sizeof *pairs.taken)};
    CHECK(pairs.partner != NULL && pairs.taken != NULL);
    *changes = (struct result_changes){.changes = NULL};
    for (size_t i = 0; i < now->runs_len; i++) {
        pairs.partner[i] = before->runs_len;
    }
    sweep_changes_find(&changes->sweeps, now, before);
    pair(&pairs, true);
    pair(&pairs, false);
    for (int kind = 0; kind < CHANGE_KINDS; kind++) {
        find_in_all(changes, (enum change_kind)kind, &pairs);
    }
    free(pairs.partner);
    free(pairs.taken);
}

void result_changes_release(struct result_changes *changes)
{
    free(changes->changes);
    sweep_changes_release(&changes->sweeps);
    *changes = (struct result_changes){.changes = NULL};
}

size_t result_changes_count(const struct result_changes *changes, enum change_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->changes_len; i++) {
        count += changes->changes[i].kind == kind;
    }
    return count;
}
