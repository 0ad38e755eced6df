/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_texts.c - string and utf8: each call is charged for the length of its texts,
 * formats show no address, and patterns are counted (lua_patterns.c). */
#include "scenarios/engine/lua_sandbox.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum { REP_BYTES_PER_STEP = 16 };

/* string.rep: refuses what cannot fit before it is begun. Upvalue: Lua's own. */
static int string_rep(lua_State *L)
{
    size_t text_len;
    size_t between_len;
    luaL_checklstring(L, 1, &text_len);
    const lua_Integer n = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &between_len);
    const uint64_t each = text_len + between_len;
    if (n > 0 && each > 0) {
        if ((uint64_t)n > lua_sandbox_of(L)->cfg.memory_bytes / each) {
            return luaL_error(L, "resulting string too large");
        }
        lua_sandbox_charge(L, (uint64_t)n * each / REP_BYTES_PER_STEP);
    } else if (n > 0) {
        lua_pushliteral(L, ""); /* Lua's own would count to n. */
        return 1;
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void refuse_address(lua_State *L, const char *format)
{
    for (const char *p = strchr(format, '%'); p != NULL; p = strchr(p, '%')) {
        p += 1 + strspn(p + 1, "-+ #0123456789.");
        if (*p == 'p') {
            luaL_error(L, "string.format: %%p shows an address, which differs from run to run");
        }
        if (*p != '\0') {
            p++;
        }
    }
}

/* string.format. Upvalue: Lua's own. */
static int string_format(lua_State *L)
{
    refuse_address(L, luaL_checkstring(L, 1));
    for (int i = lua_gettop(L); i > 1; i--) {
        const int type = lua_type(L, i);
        if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA ||
            type == LUA_TTHREAD) {
            lua_stable_tostring(L, i, NULL);
            lua_replace(L, i);
        }
        lua_sandbox_charge(L, 1 + (lua_isstring(L, i) ? lua_rawlen(L, i) : 0) / REP_BYTES_PER_STEP);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Of all texts: what getmetatable("") gives must not open a way to change them. */
static void protect_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void lua_sandbox_open_texts(lua_State *L)
{
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_meter_library(L);
    lua_rewrap(L, "rep", string_rep);
    lua_rewrap(L, "format", string_format);
    lua_add_patterns(L);
    lua_pop(L, 1);
    protect_metatable(L);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    lua_meter_library(L);
    lua_pop(L, 1);
}
