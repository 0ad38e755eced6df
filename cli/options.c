/* SPDX-License-Identifier: Apache-2.0 */
/* cli/options.c - the values of options: numbers, durations, faults of the supply. */
#include "cli/cli.h"
#include "reports/result.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Down and up again when --brownout does not say: a battery under a starter motor. */
#define RAMP_DEFAULT SIM_MS(20)
/* How long --cut lasts when it does not say. */
#define CUT_DEFAULT SIM_S(1)

bool cli_parse_u64(const char *text, uint64_t max, uint64_t *value)
{
    char *end = NULL;
    bool hexadecimal = strncmp(text, "0x", 2) == 0;
    errno = 0;
    *value = strtoull(text, &end, hexadecimal ? 16 : 10);
    return isdigit((unsigned char)text[0]) && errno == 0 && *end == '\0' && *value <= max &&
           (!hexadecimal || isxdigit((unsigned char)text[2]));
}

const char *cli_parse_seed(const char *text, uint64_t *seed)
{
    return cli_parse_u64(text, UINT64_MAX, seed)
               ? NULL
               : "must be a whole number of at most 64 bits, decimal or 0x...";
}

const char *cli_parse_shard(const char *text, uint32_t *shard, uint32_t *shards)
{
    char first[16];
    uint64_t number = 0;
    uint64_t all = 0;
    const size_t len = strcspn(text, "/");
    snprintf(first, sizeof first, "%.*s", (int)(len < sizeof first ? len : 0), text);
    if (text[len] == '\0' || !cli_parse_u64(first, RESULT_SHARDS_MAX, &number) ||
        !cli_parse_u64(&text[len + 1], RESULT_SHARDS_MAX, &all)) {
        return "must be a number and of how many, such as 2/4; at most 10000";
    }
    if (number == 0 || number > all) {
        return "there is no such shard; must be a number and of how many, such as 2/4";
    }
    *shard = (uint32_t)number;
    *shards = (uint32_t)all;
    return NULL;
}

/* A decimal number with a unit of the list; *factor is the unit's place in it. */
static bool parse_with_unit(const char *text, const char *const *units, double *value, size_t *unit)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    *value = strtod(text, &end);
    if (strspn(text, "0123456789.") != (size_t)(end - text)) {
        return false; /* Of the forms that strtod() knows, people mean this one. */
    }
    for (*unit = 0; units[*unit] != NULL; (*unit)++) {
        if (strcmp(end, units[*unit]) == 0) {
            return true;
        }
    }
    return false;
}

bool cli_parse_duration(const char *text, sim_ns_t *ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "min", NULL};
    static const double factors[] = {1, 1e3, 1e6, 1e9, 60e9};
    double value = 0;
    size_t unit = 0;
    if (!parse_with_unit(text, units, &value, &unit) || value * factors[unit] > 1e15) {
        return false;
    }
    *ns = (sim_ns_t)(value * factors[unit] + 0.5);
    return true;
}

#define CUT_FORM "accepted is AT[:DURATION] with ns, us, ms, s or min, like 3s:500ms"

const char *cli_parse_cut(const char *text, struct update_fault *fault)
{
    char at[64];
    size_t len = strcspn(text, ":");
    *fault = (struct update_fault){.trigger = UPDATE_AT_TIME, .for_ns = CUT_DEFAULT};
    if (len >= sizeof at) {
        return "the time is too long; " CUT_FORM;
    }
    memcpy(at, text, len);
    at[len] = '\0';
    if (!cli_parse_duration(at, &fault->at_ns)) {
        return "the time is not a number with a unit, of at most 11 days; " CUT_FORM;
    }
    if (text[len] != '\0' && !cli_parse_duration(text + len + 1, &fault->for_ns)) {
        return "the duration is not a number with a unit, of at most 11 days; " CUT_FORM;
    }
    return fault->for_ns > 0 ? NULL : "the duration must be longer than 0";
}

static bool parse_level(const char *text, uint32_t *mv)
{
    static const char *const units[] = {"mV", "V", NULL};
    double value = 0;
    size_t unit = 0;
    if (!parse_with_unit(text, units, &value, &unit)) {
        return false;
    }
    value *= unit == 1 ? 1000.0 : 1.0;
    *mv = value <= 60000.0 ? (uint32_t)(value + 0.5) : 0;
    return value <= 60000.0;
}

static bool parse_share(const char *text, uint16_t *permille)
{
    static const char *const units[] = {"%", NULL};
    double value = 0;
    size_t unit = 0;
    if (!parse_with_unit(text, units, &value, &unit) || value > 100.0) {
        return false;
    }
    *permille = (uint16_t)(value * 10.0 + 0.5);
    return true;
}

#define BROWNOUT_FORM                                                                              \
    "accepted is segment=2,at=50%,level=3600mV,for=1500ms[,ramp=20ms], or time=3s in place of "    \
    "segment and at"

/* The parts of a brown-out; their numbers are bits of the set of those given. */
enum { PART_SEGMENT, PART_TIME, PART_AT, PART_LEVEL, PART_FOR, PART_RAMP };
static const char *const parts[] = {"segment", "time", "at", "level", "for", "ramp", NULL};

static const char *take_part(int part, const char *value, struct update_fault *fault)
{
    uint64_t number = 0;
    switch (part) {
    case PART_SEGMENT:
        fault->trigger = UPDATE_AT_SEGMENT;
        (void)cli_parse_u64(value, UINT64_MAX, &number);
        fault->segment = (uint16_t)(number <= OTA_SEGMENTS_MAX ? number : 0);
        return fault->segment > 0 ? NULL : "segment must be a number from 1 to 32";
    case PART_TIME:
        return cli_parse_duration(value, &fault->at_ns) ? NULL : "time must be like 3s or 500ms";
    case PART_AT: return parse_share(value, &fault->permille) ? NULL : "at must be 0% to 100%";
    case PART_LEVEL:
        return parse_level(value, &fault->level_mv) ? NULL
                                                    : "level must be like 3600mV or 3.6V, at "
                                                      "most 60V";
    case PART_FOR:
        return cli_parse_duration(value, &fault->for_ns) && fault->for_ns > 0
                   ? NULL
                   : "for must be like 1500ms, and longer than 0";
    case PART_RAMP:
        return cli_parse_duration(value, &fault->ramp_ns) ? NULL : "ramp must be like 20ms";
    default: return "a part of it is unknown; " BROWNOUT_FORM;
    }
}

static const char *check_parts(unsigned given)
{
    bool segment = (given & 1u << PART_SEGMENT) != 0;
    bool time = (given & 1u << PART_TIME) != 0;
    if (segment == time) {
        return segment ? "segment and time exclude each other; " BROWNOUT_FORM
                       : "segment= or time= is missing; " BROWNOUT_FORM;
    }
    if (time && (given & 1u << PART_AT) != 0) {
        return "at= belongs to segment=; " BROWNOUT_FORM;
    }
    if ((given & 1u << PART_LEVEL) == 0) {
        return "level= is missing; " BROWNOUT_FORM;
    }
    return (given & 1u << PART_FOR) != 0 ? NULL : "for= is missing; " BROWNOUT_FORM;
}

const char *cli_parse_brownout(const char *text, struct update_fault *fault)
{
    char copy[256];
    char *rest = copy;
    unsigned given = 0;
    *fault = (struct update_fault){.ramp_ns = RAMP_DEFAULT};
    if (strlen(text) >= sizeof copy) {
        return "too long; " BROWNOUT_FORM;
    }
    memcpy(copy, text, strlen(text) + 1);
    while (rest != NULL) {
        char *name = strsep(&rest, ",");
        char *value = strchr(name, '=');
        if (value == NULL) {
            return "each part is a name, = and a value; " BROWNOUT_FORM;
        }
        *value++ = '\0';
        int part = cli_parse_choice(name, parts);
        const char *why = take_part(part, value, fault);
        if (why != NULL) {
            return why;
        }
        if ((given & 1u << part) != 0) {
            return "a part is given twice; " BROWNOUT_FORM;
        }
        given |= 1u << part;
    }
    return check_parts(given);
}

const char *cli_parse_timed_brownout(const char *text, struct update_fault *fault)
{
    const char *why = cli_parse_brownout(text, fault);
    if (why == NULL && fault->trigger != UPDATE_AT_TIME) {
        why = "segment= belongs to `limphome update`; accepted here is "
              "time=3s,level=3600mV,for=1500ms[,ramp=20ms]";
    }
    return why;
}

const char *cli_take_fault(struct cli_faults *faults, const char *text,
                           const char *(*parse)(const char *, struct update_fault *))
{
    if (faults->len == UPDATE_FAULTS_MAX) {
        return "one too many: at most 8 faults, --cut and --brownout together";
    }
    const char *why = parse(text, &faults->faults[faults->len]);
    faults->len += why == NULL ? 1u : 0u;
    return why;
}

const char *cli_parse_path(const char *text, const char **path)
{
    *path = text;
    if (text[0] == '\0') {
        return "the path is empty";
    }
    return strlen(text) < PATH_MAX ? NULL : "the path is longer than the system takes";
}

const char *cli_parse_header_text(const char *text, char to[BOOT_HEADER_TEXT + 1])
{
    size_t len = strlen(text);
    bool good = len >= 1 && len <= BOOT_HEADER_TEXT;
    for (size_t i = 0; good && i < len; i++) {
        good = text[i] >= ' ' && text[i] <= '~';
    }
    if (!good) {
        return "must be 1 to 16 printable ASCII characters";
    }
    memcpy(to, text, len + 1);
    return NULL;
}

int cli_parse_choice(const char *text, const char *const *choices)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(text, choices[i]) == 0) {
            return i;
        }
    }
    return -1;
}
