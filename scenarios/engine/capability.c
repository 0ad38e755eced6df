/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/capability.c - the names of what masters can do. */
#include "scenarios/engine/capability.h"

#include "scenarios/engine/nearest.h"
#include "sim/base.h"

#include <string.h>

struct row {
    const char *name, *help;
};

static const struct row rows[CAPABILITY_COUNT] = {
#define CAPABILITY_ROW(id, name, help) {name, help},
    CAPABILITIES(CAPABILITY_ROW)
#undef CAPABILITY_ROW
};

const char *capability_name(enum capability capability)
{
    CHECK(capability < CAPABILITY_COUNT);
    return rows[capability].name;
}

const char *capability_help(enum capability capability)
{
    CHECK(capability < CAPABILITY_COUNT);
    return rows[capability].help;
}

enum capability capability_find(const char *name)
{
    unsigned i = 0;
    while (i < CAPABILITY_COUNT && strcmp(rows[i].name, name) != 0) {
        i++;
    }
    return (enum capability)i;
}

const char *capability_nearest(const char *name)
{
    size_t best = 0;
    for (size_t i = 1; i < CAPABILITY_COUNT; i++) {
        if (nearest_distance(name, rows[i].name) < nearest_distance(name, rows[best].name)) {
            best = i;
        }
    }
    return rows[best].name;
}
