/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_math.c - Lua's mathematics, with random numbers from a stream of the run. */
#include "scenarios/engine/lua_sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

/* A double holds 53 bits; this gives [0, 1) as Lua's own does. */
static lua_Number random_float(struct prng *prng)
{
    return (lua_Number)(prng_u64(prng) >> 11) * 0x1p-53;
}

static lua_Integer random_between(struct prng *prng, lua_Integer low, lua_Integer high)
{
    const uint64_t count = (uint64_t)high - (uint64_t)low + 1;
    const uint64_t offset = count == 0 ? prng_u64(prng) : prng_below(prng, count);
    const uint64_t sum = (uint64_t)low + offset;
    return (lua_Integer)sum;
}

/* Arguments as in the manual: none, (m), (0), (m, n). */
static int math_random(lua_State *L)
{
    struct prng *prng = &lua_sandbox_of(L)->random;
    const int n = lua_gettop(L);
    if (n == 0) {
        lua_pushnumber(L, random_float(prng));
        return 1;
    }
    if (n > 2) {
        return luaL_error(L, "wrong number of arguments");
    }
    const lua_Integer first = luaL_checkinteger(L, 1);
    const lua_Integer low = n == 1 ? 1 : first;
    const lua_Integer high = n == 1 ? first : luaL_checkinteger(L, 2);
    if (n == 1 && first == 0) {
        lua_pushinteger(L, (lua_Integer)prng_u64(prng));
        return 1;
    }
    luaL_argcheck(L, low <= high, n, "interval is empty");
    lua_pushinteger(L, random_between(prng, low, high));
    return 1;
}

static int math_randomseed(lua_State *L)
{
    return luaL_error(L, "math.randomseed: the seed is the run's (--seed)");
}

void lua_sandbox_open_math(lua_State *L)
{
    static const luaL_Reg ours[] = {
        {"random", math_random}, {"randomseed", math_randomseed}, {NULL, NULL}};
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_setfuncs(L, ours, 0);
    lua_pop(L, 1);
}
