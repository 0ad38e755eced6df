/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_play.h - one play in the page: the timeline, the messages around its foci, the map
 * of the flash, the master's output, the command that replays it. */
#ifndef REPORTS_HTML_PLAY_H
#define REPORTS_HTML_PLAY_H

#include "reports/html_writer.h"
#include "reports/result.h"
#include "reports/timeline.h"

struct html_play {
    const char *id; /* Unique in the page, fit for an attribute: "FUN-01_2". */
    const struct case_result *of;
    const struct play_result *play;
    const struct timeline *timeline; /* Null: none was kept. */
    const char *output; /* What the master printed, its end; may be anything. Null: none. */
    size_t output_len;
    const char *page_folder; /* Where the page will lie, as seen from here. Null: here. */
};

/* Inside the <details> of its case. Readable without scripts; timeline.js makes it zoom. */
void html_play_print(struct html *html, const struct html_play *play);

#endif
