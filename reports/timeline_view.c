/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline_view.c - sorts, cuts and thins. */
#include "reports/timeline_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool lane_view_is_curve(const struct lane_view *lane)
{
    return lane->points_len > 0;
}

void lane_view_range(const struct lane_view *lane, double *low, double *high)
{
    *low = lane->points_len > 0 ? lane->points[0].value : 0;
    *high = *low;
    for (size_t i = 1; i < lane->points_len; i++) {
        const double value = lane->points[i].value;
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
}

/* The longer of two that begin together comes first, so that the shorter is drawn over it. */
static int compare_spans(const void *left, const void *right)
{
    const struct span_view *a = left;
    const struct span_view *b = right;
    if (a->from_ns != b->from_ns) {
        return a->from_ns < b->from_ns ? -1 : 1;
    }
    if (a->to_ns != b->to_ns) {
        return a->to_ns > b->to_ns ? -1 : 1;
    }
    return a->tone != b->tone ? (a->tone < b->tone ? -1 : 1) : strcmp(a->text, b->text);
}

static int compare_points(const void *left, const void *right)
{
    const struct timeline_point *a = left;
    const struct timeline_point *b = right;
    return (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

static void *list_of(size_t len, size_t size)
{
    void *list = calloc(len > 0 ? len : 1, size);
    CHECK(list != NULL);
    return list;
}

static void take_spans(struct lane_view *view, sim_ns_t end_ns)
{
    const struct timeline_lane *lane = view->lane;
    view->spans = list_of(lane->spans_len, sizeof *view->spans);
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct timeline_span *span = &lane->spans[i];
        if (span->from_ns > end_ns || span->to_ns < span->from_ns) {
            continue;
        }
        view->spans[view->spans_len++] =
            (struct span_view){.from_ns = span->from_ns,
                               .to_ns = sim_min_ns(span->to_ns, end_ns),
                               .text = span->text,
                               .count = span->count,
                               .tone = span->tone < TONES ? span->tone : TONE_PLAIN};
    }
    qsort(view->spans, view->spans_len, sizeof *view->spans, compare_spans);
}

static void take_points(struct lane_view *view, sim_ns_t end_ns)
{
    const struct timeline_lane *lane = view->lane;
    view->points = list_of(lane->points_len, sizeof *view->points);
    for (size_t i = 0; i < lane->points_len; i++) {
        if (lane->points[i].at_ns <= end_ns && isfinite(lane->points[i].value)) {
            view->points[view->points_len++] = lane->points[i];
        }
    }
    qsort(view->points, view->points_len, sizeof *view->points, compare_points);
}

/* The next value that is easy to read. */
static double scale_above(double value)
{
    static const double steps[] = {1, 1.5, 2, 3, 5, 10};
    if (!(value > 0)) {
        return 1;
    }
    double power = 1;
    while (value > 10 * power) {
        power *= 10;
    }
    while (value < power) {
        power /= 10;
    }
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        if (steps[i] * power >= value) {
            return steps[i] * power;
        }
    }
    return value;
}

static double scale_of(const struct lane_view *view)
{
    double low, high;
    lane_view_range(view, &low, &high);
    if (view->lane->kind == LANE_BUS_LOAD && high <= 100) {
        return 100;
    }
    const double unit = view->lane->kind == LANE_PROGRESS ? 1024 : 1;
    return unit * scale_above(high / unit);
}

static sim_ns_t length_of(const struct span_view *span)
{
    return span->to_ns - span->from_ns;
}

static bool can_join(const struct span_view *a, const struct span_view *b, sim_ns_t near_ns,
                     bool any_tone)
{
    const bool near = b->from_ns <= a->to_ns || b->from_ns - a->to_ns < near_ns;
    const bool alike = a->tone == b->tone && !a->mixed && strcmp(a->text, b->text) == 0;
    const bool tiny = sim_min_ns(length_of(a), length_of(b)) < near_ns;
    return near && (alike || (tiny && (any_tone || a->tone == b->tone)));
}

static void join(struct span_view *a, const struct span_view *b)
{
    a->mixed = a->mixed || strcmp(a->text, b->text) != 0;
    if (length_of(b) > length_of(a)) {
        a->text = b->text;
    }
    a->tone = a->tone > b->tone ? a->tone : b->tone;
    a->to_ns = a->to_ns > b->to_ns ? a->to_ns : b->to_ns;
    a->count += b->count;
}

static void join_spans(struct lane_view *view, sim_ns_t near_ns, bool any_tone)
{
    size_t kept = 0;
    for (size_t i = 0; i < view->spans_len; i++) {
        if (kept > 0 && can_join(&view->spans[kept - 1], &view->spans[i], near_ns, any_tone)) {
            join(&view->spans[kept - 1], &view->spans[i]);
        } else {
            view->spans[kept++] = view->spans[i];
        }
    }
    view->spans_len = kept;
}

static size_t count_spans(const struct timeline_view *view)
{
    size_t count = 0;
    for (size_t i = 0; i < view->lanes_len; i++) {
        count += view->lanes[i].spans_len;
    }
    return count;
}

/* Coarser and coarser; in the end tones give way as well. */
static void fit_spans(struct timeline_view *view, const struct timeline_view_room *room)
{
    enum { FINEST = 16384, TONES_GIVE_WAY = 256 };
    sim_ns_t near_ns = room->near_ns;
    while (near_ns > 0 || count_spans(view) > room->spans_max) {
        for (size_t i = 0; i < view->lanes_len; i++) {
            join_spans(&view->lanes[i], near_ns, near_ns > view->end_ns / TONES_GIVE_WAY);
        }
        if (count_spans(view) <= room->spans_max || near_ns > view->end_ns) {
            return;
        }
        near_ns = near_ns > 0 ? 2 * near_ns : view->end_ns / FINEST + 1;
    }
}

/* Of each stretch of time its lowest and its highest point, in their order, and the last one. */
static void thin_points(struct lane_view *view, sim_ns_t end_ns, size_t most)
{
    const size_t stretches = most > 3 ? (most - 1) / 2 : 1;
    const sim_ns_t stretch_ns = end_ns / stretches + 1;
    const size_t len = view->points_len;
    if (len <= most) {
        return;
    }
    size_t kept = 0;
    for (size_t from = 0, to; from < len; from = to) {
        const sim_ns_t number = view->points[from].at_ns / stretch_ns;
        size_t low = from, high = from;
        for (to = from; to < len && view->points[to].at_ns / stretch_ns == number; to++) {
            low = view->points[to].value < view->points[low].value ? to : low;
            high = view->points[to].value > view->points[high].value ? to : high;
        }
        const struct timeline_point first = view->points[low < high ? low : high];
        const struct timeline_point second = view->points[low < high ? high : low];
        const struct timeline_point last = view->points[to - 1];
        view->points[kept++] = first;
        if (low != high) {
            view->points[kept++] = second;
        }
        if (to == len && last.at_ns > view->points[kept - 1].at_ns) {
            view->points[kept++] = last;
        }
    }
    view->points_len = kept;
}

static void fit_points(struct timeline_view *view, size_t points_max)
{
    size_t curves = 0;
    for (size_t i = 0; i < view->lanes_len; i++) {
        curves += lane_view_is_curve(&view->lanes[i]);
    }
    for (size_t i = 0; i < view->lanes_len; i++) {
        if (lane_view_is_curve(&view->lanes[i])) {
            thin_points(&view->lanes[i], view->end_ns, points_max / curves);
        }
    }
}

static void release_lane(struct lane_view *lane)
{
    free(lane->spans);
    free(lane->points);
}

static void take_lane(struct timeline_view *view, const struct timeline_lane *lane)
{
    struct lane_view taken = {.lane = lane};
    take_spans(&taken, view->end_ns);
    take_points(&taken, view->end_ns);
    if (taken.spans_len == 0 && taken.points_len == 0) {
        release_lane(&taken);
        return;
    }
    if (view->lanes_len == TIMELINE_VIEW_LANES_MAX) {
        view->lanes_left_out++;
        release_lane(&taken);
        return;
    }
    taken.high = scale_of(&taken);
    view->lanes[view->lanes_len++] = taken;
}

static bool meet(const struct span_view *a, const struct span_view *b)
{
    return a->from_ns < b->to_ns && b->from_ns < a->to_ns;
}

/* What is plain gives way to what is not, and the later to the earlier. */
static bool gives_way(const struct lane_view *lane, size_t number)
{
    const struct span_view *span = &lane->spans[number];
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct span_view *other = &lane->spans[i];
        const bool same = (other->tone == TONE_PLAIN) == (span->tone == TONE_PLAIN);
        const bool first = same ? i < number && !other->gives_way : span->tone == TONE_PLAIN;
        if (i != number && first && meet(span, other)) {
            return true;
        }
    }
    return false;
}

static void place_spans(struct lane_view *lane)
{
    for (size_t i = 0; i < lane->spans_len; i++) {
        lane->spans[i].gives_way = gives_way(lane, i);
        lane->has_second_row = lane->has_second_row || lane->spans[i].gives_way;
    }
}

void timeline_view_make(struct timeline_view *view, const struct timeline *timeline,
                        const struct timeline_view_room *room)
{
    view->end_ns = timeline->end_ns > 0 ? timeline->end_ns : 1;
    view->lanes_len = 0;
    view->lanes_left_out = 0;
    for (int kind = 0; kind < LANE_KINDS; kind++) {
        for (size_t i = 0; i < timeline->lanes_len; i++) {
            if ((int)timeline->lanes[i].kind == kind) {
                take_lane(view, &timeline->lanes[i]);
            }
        }
    }
    fit_spans(view, room);
    fit_points(view, room->points_max);
    for (size_t i = 0; i < view->lanes_len; i++) {
        place_spans(&view->lanes[i]);
    }
}

void timeline_view_release(struct timeline_view *view)
{
    for (size_t i = 0; i < view->lanes_len; i++) {
        release_lane(&view->lanes[i]);
    }
    view->lanes_len = 0;
}
