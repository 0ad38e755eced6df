/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sections.h - the sections of the page, in the order of the questions: does it pass,
 * what is broken, where, what did sweeps find, what is new, what is covered, what was run, and all
 * cases. */
#ifndef REPORTS_HTML_SECTIONS_H
#define REPORTS_HTML_SECTIONS_H

#include "reports/case_table.h"
#include "reports/html_report.h"
#include "reports/html_shown.h"
#include "reports/html_standing.h"

struct page {
    const struct html_report *report;
    const struct case_table *cases;
    const struct html_shown *shown;
};

/* The sentence of the title: "minimal: 63 of 71 cases passed". */
void html_page_title(struct html *html, const struct page *page);

void html_overview(struct html *html, const struct page *page);
void html_broken(struct html *html, const struct page *page);
void html_groups(struct html *html, const struct page *page);
void html_sweeps(struct html *html, const struct page *page);
void html_changes(struct html *html, const struct page *page);
/* Those of sweeps, within that section. */
void html_sweep_changes(struct html *html, const struct sweep_changes *changes);
void html_coverage(struct html *html, const struct page *page);
void html_identity(struct html *html, const struct page *page);
void html_cases(struct html *html, const struct page *page);

/* False: these results have sweeps alone. */
bool html_page_has_cases(const struct page *page);
/* Of a sweep, by its index. */
struct html_sweep_id {
    char text[40];
};
struct html_sweep_id html_sweep_id(size_t sweep);

/* One case inside html_cases(). */
void html_case(struct html *html, const struct page *page, const struct case_row *row);

/* Beginning of a section with its heading; "</section>" ends it. */
void html_section(struct html *html, const char *anchor, const char *en, const char *zh);
/* Title in both languages, as far as there are two. */
void html_case_title(struct html *html, const struct case_result *one);
/* "minimal", and with several runs of it "minimal, seed 5". */
void html_run_name(struct html *html, const struct page *page, size_t run);
/* What was expected, and what was seen. */
void html_claim(struct html *html, const struct finding *finding);
/* The bar of verdicts. */
void html_meter(struct html *html, const size_t counts[static STANDINGS]);

#endif
