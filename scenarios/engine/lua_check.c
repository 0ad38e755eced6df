/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_check.c - the criteria of a case: check.that, equal, at_most, at_least,
 * between; profile(name), the numbers that criteria are made of; and capable(name). */
#include "scenarios/engine/case_world.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { RESULT_CODES_CHARS = 160, BYTES_SHOWN = 24 };

/* Where to look: a message or frame of the bus, or an instant in seconds; nothing: now. */
static void take_place(lua_State *L, int index, sim_ns_t *at_ns, uint32_t *line)
{
    const struct case_world *world = lua_api_ctx(L);
    *at_ns = world->sim.now_ns;
    *line = 0;
    if (lua_istable(L, index)) {
        lua_getfield(L, index, "at");
        lua_getfield(L, index, "line");
        *at_ns = lua_isnumber(L, -2) ? (sim_ns_t)(lua_tonumber(L, -2) * 1e9 + 0.5) : *at_ns;
        *line = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 2);
    } else if (lua_isnumber(L, index)) {
        *at_ns = (sim_ns_t)(lua_tonumber(L, index) * 1e9 + 0.5);
    }
}

/* Texts for expected and seen are at the top of the stack. */
static int judge(lua_State *L, bool good, int place)
{
    struct case_world *world = lua_api_ctx(L);
    sim_ns_t at_ns = 0;
    uint32_t line = 0;
    size_t len = 0;
    const char *criterion = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len > 0, 1, "a criterion has a name");
    world->result->checks++;
    if (!good) {
        take_place(L, place, &at_ns, &line);
        play_result_find(world->result, criterion, lua_tostring(L, -2), lua_tostring(L, -1), at_ns,
                         line);
    }
    lua_pushboolean(L, good);
    return 1;
}

/* Bytes are shown as such, and not too many of them: a finding is read by people. */
static void push_bytes(lua_State *L, const char *bytes, size_t len)
{
    luaL_Buffer hex;
    char number[40];
    luaL_buffinit(L, &hex);
    for (size_t i = 0; i < len && i < BYTES_SHOWN; i++) {
        snprintf(number, sizeof number, i > 0 ? " %02X" : "%02X", (unsigned char)bytes[i]);
        luaL_addstring(&hex, number);
    }
    if (len > BYTES_SHOWN) {
        snprintf(number, sizeof number, " ... (%zu bytes)", len);
        luaL_addstring(&hex, number);
    }
    luaL_pushresult(&hex);
}

/* Pushes what is shown of a value. */
static void push_shown(lua_State *L, int index)
{
    size_t len = 0;
    const char *text = lua_stable_tostring(L, index, &len);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] == 0x7F) {
            push_bytes(L, text, len);
            lua_remove(L, -2);
            return;
        }
    }
}

static int check_that(lua_State *L)
{
    luaL_checkany(L, 2);
    lua_settop(L, 5);
    push_shown(L, 3);
    push_shown(L, 4);
    return judge(L, lua_toboolean(L, 2), 5);
}

static int check_equal(lua_State *L)
{
    luaL_checkany(L, 3);
    lua_settop(L, 4);
    push_shown(L, 2);
    push_shown(L, 3);
    return judge(L, lua_compare(L, 2, 3, LUA_OPEQ), 4);
}

/* A missing number is never within a limit. */
static bool number_or_nil(lua_State *L, int index, lua_Number *value)
{
    *value = lua_isnoneornil(L, index) ? 0 : luaL_checknumber(L, index);
    return !lua_isnoneornil(L, index);
}

static void push_number(lua_State *L, const char *what, lua_Number value)
{
    char text[64];
    snprintf(text, sizeof text, "%s%.10g", what, value);
    lua_pushstring(L, text);
}

static void push_seen(lua_State *L, bool there, lua_Number value)
{
    if (there) {
        push_number(L, "", value);
    } else {
        lua_pushliteral(L, "nothing");
    }
}

static int check_at_most(lua_State *L)
{
    lua_Number seen = 0;
    const lua_Number limit = luaL_checknumber(L, 2);
    const bool there = number_or_nil(L, 3, &seen);
    lua_settop(L, 4);
    push_number(L, "at most ", limit);
    push_seen(L, there, seen);
    return judge(L, there && seen <= limit, 4);
}

static int check_at_least(lua_State *L)
{
    lua_Number seen = 0;
    const lua_Number limit = luaL_checknumber(L, 2);
    const bool there = number_or_nil(L, 3, &seen);
    lua_settop(L, 4);
    push_number(L, "at least ", limit);
    push_seen(L, there, seen);
    return judge(L, there && seen >= limit, 4);
}

static int check_between(lua_State *L)
{
    char text[96];
    lua_Number seen = 0;
    const lua_Number low = luaL_checknumber(L, 2);
    const lua_Number high = luaL_checknumber(L, 3);
    const bool there = number_or_nil(L, 4, &seen);
    lua_settop(L, 5);
    snprintf(text, sizeof text, "%.10g to %.10g", low, high);
    lua_pushstring(L, text);
    push_seen(L, there, seen);
    return judge(L, there && seen >= low && seen <= high, 5);
}

/* check.result(result, code, ...): one of the codes. */
static int check_result(lua_State *L)
{
    char expected[RESULT_CODES_CHARS] = "";
    const int codes = lua_gettop(L);
    luaL_checkstring(L, 2);
    if (lua_istable(L, 1)) {
        lua_getfield(L, 1, "code");
    } else {
        lua_pushliteral(L, "nothing");
    }
    const char *seen = luaL_tolstring(L, -1, NULL);
    bool good = false;
    for (int i = 2; i <= codes; i++) {
        const char *code = luaL_checkstring(L, i);
        const size_t len = strlen(expected);
        good = strcmp(code, seen) == 0 || good;
        snprintf(expected + len, sizeof expected - len, "%s%s", i > 2 ? " or " : "", code);
    }
    lua_pushliteral(L, "TERM");
    lua_pushstring(L, expected);
    lua_pushstring(L, seen);
    lua_replace(L, 3);
    lua_replace(L, 2);
    lua_replace(L, 1);
    lua_settop(L, 3);
    return judge(L, good, 4);
}

static const struct lua_api_function check_functions[] = {
    {"that", check_that,
     "check.that(criterion, holds, expected, seen [, where]): a criterion of the case. where is a "
     "message or frame of the bus, or an instant in seconds; without it, now. Returns holds.",
     "check.that(\"time goes on\", now() >= 0, \"0 or more\", now())"},
    {"equal", check_equal, "check.equal(criterion, expected, seen [, where]): both are the same.",
     "check.equal(\"erases\", 0, ecu.operations().erases)"},
    {"at_most", check_at_most,
     "check.at_most(criterion, limit, seen [, where]): seen is a number, and not above the limit.",
     "check.at_most(\"requests\", 0, bus.count{})"},
    {"at_least", check_at_least,
     "check.at_least(criterion, limit, seen [, where]): seen is a number, and not below the limit.",
     "check.at_least(\"requests\", 0, bus.count{})"},
    {"between", check_between,
     "check.between(criterion, low, high, seen [, where]): seen is a number from low to high.",
     "check.between(\"time\", 0, 1, now())"},
    {"result", check_result,
     "check.result(result, code, ...): the master has reported one of these codes; the criterion "
     "is "
     "\"TERM\".",
     "check.result(master.update{ image = image{} }, \"SUCCESS\")"},
};

const struct lua_api lua_check_api = {
    .table = "check", .functions = check_functions, .functions_len = ARRAY_SIZE(check_functions)};

static void push_parameter(lua_State *L, const struct profile *profile, enum profile_id id)
{
    const uint32_t value = profile->values[id];
    switch (profile_parameters[id].unit) {
    case PROFILE_TIME:
    case PROFILE_SHARE: lua_pushnumber(L, value / 1000.0); return;
    case PROFILE_CHOICE: lua_pushstring(L, profile_choice(profile, id)); return;
    case PROFILE_COUNT_OF:
    case PROFILE_RATE: lua_pushinteger(L, value); return;
    }
}

static int profile_value(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    const char *name = luaL_checkstring(L, 1);
    const enum profile_id id = profile_find(name);
    if (id == PROFILE_COUNT) {
        return luaL_error(L, "profile: there is no parameter \"%s\"; docs/adapters.md lists them",
                          name);
    }
    push_parameter(L, &world->cfg.adapter->profile, id);
    return 1;
}

static int capable(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    const char *name = luaL_checkstring(L, 1);
    const enum capability capability = capability_find(name);
    if (capability == CAPABILITY_COUNT) {
        return luaL_error(L, "capable: there is no capability \"%s\"; the nearest is \"%s\"", name,
                          capability_nearest(name));
    }
    lua_pushboolean(L, adapter_can(world->cfg.adapter, capability));
    return 1;
}

static const struct lua_api_function profile_functions[] = {
    {"profile", profile_value,
     "profile(name): a parameter of the master's profile (docs/adapters.md): times in seconds, "
     "shares as a fraction, choices as a text.",
     "assert(profile(\"N_RS\") >= 1 and profile(\"T_BOOT\") > 1)"},
    {"capable", capable,
     "capable(name): whether the master declares a capability (docs/adapters.md); for criteria of "
     "a case that other masters play without them.",
     "assert(capable(\"version_readback\") == true)"},
};

const struct lua_api lua_profile_api = {
    .table = NULL, .functions = profile_functions, .functions_len = ARRAY_SIZE(profile_functions)};
