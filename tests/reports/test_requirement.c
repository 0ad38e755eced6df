/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_requirement.c - the tables of traceability against the catalogue's ids and the
 * cases in scenarios/. */
#include "reports/case_group.h"
#include "reports/requirement.h"
#include "sim/base.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* Cases that no table of the catalogue names: they rest on their own sources. */
static const char unmapped[] = "COM-04 COM-06 COM-07 COM-08 COM-15 COM-16 FUN-08 PWR-13 RBK-04 "
                               "RBK-07 SEQ-01 SEQ-02 SEQ-09 SEQ-16 SEQ-19 STB-06 STO-05";

static bool is_mapped(const char *wanted)
{
    char id[REQUIREMENT_CASE_SIZE];
    for (size_t t = 0; t < requirement_tables_len; t++) {
        for (size_t r = 0; r < requirement_tables[t].rows_len; r++) {
            const char *cases = requirement_tables[t].rows[r].cases;
            while (requirement_next_case(&cases, id) != NULL) {
                if (strcmp(id, wanted) == 0) {
                    return true;
                }
            }
        }
    }
    return false;
}

Test(requirement, each_item_is_whole_and_names_known_cases)
{
    char id[REQUIREMENT_CASE_SIZE];
    size_t cells = 0;
    for (size_t t = 0; t < requirement_tables_len; t++) {
        for (size_t r = 0; r < requirement_tables[t].rows_len; r++) {
            const struct requirement *row = &requirement_tables[t].rows[r];
            const char *cases = row->cases;
            size_t of_row = 0;
            cr_expect(row->en[0] != '\0' && row->zh[0] != '\0', "%s", row->item);
            while (requirement_next_case(&cases, id) != NULL) {
                cr_expect(case_id_is_known(id), "%s: %s", row->en, id);
                of_row++;
            }
            cr_expect_gt(of_row, 0u, "%s", row->en);
            cells += of_row;
        }
    }
    cr_expect_eq(cells, 189u, "the catalogue's tables have 189 cells, these have %zu", cells);
}

Test(requirement, the_catalogue_has_143_cases_in_14_groups)
{
    size_t cases = 0;
    for (size_t i = 0; i < case_groups_len; i++) {
        cases += case_groups[i].cases_len;
    }
    cr_expect_eq(case_groups_len, 14u);
    cr_expect_eq(cases, 143u);
}

/* Says which are built, and that none of them was forgotten in the tables. */
Test(requirement, the_cases_of_the_tree_are_those_that_are_built)
{
    glob_t found;
    size_t built = 0;
    cr_assert_eq(glob(LIMPHOME_SOURCE_DIR "/scenarios/*/*-??.lua", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char id[REQUIREMENT_CASE_SIZE] = "";
        strncat(id, strrchr(found.gl_pathv[i], '/') + 1, sizeof id - 2);
        cr_expect(case_id_is_built(id), "%s is in scenarios/ and not among the built", id);
        cr_expect(is_mapped(id) != (strstr(unmapped, id) != NULL),
                  "%s is in a table and among the unmapped, or in neither", id);
    }
    for (size_t i = 0; i < case_groups_len; i++) {
        built += (strlen(case_groups[i].built) + 1) / 3;
    }
    cr_expect_eq(built, found.gl_pathc, "%zu are said to be built, %zu are there", built,
                 found.gl_pathc);
    globfree(&found);
}

Test(requirement, ids_that_are_none_are_not_known)
{
    static const char *const ids[] = {"",       "FUN",     "FUN-",   "FUN-0",  "FUN-00", "FUN-09",
                                      "FUN-1x", "FUN-001", "fun-01", "XXX-01", "FUN 01", "-01FUN"};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        cr_expect_not(case_id_is_known(ids[i]), "%s", ids[i]);
        cr_expect_not(case_id_is_built(ids[i]), "%s", ids[i]);
    }
    cr_expect(case_id_is_known("HMI-08"));
    cr_expect_not(case_id_is_built("HMI-08"));
    cr_expect(case_id_is_built("COM-03"));
}
