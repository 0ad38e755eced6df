/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_shown.h - which plays the page shows with their timeline, as far as it may grow. */
#ifndef REPORTS_HTML_SHOWN_H
#define REPORTS_HTML_SHOWN_H

#include "reports/case_table.h"
#include "reports/html_writer.h"

struct html_shown_play {
    const struct play_result *play;
    char *html; /* Of html_play_print(). Null: the page has no room for it. */
    size_t html_len;
};

struct html_shown {
    struct html_shown_play *plays;
    size_t plays_len;
    const char *page_folder;
};

/* Of each case and run the first plays that fail, and one that passes. The first of all cases come
 * before the second of any, and those that pass last. page_folder: see html_play.h. */
void html_shown_choose(struct html_shown *shown, const struct case_table *cases,
                       const char *page_folder, size_t max_bytes);
void html_shown_release(struct html_shown *shown);
/* Null: it is not one of those. */
const struct html_shown_play *html_shown_find(const struct html_shown *shown,
                                              const struct play_result *play);

#endif
