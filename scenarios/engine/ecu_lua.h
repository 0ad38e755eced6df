/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/ecu_lua.h - the hooks of ECUs in Lua: what the tables of a personality cannot
 * say is a function in a file that the vehicle file names (docs/vehicles.md).
 *
 * A function takes a text of bytes and returns one, or nil and a negative response code. Each ECU
 * has a sandbox of its own; a function that fails, returns something else or uses up its
 * instructions answers generalReject (10), and says why on standard error. */
#ifndef ENGINE_ECU_LUA_H
#define ENGINE_ECU_LUA_H

#include "sim/ecus/vehicle.h"

extern const struct vehicle_hook_ops ecu_lua_hooks;

#endif
