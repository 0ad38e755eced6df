/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_messages.c - one body of the table for each focus, its instant in its place. */
#include "reports/html_messages.h"

#include "reports/html_time.h"

#include <string.h>

/* A table is for the eye: what is beyond is in bus.log. */
enum { ROWS_MAX = 72, ROWS_NEAR_MIN = 12, CELL_BYTES_MAX = 96 };

struct table {
    struct html *html;
    const struct html_timeline *of;
    size_t rows_of_a_focus;
    bool cut;
};

static const struct {
    const char *en, *zh;
} columns[] = {
    {"Time", "时间"},    {"Bus", "总线"},     {"From \xE2\x86\x92 to", "发送 → 接收"},
    {"Service", "服务"}, {"Meaning", "含义"}, {"ISO-TP", "ISO-TP"},
    {"Length", "长度"},  {"Bytes", "字节"},
};

static void print_both_in(struct html *html, const char *tag, const char *en, const char *zh)
{
    html_raw(html, "<%s>", tag);
    html_both(html, en, zh);
    html_raw(html, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static void print_head(const struct table *t)
{
    html_raw(t->html, "<caption id=\"%s-messages\">", t->of->id);
    if (t->of->violated) {
        html_both(t->html, "Messages around what was violated", "违反时刻前后的报文");
    } else {
        html_both(t->html, "Messages around the faults", "故障前后的报文");
    }
    html_raw(t->html, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        print_both_in(t->html, "th scope=\"col\"", columns[i].en, columns[i].zh);
    }
    html_raw(t->html, "</tr></thead>\n");
}

static void print_cell(const struct table *t, const char *data)
{
    html_raw(t->html, "</td><td>");
    html_cut_text(t->html, data, CELL_BYTES_MAX);
}

static void print_badge(const struct table *t, bool is, const char *en, const char *zh)
{
    if (is) {
        html_raw(t->html, " <em>");
        html_both(t->html, en, zh);
        html_raw(t->html, "</em>");
    }
}

static void print_times(const struct table *t, const struct timeline_message *m, sim_ns_t focus_ns)
{
    html_raw(t->html, "<th scope=\"row\">%s <small>%s</small></th><td>",
             html_instant(m->begin_ns).text, html_offset(m->begin_ns, focus_ns).text);
}

static void print_row(const struct table *t, const struct timeline_message *m, sim_ns_t focus_ns,
                      bool nearest)
{
    html_raw(t->html, "<tr class=\"tl-%s%s\" data-at=\"%s\"", timeline_tone_name(m->tone),
             nearest ? " tl-near" : "", html_us(m->begin_ns).text);
    if (m->end_ns != SIM_NEVER && m->end_ns > m->begin_ns) {
        html_raw(t->html, " data-for=\"%s\"", html_us(m->end_ns - m->begin_ns).text);
    }
    html_raw(t->html, ">");
    print_times(t, m, focus_ns);
    html_cut_text(t->html, m->bus, CELL_BYTES_MAX);
    if (m->bus_line > 0) {
        html_raw(t->html, " <small>bus.log:%u</small>", m->bus_line);
    }
    html_raw(t->html, "</td><td><b>");
    html_cut_text(t->html, m->from, CELL_BYTES_MAX);
    html_raw(t->html, "</b> \xE2\x86\x92 <b>");
    html_cut_text(t->html, m->to, CELL_BYTES_MAX);
    html_raw(t->html, "</b>");
    print_cell(t, m->service);
    print_cell(t, m->meaning);
    print_badge(t, m->struck, "struck by a fault", "被故障击中");
    print_badge(t, m->lost, "did not arrive", "未送达");
    print_badge(t, m->end_ns == SIM_NEVER, "never ended", "未结束");
    print_cell(t, m->shape);
    html_raw(t->html, "</td><td>%u</td><td><code>", m->len_bytes);
    html_cut_text(t->html, m->bytes, CELL_BYTES_MAX);
    html_raw(t->html, "</code></td></tr>\n");
}

static void print_instant_row(const struct table *t, const struct timeline_focus *focus,
                              size_t number)
{
    html_raw(t->html,
             "<tr class=\"tl-instant\" data-at=\"%s\"><th scope=\"row\">%s</th><td colspan=\"7\">"
             "<span class=\"tl-number\">%zu</span> ",
             html_us(focus->at_ns).text, html_instant(focus->at_ns).text, number + 1);
    if (t->of->violated) {
        html_both(t->html, "violated: ", "违反：");
    } else {
        html_both(t->html, "fault: ", "故障：");
    }
    html_cut_text(t->html, focus->text, CELL_BYTES_MAX);
    html_raw(t->html, "</td></tr>\n");
}

struct range {
    size_t from, to;
};

static sim_ns_t distance(sim_ns_t a_ns, sim_ns_t b_ns)
{
    return a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;
}

/* Those of the focus, which lie together; if they are too many, those nearest to it in time. */
static struct range range_of(struct table *t, size_t focus)
{
    const struct timeline *timeline = t->of->timeline;
    const struct timeline_message *messages = timeline->messages;
    const sim_ns_t at_ns = timeline->foci[focus].at_ns;
    struct range range = {0, timeline->messages_len};
    while (range.from < range.to && messages[range.from].focus != focus) {
        range.from++;
    }
    range.to = range.from;
    while (range.to < timeline->messages_len && messages[range.to].focus == focus) {
        range.to++;
    }
    while (range.to - range.from > t->rows_of_a_focus) {
        t->cut = true;
        if (distance(messages[range.from].begin_ns, at_ns) >
            distance(messages[range.to - 1].begin_ns, at_ns)) {
            range.from++;
        } else {
            range.to--;
        }
    }
    return range;
}

static void print_body(struct table *t, size_t focus)
{
    const struct timeline *timeline = t->of->timeline;
    const struct timeline_focus *at = &timeline->foci[focus];
    const struct range range = range_of(t, focus);
    size_t after = range.from; /* The first one that began after the instant. */
    if (range.from == range.to) {
        return;
    }
    while (after < range.to && timeline->messages[after].begin_ns <= at->at_ns) {
        after++;
    }
    html_raw(t->html, "<tbody id=\"%s-focus-%zu\" data-focus=\"%zu\">\n", t->of->id, focus, focus);
    for (size_t i = range.from; i < range.to; i++) {
        if (i == after) {
            print_instant_row(t, at, focus);
        }
        print_row(t, &timeline->messages[i], at->at_ns, i + 1 == after || i == after);
    }
    if (after == range.to) {
        print_instant_row(t, at, focus);
    }
    html_raw(t->html, "</tbody>\n");
}

void html_messages_print(struct html *html, const struct html_timeline *of)
{
    const struct timeline *timeline = of->timeline;
    struct table t = {.html = html, .of = of};
    if (timeline->messages_len == 0 || timeline->foci_len == 0) {
        return;
    }
    const size_t fair = ROWS_MAX / timeline->foci_len;
    t.rows_of_a_focus = fair > ROWS_NEAR_MIN ? fair : ROWS_NEAR_MIN;
    html_raw(html,
             "<div class=\"tl-messages\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-messages\"><table>",
             of->id);
    print_head(&t);
    for (size_t i = 0; i < timeline->foci_len && i < ROWS_MAX / ROWS_NEAR_MIN; i++) {
        print_body(&t, i);
    }
    html_raw(html, "</table></div>\n");
    if (t.cut || timeline->foci_len > ROWS_MAX / ROWS_NEAR_MIN) {
        print_both_in(html, "p class=\"tl-note\"",
                      "Cut to what is nearest; bus.log and the pcapng files hold every frame.",
                      "仅列出最近的报文；bus.log 与 pcapng 文件保存全部帧。");
    }
}
