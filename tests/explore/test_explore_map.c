/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_map.c - the stretches of a map: equal steps of time, and finer where
 * there are many points. */
#include "scenarios/explore/explore_map.h"

#include <criterion/criterion.h>

enum { STEPS = 10, POINTS = 1000 };

static void expect_rising(const struct explore_map *map)
{
    for (size_t i = 0; i < map->bins; i++) {
        cr_expect_lt(map->edges_ns[i], map->edges_ns[i + 1]);
    }
}

Test(explore_map, steps_hold_all_instants_and_what_lies_outside_is_at_the_ends)
{
    struct explore_map map;
    explore_map_init(&map, 1000, 1990, STEPS);
    cr_assert_eq(map.bins, (size_t)STEPS);
    expect_rising(&map);
    cr_expect_eq(explore_map_bin(&map, 0), 0u);
    cr_expect_eq(explore_map_bin(&map, 1000), 0u);
    cr_expect_eq(explore_map_bin(&map, map.edges_ns[3]), 3u);
    cr_expect_eq(explore_map_bin(&map, map.edges_ns[3] - 1), 2u);
    cr_expect_eq(explore_map_bin(&map, 1990), STEPS - 1u);
    cr_expect_gt(map.edges_ns[STEPS], (sim_ns_t)1990);
    cr_expect_eq(explore_map_bin(&map, SIM_NEVER), STEPS - 1u);
}

Test(explore_map, an_edge_is_there_once)
{
    struct explore_map map;
    explore_map_init(&map, 0, 999, 2);
    explore_map_split(&map, 700);
    explore_map_split(&map, 700);
    explore_map_split(&map, 0);
    explore_map_split(&map, 5000);
    cr_expect_eq(map.bins, 3u);
    cr_expect_eq(map.edges_ns[2], 700u);
    expect_rising(&map);
    for (sim_ns_t at_ns = 1; at_ns < 999; at_ns++) {
        explore_map_split(&map, at_ns);
    }
    cr_expect_eq(map.bins, (size_t)EXPLORE_BINS);
    expect_rising(&map);
}

/* All points but a few lie in the last hundredth. */
Test(explore_map, no_stretch_has_many_more_points_than_others)
{
    static sim_ns_t instants_ns[POINTS];
    struct explore_map map;
    size_t counts[EXPLORE_BINS] = {0};
    for (size_t i = 0; i < POINTS; i++) {
        instants_ns[i] = i < 10 ? i * 90000 : 990000 + i * 10;
    }
    explore_map_init(&map, 0, 1000000, EXPLORE_MAP_STEPS);
    explore_map_share(&map, instants_ns, sizeof instants_ns[0], POINTS);
    expect_rising(&map);
    cr_expect_gt(map.bins, (size_t)EXPLORE_MAP_STEPS + 150);
    for (size_t i = 0; i < POINTS; i++) {
        counts[explore_map_bin(&map, instants_ns[i])]++;
    }
    for (size_t i = 0; i < map.bins; i++) {
        cr_expect_leq(counts[i], 2 * POINTS / (EXPLORE_BINS - EXPLORE_MAP_STEPS), "%zu", counts[i]);
    }
}
