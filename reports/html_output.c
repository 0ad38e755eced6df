/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_output.c - the end of the output, cut where a line begins. */
#include "reports/html_output.h"

#include <stdbool.h>
#include <string.h>

enum { SHOWN_BYTES_MAX = 4096, LINE_BYTES_MAX = 512 };

/* Where the last SHOWN_BYTES_MAX begin; at the begin of a line unless that line is very long. */
static size_t begin_of(const char *output, size_t len_bytes)
{
    if (len_bytes <= SHOWN_BYTES_MAX) {
        return 0;
    }
    const size_t begin = len_bytes - SHOWN_BYTES_MAX;
    const char *line = memchr(output + begin, '\n', LINE_BYTES_MAX);
    return line != NULL ? (size_t)(line - output) + 1 : begin;
}

void html_output_print(struct html *html, const char *id, const char *output, size_t len_bytes)
{
    if (output == NULL || len_bytes == 0) {
        return;
    }
    const size_t begin = begin_of(output, len_bytes);
    html_raw(html, "<details class=\"play-output\"><summary id=\"%s-output\">", id);
    html_both(html, "Output of the master", "主控的输出");
    html_raw(html, "</summary>\n");
    html_raw(html, "<p class=\"tl-note\">");
    html_both(html,
              "The end of it; the whole is in its folder: master-1.log, of further lives "
              "master-2.log and on.",
              "仅为末尾；全文见其文件夹中的 master-1.log，后续各次运行为 master-2.log 等。");
    html_raw(html, "</p>\n");
    html_raw(html, "<pre tabindex=\"0\" role=\"group\" aria-labelledby=\"%s-output\">%s", id,
             begin > 0 ? "\xE2\x80\xA6\n" : "\n");
    html_text_len(html, output + begin, len_bytes - begin);
    html_raw(html, "</pre></details>\n");
}
