/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_personality.h - what a maker's flash specification fixes and ISO 14229
 * leaves open, as constant tables: sessions, security levels, identifiers, routines, how requests
 * name memory, where checks are carried. The logic of the bootloader reads them; so does the
 * application.
 *
 * A port writes the tables down as constants; the simulator makes them from a vehicle file
 * (docs/vehicles.md). The tables outlive whoever uses them. */
#ifndef BOOT_PERSONALITY_H
#define BOOT_PERSONALITY_H

#include "sim/ecus/bootloader/boot_check_method.h"
#include "sim/proto/uds_server.h"

enum {
    BOOT_SESSIONS_MAX = 8, /* So that a byte holds a set of them. */
    BOOT_LEVELS_MAX = 4,
    BOOT_SEED_MAX = 32, /* Also of a key, and of a secret. */
    BOOT_FIELDS_MAX = 6,
    BOOT_CONSTANT_MAX = 8,
    BOOT_STORED_MAX = 30, /* Bytes of a stored identifier: a word holds their number. */
    BOOT_STORED_SLOTS = 8
};

/* Who runs, as bits of a set. */
enum boot_where {
    BOOT_IN_BOOTLOADER = 1u << 0,
    BOOT_IN_LOADER = 1u << 1, /* The bootloader with a secondary one that was started in RAM. */
    BOOT_IN_APPLICATION = 1u << 2,
    BOOT_IN_ALL = BOOT_IN_BOOTLOADER | BOOT_IN_LOADER | BOOT_IN_APPLICATION
};

/* Sets of sessions: bit n stands for row n of the sessions. */
enum { BOOT_ANY_SESSION = 0xFF };

/* The rows with the kinds default and programming are there once each. Any other session behaves
 * like the extended one. */
struct boot_session_row {
    uint8_t id;                          /* As 10 names it. */
    enum uds_session kind;               /* What the services' table knows it as. */
    uint8_t from;                        /* Set of sessions from which it may be entered. */
    proto_ns_t p2_ns, p2_star_ns, s3_ns; /* 0: as struct boot_cfg has them. */
};

struct boot_cfg;
struct boot_level;

/* Computes the key of a seed; both have the lengths of the level. False: no key fits
 * (boot_algorithms.h). */
typedef bool boot_key_fn(const struct boot_cfg *cfg, const struct boot_level *level,
                         const uint8_t *seed, uint8_t *key);

struct boot_level {
    uint8_t seed_sub; /* Odd; the key has the number behind. Names the level. */
    uint8_t sessions; /* Set of sessions. */
    uint8_t where;    /* Set of enum boot_where. */
    bool programming; /* Opens the services of a download. */
    uint8_t seed_len; /* Bytes, 1 to BOOT_SEED_MAX; key_len likewise. */
    uint8_t key_len;
    boot_key_fn *algorithm;
    uint8_t secret_len; /* 0: the four bytes of cfg->security_secret. */
    uint8_t secret[BOOT_SEED_MAX];
    uint8_t attempts; /* 0: as struct boot_cfg has it; likewise the delay. */
    proto_ns_t delay_ns;
    const char *hook; /* Of boot_key_hook. */
};

enum boot_value {
    BOOT_VALUE_BYTES,  /* Constant: bytes, len. */
    BOOT_VALUE_MEMORY, /* len bytes from address on, as flash holds them now. */
    BOOT_VALUE_STORED, /* What 2E has written; bytes, len before that. */
    BOOT_VALUE_HOOK,
    BOOT_VALUE_SESSION,
    BOOT_VALUE_BOOT_VERSION,
    BOOT_VALUE_BUILD,   /* Application: build identifier of the header. Bootloader: as version. */
    BOOT_VALUE_VERSION, /* Of the application, if it could be started. */
    BOOT_VALUE_PART_NUMBER,
    BOOT_VALUE_SERIAL_NUMBER,
    BOOT_VALUE_HARDWARE_ID,
    BOOT_VALUE_VIN,
    BOOT_VALUE_SUPPLY_MV, /* Two bytes. */
    BOOT_VALUE_RUNNING    /* One byte: 1 bootloader, 2 secondary bootloader, 3 application. */
};

struct boot_identifier {
    uint16_t did;
    enum boot_value value;
    uint8_t where;       /* Set of enum boot_where, to read. */
    uint8_t read;        /* Set of sessions. */
    uint8_t read_level;  /* Level that must be open; 0: none. */
    uint8_t write_where; /* 0: it cannot be written. */
    uint8_t write;
    uint8_t write_level;
    uint8_t len;     /* See enum boot_value. Texts: padded to it with zeros; 0: 16 bytes (VIN: 17)
                      * from the bootloader, unpadded from the application. */
    uint8_t len_min; /* Stored: what 2E may write, up to len_max. */
    uint8_t len_max;
    uint8_t slot; /* Stored: which place of emulated EEPROM. */
    uint32_t address;
    const uint8_t *bytes;
    const char *hook;
};

/* A request's record is a row of fields. */
enum boot_field_kind {
    BOOT_FIELD_CONSTANT, /* len bytes that must be these. */
    BOOT_FIELD_BLOCK,    /* One byte: a logical block number. */
    BOOT_FIELD_ALFID,    /* addressAndLengthFormatIdentifier, address, length. bytes[0]: the only
                          * format taken; 0: any. An address of one byte is a logical block number
                          * where there are any. */
    BOOT_FIELD_ADDRESS,  /* len bytes. */
    BOOT_FIELD_LENGTH,   /* len bytes. */
    BOOT_FIELD_CHECK,    /* The check value of the segment. */
    BOOT_FIELD_COUNT,    /* Two bytes: number of segments. */
    BOOT_FIELD_ANY       /* Whatever follows; the last field. */
};

struct boot_field {
    enum boot_field_kind kind;
    uint8_t len;
    uint8_t bytes[BOOT_CONSTANT_MAX];
};

struct boot_record {
    bool optional; /* It may be absent as a whole. */
    uint8_t fields_len;
    struct boot_field fields[BOOT_FIELDS_MAX];
};

struct boot_bytes {
    uint8_t len;
    uint8_t bytes[BOOT_CONSTANT_MAX];
};

enum boot_function {
    BOOT_DO_PRECONDITIONS,
    BOOT_DO_ERASE,
    BOOT_DO_CHECK_MEMORY,
    BOOT_DO_DEPENDENCIES,
    BOOT_DO_COMMIT,
    BOOT_DO_START_LOADER,
    BOOT_DO_HOOK
};

struct boot_routine_row {
    uint16_t rid;
    enum boot_function function;
    uint8_t where;    /* Set of enum boot_where. */
    uint8_t sessions; /* Set of sessions; in others it is not known (31). */
    uint8_t level;    /* Level that must be open; 0: none. */
    bool polled;      /* Erase: answered with busy at once; asked again until it is good. */
    bool commits;     /* Dependencies: marks a good application valid. */
    struct boot_record option;
    struct boot_bytes good, busy; /* What follows the identifier in the answer. */
    struct boot_bytes bad;        /* Empty: a negative response, or the built-in code. */
    const char *hook;
};

/* A logical block; start and end as in struct boot_region. */
struct boot_block_row {
    uint8_t id;
    uint32_t start;
    uint32_t end;
};

/* The level of the first row that opens programming. */
enum { BOOT_LEVEL_DEFAULT = 0x01 };

struct boot_personality {
    const struct boot_session_row *sessions; /* Row 0 is the default session. */
    const struct boot_level *levels;
    const struct boot_identifier *identifiers;
    const struct boot_routine_row *routines;
    const struct boot_block_row *blocks;
    uint8_t sessions_len, levels_len, identifiers_len, routines_len, blocks_len;

    /* By enum boot_segment_check; null: not used. */
    const struct boot_check_method *const *checks;

    struct boot_record download;   /* 34: all after the service identifier. */
    struct boot_record exit;       /* 37 likewise. */
    struct boot_bytes transferred; /* What the answer to 36 carries behind the counter. */
    uint8_t block_length_bytes;    /* Of maxNumberOfBlockLength in the answer to 34. 0 means 2. */
    bool line_crc16; /* A CRC-16/X-25 over the whole request ends each 36 (wrong: 71). */

    uint32_t ram_start, ram_end; /* Where a secondary bootloader is loaded. Equal: there is none. */
    bool loader_required;        /* Flash is erased and written by the secondary one only. */

    /* Null: those of the bootloader and the application, with the standard's sub-functions. */
    const struct uds_service *services;
    const struct uds_service *application_services;
    uint8_t services_len, application_services_len;
};

extern const struct boot_personality boot_personality_default;

/* A function of the maker's that no table can say. in: seed; option record; nothing. Returns the
 * number of bytes put into out, or minus a negative response code. */
struct boot_hook {
    int (*call)(void *ctx, const char *name, const uint8_t *in, uint16_t in_len, uint8_t *out,
                uint16_t out_cap);
    void *ctx;
};

const struct boot_personality *boot_personality_of(const struct boot_cfg *cfg);
/* Null: there is no such row. */
const struct boot_session_row *boot_session_of(const struct boot_personality *persona, uint8_t id);
const struct boot_session_row *boot_session_programming(const struct boot_personality *persona);
uint8_t boot_session_bit(const struct boot_personality *persona,
                         const struct boot_session_row *row);
/* By seed sub-function. */
const struct boot_level *boot_level_of(const struct boot_personality *persona, uint8_t seed_sub);
/* The check comes with a routine, and not before. */
bool boot_checks_by_routine(const struct boot_personality *persona);
/* The check comes before the data, with the erase or with 34. */
bool boot_checks_foretold(const struct boot_personality *persona);

struct boot_timing {
    proto_ns_t p2_ns, p2_star_ns, s3_ns;
};
void boot_session_timing(const struct boot_cfg *cfg, const struct boot_session_row *row,
                         struct boot_timing *timing);

#endif
