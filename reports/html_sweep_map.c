/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_map.c - the heat map of a sweep: time from left to right, a row for each
 * verdict, darker where more points came to it. Three things look different: that points came to a
 * verdict, that none did, and that no point was tried at that instant. */
#include "reports/html_sweep.h"

#include "reports/html_time.h"
#include "reports/html_timeline.h"
#include "reports/sweep_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Pixels of a drawing that is WIDTH wide. */
enum {
    WIDTH = 1100,
    LEFT = 150, /* Of the names of verdicts. */
    RIGHT = 72, /* Of how many points each has. */
    PLOT = WIDTH - LEFT - RIGHT,
    TOP = 4,
    ROW = 30,
    CELL = 26, /* The rest of a row stays free. */
    PHASES = 20,
    AXIS = 20,
    GAP = 6,
    CHAR = 7, /* A generous width of a character. */
    CHAR_WIDE = 12,
    NAME_BYTES_MAX = 24,
    ROWS_MAX = 32,
    PHASES_LISTED_MAX = 24,
};

/* How much of its colour the least cell has: one point that went wrong must be seen. */
static const double good_least = 0.18, bad_least = 0.78;

struct map {
    struct html *html;
    const struct html_sweep *sweep;
    const struct sweep_map *of;
    size_t columns; /* Verdicts of the sweep. */
    size_t rows[ROWS_MAX];
    size_t rows_len;
    uint64_t most; /* Points of the fullest cell. */
    int foot_px;   /* Of the cells. */
    int height_px;
    bool untried; /* There is a stretch in which no point was tried. */
};

static uint64_t count_at(const struct map *m, size_t bin, size_t verdict)
{
    return m->of->counts[bin * m->columns + verdict];
}

static uint64_t points_in(const struct map *m, size_t bin)
{
    uint64_t points = 0;
    for (size_t i = 0; i < m->columns; i++) {
        points += count_at(m, bin, i);
    }
    return points;
}

static const struct sweep_verdict *verdict_of(const struct map *m, size_t row)
{
    return &m->sweep->of->verdicts[m->rows[row]];
}

static void measure(struct map *m)
{
    const struct result_sweep *sweep = m->sweep->of;
    for (size_t i = 0; i < m->columns && m->rows_len < ROWS_MAX; i++) {
        if (sweep->verdicts[i].count > 0 || sweep->verdicts[i].shown_if_zero) {
            m->rows[m->rows_len++] = i;
        }
    }
    for (size_t bin = 0; bin < m->of->bins; bin++) {
        m->untried = m->untried || points_in(m, bin) == 0;
        for (size_t i = 0; i < m->columns; i++) {
            const uint64_t count = count_at(m, bin, i);
            m->most = count > m->most ? count : m->most;
        }
    }
    m->foot_px = TOP + (int)m->rows_len * ROW;
    m->height_px = m->foot_px + (m->of->phases_len > 0 ? PHASES + GAP : 0) + AXIS;
}

static sim_ns_t span_of(const struct map *m)
{
    return m->of->bin_ns * m->of->bins;
}

static sim_ns_t end_of(const struct map *m)
{
    return m->of->start_ns + span_of(m);
}

static double x_at(const struct map *m, sim_ns_t at_ns)
{
    return LEFT + (double)(at_ns - m->of->start_ns) * PLOT / (double)span_of(m);
}

static double x_of(const struct map *m, size_t bin)
{
    return LEFT + (double)bin * PLOT / (double)m->of->bins;
}

static void put_rectangle(const struct map *m, double x, double to_x, int y, int height)
{
    html_raw(m->html, "M%.1f %dH%.1fv%dH%.1fz", x, y, to_x, height, x);
}

/* The end of the bins that, as this one, have points or have none. */
static size_t run_end(const struct map *m, size_t from)
{
    size_t to = from + 1;
    while (to < m->of->bins && (points_in(m, to) > 0) == (points_in(m, from) > 0)) {
        to++;
    }
    return to;
}

/* Below the cells: where points were tried, and over the rows where none was. */
static void print_ground(const struct map *m, bool tried)
{
    html_raw(m->html, "<path class=\"sw-%s\"", tried ? "tried" : "untried");
    if (!tried) {
        html_raw(m->html, " fill=\"url(#%s-untried)\"", m->sweep->id);
    }
    html_raw(m->html, " d=\"");
    for (size_t from = 0, to; from < m->of->bins; from = to) {
        to = run_end(m, from);
        for (size_t row = 0; (points_in(m, from) > 0) == tried && row < m->rows_len; row++) {
            put_rectangle(m, x_of(m, from), x_of(m, to), TOP + (int)row * ROW, CELL);
        }
    }
    html_raw(m->html, "\"/>\n");
}

static double strength(const struct map *m, uint64_t count, bool good)
{
    const double least = good ? good_least : bad_least;
    const double share = m->most > 1 ? log((double)count) / log((double)m->most) : 1;
    return least + (1 - least) * share;
}

static void print_cells(const struct map *m, size_t row)
{
    const struct sweep_verdict *verdict = verdict_of(m, row);
    html_raw(m->html, "<g class=\"sw-%s\">", verdict->good ? "good" : "bad");
    for (size_t bin = 0; bin < m->of->bins; bin++) {
        const uint64_t count = count_at(m, bin, m->rows[row]);
        if (count > 0) {
            html_raw(m->html, "<path fill-opacity=\"%.2f\" d=\"",
                     strength(m, count, verdict->good));
            put_rectangle(m, x_of(m, bin), x_of(m, bin + 1), TOP + (int)row * ROW, CELL);
            html_raw(m->html, "\"/>");
        }
    }
    html_raw(m->html, "</g>\n");
}

static void put_svg_text(const struct map *m, const char *text, size_t max_bytes)
{
    const char *zh = sweep_words_zh(text);
    if (zh != NULL) {
        html_svg_both(m->html, text, zh);
    } else {
        html_cut_text(m->html, text, max_bytes);
    }
}

static void print_names(const struct map *m)
{
    for (size_t row = 0; row < m->rows_len; row++) {
        const struct sweep_verdict *verdict = verdict_of(m, row);
        const char *tone = verdict->count == 0 ? "none" : verdict->good ? "plain" : "loud";
        const int y = TOP + (int)row * ROW + CELL / 2 + 4;
        html_raw(m->html, "<text class=\"sw-name sw-%s\" x=\"%d\" y=\"%d\">", tone, LEFT - 10, y);
        put_svg_text(m, verdict->name, NAME_BYTES_MAX);
        html_raw(m->html, "</text><text class=\"sw-count sw-%s\" x=\"%d\" y=\"%d\">", tone,
                 WIDTH - 2, y);
        html_put_number(m->html, verdict->count);
        html_raw(m->html, "</text>\n");
    }
}

static double width_of(const char *text)
{
    const char *zh = sweep_words_zh(text);
    const double zh_px = zh != NULL ? (double)strlen(zh) / 3 * CHAR_WIDE : 0;
    const double en_px = (double)strlen(text) * CHAR;
    return en_px > zh_px ? en_px : zh_px;
}

static void print_phase(const struct map *m, const struct sweep_phase *phase, size_t nth)
{
    const sim_ns_t start_ns = phase->start_ns > m->of->start_ns ? phase->start_ns : m->of->start_ns;
    const sim_ns_t end_ns = sim_min_ns(phase->end_ns, end_of(m));
    if (end_ns <= start_ns) {
        return;
    }
    const double x = x_at(m, start_ns);
    const double to_x = x_at(m, end_ns);
    html_raw(m->html, "<g><title>");
    html_text(m->html, phase->name);
    html_raw(m->html, ": %s – %s</title><path class=\"sw-phase%s\" d=\"",
             html_instant(phase->start_ns).text, html_instant(phase->end_ns).text,
             nth % 2 == 0 ? "" : " sw-other");
    put_rectangle(m, x, to_x, m->foot_px, PHASES);
    html_raw(m->html, "\"/>");
    if (to_x - x >= width_of(phase->name)) {
        html_raw(m->html, "<text x=\"%.1f\" y=\"%d\">", (x + to_x) / 2, m->foot_px + 14);
        put_svg_text(m, phase->name, strlen(phase->name));
        html_raw(m->html, "</text>");
    }
    html_raw(m->html, "</g>");
}

static void print_phases(const struct map *m)
{
    if (m->of->phases_len == 0) {
        return;
    }
    html_raw(m->html, "<g class=\"sw-phases\"><text class=\"sw-name\" x=\"%d\" y=\"%d\">",
             LEFT - 10, m->foot_px + 14);
    html_svg_both(m->html, "phase", "阶段");
    html_raw(m->html, "</text>");
    for (size_t i = 0; i < m->of->phases_len; i++) {
        print_phase(m, &m->of->phases[i], i);
    }
    html_raw(m->html, "</g>\n");
}

static void print_axis(const struct map *m)
{
    const sim_ns_t tick_ns = html_tick_ns(span_of(m));
    const sim_ns_t first_ns = (m->of->start_ns + tick_ns - 1) / tick_ns * tick_ns;
    const int y = m->height_px - AXIS;
    html_raw(m->html, "<g class=\"sw-axis\"><path d=\"M%d %d.5h%d", LEFT, y - 1, PLOT);
    for (sim_ns_t at_ns = first_ns; at_ns <= end_of(m); at_ns += tick_ns) {
        html_raw(m->html, "M%.1f %dv5", x_at(m, at_ns), y - 1);
    }
    html_raw(m->html, "\"/>");
    for (sim_ns_t at_ns = first_ns; at_ns <= end_of(m); at_ns += tick_ns) {
        html_raw(m->html, "<text x=\"%.1f\" y=\"%d\">%s</text>", x_at(m, at_ns), y + 16,
                 html_tick(at_ns, tick_ns).text);
    }
    html_raw(m->html, "</g>\n");
}

static sim_ns_t bin_start(const struct map *m, size_t bin)
{
    return m->of->start_ns + bin * m->of->bin_ns;
}

/* "1.200 s – 1.217 s"; with one digit more than a bin is long. */
static void put_stretch(const struct map *m, size_t from, size_t to)
{
    const sim_ns_t tick_ns = m->of->bin_ns / 10;
    html_raw(m->html, "%s – ", html_tick(bin_start(m, from), tick_ns).text);
    html_raw(m->html, "%s", html_tick(bin_start(m, to), tick_ns).text);
}

/* Pointed at, a bin says what it has; in both languages, as a title has but one text. */
static void print_hits(const struct map *m)
{
    for (size_t from = 0, to; from < m->of->bins; from = to) {
        to = points_in(m, from) > 0 ? from + 1 : run_end(m, from);
        html_raw(m->html, "<path class=\"sw-hit\" d=\"");
        put_rectangle(m, x_of(m, from), x_of(m, to), TOP, m->foot_px - TOP - (ROW - CELL));
        html_raw(m->html, "\"><title>");
        put_stretch(m, from, to);
        if (points_in(m, from) == 0) {
            html_raw(m->html, "\nnothing tried / 无测试点");
        }
        for (size_t i = m->columns; i-- > 0;) {
            const uint64_t count = count_at(m, from, i);
            if (count > 0) {
                const char *name = m->sweep->of->verdicts[i].name;
                const char *zh = sweep_words_zh(name);
                html_raw(m->html, "\n%" PRIu64 " ", count);
                html_text(m->html, name);
                html_raw(m->html, "%s%s", zh != NULL ? " / " : "", zh != NULL ? zh : "");
            }
        }
        html_raw(m->html, "</title></path>");
    }
    html_raw(m->html, "\n");
}

static void print_svg(const struct map *m)
{
    const char *id = m->sweep->id;
    html_raw(m->html,
             "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-caption\" "
             "aria-describedby=\"%s-words\">\n",
             WIDTH, m->height_px, id, id);
    html_raw(m->html,
             "<defs><pattern id=\"%s-untried\" width=\"5\" height=\"5\" "
             "patternUnits=\"userSpaceOnUse\"><path class=\"sw-hatch\" "
             "d=\"M-1 1l2-2M0 5l5-5M4 6l2-2\"/></pattern></defs>\n",
             id);
    print_ground(m, true);
    if (m->untried) {
        print_ground(m, false);
    }
    for (size_t row = 0; row < m->rows_len; row++) {
        print_cells(m, row);
    }
    print_names(m);
    print_phases(m);
    print_axis(m);
    print_hits(m);
    html_raw(m->html, "</svg>\n");
}

static void key_cell(const struct map *m, const char *class, uint64_t count)
{
    html_raw(m->html, "<svg viewBox=\"0 0 18 14\" aria-hidden=\"true\"><path class=\"sw-tried\" "
                      "d=\"M0 0h18v14H0z\"/>");
    if (count > 0) {
        html_raw(m->html,
                 "<g class=\"sw-%s\"><path fill-opacity=\"%.2f\" d=\"M0 0h18v14H0z\"/></g>", class,
                 strength(m, count, strcmp(class, "good") == 0));
    }
    html_raw(m->html, "</svg> ");
}

/* The colour of one point, of the fullest cell, and of one between. */
static void key_scale(const struct map *m, bool good, const char *en, const char *zh)
{
    const uint64_t between = (uint64_t)(sqrt((double)m->most) + 0.5);
    const uint64_t counts[] = {1, between, m->most};
    html_raw(m->html, "<li>");
    html_both(m->html, en, zh);
    html_raw(m->html, " ");
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        if (i == 0 || counts[i] > counts[i - 1]) {
            html_raw(m->html, "<span class=\"sw-step\">");
            key_cell(m, good ? "good" : "bad", counts[i]);
            html_put_number(m->html, counts[i]);
            html_raw(m->html, "</span> ");
        }
    }
    html_raw(m->html, "</li>");
}

static void print_key(const struct map *m)
{
    html_raw(m->html, "<ul class=\"tl-key sw-key\">");
    key_scale(m, true, "points that ended well:", "正常的测试点：");
    if (m->sweep->of->failures_all > 0) {
        key_scale(m, false, "that went wrong:", "出错的测试点：");
    }
    html_raw(m->html, "<li>");
    key_cell(m, "", 0);
    html_both(m->html, "none", "没有");
    html_raw(m->html, "</li>");
    if (m->untried) {
        html_raw(m->html,
                 "<li><svg viewBox=\"0 0 18 14\" aria-hidden=\"true\"><path class=\"sw-untried\" "
                 "fill=\"url(#%s-untried)\" d=\"M0 0h18v14H0z\"/></svg> ",
                 m->sweep->id);
        html_both(m->html, "no point was tried there", "该处没有测试点");
        html_raw(m->html, "</li>");
    }
    html_raw(m->html, "</ul>\n");
}

/* In the drawing a short one has no room for its name. */
static void print_phase_list(const struct map *m)
{
    if (m->of->phases_len == 0 || m->of->phases_len > PHASES_LISTED_MAX) {
        return;
    }
    html_raw(m->html, "<ul class=\"tl-key sw-phase-list\">");
    for (size_t i = 0; i < m->of->phases_len; i++) {
        const struct sweep_phase *phase = &m->of->phases[i];
        html_raw(m->html, "<li>");
        html_sweep_text(m->html, phase->name);
        html_raw(m->html, " <span class=\"when\">%s",
                 html_tick(phase->start_ns, m->of->bin_ns / 10).text);
        html_raw(m->html, " – %s</span></li>", html_tick(phase->end_ns, m->of->bin_ns / 10).text);
    }
    html_raw(m->html, "</ul>\n");
}

static void table_row(const struct map *m, size_t bin)
{
    html_raw(m->html, "<tr><th scope=\"row\" class=\"number\">");
    put_stretch(m, bin, bin + 1);
    html_raw(m->html, "</th>");
    for (size_t row = 0; row < m->rows_len; row++) {
        const uint64_t count = count_at(m, bin, m->rows[row]);
        const bool bad = count > 0 && !verdict_of(m, row)->good;
        html_raw(m->html, "<td class=\"number%s\">", bad ? " loud" : count == 0 ? " none" : "");
        html_put_number(m->html, count);
        html_raw(m->html, "</td>");
    }
    html_raw(m->html, "</tr>\n");
}

/* For who cannot see the drawing. */
static void print_words(const struct map *m)
{
    const struct sweep_points points = sweep_points_of(m->sweep->of);
    html_raw(m->html, "<p class=\"unseen\" id=\"%s-words\"><span lang=\"en\">", m->sweep->id);
    html_sweep_sentence(m->html, &points, false);
    html_raw(m->html, " A table with the same numbers follows.</span><span lang=\"zh-Hans\">");
    html_sweep_sentence(m->html, &points, true);
    html_raw(m->html, "后附相同数据的表格。</span></p>\n");
}

static void print_table(const struct map *m)
{
    html_raw(m->html, "<details class=\"sweep-table\"><summary>");
    html_both(m->html, "The map as a table", "以表格显示");
    html_raw(m->html,
             "</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-caption\"><table class=\"rows\"><thead><tr>"
             "<th scope=\"col\">",
             m->sweep->id);
    html_sweep_text(m->html, m->of->axis);
    html_raw(m->html, "</th>");
    for (size_t row = 0; row < m->rows_len; row++) {
        html_raw(m->html, "<th scope=\"col\" class=\"number\">");
        html_sweep_text(m->html, verdict_of(m, row)->name);
        html_raw(m->html, "</th>");
    }
    html_raw(m->html, "</tr></thead><tbody>\n");
    for (size_t bin = 0; bin < m->of->bins; bin++) {
        if (points_in(m, bin) > 0) {
            table_row(m, bin);
        }
    }
    html_raw(m->html, "</tbody></table></div></details>\n");
}

void html_sweep_map(struct html *html, const struct html_sweep *sweep)
{
    struct map m = {
        .html = html, .sweep = sweep, .of = &sweep->of->map, .columns = sweep->of->verdicts_len};
    if (m.of->bins == 0) {
        return;
    }
    measure(&m);
    html_raw(html, "<figure class=\"sw\">\n<figcaption id=\"%s-caption\">", sweep->id);
    html_both(html, "What became of the points, by the ", "测试点结果，按");
    html_sweep_text(html, m.of->axis);
    html_raw(html,
             "</figcaption>\n<div class=\"sw-stage\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-caption\">",
             sweep->id);
    print_svg(&m);
    html_raw(html, "</div>\n");
    print_words(&m);
    print_key(&m);
    print_phase_list(&m);
    print_table(&m);
    html_raw(html, "</figure>\n");
}
