/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_coverage.c - the tables of traceability, with how the cases behind each item stand.
 */
#include "reports/html_sections.h"

#include "reports/case_group.h"
#include "reports/requirement.h"

/* How an item stands, in the order in which the summary counts them. */
enum cover { COVER_FAILING, COVER_PASSING, COVER_PARTLY, COVER_OPEN, COVERS };

static const struct {
    const char *class, *en, *zh;
} covers[COVERS] = {
    [COVER_FAILING] = {"fail", "failing", "有失败"},
    [COVER_PASSING] = {"pass", "passing", "通过"},
    [COVER_PARTLY] = {"partly", "passing in part", "部分通过"},
    [COVER_OPEN] = {"not-run", "open", "未覆盖"},
};

static enum standing standing_of(const struct page *page, const char *id)
{
    const struct case_row *row = case_table_find(page->cases, id);
    if (row != NULL) {
        return (enum standing)row->verdict;
    }
    return case_id_is_built(id) ? STANDS_NOT_RUN : STANDS_NOT_BUILT;
}

static enum cover cover_of(const struct page *page, const struct requirement *requirement)
{
    char id[REQUIREMENT_CASE_SIZE];
    const char *cases = requirement->cases;
    size_t counts[STANDINGS] = {0}, all = 0;
    while (requirement_next_case(&cases, id) != NULL) {
        counts[standing_of(page, id)]++;
        all++;
    }
    if (counts[STANDS_FAIL] + counts[STANDS_ERROR] > 0) {
        return COVER_FAILING;
    }
    if (counts[STANDS_PASS] == all) {
        return COVER_PASSING;
    }
    return counts[STANDS_PASS] > 0 ? COVER_PARTLY : COVER_OPEN;
}

static void cover_word(struct html *html, enum cover cover)
{
    html_raw(html, "<span class=\"verdict is-%s\">", covers[cover].class);
    html_both(html, covers[cover].en, covers[cover].zh);
    html_raw(html, "</span>");
}

static void cases_of(struct html *html, const struct page *page, const struct requirement *item)
{
    char id[REQUIREMENT_CASE_SIZE];
    const char *cases = item->cases;
    html_raw(html, "<td><span class=\"tiles wide\">");
    while (requirement_next_case(&cases, id) != NULL) {
        const struct case_row *row = case_table_find(page->cases, id);
        html_tile(html, standing_of(page, id), row != NULL ? row->anchor : NULL, id);
        html_raw(html, " ");
    }
    html_raw(html, "</span></td>");
}

static void item_row(struct html *html, const struct page *page, const struct requirement *item)
{
    html_raw(html, "<tr><th scope=\"row\">");
    if (item->item[0] != '\0') {
        html_raw(html, "<span class=\"id\">");
        html_text(html, item->item);
        html_raw(html, "</span> ");
    }
    html_both(html, item->en, item->zh);
    html_raw(html, "</th><td>");
    cover_word(html, cover_of(page, item));
    html_raw(html, "</td>");
    cases_of(html, page, item);
    html_raw(html, "</tr>\n");
}

static void summary(struct html *html, const struct page *page,
                    const struct requirement_table *table)
{
    size_t counts[COVERS] = {0};
    for (size_t i = 0; i < table->rows_len; i++) {
        counts[cover_of(page, &table->rows[i])]++;
    }
    html_raw(html, "<summary><span class=\"name\">");
    html_both(html, table->en, table->zh);
    html_raw(html, "</span><span class=\"counts\">");
    for (enum cover cover = 0; cover < COVERS; cover++) {
        if (counts[cover] > 0) {
            html_raw(html, "<span><strong>%zu</strong> ", counts[cover]);
            cover_word(html, cover);
            html_raw(html, "</span> ");
        }
    }
    html_raw(html, "</span>");
    html_meter(html, (const size_t[STANDINGS]){[STANDS_FAIL] = counts[COVER_FAILING],
                                               [STANDS_PASS] = counts[COVER_PASSING],
                                               [STANDS_NOT_RUN] = counts[COVER_PARTLY],
                                               [STANDS_NOT_BUILT] = counts[COVER_OPEN]});
    html_raw(html, "</summary>\n");
}

static void print_table(struct html *html, const struct page *page,
                        const struct requirement_table *table)
{
    html_raw(html, "<details class=\"coverage\" id=\"%s\">", table->anchor);
    summary(html, page, table);
    html_raw(html, "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">");
    html_both(html, "What it asks", "要求");
    html_raw(html, "</th><th scope=\"col\">");
    html_both(html, "State", "状态");
    html_raw(html, "</th><th scope=\"col\">");
    html_both(html, "Cases", "用例");
    html_raw(html, "</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < table->rows_len; i++) {
        item_row(html, page, &table->rows[i]);
    }
    html_raw(html, "</tbody></table></div></details>\n");
}

void html_coverage(struct html *html, const struct page *page)
{
    html_section(html, "page-coverage", "Coverage of requirements", "需求覆盖");
    html_raw(html, "<p class=\"quiet\">");
    html_both(html,
              "An item passes when all cases behind it pass. It is open while none of them has "
              "passed: not run here, not applicable to this master, or not built yet.",
              "一项要求的所有用例都通过，该项才算通过。没有任何用例通过时为未覆盖："
              "本次未执行、对该主控不适用，或尚未实现。");
    html_raw(html, "</p>\n<ul class=\"legend\">");
    for (size_t i = 0; i < STANDINGS; i++) {
        html_raw(html, "<li>");
        html_verdict(html, standings_by_weight[i]);
        html_raw(html, "</li>");
    }
    html_raw(html, "</ul>\n");
    for (size_t i = 0; i < requirement_tables_len; i++) {
        print_table(html, page, &requirement_tables[i]);
    }
    html_raw(html, "</section>\n");
}
