/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_print.c - one trace record as one line of text. */
#include "sim/trace_private.h"
#include "sim/utf8.h"

#include <string.h>

/* The longest record there can be fits, with every byte of it escaped (\xNN): twice the text, six
 * numbers with their names, time and kind. So nothing below asks for room again. */
enum { LINE_BYTES = 4 * 2 * TRACE_BYTES_MAX + TRACE_ARGS * 48 + 64, NUMBER_DIGITS_MAX = 20 };

static const char hex_digits[16] = "0123456789abcdef";

static char *put(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

static char *put_hex_byte(char *out, uint8_t byte)
{
    out[0] = hex_digits[byte >> 4];
    out[1] = hex_digits[byte & 15];
    return out + 2;
}

static char *put_decimal(char *out, uint64_t value, size_t width)
{
    char digits[NUMBER_DIGITS_MAX];
    size_t at = sizeof(digits);
    while (value != 0 || sizeof(digits) - at < width) {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    }
    return put(out, digits + at, sizeof(digits) - at);
}

static char *put_hex(char *out, uint64_t value)
{
    char digits[NUMBER_DIGITS_MAX];
    size_t at = sizeof(digits);
    do {
        digits[--at] = hex_digits[value & 15];
        value >>= 4;
    } while (value != 0);
    out = put(out, "0x", 2);
    return put(out, digits + at, sizeof(digits) - at);
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

static bool plain(char c)
{
    return c > ' ' && c < 0x7F && c != '\\';
}

static char *put_text(char *out, const char *text, size_t len, bool escape_space)
{
    for (size_t i = 0; i < len;) {
        if (plain(text[i])) {
            *out++ = text[i++];
            continue;
        }
        size_t char_len = utf8_char_len(text + i, len - i);
        if (needs_escape(text + i, char_len) || (escape_space && text[i] == ' ')) {
            out = put_hex_byte(put(out, "\\x", 2), (uint8_t)text[i]);
            i++;
        } else {
            out = put(out, text + i, char_len);
            i += char_len;
        }
    }
    return out;
}

static char *put_arg(char *out, const char *name, uint64_t value)
{
    *out++ = ' ';
    for (; *name != '\0' && *name != '#'; name++) {
        *out++ = *name;
    }
    *out++ = '=';
    return *name == '#' ? put_hex(out, value) : put_decimal(out, value, 1);
}

static char *put_payload(char *out, const struct trace_rec *rec, enum trace_bytes how)
{
    if (rec->bytes_len == 0) {
        return out;
    }
    *out++ = ' ';
    if (how == TRACE_TEXT) {
        return put_text(out, (const char *)rec->bytes, rec->bytes_len, false);
    }
    for (size_t i = 0; i < rec->bytes_len; i++) {
        out = put_hex_byte(out, rec->bytes[i]);
    }
    return out;
}

void trace_print(FILE *out, const struct trace *trace, const struct trace_rec *rec)
{
    const struct trace_kind_row *row = &trace_kind_rows[rec->kind];
    const char *source = trace_source_name(trace, rec->source);
    char line[LINE_BYTES];
    char *at = put_decimal(line, rec->at_ns / SIM_S(1), 1);
    *at++ = '.';
    at = put_decimal(at, rec->at_ns % SIM_S(1), 9);
    *at++ = ' ';
    at = put_text(at, source, strlen(source), true);
    *at++ = ' ';
    at = put(at, row->name, strlen(row->name));
    for (unsigned i = 0; i < row->args_len; i++) {
        at = put_arg(at, row->arg_name[i], rec->arg[i]);
    }
    at = put_payload(at, rec, row->bytes);
    *at++ = '\n';
    CHECK(at <= line + sizeof(line));
    fwrite(line, 1, (size_t)(at - line), out);
}
