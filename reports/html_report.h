/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_report.h - the page: one self-contained file that opens from disk. */
#ifndef REPORTS_HTML_REPORT_H
#define REPORTS_HTML_REPORT_H

#include "reports/result_changes.h"
#include "reports/result_set.h"

#include <stdio.h>

struct html_report {
    const struct result_set *set;
    const struct result_changes *changes; /* Against a baseline. Null: there is none. */
    const char *title;                    /* Null: "limphome". */
    const char *folder; /* Where the page will lie, as seen from here: links to the folders of plays
                           are relative to it. Null: here. */
    size_t
        max_bytes; /* The page leaves out timelines of plays that pass beyond it. 0: 7,500,000. */
};

/* Writes it. Reads timeline.json and master-N.log from the folders of the plays as far as they are
 * there. ERR_IO if the stream failed. */
int html_report_print(const struct html_report *report, FILE *out, struct err *err);

#endif
