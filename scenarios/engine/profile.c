/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/profile.c - the table of profile parameters, and how their values are written.
 */
#include "scenarios/engine/profile.h"

#include "scenarios/engine/lua_duration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000 };

static const char *const orders[] = {"quiet-before", "quiet-inside", NULL};
static const char *const resumes[] = {"full", "remaining", NULL};
static const char *const blocks[] = {"block", "s19-line", NULL};
static const char *const resets[] = {"default-session", "hard-reset", NULL};
static const char *const hashes[] = {"sha1", "sha256", "crc32", "crc16", "sum8", NULL};

#define NUMBER(id, name, standard, min, max, job, help)                                            \
    [id] = {name, PROFILE_COUNT_OF, standard, min, max, NULL, job, help}
#define TIME(id, name, standard, min, max, job, help)                                              \
    [id] = {name, PROFILE_TIME, standard, min, max, NULL, job, help}
#define SHARE(id, name, standard, min, max, help)                                                  \
    [id] = {name, PROFILE_SHARE, standard, min, max, NULL, NULL, help}
#define CHOICE(id, name, standard, choices, job, help)                                             \
    [id] = {name, PROFILE_CHOICE, standard, 0, 0, choices, job, help}

const struct profile_parameter profile_parameters[PROFILE_COUNT] = {
    NUMBER(PROFILE_N_RS, "N_RS", 3, 0, 10, "limits.resends",
           "how often a request without an answer is sent again"),
    TIME(PROFILE_P2, "P2", 50, 1, 65535, NULL, "wait for an answer, until 50 tells another time"),
    TIME(PROFILE_P2_STAR, "P2_STAR", 5000, 10, 655350, NULL,
         "likewise after response pending (78)"),
    SHARE(PROFILE_P2_LATE, "P2_LATE", 1250, 1000, 5000,
          "latest instant of a resend, as a share of P2 or P2*"),
    TIME(PROFILE_T_S3C, "T_S3c", 2000, 100, 60000, NULL, "period of tester present"),
    TIME(PROFILE_T_S3S, "T_S3s", 5000, 100, 600000, NULL, "after it an ECU leaves its session"),
    SHARE(PROFILE_S3_MARGIN, "S3_MARGIN", 950, 100, 1000,
          "longest gap between requests to an ECU in a session, as a share of T_S3s"),
    SHARE(PROFILE_S3_TOL, "S3_TOL", 100, 0, 1000, "how far the period may be from T_S3c"),
    TIME(PROFILE_RC21_DLY, "RC21_DLY", 200, 0, 60000, NULL,
         "shortest wait before a request is repeated after busy (21)"),
    TIME(PROFILE_RC21_CAP, "RC21_CAP", 25000, 100, HOUR_MS, NULL,
         "how long busy (21) is put up with"),
    TIME(
        PROFILE_RC78_CAP, "RC78_CAP", 25000, 1000, HOUR_MS, "limits.pending_ms",
        "how long response pending (78) is put up with; for a routine not less than 1.25 times its "
        "declared worst case"),
    SHARE(PROFILE_CAP_TOL, "CAP_TOL", 100, 0, 1000,
          "how far giving up may be from RC21_CAP and RC78_CAP"),
    TIME(PROFILE_ERASE_MAX, "ERASE_MAX", 20000, 100, HOUR_MS, "limits.erase_ms",
         "declared worst case of the erase routine"),
    NUMBER(PROFILE_SA_LIM, "SA_LIM", 3, 1, 255, NULL, "wrong keys until the ECU locks"),
    TIME(PROFILE_SA_DLY, "SA_DLY", 10000, 0, HOUR_MS, NULL,
         "no security access for this long after 36 or 37"),
    TIME(PROFILE_T_PROBE, "T_PROBE", 5000, 0, HOUR_MS, NULL,
         "shortest time between tries while the voltage is wrong (92, 93)"),
    TIME(PROFILE_T_RETRY, "T_RETRY", 30000, 0, HOUR_MS, "limits.condition_ms",
         "shortest time before a precondition that was refused is asked for again"),
    NUMBER(PROFILE_N_RETRY, "N_RETRY", 2, 0, 10000, "limits.conditions",
           "how often it is asked for again"),
    TIME(PROFILE_N_AS, "N_As", 1000, 1, 60000, NULL, "sender: until a frame is on the bus"),
    TIME(PROFILE_N_AR, "N_Ar", 1000, 1, 60000, NULL,
         "receiver: until a flow control is on the bus"),
    TIME(PROFILE_N_BS, "N_Bs", 1000, 1, 60000, NULL, "sender: wait for a flow control"),
    TIME(PROFILE_N_BR, "N_Br", 900, 1, 60000, NULL, "receiver: until it sends a flow control"),
    TIME(PROFILE_N_CS, "N_Cs", 900, 1, 60000, NULL, "sender: until the next consecutive frame"),
    TIME(PROFILE_N_CR, "N_Cr", 1000, 1, 60000, NULL, "receiver: wait for a consecutive frame"),
    SHARE(PROFILE_N_TOL, "N_TOL", 100, 0, 1000, "how far a time-out may be from its N_ value"),
    NUMBER(PROFILE_WFT_MAX, "WFT_MAX", 10, 0, 255, NULL,
           "flow controls WAIT in a row that are put up with, give or take one"),
    TIME(PROFILE_BUS_RESTART, "BUS_RESTART", 1000, 0, 60000, NULL,
         "from bus-off to the restart of the CAN controller, as restart-ms of an interface"),
    NUMBER(PROFILE_R_SEG, "R_SEG", 2, 0, 10, "limits.segment_retries",
           "how often a segment is begun again"),
    NUMBER(PROFILE_R_UPD, "R_UPD", 2, 0, 10, "limits.update_retries",
           "how often the programming is begun again, with a new erase"),
    TIME(PROFILE_T_PAUSE, "T_PAUSE", 2000, 0, HOUR_MS, "limits.pause_ms",
         "pause after a long interruption, before the next try"),
    NUMBER(PROFILE_N_PAUSE, "N_PAUSE", 30, 0, 10000, "limits.pauses",
           "such tries until the campaign is left INTERRUPTED"),
    TIME(PROFILE_T_BOOT, "T_BOOT", 10000, 100, 600000, "limits.boot_ms",
         "until the application must answer after a reset"),
    TIME(PROFILE_T_REST, "T_REST", 5000, 100, 600000, NULL,
         "until the network is restored after the terminal report"),
    TIME(PROFILE_T_ABORT, "T_ABORT", 1000, 10, 600000, NULL,
         "until a campaign is left when a condition is lost before the erase"),
    TIME(PROFILE_T_RPT, "T_RPT", 5000, 100, 600000, NULL,
         "until the terminal report after the last answer"),
    TIME(PROFILE_T_SYNC, "T_SYNC", 60000, 100, HOUR_MS, NULL,
         "spread of activations that belong together"),
    TIME(PROFILE_T_HEALTH, "T_HEALTH", 30000, 0, HOUR_MS, NULL,
         "how long the new software is watched before success is reported"),
    TIME(PROFILE_T_PROMPT, "T_PROMPT", 10000, 100, HOUR_MS, NULL,
         "until the user is asked after the last resend"),
    TIME(PROFILE_T_RBK, "T_RBK", 60000, 100, HOUR_MS, NULL,
         "until a rollback begins after the failure"),
    TIME(PROFILE_T_HANG, "T_HANG", 10000, 100, HOUR_MS, NULL,
         "longest silence of a master over an image that it has to refuse"),
    CHOICE(PROFILE_ORDER, "ORDER", PROFILE_QUIET_BEFORE, orders, NULL,
           "85 and 28 before the programming session, restored 28 first; or inside of it, restored "
           "85 first"),
    CHOICE(PROFILE_RESUME_34, "RESUME_34", PROFILE_34_REMAINING, resumes, "transfer.resume",
           "what 34 announces for a segment that was cut: all of it, or what is left"),
    CHOICE(PROFILE_BLOCK, "BLOCK", PROFILE_BLOCK_BLOCK, blocks, "transfer.style",
           "what a 36 carries: as much as the ECU takes, or one S-record"),
    CHOICE(PROFILE_RESET, "RESET", PROFILE_RESET_DEFAULT_SESSION, resets, "transfer.activation",
           "how the new application is started: 10 01 or 11 01"),
    CHOICE(PROFILE_HASH, "HASH", PROFILE_HASH_SHA1, hashes, "transfer.check",
           "check over a segment that 37 carries"),
    NUMBER(PROFILE_BACKUPS, "BACKUPS", 2, 0, 16, NULL, "known-good images that are kept"),
    NUMBER(PROFILE_NVM_WRITES, "NVM_WRITES", 10, 1, 1000000, NULL,
           "writes of one place of the progress record in one update"),
    SHARE(PROFILE_DISK_TOL, "DISK_TOL", 10, 0, 1000, "how far free storage may be from before"),
    SHARE(PROFILE_RSS_GROWTH, "RSS_GROWTH", 50, 0, 10000, "growth of memory over repeated updates"),
    SHARE(PROFILE_TIME_DRIFT, "TIME_DRIFT", 100, 0, 10000,
          "growth of an update's time over repeated updates"),
    [PROFILE_RATE_MIN] = {"RATE_MIN", PROFILE_RATE, 16000, 1, 10000000, NULL, NULL,
                          "net rate of the transfer on a bus of 500 kbit/s"},
    NUMBER(PROFILE_ROUNDS, "ROUNDS", 100, 2, 250, NULL, "updates in a row of the endurance case"),
    NUMBER(PROFILE_CUT_POINTS, "CUT_POINTS", 200, 1, 100000, NULL,
           "instants at which the master loses its power"),
    NUMBER(PROFILE_CUT_SERIES, "CUT_SERIES", 10, 1, 100, NULL,
           "losses of power of an ECU in one update"),
    NUMBER(PROFILE_LOSS_RUNS, "LOSS_RUNS", 100, 1, 120, NULL,
           "runs with random loss of frames for each rate"),
    SHARE(PROFILE_LOSS_SUCCESS, "LOSS_SUCCESS", 990, 0, 1000,
          "share of successes at a loss of at most 0.1 %"),
    NUMBER(PROFILE_FUZZ_SEEDS, "FUZZ_SEEDS", 10000, 1, 16000, NULL,
           "manifests and image files that are changed at random"),
};

void profile_init(struct profile *profile)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        profile->values[i] = profile_parameters[i].standard;
    }
}

enum profile_id profile_find(const char *name)
{
    unsigned i = 0;
    while (i < PROFILE_COUNT && strcmp(profile_parameters[i].name, name) != 0) {
        i++;
    }
    return (enum profile_id)i;
}

sim_ns_t profile_ns(const struct profile *profile, enum profile_id id)
{
    CHECK(id < PROFILE_COUNT && profile_parameters[id].unit == PROFILE_TIME);
    return SIM_MS(profile->values[id]);
}

const char *profile_choice(const struct profile *profile, enum profile_id id)
{
    CHECK(id < PROFILE_COUNT && profile_parameters[id].unit == PROFILE_CHOICE);
    return profile_parameters[id].choices[profile->values[id]];
}

void profile_print(enum profile_id id, uint32_t value, char *text, size_t cap)
{
    const struct profile_parameter *p = &profile_parameters[id];
    switch (p->unit) {
    case PROFILE_COUNT_OF: (void)snprintf(text, cap, "%u", value); return;
    case PROFILE_TIME:
        (void)snprintf(text, cap, value % 1000 == 0 ? "%us" : "%ums",
                       value % 1000 == 0 ? value / 1000 : value);
        return;
    case PROFILE_SHARE:
        (void)snprintf(text, cap, value % 10 == 0 ? "%u%%" : "%u.%u%%", value / 10, value % 10);
        return;
    case PROFILE_RATE: (void)snprintf(text, cap, "%uB/s", value); return;
    case PROFILE_CHOICE: (void)snprintf(text, cap, "%s", p->choices[value]); return;
    }
}

/* A whole number, or with one digit behind the point, then the unit: in tenths. */
static bool read_tenths(const char *text, const char *unit, uint64_t *tenths)
{
    char *end = NULL;
    if (strspn(text, "0123456789") == 0 || strcspn(text, ".%B") > 9) {
        return false;
    }
    *tenths = strtoull(text, &end, 10) * 10;
    if (*end == '.' && end[1] >= '0' && end[1] <= '9') {
        *tenths += (uint64_t)(end[1] - '0');
        end += 2;
    }
    return strcmp(end, unit) == 0;
}

static int read_choice(const struct profile_parameter *p, const char *text, uint64_t *value,
                       struct err *err)
{
    char known[80] = "";
    size_t len = 0;
    for (*value = 0; p->choices[*value] != NULL; ++*value) {
        if (strcmp(p->choices[*value], text) == 0) {
            return 0;
        }
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", *value > 0 ? ", " : "",
                                p->choices[*value]);
        CHECK(len < sizeof known);
    }
    return err_set(err, ERR_SYNTAX, "must be one of: %s", known);
}

static int read_value(const struct profile_parameter *p, const char *text, uint64_t *value,
                      struct err *err)
{
    sim_ns_t ns = 0;
    switch (p->unit) {
    case PROFILE_CHOICE: return read_choice(p, text, value, err);
    case PROFILE_TIME:
        if (lua_duration_parse(text, &ns, NULL) != 0 || ns % SIM_MS(1) != 0) {
            return err_set(
                err, ERR_SYNTAX,
                "must be whole milliseconds with their unit, such as \"200ms\" or \"10s\"");
        }
        *value = ns / SIM_MS(1);
        return 0;
    case PROFILE_SHARE:
        return read_tenths(text, "%", value)
                   ? 0
                   : err_set(err, ERR_SYNTAX,
                             "must be a percentage such as \"95%%\" or \"12.5%%\"");
    case PROFILE_RATE:
    case PROFILE_COUNT_OF: break;
    }
    const bool rate = p->unit == PROFILE_RATE;
    if (!read_tenths(text, rate ? "B/s" : "", value) || *value % 10 != 0) {
        return err_set(err, ERR_SYNTAX, "%s",
                       rate ? "must be bytes per second such as \"16000B/s\""
                            : "must be a whole number");
    }
    *value /= 10;
    return 0;
}

int profile_set(struct profile *profile, enum profile_id id, const char *text, struct err *err)
{
    CHECK(id < PROFILE_COUNT);
    const struct profile_parameter *p = &profile_parameters[id];
    uint64_t value = 0;
    const int code = read_value(p, text, &value, err);
    if (code != 0) {
        return code;
    }
    if (p->unit != PROFILE_CHOICE && (value < p->min || value > p->max)) {
        char min[24];
        char max[24];
        profile_print(id, p->min, min, sizeof min);
        profile_print(id, p->max, max, sizeof max);
        return err_set(err, ERR_RANGE, "must be %s to %s", min, max);
    }
    profile->values[id] = (uint32_t)value;
    return 0;
}
