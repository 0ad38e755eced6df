/* SPDX-License-Identifier: Apache-2.0 */
/* reports/case_table.c - cases of several runs, brought together by id and sorted. */
#include "reports/case_table.h"

#include "reports/case_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct case_row *row_of(struct case_table *table, const struct case_result *one)
{
    for (size_t i = 0; i < table->rows_len; i++) {
        CHECK(table->rows[i].first != NULL);
        if (strcmp(table->rows[i].first->id, one->id) == 0) {
            return &table->rows[i];
        }
    }
    struct case_row *row = &table->rows[table->rows_len++];
    *row = (struct case_row){.first = one, .verdict = VERDICT_PASS};
    row->of_runs = calloc(table->set->runs_len, sizeof(struct case_result *));
    CHECK(row->of_runs != NULL);
    return row;
}

static int by_group_and_id(const void *left, const void *right)
{
    const struct case_result *a = ((const struct case_row *)left)->first;
    const struct case_result *b = ((const struct case_row *)right)->first;
    const size_t rank_a = case_group_rank(a->group), rank_b = case_group_rank(b->group);
    if (rank_a != rank_b) {
        return rank_a < rank_b ? -1 : 1;
    }
    const int order = strcmp(a->group, b->group);
    return order != 0 ? order : strcmp(a->id, b->id);
}

/* The page's own anchors begin with "page-", and those of plays have a "_". */
static void name_row(struct case_row *row, size_t index)
{
    static const char fits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    enum { LETTERS = 52 };
    const char *id = row->first->id;
    const size_t len = strlen(id);
    if (len > 0 && len < sizeof row->anchor && memchr(fits, id[0], LETTERS) != NULL &&
        strspn(id, fits) == len && strncmp(id, "page-", 5) != 0) {
        memcpy(row->anchor, id, len + 1);
    } else {
        snprintf(row->anchor, sizeof row->anchor, "page-case-%zu", index);
    }
}

void case_table_make(struct case_table *table, const struct result_set *set)
{
    size_t most = 0;
    for (size_t i = 0; i < set->runs_len; i++) {
        most += set->runs[i].cases_len;
    }
    *table = (struct case_table){.set = set};
    table->rows = calloc(most > 0 ? most : 1, sizeof *table->rows);
    CHECK(table->rows != NULL);
    for (size_t r = 0; r < set->runs_len; r++) {
        for (size_t i = 0; i < set->runs[r].cases_len; i++) {
            const struct case_result *one = &set->runs[r].cases[i];
            struct case_row *row = row_of(table, one);
            row->of_runs[r] = one;
            row->verdict = one->verdict > row->verdict ? one->verdict : row->verdict;
        }
    }
    qsort(table->rows, table->rows_len, sizeof *table->rows, by_group_and_id);
    for (size_t i = 0; i < table->rows_len; i++) {
        name_row(&table->rows[i], i + 1);
    }
}

void case_table_release(struct case_table *table)
{
    for (size_t i = 0; i < table->rows_len; i++) {
        free(table->rows[i].of_runs);
    }
    free(table->rows);
    *table = (struct case_table){.rows = NULL};
}

const struct case_row *case_table_find(const struct case_table *table, const char *id)
{
    for (size_t i = 0; i < table->rows_len; i++) {
        if (strcmp(table->rows[i].first->id, id) == 0) {
            return &table->rows[i];
        }
    }
    return NULL;
}
