/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_messages.h - the decoded messages around the foci of a timeline, as a table. */
#ifndef REPORTS_HTML_MESSAGES_H
#define REPORTS_HTML_MESSAGES_H

#include "reports/html_timeline.h"

/* Nothing if there are no messages. A row has data-at, its time in microseconds as in the data of
 * the timeline; the rows around a focus are a <tbody> with data-focus, its number from 0, and the
 * id ID-focus-NUMBER. */
void html_messages_print(struct html *html, const struct html_timeline *of);

#endif
