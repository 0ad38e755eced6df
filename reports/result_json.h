/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json.h - results as JSON: results.json (docs/results.schema.json), and one play on
 * its way from the process that played it. */
#ifndef REPORTS_RESULT_JSON_H
#define REPORTS_RESULT_JSON_H

#include "reports/result_set.h"

/* One play; the caller frees the text. */
char *play_result_print(const struct play_result *play);
/* The way back. ERR_SYNTAX if the text is not what play_result_print() writes; *play, which the
 * caller has zeroed, is to be released in either case. */
int play_result_parse(struct play_result *play, const char *text, size_t len_bytes,
                      struct err *err);

/* results.json, indented; the caller frees the text. */
char *result_set_print(const struct result_set *set);
/* The way back: runs and sweeps as they stand in the text, none merged. name: how messages call the
 * text; they name the line and the member. What would be lost or believed wrongly is refused:
 * unknown or doubled members, numbers out of range, verdicts that contradict what they sum up.
 * ERR_UNSUPPORTED: results of another version of the format. *set, which the caller has zeroed, is
 * to be released in either case. */
int result_set_parse(struct result_set *set, const char *text, size_t len_bytes, const char *name,
                     struct err *err);

#endif
