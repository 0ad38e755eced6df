/* SPDX-License-Identifier: Apache-2.0 */
/* reports/requirement.h - what regulations and other sources ask for, and the cases behind each:
 * the catalogue's tables of traceability, as data.
 *
 * What an item asks is said in our own words and only as far as it was read. Where the text of a
 * clause was not at hand, the words are the catalogue's. */
#ifndef REPORTS_REQUIREMENT_H
#define REPORTS_REQUIREMENT_H

#include <stddef.h>

struct requirement {
    const char *item; /* As its source numbers it; empty: it has no number. */
    const char *en, *zh;
    const char *cases; /* Ids with blanks between them. */
};

struct requirement_table {
    const char *anchor; /* Fit for an attribute. */
    const char *en, *zh;
    const struct requirement *rows;
    size_t rows_len;
};

extern const struct requirement_table requirement_tables[];
extern const size_t requirement_tables_len;

enum { REQUIREMENT_CASE_SIZE = 8 };
/* Takes the next id off *cases. Null: there was none. */
const char *requirement_next_case(const char **cases, char id[static REQUIREMENT_CASE_SIZE]);

#endif
