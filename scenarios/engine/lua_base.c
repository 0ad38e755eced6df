/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_base.c - the basic functions of a sandbox: Lua's own where they are
 * harmless, and ours for print, tostring, load, setmetatable and the protected calls. */
#include "scenarios/engine/lua_sandbox.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/* A key of the registry: object to number, weak in its objects. */
#define OBJECT_NUMBERS "limphome.object_numbers"

enum { LOAD_BYTES_PER_STEP = 2 };

static lua_Integer number_of_object(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_getfield(L, LUA_REGISTRYINDEX, OBJECT_NUMBERS);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushvalue(L, index);
        lua_pushinteger(L, ++lua_sandbox_of(L)->objects_named);
        lua_rawset(L, -3);
        lua_pushvalue(L, index);
        lua_rawget(L, -2);
    }
    const lua_Integer number = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return number;
}

const char *lua_stable_tostring(lua_State *L, int index, size_t *len)
{
    index = lua_absindex(L, index);
    const int type = lua_type(L, index);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
        return luaL_tolstring(L, index, len);
    }
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) {
            luaL_error(L, "'__tostring' must return a string");
        }
        return lua_tolstring(L, -1, len);
    }
    const int name_type = luaL_getmetafield(L, index, "__name");
    lua_pushfstring(L, "%s: %I",
                    name_type == LUA_TSTRING ? lua_tostring(L, -1) : lua_typename(L, type),
                    (LUAI_UACINT)number_of_object(L, index));
    if (name_type != LUA_TNIL) {
        lua_remove(L, -2);
    }
    return lua_tolstring(L, -1, len);
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_stable_tostring(L, 1, NULL);
    return 1;
}

static int base_print(lua_State *L)
{
    const struct lua_sandbox *box = lua_sandbox_of(L);
    const int n = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= n; i++) {
        if (i > 1) {
            luaL_addchar(&line, '\t');
        }
        lua_stable_tostring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    lua_sandbox_charge(L, 1 + len);
    if (box->cfg.on_print != NULL) {
        box->cfg.on_print(box->cfg.ctx, text, len);
    }
    return 0;
}

/* load(text [, name [, mode [, env]]]): text only; mode is there for compatibility. */
static int base_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=(load)");
    const bool has_env = !lua_isnone(L, 4);
    lua_sandbox_charge(L, 1 + len / LOAD_BYTES_PER_STEP);
    const int status = luaL_loadbufferx(L, text, len, name, "t");
    lua_sandbox_pass_on(L, status);
    if (status != LUA_OK) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

/* Finalizers run, and weak entries vanish, when the collector pleases. */
static int base_setmetatable(lua_State *L)
{
    static const char *const refused[] = {"__gc", "__mode"};
    luaL_checktype(L, 1, LUA_TTABLE);
    const int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
        return luaL_error(L, "cannot change a protected metatable");
    }
    for (size_t i = 0; type == LUA_TTABLE && i < sizeof(refused) / sizeof(refused[0]); i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL) {
            return luaL_error(L, "%s is not allowed in a scenario", refused[i]);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int finish_call(lua_State *L, int status, lua_KContext below)
{
    lua_sandbox_pass_on(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)below;
}

static int base_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    const int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_call);
    return finish_call(L, status, 0);
}

/* Lua calls no hooks while one of them raises, so a handler would run uncounted then. Upvalue: the
 * script's handler. */
static int handle_message(lua_State *L)
{
    if (lua_sandbox_of(L)->stop != LUA_STOP_NONE) {
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    return 1;
}

/* The stack below the results: function, handler; then true and the results. */
static int base_xpcall(lua_State *L)
{
    const int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_message, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    const int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_call);
    return finish_call(L, status, 2);
}

void lua_sandbox_open_base(lua_State *L)
{
    static const char *const removed[] = {"collectgarbage", "dofile",  "loadfile", "next",
                                          "pairs",          "require", "warn"};
    static const luaL_Reg ours[] = {
        {"print", base_print}, {"tostring", base_tostring},
        {"load", base_load},   {"setmetatable", base_setmetatable},
        {"pcall", base_pcall}, {"xpcall", base_xpcall},
        {NULL, NULL},
    };
    lua_createtable(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, OBJECT_NUMBERS);
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    luaL_setfuncs(L, ours, 0);
    for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, removed[i]);
    }
    lua_pop(L, 1);
}
