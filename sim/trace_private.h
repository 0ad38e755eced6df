/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_private.h - what trace.c and trace_print.c share: the table of record kinds, and names
 * ready to be printed. */
#ifndef SIM_TRACE_PRIVATE_H
#define SIM_TRACE_PRIVATE_H

#include "sim/trace.h"

/* Texts stand in arrays of this size: copying all of one is cheaper than asking how long it is. */
enum { TRACE_WORD_BYTES = 16 };

struct trace_word {
    char text[TRACE_WORD_BYTES - 1];
    uint8_t len;
};

struct trace_kind_row {
    struct trace_word name;
    enum trace_bytes bytes;
    uint8_t args_len;
    struct trace_word arg[TRACE_ARGS];
};

extern const struct trace_kind_row trace_kind_rows[TRACE_KIND_COUNT];

/* A source's name as lines show it; every byte may be escaped (\xNN). */
struct trace_label {
    size_t len;
    char text[4 * TRACE_BYTES_MAX];
};

/* trace.c */
const struct trace_label *trace_source_label(const struct trace *trace, uint16_t source);
/* trace_print.c */
void trace_make_label(struct trace_label *label, const char *name);

#endif
