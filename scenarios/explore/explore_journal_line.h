/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_journal_line.h - the lines of a journal as JSON. Texts returned end
 * with the line, and the caller frees them. */
#ifndef EXPLORE_JOURNAL_LINE_H
#define EXPLORE_JOURNAL_LINE_H

#include "scenarios/explore/explore_sum.h"

/* Whose journal it is: all that decides on what its units come to. */
char *explore_journal_line_header(const struct explore_sweep_cfg *cfg);
/* ERR_SYNTAX: the line is no header. ERR_CONFLICT: of another sweep than *header; the message says
 * in what. */
int explore_journal_line_compare(const char *path, const char *line, const char *header,
                                 struct err *err);

char *explore_journal_line_unit(const struct explore_done *unit, size_t rows_len);
/* Fills *unit, whose tally is *tally and whose states the caller frees. False: it is no such line,
 * or not of a unit that the sweep still lacks. */
bool explore_journal_line_read(const char *line, const struct explore_sum *sum,
                               struct explore_done *unit, struct explore_tally *tally);

#endif
