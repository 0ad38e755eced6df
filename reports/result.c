/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result.c - results grow as a run goes on. */
#include "reports/result.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass",
        [VERDICT_NOT_APPLICABLE] = "not applicable",
        [VERDICT_FAIL] = "fail",
        [VERDICT_ERROR] = "error",
    };
    return names[verdict];
}

/* A cut leaves no part of a character of UTF-8. */
static char *copy(const char *text)
{
    size_t kept = strlen(text);
    if (kept > FINDING_TEXT_MAX) {
        kept = FINDING_TEXT_MAX;
        while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80) {
            kept--;
        }
    }
    char *own = malloc(kept + 1);
    CHECK(own != NULL);
    memcpy(own, text, kept);
    own[kept] = '\0';
    return own;
}

static void raise_to(struct play_result *play, enum verdict verdict)
{
    play->verdict = verdict > play->verdict ? verdict : play->verdict;
}

void play_result_find(struct play_result *play, const char *criterion, const char *expected,
                      const char *seen, sim_ns_t at_ns, uint32_t bus_line)
{
    struct finding *grown =
        realloc(play->findings, (play->findings_len + 1) * sizeof *play->findings);
    CHECK(grown != NULL);
    play->findings = grown;
    play->findings[play->findings_len++] = (struct finding){.criterion = copy(criterion),
                                                            .expected = copy(expected),
                                                            .seen = copy(seen),
                                                            .at_ns = at_ns,
                                                            .bus_line = bus_line};
    raise_to(play, VERDICT_FAIL);
}

void play_result_fired(struct play_result *play, const char *name, uint64_t fired)
{
    struct fired *grown =
        realloc(play->injections, (play->injections_len + 1) * sizeof *play->injections);
    CHECK(grown != NULL);
    play->injections = grown;
    play->injections[play->injections_len++] = (struct fired){.name = copy(name), .fired = fired};
}

void play_result_error(struct play_result *play, const char *text)
{
    raise_to(play, VERDICT_ERROR);
    if (play->error == NULL) {
        play->error = copy(text);
    }
}

void play_result_release(struct play_result *play)
{
    for (size_t i = 0; i < play->findings_len; i++) {
        free(play->findings[i].criterion);
        free(play->findings[i].expected);
        free(play->findings[i].seen);
    }
    for (size_t i = 0; i < play->injections_len; i++) {
        free(play->injections[i].name);
    }
    free(play->findings);
    free(play->injections);
    free(play->name);
    free(play->error);
    free(play->term);
    *play = (struct play_result){.verdict = VERDICT_PASS};
}
