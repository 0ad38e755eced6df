/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_adapter_docs.c - docs/adapters.md holds the rows of the tables in the code,
 * each as it is, and no others. */
#include "scenarios/engine/adapter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char doc[64 * 1024];

static void load(void)
{
    FILE *file = fopen(LIMPHOME_SOURCE_DIR "/docs/adapters.md", "r");
    cr_assert_not_null(file);
    const size_t len = fread(doc, 1, sizeof doc - 1, file);
    doc[len] = '\0';
    cr_assert_eq(fclose(file), 0);
}

static size_t rows_below(const char *heading)
{
    const char *at = strstr(doc, heading);
    cr_assert_not_null(at, "%s", heading);
    size_t rows = 0;
    for (const char *line = strchr(at, '\n') + 1; strncmp(line, "\n#", 2) != 0 && *line != '\0';
         line = strchr(line, '\n') + 1) {
        rows += strncmp(line, "| `", 3) == 0 ? 1u : 0u;
    }
    return rows;
}

static void expect_row(const char *row)
{
    cr_expect_not_null(strstr(doc, row), "missing: %s", row);
}

static void limits_of(enum profile_id id, char *text, size_t cap)
{
    const struct profile_parameter *p = &profile_parameters[id];
    char min[32];
    char max[32];
    size_t len = 0;
    if (p->unit != PROFILE_CHOICE) {
        profile_print(id, p->min, min, sizeof min);
        profile_print(id, p->max, max, sizeof max);
        (void)snprintf(text, cap, "%s to %s", min, max);
        return;
    }
    for (size_t i = 0; p->choices[i] != NULL; i++) {
        len += (size_t)snprintf(text + len, cap - len, "%s`%s`", i > 0 ? ", " : "", p->choices[i]);
    }
}

Test(adapter_docs, profile_parameters, .init = load)
{
    for (unsigned i = 0; i < PROFILE_COUNT; i++) {
        const struct profile_parameter *p = &profile_parameters[i];
        char row[512];
        char value[32];
        char limits[128];
        char job[48] = "";
        profile_print((enum profile_id)i, p->standard, value, sizeof value);
        limits_of((enum profile_id)i, limits, sizeof limits);
        if (p->job != NULL) {
            (void)snprintf(job, sizeof job, " `%s`", p->job);
        }
        (void)snprintf(row, sizeof row, "| `%s` | %s | %s |%s | %s |\n", p->name, value, limits,
                       job, p->help);
        expect_row(row);
    }
    cr_expect_eq(rows_below("## Profile parameters"), PROFILE_COUNT);
}

Test(adapter_docs, capabilities, .init = load)
{
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
        char row[256];
        (void)snprintf(row, sizeof row, "| `%s` | %s |\n", capability_name((enum capability)i),
                       capability_help((enum capability)i));
        expect_row(row);
    }
    cr_expect_eq(rows_below("## Capabilities"), CAPABILITY_COUNT);
}

Test(adapter_docs, placeholders, .init = load)
{
    for (size_t i = 0; i < adapter_placeholders_len; i++) {
        char row[256];
        (void)snprintf(row, sizeof row, "| `{%s}` | %s |\n", adapter_placeholders[i].name,
                       adapter_placeholders[i].help);
        expect_row(row);
    }
    /* And {profile.NAME}. */
    cr_expect_eq(rows_below("## Placeholders"), adapter_placeholders_len + 1);
}
