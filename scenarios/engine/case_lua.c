/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_lua.c - case{...} while a play goes on: its function run has the play. */
#include "scenarios/engine/case_world.h"

#include <lauxlib.h>

static int run_is_over(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static void push_play(lua_State *L, const struct case_world *world)
{
    if (lua_getfield(L, 1, "plays") == LUA_TTABLE) {
        lua_rawgeti(L, -1, (lua_Integer)world->cfg.play + 1);
    } else {
        lua_newtable(L);
    }
    lua_remove(L, -2);
}

static int case_run(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "run");
    push_play(L, lua_api_ctx(L));
    lua_callk(L, 1, 0, 0, run_is_over);
    return 0;
}

static const struct lua_api_function functions[] = {
    {"case", case_run,
     "case{id=, title=, group=, run=function(play) ... end, ...}: describes the case of this file "
     "and plays it; docs/scenarios.md lists its members.",
     "case{ id = \"X-01\", group = \"X\", title = \"an example\", run = function(play) wait(1) end "
     "}"},
};

const struct lua_api lua_case_api = {
    .table = NULL, .functions = functions, .functions_len = ARRAY_SIZE(functions)};
