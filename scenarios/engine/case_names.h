/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_names.h - finds names in the text of a case that stand for nothing, without
 * running it. */
#ifndef ENGINE_CASE_NAMES_H
#define ENGINE_CASE_NAMES_H

#include "sim/err.h"

#include <lua.h>
#include <stddef.h>

/* L holds the functions of the API as globals; text is Lua without syntax errors. What the text
 * itself declares anywhere (local, parameter, loop, assignment) is left alone; every other name
 * must be a global of L, and what follows "bus." and the like a member of that table. 0, or
 * ERR_SYNTAX with "path:line: ..." and the nearest name. */
int case_names_check(lua_State *L, const char *text, size_t len, const char *path, struct err *err);

#endif
