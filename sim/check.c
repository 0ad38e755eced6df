/* SPDX-License-Identifier: Apache-2.0 */
/* sim/check.c - how a programming error ends the program. */
#include "sim/base.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *what, const char *file, int line, const char *func)
{
    fprintf(stderr, "limphome: internal error: check '%s' failed at %s:%d in %s()\n", what, file,
            line, func);
    abort();
}
