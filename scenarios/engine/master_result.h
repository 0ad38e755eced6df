/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_result.h - what a master reports about a campaign, whichever master it
 * is, in the words of the catalogue (section 1.1). The judge compares it with the truth. */
#ifndef ENGINE_MASTER_RESULT_H
#define ENGINE_MASTER_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No report is an outcome of its own: the master ended, or was ended, without a word that the
 * adapter understands. The judge sees a campaign without a terminal report (INV-8). */
#define MASTER_CODES(X)                                                                            \
    X(MASTER_NO_REPORT, "NO_REPORT")                                                               \
    X(MASTER_SUCCESS, "SUCCESS")                                                                   \
    X(MASTER_UP_TO_DATE, "UP_TO_DATE")                                                             \
    X(MASTER_REFUSED, "REFUSED")                                                                   \
    X(MASTER_CANCELLED, "CANCELLED")                                                               \
    X(MASTER_INTERRUPTED, "INTERRUPTED")                                                           \
    X(MASTER_FAILED_OLD, "FAILED_OLD")                                                             \
    X(MASTER_ROLLED_BACK, "ROLLED_BACK")                                                           \
    X(MASTER_PARTIAL, "PARTIAL")                                                                   \
    X(MASTER_FAILED_SAFE, "FAILED_SAFE")

enum master_code {
#define MASTER_ENUM(name, text) name,
    MASTER_CODES(MASTER_ENUM)
#undef MASTER_ENUM
        MASTER_CODE_COUNT
};

enum {
    MASTER_ECUS_MAX = 8,
    MASTER_WORD_MAX = 63,    /* Longer ones are cut. */
    MASTER_REASON_MAX = 255, /* Likewise. */
    MASTER_RAW_MAX = 4095,
};

/* What it says about one ECU. */
struct master_ecu_result {
    char name[MASTER_WORD_MAX + 1];
    enum master_code code; /* MASTER_NO_REPORT: it says nothing. */
    char version[MASTER_WORD_MAX + 1];
};

struct master_result {
    enum master_code code;
    char word[MASTER_WORD_MAX + 1];        /* The master's own word for it. */
    char reason_code[MASTER_WORD_MAX + 1]; /* Of the catalogue, "NO_SPACE"; empty: none told. */
    char reason[MASTER_REASON_MAX + 1];    /* Its sentence; empty: none told. */
    uint8_t sid, nrc;                      /* That decided; 0: none told. */
    bool prompt;                           /* It asked its user to do something. */
    char version[MASTER_WORD_MAX + 1];     /* That it read back; empty: none told. */
    struct master_ecu_result ecus[MASTER_ECUS_MAX];
    size_t ecus_len;
    uint32_t reports;                    /* How often it reported an end: lines of output, or 1. */
    char source[MASTER_REASON_MAX + 1];  /* Where the code comes from: "exit code 4". */
    char trouble[MASTER_REASON_MAX + 1]; /* What was not understood; empty: nothing. */
    char raw[MASTER_RAW_MAX + 1];        /* The text of the source, for the evidence. */
};

const char *master_code_name(enum master_code code);
/* The code of that name, or MASTER_CODE_COUNT. NO_REPORT has no name here. */
enum master_code master_code_find(const char *name);

#endif
