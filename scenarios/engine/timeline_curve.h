/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_curve.h - a curve as it is drawn: steps, of which the extremes stay
 * when there are too many; and the load of a bus, an average over stretches of time. */
#ifndef ENGINE_TIMELINE_CURVE_H
#define ENGINE_TIMELINE_CURVE_H

#include "reports/timeline.h"

enum { TIMELINE_CURVE_MAX = 1024, TIMELINE_LOAD_BINS = 192 };

/* Zero to begin. The points are owned. */
struct timeline_curve {
    struct timeline_point *points;
    size_t len;
};

void timeline_curve_release(struct timeline_curve *curve);
/* at_ns may not go back. */
void timeline_curve_add(struct timeline_curve *curve, sim_ns_t at_ns, double value);
/* At most max points, or a few more. */
void timeline_curve_fill(struct timeline_curve *curve, struct timeline_lane *lane, size_t max);

/* Zero to begin. */
struct timeline_load {
    double busy_ns[TIMELINE_LOAD_BINS];
    sim_ns_t bin_ns;  /* 0: nothing yet. */
    sim_ns_t seen_ns; /* Of the bus's busy time. */
};

/* total_ns: how long the bus was in use since the play began. */
void timeline_load_add(struct timeline_load *load, sim_ns_t at_ns, sim_ns_t total_ns);
/* In percent. */
void timeline_load_fill(const struct timeline_load *load, struct timeline_lane *lane,
                        sim_ns_t end_ns);

#endif
