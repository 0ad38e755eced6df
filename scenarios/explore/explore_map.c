/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_map.c - divides an update into stretches. */
#include "scenarios/explore/explore_map.h"

#include <string.h>

void explore_map_init(struct explore_map *map, sim_ns_t start_ns, sim_ns_t end_ns, size_t steps)
{
    CHECK(steps > 0 && steps <= EXPLORE_BINS);
    const sim_ns_t all_ns = end_ns > start_ns ? end_ns - start_ns : 0;
    const sim_ns_t step_ns = all_ns / steps + 1;
    map->bins = steps;
    for (size_t i = 0; i <= steps; i++) {
        map->edges_ns[i] = start_ns + i * step_ns;
    }
}

size_t explore_map_bin(const struct explore_map *map, sim_ns_t at_ns)
{
    size_t low = 0;
    size_t high = map->bins - 1;
    while (low < high) {
        const size_t middle = low + (high - low + 1) / 2;
        if (map->edges_ns[middle] <= at_ns) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

void explore_map_split(struct explore_map *map, sim_ns_t at_ns)
{
    const size_t bin = explore_map_bin(map, at_ns);
    sim_ns_t *next = &map->edges_ns[bin + 1];
    if (map->bins == EXPLORE_BINS || at_ns <= map->edges_ns[bin] || at_ns >= *next) {
        return;
    }
    memmove(next + 1, next, (map->bins - bin) * sizeof *next);
    *next = at_ns;
    map->bins++;
}

void explore_map_share(struct explore_map *map, const sim_ns_t *first_ns, size_t stride_bytes,
                       size_t len)
{
    const char *const first = (const void *)first_ns;
    const size_t room = EXPLORE_BINS - map->bins;
    for (size_t i = 1; i <= room && len > 0; i++) {
        const size_t at = len * i / (room + 1);
        explore_map_split(map, *(const sim_ns_t *)(const void *)(first + at * stride_bytes));
    }
}
