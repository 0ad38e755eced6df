/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_curve.c - curves with few points. */
#include "scenarios/engine/timeline_curve.h"

#include <stdlib.h>

#define FIRST_BIN_NS SIM_MS(5)

void timeline_curve_release(struct timeline_curve *curve)
{
    free(curve->points);
    *curve = (struct timeline_curve){.len = 0};
}

/* Of each four neighbours the lowest and the highest, in their order: no dip gets lost. */
static void halve(struct timeline_curve *curve)
{
    size_t kept = 1;
    for (size_t i = 1; i + 1 < curve->len; i += 4) {
        size_t low = i, high = i;
        for (size_t k = i; k < i + 4 && k + 1 < curve->len; k++) {
            low = curve->points[k].value < curve->points[low].value ? k : low;
            high = curve->points[k].value >= curve->points[high].value ? k : high;
        }
        const struct timeline_point one = curve->points[low < high ? low : high];
        const struct timeline_point other = curve->points[low < high ? high : low];
        curve->points[kept++] = one;
        if (low != high) {
            curve->points[kept++] = other;
        }
    }
    curve->points[kept++] = curve->points[curve->len - 1];
    curve->len = kept;
}

void timeline_curve_add(struct timeline_curve *curve, sim_ns_t at_ns, double value)
{
    if (curve->points == NULL) {
        curve->points = calloc(TIMELINE_CURVE_MAX, sizeof *curve->points);
        CHECK(curve->points != NULL);
    }
    if (curve->len > 0 && curve->points[curve->len - 1].at_ns == at_ns) {
        curve->points[curve->len - 1].value = value;
        return;
    }
    if (curve->len > 0 && !(curve->points[curve->len - 1].value < value) &&
        !(curve->points[curve->len - 1].value > value)) {
        return;
    }
    if (curve->len == TIMELINE_CURVE_MAX) {
        halve(curve);
    }
    curve->points[curve->len++] = (struct timeline_point){.at_ns = at_ns, .value = value};
}

void timeline_curve_fill(struct timeline_curve *curve, struct timeline_lane *lane, size_t max)
{
    while (curve->len > max && curve->len > 8) {
        halve(curve);
    }
    for (size_t i = 0; i < curve->len; i++) {
        timeline_lane_point(lane, curve->points[i].at_ns, curve->points[i].value);
    }
}

static void widen(struct timeline_load *load)
{
    for (size_t i = 0; i < TIMELINE_LOAD_BINS; i++) {
        const bool there = i < TIMELINE_LOAD_BINS / 2;
        load->busy_ns[i] = there ? load->busy_ns[2 * i] + load->busy_ns[2 * i + 1] : 0;
    }
    load->bin_ns *= 2;
}

void timeline_load_add(struct timeline_load *load, sim_ns_t at_ns, sim_ns_t total_ns)
{
    load->bin_ns = load->bin_ns == 0 ? FIRST_BIN_NS : load->bin_ns;
    while (at_ns / load->bin_ns >= TIMELINE_LOAD_BINS) {
        widen(load);
    }
    load->busy_ns[at_ns / load->bin_ns] += (double)(total_ns - load->seen_ns);
    load->seen_ns = total_ns;
}

/* One decimal is more than a curve shows. */
static double percent(double busy_ns, double of_ns)
{
    const double tenths = 1000 * busy_ns / of_ns;
    return (double)(uint32_t)((tenths > 1000 ? 1000 : tenths) + 0.5) / 10;
}

void timeline_load_fill(const struct timeline_load *load, struct timeline_lane *lane,
                        sim_ns_t end_ns)
{
    double last = -1;
    for (size_t i = 0; i < TIMELINE_LOAD_BINS && load->bin_ns * i < end_ns; i++) {
        const sim_ns_t left_ns = end_ns - load->bin_ns * i;
        const double value = percent(load->busy_ns[i], (double)sim_min_ns(left_ns, load->bin_ns));
        if (value < last || value > last) {
            timeline_lane_point(lane, load->bin_ns * i, value);
        }
        last = value;
    }
}
