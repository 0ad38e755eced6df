/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_patterns.h - Lua's patterns (manual, 6.4.1) with a count of steps: a pattern
 * such as "a*a*a*a*b" takes time that grows with a power of the text's length, inside one call in
 * which Lua itself counts nothing. */
#ifndef ENGINE_LUA_PATTERNS_H
#define ENGINE_LUA_PATTERNS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_CAPTURES_MAX = 32 };

struct pattern_capture {
    const char *begin;
    const char *end; /* Null: not closed yet. */
    bool position;   /* "()": the place counts, not a text. */
};

struct pattern {
    lua_State *L; /* Charged, and where errors are raised. */
    const char *text;
    const char *text_end;
    const char *end; /* Of the pattern. */
    unsigned steps;  /* Not charged yet. */
    int depth;
    int captures_len;
    struct pattern_capture captures[PATTERN_CAPTURES_MAX];
};

/* The end of the match of pattern at exactly `at`, or null. */
const char *pattern_match(struct pattern *m, const char *at, const char *pattern);

#endif
