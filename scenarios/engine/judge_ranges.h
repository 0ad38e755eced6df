/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_ranges.h - a set of addresses, kept as ranges that neither touch nor
 * overlap. */
#ifndef ENGINE_JUDGE_RANGES_H
#define ENGINE_JUDGE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct judge_range {
    uint64_t start, end; /* end: the first address behind; may be 2^32. */
};

/* Zero it to initialise. */
struct judge_ranges {
    struct judge_range *items; /* Owned; by rising address. */
    size_t len, cap;
};

/* Empty ranges change nothing. */
void judge_ranges_add(struct judge_ranges *set, uint64_t start, uint64_t end);
void judge_ranges_remove(struct judge_ranges *set, uint64_t start, uint64_t end);
void judge_ranges_clear(struct judge_ranges *set);
/* How many addresses of the range are in the set. */
uint64_t judge_ranges_inside(const struct judge_ranges *set, uint64_t start, uint64_t end);
/* The first address of the range that is not in the set; end if all are. */
uint64_t judge_ranges_gap(const struct judge_ranges *set, uint64_t start, uint64_t end);
void judge_ranges_release(struct judge_ranges *set);

#endif
