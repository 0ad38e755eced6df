/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_writer.c - one walk over the characters of data, and what stands for each of them in
 * HTML and in JSON. */
#include "reports/html_writer.h"

#include "sim/base.h"
#include "sim/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An ASCII character that can be printed, a tab or a new line. */
typedef void put_ascii_fn(FILE *out, char c);

static void put_html(FILE *out, char c)
{
    switch (c) {
    case '&': fputs("&amp;", out); break;
    case '<': fputs("&lt;", out); break;
    case '>': fputs("&gt;", out); break;
    case '"': fputs("&quot;", out); break;
    case '\'': fputs("&#39;", out); break;
    default: putc(c, out); break;
    }
}

static void put_json(FILE *out, char c)
{
    switch (c) {
    case '"':
    case '\\': fprintf(out, "\\%c", c); break;
    case '\n': fputs("\\n", out); break;
    case '\t': fputs("\\t", out); break;
    case '&':
    case '<':
    case '>': fprintf(out, "\\u%04X", (unsigned)c); break;
    default: putc(c, out); break;
    }
}

static void put_data(FILE *out, const char *data, size_t len, put_ascii_fn *put_ascii)
{
    size_t used;
    for (size_t at = 0; at < len; at += used) {
        const uint32_t c = utf8_decode(data + at, len - at, &used);
        if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7F)) {
            put_ascii(out, (char)c);
        } else if (c < 0x20 || c == 0x7F) {
            fprintf(out, "\xE2\x90%c", c == 0x7F ? 0xA1 : (int)(0x80 + c));
        } else if (c == UTF8_REPLACEMENT) {
            fputs("\xEF\xBF\xBD", out);
        } else if (utf8_is_deceptive(c)) {
            char code[16];
            snprintf(code, sizeof code, "<U+%04X>", (unsigned)c);
            for (const char *p = code; *p != '\0'; p++) {
                put_ascii(out, *p);
            }
        } else {
            fwrite(data + at, 1, used, out);
        }
    }
}

void html_raw(struct html *html, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(html->out, fmt, args);
    va_end(args);
}

void html_text(struct html *html, const char *data)
{
    html_text_len(html, data, data != NULL ? strlen(data) : 0);
}

void html_text_len(struct html *html, const char *data, size_t len_bytes)
{
    put_data(html->out, data, len_bytes, put_html);
}

void html_textf(struct html *html, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    const int len = vasprintf(&text, fmt, args);
    va_end(args);
    CHECK(len >= 0);
    html_text_len(html, text, (size_t)len);
    free(text);
}

void html_both(struct html *html, const char *en, const char *zh)
{
    fputs("<span lang=\"en\">", html->out);
    html_text(html, en);
    fputs("</span><span lang=\"zh-Hans\">", html->out);
    html_text(html, zh);
    fputs("</span>", html->out);
}

void html_json_text(struct html *html, const char *data)
{
    putc('"', html->out);
    put_data(html->out, data, strlen(data), put_json);
    putc('"', html->out);
}
