/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_print.c - one trace record as one line of text. */
#include "sim/trace_private.h"
#include "sim/utf8.h"

#include <string.h>

/* The longest record there can be fits, with every byte of it escaped (\xNN): twice the text, six
 * numbers with their names, time and kind. So nothing below asks for room again. */
enum { LINE_BYTES = 4 * 2 * TRACE_BYTES_MAX + TRACE_ARGS * 48 + 64, NUMBER_DIGITS_MAX = 20 };

static const char hex_digits[16] = "0123456789abcdef";
static const char two_digits[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

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

/* Two digits a division: these lines are many, and most of what is in them is numbers. */
static char *put_decimal(char *out, uint64_t value)
{
    char digits[NUMBER_DIGITS_MAX];
    size_t at = sizeof(digits);
    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, two_digits + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(digits + at, two_digits + 2 * value, 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    return put(out, digits + at, sizeof(digits) - at);
}

/* Seconds with nine decimals. */
static char *put_time(char *out, sim_ns_t at_ns)
{
    out = put_decimal(out, at_ns / SIM_S(1));
    *out++ = '.';
    uint32_t fraction = (uint32_t)(at_ns % SIM_S(1));
    for (int pair = 6; pair >= 0; pair -= 2) {
        memcpy(out + 1 + pair, two_digits + 2 * (fraction % 100), 2);
        fraction /= 100;
    }
    *out = (char)('0' + fraction);
    return out + 9;
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
    return *name == '#' ? put_hex(out, value) : put_decimal(out, value);
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
    char *at = put_time(line, rec->at_ns);
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
    fwrite_unlocked(line, 1, (size_t)(at - line), out); /* One thread writes a trace. */
}
