/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_ecu_rule.h - the words with which a scenario says which requests of an ECU a
 * fault concerns (docs/injections.md). */
#ifndef ENGINE_LUA_ECU_RULE_H
#define ENGINE_LUA_ECU_RULE_H

#include "inject/inject_ecu.h"
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_options.h"

/* Names of the parameters, ended by a null pointer. */
extern const char *const lua_ecu_rule_names[];

/* Reads them from the call, which was opened with these names, adds the fault to its ECU with this
 * effect and pushes its object. Returns the number of results: 1. */
int lua_ecu_rule_add(struct case_world *world, const struct lua_options *options,
                     const struct inject_ecu_effect *effect);

#endif
