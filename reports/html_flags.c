/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_flags.c - the instants to look at: a line through all lanes, a number, and a text
 * where there is room. */
#include "reports/html_drawing.h"
#include "reports/html_time.h"

#include <string.h>

enum { ROWS_MAX = 3, CHARS_MAX = 34 };

static double flag_width(const char *text)
{
    const size_t len = strlen(text);
    return 24 + DRAWING_CHAR * (double)(len < CHARS_MAX ? len : CHARS_MAX);
}

static void place(struct drawing_flag *flag, double width, double row_end[static ROWS_MAX])
{
    flag->leftward = flag->x + width > DRAWING_WIDTH;
    flag->row = -1;
    const double from = flag->leftward ? flag->x - width : flag->x - 8;
    for (int row = 0; row < ROWS_MAX && flag->row < 0; row++) {
        if (from >= row_end[row]) {
            flag->row = row;
            row_end[row] = flag->leftward ? flag->x + 8 : flag->x + width;
        }
    }
}

void drawing_place_flags(struct drawing *d)
{
    const struct timeline *timeline = d->of->timeline;
    double row_end[ROWS_MAX] = {0};
    for (size_t i = 0; i < timeline->foci_len && i < DRAWING_FLAGS_MAX; i++) {
        struct drawing_flag *flag = &d->flags[d->flags_len++];
        flag->x = drawing_x(d, sim_min_ns(timeline->foci[i].at_ns, d->view.end_ns));
        place(flag, flag_width(timeline->foci[i].text), row_end);
        d->top_px = flag->row + 1 > d->top_px / DRAWING_FLAG_ROW
                        ? (flag->row + 1) * DRAWING_FLAG_ROW
                        : d->top_px;
    }
}

static void print_flag(const struct drawing *d, const struct drawing_flag *flag, size_t number)
{
    const struct timeline_focus *focus = &d->of->timeline->foci[number];
    const int y_px = flag->row < 0 ? 0 : flag->row * DRAWING_FLAG_ROW;
    html_raw(d->html, "<g transform=\"translate(");
    drawing_px(d, flag->x);
    html_raw(d->html, " 0)\"><title>%zu: %s: ", number + 1, html_instant(focus->at_ns).text);
    html_cut_text(d->html, focus->text, DRAWING_TEXT_BYTES_MAX);
    html_raw(d->html, "</title><path d=\"M0 %dV%d\"/><circle cy=\"%d\" r=\"8\"/>", y_px + 8,
             d->height_px - DRAWING_FOOT, y_px + 9);
    html_raw(d->html, "<text class=\"tl-number\" y=\"%d\">%zu</text>", y_px + 13, number + 1);
    if (flag->row >= 0) {
        html_raw(d->html, "<text x=\"%d\" y=\"%d\"%s>", flag->leftward ? -12 : 12, y_px + 13,
                 flag->leftward ? " text-anchor=\"end\"" : "");
        html_cut_text(d->html, focus->text, CHARS_MAX);
        html_raw(d->html, "</text>");
    }
    html_raw(d->html, "</g>");
}

void drawing_print_flags(const struct drawing *d)
{
    html_raw(d->html, "<g class=\"tl-flags%s\">", d->of->violated ? " tl-violated" : "");
    for (size_t i = d->flags_len; i-- > 0;) {
        print_flag(d, &d->flags[i], i);
    }
    html_raw(d->html, "</g>\n");
}
