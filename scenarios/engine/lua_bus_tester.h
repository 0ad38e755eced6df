/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_tester.h - bus.tester: a second tester in the hands of a scenario. */
#ifndef ENGINE_LUA_BUS_TESTER_H
#define ENGINE_LUA_BUS_TESTER_H

#include <lua.h>

int lua_bus_tester(lua_State *L);

#endif
