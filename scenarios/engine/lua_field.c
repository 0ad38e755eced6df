/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_field.c - fields of the tables that scripts are given. */
#include "scenarios/engine/lua_field.h"

void lua_field_text(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

void lua_field_integer(lua_State *L, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

void lua_field_flag(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

void lua_field_seconds(lua_State *L, const char *name, sim_ns_t ns)
{
    if (ns != SIM_NEVER) {
        lua_pushnumber(L, (lua_Number)ns / 1e9);
        lua_setfield(L, -2, name);
    }
}
