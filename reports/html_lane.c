/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_lane.c - one row of the drawing: bars and marks, or a curve of steps. */
#include "reports/html_drawing.h"
#include "reports/html_time.h"

#include <stdio.h>
#include <string.h>

enum { TITLED_PX = 5 }; /* Thinner spans do not say what they are when pointed at. */

static int top_of(const struct span_view *span)
{
    return span->gives_way ? DRAWING_BAR + DRAWING_SECOND_ROW - DRAWING_SECOND_BAR : 0;
}

/* "x yh..v..H..z" */
static void print_bar(const struct drawing *d, const struct span_view *span)
{
    const double x = drawing_x(d, span->from_ns);
    const double width = drawing_x(d, span->to_ns) - x;
    drawing_px(d, x);
    html_raw(d->html, " %dh", top_of(span));
    drawing_px(d, width > 1 ? width : 1);
    html_raw(d->html, "v%dH", span->gives_way ? DRAWING_SECOND_BAR : DRAWING_BAR);
    drawing_px(d, x);
    html_raw(d->html, "z");
}

/* All of a lane's spans of one tone that nobody can point at. */
static void print_thin_spans(const struct drawing *d, const struct lane_view *lane,
                             enum timeline_tone tone, const bool *titled)
{
    bool any = false;
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct span_view *span = &lane->spans[i];
        if (span->tone != tone || titled[i]) {
            continue;
        }
        html_raw(d->html, any ? "M" : "<path d=\"M");
        print_bar(d, span);
        any = true;
    }
    html_raw(d->html, any ? "\"/>" : "");
}

static void print_title(struct html *html, const struct span_view *span)
{
    html_raw(html, "<title>");
    html_cut_text(html, span->text, DRAWING_TEXT_BYTES_MAX);
    if (span->mixed) {
        html_raw(html, " + \xE2\x80\xA6");
    }
    if (span->count > 1) {
        html_raw(html, " \xC3\x97%llu", (unsigned long long)span->count);
    }
    html_raw(html, ", %s", html_instant(span->from_ns).text);
    if (span->to_ns > span->from_ns) {
        html_raw(html, ", %s", html_duration(span->to_ns - span->from_ns).text);
    }
    html_raw(html, "</title>");
}

/* A mark has the shape of its tone: a needle, a drop for what is good, a triangle for a warning, a
 * rhomb for what is bad. */
static void print_mark(const struct drawing *d, double x, enum timeline_tone tone)
{
    static const char *const shapes[TONES] = {
        [TONE_PLAIN] = "l1 0v18h-2v-18z",  [TONE_BUSY] = "l1 0v18h-2v-18z",
        [TONE_GOOD] = "a5 5 0 1 1-.01 0z", [TONE_WARN] = "l6 14h-12z",
        [TONE_BAD] = "l7 9l-7 9l-7-9z",
    };
    html_raw(d->html, "<path d=\"M");
    drawing_px(d, x);
    html_raw(d->html, " %d%s\">", tone == TONE_GOOD ? 4 : tone == TONE_WARN ? 2 : 0, shapes[tone]);
}

static void print_titled_span(const struct drawing *d, const struct span_view *span)
{
    const double x = drawing_x(d, span->from_ns);
    const double width = drawing_x(d, span->to_ns) - x;
    if (width < 2 && (span->from_ns == span->to_ns || span->tone >= TONE_WARN)) {
        print_mark(d, x, span->tone);
    } else {
        html_raw(d->html, "<path d=\"M");
        print_bar(d, span);
        html_raw(d->html, "\">");
    }
    print_title(d->html, span);
    html_raw(d->html, "</path>");
}

static void choose_titled(struct drawing *d, const struct lane_view *lane, bool *titled)
{
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct span_view *span = &lane->spans[i];
        const bool wide = drawing_x(d, span->to_ns) - drawing_x(d, span->from_ns) >= TITLED_PX;
        titled[i] = d->titles > 0 && (wide || span->tone >= TONE_WARN);
        d->titles -= titled[i];
        d->tones_used[span->tone] = true;
    }
}

static void print_span_text(const struct drawing *d, const struct span_view *span)
{
    char text[TIMELINE_TEXT_MAX + 32];
    const double x = drawing_x(d, span->from_ns);
    const double room = (drawing_x(d, span->to_ns) - x - 6) / DRAWING_CHAR;
    if (span->count > 1) {
        snprintf(text, sizeof text, "%s \xC3\x97%llu", span->text, (unsigned long long)span->count);
    } else {
        snprintf(text, sizeof text, "%s", span->text);
    }
    if (room >= 3 && (room >= (double)strlen(text) || room >= 8)) {
        html_raw(d->html, "<text x=\"");
        drawing_px(d, x + 4);
        html_raw(d->html, "\" y=\"%d\">", top_of(span) + (span->gives_way ? 10 : 13));
        html_cut_text(d->html, text, (size_t)room);
        html_raw(d->html, "</text>");
    }
}

static void print_bars(struct drawing *d, const struct lane_view *lane, int y_px)
{
    bool titled[DRAWING_SPANS_MAX + TIMELINE_VIEW_LANES_MAX];
    CHECK(lane->spans_len <= ARRAY_SIZE(titled));
    choose_titled(d, lane, titled);
    html_raw(d->html, "<g transform=\"translate(0 %d)\">",
             y_px + (DRAWING_BAR_ROW - DRAWING_BAR) / 2);
    for (enum timeline_tone tone = TONE_PLAIN; tone < TONES; tone++) {
        bool any = false;
        for (size_t i = 0; i < lane->spans_len; i++) {
            any = any || lane->spans[i].tone == tone;
        }
        if (!any) {
            continue;
        }
        html_raw(d->html, "<g class=\"tl-%s\" fill=\"url(#%s-%s)\">", timeline_tone_name(tone),
                 d->of->id, timeline_tone_name(tone));
        print_thin_spans(d, lane, tone, titled);
        for (size_t i = 0; i < lane->spans_len; i++) {
            if (titled[i] && lane->spans[i].tone == tone) {
                print_titled_span(d, &lane->spans[i]);
            }
        }
        html_raw(d->html, "</g>");
    }
    html_raw(d->html, "<g class=\"tl-text\">");
    for (size_t i = 0; i < lane->spans_len; i++) {
        print_span_text(d, &lane->spans[i]);
    }
    html_raw(d->html, "</g>");
    html_raw(d->html, "</g>\n");
}

/* From the base up, over the steps, and down to it. */
static void print_steps(const struct drawing *d, const struct lane_view *lane)
{
    html_raw(d->html, "M");
    drawing_px(d, drawing_x(d, lane->points[0].at_ns));
    html_raw(d->html, " %d", DRAWING_CURVE);
    for (size_t i = 0; i < lane->points_len; i++) {
        const double value = lane->points[i].value > 0 ? lane->points[i].value : 0;
        if (i > 0) {
            html_raw(d->html, "H");
            drawing_px(d, drawing_x(d, lane->points[i].at_ns));
        }
        html_raw(d->html, "V");
        drawing_px(d, DRAWING_CURVE * (1 - value / lane->high));
    }
    html_raw(d->html, "H%dV%d", DRAWING_WIDTH - DRAWING_RIGHT, DRAWING_CURVE);
}

static void print_curve(struct drawing *d, const struct lane_view *lane, int y_px)
{
    html_raw(d->html, "<g transform=\"translate(0 %d)\"><path class=\"tl-steps\" d=\"",
             y_px + (DRAWING_CURVE_ROW - DRAWING_CURVE) / 2);
    print_steps(d, lane);
    html_raw(d->html, "\"/><path class=\"tl-base\" d=\"M%d %dH%d\"/>", DRAWING_LEFT, DRAWING_CURVE,
             DRAWING_WIDTH - DRAWING_RIGHT);
    html_raw(d->html, "<text class=\"tl-scale\" x=\"%d\" y=\"8\">", DRAWING_LEFT - 6);
    drawing_value(d, lane->lane->kind, lane->high);
    html_raw(d->html, "</text><text class=\"tl-scale\" x=\"%d\" y=\"%d\">0</text></g>\n",
             DRAWING_LEFT - 6, DRAWING_CURVE);
}

void drawing_lane(struct drawing *d, const struct lane_view *lane, int y_px)
{
    if (lane_view_is_curve(lane)) {
        print_curve(d, lane, y_px);
    } else {
        print_bars(d, lane, y_px);
    }
}
