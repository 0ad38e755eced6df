/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_duration.h - lengths of time as a script writes them: 1.5, "1500ms", "2min".
 */
#ifndef ENGINE_LUA_DURATION_H
#define ENGINE_LUA_DURATION_H

#include "sim/base.h"
#include "sim/err.h"

#include <lua.h>

/* A longer one is a mistake in the unit: ten years. */
#define LUA_DURATION_MAX_NS SIM_S(UINT64_C(315360000))

/* A number with an optional fraction and one of ns, us, ms, s, min, h. */
int lua_duration_parse(const char *text, sim_ns_t *ns, struct err *err);
/* The argument of a C function: a number of seconds or such a text. Raises if it is neither. */
sim_ns_t lua_check_duration(lua_State *L, int argument);

#endif
