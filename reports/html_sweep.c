/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep.c - a sweep in the page: its sentence, the command, the map, the tables, and
 * what went wrong. */
#include "reports/html_sweep.h"

#include "reports/html_folder.h"
#include "reports/sweep_text.h"
#include "reports/sweep_words.h"

#include <stdlib.h>
#include <string.h>

/* Beyond so many failures the list folds. */
enum { OPEN_MAX = 6 };

static const struct kind {
    const char *name, *en, *zh;
} kinds[] = {
    {"power", "Power cuts", "断电扫描"},
    {"storage", "The master's storage", "主控存储扫描"},
    {"faults", "Random faults", "随机故障扫描"},
};

struct sweep_points sweep_points_of(const struct result_sweep *sweep)
{
    struct sweep_points points = {.all = sweep_text_points(sweep), .bad = sweep->failures_all};
    if (!result_sweep_whole(sweep)) {
        points.lacking = sweep->units - result_sweep_done(sweep);
    }
    return points;
}

enum standing sweep_standing(const struct sweep_points *points)
{
    if (points->bad > 0) {
        return STANDS_FAIL;
    }
    return points->lacking > 0 || points->all == 0 ? STANDS_ERROR : STANDS_PASS;
}

static void sentence_en(struct html *html, const struct sweep_points *points)
{
    if (points->all == 0) {
        html_raw(html, "No point was tried");
    } else if (points->bad == 0) {
        html_raw(html, "None of ");
        html_put_number(html, points->all);
        html_raw(html, points->all == 1 ? " point went wrong" : " points went wrong");
    } else {
        html_put_number(html, points->bad);
        html_raw(html, " of ");
        html_put_number(html, points->all);
        html_raw(html, points->all == 1 ? " point went wrong" : " points went wrong");
    }
    if (points->lacking > 0) {
        html_raw(html, ", but not all was swept: ");
        html_put_number(html, points->lacking);
        html_raw(html,
                 points->lacking == 1 ? " unit of work is missing" : " units of work are missing");
    }
    html_raw(html, ".");
}

static void sentence_zh(struct html *html, const struct sweep_points *points)
{
    if (points->all == 0) {
        html_raw(html, "没有尝试任何测试点");
    } else {
        html_put_number(html, points->all);
        html_raw(html, points->bad == 0 ? " 个测试点全部正常" : " 个测试点中 ");
    }
    if (points->bad > 0) {
        html_put_number(html, points->bad);
        html_raw(html, " 个出错");
    }
    if (points->lacking > 0) {
        html_raw(html, "，但扫描不完整：缺少 ");
        html_put_number(html, points->lacking);
        html_raw(html, " 个工作单元");
    }
    html_raw(html, "。");
}

void html_sweep_sentence(struct html *html, const struct sweep_points *points, bool zh)
{
    (zh ? sentence_zh : sentence_en)(html, points);
}

void html_sweep_meter(struct html *html, const struct sweep_points *points)
{
    html_raw(html, "<span class=\"meter\" aria-hidden=\"true\">");
    if (points->bad > 0) {
        html_raw(html, "<span class=\"is-fail\" style=\"flex-grow:%llu\"></span>",
                 (unsigned long long)points->bad);
    }
    if (points->all > points->bad) {
        html_raw(html, "<span class=\"is-pass\" style=\"flex-grow:%llu\"></span>",
                 (unsigned long long)(points->all - points->bad));
    }
    html_raw(html, "</span>");
}

void html_sweep_kind(struct html *html, const struct result_sweep *sweep)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(sweep->kind, kinds[i].name) == 0) {
            html_both(html, kinds[i].en, kinds[i].zh);
            return;
        }
    }
    html_text(html, sweep->kind);
}

void html_sweep_text(struct html *html, const char *text)
{
    const char *zh = sweep_words_zh(text);
    if (zh != NULL) {
        html_both(html, text, zh);
    } else {
        html_text(html, text);
    }
}

static void head(struct html *html, const struct html_sweep *sweep)
{
    const struct sweep_points points = sweep_points_of(sweep->of);
    char *command = sweep_text_command(sweep->of);
    html_raw(html, "<h3 id=\"%s-heading\">", sweep->id);
    html_sweep_kind(html, sweep->of);
    html_raw(html, "</h3>\n<p class=\"sweep-sentence\">");
    html_sign(html, sweep_standing(&points));
    html_raw(html, " <span><span lang=\"en\">");
    html_sweep_sentence(html, &points, false);
    html_raw(html, "</span><span lang=\"zh-Hans\">");
    html_sweep_sentence(html, &points, true);
    html_raw(html,
             "</span></span></p>\n<div class=\"sweep-command\"><code class=\"play-command\">");
    html_text(html, command);
    html_raw(html, "</code></div>\n");
    free(command);
}

static void fact(struct html *html, const char *en, const char *zh)
{
    html_raw(html, "<div><dt>");
    html_both(html, en, zh);
    html_raw(html, "</dt><dd>");
}

static void units(struct html *html, const struct result_sweep *sweep)
{
    fact(html, "Units of work", "工作单元");
    html_put_number(html, result_sweep_done(sweep));
    if (!result_sweep_whole(sweep)) {
        html_both(html, " of ", " / ");
        html_put_number(html, sweep->units);
        html_both(html, ": a part", "：仅一部分");
    } else if (sweep->units == SWEEP_UNITS_OPEN) {
        html_both(html, ", as many as there was time for", "（在限定时间内）");
    }
    html_raw(html, "</dd></div>");
}

static void facts(struct html *html, const struct result_sweep *sweep)
{
    html_raw(html, "<dl class=\"facts\">");
    fact(html, "Master", "主控");
    html_raw(html, "<bdi>");
    html_text(html, sweep->master);
    html_raw(html, "</bdi></dd></div>");
    fact(html, "limphome", "limphome");
    html_text(html, sweep->version);
    html_raw(html, "</dd></div>");
    if (sweep->date != NULL && sweep->date[0] != '\0') {
        fact(html, "Date", "日期");
        html_text(html, sweep->date);
        html_raw(html, "</dd></div>");
    }
    units(html, sweep);
    html_raw(html, "</dl>\n");
}

static void head_cell(struct html *html, const char *en, const char *zh, bool number)
{
    html_raw(html, "<th scope=\"col\"%s>", number ? " class=\"number\"" : "");
    html_both(html, en, zh);
    html_raw(html, "</th>");
}

static void verdict_row(struct html *html, const struct sweep_verdict *verdict)
{
    const char *class = verdict->count == 0 ? "none" : verdict->good ? "is-pass" : "is-fail";
    html_raw(html, "<tr class=\"%s\"><td class=\"number\">", class);
    html_put_number(html, verdict->count);
    html_raw(html, "</td><th scope=\"row\">");
    if (verdict->count > 0) {
        html_sign(html, verdict->good ? STANDS_PASS : STANDS_FAIL);
        html_raw(html, " ");
    }
    html_raw(html, "<strong>");
    html_sweep_text(html, verdict->name);
    html_raw(html, "</strong><span class=\"meaning\">");
    html_both(html, ": ", "：");
    html_sweep_text(html, verdict->meaning);
    html_raw(html, "</span></th></tr>\n");
}

static void verdicts(struct html *html, const struct result_sweep *sweep)
{
    html_raw(html, "<table class=\"rows sweep-numbers\"><thead><tr>");
    head_cell(html, "Points", "测试点", true);
    head_cell(html, "What became of them", "结果", false);
    html_raw(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < sweep->verdicts_len; i++) {
        if (sweep->verdicts[i].count > 0 || sweep->verdicts[i].shown_if_zero) {
            verdict_row(html, &sweep->verdicts[i]);
        }
    }
    html_raw(html, "</tbody></table>\n");
}

static void rules(struct html *html, const struct result_sweep *sweep)
{
    bool any = false;
    for (size_t i = 0; i < sweep->rules_len; i++) {
        const struct sweep_rule *rule = &sweep->rules[i];
        if (rule->count == 0) {
            continue;
        }
        if (!any) {
            html_raw(html, "<table class=\"rows sweep-numbers\"><thead><tr>");
            head_cell(html, "Points", "测试点", true);
            head_cell(html, "Rules of the judge that they broke", "违反的判定规则", false);
            html_raw(html, "</tr></thead><tbody>\n");
        }
        any = true;
        html_raw(html, "<tr class=\"is-fail\"><td class=\"number\">");
        html_put_number(html, rule->count);
        html_raw(html, "</td><th scope=\"row\"><strong>");
        html_text(html, rule->name);
        html_raw(html, "</strong><span class=\"meaning\">");
        html_both(html, ": ", "：");
        html_sweep_text(html, rule->meaning);
        html_raw(html, "</span></th></tr>\n");
    }
    html_raw(html, any ? "</tbody></table>\n" : "");
}

static void numbers(struct html *html, const struct result_sweep *sweep)
{
    const char *heading = NULL;
    html_raw(html, "<table class=\"rows sweep-numbers\"><thead><tr>");
    head_cell(html, "Number", "数量", true);
    head_cell(html, "What was counted", "统计内容", false);
    html_raw(html, "</tr></thead>\n");
    for (size_t i = 0; i < sweep->rows_len; i++) {
        const struct sweep_row *row = &sweep->rows[i];
        if (row->number == 0 && !row->shown_if_zero) {
            continue;
        }
        if (heading == NULL || strcmp(heading, row->heading) != 0) {
            html_raw(html, "%s<tbody><tr class=\"of\"><th scope=\"rowgroup\" colspan=\"2\">",
                     heading != NULL ? "</tbody>" : "");
            html_sweep_text(html, row->heading);
            html_raw(html, "</th></tr>\n");
            heading = row->heading;
        }
        html_raw(html, "<tr><td class=\"number\">");
        html_put_number(html, row->number);
        html_raw(html, "</td><th scope=\"row\">");
        html_sweep_text(html, row->text);
        html_raw(html, "</th></tr>\n");
    }
    html_raw(html, heading != NULL ? "</tbody></table>\n" : "<tbody></tbody></table>\n");
}

static void failure_item(struct html *html, const struct html_sweep *sweep,
                         const struct sweep_failure *failure)
{
    html_raw(html, "<li><p>");
    html_sign(html, STANDS_FAIL);
    html_raw(html, " <strong>");
    html_sweep_text(html, sweep->of->verdicts[failure->verdict].name);
    html_raw(html, "</strong> <code class=\"id\">");
    html_text(html, failure->id);
    html_raw(html, "</code>");
    if (failure->rules != NULL && failure->rules[0] != '\0') {
        html_raw(html, " <span class=\"broke\">");
        html_both(html, "broke ", "违反 ");
        html_text(html, failure->rules);
        html_raw(html, "</span>");
    }
    if (failure->at_ns != SIM_NEVER) {
        html_raw(html, " <span class=\"where\">");
        html_both(html, "at ", "时刻 ");
        html_put_instant(html, failure->at_ns);
        html_raw(html, "</span>");
    }
    if (failure->scenario != NULL && failure->scenario[0] != '\0') {
        html_raw(html, " <a href=\"");
        html_file_address(html, sweep->page_folder, failure->scenario);
        html_raw(html, "\">");
        html_both(html, "the same as a scenario", "等效的场景");
        html_raw(html, "</a>");
    }
    html_raw(html, "</p>");
    if (failure->replay != NULL && failure->replay[0] != '\0') {
        html_raw(html, "<div class=\"sweep-command\"><code class=\"play-command\">");
        html_text(html, failure->replay);
        html_raw(html, "</code></div>");
    }
    html_raw(html, "</li>\n");
}

static void failure_list(struct html *html, const struct html_sweep *sweep, size_t from, size_t to)
{
    html_raw(html, "<ul class=\"sweep-failures\">\n");
    for (size_t i = from; i < to; i++) {
        failure_item(html, sweep, &sweep->of->failures[i]);
    }
    html_raw(html, "</ul>\n");
}

static void failures(struct html *html, const struct html_sweep *sweep)
{
    const size_t len = sweep->of->failures_len;
    const size_t open = len < OPEN_MAX + 2 ? len : OPEN_MAX;
    if (sweep->of->failures_all == 0) {
        return;
    }
    html_raw(html, "<h4>");
    html_both(html, "What went wrong, and how to see it again", "出错的测试点及重放方法");
    html_raw(html, "</h4>\n");
    failure_list(html, sweep, 0, open);
    if (open < len) {
        html_raw(html, "<details class=\"fold\"><summary>");
        html_both(html, "", "另有 ");
        html_put_count(html, len - open, "more", "more", "个");
        html_raw(html, "</summary>\n");
        failure_list(html, sweep, open, len);
        html_raw(html, "</details>\n");
    }
    if (len < sweep->of->failures_all) {
        html_raw(html, "<p class=\"quiet\">");
        html_both(html, "Listed are the first ones; left out: ", "只列出最前面的；未列出：");
        html_put_number(html, sweep->of->failures_all - len);
        html_raw(html, "</p>\n");
    }
}

void html_sweep_print(struct html *html, const struct html_sweep *sweep)
{
    const struct sweep_points points = sweep_points_of(sweep->of);
    html_raw(html, "<article class=\"sweep is-%s\" id=\"%s\" aria-labelledby=\"%s-heading\">\n",
             standing_class(sweep_standing(&points)), sweep->id, sweep->id);
    head(html, sweep);
    facts(html, sweep->of);
    html_sweep_map(html, sweep);
    failures(html, sweep);
    html_raw(html, "<div class=\"sweep-tables\">\n");
    html_raw(html, "<div>");
    verdicts(html, sweep->of);
    rules(html, sweep->of);
    html_raw(html, "</div>");
    numbers(html, sweep->of);
    html_raw(html, "</div></article>\n");
}
