/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_look.h - an expression from outside, in the world of a script that stands
 * still. */
#ifndef ENGINE_LUA_LOOK_H
#define ENGINE_LUA_LOOK_H

#include "scenarios/engine/lua_script.h"

/* The value of the expression as text (tables as JSON), or what is wrong with it; the caller frees
 * it. It may use the functions of the API that only read, and string, table and math; globals of
 * the script are out of its reach. The script notices nothing. */
char *lua_look(struct lua_script *script, const char *expression);
/* Those functions, "bus.messages" and so on; null-terminated. */
extern const char *const lua_look_functions[];

#endif
