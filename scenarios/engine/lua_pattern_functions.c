/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_pattern_functions.c - string.find, match, gmatch and gsub over the matcher
 * that counts its steps. Arguments and results are those of the manual, 6.4. */
#include "scenarios/engine/lua_patterns.h"
#include "scenarios/engine/lua_sandbox.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

enum { SEARCH_BYTES_PER_STEP = 8 };

/* A search through a text from left to right. */
struct search {
    struct pattern m;
    const char *pattern; /* Behind "^". */
    bool anchored;
    const char *from;
    const char *last_end; /* Of the match before: an empty one there does not count again. */
    const char *begin;    /* Of the match that was found. */
    const char *end;
};

static void search_begin(struct search *search, lua_State *L, size_t from, bool may_anchor)
{
    size_t text_len;
    size_t pattern_len;
    const char *text = luaL_checklstring(L, 1, &text_len);
    const char *pattern = luaL_checklstring(L, 2, &pattern_len);
    const bool anchored = may_anchor && pattern_len > 0 && *pattern == '^';
    search->m = (struct pattern){
        .L = L, .text = text, .text_end = text + text_len, .end = pattern + pattern_len};
    search->anchored = anchored;
    search->pattern = pattern + (anchored ? 1 : 0);
    search->from = text + from;
    search->last_end = NULL;
}

static bool match_at(struct search *search, const char *at)
{
    search->m.depth = 0;
    search->m.captures_len = 0;
    search->begin = at;
    search->end = pattern_match(&search->m, at, search->pattern);
    return search->end != NULL && search->end != search->last_end;
}

/* The next match; false if there is none. */
static bool search_next(struct search *search)
{
    for (const char *at = search->from; at <= search->m.text_end; at++) {
        if (match_at(search, at)) {
            search->from = search->end;
            search->last_end = search->end;
            return true;
        }
        if (search->anchored) {
            break;
        }
    }
    return false;
}

/* Capture i; the whole match if there are none and i is 0. */
static void push_capture(const struct search *search, int i)
{
    lua_State *L = search->m.L;
    if (i >= search->m.captures_len) {
        if (i != 0) {
            luaL_error(L, "invalid capture index %%%d", i + 1);
        }
        lua_pushlstring(L, search->begin, (size_t)(search->end - search->begin));
        return;
    }
    const struct pattern_capture *capture = &search->m.captures[i];
    if (capture->position) {
        lua_pushinteger(L, capture->begin - search->m.text + 1);
        return;
    }
    if (capture->end == NULL) {
        luaL_error(L, "unfinished capture");
    }
    lua_pushlstring(L, capture->begin, (size_t)(capture->end - capture->begin));
}

static int push_captures(const struct search *search, bool whole_if_none)
{
    const int n = search->m.captures_len == 0 && whole_if_none ? 1 : search->m.captures_len;
    luaL_checkstack(search->m.L, n, "too many captures");
    for (int i = 0; i < n; i++) {
        push_capture(search, i);
    }
    return n;
}

/* Argument `init`: counted from 1, or from the end if negative. More than len if behind the end. */
static size_t start_of(lua_State *L, int index, size_t len)
{
    const lua_Integer init = luaL_optinteger(L, index, 1);
    if (init > 0) {
        return (size_t)init - 1;
    }
    const bool inside = init != 0 && init >= -(lua_Integer)len;
    return inside ? len - (size_t)-init : 0;
}

static int find_plain(lua_State *L, size_t from)
{
    size_t text_len;
    size_t wanted_len;
    const char *text = lua_tolstring(L, 1, &text_len);
    const char *wanted = lua_tolstring(L, 2, &wanted_len);
    lua_sandbox_charge(L, 1 + text_len / SEARCH_BYTES_PER_STEP);
    const char *found = memmem(text + from, text_len - from, wanted, wanted_len);
    if (found == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, found - text + 1);
    lua_pushinteger(L, found - text + (lua_Integer)wanted_len);
    return 2;
}

static bool has_specials(const char *pattern, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (pattern[i] != '\0' && strchr("^$*+?.([%-", pattern[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static int find_or_match(lua_State *L, bool find)
{
    size_t text_len;
    size_t pattern_len;
    luaL_checklstring(L, 1, &text_len);
    const char *pattern = luaL_checklstring(L, 2, &pattern_len);
    const size_t from = start_of(L, 3, text_len);
    if (from > text_len) {
        luaL_pushfail(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || !has_specials(pattern, pattern_len))) {
        return find_plain(L, from);
    }
    struct search search;
    search_begin(&search, L, from, true);
    if (!search_next(&search)) {
        luaL_pushfail(L);
        return 1;
    }
    if (!find) {
        return push_captures(&search, true);
    }
    lua_pushinteger(L, search.begin - search.m.text + 1);
    lua_pushinteger(L, search.end - search.m.text);
    return 2 + push_captures(&search, false);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* Upvalues: text, pattern, where to go on, where the last match ended (-1: none). */
static int gmatch_next(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    const size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    const lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(4));
    if (from > lua_rawlen(L, 1)) {
        return 0;
    }
    struct search search;
    search_begin(&search, L, from, false);
    search.last_end = last_end < 0 ? NULL : search.m.text + last_end;
    if (!search_next(&search)) {
        return 0;
    }
    for (int upvalue = 3; upvalue <= 4; upvalue++) {
        lua_pushinteger(L, search.end - search.m.text);
        lua_replace(L, lua_upvalueindex(upvalue));
    }
    return push_captures(&search, true);
}

static int string_gmatch(lua_State *L)
{
    size_t text_len;
    luaL_checklstring(L, 1, &text_len);
    luaL_checkstring(L, 2);
    const size_t from = start_of(L, 3, text_len);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(from > text_len ? text_len + 1 : from));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

static void add_template(const struct search *search, luaL_Buffer *out)
{
    lua_State *L = search->m.L;
    size_t len;
    const char *p = lua_tolstring(L, 3, &len);
    for (const char *end = p + len; p < end; p++) {
        if (*p != '%') {
            luaL_addchar(out, *p);
            continue;
        }
        p++;
        if (p < end && *p == '%') {
            luaL_addchar(out, '%');
        } else if (p < end && *p == '0') {
            luaL_addlstring(out, search->begin, (size_t)(search->end - search->begin));
        } else if (p < end && isdigit((unsigned char)*p)) {
            push_capture(search, *p - '1');
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
}

/* Replaces by what a function or table says about the first capture; nil and false keep the match.
 */
static void add_answer(const struct search *search, luaL_Buffer *out, int type)
{
    lua_State *L = search->m.L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(search, true), 1);
    } else {
        push_capture(search, 0);
        lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, search->begin, (size_t)(search->end - search->begin));
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    luaL_addvalue(out);
}

static int string_gsub(lua_State *L)
{
    size_t text_len;
    luaL_checklstring(L, 1, &text_len);
    luaL_checkstring(L, 2);
    const int type = lua_type(L, 3);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    const lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)text_len + 1);
    lua_Integer n = 0;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    struct search search;
    search_begin(&search, L, 0, true);
    const char *copied = search.from;
    while (n < most && search_next(&search)) {
        n++;
        luaL_addlstring(&out, copied, (size_t)(search.begin - copied));
        copied = search.end;
        if (type == LUA_TFUNCTION || type == LUA_TTABLE) {
            add_answer(&search, &out, type);
        } else {
            add_template(&search, &out);
        }
        if (search.anchored) {
            break;
        }
    }
    luaL_addlstring(&out, copied, (size_t)(search.m.text_end - copied));
    luaL_pushresult(&out);
    lua_pushinteger(L, n);
    return 2;
}

void lua_add_patterns(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", string_find},
        {"match", string_match},
        {"gmatch", string_gmatch},
        {"gsub", string_gsub},
        {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
