/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_timeline.h - the lanes of a timeline as a drawing (SVG), and the data from which
 * page/timeline.js draws any part of it. */
#ifndef REPORTS_HTML_TIMELINE_H
#define REPORTS_HTML_TIMELINE_H

#include "reports/html_writer.h"
#include "reports/timeline.h"

struct html_timeline {
    const char *id; /* Prefix of the ids it gives; fit for an attribute. */
    const struct timeline *timeline;
    bool violated; /* The foci are of findings; else of faults. */
};

/* A <figure>. */
void html_timeline_print(struct html *html, const struct html_timeline *of);
/* A <script type="application/json"> with the id ID-data:
 *   {"end":T,"texts":[TEXT...],"lanes":[{"kind":KIND,"of":NAME,"spans":[FROM,LENGTH,TEXT,TONE,
 *   COUNT,...],"points":[AT,VALUE,...],"high":VALUE}...],"foci":[[T,TEXT]...]}
 * Times are microseconds; FROM and AT are distances from the one before; TEXT of a span is an index
 * into "texts", below zero (-1 - index) if the span stands for others as well; a lane has spans or
 * points. */
void html_timeline_print_data(struct html *html, const struct html_timeline *of);

/* Text in both languages inside an SVG <text>. */
void html_svg_both(struct html *html, const char *en, const char *zh);
/* The first max_bytes of data, whole characters, and "…" if that is not all. */
void html_cut_text(struct html *html, const char *data, size_t max_bytes);

#endif
