/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_rule.h - the words with which a scenario says which frames a fault hits:
 * where, what and when (docs/injections.md). */
#ifndef ENGINE_LUA_BUS_RULE_H
#define ENGINE_LUA_BUS_RULE_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_options.h"

/* Names of the parameters, ended by a null pointer. */
extern const char *const lua_bus_rule_names[];

/* Reads them from the call, which was opened with these names, registers the fault under a name
 * that begins with the function's, adds it to its bus with this effect and pushes its object.
 * Returns the number of results: 1. */
int lua_bus_rule_add(struct case_world *world, const struct lua_options *options,
                     const struct inject_effect *effect);

/* Bytes by offset, "{[0] = 0x36, [2] = {mask = 0x0F, value = 5}}", of a frame or of a message, as
 * changes; flip is allowed if `flips`. Returns how many were added; room is for so many. */
size_t lua_bus_rule_bytes(const struct lua_options *options, const char *name, bool in_frame,
                          bool flips, struct inject_change *to, size_t room);

/* Parameters that many faults of a bus share. */
struct case_bus *lua_bus_option(struct case_world *world, const struct lua_options *options);
/* "node": "master" or the name of an ECU of this bus. Null: not given. */
const struct can_node *lua_bus_node_option(struct case_world *world,
                                           const struct lua_options *options,
                                           const struct case_bus *bus);
/* "name", or the function's. At most 40 characters. */
const char *lua_bus_name_option(const struct lua_options *options);
/* "from" or "after", "until_" or "for_". *until_ns is SIM_NEVER if there is no end. */
void lua_bus_window_option(const struct lua_options *options, sim_ns_t *from_ns,
                           sim_ns_t *until_ns);
/* The window, and "nth", "skip", "every", "times", "chance" or "chance_ppm". No condition. Without
 * "every" if `every` is false: the function has another use for the word. */
void lua_bus_when_option(const struct lua_options *options, bool every, struct inject_when *when);

#endif
