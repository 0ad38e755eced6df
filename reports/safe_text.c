/* SPDX-License-Identifier: Apache-2.0 */
/* reports/safe_text.c - text that others wrote, made inert and visible. */
#include "reports/safe_text.h"

#include "sim/base.h"
#include "sim/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_OF_NUL = 0x2400, PICTURE_OF_DEL = 0x2421, DEL = 0x7F, SPACE = 0x20 };

/* The longest that comes of one byte: <U+XXXX> of a character of two. */
enum { GROWTH = 5 };

static size_t put(char *to, uint32_t character)
{
    CHECK(character < 0x10000u);
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        to[0] = (char)(0xC0u | character >> 6);
        to[1] = (char)(0x80u | (character & 0x3Fu));
        return 2;
    }
    to[0] = (char)(0xE0u | character >> 12);
    to[1] = (char)(0x80u | (character >> 6 & 0x3Fu));
    to[2] = (char)(0x80u | (character & 0x3Fu));
    return 3;
}

/* What XML 1.0 leaves out above U+0020, and what nobody would see. */
static bool is_named(uint32_t character)
{
    return utf8_is_deceptive(character) || character == 0xFFFE || character == 0xFFFF;
}

static char *make(const char *data, bool all, const char *kept)
{
    const size_t len = strlen(data);
    char *text = malloc(len * GROWTH + 1);
    size_t end = 0;
    size_t used = 0;
    CHECK(text != NULL);
    for (size_t i = 0; i < len; i += used) {
        const uint32_t character = utf8_decode(&data[i], len - i, &used);
        if (utf8_char_len(&data[i], len - i) == 0) {
            end += put(&text[end], UTF8_REPLACEMENT);
        } else if (!all && is_named(character)) {
            end += (size_t)snprintf(&text[end], len * GROWTH + 1 - end, "<U+%04" PRIX32 ">",
                                    character);
        } else if (!all && character < SPACE && strchr(kept, (int)character) == NULL) {
            end += put(&text[end], PICTURE_OF_NUL + character);
        } else if (!all && character == DEL) {
            end += put(&text[end], PICTURE_OF_DEL);
        } else {
            memcpy(&text[end], &data[i], used);
            end += used;
        }
    }
    text[end] = '\0';
    return text;
}

char *safe_text_utf8(const char *data)
{
    return make(data, true, "");
}

char *safe_text_line(const char *data)
{
    return make(data, false, "");
}

char *safe_text_lines(const char *data)
{
    return make(data, false, "\n\t");
}
