/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_condition.c - asks functions of a script from inside events. */
#include "scenarios/engine/lua_condition.h"

#include <lauxlib.h>

struct question {
    const struct lua_condition *condition;
    void (*push)(lua_State *L, const void *ctx);
    const void *ctx;
    bool answer;
};

enum { STEPS = 20 }; /* What a question costs besides the function itself. */

void lua_condition_read(struct lua_condition *condition, const struct lua_options *options,
                        const char *name)
{
    *condition = (struct lua_condition){.script = NULL};
    const int type = lua_option_push(options, name);
    if (type == LUA_TNIL) {
        lua_pop(options->L, 1);
        return;
    }
    if (type != LUA_TFUNCTION) {
        lua_option_error(options, name, "must be a function that answers true or false, not a %s",
                         lua_typename(options->L, type));
    }
    condition->script = lua_script_of(options->L);
    condition->reference = luaL_ref(options->L, LUA_REGISTRYINDEX);
}

static int ask(lua_State *L)
{
    struct question *question = lua_touserdata(L, 1);
    lua_sandbox_charge(L, STEPS);
    lua_rawgeti(L, LUA_REGISTRYINDEX, question->condition->reference);
    question->push(L, question->ctx);
    lua_call(L, 1, 1);
    question->answer = lua_toboolean(L, -1) != 0;
    return 0;
}

/* The state itself, not the script's coroutine, which waits somewhere. */
bool lua_condition_ask(const struct lua_condition *condition,
                       void (*push)(lua_State *L, const void *ctx), const void *ctx)
{
    struct lua_script *script = condition->script;
    struct question question = {.condition = condition, .push = push, .ctx = ctx};
    if (script == NULL) {
        return true;
    }
    if (script->state != LUA_SCRIPT_WAITING) {
        return false;
    }
    lua_State *L = script->box.L;
    lua_pushcfunction(L, ask);
    lua_pushlightuserdata(L, &question);
    const int status = lua_pcall(L, 1, 0, 0);
    if (status != LUA_OK) {
        lua_script_fail(script, status);
        return false;
    }
    return question.answer;
}
