/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_json.c - Lua tables as JSON, and two trees of JSON made one. */
#include "scenarios/engine/lua_json.h"

#include "sim/base.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <stdlib.h>

/* What an expression is as JSON; or, after "! ", why it cannot be. */
static char *json_of(const char *expression)
{
    const char *why = NULL;
    char *text = NULL;
    lua_State *L = luaL_newstate();
    cr_assert_eq(luaL_dostring(L, expression), LUA_OK, "%s", lua_tostring(L, -1));
    const int top = lua_gettop(L);
    cJSON *json = lua_to_json(L, -1, &why);
    cr_expect_eq(lua_gettop(L), top, "the stack after %s", expression);
    cr_expect_eq(json == NULL, why != NULL, "%s", expression);
    if (json != NULL) {
        text = cJSON_PrintUnformatted(json);
    } else {
        cr_assert_geq(asprintf(&text, "! %s", why), 0);
    }
    cJSON_Delete(json);
    lua_close(L);
    return text;
}

Test(lua_json, tables_become_objects_with_sorted_members_or_lists)
{
    static const char *const rows[][2] = {
        {"return {}", "{}"},
        {"return {1, 2.5, true, 'x', false}", "[1,2.5,true,\"x\",false]"},
        {"return {b = 1, a = {}, ['\"'] = ''}", "{\"\\\"\":\"\",\"a\":{},\"b\":1}"},
        {"return {z = {{1}, {y = {2}}}}", "{\"z\":[[1],{\"y\":[2]}]}"},
        {"return 7", "7"},
        {"return {function() end}",
         "! holds something that is neither text, number, boolean nor table"},
        {"return {a = {b = function() end}}",
         "! holds something that is neither text, number, boolean nor table"},
        {"return {[true] = 1}", "! has a member whose name is no text"},
        {"return {a = 1, [2] = 3}", "! has a member whose name is no text"},
        {"local t = {} t.t = t return t", "! is nested too deep"},
        {"local t = {} t[1] = t return t", "! is nested too deep"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = json_of(rows[i][0]);
        cr_expect_str_eq(text, rows[i][1], "%s: %s", rows[i][0], text);
        free(text);
    }
}

/* RFC 7396 without its null: objects grow together, all else is replaced. */
Test(lua_json, changes_take_the_place_of_what_is_there)
{
    static const char *const rows[][3] = {
        {"{\"a\":1,\"b\":2}", "{\"b\":3}", "{\"a\":1,\"b\":3}"},
        {"{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3,\"z\":4}}",
         "{\"a\":{\"x\":1,\"y\":3,\"z\":4}}"},
        {"{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}"},
        {"{\"a\":1}", "{\"a\":{\"b\":2}}", "{\"a\":{\"b\":2}}"},
        {"{\"a\":{\"b\":2}}", "{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}"},
        {"{}", "{}", "{}"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cJSON *to = cJSON_Parse(rows[i][0]);
        cJSON *from = cJSON_Parse(rows[i][1]);
        json_merge(to, from);
        cJSON_Delete(from); /* Nothing of it may be left in the other. */
        char *text = cJSON_PrintUnformatted(to);
        cr_expect_str_eq(text, rows[i][2], "%s with %s: %s", rows[i][0], rows[i][1], text);
        free(text);
        cJSON_Delete(to);
    }
}
