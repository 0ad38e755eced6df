/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page_assets.h - the styles and scripts of the page, which the program carries with it.
 *
 * They are the files in reports/page/ and of reports/third_party/; CMakeLists.txt embeds each, and
 * page_assets.c puts them in order. A file must not hold "</script", "</style" or "<!--". */
#ifndef REPORTS_PAGE_ASSETS_H
#define REPORTS_PAGE_ASSETS_H

#include <stddef.h>

/* Made by cmake/embed.cmake: a text that ends with NUL, which its length does not count, and the
 * base64 of its SHA-256, by which the page allows this script and no other. */
extern const char page_css[], sweep_css[], timeline_css[], uplot_css[], page_js[], timeline_js[],
    uplot_js[];
extern const size_t page_css_len, sweep_css_len, timeline_css_len, uplot_css_len;
extern const size_t page_js_len, timeline_js_len, uplot_js_len;
extern const char page_js_sha256[], timeline_js_sha256[], uplot_js_sha256[];
extern const char uplot_license[];
extern const size_t uplot_license_len;

struct page_asset {
    const char *text;
    const char *sha256;  /* Null: of a style. */
    const char *license; /* To be carried with it, without "--". Null: it is the project's own. */
};

/* In the order in which the page has them. Each list ends with a null text. */
extern const struct page_asset page_styles[], page_scripts[];

#endif
