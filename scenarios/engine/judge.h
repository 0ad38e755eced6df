/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge.h - the invariants that hold in every play, whatever its case is about
 * (test catalogue, section 1.2; docs/judge.md).
 *
 * The judge decides from the decoded bus, the true state of the ECUs and the lives of the master as
 * the adapter read them. What the master says about the vehicle is compared, never believed. Every
 * breach becomes a finding "INV-n" of the play, the first JUDGE_FINDINGS_MAX of each invariant. */
#ifndef ENGINE_JUDGE_H
#define ENGINE_JUDGE_H

#include "scenarios/engine/case_world.h"

/* Before the play: what each ECU leaves its line with is software that it may run afterwards. */
void judge_begin(struct case_world *world);

/* When the play is over and the vehicle has come to rest: all invariants. Findings go to
 * world->result. */
void judge_invariants(struct case_world *world);

/* INV-2: a target is off or in its bootloader, so a clean retry has to bring it back: with power, a
 * whole image and no fault, the same campaign once more. */
bool judge_needs_retry(const struct case_world *world);
/* After that retry, which is one more life of the master: a finding unless every target now runs
 * the software of the last campaign, or what it left its line with. */
void judge_retry(struct case_world *world);

#endif
