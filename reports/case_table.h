/* SPDX-License-Identifier: Apache-2.0 */
/* reports/case_table.h - the cases of all runs of a set, each once, in the order of the catalogue:
 * what a page that compares runs goes through. */
#ifndef REPORTS_CASE_TABLE_H
#define REPORTS_CASE_TABLE_H

#include "reports/result_set.h"

struct case_row {
    const struct case_result **of_runs; /* One for each run. Null: that run has it not. */
    const struct case_result *first;    /* The first that is there: for its title. */
    enum verdict verdict;               /* The highest. */
    char anchor[40];                    /* Its id if that fits an attribute; unique in the table. */
};

struct case_table {
    const struct result_set *set;
    struct case_row *rows;
    size_t rows_len;
};

/* Points into the set. *table is to be released. */
void case_table_make(struct case_table *table, const struct result_set *set);
void case_table_release(struct case_table *table);
/* Null: no run has it. */
const struct case_row *case_table_find(const struct case_table *table, const char *id);

#endif
