/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_schedule.h - a schedule of faults, as data, drawn at random within the
 * budget (docs/explore.md). */
#ifndef EXPLORE_FAULT_SCHEDULE_H
#define EXPLORE_FAULT_SCHEDULE_H

#include "scenarios/explore/fault_kind.h"
#include "scenarios/explore/fault_setting.h"

enum { FAULTS_MAX = 64, FAULT_ID_CHARS = 24, FAULT_TEXT_CHARS = 200 };

struct fault_schedule {
    uint64_t number; /* Under the seed: its id is "s" and this. */
    uint8_t setting; /* Index into fault_settings. */
    size_t len;
    struct fault faults[FAULTS_MAX];
};

struct fault_draw_cfg {
    uint64_t seed;
    size_t min, max;   /* Faults in a schedule, 1 to FAULTS_MAX; each number is as likely. */
    uint32_t settings; /* A set of those that are drawn from. 0: the sound update alone. */
};

/* The same for the same seed, number and scope. */
void fault_schedule_draw(struct fault_schedule *schedule, const struct fault_draw_cfg *cfg,
                         uint64_t number, const struct fault_scope *scope);

/* The same faults in the same setting, whatever numbers they were drawn with. */
bool fault_schedule_same(const struct fault_schedule *a, const struct fault_schedule *b);

/* "s17". */
void fault_schedule_id(uint64_t number, char text[FAULT_ID_CHARS]);
bool fault_schedule_parse_id(const char *text, uint64_t *number);

/* "lost message (way "answer", times 1), at block (36) 3". */
void fault_describe(const struct fault *fault, char text[FAULT_TEXT_CHARS]);
/* "The answer to block (36) number 3 is lost." */
void fault_sentence(const struct fault *fault, char text[FAULT_TEXT_CHARS]);

#endif
