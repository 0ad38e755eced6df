/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline_json.h - timeline.json, written and read (docs/timeline.schema.json). */
#ifndef REPORTS_TIMELINE_JSON_H
#define REPORTS_TIMELINE_JSON_H

#include "reports/timeline.h"
#include "sim/err.h"

/* The caller frees the text. */
char *timeline_print(const struct timeline *timeline);
/* *timeline, which the caller has zeroed, is to be released in either case. ERR_SYNTAX if the text
 * is no timeline: the message names member and reason. */
int timeline_parse(struct timeline *timeline, const char *text, size_t len_bytes, struct err *err);
/* Reads a file. ERR_NOT_FOUND: it is not there. */
int timeline_load(struct timeline *timeline, const char *path, struct err *err);

#endif
