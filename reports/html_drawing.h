/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_drawing.h - the drawing of a timeline while it is being printed: what the files that
 * print its parts share. Measures are pixels of a drawing that is DRAWING_WIDTH wide; the script
 * page/timeline.js uses the same for its rows. */
#ifndef REPORTS_HTML_DRAWING_H
#define REPORTS_HTML_DRAWING_H

#include "reports/html_timeline.h"
#include "reports/timeline_view.h"

enum {
    DRAWING_WIDTH = 1100,
    DRAWING_LEFT = 172, /* Of the labels. */
    DRAWING_RIGHT = 14,
    DRAWING_PLOT = DRAWING_WIDTH - DRAWING_LEFT - DRAWING_RIGHT,
    DRAWING_BAR_ROW = 26,
    DRAWING_BAR = 18,
    DRAWING_SECOND_ROW = 16, /* More for a row below, */
    DRAWING_SECOND_BAR = 13, /* which is lower. */
    DRAWING_CURVE_ROW = 52,
    DRAWING_CURVE = 40,
    DRAWING_AXIS = 22,
    DRAWING_FLAG_ROW = 19,
    DRAWING_FOOT = 4,
    DRAWING_CHAR = 7, /* A generous width of a character. */
};

enum { DRAWING_TEXT_BYTES_MAX = 60, DRAWING_SPANS_MAX = 320, DRAWING_FLAGS_MAX = 40 };

/* Where the flag of a focus is: in rows above the lanes. */
struct drawing_flag {
    double x;
    int row; /* Below zero: it has a number alone. */
    bool leftward;
};

struct drawing {
    struct html *html;
    const struct html_timeline *of;
    struct timeline_view view;
    struct drawing_flag flags[DRAWING_FLAGS_MAX];
    size_t flags_len;
    int top_px;    /* Of the lanes. */
    int height_px; /* Of all. */
    size_t titles; /* So many more spans may say what they are when pointed at. */
    bool tones_used[TONES];
};

double drawing_x(const struct drawing *drawing, sim_ns_t at_ns);
/* Tenths of a pixel, and no zero that says nothing. */
void drawing_px(const struct drawing *drawing, double px);
/* A value of a curve: "13.5 V", "80 %", "640 KB". */
void drawing_value(const struct drawing *drawing, enum timeline_lane_kind kind, double value);

/* html_lane.c: one row. */
void drawing_lane(struct drawing *drawing, const struct lane_view *lane, int y_px);
/* html_flags.c: the foci. They are placed before the rows, whose top they shift. */
void drawing_place_flags(struct drawing *drawing);
void drawing_print_flags(const struct drawing *drawing);
/* html_words.c: what the drawing says in words, its labels and its key. */
void drawing_label(const struct drawing *drawing, const struct lane_view *lane, int y_px);
void drawing_print_title(const struct drawing *drawing);
void drawing_print_words(const struct drawing *drawing);
void drawing_print_key(const struct drawing *drawing);

#endif
