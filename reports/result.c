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

void play_result_fired(struct play_result *play, const char *name, uint64_t fired,
                       sim_ns_t first_ns, sim_ns_t last_ns)
{
    struct fired *grown =
        realloc(play->injections, (play->injections_len + 1) * sizeof *play->injections);
    CHECK(grown != NULL);
    play->injections = grown;
    play->injections[play->injections_len++] = (struct fired){
        .name = copy(name), .fired = fired, .first_ns = first_ns, .last_ns = last_ns};
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
    free(play->folder);
    *play = (struct play_result){.verdict = VERDICT_PASS};
}

void case_result_release(struct case_result *one)
{
    for (size_t i = 0; i < one->plays_len; i++) {
        play_result_release(&one->plays[i]);
    }
    free(one->plays);
    free(one->id);
    free(one->group);
    free(one->title);
    free(one->title_zh);
    free(one->file);
    free(one->sources);
    free(one->tags);
    free(one->vehicle);
    *one = (struct case_result){.id = NULL};
}

void run_result_release(struct run_result *run)
{
    for (size_t i = 0; i < run->cases_len; i++) {
        case_result_release(&run->cases[i]);
    }
    for (size_t i = 0; i < run->settings_len; i++) {
        free(run->settings[i].name);
        free(run->settings[i].value);
    }
    free(run->cases);
    free(run->settings);
    free(run->parts);
    free(run->version);
    free(run->master);
    free(run->date);
    *run = (struct run_result){.cases = NULL};
}

const struct case_result *run_result_find(const struct run_result *run, const char *id)
{
    for (size_t i = 0; i < run->cases_len; i++) {
        if (strcmp(run->cases[i].id, id) == 0) {
            return &run->cases[i];
        }
    }
    return NULL;
}

sim_ns_t case_result_virtual_ns(const struct case_result *one)
{
    sim_ns_t sum_ns = 0;
    for (size_t i = 0; i < one->plays_len; i++) {
        sum_ns += one->plays[i].virtual_ns;
    }
    return sum_ns;
}

uint64_t case_result_wall_ns(const struct case_result *one)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < one->plays_len; i++) {
        sum_ns += one->plays[i].wall_ns;
    }
    return sum_ns;
}

size_t run_result_count(const struct run_result *run, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < run->cases_len; i++) {
        count += run->cases[i].verdict == verdict;
    }
    return count;
}

int run_part_order(const struct run_part *a, const struct run_part *b)
{
    const uint32_t keys[][2] = {{a->plays, b->plays}, {a->shards, b->shards}, {a->shard, b->shard}};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}
