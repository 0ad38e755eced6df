/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/nearest.c - distances between words, for messages. */
#include "scenarios/engine/nearest.h"

#include <ctype.h>
#include <string.h>

enum { LEN_MAX = 40 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    const unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

unsigned nearest_distance(const char *a, const char *b)
{
    const size_t b_len = strnlen(b, LEN_MAX);
    unsigned row[LEN_MAX + 1];
    for (size_t k = 0; k <= b_len; k++) {
        row[k] = (unsigned)k;
    }
    for (size_t i = 0; i < LEN_MAX && a[i] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t k = 1; k <= b_len; k++) {
            const unsigned above = row[k];
            const int same = tolower((unsigned char)a[i]) == tolower((unsigned char)b[k - 1]);
            row[k] = least(above + 1, row[k - 1] + 1, diagonal + (same ? 0 : 1));
            diagonal = above;
        }
    }
    return row[b_len];
}
