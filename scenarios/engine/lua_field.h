/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_field.h - sets one field of the table on top of the stack, which stays
 * there. */
#ifndef ENGINE_LUA_FIELD_H
#define ENGINE_LUA_FIELD_H

#include "sim/base.h"

#include <lua.h>
#include <stdbool.h>

void lua_field_text(lua_State *L, const char *name, const char *value);
void lua_field_integer(lua_State *L, const char *name, lua_Integer value);
void lua_field_flag(lua_State *L, const char *name, bool value);
/* An instant or a duration, in seconds for the script. SIM_NEVER leaves the field out. */
void lua_field_seconds(lua_State *L, const char *name, sim_ns_t ns);

#endif
