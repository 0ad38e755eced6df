/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_groups.c - where the trouble is: each group with its cases as tiles; of several runs
 * a matrix of cases and runs. */
#include "reports/html_sections.h"

#include "reports/case_group.h"

#include <string.h>

/* Rows of the table that are of one group: from, and before. */
struct part {
    size_t from, to;
};

static bool next_part(const struct case_table *cases, struct part *part)
{
    part->from = part->to;
    while (part->to < cases->rows_len &&
           strcmp(cases->rows[part->to].first->group, cases->rows[part->from].first->group) == 0) {
        part->to++;
    }
    return part->from < part->to;
}

static void name_of(struct html *html, const char *group)
{
    const struct case_group *known = case_group_find(group);
    html_raw(html, "<span class=\"id\">");
    html_text(html, group);
    html_raw(html, "</span> <span class=\"name\">");
    if (known != NULL) {
        html_both(html, known->en, known->zh);
    }
    html_raw(html, "</span>");
}

/* In a row of its group a case needs only what its id adds: "03" of "COM-03". */
static const char *short_id(const struct case_result *one)
{
    const size_t len = strlen(one->group);
    const bool begins = strncmp(one->id, one->group, len) == 0 && one->id[len] == '-';
    return begins && one->id[len + 1] != '\0' ? one->id + len + 1 : one->id;
}

static void tiles(struct html *html, const struct case_table *cases, const struct part *part)
{
    html_raw(html, "<span class=\"tiles\">");
    for (size_t i = part->from; i < part->to; i++) {
        const struct case_row *row = &cases->rows[i];
        html_tile(html, (enum standing)row->verdict, row->anchor, short_id(row->first));
        html_raw(html, " ");
    }
    html_raw(html, "</span>");
}

static void group_row(struct html *html, const struct case_table *cases, const struct part *part)
{
    size_t counts[STANDINGS] = {0};
    uint64_t virtual_ns = 0;
    for (size_t i = part->from; i < part->to; i++) {
        const struct case_result *one = cases->rows[i].first;
        counts[(size_t)one->verdict]++;
        virtual_ns += case_result_virtual_ns(one);
    }
    html_raw(html, "<tr><th scope=\"row\">");
    name_of(html, cases->rows[part->from].first->group);
    html_raw(html, "</th><td>");
    tiles(html, cases, part);
    html_raw(html, "</td><td class=\"number\"><strong>%zu</strong>/%zu</td><td class=\"number\">",
             counts[STANDS_PASS], part->to - part->from);
    html_put_duration(html, virtual_ns);
    html_raw(html, "</td></tr>\n");
}

static void head(struct html *html, const char *en, const char *zh, const char *class)
{
    html_raw(html, "<th scope=\"col\"%s>", class);
    html_both(html, en, zh);
    html_raw(html, "</th>");
}

static void of_one_run(struct html *html, const struct case_table *cases)
{
    struct part part = {.to = 0};
    html_raw(html, "<table class=\"groups\"><thead><tr>");
    head(html, "Group", "组", "");
    head(html, "Cases", "用例", "");
    head(html, "Passed", "通过", " class=\"number\"");
    head(html, "Virtual time", "虚拟时间", " class=\"number\"");
    html_raw(html, "</tr></thead><tbody>\n");
    while (next_part(cases, &part)) {
        group_row(html, cases, &part);
    }
    html_raw(html, "</tbody></table>\n");
}

static void matrix_head(struct html *html, const struct case_table *cases, const struct part *part)
{
    html_raw(html, "<thead><tr><th scope=\"col\">");
    name_of(html, cases->rows[part->from].first->group);
    html_raw(html, "</th>");
    for (size_t i = part->from; i < part->to; i++) {
        html_raw(html, "<th scope=\"col\" class=\"cell\"><a href=\"#%s\">", cases->rows[i].anchor);
        html_text(html, short_id(cases->rows[i].first));
        html_raw(html, "</a></th>");
    }
    html_raw(html, "</tr></thead>");
}

static void matrix_of(struct html *html, const struct page *page, const struct part *part)
{
    html_raw(html, "<table class=\"matrix\">");
    matrix_head(html, page->cases, part);
    html_raw(html, "<tbody>\n");
    for (size_t r = 0; r < page->report->set->runs_len; r++) {
        html_raw(html, "<tr><th scope=\"row\">");
        html_run_name(html, page, r);
        html_raw(html, "</th>");
        for (size_t i = part->from; i < part->to; i++) {
            const struct case_result *one = page->cases->rows[i].of_runs[r];
            html_raw(html, "<td class=\"cell\">");
            html_sign(html, one != NULL ? (enum standing)one->verdict : STANDS_NOT_RUN);
            html_raw(html, "</td>");
        }
        html_raw(html, "</tr>\n");
    }
    html_raw(html, "</tbody></table>\n");
}

void html_groups(struct html *html, const struct page *page)
{
    struct part part = {.to = 0};
    html_section(html, "page-groups", "Groups", "分组");
    html_raw(html, "<div class=\"scroll\">\n");
    if (page->report->set->runs_len == 1) {
        of_one_run(html, page->cases);
    } else {
        while (next_part(page->cases, &part)) {
            matrix_of(html, page, &part);
        }
    }
    html_raw(html, "</div></section>\n");
}
