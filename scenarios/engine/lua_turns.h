/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_turns.h - what faults of an ECU and of its flash share in scenarios: the
 * words that say when they strike, and the object that is returned. */
#ifndef ENGINE_LUA_TURNS_H
#define ENGINE_LUA_TURNS_H

#include "inject/inject_turns.h"
#include "scenarios/engine/lua_condition.h"
#include "scenarios/engine/lua_injection.h"

/* "ecu", "nth", "skip", ... "name"; ended by a null pointer. */
extern const char *const lua_turns_names[];

/* When a fault strikes, as it was read. */
struct lua_turns_read {
    struct inject_turns_cfg cfg; /* Name and condition come with lua_turns_add(). */
    struct lua_condition condition;
};
/* every: as lua_bus_when_option() has it. */
void lua_turns_read(const struct lua_options *options, bool every, struct lua_turns_read *read);

/* The first member of a fault. */
struct lua_turns {
    struct inject_turns *turns; /* Of its rule; set by the fault. */
    void (*remove)(struct lua_turns *fault);
    struct lua_condition condition;
    struct case_injection *entry;
    bool removed;
};

/* Registers a fault of `size` bytes under "name" or the function's name, and completes read->cfg.
 * It is zeroed but for the turns, and freed with the world, after remove(). */
struct lua_turns *lua_turns_add(struct case_world *world, const struct lua_options *options,
                                struct lua_turns_read *read, size_t size,
                                void (*remove)(struct lua_turns *fault));
/* Pushes the object; 1, the number of results. */
int lua_turns_push(lua_State *L, struct lua_turns *fault);

#endif
