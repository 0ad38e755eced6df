/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_code.c - units and states to texts and back. What is read may be anything: a text
 * that this would not print is refused, so that each list has one text. */
#include "reports/sweep_code.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_DIGITS = 16, UNITS_CHARS_MAX = 44 };

char *sweep_units_print(const struct sweep_units *units, size_t len)
{
    char *text = calloc(len + 1, UNITS_CHARS_MAX);
    CHECK(text != NULL);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        char *to = &text[at];
        int more = snprintf(to, UNITS_CHARS_MAX, "%s%" PRIu64, i > 0 ? " " : "", units[i].first);
        if (units[i].last > units[i].first) {
            more += snprintf(&to[more], UNITS_CHARS_MAX - (size_t)more, "-%" PRIu64, units[i].last);
        }
        at += (size_t)more;
    }
    return text;
}

/* Decimal, without leading zeros; UINT64_MAX is none, so that one more than it can be said. */
static bool take_number(const char **text, uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;
    bool good = *at >= '0' && *at <= '9' && (*at != '0' || at[1] < '0' || at[1] > '9');
    for (; good && *at >= '0' && *at <= '9'; at++) {
        const uint64_t digit = (uint64_t)(*at - '0');
        good = value <= (UINT64_MAX - 1 - digit) / 10u;
        value = value * 10u + digit;
    }
    *text = at;
    *number = value;
    return good;
}

static bool take_units(const char **text, struct sweep_units *units)
{
    if (!take_number(text, &units->first)) {
        return false;
    }
    units->last = units->first;
    if (**text == '-') {
        *text += 1;
        return take_number(text, &units->last) && units->last > units->first;
    }
    return true;
}

bool sweep_units_parse(const char *text, struct sweep_units **units, size_t *len)
{
    struct sweep_units *list = calloc(strlen(text) / 2 + 1, sizeof *list);
    CHECK(list != NULL);
    bool good = true;
    for (*len = 0; good && *text != '\0'; *len += 1) {
        good = *len == 0 || *text++ == ' ';
        good = good && take_units(&text, &list[*len]);
        /* Not touching the last: one text for each list. */
        good = good && (*len == 0 || list[*len].first > list[*len - 1].last + 1);
    }
    *units = good ? list : NULL;
    if (!good) {
        *len = 0;
        free(list);
    }
    return good;
}

char *sweep_states_print(const uint64_t *states, size_t len)
{
    char *text = calloc(len + 1, STATE_DIGITS);
    CHECK(text != NULL);
    for (size_t i = 0; i < len; i++) {
        (void)snprintf(&text[i * STATE_DIGITS], STATE_DIGITS + 1, "%016" PRIx64, states[i]);
    }
    return text;
}

static bool take_state(const char *text, uint64_t *state)
{
    *state = 0;
    for (size_t i = 0; i < STATE_DIGITS; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = strchr(digits, text[i]);
        if (text[i] == '\0' || digit == NULL) {
            return false;
        }
        *state = *state << 4 | (uint64_t)(digit - digits);
    }
    return true;
}

bool sweep_states_parse(const char *text, uint64_t **states, size_t *len)
{
    const size_t chars = strlen(text);
    uint64_t *list = calloc(chars / STATE_DIGITS + 1, sizeof *list);
    CHECK(list != NULL);
    bool good = chars % STATE_DIGITS == 0;
    for (*len = 0; good && *len < chars / STATE_DIGITS; *len += 1) {
        good = take_state(&text[*len * STATE_DIGITS], &list[*len]);
        good = good && (*len == 0 || list[*len] > list[*len - 1]);
    }
    *states = good ? list : NULL;
    if (!good) {
        *len = 0;
        free(list);
    }
    return good;
}

char *sweep_edges_print(const sim_ns_t *edges_ns, size_t len)
{
    char *text = calloc(len + 1, UNITS_CHARS_MAX);
    CHECK(text != NULL);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        at += (size_t)snprintf(&text[at], UNITS_CHARS_MAX, "%s%" PRIu64, i > 0 ? " " : "",
                               edges_ns[i]);
    }
    return text;
}

bool sweep_edges_parse(const char *text, sim_ns_t **edges_ns, size_t *len)
{
    sim_ns_t *list = calloc(strlen(text) / 2 + 1, sizeof *list);
    CHECK(list != NULL);
    bool good = true;
    for (*len = 0; good && *text != '\0'; *len += 1) {
        good = *len == 0 || *text++ == ' ';
        good = good && take_number(&text, &list[*len]);
        good = good && (*len == 0 || list[*len] > list[*len - 1]);
    }
    *edges_ns = good ? list : NULL;
    if (!good) {
        *len = 0;
        free(list);
    }
    return good;
}
