/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_reader.c - messages about a vehicle file: file, line, path of the member. */
#include "sim/ecus/vehicle_reader.h"

#include "sim/json_locate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 400 };

static int fail_at(struct vehicle_reader *r, unsigned occurrence, int code, const char *what)
{
    unsigned line = json_locate(r->text, r->len, r->path, occurrence);
    if (r->path[0] == '\0') {
        return err_set(r->err, code, "%s:%u: %s", r->file, line, what);
    }
    return err_set(r->err, code, "%s:%u: %s: %s", r->file, line, r->path, what);
}

int vehicle_fail(struct vehicle_reader *r, int code, const char *fmt, ...)
{
    char what[WHAT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return fail_at(r, 0, code, what);
}

int vehicle_fail_again(struct vehicle_reader *r, const char *fmt, ...)
{
    char what[WHAT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return fail_at(r, 1, ERR_CONFLICT, what);
}

size_t vehicle_enter_name(struct vehicle_reader *r, const char *name)
{
    size_t len = strlen(r->path);
    (void)snprintf(r->path + len, sizeof r->path - len, "%s%s", len > 0 ? "." : "", name);
    return len;
}

size_t vehicle_enter_index(struct vehicle_reader *r, size_t index)
{
    size_t len = strlen(r->path);
    (void)snprintf(r->path + len, sizeof r->path - len, "[%zu]", index);
    return len;
}

void vehicle_leave(struct vehicle_reader *r, size_t len)
{
    r->path[len] = '\0';
}

int vehicle_fail_member(struct vehicle_reader *r, const char *list, size_t index, const char *name,
                        int code, const char *fmt, ...)
{
    char what[WHAT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    (void)snprintf(r->path, sizeof r->path, "%s[%zu]%s%s", list, index, name[0] != '[' ? "." : "",
                   name);
    return fail_at(r, 0, code, what);
}
