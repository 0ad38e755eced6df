/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_axis.c - divides the width of a map among its bins. */
#include "reports/html_sweep_axis.h"

#include <stdlib.h>

/* Narrower bins are drawn together; over time this is the longest step that maps are made of. */
static const double least_over_points = 0.006, least_over_time = 1.0 / 120 - 1e-6;
/* A phase has so much, however few points it has, or none. */
static const double least_of_phase = 0.022, least_without_points = 0.011;

/* Neighbouring bins of one phase. */
struct stretch {
    size_t from, to;
    uint64_t points;
    double width;
    bool fixed;
};

static uint64_t points_in(const struct result_sweep *sweep, size_t from, size_t to)
{
    uint64_t points = 0;
    for (size_t i = from * sweep->verdicts_len; i < to * sweep->verdicts_len; i++) {
        points += sweep->map.counts[i];
    }
    return points;
}

static size_t bin_from(const struct sweep_map *map, sim_ns_t at_ns)
{
    size_t bin = 0;
    while (bin < map->bins && map->edges_ns[bin] < at_ns) {
        bin++;
    }
    return bin;
}

/* One for each phase that has bins. */
static size_t find_stretches(const struct result_sweep *sweep, struct stretch *stretches)
{
    const struct sweep_map *map = &sweep->map;
    size_t len = 0;
    size_t from = 0;
    for (size_t i = 1; i <= map->phases_len || from < map->bins; i++) {
        size_t to = i < map->phases_len ? bin_from(map, map->phases[i].start_ns) : map->bins;
        if (to > from) {
            stretches[len++] = (struct stretch){
                .from = from, .to = to, .points = points_in(sweep, from, to), .width = 0};
            from = to;
        }
    }
    return len;
}

/* By points, but none less than its least; what is left is shared by the others. */
static void share_width(struct stretch *stretches, size_t len)
{
    double room = 1;
    double points = 0;
    for (size_t i = 0; i < len; i++) {
        points += (double)stretches[i].points;
    }
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < len; i++) {
            struct stretch *one = &stretches[i];
            const double least = one->points > 0 ? least_of_phase : least_without_points;
            const double share = points > 0 ? (double)one->points * room / points : 0;
            if (!one->fixed && share < least) {
                one->fixed = again = true;
                one->width = least;
                room -= least;
                points -= (double)one->points;
            } else if (!one->fixed) {
                one->width = share;
            }
        }
    }
}

/* Of each bin. Where so many phases are short that the widths do not add up to 1, all are. */
static void widths_over_points(const struct result_sweep *sweep, double *widths)
{
    struct stretch *stretches = calloc(sweep->map.bins + 1, sizeof *stretches);
    CHECK(stretches != NULL);
    const size_t len = find_stretches(sweep, stretches);
    double all = 0;
    share_width(stretches, len);
    for (size_t i = 0; i < len; i++) {
        const struct stretch *one = &stretches[i];
        all += one->width;
        for (size_t bin = one->from; bin < one->to; bin++) {
            const uint64_t points = points_in(sweep, bin, bin + 1);
            widths[bin] = one->points > 0 ? one->width * (double)points / (double)one->points
                                          : one->width / (double)(one->to - one->from);
        }
    }
    for (size_t bin = 0; bin < sweep->map.bins; bin++) {
        widths[bin] /= all;
    }
    free(stretches);
}

static void widths_over_time(const struct sweep_map *map, double *widths)
{
    const double all_ns = (double)(map->edges_ns[map->bins] - map->edges_ns[0]);
    for (size_t bin = 0; bin < map->bins; bin++) {
        widths[bin] = (double)(map->edges_ns[bin + 1] - map->edges_ns[bin]) / all_ns;
    }
}

static bool begins_phase(const struct sweep_map *map, size_t bin)
{
    for (size_t i = 0; i < map->phases_len; i++) {
        if (bin == bin_from(map, map->phases[i].start_ns)) {
            return true;
        }
    }
    return false;
}

/* Where a cell of this width may end. Over time those with points and those without are kept
 * apart only as far as cells are. */
static bool ends_cell(const struct sweep_axis *axis, const struct sweep_cell *cell)
{
    const double width = cell->to_x - cell->x;
    if (cell->to == axis->map->bins) {
        return true;
    }
    return axis->by_time ? width >= least_over_time
                         : width >= least_over_points || begins_phase(axis->map, cell->to);
}

static void make_cells(struct sweep_axis *axis, const struct result_sweep *sweep,
                       const double *widths)
{
    struct sweep_cell cell = {.from = 0};
    for (size_t bin = 0; bin < axis->map->bins; bin++) {
        cell.to = bin + 1;
        cell.to_x += widths[bin];
        if (!ends_cell(axis, &cell)) {
            continue;
        }
        cell.points = points_in(sweep, cell.from, cell.to);
        struct sweep_cell *last = axis->len > 0 ? &axis->cells[axis->len - 1] : NULL;
        if (last != NULL && cell.to_x <= cell.x) {
            last->to = cell.to;
        } else {
            axis->cells[axis->len++] = cell;
        }
        cell = (struct sweep_cell){.from = cell.to, .x = cell.to_x, .to_x = cell.to_x};
    }
}

void sweep_axis_init(struct sweep_axis *axis, const struct result_sweep *sweep, bool by_time)
{
    const struct sweep_map *map = &sweep->map;
    double *widths = calloc(map->bins + 1, sizeof *widths);
    *axis = (struct sweep_axis){
        .map = map, .by_time = by_time, .cells = calloc(map->bins + 1, sizeof *axis->cells)};
    CHECK(widths != NULL && axis->cells != NULL && map->bins > 0);
    if (by_time) {
        widths_over_time(map, widths);
    } else {
        widths_over_points(sweep, widths);
    }
    make_cells(axis, sweep, widths);
    free(widths);
}

void sweep_axis_release(struct sweep_axis *axis)
{
    free(axis->cells);
    *axis = (struct sweep_axis){.map = NULL};
}

sim_ns_t sweep_axis_start_ns(const struct sweep_axis *axis, size_t cell)
{
    return axis->map->edges_ns[axis->cells[cell].from];
}

sim_ns_t sweep_axis_end_ns(const struct sweep_axis *axis, size_t cell)
{
    return axis->map->edges_ns[axis->cells[cell].to];
}

double sweep_axis_x(const struct sweep_axis *axis, sim_ns_t at_ns)
{
    size_t i = 0;
    while (i + 1 < axis->len && at_ns >= sweep_axis_end_ns(axis, i)) {
        i++;
    }
    const sim_ns_t start_ns = sweep_axis_start_ns(axis, i);
    const sim_ns_t end_ns = sweep_axis_end_ns(axis, i);
    const struct sweep_cell *cell = &axis->cells[i];
    if (at_ns <= start_ns) {
        return cell->x;
    }
    const double share =
        at_ns < end_ns ? (double)(at_ns - start_ns) / (double)(end_ns - start_ns) : 1;
    return cell->x + share * (cell->to_x - cell->x);
}
