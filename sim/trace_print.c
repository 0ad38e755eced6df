/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_print.c - one trace record as one line of text. */
#include "sim/trace_private.h"
#include "sim/utf8.h"

#include <string.h>

/* The longest record there can be fits, with every byte of it escaped (\xNN): twice the text, six
 * numbers with their names, time and kind. So nothing below asks for room again. */
enum { NUMBER_DIGITS_MAX = 20, LINE_BYTES = 4 * 2 * TRACE_BYTES_MAX + TRACE_ARGS * 48 + 64 };
_Static_assert(LINE_BYTES + NUMBER_DIGITS_MAX <= TRACE_LINE_MAX, "fixed copies stay in the line");

#define HEX_ROW(h)                                                                                 \
    h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "a" h "b" h "c" h "d" h "e" h "f"
static const char hex_pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
    HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b")
        HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");
static const char two_digits[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

static char *put(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

static char *put_word(char *out, const struct trace_word *word)
{
    memcpy(out, word->text, sizeof(word->text));
    return out + word->len;
}

static char *put_hex_byte(char *out, uint8_t byte)
{
    memcpy(out, hex_pairs + 2 * byte, 2);
    return out + 2;
}

/* The digits of a number are made from the last to the first, and then moved to the line all at
 * once: a copy of fixed length is cheaper, and what it takes too much of is overwritten. */
struct digits {
    char text[2 * NUMBER_DIGITS_MAX];
    size_t first;
};

static char *put_digits(char *out, const struct digits *digits)
{
    memcpy(out, digits->text + digits->first, NUMBER_DIGITS_MAX);
    return out + NUMBER_DIGITS_MAX - digits->first;
}

static inline void add_two(struct digits *digits, const char *pairs, uint64_t pair)
{
    digits->first -= 2;
    memcpy(digits->text + digits->first, pairs + 2 * pair, 2);
}

/* Two digits a division: these lines are many, and most of what is in them is numbers. */
static char *put_decimal(char *out, uint64_t value)
{
    if (value < 10) {
        *out = (char)('0' + value);
        return out + 1;
    }
    struct digits digits;
    digits.first = NUMBER_DIGITS_MAX;
    while (value >= 100) {
        add_two(&digits, two_digits, value % 100);
        value /= 100;
    }
    add_two(&digits, two_digits, value);
    digits.first += value < 10 ? 1 : 0;
    return put_digits(out, &digits);
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
    struct digits digits;
    digits.first = NUMBER_DIGITS_MAX;
    uint64_t last;
    do {
        last = value & 0xFF;
        add_two(&digits, hex_pairs, last);
        value >>= 8;
    } while (value != 0);
    digits.first += last < 0x10 ? 1 : 0;
    memcpy(out, "0x", 2);
    return put_digits(out + 2, &digits);
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
        if (plain(text[i]) || (text[i] == ' ' && !escape_space)) {
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

static char *put_arg(char *out, const struct trace_word *name, uint64_t value)
{
    *out = ' ';
    out = put_word(out + 1, name);
    if (out[-1] == '#') {
        out[-1] = '=';
        return put_hex(out, value);
    }
    *out = '=';
    return put_decimal(out + 1, value);
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

void trace_make_label(struct trace_label *label, const char *name)
{
    label->len = (size_t)(put_text(label->text, name, strlen(name), true) - label->text);
}

char *trace_format(char line[static TRACE_LINE_MAX], const struct trace *trace,
                   const struct trace_rec *rec)
{
    const struct trace_kind_row *row = &trace_kind_rows[rec->kind];
    const struct trace_label *label = trace_source_label(trace, rec->source);
    char *at = put_time(line, rec->at_ns);
    *at++ = ' ';
    at = put(at, label->text, label->len);
    *at++ = ' ';
    at = put_word(at, &row->name);
    for (unsigned i = 0; i < row->args_len; i++) {
        at = put_arg(at, &row->arg[i], rec->arg[i]);
    }
    at = put_payload(at, rec, row->bytes);
    *at++ = '\n';
    CHECK(at <= line + LINE_BYTES);
    return at;
}

void trace_print(FILE *out, const struct trace *trace, const struct trace_rec *rec)
{
    char line[TRACE_LINE_MAX];
    const size_t len = (size_t)(trace_format(line, trace, rec) - line);
    fwrite_unlocked(line, 1, len, out); /* One thread writes a trace. */
}
