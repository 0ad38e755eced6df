/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_finding.h - how a breach of an invariant becomes a finding. */
#ifndef ENGINE_JUDGE_FINDING_H
#define ENGINE_JUDGE_FINDING_H

#include "reports/result.h"

/* Of one invariant in one play. A master that breaks a rule with each block tells nothing new with
 * the thousandth. */
enum { JUDGE_FINDINGS_MAX = 3 };

/* Adds a finding "INV-n". at_ns and bus_line as in struct finding. */
__attribute__((format(printf, 6, 7))) void judge_find(struct play_result *result,
                                                      unsigned invariant, sim_ns_t at_ns,
                                                      uint32_t bus_line, const char *expected,
                                                      const char *seen, ...);

#endif
