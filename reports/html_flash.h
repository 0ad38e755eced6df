/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_flash.h - the P-Flash of the ECUs as a play left it: a map with a cell for each
 * sector. */
#ifndef REPORTS_HTML_FLASH_H
#define REPORTS_HTML_FLASH_H

#include "reports/html_timeline.h"

/* Nothing if the timeline has none. */
void html_flash_print(struct html *html, const struct html_timeline *of);

#endif
