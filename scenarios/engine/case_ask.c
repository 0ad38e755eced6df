/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_ask.c - what functions of the API ask of the world: ECUs and buses by name,
 * a place for an injection, to wait for an event. */
#include "scenarios/engine/case_world.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 240 };

static void add_name(char *names, const char *name)
{
    const size_t len = strlen(names);
    snprintf(names + len, NAMES_MAX - len, "%s%s", len > 0 ? ", " : "", name);
}

struct case_ecu *case_world_ecu(struct case_world *world, lua_State *L, const char *name)
{
    char names[NAMES_MAX] = "";
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (name == NULL || strcmp(world->ecus[i].ecu->name, name) == 0) {
            return &world->ecus[i];
        }
        add_name(names, world->ecus[i].ecu->name);
    }
    luaL_error(L, "the vehicle has no ECU \"%s\"; it has %s", name, names);
    return NULL;
}

struct case_bus *case_world_bus(struct case_world *world, lua_State *L, const char *name)
{
    char names[NAMES_MAX] = "";
    for (size_t i = 0; i < world->buses_len; i++) {
        if (name == NULL || strcmp(world->buses[i].bus->cfg.name, name) == 0) {
            return &world->buses[i];
        }
        add_name(names, world->buses[i].bus->cfg.name);
    }
    luaL_error(L, "the vehicle has no bus \"%s\"; it has %s", name, names);
    return NULL;
}

static bool name_taken(const struct case_world *world, const char *name)
{
    for (size_t i = 0; i < world->injections_len; i++) {
        if (strcmp(world->injections[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

struct case_injection *case_world_add_injection(struct case_world *world, lua_State *L,
                                                const char *name, uint64_t (*fired)(void *ctx),
                                                void *ctx)
{
    if (world->injections_len == CASE_INJECTIONS_MAX) {
        luaL_error(L, "a play has at most %d injections", CASE_INJECTIONS_MAX);
    }
    struct case_injection *injection = &world->injections[world->injections_len];
    *injection = (struct case_injection){.fired = fired, .ctx = ctx, .made_ns = world->sim.now_ns};
    snprintf(injection->name, sizeof injection->name, "%s", name);
    for (unsigned number = 2; name_taken(world, injection->name); number++) {
        snprintf(injection->name, sizeof injection->name, "%.50s#%u", name, number);
    }
    world->injections_len++;
    return injection;
}

void case_world_add_cleanup(struct case_world *world, void (*fn)(void *ctx), void *ctx)
{
    CHECK(world->cleanups_len < ARRAY_SIZE(world->cleanups));
    world->cleanups[world->cleanups_len++] = (struct case_cleanup){fn, ctx};
}

void case_world_tell(struct case_world *world, enum case_event event)
{
    if ((world->awaited & event) != 0) {
        world->awaited = 0;
        lua_script_wake(&world->script);
    }
}

int case_world_await(struct case_world *world, lua_State *L, unsigned events, sim_ns_t until_ns,
                     lua_KContext ctx, lua_KFunction then)
{
    world->awaited = events;
    return lua_script_wait(L, until_ns, ctx, then);
}
