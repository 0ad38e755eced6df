/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/trace_difference.h - where two plays with one seed part. */
#ifndef ENGINE_TRACE_DIFFERENCE_H
#define ENGINE_TRACE_DIFFERENCE_H

#include <stddef.h>

/* A sentence about the first line in which the events.log of two folders differ, or that there are
 * none to compare. */
void trace_difference(const char *folder, const char *other, char *text, size_t size);

#endif
