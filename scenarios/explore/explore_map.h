/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_map.h - the stretches of time in which a map counts points. They are
 * as fine as there is something to tell apart: in equal steps of time, and between them such that
 * none has many more points than others. So it can be drawn over time and over points. */
#ifndef EXPLORE_MAP_H
#define EXPLORE_MAP_H

#include "sim/base.h"

#include <stddef.h>

enum { EXPLORE_MAP_STEPS = 120, EXPLORE_BINS = 320 };

struct explore_map {
    size_t bins; /* 0: there is no map. */
    sim_ns_t edges_ns[EXPLORE_BINS + 1];
};

/* So many steps of time from start_ns on; end_ns lies in the last one. */
void explore_map_init(struct explore_map *map, sim_ns_t start_ns, sim_ns_t end_ns, size_t steps);
/* One more edge, if there is room and none yet. */
void explore_map_split(struct explore_map *map, sim_ns_t at_ns);
/* Edges such that of these instants, which do not fall, each stretch has about as many. They lie in
 * the elements of an array, as far apart as these are large. */
void explore_map_share(struct explore_map *map, const sim_ns_t *first_ns, size_t stride_bytes,
                       size_t len);
/* The stretch of an instant; what lies outside belongs to the first or the last one. */
size_t explore_map_bin(const struct explore_map *map, sim_ns_t at_ns);

#endif
