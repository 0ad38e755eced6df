/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep.h - one sweep in the page: what was swept, what came of it, the map, each
 * point that went wrong. */
#ifndef REPORTS_HTML_SWEEP_H
#define REPORTS_HTML_SWEEP_H

#include "reports/html_standing.h"
#include "reports/html_writer.h"
#include "reports/result_sweep.h"

struct html_sweep {
    const char *id; /* Unique in the page, fit for an attribute: "page-sweep-1". */
    const struct result_sweep *of;
    const char *page_folder; /* Where the page will lie, as seen from here. Null: here. */
};

/* An <article>. Readable without scripts. */
void html_sweep_print(struct html *html, const struct html_sweep *sweep);
/* A <figure>: verdicts over the instants of the update, and the same as a table. Nothing if the
 * sweep has no map. */
void html_sweep_map(struct html *html, const struct html_sweep *sweep);

/* Points that have a verdict, and those that went wrong. */
struct sweep_points {
    uint64_t all, bad;
    uint64_t lacking; /* Units. */
};
struct sweep_points sweep_points_of(const struct result_sweep *sweep);
/* Passed, failed, or in error: so far nothing went wrong, but units are missing. */
enum standing sweep_standing(const struct sweep_points *points);
/* "3 of 16,682 points went wrong." In one language; of a part it says so. */
void html_sweep_sentence(struct html *html, const struct sweep_points *points, bool zh);
/* The bar of points. */
void html_sweep_meter(struct html *html, const struct sweep_points *points);
/* "Power cuts", in both languages. */
void html_sweep_kind(struct html *html, const struct result_sweep *sweep);
/* A text of a sweep, in Chinese too where that is known (sweep_words.h). */
void html_sweep_text(struct html *html, const char *text);

#endif
