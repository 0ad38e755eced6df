/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_code.h - the long lists of a sweep as short texts, for results.json: a thousand
 * units and a hundred thousand states are a line each. The caller frees texts and lists. */
#ifndef REPORTS_SWEEP_CODE_H
#define REPORTS_SWEEP_CODE_H

#include "reports/result_sweep.h"

/* "0-3 8 12-14". */
char *sweep_units_print(const struct sweep_units *units, size_t len);
/* The way back. False: this is not how they are printed, and nothing is to be freed. */
bool sweep_units_parse(const char *text, struct sweep_units **units, size_t *len);

/* 16 hexadecimal digits each, without anything between them. */
char *sweep_states_print(const uint64_t *states, size_t len);
bool sweep_states_parse(const char *text, uint64_t **states, size_t *len);

/* "312000000 326000000". */
char *sweep_edges_print(const sim_ns_t *edges_ns, size_t len);
bool sweep_edges_parse(const char *text, sim_ns_t **edges_ns, size_t *len);

#endif
