/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_json.h - Lua tables as JSON. */
#ifndef ENGINE_LUA_JSON_H
#define ENGINE_LUA_JSON_H

#include <cjson/cJSON.h>
#include <lua.h>

/* The value at an index: numbers, texts, booleans, and tables of them, either lists or with names.
 * Null, with *why, if it holds anything else, or is nested too deep. The caller deletes it. */
cJSON *lua_to_json(lua_State *L, int index, const char **why);
/* Members of `from` take the place of those of `to`; objects are merged. */
void json_merge(cJSON *to, const cJSON *from);

#endif
