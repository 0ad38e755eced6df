/* SPDX-License-Identifier: Apache-2.0 */
/* tests/core/test_err.c - error sentences and the cutting of UTF-8 text. */
#include "sim/base.h"
#include "sim/err.h"
#include "sim/utf8.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

Test(err, set_keeps_code_and_sentence)
{
    struct err err = {0};
    int code = err_set(&err, ERR_SYNTAX, "%s:%d: no colon", "vehicle.json", 12);
    cr_expect_eq(code, ERR_SYNTAX);
    cr_expect_eq(err.code, ERR_SYNTAX);
    cr_expect_str_eq(err.text, "vehicle.json:12: no colon");
}

Test(err, set_without_a_place_for_the_sentence_returns_the_code)
{
    cr_expect_eq(err_set(NULL, ERR_IO, "lost"), ERR_IO);
}

Test(err, set_may_quote_the_sentence_it_replaces)
{
    struct err err = {0};
    err_set(&err, ERR_IO, "cannot read");
    err_set(&err, ERR_NOT_FOUND, "image: %s", err.text);
    cr_expect_str_eq(err.text, "image: cannot read");
}

Test(err, success_is_not_an_error, .signal = SIGABRT)
{
    struct err err;
    err_set(&err, 0, "fine");
}

Test(err, a_long_sentence_is_cut)
{
    struct err err;
    char longer[1000];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    err_set(&err, ERR_IO, "%s", longer);
    cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
}

/* At each offset of a four-byte character against the end of the text. */
Test(err, the_cut_never_splits_a_character)
{
    static const char face[] = "\xF0\x9F\x98\x80"; /* U+1F600 */
    const size_t room = sizeof(((struct err *)NULL)->text) - 1;
    for (size_t before = 0; before < 4; before++) {
        char text[1024];
        size_t len = before;
        memset(text, 'x', before);
        while (len < 1000) {
            memcpy(text + len, face, 4);
            len += 4;
        }
        text[len] = '\0';
        struct err err;
        err_set(&err, ERR_IO, "%s", text);
        cr_expect_eq(strlen(err.text), room - (room - before) % 4, "%zu bytes before", before);
    }
}

Test(err, every_code_has_a_meaning)
{
    cr_expect_str_eq(err_text(ERR_NOMEM), "out of memory");
    cr_expect_str_eq(err_text(ERR_USAGE), "wrong use of the command");
    cr_expect_str_eq(err_text(0), "no error");
    cr_expect_str_eq(err_text(-999), "unknown error");
}

struct utf8_case {
    const char *text;
    size_t char_len;
};

/* RFC 3629, section 3 (table and "protect against" list), and the examples of table 3-7 of the
 * Unicode standard. */
Test(utf8, only_well_formed_characters_have_a_length)
{
    static const struct utf8_case cases[] = {
        {"A", 1},
        {"\x7F", 1},
        {"\xC2\xA2", 2},
        {"\xE2\x82\xAC", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEE\x80\x80", 3},
        {"\xF0\x90\x8D\x88", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\x80", 0},
        {"\xC0\x80", 0},         /* Overlong zero. */
        {"\xC1\xBF", 0},         /* Overlong. */
        {"\xE0\x9F\xBF", 0},     /* Overlong. */
        {"\xF0\x8F\xBF\xBF", 0}, /* Overlong. */
        {"\xED\xA0\x80", 0},     /* Surrogate U+D800. */
        {"\xF4\x90\x80\x80", 0}, /* Above U+10FFFF. */
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
        {"\xE2\x82", 0}, /* Ends early. */
        {"\xE2\x28\xA1", 0},
        {"\xF0\x90\x28\xBC", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(utf8_char_len(cases[i].text, strlen(cases[i].text)), cases[i].char_len,
                     "case %zu", i);
    }
}

Test(utf8, cut_keeps_whole_characters_and_counts_bad_bytes_singly)
{
    static const char text[] = "a\xE2\x82\xACz"; /* a, euro sign, z */
    static const size_t expected[] = {0, 1, 1, 1, 4, 5, 5};
    for (size_t max = 0; max < sizeof(expected) / sizeof(expected[0]); max++) {
        cr_expect_eq(utf8_cut(text, 5, max), expected[max], "max %zu", max);
    }
    static const char broken[] = "\xE2\x82\x80\x80\x80\xFF\xE2\x82";
    cr_expect_eq(utf8_cut(broken, 8, 4), 4);
    cr_expect_eq(utf8_cut(broken, 8, 7), 7);
}

Test(utf8, decodes_what_is_well_formed_and_replaces_the_rest_byte_by_byte)
{
    static const char text[] = "a\xC3\xA9\xE7\xBA\xA7\xF0\x9F\x9A\x97\xC0\xED\xA0\x80\xE2\x80\xAE";
    static const uint32_t expected[] = {
        'a',
        0xE9,
        0x7EA7,
        0x1F697,
        UTF8_REPLACEMENT,
        UTF8_REPLACEMENT,
        UTF8_REPLACEMENT,
        UTF8_REPLACEMENT,
        0x202E,
    };
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        size_t used = 0;
        cr_expect_eq(utf8_decode(text + at, sizeof text - 1 - at, &used), expected[i], "%zu", i);
        at += used;
    }
    cr_expect_eq(at, sizeof text - 1);
}

Test(utf8, what_deceives_is_told_from_what_is_read)
{
    static const uint32_t bad[] = {0x80,   0x9F,   0x200F,  0x202E, 0x2028,
                                   0x2066, 0xFEFF, 0xE0041, 0x1FFFF};
    static const uint32_t good[] = {'a', 0xA0, 0xE9, 0x200D, 0x2026, 0x7EA7, 0xFFFD, 0x1F697};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        cr_expect(utf8_is_deceptive(bad[i]), "%X", (unsigned)bad[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        cr_expect_not(utf8_is_deceptive(good[i]), "%X", (unsigned)good[i]);
    }
}
