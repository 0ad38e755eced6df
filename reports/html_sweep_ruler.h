/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_ruler.h - the phases and times below a map. */
#ifndef REPORTS_HTML_SWEEP_RULER_H
#define REPORTS_HTML_SWEEP_RULER_H

#include "reports/html_sweep_axis.h"
#include "reports/html_writer.h"

/* As wide as its container, and so as the map above it. */
void html_sweep_ruler(struct html *html, const struct sweep_axis *axis);

#endif
