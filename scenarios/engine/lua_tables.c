/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_tables.c - table functions whose order and length a script can rely on.
 *
 * Lua's own sort chooses pivots by the clock when a partition goes badly (ltablib.c,
 * l_randomizePivot); the one here is a merge sort: stable, and the same comparisons in each run. */
#include "scenarios/engine/lua_sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

enum { SORT_STEPS_PER_ITEM = 8, RESULTS_MAX = 1000000 };

/* Takes the smaller of the heads of two runs; the first run's where they are equal. */
static bool second_is_next(lua_State *L, int from, lua_Integer first, lua_Integer second,
                           lua_less_fn *less, int comparator)
{
    lua_rawgeti(L, from, second);
    lua_rawgeti(L, from, first);
    const bool result = less(L, comparator);
    lua_pop(L, 2);
    return result;
}

static void merge(lua_State *L, int from, lua_Integer begin, lua_Integer middle, lua_Integer end,
                  lua_less_fn *less, int comparator)
{
    lua_Integer first = begin;
    lua_Integer second = middle;
    for (lua_Integer to = begin; to < end; to++) {
        const bool take_second =
            first >= middle ||
            (second < end && second_is_next(L, from, first, second, less, comparator));
        lua_rawgeti(L, from, take_second ? second++ : first++);
        lua_rawseti(L, from + 1, to);
    }
}

static lua_Integer smaller(lua_Integer a, lua_Integer b)
{
    return a < b ? a : b;
}

void lua_sort(lua_State *L, lua_Integer n, lua_less_fn *less, int comparator)
{
    const int from = lua_gettop(L);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    lua_createtable(L, (int)smaller(n, INT32_MAX), 0);
    for (lua_Integer run = 1; run < n; run *= 2) {
        lua_sandbox_charge(L, (uint64_t)n * SORT_STEPS_PER_ITEM);
        for (lua_Integer begin = 1; begin <= n; begin += 2 * run) {
            merge(L, from, begin, smaller(begin + run, n + 1), smaller(begin + 2 * run, n + 1),
                  less, comparator);
        }
        lua_pushvalue(L, from); /* What was merged is the source of the next pass. */
        lua_copy(L, from + 1, from);
        lua_replace(L, from + 1);
    }
    lua_pop(L, 1);
}

static bool less_by_operator(lua_State *L, int comparator)
{
    (void)comparator;
    return lua_compare(L, -2, -1, LUA_OPLT) != 0;
}

static bool less_by_function(lua_State *L, int comparator)
{
    lua_pushvalue(L, comparator);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    const bool result = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return result;
}

static int table_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TFUNCTION);
    }
    lua_settop(L, 2);
    const lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
    lua_createtable(L, (int)smaller(n, INT32_MAX), 0);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, 3, i);
    }
    lua_sort(L, n, lua_isnil(L, 2) ? less_by_operator : less_by_function, 2);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 3, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

/* Functions that a script gives a range: that is how long they take, whatever the table holds. */
static int ranged(lua_State *L, int low, uint64_t most)
{
    lua_meter_arguments(L);
    const lua_Integer from = lua_tointeger(L, low);
    const lua_Integer to = lua_tointeger(L, low + 1);
    if (to > from) {
        const uint64_t steps = (uint64_t)to - (uint64_t)from;
        lua_sandbox_charge(L, steps < most ? steps : most);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int table_move(lua_State *L)
{
    return ranged(L, 2, UINT64_MAX);
}

static int table_concat(lua_State *L)
{
    return ranged(L, 3, UINT64_MAX);
}

static int table_unpack(lua_State *L)
{
    return ranged(L, 2, RESULTS_MAX); /* More raise an error before anything is done. */
}

/* Numbers, then texts, then false and true. */
static int rank_of_key(int type)
{
    return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

static bool less_by_key(lua_State *L, int comparator)
{
    (void)comparator;
    const int a = rank_of_key(lua_type(L, -2));
    const int b = rank_of_key(lua_type(L, -1));
    if (a != b) {
        return a < b;
    }
    if (lua_isboolean(L, -1)) {
        return !lua_toboolean(L, -2) && lua_toboolean(L, -1);
    }
    return lua_compare(L, -2, -1, LUA_OPLT) != 0;
}

/* Pushes an array of the keys of the table at index, sorted; returns how many. */
static lua_Integer push_sorted_keys(lua_State *L, int index)
{
    lua_Integer n = 0;
    lua_newtable(L);
    const int keys = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        const int type = lua_type(L, -2);
        if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN) {
            luaL_error(L,
                       "this table has a %s as a key, which has no order that is the same in each "
                       "run: keep a list of such keys and walk that",
                       lua_typename(L, type));
        }
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, ++n);
    }
    lua_sandbox_charge(L, (uint64_t)n);
    lua_sort(L, n, less_by_key, 0);
    return n;
}

/* Upvalues: the table, its sorted keys, the next place. Keys that went away meanwhile are skipped.
 */
static int pairs_next(lua_State *L)
{
    lua_Integer place = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        lua_settop(L, 0);
        if (lua_rawgeti(L, lua_upvalueindex(2), place++) == LUA_TNIL) {
            return 1;
        }
        lua_pushvalue(L, 1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
            break;
        }
        lua_sandbox_charge(L, 1);
    }
    lua_pushinteger(L, place);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

static int base_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    push_sorted_keys(L, 1);
    lua_pushinteger(L, 1);
    lua_pushcclosure(L, pairs_next, 3);
    lua_insert(L, 1);
    return 2;
}

/* next(t): its first key and value, or nil. */
static int base_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) {
        return luaL_error(L, "next(t) gives the first key only: walk a table with pairs");
    }
    lua_settop(L, 1);
    if (push_sorted_keys(L, 1) == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_rawgeti(L, 2, 1);
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    return 2;
}

void lua_sandbox_open_tables(lua_State *L)
{
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    lua_pushcfunction(L, table_sort);
    lua_setfield(L, -2, "sort");
    lua_meter_library(L);
    lua_rewrap(L, "move", table_move);
    lua_rewrap(L, "concat", table_concat);
    lua_rewrap(L, "unpack", table_unpack);
    lua_pop(L, 1);
    lua_register(L, "pairs", base_pairs);
    lua_register(L, "next", base_next);
}
