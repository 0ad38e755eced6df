/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_writer.h - HTML text onto a stream: what is data is escaped, what is markup is
 * written as it stands, and what the page itself says is there in English and Chinese.
 *
 * Data may be anything: markup, control characters, broken UTF-8. It comes out inert and visible: a
 * control character as its picture (U+2400 and on), a byte that is no UTF-8 as U+FFFD, characters
 * that turn the direction of text as <U+202E>.
 *
 * Errors of the stream stay in it; whoever opened it asks ferror() once, at the end. */
#ifndef REPORTS_HTML_WRITER_H
#define REPORTS_HTML_WRITER_H

#include <stddef.h>
#include <stdio.h>

struct html {
    FILE *out;
};

/* Markup, as it stands. The format is the printer's own; data never goes through it as %s. */
void html_raw(struct html *html, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Data as text, or as the value of an attribute in double quotes. Null is no text. */
void html_text(struct html *html, const char *data);
void html_text_len(struct html *html, const char *data, size_t len_bytes);
void html_textf(struct html *html, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What the page says, in both languages; shown is the one that the reader has chosen. */
void html_both(struct html *html, const char *en, const char *zh);
/* Data as a JSON string, quotes included, safe inside <script type="application/json">: no "<". */
void html_json_text(struct html *html, const char *data);

#endif
