/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_timeline_data.c - a timeline for the script of the page. */
#include "reports/html_time.h"
#include "reports/html_timeline.h"
#include "reports/timeline_view.h"

#include <stdlib.h>
#include <string.h>

/* What the script needs, and what a page with hundreds of timelines can bear. */
static const struct timeline_view_room room = {.spans_max = 500, .points_max = 800};
enum { FOCI_MAX = 40 };

/* The texts of the spans, each once. */
struct text_list {
    const char *texts[512];
    size_t len;
};

static size_t number_of(struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->len; i++) {
        if (strcmp(list->texts[i], text) == 0) {
            return i;
        }
    }
    CHECK(list->len < ARRAY_SIZE(list->texts));
    list->texts[list->len] = text;
    return list->len++;
}

static void print_us(struct html *html, sim_ns_t ns)
{
    html_raw(html, "%s", html_us(ns).text);
}

static void print_spans(struct html *html, const struct lane_view *lane, struct text_list *texts)
{
    sim_ns_t before_ns = 0;
    html_raw(html, ",\"spans\":[");
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct span_view *span = &lane->spans[i];
        const long number = (long)number_of(texts, span->text);
        html_raw(html, i > 0 ? "," : "");
        print_us(html, span->from_ns - before_ns);
        html_raw(html, ",");
        print_us(html, span->to_ns - span->from_ns);
        html_raw(html, ",%ld,%d,%llu", span->mixed ? -1 - number : number, (int)span->tone,
                 (unsigned long long)span->count);
        before_ns = span->from_ns;
    }
    html_raw(html, "]");
}

static void print_points(struct html *html, const struct lane_view *lane)
{
    sim_ns_t before_ns = 0;
    html_raw(html, ",\"points\":[");
    for (size_t i = 0; i < lane->points_len; i++) {
        html_raw(html, i > 0 ? "," : "");
        print_us(html, lane->points[i].at_ns - before_ns);
        html_raw(html, ",%.9g", lane->points[i].value);
        before_ns = lane->points[i].at_ns;
    }
    html_raw(html, "],\"high\":%.9g", lane->high);
}

static void print_lane(struct html *html, const struct lane_view *lane, struct text_list *texts)
{
    html_raw(html, "{\"kind\":\"%s\",\"of\":", timeline_lane_name(lane->lane->kind));
    html_json_text(html, lane->lane->of);
    if (lane_view_is_curve(lane)) {
        print_points(html, lane);
    } else {
        print_spans(html, lane, texts);
    }
    html_raw(html, "}");
}

static void print_foci(struct html *html, const struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->foci_len && i < FOCI_MAX; i++) {
        html_raw(html, i > 0 ? ",[" : "[");
        print_us(html, timeline->foci[i].at_ns);
        html_raw(html, ",");
        html_json_text(html, timeline->foci[i].text);
        html_raw(html, "]");
    }
}

void html_timeline_print_data(struct html *html, const struct html_timeline *of)
{
    struct timeline_view view;
    struct text_list texts = {.len = 0};
    timeline_view_make(&view, of->timeline, &room);
    html_raw(html, "<script type=\"application/json\" id=\"%s-data\">{\"end\":", of->id);
    print_us(html, view.end_ns);
    html_raw(html, ",\"lanes\":[");
    for (size_t i = 0; i < view.lanes_len; i++) {
        html_raw(html, i > 0 ? "," : "");
        print_lane(html, &view.lanes[i], &texts);
    }
    html_raw(html, "],\"texts\":[");
    for (size_t i = 0; i < texts.len; i++) {
        html_raw(html, i > 0 ? "," : "");
        html_json_text(html, texts.texts[i]);
    }
    html_raw(html, "],\"foci\":[");
    print_foci(html, of->timeline);
    html_raw(html, "]}</script>\n");
    timeline_view_release(&view);
}
