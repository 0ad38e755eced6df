/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_coroutines.c - coroutines of a script. A wait inside one goes through to the
 * host: the coroutine that called it stands still with it, and both go on together. */
#include "scenarios/engine/lua_sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

/* A new coroutine starts with a fresh count of instructions: what could run uncounted is charged.
 */
enum { RESUME_STEPS = 1000 };

static lua_State *check_coroutine(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "coroutine");
    return co;
}

static int resume_again(lua_State *L, int status, lua_KContext wrapped);

/* The values of co's end or yield go to L. An error is raised if wrapped, else told. */
static int finish_resume(lua_State *L, lua_State *co, int status, int results, bool wrapped)
{
    const bool ok = status == LUA_OK || status == LUA_YIELD;
    struct lua_sandbox *box = lua_sandbox_of(L);
    lua_sandbox_pass_on(L, status);
    if (status == LUA_YIELD && box->yielding_to_host) {
        if (!lua_isyieldable(L)) {
            box->yielding_to_host = false;
            return luaL_error(L, "cannot wait here: a C function is being called");
        }
        lua_pop(co, results);
        return lua_yieldk(L, 0, wrapped, resume_again);
    }
    const int moved = ok ? results : 1;
    if (!lua_checkstack(L, moved + 1)) {
        lua_pop(co, moved);
        return luaL_error(L, "too many results to resume");
    }
    if (!wrapped) {
        lua_pushboolean(L, ok);
    }
    lua_xmove(co, L, moved);
    if (!ok && wrapped) {
        return lua_error(L);
    }
    return moved + (wrapped ? 0 : 1);
}

static int do_resume(lua_State *L, lua_State *co, int arguments, bool wrapped)
{
    int results = 0;
    const int before = lua_status(co);
    if (before == LUA_OK && lua_gettop(co) == 0) {
        lua_pushliteral(co, "cannot resume dead coroutine");
        return finish_resume(L, co, LUA_ERRRUN, 1, wrapped);
    }
    if (!lua_checkstack(co, arguments)) {
        return luaL_error(L, "too many arguments to resume");
    }
    lua_sandbox_charge(L, RESUME_STEPS);
    lua_xmove(L, co, arguments);
    const int status = lua_resume(co, L, arguments, &results);
    return finish_resume(L, co, status, results, wrapped);
}

static lua_State *coroutine_in_hand(lua_State *L, bool wrapped)
{
    return wrapped ? lua_tothread(L, lua_upvalueindex(1)) : lua_tothread(L, 1);
}

static int resume_again(lua_State *L, int status, lua_KContext wrapped)
{
    (void)status;
    return do_resume(L, coroutine_in_hand(L, wrapped != 0), 0, wrapped != 0);
}

static int coroutine_resume(lua_State *L)
{
    return do_resume(L, check_coroutine(L), lua_gettop(L) - 1, false);
}

static int wrapped_resume(lua_State *L)
{
    return do_resume(L, coroutine_in_hand(L, true), lua_gettop(L), true);
}

static int coroutine_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int coroutine_wrap(lua_State *L)
{
    coroutine_create(L);
    lua_pushcclosure(L, wrapped_resume, 1);
    return 1;
}

static int coroutine_yield(lua_State *L)
{
    if (L == lua_sandbox_of(L)->main_thread) {
        return luaL_error(L, "coroutine.yield outside of any coroutine; to let time pass, wait()");
    }
    return lua_yield(L, lua_gettop(L));
}

void lua_sandbox_open_coroutines(lua_State *L)
{
    static const luaL_Reg ours[] = {
        {"create", coroutine_create},
        {"resume", coroutine_resume},
        {"wrap", coroutine_wrap},
        {"yield", coroutine_yield},
        {NULL, NULL},
    };
    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 1);
    luaL_setfuncs(L, ours, 0);
    lua_pushnil(L);
    lua_setfield(L, -2, "close");
    lua_pop(L, 1);
}
