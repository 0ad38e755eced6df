/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_words.h - a diagnostic message in the words of ISO 14229-1. */
#ifndef ENGINE_TIMELINE_WORDS_H
#define ENGINE_TIMELINE_WORDS_H

#include "inject/uds_view.h"
#include "reports/timeline.h"
#include "sim/ecus/bootloader/boot_personality.h"

struct timeline_words {
    const struct uds_view *uds;
    const uint8_t *bytes; /* As far as they came. */
    uint32_t len;
    const struct boot_personality *persona; /* Of the ECU. Null: nobody's. */
};

/* "31 RoutineControl". */
void timeline_words_service(uint8_t service, char *text, size_t size);
/* "startRoutine eraseMemory", "NRC 72 generalProgrammingFailure". */
void timeline_words_meaning(const struct timeline_words *words, char *text, size_t size);
/* Of a request what tells it from others in a lane: "eraseMemory", "seed"; may be empty. */
void timeline_words_kind(const struct timeline_words *words, char *text, size_t size);
/* What a 31 does: an enum boot_function, by the tables of the ECU or else by the usual identifiers.
 * Negative: nothing that is known. */
int timeline_words_function(const struct timeline_words *words);
/* How bad a negative answer is. */
enum timeline_tone timeline_words_tone(uint8_t nrc);
/* "34 00 44 ...", cut. */
void timeline_words_bytes(const uint8_t *bytes, uint32_t len, uint32_t of, char *text, size_t size);

#endif
