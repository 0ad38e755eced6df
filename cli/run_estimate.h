/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_estimate.h - how much longer a run will take. */
#ifndef CLI_RUN_ESTIMATE_H
#define CLI_RUN_ESTIMATE_H

#include "reports/result.h"

/* From the plays that are done (those with a name) after elapsed_ns of real time. A play still to
 * come counts as the mean of its case's that are done, else of its group's, else of all; how many
 * go on at once shows in the time that those done took. 0: nothing is left, or nothing is done. */
uint64_t run_estimate_ns(const struct run_result *result, uint64_t elapsed_ns);

#endif
