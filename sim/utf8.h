/* SPDX-License-Identifier: Apache-2.0 */
/* sim/utf8.h - just enough UTF-8 (RFC 3629) to cut and print text that others wrote.
 *
 * Lengths are in bytes. Text need not be terminated and may be anything: where it is not valid
 * UTF-8, each bad byte counts as a character of its own. */
#ifndef SIM_UTF8_H
#define SIM_UTF8_H

#include <stddef.h>

/* Length of the well-formed character at text, or 0 if there is none (broken, overlong, surrogate,
 * above U+10FFFF, or cut off by len). */
size_t utf8_char_len(const char *text, size_t len);

/* The longest length not above max at which text can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t len, size_t max);

#endif
