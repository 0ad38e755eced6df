/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_print.c - one trace record as one line of text. */
#include "sim/trace_private.h"
#include "sim/utf8.h"

#include <string.h>

/* The longest record there can be fits, with every byte of it escaped (\xNN): twice the text, six
 * numbers with their names, time and kind. */
enum { LINE_BYTES = 4 * 2 * TRACE_BYTES_MAX + TRACE_ARGS * 48 + 64 };

struct line {
    size_t len;
    char text[LINE_BYTES];
};

static const char hex_digits[16] = "0123456789abcdef";

static void put(struct line *line, const char *text, size_t len)
{
    CHECK(len <= sizeof(line->text) - line->len);
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void put_char(struct line *line, char c)
{
    put(line, &c, 1);
}

static void put_hex_byte(struct line *line, uint8_t byte)
{
    put_char(line, hex_digits[byte >> 4]);
    put_char(line, hex_digits[byte & 15]);
}

static void put_number(struct line *line, uint64_t value, unsigned base, size_t width)
{
    char digits[64];
    size_t at = sizeof(digits);
    while (value != 0 || width > 0) {
        digits[--at] = hex_digits[value % base];
        value /= base;
        width -= width > 0;
    }
    put(line, digits + at, sizeof(digits) - at);
}

/* Would this character change how the line looks instead of being seen in it? C0 and DEL, the C1
 * controls (U+0080 to U+009F), and the backslash, because it starts an escape. */
static bool needs_escape(const char *text, size_t char_len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    if (char_len == 1) {
        return bytes[0] < 0x20 || bytes[0] == 0x7F || bytes[0] == '\\';
    }
    return char_len == 0 || (bytes[0] == 0xC2 && bytes[1] < 0xA0);
}

static void put_text(struct line *line, const char *text, size_t len, bool escape_space)
{
    for (size_t i = 0; i < len;) {
        size_t char_len = utf8_char_len(text + i, len - i);
        if (needs_escape(text + i, char_len) || (escape_space && text[i] == ' ')) {
            put(line, "\\x", 2);
            put_hex_byte(line, (uint8_t)text[i]);
            i++;
        } else {
            put(line, text + i, char_len);
            i += char_len;
        }
    }
}

static void put_arg(struct line *line, const char *name, uint64_t value)
{
    size_t name_len = strlen(name);
    bool hex = name[name_len - 1] == '#';
    put_char(line, ' ');
    put(line, name, hex ? name_len - 1 : name_len);
    put_char(line, '=');
    if (hex) {
        put(line, "0x", 2);
    }
    put_number(line, value, hex ? 16 : 10, 1);
}

static void put_payload(struct line *line, const struct trace_rec *rec, enum trace_bytes how)
{
    if (rec->bytes_len == 0) {
        return;
    }
    put_char(line, ' ');
    if (how == TRACE_TEXT) {
        put_text(line, (const char *)rec->bytes, rec->bytes_len, false);
        return;
    }
    for (size_t i = 0; i < rec->bytes_len; i++) {
        put_hex_byte(line, rec->bytes[i]);
    }
}

void trace_print(FILE *out, const struct trace *trace, const struct trace_rec *rec)
{
    const struct trace_kind_row *row = &trace_kind_rows[rec->kind];
    const char *source = trace_source_name(trace, rec->source);
    struct line line;
    line.len = 0;
    put_number(&line, rec->at_ns / SIM_S(1), 10, 1);
    put_char(&line, '.');
    put_number(&line, rec->at_ns % SIM_S(1), 10, 9);
    put_char(&line, ' ');
    put_text(&line, source, strlen(source), true);
    put_char(&line, ' ');
    put(&line, row->name, strlen(row->name));
    for (unsigned i = 0; i < row->args_len; i++) {
        put_arg(&line, row->arg_name[i], rec->arg[i]);
    }
    put_payload(&line, rec, row->bytes);
    put_char(&line, '\n');
    fwrite(line.text, 1, line.len, out);
}
