/* SPDX-License-Identifier: Apache-2.0 */
/* tests/portability/include/string.h - all of the C library that portable code may use. */
#ifndef LIMPHOME_PORTABILITY_STRING_H
#define LIMPHOME_PORTABILITY_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
