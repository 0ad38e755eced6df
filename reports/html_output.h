/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_output.h - what the master printed, its end, as it came out. */
#ifndef REPORTS_HTML_OUTPUT_H
#define REPORTS_HTML_OUTPUT_H

#include "reports/html_writer.h"

#include <stddef.h>

/* Nothing if there is no output. id: prefix of the ids it gives, fit for an attribute. */
void html_output_print(struct html *html, const char *id, const char *output, size_t len_bytes);

#endif
