/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_injection.c - what a script can ask of a fault that it has set. */
#include "scenarios/engine/lua_injection.h"

#include <stdlib.h>
#include <string.h>

static const char type_name[] = "injection";

struct handle {
    struct case_injection *entry;
    const struct lua_injection_ops *ops;
    void *ctx;
    bool stopped;
};

static struct handle *handle_of(lua_State *L)
{
    return luaL_checkudata(L, 1, type_name);
}

static uint64_t fired(const struct handle *handle)
{
    return handle->entry->fired(handle->entry->ctx);
}

static int injection_fired(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)fired(handle_of(L)));
    return 1;
}

static int injection_seen(lua_State *L)
{
    const struct handle *handle = handle_of(L);
    const uint64_t seen =
        handle->ops->seen != NULL ? handle->ops->seen(handle->ctx) : fired(handle);
    lua_pushinteger(L, (lua_Integer)seen);
    return 1;
}

static int injection_first_at(lua_State *L)
{
    const struct handle *handle = handle_of(L);
    if (fired(handle) == 0) {
        lua_pushnil(L);
    } else {
        lua_pushnumber(L, (lua_Number)handle->ops->first_ns(handle->ctx) / 1e9);
    }
    return 1;
}

static int injection_stop(lua_State *L)
{
    struct handle *handle = handle_of(L);
    if (lua_script_of(L)->state != LUA_SCRIPT_RUNNING) {
        return luaL_error(L, "stop: not inside a condition: it may look, but not act");
    }
    if (handle->ops->stop == NULL) {
        return luaL_error(L, "stop: \"%s\" cannot be stopped", handle->entry->name);
    }
    if (!handle->stopped) {
        handle->stopped = true;
        handle->ops->stop(handle->ctx);
    }
    return 0;
}

static int injection_optional(lua_State *L)
{
    handle_of(L)->entry->optional = true;
    lua_settop(L, 1);
    return 1;
}

static int injection_name(lua_State *L)
{
    lua_pushstring(L, handle_of(L)->entry->name);
    return 1;
}

static const luaL_Reg common_methods[] = {
    {"fired", injection_fired},
    {"seen", injection_seen},
    {"first_at", injection_first_at},
    {"stop", injection_stop},
    {"name", injection_name},
    {"optional", injection_optional},
    {NULL, NULL},
};

static const luaL_Reg *find(const luaL_Reg *methods, const char *name)
{
    for (; methods != NULL && methods->name != NULL; methods++) {
        if (strcmp(methods->name, name) == 0) {
            return methods;
        }
    }
    return NULL;
}

/* The methods of its kind, then the common ones. */
static int injection_index(lua_State *L)
{
    const struct handle *handle = handle_of(L);
    const char *name = luaL_checkstring(L, 2);
    const luaL_Reg *method = find(handle->ops->methods, name);
    method = method != NULL ? method : find(common_methods, name);
    if (method == NULL) {
        return luaL_error(L, "\"%s\" has no method \"%s\"", handle->entry->name, name);
    }
    lua_pushcfunction(L, method->func);
    return 1;
}

void lua_injection_push(lua_State *L, struct case_injection *entry,
                        const struct lua_injection_ops *ops, void *ctx)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    *handle = (struct handle){.entry = entry, .ops = ops, .ctx = ctx};
    if (luaL_newmetatable(L, type_name) != 0) {
        lua_pushcfunction(L, injection_index);
        lua_setfield(L, -2, "__index");
        lua_pushboolean(L, false);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}

static uint64_t done_fired(void *ctx)
{
    (void)ctx;
    return 1;
}

static sim_ns_t done_first_ns(void *ctx)
{
    const sim_ns_t *at_ns = ctx;
    return *at_ns;
}

struct case_injection *lua_injection_push_done(lua_State *L, struct case_world *world,
                                               const char *name)
{
    static const struct lua_injection_ops ops = {.first_ns = done_first_ns};
    struct case_injection *entry = case_world_add_injection(world, L, name, done_fired, NULL);
    sim_ns_t *at_ns = calloc(1, sizeof *at_ns);
    CHECK(at_ns != NULL);
    *at_ns = world->sim.now_ns;
    case_world_add_cleanup(world, free, at_ns);
    lua_injection_push(L, entry, &ops, at_ns);
    return entry;
}

void *lua_injection_check(lua_State *L, const struct lua_injection_ops *ops)
{
    const struct handle *handle = handle_of(L);
    if (handle->ops != ops) {
        luaL_error(L, "\"%s\" is an object of another kind", handle->entry->name);
    }
    return handle->ctx;
}
