/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_changes.c - finds for each sweep the one that it is compared with. */
#include "reports/sweep_changes.h"

#include <stdlib.h>
#include <string.h>

static bool same_command(const struct result_sweep *a, const struct result_sweep *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->master, b->master) == 0 &&
           strcmp(a->identity, b->identity) == 0;
}

static const struct result_sweep *partner(const struct result_sweep *sweep,
                                          const struct result_set *set)
{
    for (size_t i = 0; i < set->sweeps_len; i++) {
        if (same_command(sweep, &set->sweeps[i])) {
            return &set->sweeps[i];
        }
    }
    return NULL;
}

void sweep_changes_find(struct sweep_changes *changes, const struct result_set *now,
                        const struct result_set *before)
{
    changes->len = 0;
    changes->list = calloc(now->sweeps_len + before->sweeps_len + 1, sizeof *changes->list);
    CHECK(changes->list != NULL);
    for (size_t i = 0; i < now->sweeps_len; i++) {
        const struct result_sweep *sweep = &now->sweeps[i];
        changes->list[changes->len++] =
            (struct sweep_change){.now = sweep, .before = partner(sweep, before)};
    }
    for (size_t i = 0; i < before->sweeps_len; i++) {
        const struct result_sweep *sweep = &before->sweeps[i];
        if (partner(sweep, now) == NULL) {
            changes->list[changes->len++] = (struct sweep_change){.before = sweep};
        }
    }
}

void sweep_changes_release(struct sweep_changes *changes)
{
    free(changes->list);
    *changes = (struct sweep_changes){.list = NULL};
}

uint64_t sweep_change_count(const struct result_sweep *sweep, const char *verdict)
{
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        if (strcmp(sweep->verdicts[i].name, verdict) == 0) {
            return sweep->verdicts[i].count;
        }
    }
    return 0;
}

bool sweep_change_lists(const struct result_sweep *sweep, const char *id)
{
    for (size_t i = 0; i < sweep->failures_len; i++) {
        if (strcmp(sweep->failures[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

bool sweep_change_lists_all(const struct result_sweep *sweep)
{
    return sweep->failures_len == sweep->failures_all;
}

static bool has_all_of(const struct result_sweep *one, const struct result_sweep *other)
{
    for (size_t i = 0; i < other->verdicts_len; i++) {
        if (sweep_change_count(one, other->verdicts[i].name) != other->verdicts[i].count) {
            return false;
        }
    }
    for (size_t i = 0; i < other->failures_len; i++) {
        if (!sweep_change_lists(one, other->failures[i].id)) {
            return false;
        }
    }
    return true;
}

bool sweep_change_none(const struct sweep_change *change)
{
    return has_all_of(change->now, change->before) && has_all_of(change->before, change->now);
}
