/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_broken.c - what is broken: each case that fails, with the first criterion that it
 * violates; then those that could not be judged. */
#include "reports/html_sections.h"

/* Beyond so many the list folds. */
enum { OPEN_MAX = 12 };

struct worst {
    size_t run;
    const struct play_result *play; /* The first with the verdict of the row. */
    size_t plays, findings;         /* How many, in all runs. */
};

static struct worst worst_of(const struct case_row *row, size_t runs_len)
{
    struct worst worst = {.play = NULL};
    for (size_t r = 0; r < runs_len; r++) {
        const struct case_result *one = row->of_runs[r];
        for (size_t i = 0; one != NULL && i < one->plays_len; i++) {
            if (one->plays[i].verdict != row->verdict) {
                continue;
            }
            if (worst.play == NULL) {
                worst.play = &one->plays[i];
                worst.run = r;
            }
            worst.plays++;
            worst.findings += one->plays[i].findings_len;
        }
    }
    return worst;
}

static void criterion(struct html *html, const struct finding *finding)
{
    html_raw(html, "<p class=\"criterion\"><code>");
    html_text(html, finding->criterion);
    html_raw(html, "</code></p>");
    html_claim(html, finding);
}

static void where(struct html *html, const struct page *page, const struct worst *worst)
{
    html_raw(html, "<p class=\"where\">");
    if (page->report->set->runs_len > 1) {
        html_run_name(html, page, worst->run);
        html_raw(html, " · ");
    }
    if (worst->play->name != NULL && worst->play->name[0] != '\0') {
        html_raw(html, "<bdi>");
        html_text(html, worst->play->name);
        html_raw(html, "</bdi> · ");
    }
    if (worst->play->findings_len > 0 && worst->play->findings[0].at_ns != SIM_NEVER) {
        html_both(html, "at", "时刻");
        html_raw(html, " ");
        html_put_instant(html, worst->play->findings[0].at_ns);
        html_raw(html, " · ");
    }
    if (worst->findings > 0) {
        html_put_count(html, worst->findings, "finding", "findings", "条发现");
        html_both(html, " in ", "，");
    }
    html_put_count(html, worst->plays, "play", "plays", "次执行");
    html_raw(html, "</p>");
}

static void broken_case(struct html *html, const struct page *page, const struct case_row *row)
{
    const struct worst worst = worst_of(row, page->report->set->runs_len);
    const enum standing stands = (enum standing)row->verdict;
    html_raw(html, "<li class=\"broken is-%s\"><div class=\"broken-head\">",
             standing_class(stands));
    html_sign(html, stands);
    html_raw(html, "<a href=\"#%s\"><span class=\"id\">", row->anchor);
    html_text(html, row->first->id);
    html_raw(html, "</span> ");
    html_case_title(html, row->first);
    html_raw(html, "</a></div><div class=\"broken-body\">");
    if (worst.play != NULL && worst.play->findings_len > 0) {
        criterion(html, &worst.play->findings[0]);
    }
    if (worst.play != NULL && worst.play->verdict == VERDICT_ERROR) {
        html_raw(html, "<p class=\"sentence\">");
        html_text(html, worst.play->error != NULL ? worst.play->error : "");
        html_raw(html, "</p>");
    }
    if (worst.play != NULL) {
        where(html, page, &worst);
    }
    html_raw(html, "</div></li>\n");
}

static size_t count(const struct case_table *cases)
{
    size_t bad = 0;
    for (size_t i = 0; i < cases->rows_len; i++) {
        bad += cases->rows[i].verdict >= VERDICT_FAIL;
    }
    return bad;
}

void html_broken(struct html *html, const struct page *page)
{
    static const enum verdict order[] = {VERDICT_FAIL, VERDICT_ERROR};
    const size_t all = count(page->cases);
    size_t done = 0;
    if (all == 0) {
        return;
    }
    html_section(html, "page-broken", "What is broken", "问题所在");
    html_raw(html, "<ul class=\"brokens\">\n");
    for (size_t v = 0; v < ARRAY_SIZE(order); v++) {
        for (size_t i = 0; i < page->cases->rows_len; i++) {
            if (page->cases->rows[i].verdict != order[v]) {
                continue;
            }
            if (done == OPEN_MAX && all > OPEN_MAX + 2) {
                html_raw(html, "</ul>\n<details class=\"fold\"><summary>");
                html_raw(html,
                         "<span lang=\"en\">%zu more</span>"
                         "<span lang=\"zh-Hans\">还有 %zu 个</span>",
                         all - done, all - done);
                html_raw(html, "</summary>\n<ul class=\"brokens\">\n");
            }
            broken_case(html, page, &page->cases->rows[i]);
            done++;
        }
    }
    html_raw(html, "</ul>\n%s</section>\n", all > OPEN_MAX + 2 ? "</details>\n" : "");
}
