/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/sample_timeline.h - a timeline as a play might leave it: an update of an ECU that a
 * brown-out strikes while it is programmed, and a master that goes on where it must not. */
#ifndef SAMPLE_TIMELINE_H
#define SAMPLE_TIMELINE_H

#include "reports/timeline.h"

/* The caller releases it. blocks: how many TransferData there are; 200 are realistic. */
void sample_timeline_make(struct timeline *timeline, unsigned blocks);

/* Each text in it, and of everything one, is text. */
void sample_timeline_make_of(struct timeline *timeline, const char *text);

#endif
