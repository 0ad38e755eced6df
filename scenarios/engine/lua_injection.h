/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_injection.h - the object that a function of the API returns for a fault:
 *
 *     :fired()      how often it has taken effect
 *     :seen()       how often it might have: what its where and what fit
 *     :first_at()   when it took effect first, in seconds; nil before
 *     :stop()       ends it
 *     :optional()   it need not fire; returns the object
 *     :name()       as the trace and the report call it */
#ifndef ENGINE_LUA_INJECTION_H
#define ENGINE_LUA_INJECTION_H

#include "scenarios/engine/case_world.h"

#include <lauxlib.h>

struct lua_injection_ops {
    uint64_t (*seen)(void *ctx);     /* Null: as fired. */
    sim_ns_t (*first_ns)(void *ctx); /* Asked once it has fired. Required. */
    /* Asked at most once, never from inside an event of the bus. Null: what has begun cannot be
     * stopped. */
    void (*stop)(void *ctx);
    const luaL_Reg *methods; /* Of its own, besides; ended by a null name. Null: none. */
};

/* Pushes it. ops are static; ctx, like the entry's, lives as long as the world. */
void lua_injection_push(lua_State *L, struct case_injection *entry,
                        const struct lua_injection_ops *ops, void *ctx);
/* Registers a fault that takes effect at once, and pushes it; its name is the one to use. */
struct case_injection *lua_injection_push_done(lua_State *L, struct case_world *world,
                                               const char *name);
/* For methods of its own: the ctx of argument 1; raises if that is not an object with these ops. */
void *lua_injection_check(lua_State *L, const struct lua_injection_ops *ops);

#endif
