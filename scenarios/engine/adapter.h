/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter.h - how any master is plugged in: how it is started, how it gets its
 * job, how its result is read, what it can do, and by which numbers it is judged. An adapter is a
 * JSON file (docs/adapters.md).
 *
 * A life of a master, as the seat plays it:
 *
 *     adapter_load(adapter, "masters/reference.json", &err)      once
 *     adapter_start(adapter, &campaign, &place, launch, &err)    writes job.json, fills argv
 *     ... the program runs as a guest until it ends, is cut, or its time is over ...
 *     adapter_result(adapter, launch, &ending, result)           what it said
 *
 * A master that says nothing, or something that nobody understands, is modelled behaviour and no
 * error: the result is MASTER_NO_REPORT with the trouble in words. */
#ifndef ENGINE_ADAPTER_H
#define ENGINE_ADAPTER_H

#include "scenarios/engine/campaign.h"
#include "scenarios/engine/capability.h"
#include "scenarios/engine/master_result.h"

enum {
    ADAPTER_ARGS_MAX = 32,
    ADAPTER_ENV_MAX = 16,
    ADAPTER_MAP_MAX = 32,
    ADAPTER_SOURCES_MAX = 8,
    ADAPTER_PATTERNS_MAX = 16, /* Of one source. */
    ADAPTER_INTERFACES_MAX = 8,
    ADAPTER_NAME_MAX = 31,
    ADAPTER_TEXT_MAX = 255, /* One argument, path or pattern, before its placeholders are filled. */
    ADAPTER_PATH_MAX = 1023,
};

/* What a result may tell. */
enum adapter_field {
    ADAPTER_NOTHING, /* A group of a pattern that is not wanted. */
    ADAPTER_CODE,
    ADAPTER_REASON_CODE,
    ADAPTER_REASON,
    ADAPTER_SID,
    ADAPTER_NRC,
    ADAPTER_PROMPT,
    ADAPTER_VERSION,
    ADAPTER_ECU_NAME,
    ADAPTER_ECU_CODE,
    ADAPTER_ECU_VERSION,
    ADAPTER_FIELD_COUNT
};

/* A regular pattern (POSIX extended) for one line of output. */
struct adapter_pattern {
    char text[ADAPTER_TEXT_MAX + 1];
    enum adapter_field groups[9]; /* What its groups in brackets tell, in order. */
    size_t groups_len;
    /* What a match tells by itself, by field: "SUCCESS" for the code, say. Empty: nothing. */
    char tells[ADAPTER_FIELD_COUNT][MASTER_WORD_MAX + 1];
};

enum adapter_source_kind {
    ADAPTER_FROM_FILE,        /* A JSON file. */
    ADAPTER_FROM_OUTPUT_JSON, /* The last JSON object in its output. */
    ADAPTER_FROM_OUTPUT,      /* Patterns. */
    ADAPTER_FROM_EXIT_CODE,
};

struct adapter_exit_code {
    uint8_t value;
    enum master_code code;
};

/* One place where a result is looked for. The first of them that gives a code decides; the others
 * add what has not been told yet. */
struct adapter_source {
    enum adapter_source_kind kind;
    char file[ADAPTER_TEXT_MAX + 1];
    char members[ADAPTER_FIELD_COUNT][ADAPTER_TEXT_MAX + 1]; /* JSON: paths, "ecus[0].version". */
    char ecus[ADAPTER_TEXT_MAX + 1]; /* JSON: the list to which the ECU members belong. */
    struct adapter_pattern patterns[ADAPTER_PATTERNS_MAX];
    size_t patterns_len;
    struct adapter_exit_code exit_codes[ADAPTER_MAP_MAX];
    size_t exit_codes_len;
};

/* The master's word and that of the catalogue. */
struct adapter_word {
    char theirs[MASTER_WORD_MAX + 1];
    char ours[MASTER_WORD_MAX + 1];
};

struct adapter_env {
    char name[ADAPTER_TEXT_MAX + 1];
    char value[ADAPTER_TEXT_MAX + 1];
};

/* A name under which the master finds a bus of the vehicle. */
struct adapter_interface {
    char name[15 + 1]; /* IFNAMSIZ. */
    char bus[ADAPTER_NAME_MAX + 1];
};

/* About 180 KB: not for the stack. Everything in it is plain data. */
struct adapter {
    char name[ADAPTER_NAME_MAX + 1];
    char path[ADAPTER_PATH_MAX + 1];   /* Of the adapter file, as it was given. */
    char folder[ADAPTER_PATH_MAX + 1]; /* Its folder, absolute. */
    char command[ADAPTER_ARGS_MAX][ADAPTER_TEXT_MAX + 1];
    size_t command_len;
    struct adapter_env env[ADAPTER_ENV_MAX];
    size_t env_len;
    char working_folder[ADAPTER_TEXT_MAX + 1]; /* Empty: the play's. */
    char job_file[ADAPTER_TEXT_MAX + 1];       /* Empty: the job comes by arguments alone. */
    struct adapter_source sources[ADAPTER_SOURCES_MAX];
    size_t sources_len;
    struct adapter_word codes[ADAPTER_MAP_MAX];
    size_t codes_len;
    struct adapter_word reasons[ADAPTER_MAP_MAX];
    size_t reasons_len;
    sim_ns_t update_ns;    /* Limit of one life, in virtual time. */
    uint64_t capabilities; /* Bits by enum capability. */
    struct adapter_interface interfaces[ADAPTER_INTERFACES_MAX];
    size_t interfaces_len;
    struct profile profile;
};

/* Reads an adapter file. Returns 0 or a negative code with "file:line: member: what is wrong; what
 * to do". Whether the program exists is found out when it is started. */
int adapter_load(struct adapter *adapter, const char *path, struct err *err);
/* The same for a text; name is what messages call it, folder that of relative paths. */
int adapter_parse(struct adapter *adapter, const char *text, size_t len_bytes, const char *name,
                  const char *folder, struct err *err);

bool adapter_can(const struct adapter *adapter, enum capability capability);

/* Where one life of a master is played. */
struct adapter_place {
    const char *folder;    /* Of the play, absolute; it exists. */
    const char *programs;  /* {programs}: where limphome-master lies. Null: beside this program. */
    const char *interface; /* {interface}. Null: what the adapter calls the bus of the first ECU. */
};

/* One life. About 70 KB: not for the stack. */
struct adapter_launch {
    char *argv[ADAPTER_ARGS_MAX + 1];       /* Null-terminated; they point into text. */
    char *environment[ADAPTER_ENV_MAX + 1]; /* "NAME=value", likewise; beside what is inherited. */
    char working_folder[ADAPTER_PATH_MAX + 1];
    char job_path[ADAPTER_PATH_MAX + 1]; /* Empty: none was written. */
    /* Of the sources, in their order; empty: no file. */
    char result_paths[ADAPTER_SOURCES_MAX][ADAPTER_PATH_MAX + 1];
    char text[(ADAPTER_ARGS_MAX + ADAPTER_ENV_MAX) * (ADAPTER_PATH_MAX + 1)];
};

/* Fills in the placeholders, writes the job and removes result files that an earlier life left, so
 * that none is taken for this one's. campaign->profile is the caller's to set, usually from
 * adapter->profile. */
int adapter_start(const struct adapter *adapter, const struct campaign *campaign,
                  const struct adapter_place *place, struct adapter_launch *launch,
                  struct err *err);

/* How a life ended. */
struct adapter_ending {
    bool exited;        /* By itself, or by a signal; else it was ended, or hangs. */
    int exit_code;      /* As a shell tells it: 128 + the signal. */
    const char *output; /* What it wrote, standard output and error together. May be null. */
    size_t output_len;
};

/* What the master said. Never fails: what cannot be understood is result->trouble. */
void adapter_result(const struct adapter *adapter, const struct adapter_launch *launch,
                    const struct adapter_ending *ending, struct master_result *result);

/* One placeholder of commands, environment, paths. docs/adapters.md holds the same table. */
struct adapter_placeholder {
    const char *name; /* "ecu.request_id". */
    const char *help;
};
extern const struct adapter_placeholder adapter_placeholders[];
extern const size_t adapter_placeholders_len;

#endif
