/* SPDX-License-Identifier: Apache-2.0 */
/* sim/err.c - environment errors: a code to act on and a sentence to show. */
#include "sim/err.h"

#include "sim/base.h"
#include "sim/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room to see the whole of the character that the cut would split. */
enum { SPARE_BYTES = 4 };

int err_set(struct err *err, int code, const char *fmt, ...)
{
    CHECK(code < 0);
    if (!err) {
        return code;
    }
    /* Formatted aside: an argument may point into the text that is being replaced. */
    char text[sizeof(err->text) + SPARE_BYTES];
    va_list args;
    va_start(args, fmt);
    int wanted = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    CHECK(wanted >= 0);

    size_t len = (size_t)wanted < sizeof(text) ? (size_t)wanted : sizeof(text) - 1;
    len = utf8_cut(text, len, sizeof(err->text) - 1);
    memcpy(err->text, text, len);
    err->text[len] = '\0';
    err->code = code;
    return code;
}

const char *err_text(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
#define ERR_ROW(name, value, text) {name, text},
        ERR_LIST(ERR_ROW)
#undef ERR_ROW
    };
    if (code == 0) {
        return "no error";
    }
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].code == code) {
            return rows[i].text;
        }
    }
    return "unknown error";
}
