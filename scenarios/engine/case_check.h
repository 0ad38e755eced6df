/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_check.h - whether a case could be played, without playing it. */
#ifndef ENGINE_CASE_CHECK_H
#define ENGINE_CASE_CHECK_H

#include "scenarios/engine/case_file.h"

/* Capabilities, the names in its text, and the vehicle of each play with what the play changes.
 * vehicles: folder of the vehicle files. 0, or a negative code with the first thing that is wrong.
 */
int case_check(const struct case_file *file, const char *vehicles, struct err *err);

#endif
