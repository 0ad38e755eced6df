/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_axis.h - where the instants of a map lie from left to right. Over time, an
 * erase of seconds has all the room, and the transfer, where nearly all points are, is a thin
 * strip; over points, each phase has as much room as it has points. */
#ifndef REPORTS_HTML_SWEEP_AXIS_H
#define REPORTS_HTML_SWEEP_AXIS_H

#include "reports/result_sweep.h"

/* Bins that are drawn as one. Places are shares of the whole width, 0 to 1. */
struct sweep_cell {
    size_t from, to; /* Bins; to is behind the last one. */
    uint64_t points;
    double x, to_x;
};

struct sweep_axis {
    const struct sweep_map *map;
    bool by_time;
    struct sweep_cell *cells; /* Owned. From left to right, without gaps. */
    size_t len;
};

void sweep_axis_init(struct sweep_axis *axis, const struct result_sweep *sweep, bool by_time);
void sweep_axis_release(struct sweep_axis *axis);
sim_ns_t sweep_axis_start_ns(const struct sweep_axis *axis, size_t cell);
sim_ns_t sweep_axis_end_ns(const struct sweep_axis *axis, size_t cell);
/* What lies outside is at 0 or 1. */
double sweep_axis_x(const struct sweep_axis *axis, sim_ns_t at_ns);

#endif
