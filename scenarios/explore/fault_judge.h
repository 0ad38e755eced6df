/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_judge.h - judges a play of faults whose campaign is over. */
#ifndef EXPLORE_FAULT_JUDGE_H
#define EXPLORE_FAULT_JUDGE_H

#include "scenarios/explore/fault_play.h"

/* The clean retry is played, if there has to be one. outcome->fired is known; why and invariants
 * are filled in. */
enum explore_verdict fault_judge(struct fault_play *play, struct fault_outcome *outcome);

#endif
