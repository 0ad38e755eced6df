/* SPDX-License-Identifier: Apache-2.0 */
/* cli/options.c - the values of options: numbers, durations, faults of the supply. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Down and up again when --brownout does not say: a battery under a starter motor. */
#define RAMP_DEFAULT SIM_MS(20)
/* How long --cut lasts when it does not say. */
#define CUT_DEFAULT SIM_S(1)

bool cli_parse_u64(const char *text, uint64_t max, uint64_t *value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    bool hexadecimal = strncmp(text, "0x", 2) == 0;
    errno = 0;
    *value = strtoull(text, &end, hexadecimal ? 16 : 10);
    return errno == 0 && end != text && *end == '\0' && *value <= max;
}

/* A decimal number with a unit of the list; *factor is the unit's place in it. */
static bool parse_with_unit(const char *text, const char *const *units, double *value, size_t *unit)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    *value = strtod(text, &end);
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

bool cli_parse_cut(const char *text, struct update_fault *fault)
{
    char at[64];
    size_t len = strcspn(text, ":");
    if (len >= sizeof at) {
        return false;
    }
    memcpy(at, text, len);
    at[len] = '\0';
    *fault = (struct update_fault){.trigger = UPDATE_AT_TIME, .for_ns = CUT_DEFAULT};
    return cli_parse_duration(at, &fault->at_ns) &&
           (text[len] == '\0' || cli_parse_duration(text + len + 1, &fault->for_ns));
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

static bool parse_part(const char *name, const char *value, struct update_fault *fault)
{
    uint64_t number = 0;
    if (strcmp(name, "segment") == 0) {
        bool good = cli_parse_u64(value, OTA_SEGMENTS_MAX, &number) && number > 0;
        fault->trigger = UPDATE_AT_SEGMENT;
        fault->segment = (uint16_t)number;
        return good;
    }
    if (strcmp(name, "time") == 0) {
        fault->trigger = UPDATE_AT_TIME;
        return cli_parse_duration(value, &fault->at_ns);
    }
    if (strcmp(name, "at") == 0) {
        return parse_share(value, &fault->permille);
    }
    if (strcmp(name, "level") == 0) {
        return parse_level(value, &fault->level_mv);
    }
    if (strcmp(name, "for") == 0) {
        return cli_parse_duration(value, &fault->for_ns);
    }
    return strcmp(name, "ramp") == 0 && cli_parse_duration(value, &fault->ramp_ns);
}

bool cli_parse_brownout(const char *text, struct update_fault *fault)
{
    char copy[256];
    char *rest = NULL;
    bool when = false;
    bool good = strlen(text) < sizeof copy;
    *fault = (struct update_fault){.ramp_ns = RAMP_DEFAULT};
    if (!good) {
        return false;
    }
    memcpy(copy, text, strlen(text) + 1);
    for (char *part = strtok_r(copy, ",", &rest); good && part != NULL;
         part = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(part, '=');
        good = value != NULL;
        if (good) {
            *value = '\0';
            good = parse_part(part, value + 1, fault);
            when = when || strcmp(part, "segment") == 0 || strcmp(part, "time") == 0;
        }
    }
    return good && when && fault->for_ns > 0;
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
