/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_standing.h - how a case stands, times and counts, as the page says them. */
#ifndef REPORTS_HTML_STANDING_H
#define REPORTS_HTML_STANDING_H

#include "reports/html_writer.h"
#include "reports/result.h"

/* How a case stands, as a cell of the page shows it. The first ones are the verdicts. */
enum standing {
    STANDS_PASS = VERDICT_PASS,
    STANDS_NOT_APPLICABLE = VERDICT_NOT_APPLICABLE,
    STANDS_FAIL = VERDICT_FAIL,
    STANDS_ERROR = VERDICT_ERROR,
    STANDS_NOT_RUN,   /* limphome has it; these results have not. */
    STANDS_NOT_BUILT, /* The catalogue names it; limphome has it not. */
    STANDINGS
};

/* What a reader must see first, first. */
extern const enum standing standings_by_weight[STANDINGS];

/* For the class and data attributes: "pass", "na", "fail", "error", "not-run", "not-built". */
const char *standing_class(enum standing standing);
const char *standing_en(enum standing standing);
const char *standing_zh(enum standing standing);

/* Sign and word. */
void html_verdict(struct html *html, enum standing standing);
/* The sign for the eye, the word for a screen reader. */
void html_sign(struct html *html, enum standing standing);
/* A link to a case: sign and text. anchor may be null: no link. */
void html_tile(struct html *html, enum standing standing, const char *anchor, const char *text);

/* "12.3 ms", "4.28 s", "2 min 03 s", "1 h 02 min"; zero is a dash: nothing was played. */
void html_put_duration(struct html *html, uint64_t ns);
/* "12.345678 s". */
void html_put_instant(struct html *html, sim_ns_t at_ns);
/* "1,234 plays" in both languages, singular and plural. zh is a measure word and noun: "次执行". */
void html_put_count(struct html *html, size_t count, const char *one, const char *many,
                    const char *zh);
/* "1,234" */
void html_put_number(struct html *html, uint64_t number);

#endif
