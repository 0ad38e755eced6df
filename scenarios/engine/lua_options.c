/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_options.c - reads and checks the named parameters of a call. */
#include "scenarios/engine/lua_options.h"

#include "scenarios/engine/lua_duration.h"
#include "scenarios/engine/lua_script.h"
#include "scenarios/engine/nearest.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_CHARS = 200, LISTED_CHARS = 120, MV_MAX = 60000 };

void lua_option_error(const struct lua_options *options, const char *name, const char *fmt, ...)
{
    char text[MESSAGE_CHARS];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    luaL_error(options->L, "%s: %s: %s", options->function, name, text);
    abort(); /* luaL_error() does not return. */
}

static bool is_among(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

static void find_nearest(const char *const *names, const char *name, const char **best,
                         unsigned *distance)
{
    for (; names != NULL && *names != NULL; names++) {
        const unsigned one = nearest_distance(name, *names);
        if (one < *distance) {
            *distance = one;
            *best = *names;
        }
    }
}

/* Null: none is near. */
static const char *nearest_of(const char *name, const char *const *names, const char *const *more)
{
    const char *best = NULL;
    unsigned distance = strlen(name) < 4 ? 2 : 3;
    find_nearest(names, name, &best, &distance);
    find_nearest(more, name, &best, &distance);
    return best;
}

static void list_words(const char *const *words, char *text, size_t size)
{
    text[0] = '\0';
    for (; *words != NULL; words++) {
        const size_t len = strlen(text);
        (void)snprintf(text + len, size - len, "%s\"%s\"", len == 0 ? "" : ", ", *words);
    }
}

static _Noreturn void refuse(const struct lua_options *options, const char *name,
                             const char *const *names, const char *const *more)
{
    char listed[LISTED_CHARS + 1];
    const char *best = nearest_of(name, names, more);
    if (best != NULL) {
        lua_option_error(options, name, "no such parameter; did you mean \"%s\"?", best);
    }
    list_words(names, listed, sizeof listed);
    lua_option_error(options, name, "no such parameter; docs/scenarios.md lists them%s%s",
                     listed[0] != '\0' && more == NULL ? ": " : "", more == NULL ? listed : "");
}

/* Of several names that are not known the first in the alphabet is told: the order in which a table
 * is walked differs from run to run. */
static void check_names(const struct lua_options *options, const char *const *names,
                        const char *const *more)
{
    lua_State *L = options->L;
    const char *unknown = NULL;
    for (lua_pushnil(L); lua_next(L, options->index) != 0; lua_pop(L, 1)) {
        if (lua_isinteger(L, -2) && is_among(names, "#")) {
            continue;
        }
        if (lua_type(L, -2) != LUA_TSTRING) {
            luaL_error(L, "%s: a value without a name; parameters are written NAME = VALUE",
                       options->function);
        }
        const char *name = lua_tostring(L, -2);
        if (!is_among(names, name) && !is_among(more, name) &&
            (unknown == NULL || strcmp(name, unknown) < 0)) {
            unknown = name;
        }
    }
    if (unknown != NULL) {
        refuse(options, unknown, names, more);
    }
}

void lua_options_open(struct lua_options *options, lua_State *L, int argument, const char *function,
                      const char *const *names, const char *const *more)
{
    *options = (struct lua_options){.L = L, .function = function};
    luaL_checkstack(L, 16, NULL);
    if (lua_isnoneornil(L, argument)) {
        lua_newtable(L);
        options->index = lua_gettop(L);
        return;
    }
    if (!lua_istable(L, argument)) {
        luaL_error(L, "%s: expects its parameters in braces, as in %s{...}; this is a %s", function,
                   function, luaL_typename(L, argument));
    }
    options->index = lua_absindex(L, argument);
    check_names(options, names, more);
}

void lua_options_open_act(struct lua_options *options, lua_State *L, int argument,
                          const char *function, const char *const *names, const char *const *more)
{
    if (lua_script_of(L)->state != LUA_SCRIPT_RUNNING) {
        luaL_error(L, "%s: not inside a condition: it may look, but not act", function);
    }
    lua_options_open(options, L, argument, function, names, more);
}

int lua_option_push(const struct lua_options *options, const char *name)
{
    lua_pushstring(options->L, name);
    return lua_rawget(options->L, options->index);
}

bool lua_option_given(const struct lua_options *options, const char *name)
{
    const int type = lua_option_push(options, name);
    lua_pop(options->L, 1);
    return type != LUA_TNIL;
}

/* Pushes the value and returns true, or leaves the stack and returns false if it is not given. */
static bool push_given(const struct lua_options *options, const char *name, int type,
                       const char *what)
{
    const int is = lua_option_push(options, name);
    if (is == LUA_TNIL) {
        lua_pop(options->L, 1);
        return false;
    }
    if (is != type) {
        lua_option_error(options, name, "must be %s, not a %s", what, lua_typename(options->L, is));
    }
    return true;
}

uint64_t lua_option_integer(const struct lua_options *options, const char *name, uint64_t min,
                            uint64_t max, uint64_t fallback)
{
    if (!push_given(options, name, LUA_TNUMBER, "a whole number")) {
        return fallback;
    }
    int exact = 0;
    const lua_Integer value = lua_tointegerx(options->L, -1, &exact);
    lua_pop(options->L, 1);
    if (exact == 0 || value < 0 || (uint64_t)value < min || (uint64_t)value > max) {
        lua_option_error(options, name, "must be a whole number from %llu to %llu",
                         (unsigned long long)min, (unsigned long long)max);
    }
    return (uint64_t)value;
}

double lua_option_number(const struct lua_options *options, const char *name, double min,
                         double max, double fallback)
{
    if (!push_given(options, name, LUA_TNUMBER, "a number")) {
        return fallback;
    }
    const double value = lua_tonumber(options->L, -1);
    lua_pop(options->L, 1);
    if (!(value >= min && value <= max)) {
        lua_option_error(options, name, "must be a number from %.10g to %.10g", min, max);
    }
    return value;
}

bool lua_option_flag(const struct lua_options *options, const char *name, bool fallback)
{
    if (!push_given(options, name, LUA_TBOOLEAN, "true or false")) {
        return fallback;
    }
    const bool value = lua_toboolean(options->L, -1) != 0;
    lua_pop(options->L, 1);
    return value;
}

/* A value of the table stays where it is when it has left the stack. */
const char *lua_option_text(const struct lua_options *options, const char *name,
                            const char *fallback)
{
    if (!push_given(options, name, LUA_TSTRING, "a text")) {
        return fallback;
    }
    size_t len = 0;
    const char *text = lua_tolstring(options->L, -1, &len);
    lua_pop(options->L, 1);
    if (len == 0 || strlen(text) != len) {
        lua_option_error(options, name, "must be a text that is not empty and holds no byte 0");
    }
    return text;
}

size_t lua_option_choice(const struct lua_options *options, const char *name,
                         const char *const *words, size_t fallback)
{
    char listed[LISTED_CHARS + 1];
    list_words(words, listed, sizeof listed);
    const int type = lua_option_push(options, name);
    const char *text = type == LUA_TSTRING ? lua_tostring(options->L, -1) : NULL;
    lua_pop(options->L, 1);
    if (type == LUA_TNIL) {
        return fallback;
    }
    for (size_t i = 0; text != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    if (text == NULL) {
        lua_option_error(options, name, "must be one of %s, not a %s", listed,
                         lua_typename(options->L, type));
    }
    lua_option_error(options, name, "\"%.40s\" is not one of %s", text, listed);
}

sim_ns_t lua_option_duration(const struct lua_options *options, const char *name,
                             sim_ns_t fallback_ns)
{
    lua_State *L = options->L;
    sim_ns_t ns = fallback_ns;
    struct err err = {0};
    const int type = lua_option_push(options, name);
    if (type == LUA_TSTRING) {
        if (lua_duration_parse(lua_tostring(L, -1), &ns, &err) != 0) {
            lua_option_error(options, name, "%s", err.text);
        }
    } else if (type == LUA_TNUMBER) {
        const lua_Number seconds = lua_tonumber(L, -1);
        if (!(seconds >= 0 && seconds * 1e9 <= (lua_Number)LUA_DURATION_MAX_NS)) {
            lua_option_error(options, name, "must be between 0 s and ten years");
        }
        ns = (sim_ns_t)(seconds * 1e9 + 0.5);
    } else if (type != LUA_TNIL) {
        lua_option_error(options, name,
                         "must be a number of seconds or a text such as \"1500ms\", not a %s",
                         lua_typename(L, type));
    }
    lua_pop(L, 1);
    return ns;
}

/* Negative: no voltage. */
static double read_mv(const char *text)
{
    char *end;
    if (text[0] < '0' || text[0] > '9' || strspn(text, "0123456789.") > 12 || text[1] == 'x') {
        return -1;
    }
    const double value = strtod(text, &end);
    end += strspn(end, " ");
    return strcmp(end, "mV") == 0 ? value : strcmp(end, "V") == 0 ? value * 1000.0 : -1;
}

uint32_t lua_option_mv(const struct lua_options *options, const char *name, uint32_t fallback_mv)
{
    const int type = lua_option_push(options, name);
    if (type == LUA_TNIL) {
        lua_pop(options->L, 1);
        return fallback_mv;
    }
    double mv = -1;
    if (type == LUA_TSTRING) {
        mv = read_mv(lua_tostring(options->L, -1));
    } else if (type == LUA_TNUMBER) {
        mv = lua_tonumber(options->L, -1);
    }
    lua_pop(options->L, 1);
    if (!(mv >= 0 && mv <= MV_MAX)) {
        lua_option_error(options, name,
                         "must be a voltage up to 60 V: \"3600mV\", \"3.6V\", or millivolts");
    }
    return (uint32_t)(mv + 0.5);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* SIZE_MAX: not hexadecimal. Counts on beyond max. */
static size_t read_hex(const char *text, uint8_t *to, size_t max)
{
    size_t len = 0;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        const int high = digit_of(text[0]);
        const int low = high < 0 ? -1 : digit_of(text[1]);
        if (low < 0) {
            return SIZE_MAX;
        }
        if (len < max) {
            to[len] = (uint8_t)(high * 16 + low);
        }
        len++;
        text += 2;
    }
    return len;
}

static size_t read_list(lua_State *L, uint8_t *to, size_t max)
{
    const size_t len = lua_rawlen(L, -1);
    for (size_t i = 0; i < len && i < max; i++) {
        int exact = 0;
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const lua_Integer value = lua_tointegerx(L, -1, &exact);
        lua_pop(L, 1);
        if (exact == 0 || value < 0 || value > UINT8_MAX) {
            return SIZE_MAX;
        }
        to[i] = (uint8_t)value;
    }
    return len;
}

size_t lua_option_bytes_at_top(const struct lua_options *options, const char *name, uint8_t *to,
                               size_t min, size_t max)
{
    lua_State *L = options->L;
    size_t len = SIZE_MAX;
    if (lua_type(L, -1) == LUA_TSTRING) {
        len = read_hex(lua_tostring(L, -1), to, max);
    } else if (lua_istable(L, -1)) {
        len = read_list(L, to, max);
    }
    if (len == SIZE_MAX) {
        lua_option_error(options, name,
                         "must be bytes: hexadecimal text such as \"02 10 03\", or a list of "
                         "numbers from 0 to 255");
    }
    if (len < min || len > max) {
        lua_option_error(options, name, "%zu bytes; it must be %zu to %zu", len, min, max);
    }
    return len;
}

size_t lua_option_bytes(const struct lua_options *options, const char *name, uint8_t *to,
                        size_t min, size_t max)
{
    if (lua_option_push(options, name) == LUA_TNIL) {
        lua_pop(options->L, 1);
        return 0;
    }
    const size_t len = lua_option_bytes_at_top(options, name, to, min, max);
    lua_pop(options->L, 1);
    return len;
}
