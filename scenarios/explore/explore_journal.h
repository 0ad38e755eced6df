/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_journal.h - what a sweep has done so far, as a file: a line of JSON
 * that says whose it is, and one for each unit that is done.
 *
 * It is written at the end only, and a line counts when it is whole. So what a loss of power or a
 * kill leaves is a journal that ends a bit earlier: from the first line on that cannot be read it
 * is cut off, and those units are done again. */
#ifndef EXPLORE_JOURNAL_H
#define EXPLORE_JOURNAL_H

#include "scenarios/explore/explore_sum.h"

#include <stdio.h>

struct explore_journal {
    const char *path;
    FILE *file; /* For reading. Null: there is no journal. */
    int fd;     /* The same file, for writing. */
    uint64_t saved_ns;
    bool dirty;
};

/* Makes the file, or reads it, and adds its units to the sum. ERR_CONFLICT: it is of another sweep,
 * or another process writes to it. ERR_SYNTAX: it is no journal. */
int explore_journal_open(struct explore_journal *journal, const char *path, struct explore_sum *sum,
                         struct err *err);
/* Behind explore_sum_add(). Is on the disk a second later at most, if further units follow. */
int explore_journal_add(struct explore_journal *journal, const struct explore_done *unit,
                        const struct explore_sum *sum, struct err *err);
int explore_journal_close(struct explore_journal *journal, struct err *err);

#endif
