/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_cases.c - all cases by group, and what picks some of them. */
#include "reports/html_sections.h"

#include "reports/case_group.h"

#include <string.h>

void html_section(struct html *html, const char *anchor, const char *en, const char *zh)
{
    html_raw(html, "<section id=\"%s\" aria-labelledby=\"%s-heading\"><h2 id=\"%s-heading\">",
             anchor, anchor, anchor);
    html_both(html, en, zh);
    html_raw(html, "</h2>\n");
}

static void choice(struct html *html, const char *value, const char *en, const char *zh)
{
    html_raw(html,
             "<label><input type=\"radio\" name=\"verdict\" id=\"page-only-%s\" value=\"%s\"%s>"
             "<span>",
             value, value, strcmp(value, "all") == 0 ? " checked" : "");
    html_both(html, en, zh);
    html_raw(html, "</span></label>");
}

/* Works without scripts: the style sheet hides what is not chosen. */
static void verdict_choice(struct html *html, const struct case_table *cases)
{
    bool there[STANDINGS] = {false};
    for (size_t i = 0; i < cases->rows_len; i++) {
        there[(size_t)cases->rows[i].verdict] = true;
    }
    html_raw(html, "<fieldset class=\"choice\"><legend class=\"unseen\">");
    html_both(html, "Verdict", "判定");
    html_raw(html, "</legend>");
    choice(html, "all", "all", "全部");
    for (size_t i = 0; i < STANDINGS; i++) {
        const enum standing standing = standings_by_weight[i];
        if (there[standing]) {
            choice(html, standing_class(standing), standing_en(standing), standing_zh(standing));
        }
    }
    html_raw(html, "</fieldset>\n");
}

static void begin_select(struct html *html, const char *name, const char *en, const char *zh)
{
    html_raw(html, "<label class=\"pick\"><span class=\"unseen\">");
    html_both(html, en, zh);
    html_raw(html, "</span><select id=\"page-pick-%s\"><option value=\"\" data-en=\"", name);
    html_text(html, en);
    html_raw(html, ": all\" data-zh=\"");
    html_text(html, zh);
    html_raw(html, "：全部\">");
    html_text(html, en);
    html_raw(html, ": all</option>");
}

static void group_select(struct html *html, const struct case_table *cases)
{
    const char *last = NULL;
    begin_select(html, "group", "Group", "组");
    for (size_t i = 0; i < cases->rows_len; i++) {
        const char *group = cases->rows[i].first->group;
        if (last == NULL || strcmp(last, group) != 0) {
            html_raw(html, "<option value=\"");
            html_text(html, group);
            html_raw(html, "\">");
            html_text(html, group);
            html_raw(html, "</option>");
            last = group;
        }
    }
    html_raw(html, "</select></label>\n");
}

static void priority_select(struct html *html)
{
    begin_select(html, "priority", "Priority", "优先级");
    html_raw(html, "<option value=\"1\">1</option><option value=\"2\">2</option>"
                   "</select></label>\n");
}

/* What only a script can do is hidden until one is there. */
static void controls(struct html *html, const struct case_table *cases)
{
    html_raw(html,
             "<div class=\"controls\" role=\"search\" aria-labelledby=\"page-cases-heading\">\n");
    verdict_choice(html, cases);
    html_raw(html,
             "<div class=\"scripted\" hidden>\n<label class=\"find\"><span class=\"unseen\">");
    html_both(html, "Search in id, title and criterion", "按编号、标题、判据搜索");
    html_raw(html, "</span><input type=\"search\" id=\"page-find\" autocomplete=\"off\" "
                   "spellcheck=\"false\" placeholder=\"Search\" data-en=\"Search  /\" "
                   "data-zh=\"搜索  /\"></label>\n");
    group_select(html, cases);
    priority_select(html);
    begin_select(html, "tag", "Tag", "标签"); /* The script adds those that there are. */
    html_raw(html, "</select></label>\n");
    html_raw(html, "<output id=\"page-count\" aria-live=\"polite\"></output>\n</div></div>\n");
}

static void group_heading(struct html *html, const char *group)
{
    const struct case_group *known = case_group_find(group);
    html_raw(html, "<h3><span class=\"id\">");
    html_text(html, group);
    html_raw(html, "</span> ");
    if (known != NULL) {
        html_both(html, known->en, known->zh);
    }
    html_raw(html, "</h3>\n");
}

void html_cases(struct html *html, const struct page *page)
{
    const struct case_table *cases = page->cases;
    html_section(html, "page-cases", "All cases", "全部用例");
    controls(html, cases);
    const char *last = NULL;
    for (size_t i = 0; i < cases->rows_len; i++) {
        const char *group = cases->rows[i].first->group;
        if (last == NULL || strcmp(last, group) != 0) {
            html_raw(html,
                     last != NULL ? "</div>\n<div class=\"group\">" : "<div class=\"group\">");
            group_heading(html, group);
            last = group;
        }
        html_case(html, page, &cases->rows[i]);
    }
    html_raw(html, last != NULL ? "</div>\n" : "");
    html_raw(html, "<p class=\"quiet none-fits\" id=\"page-none\" hidden>");
    html_both(html, "No case fits.", "没有符合条件的用例。");
    html_raw(html, "</p><p class=\"quiet keys scripted\" hidden><kbd>/</kbd> ");
    html_both(html, "search", "搜索");
    html_raw(html, " <kbd>j</kbd> <kbd>k</kbd> ");
    html_both(html, "next, previous case", "下一个、上一个用例");
    html_raw(html, " <kbd>Enter</kbd> ");
    html_both(html, "open or close", "展开或收起");
    html_raw(html, "</p></section>\n");
}
