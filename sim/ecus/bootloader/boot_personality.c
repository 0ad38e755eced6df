/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_personality.c - the default personality, which is that of the paper, and
 * the look-up in tables. */
#include "sim/ecus/bootloader/boot_personality.h"

#include "sim/ecus/bootloader/boot_algorithms.h"
#include "sim/ecus/bootloader/bootloader.h"

#define P2_DEFAULT_NS      PROTO_MS(50)
#define P2_STAR_DEFAULT_NS PROTO_MS(5000)
#define S3_DEFAULT_NS      PROTO_MS(5000)

/* Bits of the rows. */
enum { IN_DEFAULT = 1u << 0, IN_PROGRAMMING = 1u << 1, IN_EXTENDED = 1u << 2 };

static const struct boot_session_row sessions[] = {
    {UDS_SESSION_DEFAULT, UDS_SESSION_DEFAULT, BOOT_ANY_SESSION, 0, 0, 0},
    /* 10 02 in the default session is refused (7E): the master has to pass through the extended
     * session, in which it prepares the vehicle. */
    {UDS_SESSION_PROGRAMMING, UDS_SESSION_PROGRAMMING, IN_PROGRAMMING | IN_EXTENDED, 0, 0, 0},
    {UDS_SESSION_EXTENDED, UDS_SESSION_EXTENDED, BOOT_ANY_SESSION, 0, 0, 0},
};

enum { IN_BOOT = BOOT_IN_BOOTLOADER | BOOT_IN_LOADER };

static const struct boot_level levels[] = {{.seed_sub = BOOT_LEVEL_DEFAULT,
                                            .sessions = BOOT_ANY_SESSION,
                                            .where = IN_BOOT,
                                            .programming = true,
                                            .seed_len = 4,
                                            .key_len = 4,
                                            .algorithm = boot_key_shift_xor}};

#define READ(id, from)                                                                             \
    {                                                                                              \
        .did = (id), .value = (from), .where = BOOT_IN_ALL, .read = BOOT_ANY_SESSION               \
    }

static const struct boot_identifier identifiers[] = {
    READ(UDS_DID_BOOT_SOFTWARE, BOOT_VALUE_BOOT_VERSION),
    READ(UDS_DID_APP_SOFTWARE, BOOT_VALUE_BUILD),
    READ(UDS_DID_SOFTWARE_VERSION, BOOT_VALUE_VERSION),
    READ(UDS_DID_ACTIVE_SESSION, BOOT_VALUE_SESSION),
    READ(UDS_DID_PART_NUMBER, BOOT_VALUE_PART_NUMBER),
    READ(UDS_DID_HARDWARE, BOOT_VALUE_HARDWARE_ID),
    READ(UDS_DID_SERIAL_NUMBER, BOOT_VALUE_SERIAL_NUMBER),
    READ(UDS_DID_VIN, BOOT_VALUE_VIN),
    {.did = UDS_DID_FINGERPRINT,
     .value = BOOT_VALUE_STORED,
     .where = BOOT_IN_ALL,
     .read = BOOT_ANY_SESSION,
     .write_where = IN_BOOT,
     .write = IN_PROGRAMMING,
     .write_level = BOOT_LEVEL_DEFAULT,
     .len_min = 1,
     .len_max = BOOT_STORED_MAX},
};

static const struct boot_routine_row routines[] = {
    {.rid = UDS_RID_CHECK_PRECONDITIONS,
     .function = BOOT_DO_PRECONDITIONS,
     .where = BOOT_IN_ALL,
     .sessions = BOOT_ANY_SESSION},
    {.rid = UDS_RID_ERASE_MEMORY,
     .function = BOOT_DO_ERASE,
     .where = IN_BOOT,
     .sessions = IN_PROGRAMMING,
     .level = BOOT_LEVEL_DEFAULT,
     .option = {.optional = true,
                .fields_len = 1,
                .fields = {{.kind = BOOT_FIELD_ALFID, .bytes = {0x44}}}},
     .good = {1, {0x00}},
     .busy = {1, {0x01}}},
    {.rid = UDS_RID_CHECK_DEPENDENCIES,
     .function = BOOT_DO_DEPENDENCIES,
     .where = IN_BOOT,
     .sessions = IN_PROGRAMMING,
     .level = BOOT_LEVEL_DEFAULT,
     .commits = true,
     .option = {.optional = true, .fields_len = 1, .fields = {{.kind = BOOT_FIELD_COUNT}}},
     .good = {1, {0x00}}},
};

static const struct boot_check_method *const checks[BOOT_CHECKS] = {
    [BOOT_CHECK_SHA1] = &boot_check_sha1,
    [BOOT_CHECK_CRC32] = &boot_check_crc32,
    [BOOT_CHECK_SUM8] = &boot_check_sum8,
};

#define ROWS(table) (uint8_t)(sizeof(table) / sizeof((table)[0]))

const struct boot_personality boot_personality_default = {
    .sessions = sessions,
    .sessions_len = ROWS(sessions),
    .levels = levels,
    .levels_len = ROWS(levels),
    .identifiers = identifiers,
    .identifiers_len = ROWS(identifiers),
    .routines = routines,
    .routines_len = ROWS(routines),
    .checks = checks,
    /* Neither compression nor encryption. */
    .download = {.fields_len = 2,
                 .fields = {{.kind = BOOT_FIELD_CONSTANT, .len = 1, .bytes = {0x00}},
                            {.kind = BOOT_FIELD_ALFID}}},
    .exit = {.fields_len = 1, .fields = {{.kind = BOOT_FIELD_CHECK}}},
};

const struct boot_personality *boot_personality_of(const struct boot_cfg *cfg)
{
    return cfg->personality != NULL ? cfg->personality : &boot_personality_default;
}

const struct boot_session_row *boot_session_of(const struct boot_personality *persona, uint8_t id)
{
    for (uint8_t i = 0; i < persona->sessions_len; i++) {
        if (persona->sessions[i].id == id) {
            return &persona->sessions[i];
        }
    }
    return NULL;
}

const struct boot_session_row *boot_session_programming(const struct boot_personality *persona)
{
    uint8_t i = 0;
    while (i + 1 < persona->sessions_len && persona->sessions[i].kind != UDS_SESSION_PROGRAMMING) {
        i++;
    }
    return &persona->sessions[i];
}

uint8_t boot_session_bit(const struct boot_personality *persona, const struct boot_session_row *row)
{
    return (uint8_t)(1u << (unsigned)(row - persona->sessions));
}

const struct boot_level *boot_level_of(const struct boot_personality *persona, uint8_t seed_sub)
{
    for (uint8_t i = 0; i < persona->levels_len; i++) {
        if (persona->levels[i].seed_sub == seed_sub) {
            return &persona->levels[i];
        }
    }
    return NULL;
}

bool boot_checks_by_routine(const struct boot_personality *persona)
{
    for (uint8_t i = 0; i < persona->routines_len; i++) {
        if (persona->routines[i].function == BOOT_DO_CHECK_MEMORY) {
            return true;
        }
    }
    return false;
}

static bool has_check(const struct boot_record *record)
{
    for (uint8_t i = 0; i < record->fields_len; i++) {
        if (record->fields[i].kind == BOOT_FIELD_CHECK) {
            return true;
        }
    }
    return false;
}

bool boot_checks_foretold(const struct boot_personality *persona)
{
    bool foretold = has_check(&persona->download);
    for (uint8_t i = 0; i < persona->routines_len; i++) {
        const struct boot_routine_row *row = &persona->routines[i];
        foretold = foretold || (row->function == BOOT_DO_ERASE && has_check(&row->option));
    }
    return foretold;
}

static proto_ns_t first_of(proto_ns_t row_ns, proto_ns_t cfg_ns, proto_ns_t default_ns)
{
    if (row_ns != 0) {
        return row_ns;
    }
    return cfg_ns != 0 ? cfg_ns : default_ns;
}

void boot_session_timing(const struct boot_cfg *cfg, const struct boot_session_row *row,
                         struct boot_timing *timing)
{
    timing->p2_ns = first_of(row->p2_ns, cfg->p2_ns, P2_DEFAULT_NS);
    timing->p2_star_ns = first_of(row->p2_star_ns, cfg->p2_star_ns, P2_STAR_DEFAULT_NS);
    timing->s3_ns = first_of(row->s3_ns, cfg->s3_ns, S3_DEFAULT_NS);
}
