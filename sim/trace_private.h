/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace_private.h - the table of record kinds, shared by trace.c and trace_print.c only. */
#ifndef SIM_TRACE_PRIVATE_H
#define SIM_TRACE_PRIVATE_H

#include "sim/trace.h"

struct trace_kind_row {
    const char *name;
    enum trace_bytes bytes;
    uint8_t args_len;
    const char *arg_name[TRACE_ARGS];
};

extern const struct trace_kind_row trace_kind_rows[TRACE_KIND_COUNT];

#endif
