/* SPDX-License-Identifier: Apache-2.0 */
/* sim/utf8.c - just enough UTF-8 to cut and print text that others wrote. */
#include "sim/utf8.h"

#include "sim/base.h"

enum { CHAR_LEN_MAX = 4 };

/* RFC 3629, section 4: what the first byte allows the second to be is all there is to overlong
 * forms, surrogates and the upper end; every later byte is 80-BF. */
static const struct {
    unsigned char first_min, first_max, second_min, second_max, len;
} forms[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static size_t form_len(const unsigned char *bytes, size_t len, size_t row)
{
    if (forms[row].len > len) {
        return 0;
    }
    for (size_t i = 1; i < forms[row].len; i++) {
        unsigned char low = i == 1 ? forms[row].second_min : 0x80;
        unsigned char high = i == 1 ? forms[row].second_max : 0xBF;
        if (bytes[i] < low || bytes[i] > high) {
            return 0;
        }
    }
    return forms[row].len;
}

size_t utf8_char_len(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (len == 0) {
        return 0;
    }
    for (size_t row = 0; row < ARRAY_SIZE(forms); row++) {
        if (bytes[0] >= forms[row].first_min && bytes[0] <= forms[row].first_max) {
            return form_len(bytes, len, row);
        }
    }
    return 0;
}

size_t utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max) {
        return len;
    }
    /* Only a character that starts within the last three bytes can reach over the cut. */
    for (size_t back = 1; back < CHAR_LEN_MAX && back <= max; back++) {
        if (utf8_char_len(text + max - back, len - (max - back)) > back) {
            return max - back;
        }
    }
    return max;
}

uint32_t utf8_decode(const char *text, size_t len, size_t *used)
{
    static const unsigned char first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t char_len = utf8_char_len(text, len);
    uint32_t character = bytes[0] & first_bits[char_len];
    *used = char_len == 0 ? 1 : char_len;
    for (size_t i = 1; i < char_len; i++) {
        character = character << 6 | (bytes[i] & 0x3Fu);
    }
    return char_len == 0 ? UTF8_REPLACEMENT : character;
}

bool utf8_is_deceptive(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},
        {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
        {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return (character & 0xFFFE) == 0xFFFE;
}
