/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_lua.h - functions in Lua that a scenario of faults begins with, as many
 * of them as it calls: the files in lua/, which the program carries with it (cmake/embed.cmake).
 * They are no cases, which all *.lua below scenarios/ are. Each is a text that ends with a NUL,
 * which its length does not count, and its first line is the licence's. */
#ifndef EXPLORE_FAULT_LUA_H
#define EXPLORE_FAULT_LUA_H

#include <stddef.h>

/* Of every scenario. */
extern const char fault_lua_reach[], fault_lua_conclude[];
extern const size_t fault_lua_reach_len, fault_lua_conclude_len;
/* Where the verdict comes from a rule: of the network, and of a master that is told no. */
extern const char fault_lua_network[], fault_lua_conduct[];
extern const size_t fault_lua_network_len, fault_lua_conduct_len;
/* Of a setting. */
extern const char fault_lua_insist[], fault_lua_alter[], fault_lua_rot[], fault_lua_careful[];
extern const size_t fault_lua_insist_len, fault_lua_alter_len, fault_lua_rot_len,
    fault_lua_careful_len;

#endif
