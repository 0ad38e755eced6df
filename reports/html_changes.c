/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_changes.c - what is other than in the baseline. */
#include "reports/html_sections.h"

#include <string.h>

static const struct {
    const char *en, *zh, *class;
} kinds[CHANGE_KINDS] = {
    [CHANGE_NEWLY_FAILING] = {"Newly failing", "新失败", "bad"},
    [CHANGE_NEWLY_PASSING] = {"Newly passing", "新通过", "good"},
    [CHANGE_OTHER_VERDICT] = {"Another verdict", "判定改变", "plain"},
    [CHANGE_APPEARED] = {"Not in the baseline", "基线中没有", "plain"},
    [CHANGE_GONE] = {"Only in the baseline", "仅在基线中", "plain"},
    [CHANGE_DURATION] = {"Longer or shorter", "耗时改变", "plain"},
};

static void side(struct html *html, const struct case_result *one, bool with_time)
{
    html_raw(html, "<td>");
    if (one != NULL && with_time) {
        html_put_duration(html, case_result_virtual_ns(one));
    } else if (one != NULL) {
        html_verdict(html, (enum standing)one->verdict);
    } else {
        html_raw(html, "<span class=\"none\">–</span>");
    }
    html_raw(html, "</td>");
}

static void master(struct html *html, const struct page *page, const struct change *change)
{
    const struct result_set *set = page->report->set;
    for (size_t i = 0; i < set->runs_len; i++) {
        if (&set->runs[i] == change->run) {
            html_run_name(html, page, i);
            return;
        }
    }
    if (change->old_run != NULL) {
        html_raw(html, "<bdi>");
        html_text(html, change->old_run->master);
        html_raw(html, "</bdi>");
    }
}

static void change_row(struct html *html, const struct page *page, const struct change *change)
{
    const struct case_result *one = change->now != NULL ? change->now : change->before;
    const struct case_row *row = case_table_find(page->cases, one->id);
    html_raw(html, "<tr><th scope=\"row\">");
    if (row != NULL) {
        html_raw(html, "<a href=\"#%s\">", row->anchor);
    }
    html_raw(html, "<span class=\"id\">");
    html_text(html, one->id);
    html_raw(html, "</span> ");
    html_case_title(html, one);
    html_raw(html, row != NULL ? "</a></th>" : "</th>");
    if (page->report->set->runs_len > 1) {
        html_raw(html, "<td>");
        master(html, page, change);
        html_raw(html, "</td>");
    }
    side(html, change->before, change->kind == CHANGE_DURATION);
    html_raw(html, "<td class=\"arrow\" aria-hidden=\"true\">→</td>");
    side(html, change->now, change->kind == CHANGE_DURATION);
    html_raw(html, "</tr>\n");
}

static size_t count_of(const struct result_changes *changes, enum change_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->changes_len; i++) {
        count += changes->changes[i].kind == kind;
    }
    return count;
}

static void table_head(struct html *html, const struct page *page)
{
    html_raw(html, "<thead><tr><th scope=\"col\">");
    html_both(html, "Case", "用例");
    if (page->report->set->runs_len > 1) {
        html_raw(html, "</th><th scope=\"col\">");
        html_both(html, "Run", "运行");
    }
    html_raw(html, "</th><th scope=\"col\">");
    html_both(html, "Baseline", "基线");
    html_raw(html, "</th><td></td><th scope=\"col\">");
    html_both(html, "Now", "现在");
    html_raw(html, "</th></tr></thead>");
}

static void kind_table(struct html *html, const struct page *page, enum change_kind kind)
{
    const struct result_changes *changes = page->report->changes;
    const size_t count = count_of(changes, kind);
    if (count == 0) {
        return;
    }
    html_raw(html, "<details class=\"change tone-%s\"%s><summary><strong>%zu</strong> ",
             kinds[kind].class, kind <= CHANGE_NEWLY_PASSING ? " open" : "", count);
    html_both(html, kinds[kind].en, kinds[kind].zh);
    html_raw(html, "</summary><div class=\"scroll\"><table class=\"rows\">");
    table_head(html, page);
    html_raw(html, "<tbody>\n");
    for (size_t i = 0; i < changes->changes_len; i++) {
        if (changes->changes[i].kind == kind) {
            change_row(html, page, &changes->changes[i]);
        }
    }
    html_raw(html, "</tbody></table></div></details>\n");
}

void html_changes(struct html *html, const struct page *page)
{
    if (page->report->changes == NULL) {
        return;
    }
    html_section(html, "page-changes", "Changes against the baseline", "与基线相比的变化");
    if (page->report->changes->changes_len == 0 && html_page_has_cases(page)) {
        html_raw(html, "<p class=\"quiet\">");
        html_both(html, "No verdict has changed.", "判定没有变化。");
        html_raw(html, "</p>");
    }
    for (enum change_kind kind = 0; kind < CHANGE_KINDS; kind++) {
        kind_table(html, page, kind);
    }
    html_sweep_changes(html, &page->report->changes->sweeps);
    html_raw(html, "</section>\n");
}
