/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline_view.h - a timeline as it is drawn: in order, within the time of the play, and
 * no more of it than there is room for.
 *
 * Where there are too many spans, near neighbours become one, with the longer one's text and the
 * worse one's tone; a curve keeps its peaks. Texts stay those of the timeline. */
#ifndef REPORTS_TIMELINE_VIEW_H
#define REPORTS_TIMELINE_VIEW_H

#include "reports/timeline.h"

struct span_view {
    sim_ns_t from_ns, to_ns;
    const char *text;
    uint64_t count;
    enum timeline_tone tone;
    bool mixed;     /* It stands for spans of several texts. */
    bool gives_way; /* It lies beside another that says more: in a second row below. */
};

struct lane_view {
    const struct timeline_lane *lane;
    struct span_view *spans; /* By from_ns. */
    size_t spans_len;
    struct timeline_point *points;
    size_t points_len;
    bool has_second_row;
    double high; /* Upper end of its scale; the lower one is 0. */
};

enum { TIMELINE_VIEW_LANES_MAX = 32 };

struct timeline_view {
    sim_ns_t end_ns; /* At least 1. */
    struct lane_view lanes[TIMELINE_VIEW_LANES_MAX];
    size_t lanes_len;
    size_t lanes_left_out;
};

/* How much of it. */
struct timeline_view_room {
    sim_ns_t near_ns; /* What is nearer to one another can not be told apart. 0: all can. */
    size_t spans_max; /* Of all lanes; more are kept only if there are so many lanes. */
    size_t points_max;
};

/* Lanes with nothing in them are left out. */
void timeline_view_make(struct timeline_view *view, const struct timeline *timeline,
                        const struct timeline_view_room *room);
void timeline_view_release(struct timeline_view *view);

/* It is drawn as a curve. */
bool lane_view_is_curve(const struct lane_view *lane);
/* Its lowest and highest value. */
void lane_view_range(const struct lane_view *lane, double *low, double *high);

#endif
