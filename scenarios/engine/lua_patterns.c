/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_patterns.c - the matcher: one function for each kind of pattern item. */
#include "scenarios/engine/lua_patterns.h"

#include "scenarios/engine/lua_sandbox.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 200, /* As in Lua: what a C stack bears. */
    STEPS_PER_CHARGE = 512,
    STEPS_PER_INSTRUCTION = 4,
};

static void count_step(struct pattern *m)
{
    if (++m->steps == STEPS_PER_CHARGE) {
        m->steps = 0;
        lua_sandbox_charge(m->L, STEPS_PER_CHARGE / STEPS_PER_INSTRUCTION);
    }
}

static const char *set_end(struct pattern *m, const char *p)
{
    p += *p == '^' ? 1 : 0;
    do { /* The first "]" is an ordinary character. */
        if (p == m->end || (*p == '%' && p + 1 == m->end)) {
            luaL_error(m->L, "malformed pattern (missing ']')");
        }
        p += *p == '%' ? 2 : 1;
    } while (p >= m->end || *p != ']');
    return p + 1;
}

/* Behind the single-character item at p. */
static const char *item_end(struct pattern *m, const char *p)
{
    if (*p == '[') {
        return set_end(m, p + 1);
    }
    if (*p != '%') {
        return p + 1;
    }
    if (p + 1 == m->end) {
        luaL_error(m->L, "malformed pattern (ends with '%%')");
    }
    return p + 2;
}

static bool in_class(unsigned char c, unsigned char class)
{
    bool in = false;
    switch (tolower(class)) {
    case 'a': in = isalpha(c) != 0; break;
    case 'c': in = iscntrl(c) != 0; break;
    case 'd': in = isdigit(c) != 0; break;
    case 'g': in = isgraph(c) != 0; break;
    case 'l': in = islower(c) != 0; break;
    case 'p': in = ispunct(c) != 0; break;
    case 's': in = isspace(c) != 0; break;
    case 'u': in = isupper(c) != 0; break;
    case 'w': in = isalnum(c) != 0; break;
    case 'x': in = isxdigit(c) != 0; break;
    case 'z': /* Out of date, and still there. */ in = c == 0; break;
    default: return class == c;
    }
    return isupper(class) ? !in : in;
}

/* p is behind "[", end at "]". */
static bool in_set(struct pattern *m, unsigned char c, const char *p, const char *end)
{
    const bool negated = *p == '^';
    p += negated ? 1 : 0;
    while (p < end) {
        count_step(m);
        if (*p == '%') {
            if (in_class(c, (unsigned char)p[1])) {
                return !negated;
            }
            p += 2;
        } else if (p + 2 < end && p[1] == '-') {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) {
                return !negated;
            }
            p += 3;
        } else if ((unsigned char)*p++ == c) {
            return !negated;
        }
    }
    return negated;
}

static bool item_takes(struct pattern *m, const char *at, const char *p, const char *p_end)
{
    count_step(m);
    if (at >= m->text_end) {
        return false;
    }
    const unsigned char c = (unsigned char)*at;
    switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(m, c, p + 1, p_end - 1);
    default: return (unsigned char)*p == c;
    }
}

static const char *match_most(struct pattern *m, const char *at, const char *p, const char *p_end,
                              size_t least)
{
    size_t n = 0;
    while (item_takes(m, at + n, p, p_end)) {
        n++;
    }
    for (; n + 1 > least; n--) {
        const char *end = pattern_match(m, at + n, p_end + 1);
        if (end != NULL || n == 0) {
            return end;
        }
    }
    return NULL;
}

static const char *match_least(struct pattern *m, const char *at, const char *p, const char *p_end)
{
    for (;;) {
        const char *end = pattern_match(m, at, p_end + 1);
        if (end != NULL) {
            return end;
        }
        if (!item_takes(m, at, p, p_end)) {
            return NULL;
        }
        at++;
    }
}

/* "%bxy"; p is at x. */
static const char *match_balanced(struct pattern *m, const char *at, const char *p)
{
    if (m->end - p < 2) {
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    }
    if (at >= m->text_end || *at != p[0]) {
        return NULL;
    }
    size_t open = 1;
    for (at++; at < m->text_end; at++) {
        count_step(m);
        if (*at == p[1]) {
            if (--open == 0) {
                return at + 1;
            }
        } else if (*at == p[0]) {
            open++;
        }
    }
    return NULL;
}

/* "%f[set]"; p is at the bracket. The text ends with a zero byte for this purpose. */
static bool at_frontier(struct pattern *m, const char *at, const char *p, const char **p_end)
{
    if (p == m->end || *p != '[') {
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
    }
    *p_end = set_end(m, p + 1);
    const unsigned char before = at == m->text ? 0 : (unsigned char)at[-1];
    const unsigned char here = at == m->text_end ? 0 : (unsigned char)*at;
    return !in_set(m, before, p + 1, *p_end - 1) && in_set(m, here, p + 1, *p_end - 1);
}

/* "%1" to "%9". */
static const char *match_again(struct pattern *m, const char *at, char digit)
{
    const int i = digit - '1';
    if (i < 0 || i >= m->captures_len || m->captures[i].end == NULL) {
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    }
    const struct pattern_capture *capture = &m->captures[i];
    const size_t len = (size_t)(capture->end - capture->begin);
    lua_sandbox_charge(m->L, len / STEPS_PER_INSTRUCTION);
    const bool same = (size_t)(m->text_end - at) >= len && memcmp(capture->begin, at, len) == 0;
    return same ? at + len : NULL;
}

static const char *open_capture(struct pattern *m, const char *at, const char *p)
{
    const bool position = p < m->end && *p == ')';
    if (m->captures_len == PATTERN_CAPTURES_MAX) {
        luaL_error(m->L, "too many captures");
    }
    m->captures[m->captures_len++] =
        (struct pattern_capture){.begin = at, .end = position ? at : NULL, .position = position};
    const char *end = pattern_match(m, at, position ? p + 1 : p);
    if (end == NULL) {
        m->captures_len--;
    }
    return end;
}

static const char *close_capture(struct pattern *m, const char *at, const char *p)
{
    int i = m->captures_len - 1;
    while (i >= 0 && m->captures[i].end != NULL) {
        i--;
    }
    if (i < 0) {
        luaL_error(m->L, "invalid pattern capture");
    }
    m->captures[i].end = at;
    const char *end = pattern_match(m, at, p);
    if (end == NULL) {
        m->captures[i].end = NULL;
    }
    return end;
}

/* A single character and what may follow it. Goes on in the caller's loop where *p is moved. */
static const char *match_item(struct pattern *m, const char *at, const char **p)
{
    const char *end = item_end(m, *p);
    const char *item = *p;
    const char suffix = end < m->end ? *end : '\0';
    *p = NULL;
    switch (suffix) {
    case '*': return match_most(m, at, item, end, 0);
    case '+': return match_most(m, at, item, end, 1);
    case '-': return match_least(m, at, item, end);
    case '?':
        if (item_takes(m, at, item, end)) {
            const char *with = pattern_match(m, at + 1, end + 1);
            if (with != NULL) {
                return with;
            }
        }
        *p = end + 1;
        return at;
    default: *p = end; return item_takes(m, at, item, end) ? at + 1 : NULL;
    }
}

/* One item; *p behind it, or null where the rest of the pattern was matched too. */
static const char *match_one(struct pattern *m, const char *at, const char **p)
{
    const char *here = *p;
    const char next = here + 1 < m->end ? here[1] : '\0';
    if (*here == '(' || *here == ')') {
        *p = NULL;
        return *here == '(' ? open_capture(m, at, here + 1) : close_capture(m, at, here + 1);
    }
    if (*here == '$' && here + 1 == m->end) {
        *p = NULL;
        return at == m->text_end ? at : NULL;
    }
    if (*here == '%' && next == 'b') {
        *p = here + 4;
        return match_balanced(m, at, here + 2);
    }
    if (*here == '%' && next == 'f') {
        return at_frontier(m, at, here + 2, p) ? at : NULL;
    }
    if (*here == '%' && isdigit((unsigned char)next)) {
        *p = here + 2;
        return match_again(m, at, next);
    }
    return match_item(m, at, p);
}

const char *pattern_match(struct pattern *m, const char *at, const char *pattern)
{
    if (++m->depth > DEPTH_MAX) {
        luaL_error(m->L, "pattern too complex");
    }
    while (at != NULL && pattern != NULL && pattern < m->end) {
        count_step(m);
        at = match_one(m, at, &pattern);
    }
    m->depth--;
    return at;
}
