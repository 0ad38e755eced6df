/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page_assets.c - which of them the page has, in which order. */
#include "reports/page_assets.h"

/* The later one wins where both speak of the same. */
const struct page_asset page_styles[] = {{page_css, NULL, NULL},
                                         {uplot_css, NULL, NULL},
                                         {timeline_css, NULL, NULL},
                                         {sweep_css, NULL, NULL},
                                         {NULL, NULL, NULL}};

/* The later one may use the earlier. */
const struct page_asset page_scripts[] = {{page_js, page_js_sha256, NULL},
                                          {uplot_js, uplot_js_sha256, uplot_license},
                                          {timeline_js, timeline_js_sha256, NULL},
                                          {NULL, NULL, NULL}};
