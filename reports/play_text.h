/* SPDX-License-Identifier: Apache-2.0 */
/* reports/play_text.h - one play in plain words, for terminals, logs and JUnit. What others wrote
 * is in it as it came: the printer makes it fit for where it goes (safe_text.h). The caller frees.
 */
#ifndef REPORTS_PLAY_TEXT_H
#define REPORTS_PLAY_TEXT_H

#include "reports/result.h"

/* What is wrong, a line each: the error, "needs CAPABILITY", the findings with their instants. */
char *play_text_troubles(const struct play_result *play);
/* What it was: times, digest, sources, injections, and the command that plays it again. */
char *play_text_facts(const struct run_result *run, const struct case_result *one,
                      const struct play_result *play);
/* "limphome replay FOLDER", or `limphome run` where it has left no folder. */
char *play_text_command(const struct run_result *run, const struct case_result *one,
                        const struct play_result *play);
/* "12.345 s". */
struct play_time {
    char text[40];
};
struct play_time play_text_time(uint64_t ns);

#endif
