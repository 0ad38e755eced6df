/* SPDX-License-Identifier: Apache-2.0 */
/* sim/err.h - environment errors: a code to act on and a sentence to show.
 *
 * A function that can fail for a reason outside the program returns 0 or a negative code from the
 * list below and, through the struct err it was given, leaves one sentence that names what is
 * wrong, where (file and line if there is one), and what to do. Programming errors CHECK instead
 * (sim/base.h); modelled behaviour such as a negative response is ordinary data. */
#ifndef SIM_ERR_H
#define SIM_ERR_H

#define ERR_LIST(X)                                                                                \
    X(ERR_NOMEM, -1, "out of memory")                                                              \
    X(ERR_IO, -2, "input or output failed")                                                        \
    X(ERR_NOT_FOUND, -3, "not found")                                                              \
    X(ERR_SYNTAX, -4, "malformed input")                                                           \
    X(ERR_RANGE, -5, "value outside its limits")                                                   \
    X(ERR_CONFLICT, -6, "contradicts something given before")                                      \
    X(ERR_UNSUPPORTED, -7, "not supported")                                                        \
    X(ERR_USAGE, -8, "wrong use of the command")

enum err_code {
#define ERR_ENUM(name, value, text) name = (value),
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

struct err {
    int code;       /* 0, or one of enum err_code. */
    char text[320]; /* One sentence, UTF-8, no line end. Cut at a character boundary if too long. */
};

/* Fills *err and returns code, so that callers write `return err_set(err, ERR_IO, "...")`.
 * err may be null where the caller wants the code alone. */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The general meaning of a code, for messages that have no better text. */
const char *err_text(int code);

#endif
