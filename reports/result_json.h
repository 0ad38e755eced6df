/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json.h - results as JSON: results.json of a run (docs/formats.md), and one play on
 * its way from the process that played it. */
#ifndef REPORTS_RESULT_JSON_H
#define REPORTS_RESULT_JSON_H

#include "reports/result.h"
#include "sim/err.h"

/* One play; the caller frees the text. */
char *play_result_print(const struct play_result *play);
/* The way back. ERR_SYNTAX if the text is not what play_result_print() writes; *play, which the
 * caller has zeroed, is to be released in either case. */
int play_result_parse(struct play_result *play, const char *text, size_t len_bytes,
                      struct err *err);
/* A whole run, indented; the caller frees the text. */
char *run_result_print(const struct run_result *run);

#endif
