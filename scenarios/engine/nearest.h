/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/nearest.h - the known word that an unknown one was probably meant to be. */
#ifndef ENGINE_NEAREST_H
#define ENGINE_NEAREST_H

#include <stddef.h>

/* How many characters have to be put in, taken out or changed to make one of the other (Levenshtein
 * distance); the case of letters does not count. Of long words the first 40 characters count. */
unsigned nearest_distance(const char *a, const char *b);

#endif
