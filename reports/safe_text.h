/* SPDX-License-Identifier: Apache-2.0 */
/* reports/safe_text.h - text that others wrote, made fit for what it is put into.
 *
 * Of all: a byte that is no UTF-8 becomes U+FFFD. The caller frees what is returned. */
#ifndef REPORTS_SAFE_TEXT_H
#define REPORTS_SAFE_TEXT_H

/* Well-formed UTF-8, and else as it was: for formats that can carry every character. */
char *safe_text_utf8(const char *data);
/* For terminals, logs and XML, one line: what would act or hide becomes visible. A control
 * character comes as its picture (U+2400 and on), one that deceives the reader, or that XML cannot
 * carry, as <U+202E>. */
char *safe_text_line(const char *data);
/* The same; line feeds and tabs stay. */
char *safe_text_lines(const char *data);

#endif
