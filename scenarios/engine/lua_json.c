/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_json.c - Lua tables as JSON. */
#include "scenarios/engine/lua_json.h"

#include "sim/base.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8 };

static cJSON *convert(lua_State *L, int index, int depth, const char **why);

static cJSON *convert_list(lua_State *L, int index, int depth, const char **why)
{
    cJSON *list = cJSON_CreateArray();
    const lua_Unsigned len = lua_rawlen(L, index);
    for (lua_Unsigned i = 1; i <= len; i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        cJSON *item = convert(L, lua_gettop(L), depth + 1, why);
        lua_pop(L, 1);
        if (item == NULL) {
            cJSON_Delete(list);
            return NULL;
        }
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a table's members, sorted: Lua's own order is not the same in every run. They belong
 * to the table. Null and a length if one is no text. */
static const char **names_of(lua_State *L, int index, size_t *len)
{
    size_t cap = 0;
    const char **names = NULL;
    bool good = true;
    *len = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        good = good && lua_type(L, -2) == LUA_TSTRING;
        if (good && *len == cap) {
            cap = cap * 2 + 16;
            names = realloc(names, cap * sizeof *names);
            CHECK(names != NULL);
        }
        if (good) {
            names[(*len)++] = lua_tostring(L, -2);
        }
        lua_pop(L, 1);
    }
    if (!good) {
        free(names);
        *len = 1;
        return NULL;
    }
    if (names != NULL) {
        qsort(names, *len, sizeof *names, by_name);
    }
    return names;
}

static cJSON *convert_members(lua_State *L, int index, int depth, const char **why)
{
    size_t len = 0;
    const char **names = names_of(L, index, &len);
    cJSON *object = cJSON_CreateObject();
    *why = names == NULL && len > 0 ? "has a member whose name is no text" : NULL;
    for (size_t i = 0; *why == NULL && i < len; i++) {
        lua_getfield(L, index, names[i]);
        cJSON *item = convert(L, lua_gettop(L), depth + 1, why);
        lua_pop(L, 1);
        if (item != NULL) {
            cJSON_AddItemToObject(object, names[i], item);
        }
    }
    free(names);
    if (*why != NULL) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

static cJSON *convert(lua_State *L, int index, int depth, const char **why)
{
    if (depth > DEPTH_MAX || !lua_checkstack(L, 8)) {
        *why = "is nested too deep";
        return NULL;
    }
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: return cJSON_CreateBool(lua_toboolean(L, index));
    case LUA_TNUMBER: return cJSON_CreateNumber(lua_tonumber(L, index));
    case LUA_TSTRING: return cJSON_CreateString(lua_tostring(L, index));
    case LUA_TTABLE:
        return lua_rawlen(L, index) > 0 ? convert_list(L, index, depth, why)
                                        : convert_members(L, index, depth, why);
    default: *why = "holds something that is neither text, number, boolean nor table"; return NULL;
    }
}

cJSON *lua_to_json(lua_State *L, int index, const char **why)
{
    *why = NULL;
    return convert(L, lua_absindex(L, index), 0, why);
}

void json_merge(cJSON *to, const cJSON *from)
{
    for (const cJSON *item = from->child; item != NULL; item = item->next) {
        cJSON *there = cJSON_GetObjectItemCaseSensitive(to, item->string);
        if (there != NULL && cJSON_IsObject(there) && cJSON_IsObject(item)) {
            json_merge(there, item);
        } else if (there != NULL) {
            cJSON_ReplaceItemInObjectCaseSensitive(to, item->string, cJSON_Duplicate(item, true));
        } else {
            cJSON_AddItemToObject(to, item->string, cJSON_Duplicate(item, true));
        }
    }
}
