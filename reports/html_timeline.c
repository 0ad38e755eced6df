/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_timeline.c - the whole play in one drawing: labels to the left, time from left to
 * right, a row for each lane. */
#include "reports/html_timeline.h"

#include "reports/html_drawing.h"
#include "reports/html_time.h"
#include "sim/utf8.h"

#include <stdio.h>
#include <string.h>

void html_svg_both(struct html *html, const char *en, const char *zh)
{
    html_raw(html, "<tspan lang=\"en\">");
    html_text(html, en);
    html_raw(html, "</tspan><tspan lang=\"zh-Hans\">");
    html_text(html, zh);
    html_raw(html, "</tspan>");
}

void html_cut_text(struct html *html, const char *data, size_t max_bytes)
{
    const size_t len = strlen(data);
    if (len <= max_bytes) {
        html_text(html, data);
        return;
    }
    html_text_len(html, data, utf8_cut(data, len, max_bytes));
    html_raw(html, "\xE2\x80\xA6");
}

double drawing_x(const struct drawing *d, sim_ns_t at_ns)
{
    return DRAWING_LEFT + (double)at_ns * DRAWING_PLOT / (double)d->view.end_ns;
}

/* Tenths of a pixel, and no zero that says nothing. */
void drawing_px(const struct drawing *d, double px)
{
    const long tenths = (long)(px * 10 + (px < 0 ? -0.5 : 0.5));
    if (tenths % 10 == 0) {
        html_raw(d->html, "%ld", tenths / 10);
    } else {
        html_raw(d->html, "%.1f", (double)tenths / 10);
    }
}

void drawing_value(const struct drawing *d, enum timeline_lane_kind kind, double value)
{
    if (kind == LANE_SUPPLY) {
        html_raw(d->html, "%.4g V", value / 1000);
    } else if (kind == LANE_BUS_LOAD) {
        html_raw(d->html, "%.4g %%", value);
    } else if (value >= 1024) {
        html_raw(d->html, "%.4g KB", value / 1024);
    } else {
        html_raw(d->html, "%.4g B", value);
    }
}

static void print_axis(const struct drawing *d)
{
    const sim_ns_t tick_ns = html_tick_ns(d->view.end_ns);
    html_raw(d->html, "<path class=\"tl-grid\" d=\"");
    for (sim_ns_t at_ns = 0; at_ns <= d->view.end_ns; at_ns += tick_ns) {
        html_raw(d->html, "M");
        drawing_px(d, drawing_x(d, at_ns));
        html_raw(d->html, " %dV%d", d->top_px - 5, d->height_px - DRAWING_FOOT);
    }
    html_raw(d->html, "\"/><g class=\"tl-axis\">");
    for (sim_ns_t at_ns = 0; at_ns <= d->view.end_ns; at_ns += tick_ns) {
        const double x = drawing_x(d, at_ns);
        html_raw(d->html, "<text x=\"");
        drawing_px(d, x);
        html_raw(d->html, "\" y=\"%d\"%s>", d->top_px - 8,
                 x > DRAWING_WIDTH - 40 ? " text-anchor=\"end\"" : "");
        html_raw(d->html, "%s", html_tick(at_ns, tick_ns).text);
        html_raw(d->html, "</text>");
    }
    html_raw(d->html, "</g>\n");
}

static int row_of(const struct lane_view *lane)
{
    const int second_px = lane->has_second_row ? DRAWING_SECOND_ROW : 0;
    return lane_view_is_curve(lane) ? DRAWING_CURVE_ROW : DRAWING_BAR_ROW + second_px;
}

static void print_lanes(struct drawing *d)
{
    int y_px = d->top_px;
    for (size_t i = 0; i < d->view.lanes_len; i++) {
        const struct lane_view *lane = &d->view.lanes[i];
        html_raw(d->html, "<g class=\"tl-row\"><path class=\"tl-rule\" d=\"M0 %dH%d\"/>", y_px,
                 DRAWING_WIDTH);
        drawing_label(d, lane, y_px + 4);
        drawing_lane(d, lane, y_px);
        html_raw(d->html, "</g>\n");
        y_px += row_of(lane);
    }
}

static void print_patterns(const struct drawing *d)
{
    static const char *const inside[TONES] = {
        [TONE_PLAIN] = "",
        [TONE_BUSY] = "",
        [TONE_GOOD] = "<circle cx=\"3\" cy=\"3\" r=\"1\"/>",
        [TONE_WARN] = "<path d=\"M-1 1l2-2M0 6l6-6M5 7l2-2\"/>",
        [TONE_BAD] = "<path d=\"M0 0l6 6M0 6l6-6\"/>",
    };
    html_raw(d->html, "<defs>");
    for (enum timeline_tone tone = TONE_PLAIN; tone < TONES; tone++) {
        const char *name = timeline_tone_name(tone);
        html_raw(d->html,
                 "<pattern id=\"%s-%s\" class=\"tl-%s\" width=\"6\" height=\"6\" "
                 "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\"/>",
                 d->of->id, name, name);
        html_raw(d->html, "%s</pattern>", inside[tone]);
    }
    html_raw(d->html, "</defs>\n");
}

static void print_svg(struct drawing *d)
{
    html_raw(d->html,
             "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-caption\" "
             "aria-describedby=\"%s-words\">\n",
             DRAWING_WIDTH, d->height_px, d->of->id, d->of->id);
    print_patterns(d);
    print_axis(d);
    print_lanes(d);
    drawing_print_flags(d);
    html_raw(d->html, "</svg>\n");
}

void html_timeline_print(struct html *html, const struct html_timeline *of)
{
    struct drawing d = {.html = html, .of = of, .titles = 80};
    const struct timeline_view_room room = {
        .near_ns = of->timeline->end_ns / DRAWING_PLOT + 1,
        .spans_max = DRAWING_SPANS_MAX,
        .points_max = 500,
    };
    timeline_view_make(&d.view, of->timeline, &room);
    drawing_place_flags(&d);
    d.top_px += DRAWING_AXIS;
    d.height_px = d.top_px + DRAWING_FOOT;
    for (size_t i = 0; i < d.view.lanes_len; i++) {
        d.height_px += row_of(&d.view.lanes[i]);
    }
    html_raw(html, "<figure class=\"tl\" id=\"%s-timeline\" data-from=\"%s-data\">\n", of->id,
             of->id);
    html_raw(html, "<figcaption id=\"%s-caption\">", of->id);
    drawing_print_title(&d);
    html_raw(html,
             "</figcaption>\n<div class=\"tl-stage\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-caption\">",
             of->id);
    print_svg(&d);
    html_raw(html, "</div>\n");
    drawing_print_key(&d);
    drawing_print_words(&d);
    html_raw(html, "</figure>\n");
    timeline_view_release(&d.view);
}
