/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/replaced.h - damages a text for tests of readers. */
#ifndef TESTS_REPORTS_REPLACED_H
#define TESTS_REPORTS_REPLACED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* text with the first occurrence of a part replaced; null if it is not there. */
static inline char *replaced(const char *text, const char *part, const char *by)
{
    const char *at = strstr(text, part);
    char *changed = at != NULL ? malloc(strlen(text) + strlen(by) + 1) : NULL;
    if (changed != NULL) {
        sprintf(changed, "%.*s%s%s", (int)(at - text), text, by, at + strlen(part));
    }
    return changed;
}

#endif
