/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_map.c - the heat map of a sweep: the update from left to right, a row for each
 * verdict, darker where more points came to it. Three things look different: that points came to a
 * verdict, that none did, and that no point was tried at that instant. It is there twice, by points
 * and by time; one is shown. */
#include "reports/html_sweep.h"

#include "reports/html_sweep_axis.h"
#include "reports/html_sweep_ruler.h"
#include "reports/html_time.h"
#include "reports/html_timeline.h"
#include "reports/sweep_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The drawing of the cells is stretched to its place: so many units wide, and as high as it is. */
enum {
    WIDTH = 1000,
    ROW = 30,
    CELL = 26, /* The rest of a row stays free. */
    NAME_BYTES_MAX = 24,
    ROWS_MAX = 32,
};

/* How much of its colour the least cell has: one point that went wrong must be seen. */
static const double good_least = 0.18, bad_least = 0.78;

struct map {
    struct html *html;
    const struct html_sweep *sweep;
    const struct sweep_map *of;
    const struct sweep_axis *axis;
    size_t columns; /* Verdicts of the sweep. */
    size_t rows[ROWS_MAX];
    size_t rows_len;
    uint64_t most; /* Points of the fullest cell. */
    bool untried;  /* There is a cell in which no point was tried. */
};

static uint64_t count_at(const struct map *m, const struct sweep_cell *cell, size_t verdict)
{
    uint64_t count = 0;
    for (size_t bin = cell->from; bin < cell->to; bin++) {
        count += m->of->counts[bin * m->columns + verdict];
    }
    return count;
}

static const struct sweep_verdict *verdict_of(const struct map *m, size_t row)
{
    return &m->sweep->of->verdicts[m->rows[row]];
}

/* Of the cells of an axis. */
static void measure(struct map *m, const struct sweep_axis *axis)
{
    const struct result_sweep *sweep = m->sweep->of;
    m->axis = axis;
    m->rows_len = 0;
    m->most = 0;
    m->untried = false;
    for (size_t i = 0; i < m->columns && m->rows_len < ROWS_MAX; i++) {
        if (sweep->verdicts[i].count > 0 || sweep->verdicts[i].shown_if_zero) {
            m->rows[m->rows_len++] = i;
        }
    }
    for (size_t cell = 0; cell < axis->len; cell++) {
        m->untried = m->untried || axis->cells[cell].points == 0;
        for (size_t i = 0; i < m->columns; i++) {
            const uint64_t count = count_at(m, &axis->cells[cell], i);
            m->most = count > m->most ? count : m->most;
        }
    }
}

static void put_rectangle(const struct map *m, double x, double to_x, size_t row, int height)
{
    html_raw(m->html, "M%.2f %zuH%.2fv%dH%.2fz", x * WIDTH, row * ROW, to_x * WIDTH, height,
             x * WIDTH);
}

/* Below the cells: where points were tried, and what parts the rows. */
static void print_ground(const struct map *m)
{
    const struct sweep_axis *axis = m->axis;
    html_raw(m->html, "<path class=\"sw-tried\" d=\"");
    for (size_t from = 0, to; from < axis->len; from = to) {
        const bool tried = axis->cells[from].points > 0;
        for (to = from + 1; to < axis->len && (axis->cells[to].points > 0) == tried;) {
            to++;
        }
        for (size_t row = 0; tried && row < m->rows_len; row++) {
            put_rectangle(m, axis->cells[from].x, axis->cells[to - 1].to_x, row, CELL);
        }
    }
    html_raw(m->html, "\"/>\n<path class=\"sw-gap\" d=\"");
    for (size_t row = 0; row + 1 < m->rows_len; row++) {
        html_raw(m->html, "M0 %zuH%dv%dH0z", row * ROW + CELL, WIDTH, ROW - CELL);
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
    for (size_t i = 0; i < m->axis->len; i++) {
        const struct sweep_cell *cell = &m->axis->cells[i];
        const uint64_t count = count_at(m, cell, m->rows[row]);
        if (count > 0) {
            html_raw(m->html, "<path fill-opacity=\"%.2f\" d=\"",
                     strength(m, count, verdict->good));
            put_rectangle(m, cell->x, cell->to_x, row, CELL);
            html_raw(m->html, "\"/>");
        }
    }
    html_raw(m->html, "</g>\n");
}

/* With one digit more than tells a cell from the next. */
static sim_ns_t fineness_ns(const struct map *m, size_t cell)
{
    return (sweep_axis_end_ns(m->axis, cell) - sweep_axis_start_ns(m->axis, cell)) / 10;
}

/* "1.200 s – 1.217 s". */
static void put_stretch(const struct map *m, size_t cell)
{
    const sim_ns_t fine_ns = fineness_ns(m, cell);
    html_raw(m->html, "%s – ", html_tick(sweep_axis_start_ns(m->axis, cell), fine_ns).text);
    html_raw(m->html, "%s", html_tick(sweep_axis_end_ns(m->axis, cell), fine_ns).text);
}

/* Pointed at, a cell says what it has; in both languages, as a title has but one text. */
static void print_hit(const struct map *m, size_t nth)
{
    const struct sweep_cell *cell = &m->axis->cells[nth];
    html_raw(m->html, "<path class=\"sw-hit\" d=\"");
    put_rectangle(m, cell->x, cell->to_x, 0, (int)m->rows_len * ROW - (ROW - CELL));
    html_raw(m->html, "\"><title>");
    put_stretch(m, nth);
    html_raw(m->html, cell->points == 0 ? "\nnothing tried / 无测试点" : "");
    for (size_t i = m->columns; i-- > 0;) {
        const uint64_t count = count_at(m, cell, i);
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

static void print_svg(const struct map *m)
{
    html_raw(m->html,
             "<svg viewBox=\"0 0 %d %zu\" style=\"height:%zupx\" preserveAspectRatio=\"none\" "
             "role=\"img\" aria-labelledby=\"%s-caption\" aria-describedby=\"%s-words\">\n",
             WIDTH, m->rows_len * ROW - (ROW - CELL), m->rows_len * ROW - (ROW - CELL),
             m->sweep->id, m->sweep->id);
    print_ground(m);
    for (size_t row = 0; row < m->rows_len; row++) {
        print_cells(m, row);
    }
    for (size_t i = 0; i < m->axis->len; i++) {
        print_hit(m, i);
    }
    html_raw(m->html, "</svg>\n");
}

static const char *tone_of(const struct sweep_verdict *verdict)
{
    return verdict->count == 0 ? "none" : verdict->good ? "plain" : "loud";
}

static void put_name(const struct map *m, const char *name)
{
    if (sweep_words_zh(name) != NULL) {
        html_sweep_text(m->html, name);
    } else {
        html_cut_text(m->html, name, NAME_BYTES_MAX);
    }
}

/* At the left the names of the verdicts, at the right how many points each has. */
static void print_column(const struct map *m, bool names)
{
    html_raw(m->html, "<div class=\"sw-%s\">", names ? "names" : "counts");
    for (size_t row = 0; row < m->rows_len; row++) {
        const struct sweep_verdict *verdict = verdict_of(m, row);
        html_raw(m->html, "<span class=\"sw-%s\">", tone_of(verdict));
        if (names) {
            put_name(m, verdict->name);
        } else {
            html_put_number(m->html, verdict->count);
        }
        html_raw(m->html, "</span>");
    }
    html_raw(m->html, "</div>\n");
}

static void print_view(const struct map *m)
{
    html_raw(m->html, "<div class=\"sw-view sw-by-%s\">\n", m->axis->by_time ? "time" : "points");
    print_column(m, true);
    html_raw(m->html, "<div class=\"sw-plot\">");
    print_svg(m);
    html_raw(m->html, "</div>\n");
    print_column(m, false);
    html_raw(m->html, "<div class=\"sw-label\">");
    if (m->of->phases_len > 0) {
        html_both(m->html, "phase", "阶段");
    } else {
        html_both(m->html, "time", "时间");
    }
    html_raw(m->html, "</div><div class=\"sw-ruler\">");
    html_sweep_ruler(m->html, m->axis);
    html_raw(m->html, "</div></div>\n");
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
        html_raw(m->html, "<li><span class=\"sw-untried\" aria-hidden=\"true\"></span> ");
        html_both(m->html, "no point was tried there", "该处没有测试点");
        html_raw(m->html, "</li>");
    }
    html_raw(m->html, "</ul>\n");
}

/* Two ways to look at it. */
static void print_choice(const struct map *m)
{
    static const struct {
        const char *name, *en, *zh;
    } views[] = {{"points", "by operations", "按操作"}, {"time", "by time", "按时间"}};
    html_raw(m->html, "<fieldset class=\"choice sw-choice\"><legend class=\"unseen\">");
    html_both(m->html, "The axis of the map", "横轴");
    html_raw(m->html, "</legend>");
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        html_raw(m->html,
                 "<label><input type=\"radio\" name=\"%s-axis\" class=\"sw-as-%s\" "
                 "value=\"%s\"%s><span>",
                 m->sweep->id, views[i].name, views[i].name, i == 0 ? " checked" : "");
        html_both(m->html, views[i].en, views[i].zh);
        html_raw(m->html, "</span></label>");
    }
    html_raw(m->html, "</fieldset>");
}

static void table_row(const struct map *m, size_t nth)
{
    const struct sweep_cell *cell = &m->axis->cells[nth];
    html_raw(m->html, "<tr><th scope=\"row\" class=\"number\">");
    put_stretch(m, nth);
    html_raw(m->html, "</th>");
    for (size_t row = 0; row < m->rows_len; row++) {
        const uint64_t count = count_at(m, cell, m->rows[row]);
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

static void print_phase_rows(const struct map *m)
{
    html_raw(m->html, "<table class=\"rows sw-phase-rows\"><thead><tr><th scope=\"col\">");
    html_both(m->html, "phase", "阶段");
    html_raw(m->html, "</th><th scope=\"col\" class=\"number\">");
    html_both(m->html, "from", "开始");
    html_raw(m->html, "</th><th scope=\"col\" class=\"number\">");
    html_both(m->html, "to", "结束");
    html_raw(m->html, "</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < m->of->phases_len; i++) {
        const struct sweep_phase *phase = &m->of->phases[i];
        html_raw(m->html, "<tr><th scope=\"row\">");
        html_sweep_text(m->html, phase->name);
        html_raw(m->html, "</th><td class=\"number\">%s</td>", html_instant(phase->start_ns).text);
        html_raw(m->html, "<td class=\"number\">%s</td></tr>\n", html_instant(phase->end_ns).text);
    }
    html_raw(m->html, "</tbody></table>\n");
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
    for (size_t i = 0; i < m->axis->len; i++) {
        if (m->axis->cells[i].points > 0) {
            table_row(m, i);
        }
    }
    html_raw(m->html, "</tbody></table>");
    if (m->of->phases_len > 0) {
        print_phase_rows(m);
    }
    html_raw(m->html, "</div></details>\n");
}

static void print_views(struct map *m, const struct sweep_axis *by_points,
                        const struct sweep_axis *by_time)
{
    html_raw(m->html,
             "<div class=\"sw-stage\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-caption\">",
             m->sweep->id);
    measure(m, by_time);
    print_view(m);
    const bool untried = m->untried;
    measure(m, by_points);
    print_view(m);
    html_raw(m->html, "</div>\n");
    m->untried = m->untried || untried;
}

void html_sweep_map(struct html *html, const struct html_sweep *sweep)
{
    struct map m = {
        .html = html, .sweep = sweep, .of = &sweep->of->map, .columns = sweep->of->verdicts_len};
    struct sweep_axis by_points;
    struct sweep_axis by_time;
    if (m.of->bins == 0) {
        return;
    }
    sweep_axis_init(&by_points, sweep->of, false);
    sweep_axis_init(&by_time, sweep->of, true);
    html_raw(html, "<figure class=\"sw\">\n<figcaption><span id=\"%s-caption\">", sweep->id);
    html_both(html, "What became of the points, by the ", "测试点结果，按");
    html_sweep_text(html, m.of->axis);
    html_raw(html, "</span>");
    print_choice(&m);
    html_raw(html, "</figcaption>\n");
    print_views(&m, &by_points, &by_time);
    print_words(&m);
    print_key(&m);
    print_table(&m);
    html_raw(html, "</figure>\n");
    sweep_axis_release(&by_points);
    sweep_axis_release(&by_time);
}
