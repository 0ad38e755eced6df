/* SPDX-License-Identifier: Apache-2.0 */
/* sim/utf8.h - just enough UTF-8 (RFC 3629) to cut and print text that others wrote.
 *
 * Lengths are in bytes. Text need not be terminated and may be anything: where it is not valid
 * UTF-8, each bad byte counts as a character of its own. */
#ifndef SIM_UTF8_H
#define SIM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands for a byte that is no part of a character. */
enum { UTF8_REPLACEMENT = 0xFFFD };

/* Length of the well-formed character at text, or 0 if there is none (broken, overlong, surrogate,
 * above U+10FFFF, or cut off by len). */
size_t utf8_char_len(const char *text, size_t len);

/* The longest length not above max at which text can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t len, size_t max);

/* The character at text, and how many bytes it takes; UTF8_REPLACEMENT and 1 if there is none. len
 * is at least 1. */
uint32_t utf8_decode(const char *text, size_t len, size_t *used);

/* Nobody sees it, or it makes its neighbours look other than they are: controls of C1, what turns
 * the direction of text, separators of lines, tags. Nothing below U+0080. */
bool utf8_is_deceptive(uint32_t character);

#endif
