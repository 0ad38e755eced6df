/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_text.h - a sweep in plain lines, for terminals, the logs of CI and
 * docs/evidence.md: numbers below their headings, verdicts with what they mean, and each point that
 * went wrong with the command that plays it again. */
#ifndef REPORTS_SWEEP_TEXT_H
#define REPORTS_SWEEP_TEXT_H

#include "reports/result_sweep.h"

#include <stdio.h>

/* bad_on, bad_off: around the verdict of a failure, for terminals that have colours. Null: nothing.
 * Of a part also how much of the sweep is missing. Errors stay in the stream. */
void sweep_text_print(const struct result_sweep *sweep, const char *bad_on, const char *bad_off,
                      FILE *out);
/* "limphome explore power --size 8"; the caller frees it. */
char *sweep_text_command(const struct result_sweep *sweep);
/* "30 of 40 units of work are missing: this is a part of the sweep", "1264 units of work, as many
 * as there was time for"; null: nothing of that kind is to be said. The caller frees it. */
char *sweep_text_part(const struct result_sweep *sweep);
/* How many points have a verdict. */
uint64_t sweep_text_points(const struct result_sweep *sweep);

#endif
