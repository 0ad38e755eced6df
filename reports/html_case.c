/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_case.c - one case: its plays, what each of them broke, and what happened in it. */
#include "reports/html_folder.h"
#include "reports/html_sections.h"

#include <inttypes.h>
#include <string.h>

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void html_claim(struct html *html, const struct finding *finding)
{
    html_raw(html, "<dl class=\"claim\"><div><dt>");
    html_both(html, "expected", "期望");
    html_raw(html, "</dt><dd>");
    html_text(html, finding->expected);
    html_raw(html, "</dd></div><div><dt>");
    html_both(html, "seen", "实际");
    html_raw(html, "</dt><dd class=\"seen\">");
    html_text(html, finding->seen);
    html_raw(html, "</dd></div></dl>");
}

void html_case_title(struct html *html, const struct case_result *one)
{
    html_raw(html, "<span class=\"title\">");
    if (given(one->title_zh)) {
        html_both(html, given(one->title) ? one->title : one->title_zh, one->title_zh);
    } else {
        html_text(html, one->title);
    }
    html_raw(html, "</span>");
}

static void fact(struct html *html, const char *en, const char *zh, const char *value)
{
    if (given(value)) {
        html_raw(html, "<div><dt>");
        html_both(html, en, zh);
        html_raw(html, "</dt><dd>");
        html_text(html, value);
        html_raw(html, "</dd></div>");
    }
}

struct sums {
    size_t plays;
    uint64_t virtual_ns, wall_ns;
};

static struct sums sums_of(const struct case_row *row, size_t runs_len)
{
    struct sums sums = {.plays = 0};
    for (size_t r = 0; r < runs_len; r++) {
        const struct case_result *one = row->of_runs[r];
        for (size_t i = 0; one != NULL && i < one->plays_len; i++) {
            sums.plays++;
            sums.virtual_ns += one->plays[i].virtual_ns;
            sums.wall_ns += one->plays[i].wall_ns;
        }
    }
    return sums;
}

static void facts(struct html *html, const struct case_result *one, const struct sums *sums)
{
    html_raw(html, "<dl class=\"facts\">");
    fact(html, "sources", "来源", one->sources);
    fact(html, "tags", "标签", one->tags);
    fact(html, "vehicle", "车辆", one->vehicle);
    fact(html, "file", "文件", one->file);
    html_raw(html, "<div><dt>");
    html_both(html, "wall time", "实际耗时");
    html_raw(html, "</dt><dd>");
    html_put_duration(html, sums->wall_ns);
    html_raw(html, "</dd></div></dl>\n");
}

static void injections(struct html *html, const struct play_result *play)
{
    html_raw(html, "<td>");
    for (size_t i = 0; i < play->injections_len; i++) {
        const struct fired *fired = &play->injections[i];
        html_raw(html, "<span class=\"injection%s\"><bdi>", fired->fired == 0 ? " idle" : "");
        html_text(html, fired->name);
        html_raw(html, "</bdi> ");
        if (fired->fired == 0) {
            html_both(html, "not fired", "未触发");
        } else {
            html_raw(html, "× %" PRIu64, fired->fired);
        }
        if (fired->first_ns != SIM_NEVER) {
            html_both(html, ", first at ", "，首次于 ");
            html_put_instant(html, fired->first_ns);
        }
        html_raw(html, "</span>");
    }
    if (play->injections_len == 0) {
        html_raw(html, "<span class=\"none\">–</span>");
    }
    html_raw(html, "</td>");
}

static void play_row(struct html *html, const struct page *page, size_t run,
                     const struct play_result *play)
{
    html_raw(html, "<tr><td>");
    html_verdict(html, (enum standing)play->verdict);
    html_raw(html, "</td>");
    if (page->report->set->runs_len > 1) {
        html_raw(html, "<td>");
        html_run_name(html, page, run);
        html_raw(html, "</td>");
    }
    html_raw(html, "<td class=\"name\">");
    html_text(html, given(play->name) ? play->name : "–");
    html_raw(html, "</td><td class=\"number\">%" PRIu64 "</td><td><code>", play->seed);
    html_text(html, given(play->term) ? play->term : "–");
    html_raw(html, "</code></td>");
    injections(html, play);
    html_raw(html, "<td class=\"number\">");
    html_put_duration(html, play->virtual_ns);
    html_raw(html, "</td><td>");
    if (given(play->folder)) {
        html_raw(html, "<a href=\"");
        html_folder_address(html, page->report->folder, play->folder);
        html_raw(html, "\">");
    }
    html_raw(html, "<code class=\"digest\">");
    html_textf(html, "%.12s", play->digest);
    html_raw(html, given(play->folder) ? "</code></a></td></tr>\n" : "</code></td></tr>\n");
}

static void plays_head(struct html *html, bool with_run)
{
    static const struct {
        const char *en, *zh, *class;
    } heads[] = {
        {"Verdict", "判定", ""},
        {"Run", "运行", ""},
        {"Play", "执行", ""},
        {"Seed", "种子", " class=\"number\""},
        {"Reported", "上报", ""},
        {"Injected", "注入", ""},
        {"Virtual time", "虚拟时间", " class=\"number\""},
        {"Trace", "轨迹摘要", ""},
    };
    enum { RUN = 1 };
    html_raw(html, "<thead><tr>");
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        if (i != RUN || with_run) {
            html_raw(html, "<th scope=\"col\"%s>", heads[i].class);
            html_both(html, heads[i].en, heads[i].zh);
            html_raw(html, "</th>");
        }
    }
    html_raw(html, "</tr></thead><tbody>\n");
}

static void plays(struct html *html, const struct page *page, const struct case_row *row)
{
    const size_t runs_len = page->report->set->runs_len;
    html_raw(html, "<div class=\"scroll\"><table class=\"rows plays\">");
    plays_head(html, runs_len > 1);
    for (size_t r = 0; r < runs_len; r++) {
        const struct case_result *one = row->of_runs[r];
        for (size_t i = 0; one != NULL && i < one->plays_len; i++) {
            play_row(html, page, r, &one->plays[i]);
        }
    }
    html_raw(html, "</tbody></table></div>\n");
}

static void finding(struct html *html, const struct finding *finding)
{
    html_raw(html, "<li class=\"finding\"><p class=\"criterion\"><code>");
    html_text(html, finding->criterion);
    html_raw(html, "</code><span class=\"where\">");
    if (finding->at_ns != SIM_NEVER) {
        html_both(html, "at ", "时刻 ");
        html_put_instant(html, finding->at_ns);
    }
    if (finding->bus_line != 0) {
        html_raw(html, "%sbus.log:%" PRIu32, finding->at_ns != SIM_NEVER ? " · " : "",
                 finding->bus_line);
    }
    html_raw(html, "</span></p>");
    html_claim(html, finding);
    html_raw(html, "</li>\n");
}

static void play_heading(struct html *html, const struct page *page, size_t run,
                         const struct play_result *play)
{
    html_raw(html, "<h4>");
    html_sign(html, (enum standing)play->verdict);
    if (page->report->set->runs_len > 1) {
        html_run_name(html, page, run);
        html_raw(html, " · ");
    }
    if (given(play->name)) {
        html_raw(html, "<bdi>");
        html_text(html, play->name);
        html_raw(html, "</bdi> · ");
    }
    html_both(html, "seed", "种子");
    html_raw(html, " %" PRIu64 "</h4>\n", play->seed);
}

static void play_findings(struct html *html, const struct play_result *play)
{
    if (given(play->error)) {
        html_raw(html, "<p class=\"sentence\">");
        if (play->verdict == VERDICT_NOT_APPLICABLE) {
            html_both(html, "The master's adapter does not declare the capability ",
                      "主控的适配器没有声明能力：");
        }
        html_text(html, play->error);
        html_raw(html, "</p>\n");
    }
    if (play->findings_len > 0) {
        html_raw(html, "<ul class=\"findings\">\n");
        for (size_t i = 0; i < play->findings_len; i++) {
            finding(html, &play->findings[i]);
        }
        html_raw(html, "</ul>\n");
    }
}

/* Where scripts run a browser takes what is in <noscript> as one text, which costs it nothing;
 * page.js draws it when the case is opened. */
static void play_story(struct html *html, const struct page *page, size_t run,
                       const struct play_result *play)
{
    const struct html_shown_play *shown = html_shown_find(page->shown, play);
    const bool has_more = shown != NULL && shown->html != NULL;
    if (!has_more && !given(play->error) && play->findings_len == 0) {
        return;
    }
    html_raw(html, "<section class=\"story is-%s\">", standing_class((enum standing)play->verdict));
    play_heading(html, page, run, play);
    play_findings(html, play);
    if (has_more) {
        html_raw(html, "<noscript class=\"drawing\">");
        fwrite(shown->html, 1, shown->html_len, html->out);
        html_raw(html, "</noscript>\n");
    } else if (given(play->folder)) {
        html_raw(html, "<p class=\"quiet\">");
        html_both(html, "To keep the page small, what happened is not drawn here; it is in ",
                  "为控制页面大小，此处不绘制过程；详见 ");
        html_raw(html, "<a href=\"");
        html_folder_address(html, page->report->folder, play->folder);
        html_raw(html, "\"><code>");
        html_text(html, play->folder);
        html_raw(html, "</code></a></p>");
    }
    html_raw(html, "</section>\n");
}

/* Those that fail come before the others. */
static void stories(struct html *html, const struct page *page, const struct case_row *row,
                    bool failing)
{
    for (size_t r = 0; r < page->report->set->runs_len; r++) {
        const struct case_result *one = row->of_runs[r];
        for (size_t i = 0; one != NULL && i < one->plays_len; i++) {
            if ((one->plays[i].verdict >= VERDICT_FAIL) == failing) {
                play_story(html, page, r, &one->plays[i]);
            }
        }
    }
}

/* What the reader of a closed case sees of a failure. */
static void first_criterion(struct html *html, const struct case_row *row, size_t runs_len)
{
    for (size_t r = 0; r < runs_len; r++) {
        const struct case_result *one = row->of_runs[r];
        for (size_t i = 0; one != NULL && i < one->plays_len; i++) {
            if (one->plays[i].findings_len > 0) {
                html_raw(html, "<code class=\"crit\">");
                html_text(html, one->plays[i].findings[0].criterion);
                html_raw(html, "</code>");
                return;
            }
        }
    }
}

static void summary(struct html *html, const struct page *page, const struct case_row *row,
                    const struct sums *sums)
{
    html_raw(html, "<summary>");
    html_verdict(html, (enum standing)row->verdict);
    html_raw(html, "<span class=\"id\">");
    html_text(html, row->first->id);
    html_raw(html, "</span> ");
    html_case_title(html, row->first);
    first_criterion(html, row, page->report->set->runs_len);
    html_raw(html, "<span class=\"meta\"><span class=\"priority\">");
    html_both(html, "priority", "优先级");
    html_raw(html, " %" PRIu32 "</span> <span>", row->first->priority);
    html_put_count(html, sums->plays, "play", "plays", "次执行");
    html_raw(html, "</span> <span class=\"number\">");
    html_put_duration(html, sums->virtual_ns);
    html_raw(html, "</span></span></summary>\n");
}

void html_case(struct html *html, const struct page *page, const struct case_row *row)
{
    const size_t runs_len = page->report->set->runs_len;
    const struct sums sums = sums_of(row, runs_len);
    const char *class = standing_class((enum standing)row->verdict);
    html_raw(html,
             "<details class=\"case is-%s\" data-verdict=\"%s\" data-priority=\"%" PRIu32 "\""
             " data-group=\"",
             class, class, row->first->priority);
    html_text(html, row->first->group);
    html_raw(html, "\" data-tags=\"");
    html_text(html, row->first->tags);
    html_raw(html, "\">");
    summary(html, page, row, &sums);
    html_raw(html, "<div class=\"case-body\" id=\"%s\">\n", row->anchor);
    facts(html, row->first, &sums);
    plays(html, page, row);
    stories(html, page, row, true);
    stories(html, page, row, false);
    html_raw(html, "</div></details>\n");
}
