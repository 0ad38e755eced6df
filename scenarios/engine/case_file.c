/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_file.c - runs a file up to its case{...} and keeps what that says. */
#include "scenarios/engine/case_file.h"

#include "scenarios/engine/lua_json.h"
#include "scenarios/engine/lua_sandbox.h"
#include "sim/base.h"
#include "sim/file_text.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_INSTRUCTIONS UINT64_C(5000000)

/* What case{...} may hold. */
static const char *const members[] = {"id",      "group",    "title", "title_zh",
                                      "sources", "priority", "needs", "tags",
                                      "vehicle", "ecu",      "plays", "run"};

/* The text of a member; an optional one is empty if it is missing. */
static void take_text(lua_State *L, const char *name, bool required, char *to, size_t size)
{
    const int type = lua_getfield(L, 1, name);
    if (type == LUA_TNIL && !required) {
        to[0] = '\0';
        lua_pop(L, 1);
        return;
    }
    if (type != LUA_TSTRING) {
        luaL_error(L, "case: \"%s\" must be a text, not %s", name,
                   type == LUA_TNIL ? "missing" : lua_typename(L, type));
    }
    size_t len = 0;
    const char *text = lua_tolstring(L, -1, &len);
    if (len == 0 || len >= size || strlen(text) != len) {
        luaL_error(L, "case: \"%s\" must have 1 to %d bytes", name, (int)size - 1);
    }
    memcpy(to, text, len + 1);
    lua_pop(L, 1);
}

static void take_words(lua_State *L, const char *name, struct case_words *words)
{
    const int type = lua_getfield(L, 1, name);
    words->len = 0;
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (type != LUA_TTABLE) {
        luaL_error(L, "case: \"%s\" must be a list of texts, not %s", name, lua_typename(L, type));
    }
    const lua_Unsigned len = lua_rawlen(L, -1);
    if (len > CASE_WORDS_MAX) {
        luaL_error(L, "case: \"%s\" has more than %d entries", name, CASE_WORDS_MAX);
    }
    for (lua_Unsigned i = 1; i <= len; i++) {
        size_t bytes = 0;
        const bool text = lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TSTRING;
        const char *word = text ? lua_tolstring(L, -1, &bytes) : "";
        if (bytes == 0 || bytes > CASE_WORD_MAX) {
            luaL_error(L, "case: entry %d of \"%s\" must be a text of 1 to %d bytes", (int)i, name,
                       CASE_WORD_MAX);
        }
        memcpy(words->word[words->len++], word, bytes + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static bool fit_for_a_folder(const char *name)
{
    return name[0] != '\0' && name[0] != '.' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+%-") ==
               strlen(name);
}

/* The name of the play whose table is on top; its number if it has none. */
static void take_play_name(lua_State *L, struct case_file *file, size_t number)
{
    if (!lua_istable(L, -1)) {
        luaL_error(L, "case: entry %d of \"plays\" must be a table", (int)number);
    }
    char *name = file->plays[number - 1];
    lua_getfield(L, -1, "name");
    if (lua_isnil(L, -1)) {
        snprintf(name, CASE_WORD_MAX + 1, "%zu", number);
    } else if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) > CASE_WORD_MAX ||
               !fit_for_a_folder(lua_tostring(L, -1))) {
        luaL_error(L,
                   "case: the name of play %d must be a text of 1 to %d letters, digits and "
                   ". _ + - %%: it becomes a folder",
                   (int)number, CASE_WORD_MAX);
    } else {
        snprintf(name, CASE_WORD_MAX + 1, "%s", lua_tostring(L, -1));
    }
    lua_pop(L, 1);
    for (size_t i = 0; i + 1 < number; i++) {
        if (strcmp(file->plays[i], name) == 0) {
            luaL_error(L, "case: plays %d and %d have the same name \"%s\"", (int)i + 1,
                       (int)number, name);
        }
    }
}

/* The member "ecu" of the table at an index; null if it has none. */
static cJSON *changes_at(lua_State *L, int index)
{
    const char *why = NULL;
    cJSON *changes = NULL;
    index = lua_absindex(L, index);
    if (lua_getfield(L, index, "ecu") != LUA_TNIL) {
        changes = lua_to_json(L, -1, &why);
        if (changes == NULL || !cJSON_IsObject(changes)) {
            cJSON_Delete(changes);
            luaL_error(L, "case: \"ecu\" %s; it holds members of the vehicle file's first ECU",
                       why != NULL ? why : "is no table with names");
        }
    }
    lua_pop(L, 1);
    return changes;
}

/* Those of the case and those of the play on top of the stack, which come second. */
static void take_changes(lua_State *L, struct case_file *file, size_t play)
{
    cJSON *changes = changes_at(L, 1);
    cJSON *own = lua_istable(L, -1) ? changes_at(L, -1) : NULL;
    if (changes != NULL && own != NULL) {
        json_merge(changes, own);
    }
    const cJSON *all = changes != NULL ? changes : own;
    file->changes[play] = all != NULL ? cJSON_PrintUnformatted(all) : NULL;
    cJSON_Delete(changes);
    cJSON_Delete(own);
}

static void take_plays(lua_State *L, struct case_file *file)
{
    const int type = lua_getfield(L, 1, "plays");
    if (type != LUA_TNIL && type != LUA_TTABLE) {
        luaL_error(L, "case: \"plays\" must be a list of tables, not %s", lua_typename(L, type));
    }
    const lua_Unsigned len = type == LUA_TTABLE ? lua_rawlen(L, -1) : 1;
    if (len == 0 || len > CASE_PLAYS_MAX) {
        luaL_error(L, "case: \"plays\" must have 1 to %d entries", CASE_PLAYS_MAX);
        return; /* It does not return, which compilers do not know. */
    }
    file->plays = calloc(len, sizeof *file->plays);
    file->changes = calloc(len, sizeof *file->changes);
    CHECK(file->plays != NULL && file->changes != NULL);
    file->plays_len = (size_t)len;
    for (lua_Unsigned i = 1; type == LUA_TTABLE && i <= len; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        take_play_name(L, file, (size_t)i);
        take_changes(L, file, (size_t)i - 1);
        lua_pop(L, 1);
    }
    if (type == LUA_TNIL) {
        take_changes(L, file, 0);
    }
    lua_pop(L, 1);
}

static void refuse_unknown(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
        bool known = false;
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
            known = known || strcmp(name, members[i]) == 0;
        }
        if (!known) {
            luaL_error(L, "case: it has no member \"%s\"; docs/scenarios.md lists those there are",
                       name);
        }
        lua_pop(L, 1);
    }
}

static void take_priority(lua_State *L, struct case_file *file)
{
    lua_getfield(L, 1, "priority");
    const lua_Integer priority = lua_isnil(L, -1) ? 2 : lua_tointeger(L, -1);
    if (priority != 1 && priority != 2) {
        luaL_error(L, "case: \"priority\" must be 1 or 2");
    }
    file->priority = (uint32_t)priority;
    lua_pop(L, 1);
}

/* case{...} while the file is only read. */
static int read_head(lua_State *L)
{
    struct case_file *file = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (file->plays != NULL) {
        return luaL_error(L, "case: a file holds one case");
    }
    take_text(L, "id", true, file->id, sizeof file->id);
    if (!fit_for_a_folder(file->id)) {
        return luaL_error(L, "case: \"id\" may have letters, digits and . _ + - only");
    }
    refuse_unknown(L);
    take_text(L, "group", true, file->group, sizeof file->group);
    take_text(L, "title", true, file->title, sizeof file->title);
    take_text(L, "title_zh", false, file->title_zh, sizeof file->title_zh);
    take_text(L, "vehicle", false, file->vehicle, sizeof file->vehicle);
    take_words(L, "sources", &file->sources);
    take_words(L, "needs", &file->needs);
    take_words(L, "tags", &file->tags);
    take_priority(L, file);
    lua_getfield(L, 1, "run");
    if (!lua_isfunction(L, -1)) {
        return luaL_error(L, "case: \"run\" must be a function");
    }
    take_plays(L, file);
    return 0;
}

static int run_head(lua_State *L)
{
    struct case_file *file = lua_touserdata(L, 1);
    lua_pushlightuserdata(L, file);
    lua_pushcclosure(L, read_head, 1);
    lua_setglobal(L, "case");
    const char *name = lua_pushfstring(L, "@%s", file->path);
    if (luaL_loadbufferx(L, file->text, file->text_len, name, "t") != LUA_OK) {
        return lua_error(L);
    }
    lua_call(L, 0, 0);
    return file->plays != NULL ? 0 : luaL_error(L, "%s: it calls no case{...}", file->path);
}

static int read_text(struct case_file *file, struct err *err)
{
    struct lua_sandbox box;
    const struct lua_sandbox_cfg cfg = {.instructions = HEAD_INSTRUCTIONS, .random_stream = "head"};
    int code = lua_sandbox_init(&box, &cfg, err);
    if (code) {
        return code;
    }
    lua_pushcfunction(box.L, run_head);
    lua_pushlightuserdata(box.L, file);
    const int status = lua_pcall(box.L, 1, 0, 0);
    if (status != LUA_OK) {
        const enum lua_sandbox_stop stop = lua_sandbox_stop_of(&box, status);
        const char *why = stop != LUA_STOP_NONE     ? lua_sandbox_stop_text(stop)
                          : lua_isstring(box.L, -1) ? lua_tostring(box.L, -1)
                                                    : "error() without a text";
        const bool placed = strstr(why, file->path) != NULL;
        code = err_set(err, ERR_SYNTAX, "%s%s%s%s%s%s", file->id[0] != '\0' ? "case " : "",
                       file->id, file->id[0] != '\0' ? ": " : "", placed ? "" : file->path,
                       placed ? "" : ": ", why);
    }
    lua_sandbox_release(&box);
    return code;
}

int case_file_load(struct case_file *file, const char *path, struct err *err)
{
    *file = (struct case_file){.path = strdup(path)};
    CHECK(file->path != NULL);
    file->text = file_text_read(path, CASE_FILE_MAX_BYTES, "a case", &file->text_len, err);
    return file->text != NULL ? read_text(file, err) : err->code;
}

void case_file_release(struct case_file *file)
{
    free(file->path);
    free(file->text);
    for (size_t i = 0; i < file->plays_len; i++) {
        free(file->changes[i]);
    }
    free(file->changes);
    free(file->plays);
    *file = (struct case_file){.path = NULL};
}
