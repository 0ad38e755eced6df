/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_time.c - wait and now. */
#include "scenarios/engine/lua_duration.h"
#include "scenarios/engine/lua_script.h"

#include <lauxlib.h>

/* Somebody else may have woken the script: what it waited for earlier has come late. */
static int wait_is_over(lua_State *L, int status, lua_KContext until_ns)
{
    (void)status;
    if (lua_script_of(L)->sim->now_ns < (sim_ns_t)until_ns) {
        return lua_script_wait(L, (sim_ns_t)until_ns, until_ns, wait_is_over);
    }
    return 0;
}

/* wait(0) returns at once: many of them at one instant would never let time pass. */
static int time_wait(lua_State *L)
{
    const sim_ns_t until_ns = lua_script_of(L)->sim->now_ns + lua_check_duration(L, 1);
    if (until_ns == lua_script_of(L)->sim->now_ns) {
        return 0;
    }
    return lua_script_wait(L, until_ns, (lua_KContext)until_ns, wait_is_over);
}

static int time_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)lua_script_of(L)->sim->now_ns / 1e9);
    return 1;
}

static const struct lua_api_function functions[] = {
    {"wait", time_wait,
     "wait(duration): lets virtual time pass; the rest of the vehicle goes on meanwhile.",
     "wait(\"1500ms\")\nwait(0.25)\nassert(now() == 1.75)"},
    {"now", time_now, "now(): the seconds since the start of the run, as a number.",
     "local begun = now()\nwait(\"2s\")\nassert(now() - begun == 2)"},
};

const struct lua_api lua_time_api = {
    .table = NULL, .functions = functions, .functions_len = ARRAY_SIZE(functions)};
