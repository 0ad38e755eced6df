/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/trace_difference.c - compares two traces line by line. */
#include "scenarios/engine/trace_difference.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 4096, PATH_BYTES = 1100 };

static FILE *open_log(const char *folder)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/events.log", folder);
    return fopen(path, "r");
}

static void compare(FILE *one, FILE *other, char *text, size_t size)
{
    char a[LINE_BYTES] = "";
    char b[LINE_BYTES] = "";
    unsigned long line = 0;
    const char *in_a;
    const char *in_b;
    do {
        line++;
        in_a = fgets(a, sizeof a, one);
        in_b = fgets(b, sizeof b, other);
    } while (in_a != NULL && in_b != NULL && strcmp(a, b) == 0);
    snprintf(text, size,
             "two plays with one seed differ first in line %lu of events.log: \"%.100s\" and "
             "\"%.100s\"",
             line, in_a != NULL ? strtok(a, "\n") : "(its end)",
             in_b != NULL ? strtok(b, "\n") : "(its end)");
}

void trace_difference(const char *folder, const char *other, char *text, size_t size)
{
    FILE *one = open_log(folder);
    FILE *two = open_log(other);
    if (one != NULL && two != NULL) {
        compare(one, two, text, size);
    } else {
        snprintf(text, size,
                 "two plays with one seed differ; --keep-traces tells in which line of the trace");
    }
    if (one != NULL) {
        fclose(one);
    }
    if (two != NULL) {
        fclose(two);
    }
}
