/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/profile.h - the numbers by which a master is judged: each with the default of
 * the test catalogue (section 1.3, and every number there that is a judgement), each to be changed
 * by the adapter of a master (docs/adapters.md, "Profile parameters").
 *
 * The names are those of the catalogue. Times are kept in ms, shares in permille. */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "sim/base.h"
#include "sim/err.h"

#include <stdbool.h>

enum profile_unit {
    PROFILE_COUNT_OF, /* A number of something: 3. */
    PROFILE_TIME,     /* ms; written as a text with its unit: "10s", "200ms", "2min". */
    PROFILE_SHARE,    /* Permille; written as a percentage: "95%", "12.5%". */
    PROFILE_RATE,     /* Bytes per second; written "16000B/s". */
    PROFILE_CHOICE,   /* Position in the list of choices; written as one of them. */
};

enum profile_id {
    /* Requests and answers. */
    PROFILE_N_RS,
    PROFILE_P2,
    PROFILE_P2_STAR,
    PROFILE_P2_LATE,
    PROFILE_T_S3C,
    PROFILE_T_S3S,
    PROFILE_S3_MARGIN,
    PROFILE_S3_TOL,
    PROFILE_RC21_DLY,
    PROFILE_RC21_CAP,
    PROFILE_RC78_CAP,
    PROFILE_CAP_TOL,
    PROFILE_ERASE_MAX,
    PROFILE_SA_LIM,
    PROFILE_SA_DLY,
    PROFILE_T_PROBE,
    PROFILE_T_RETRY,
    PROFILE_N_RETRY,
    /* Transport. */
    PROFILE_N_AS,
    PROFILE_N_AR,
    PROFILE_N_BS,
    PROFILE_N_BR,
    PROFILE_N_CS,
    PROFILE_N_CR,
    PROFILE_N_TOL,
    PROFILE_WFT_MAX,
    PROFILE_BUS_RESTART,
    /* The campaign. */
    PROFILE_R_SEG,
    PROFILE_R_UPD,
    PROFILE_T_PAUSE,
    PROFILE_N_PAUSE,
    PROFILE_T_BOOT,
    PROFILE_T_REST,
    PROFILE_T_ABORT,
    PROFILE_T_RPT,
    PROFILE_T_SYNC,
    PROFILE_T_HEALTH,
    PROFILE_T_PROMPT,
    PROFILE_T_RBK,
    PROFILE_T_HANG,
    /* The way of working. */
    PROFILE_ORDER,
    PROFILE_RESUME_34,
    PROFILE_BLOCK,
    PROFILE_RESET,
    PROFILE_HASH,
    /* Storage and performance. */
    PROFILE_BACKUPS,
    PROFILE_NVM_WRITES,
    PROFILE_DISK_TOL,
    PROFILE_RSS_GROWTH,
    PROFILE_TIME_DRIFT,
    PROFILE_RATE_MIN,
    PROFILE_ROUNDS,
    PROFILE_CUT_POINTS,
    PROFILE_CUT_SERIES,
    PROFILE_LOSS_RUNS,
    PROFILE_LOSS_SUCCESS,
    PROFILE_FUZZ_SEEDS,
    PROFILE_COUNT
};

/* In the order of their choices. */
enum profile_order { PROFILE_QUIET_BEFORE, PROFILE_QUIET_INSIDE };
enum profile_resume_34 { PROFILE_34_FULL, PROFILE_34_REMAINING };
enum profile_block { PROFILE_BLOCK_BLOCK, PROFILE_BLOCK_S19_LINE };
enum profile_reset { PROFILE_RESET_DEFAULT_SESSION, PROFILE_RESET_HARD };
enum profile_hash {
    PROFILE_HASH_SHA1,
    PROFILE_HASH_SHA256,
    PROFILE_HASH_CRC32,
    PROFILE_HASH_CRC16,
    PROFILE_HASH_SUM8,
};

/* One row of the table. */
struct profile_parameter {
    const char *name; /* As in the catalogue: "N_RS". */
    enum profile_unit unit;
    uint32_t standard;          /* The default. */
    uint32_t min, max;          /* Both allowed. Choices: unused. */
    const char *const *choices; /* PROFILE_CHOICE: ends with null. */
    const char *job;  /* Where the job tells it to the master: "limits.resends". Null: nowhere. */
    const char *help; /* One sentence; docs/adapters.md holds the same. */
};

extern const struct profile_parameter profile_parameters[PROFILE_COUNT];

struct profile {
    uint32_t values[PROFILE_COUNT]; /* By enum profile_id, in the units above. */
};

/* The catalogue's defaults. */
void profile_init(struct profile *profile);
/* The parameter of that name, or PROFILE_COUNT. */
enum profile_id profile_find(const char *name);
/* A time parameter in ns. */
sim_ns_t profile_ns(const struct profile *profile, enum profile_id id);
/* A choice parameter as its word. */
const char *profile_choice(const struct profile *profile, enum profile_id id);

/* Reads a value as an adapter writes it. A count may come as a number's text. err tells what is
 * wrong with the value, without its name. */
int profile_set(struct profile *profile, enum profile_id id, const char *text, struct err *err);
/* Writes a value as an adapter does. */
void profile_print(enum profile_id id, uint32_t value, char *text, size_t cap);

#endif
