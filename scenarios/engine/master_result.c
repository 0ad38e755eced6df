/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_result.c - the names of the results. */
#include "scenarios/engine/master_result.h"

#include "sim/base.h"

#include <string.h>

static const char *const names[MASTER_CODE_COUNT] = {
#define MASTER_NAME(name, text) text,
    MASTER_CODES(MASTER_NAME)
#undef MASTER_NAME
};

const char *master_code_name(enum master_code code)
{
    CHECK(code < MASTER_CODE_COUNT);
    return names[code];
}

enum master_code master_code_find(const char *name)
{
    unsigned i = MASTER_NO_REPORT + 1;
    while (i < MASTER_CODE_COUNT && strcmp(names[i], name) != 0) {
        i++;
    }
    return (enum master_code)i;
}
