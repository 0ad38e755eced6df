/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_fill.c - placeholders of an adapter: which there are, and filling them
 * in. */
#include "scenarios/engine/adapter_reader.h"

#include "scenarios/engine/nearest.h"

#include <stdio.h>
#include <string.h>

#define PROFILE_PREFIX "profile."

const struct adapter_placeholder adapter_placeholders[] = {
    {"adapter", "folder of the adapter file"},
    {"programs", "folder of the programs that come with limphome"},
    {"folder", "folder of this play"},
    {"job", "path of the job file"},
    {"state", "state folder of the master: it outlives a life of the master, not the play"},
    {"interface", "CAN interface of the (first) ECU to be updated"},
    {"campaign", "identifier of the campaign"},
    {"action", "update, rollback or none"},
    {"image", "path of the image"},
    {"version", "version that the ECU must have afterwards"},
    {"from_version", "version that must run before; empty: any"},
    {"sha256", "declared SHA-256 of the image file; empty: not declared"},
    {"bytes", "declared length of the image file; 0: not declared"},
    {"ecu.name", "name of the ECU in the vehicle file"},
    {"ecu.request_id", "its CAN identifiers, as 0x7E0"},
    {"ecu.response_id", "likewise"},
    {"ecu.functional_id", "likewise"},
    {"ecu.request_extension", "its extended address (ISO 15765-2), as 0x12; else empty"},
    {"ecu.response_extension", "likewise"},
    {"ecu.hardware_id", "hardware that the image is for; empty: not compared"},
    {"ecu.secret", "of the seed/key algorithm, as 0x4C494D50"},
};
const size_t adapter_placeholders_len = ARRAY_SIZE(adapter_placeholders);

bool adapter_placeholder_known(const char *name)
{
    if (strncmp(name, PROFILE_PREFIX, strlen(PROFILE_PREFIX)) == 0) {
        return profile_find(name + strlen(PROFILE_PREFIX)) != PROFILE_COUNT;
    }
    for (size_t i = 0; i < adapter_placeholders_len; i++) {
        if (strcmp(adapter_placeholders[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *adapter_placeholder_nearest(const char *name)
{
    size_t best = 0;
    for (size_t i = 1; i < adapter_placeholders_len; i++) {
        if (nearest_distance(name, adapter_placeholders[i].name) <
            nearest_distance(name, adapter_placeholders[best].name)) {
            best = i;
        }
    }
    return adapter_placeholders[best].name;
}

bool adapter_uses(const char *text, const char *name)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "{%s}", name);
    return strstr(text, wanted) != NULL;
}

static bool put(char *to, size_t cap, size_t *len, const char *text, size_t text_len)
{
    if (text_len >= cap - *len) {
        return false;
    }
    memcpy(to + *len, text, text_len);
    *len += text_len;
    to[*len] = '\0';
    return true;
}

/* Takes {name} at *p. */
static bool fill_one(const char **p, adapter_value_fn *value, void *ctx, char *name, size_t cap,
                     const char **found)
{
    const size_t len = strcspn(*p + 1, "}");
    name[0] = '\0';
    if ((*p)[1 + len] != '}') {
        return false;
    }
    (void)snprintf(name, cap, "%.*s", (int)len, *p + 1);
    *p += len + 2;
    *found = value(ctx, name);
    return *found != NULL;
}

bool adapter_fill(const char *text, adapter_value_fn *value, void *ctx, char *to, size_t cap,
                  char *bad, size_t bad_cap)
{
    size_t len = 0;
    CHECK(cap > 0 && bad_cap > 0);
    to[0] = '\0';
    for (const char *p = text; *p != '\0';) {
        const size_t plain = strcspn(p, "{");
        const char *found = "{";
        if (!put(to, cap, &len, p, plain)) {
            break;
        }
        p += plain;
        if (*p == '\0') {
            return true;
        }
        if (p[1] == '{') {
            p += 2;
        } else if (!fill_one(&p, value, ctx, bad, bad_cap, &found)) {
            return false;
        }
        if (!put(to, cap, &len, found, strlen(found))) {
            break;
        }
        if (*p == '\0') {
            return true;
        }
    }
    (void)snprintf(bad, bad_cap, "%s", ADAPTER_TOO_LONG);
    return text[0] == '\0';
}
