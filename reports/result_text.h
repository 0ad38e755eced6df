/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_text.h - a set of results in plain lines, for terminals and the logs of CI. */
#ifndef REPORTS_RESULT_TEXT_H
#define REPORTS_RESULT_TEXT_H

#include "reports/result_changes.h"
#include "reports/result_set.h"

#include <stdio.h>

/* For each run: who was checked, what does not pass and why, with the command that plays it again,
 * and verdicts by group; each sweep as sweep_text.h has it; then what has changed in runs. changes:
 * against a baseline; may be null. Errors stay in the stream. */
void result_text_print(const struct result_set *set, const struct result_changes *changes,
                       FILE *out);

#endif
