/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_ruler.c - below a map: a band of the phases with times in it, and flags that
 * name each phase and the instant at which it begins. What has no room is left out, and stands in
 * the table of the phases. */
#include "reports/html_sweep_ruler.h"

#include "reports/html_sweep.h"
#include "reports/html_time.h"
#include "reports/sweep_words.h"

#include <string.h>

/* Pixels, of the narrowest map. */
enum {
    PLOT = 520,
    BEYOND = 50, /* A text may stand out so far at the right. */
    TEXT_GAP = 12,
    TICK_GAP = 62,
    TICK_MARGIN = 26,
    FLAG_ROWS = 5,
    FLAGS_MAX = 64,
};
static const double char_px = 6.3, char_wide_px = 12, time_px = 52;

struct flag {
    double x, from, to; /* Pixels: of its line, and of its text. */
    int row;            /* Below zero: there is no room. */
};

static double width_of(const char *text)
{
    const char *zh = sweep_words_zh(text);
    const double zh_px = zh != NULL ? (double)strlen(zh) / 3 * char_wide_px : 0;
    const double en_px = (double)strlen(text) * char_px;
    return en_px > zh_px ? en_px : zh_px;
}

/* Lines run down from the band to their texts: none may cross a text. */
static bool clash(const struct flag *flag, const struct flag *other)
{
    if (other->row == flag->row) {
        return flag->from < other->to && other->from < flag->to;
    }
    const struct flag *low = other->row > flag->row ? other : flag;
    const struct flag *high = other->row > flag->row ? flag : other;
    return low->x >= high->from - 1 && low->x <= high->to;
}

static void place(struct flag *flags, size_t len, size_t nth)
{
    struct flag *flag = &flags[nth];
    for (flag->row = 0; flag->row < FLAG_ROWS; flag->row++) {
        bool free = true;
        for (size_t i = 0; i < len && free; i++) {
            free = i == nth || flags[i].row < 0 || !clash(flag, &flags[i]);
        }
        if (free) {
            return;
        }
    }
    flag->row = -1;
}

static size_t place_all(const struct sweep_axis *axis, struct flag *flags, int *rows)
{
    const struct sweep_map *map = axis->map;
    const size_t len = map->phases_len < FLAGS_MAX ? map->phases_len : FLAGS_MAX;
    *rows = 0;
    for (size_t i = 0; i < len; i++) {
        const double x = sweep_axis_x(axis, map->phases[i].start_ns) * PLOT;
        const double width = width_of(map->phases[i].name) + time_px + TEXT_GAP;
        const bool leftward = x + width > PLOT + BEYOND;
        flags[i] = (struct flag){
            .x = x, .from = leftward ? x - width : x, .to = leftward ? x : x + width, .row = -1};
    }
    /* Away from the side to which their texts run, so that no line has to cross the next one. */
    for (size_t i = len; i-- > 0;) {
        if (flags[i].to > flags[i].x) {
            place(flags, len, i);
        }
    }
    for (size_t i = 0; i < len; i++) {
        if (flags[i].from < flags[i].x) {
            place(flags, len, i);
        }
        *rows = flags[i].row + 1 > *rows ? flags[i].row + 1 : *rows;
    }
    return len;
}

static void print_flags(struct html *html, const struct sweep_axis *axis)
{
    struct flag flags[FLAGS_MAX];
    int rows = 0;
    const size_t len = place_all(axis, flags, &rows);
    html_raw(html, "<div class=\"sw-flags\" style=\"--rows:%d\">", rows);
    for (size_t i = 0; i < len; i++) {
        const struct sweep_phase *phase = &axis->map->phases[i];
        if (flags[i].row < 0) {
            continue;
        }
        html_raw(html, "<span class=\"sw-flag%s\" style=\"left:%.2f%%;--row:%d\"><span>",
                 flags[i].from < flags[i].x ? " sw-left" : "", flags[i].x / PLOT * 100,
                 flags[i].row);
        html_sweep_text(html, phase->name);
        html_raw(html, " <span class=\"when\">%s</span></span></span>",
                 html_tick(phase->start_ns, SIM_MS(1)).text);
    }
    html_raw(html, "</div>\n");
}

/* As many as there is room for between two places. */
static void print_ticks(struct html *html, const struct sweep_axis *axis, sim_ns_t start_ns,
                        sim_ns_t end_ns)
{
    const double from = sweep_axis_x(axis, start_ns) * PLOT + TICK_MARGIN;
    const double to = sweep_axis_x(axis, end_ns) * PLOT - TICK_MARGIN;
    const double room = (to - from) / TICK_GAP;
    if (room < 0.4) {
        return;
    }
    const sim_ns_t tick_ns =
        html_tick_ns((sim_ns_t)((double)(end_ns - start_ns) * 10 / (room + 1)) + 1);
    double free_from = from;
    for (sim_ns_t at_ns = (start_ns + tick_ns - 1) / tick_ns * tick_ns; at_ns < end_ns;
         at_ns += tick_ns) {
        const double x = sweep_axis_x(axis, at_ns) * PLOT;
        if (x >= free_from && x <= to) {
            html_raw(html, "<span class=\"sw-tick\" style=\"left:%.2f%%\">%s</span>",
                     x / PLOT * 100, html_tick(at_ns, tick_ns).text);
            free_from = x + TICK_GAP;
        }
    }
}

static void print_phase(struct html *html, const struct sweep_axis *axis, size_t nth)
{
    const struct sweep_phase *phase = &axis->map->phases[nth];
    const double x = sweep_axis_x(axis, phase->start_ns);
    const double to_x = sweep_axis_x(axis, phase->end_ns);
    html_raw(html, "<span class=\"sw-phase%s\" style=\"left:%.2f%%;width:%.2f%%\" title=\"",
             nth % 2 == 0 ? "" : " sw-other", x * 100, (to_x - x) * 100);
    html_text(html, phase->name);
    html_raw(html, ": %s – %s\"></span>", html_instant(phase->start_ns).text,
             html_instant(phase->end_ns).text);
}

void html_sweep_ruler(struct html *html, const struct sweep_axis *axis)
{
    const struct sweep_map *map = axis->map;
    html_raw(html, "<div class=\"sw-band\">");
    for (size_t i = 0; i < map->phases_len; i++) {
        print_phase(html, axis, i);
    }
    if (axis->by_time || map->phases_len == 0) {
        print_ticks(html, axis, map->edges_ns[0], map->edges_ns[map->bins]);
    } else {
        for (size_t i = 0; i < map->phases_len; i++) {
            print_ticks(html, axis, map->phases[i].start_ns, map->phases[i].end_ns);
        }
    }
    html_raw(html, "</div>\n");
    if (map->phases_len > 0) {
        print_flags(html, axis);
    }
}
