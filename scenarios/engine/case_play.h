/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_play.h - one play of a case, from an empty folder to a verdict. */
#ifndef ENGINE_CASE_PLAY_H
#define ENGINE_CASE_PLAY_H

#include "scenarios/engine/case_world.h"

/* Plays, judges, and fills *result, which the caller has zeroed. Whatever goes wrong with the
 * harness or the case becomes VERDICT_ERROR with the sentence. cfg->folder is made if needed; what
 * an earlier play left there is removed. */
void case_play(const struct case_world_cfg *cfg, struct play_result *result);
/* Removes the folder of a play with all that is in it. */
void case_play_remove(const char *folder);

#endif
