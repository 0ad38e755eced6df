/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_error.c - filling in an environment error. */
#include "master/ota_error.h"

#include <stdarg.h>
#include <stdio.h>

int ota_error_set(struct ota_error *error, int code, const char *fmt, ...)
{
    if (!error) {
        return code;
    }
    error->code = code;
    va_list args;
    va_start(args, fmt);
    vsnprintf(error->text, sizeof error->text, fmt, args);
    va_end(args);
    return code;
}
