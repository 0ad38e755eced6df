/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_spans.h - spans of a lane as they come up, kept few: those that are
 * alike and close together become one with a count, and the more there are, the wider "close". */
#ifndef ENGINE_TIMELINE_SPANS_H
#define ENGINE_TIMELINE_SPANS_H

#include "reports/timeline.h"

enum { TIMELINE_SPAN_TEXT = 88 };

struct timeline_spans_row {
    sim_ns_t from_ns, to_ns;
    enum timeline_tone tone;
    uint32_t count;
    bool mixed;          /* Not all of it is what the text says. */
    sim_ns_t longest_ns; /* Of the spans that lent it their text. */
    char text[TIMELINE_SPAN_TEXT];
};

struct timeline_spans {
    struct timeline_spans_row *rows;
    size_t len, cap;
    sim_ns_t gap_ns; /* What is alike and not further apart is one, */
    sim_ns_t
        wide_ns; /* or than this, since there are many; and what is shorter is not told apart. */
    size_t look_back; /* with so many others between, but one. */
};

/* gap_ns: to begin with. look_back 1: neighbours only. */
void timeline_spans_init(struct timeline_spans *spans, sim_ns_t gap_ns, size_t look_back);
void timeline_spans_release(struct timeline_spans *spans);
/* from_ns may not come before that of a span added earlier. */
void timeline_spans_add(struct timeline_spans *spans, sim_ns_t from_ns, sim_ns_t to_ns,
                        enum timeline_tone tone, const char *text);
/* Adds them to the lane, at most so many; what is not alike is then put
 * together too: worse news first, then the longer span gives the text. A lane may be
 * filled from several: its spans are in the order of their beginnings. */
void timeline_spans_fill(struct timeline_spans *spans, struct timeline_lane *lane, size_t max);

#endif
