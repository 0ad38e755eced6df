/* SPDX-License-Identifier: Apache-2.0 */
/* reports/case_group.h - the groups of the catalogue: their order, their names for readers, and
 * which of their cases limphome has. */
#ifndef REPORTS_CASE_GROUP_H
#define REPORTS_CASE_GROUP_H

#include <stdbool.h>
#include <stddef.h>

struct case_group {
    const char *name; /* "FUN"; its cases are FUN-01 and on. */
    const char *en, *zh;
    unsigned cases_len; /* In the catalogue. */
    const char *built;  /* Numbers of those that limphome has, two digits each, with blanks. */
};

/* In the order of the catalogue. */
extern const struct case_group case_groups[];
extern const size_t case_groups_len;

/* Null: of somebody's own catalogue. */
const struct case_group *case_group_find(const char *name);
/* Order of a group's name; unknown ones come after all others. */
size_t case_group_rank(const char *name);
/* The catalogue names it; limphome has it. */
bool case_id_is_known(const char *id);
bool case_id_is_built(const char *id);

#endif
