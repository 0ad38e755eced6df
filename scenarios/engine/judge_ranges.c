/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_ranges.c - ranges are joined as they meet, so that a transfer in order is
 * one of them. */
#include "scenarios/engine/judge_ranges.h"

#include "sim/base.h"

#include <stdlib.h>
#include <string.h>

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The first range that ends behind the address. */
static size_t find(const struct judge_ranges *set, uint64_t address)
{
    size_t low = 0;
    size_t high = set->len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (set->items[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* items[at] to items[end - 1] become the given ones. */
static void replace(struct judge_ranges *set, size_t at, size_t end, const struct judge_range *with,
                    size_t with_len)
{
    const size_t len = set->len - (end - at) + with_len;
    if (len > set->cap) {
        set->cap = 2 * len + 16;
        set->items = realloc(set->items, set->cap * sizeof *set->items);
        CHECK(set->items != NULL);
    }
    if (set->items != NULL) {
        memmove(&set->items[at + with_len], &set->items[end],
                (set->len - end) * sizeof *set->items);
    }
    for (size_t i = 0; i < with_len; i++) {
        set->items[at + i] = with[i];
    }
    set->len = len;
}

void judge_ranges_add(struct judge_ranges *set, uint64_t start, uint64_t end)
{
    if (start >= end) {
        return;
    }
    struct judge_range all = {start, end};
    size_t at = find(set, start == 0 ? 0 : start - 1);
    size_t behind = at;
    while (behind < set->len && set->items[behind].start <= end) {
        all.start = lesser(all.start, set->items[behind].start);
        all.end = set->items[behind].end > all.end ? set->items[behind].end : all.end;
        behind++;
    }
    replace(set, at, behind, &all, 1);
}

void judge_ranges_remove(struct judge_ranges *set, uint64_t start, uint64_t end)
{
    struct judge_range kept[2];
    size_t kept_len = 0;
    if (start >= end) {
        return;
    }
    const size_t at = find(set, start);
    size_t behind = at;
    while (behind < set->len && set->items[behind].start < end) {
        const struct judge_range item = set->items[behind++];
        if (item.start < start) {
            kept[kept_len++] = (struct judge_range){item.start, start};
        }
        if (item.end > end) {
            kept[kept_len++] = (struct judge_range){end, item.end};
        }
    }
    replace(set, at, behind, kept, kept_len);
}

void judge_ranges_clear(struct judge_ranges *set)
{
    set->len = 0;
}

uint64_t judge_ranges_inside(const struct judge_ranges *set, uint64_t start, uint64_t end)
{
    uint64_t inside = 0;
    for (size_t i = find(set, start); i < set->len && set->items[i].start < end; i++) {
        const uint64_t from = set->items[i].start > start ? set->items[i].start : start;
        inside += lesser(set->items[i].end, end) - from;
    }
    return inside;
}

uint64_t judge_ranges_gap(const struct judge_ranges *set, uint64_t start, uint64_t end)
{
    const size_t at = find(set, start);
    if (at == set->len || set->items[at].start > start) {
        return start;
    }
    return lesser(set->items[at].end, end);
}

void judge_ranges_release(struct judge_ranges *set)
{
    free(set->items);
    *set = (struct judge_ranges){.len = 0};
}
