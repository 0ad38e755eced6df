/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_finding.c - findings of the invariants, a few of each. */
#include "scenarios/engine/judge_finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint32_t count(const struct play_result *result, const char *criterion)
{
    uint32_t found = 0;
    for (size_t i = 0; i < result->findings_len; i++) {
        found += strcmp(result->findings[i].criterion, criterion) == 0;
    }
    return found;
}

void judge_find(struct play_result *result, unsigned invariant, sim_ns_t at_ns, uint32_t bus_line,
                const char *expected, const char *seen, ...)
{
    char criterion[16];
    char text[FINDING_TEXT_MAX];
    (void)snprintf(criterion, sizeof criterion, "INV-%u", invariant);
    if (count(result, criterion) == JUDGE_FINDINGS_MAX) {
        return;
    }
    va_list args;
    va_start(args, seen);
    (void)vsnprintf(text, sizeof text, seen, args);
    va_end(args);
    play_result_find(result, criterion, expected, text, at_ns, bus_line);
}
