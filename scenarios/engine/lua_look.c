/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_look.c - evaluates an expression among the functions that only read. */
#include "scenarios/engine/lua_look.h"

#include "scenarios/engine/lua_json.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lua_look_functions[] = {
    "now",           "profile",        "capable",        "bus.messages",
    "bus.count",     "bus.first",      "bus.last",       "bus.frames",
    "ecu.status",    "ecu.erased",     "ecu.written",    "ecu.operations",
    "state.list",    "state.read",     "store.counts",   "store.files",
    "store.used",    "store.unsynced", "master.running", "master.lives",
    "master.output", "file.list",      "file.read",      NULL,
};

static const char *const plain[] = {"string", "table",  "math", "ipairs",   "pairs",
                                    "type",   "select", "next", "tonumber", NULL};

/* Copies a global, or a member of a global table, into the table at the top. */
static void allow(lua_State *L, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL) {
        lua_getglobal(L, name);
        lua_setfield(L, -2, name);
        return;
    }
    char table[16];
    snprintf(table, sizeof table, "%.*s", (int)(dot - name), name);
    luaL_getsubtable(L, -1, table);
    if (lua_getglobal(L, table) == LUA_TTABLE) {
        lua_getfield(L, -1, dot + 1);
        lua_setfield(L, -3, dot + 1);
    }
    lua_pop(L, 2);
}

/* A copy of a library: the script's own stays as it is. */
static void copy_table(lua_State *L)
{
    lua_createtable(L, 0, 16);
    lua_pushnil(L);
    while (lua_next(L, -3) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_settable(L, -4);
    }
    lua_remove(L, -2);
}

static void allow_plain(lua_State *L, const char *name)
{
    if (lua_getglobal(L, name) == LUA_TTABLE) {
        copy_table(L);
    }
    lua_setfield(L, -2, name);
}

/* The expression is the only argument; leaves its value as text. */
static int evaluate(lua_State *L)
{
    const char *const *expression = lua_touserdata(L, 1);
    const char *text = lua_pushfstring(L, "return %s", *expression);
    if (luaL_loadbufferx(L, text, strlen(text), "=expression", "t") != LUA_OK) {
        return lua_error(L);
    }
    lua_createtable(L, 0, 32);
    for (size_t i = 0; lua_look_functions[i] != NULL; i++) {
        allow(L, lua_look_functions[i]);
    }
    for (size_t i = 0; plain[i] != NULL; i++) {
        allow_plain(L, plain[i]);
    }
    lua_setupvalue(L, -2, 1); /* _ENV */
    lua_call(L, 0, 1);
    if (lua_istable(L, -1)) {
        const char *why = "";
        cJSON *json = lua_to_json(L, -1, &why);
        char *printed = json != NULL ? cJSON_Print(json) : NULL;
        lua_pushstring(L, printed != NULL ? printed : why);
        cJSON_free(printed);
        cJSON_Delete(json);
    } else {
        lua_stable_tostring(L, -1, NULL);
    }
    return 1;
}

char *lua_look(struct lua_script *script, const char *expression)
{
    struct lua_sandbox *box = &script->box;
    const struct lua_sandbox before = *box;
    lua_State *L = box->L;
    const int top = lua_gettop(L);
    lua_sandbox_renew(box);
    lua_pushcfunction(L, evaluate);
    lua_pushlightuserdata(L, &expression);
    (void)lua_pcall(L, 1, 1, 0);
    const char *text = lua_tostring(L, -1);
    char *result = strdup(text != NULL ? text : lua_sandbox_stop_text(LUA_STOP_INSTRUCTIONS));
    CHECK(result != NULL);
    lua_settop(L, top);
    box->instructions_used = before.instructions_used;
    box->stop = before.stop;
    box->objects_named = before.objects_named;
    box->random = before.random;
    return result;
}
