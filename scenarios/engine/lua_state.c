/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_state.c - the state folder of the master between its lives: state.list,
 * read, write, remove; and judge.forbid, judge.allow. */
#include "scenarios/engine/case_world.h"
#include "sim/file_text.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STATE_FILE_MAX = 4 << 20, STATE_FILES_MAX = 256 };

/* Names may have folders, and stay below the state folder. */
static void state_path(lua_State *L, char *path)
{
    const struct case_world *world = lua_api_ctx(L);
    const char *name = luaL_checkstring(L, 1);
    if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL) {
        luaL_error(L, "\"%s\" is no name of a file in the state folder", name);
    }
    const int len = snprintf(path, CASE_PATH_MAX, "%s/state/%s", world->cfg.folder, name);
    if (len >= CASE_PATH_MAX) {
        luaL_error(L, "the name of the file \"%s\" is too long", name);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int state_list(lua_State *L)
{
    char path[CASE_PATH_MAX];
    char *names[STATE_FILES_MAX];
    size_t len = 0;
    const struct case_world *world = lua_api_ctx(L);
    snprintf(path, sizeof path, "%s/state", world->cfg.folder);
    DIR *folder = opendir(path);
    const struct dirent *entry = NULL;
    while (folder != NULL && len < STATE_FILES_MAX && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            names[len] = strdup(entry->d_name);
            CHECK(names[len++] != NULL);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    qsort(names, len, sizeof names[0], by_name);
    lua_createtable(L, (int)len, 0);
    for (size_t i = 0; i < len; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        free(names[i]);
    }
    return 1;
}

static int state_read(lua_State *L)
{
    char path[CASE_PATH_MAX];
    struct err err = {0};
    size_t len = 0;
    state_path(L, path);
    char *text = file_text_read(path, STATE_FILE_MAX, "a file of the master", &len, &err);
    if (text == NULL) {
        return 0;
    }
    lua_sandbox_charge(L, len / 16);
    lua_pushlstring(L, text, len);
    free(text);
    return 1;
}

static void refuse_while_running(lua_State *L, const char *function)
{
    const struct case_world *world = lua_api_ctx(L);
    if (master_seat_alive(&world->seat)) {
        luaL_error(L, "%s: the master is running; cut its power or wait for its end", function);
    }
}

/* The disk learns what was changed beside it; it is durable. */
static void take_over(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    struct err err = {0};
    if (guest_store_refresh(world->store.disk, &err) != 0) {
        luaL_error(L, "%s", err.text);
    }
}

static int state_write(lua_State *L)
{
    char path[CASE_PATH_MAX];
    size_t len = 0;
    refuse_while_running(L, "state.write");
    state_path(L, path);
    const char *text = luaL_checklstring(L, 2, &len);
    FILE *out = fopen(path, "w");
    const bool good = out != NULL && fwrite(text, 1, len, out) == len;
    if ((out != NULL && fclose(out) != 0) || !good) {
        return luaL_error(L, "%s: cannot be written: %s", path, strerror(errno));
    }
    take_over(L);
    return 0;
}

static int state_remove(lua_State *L)
{
    char path[CASE_PATH_MAX];
    refuse_while_running(L, "state.remove");
    state_path(L, path);
    const bool was_there = remove(path) == 0;
    take_over(L);
    lua_pushboolean(L, was_there);
    return 1;
}

static const struct lua_api_function state_functions[] = {
    {"list", state_list,
     "state.list(): the names of the files in the state folder of the master, sorted.",
     "assert(#state.list() == 0)"},
    {"read", state_read,
     "state.read(name): the content of a file of the state folder; nil if there is none.",
     "assert(state.read(\"journal\") == nil)"},
    {"write", state_write,
     "state.write(name, text): puts a file there while the master does not run, such as a damaged "
     "copy of what it wrote.",
     "master.start{ image = image{} }\nwait(\"1s\")\nmaster.cut()\nstate.write(\"journal\", "
     "(\"x\"):rep(512))"},
    {"remove", state_remove,
     "state.remove(name): deletes a file there while the master does not run; whether it was "
     "there.",
     "assert(not state.remove(\"journal\"))"},
};

const struct lua_api lua_state_api = {
    .table = "state", .functions = state_functions, .functions_len = ARRAY_SIZE(state_functions)};

static int judge_forbid(lua_State *L)
{
    struct case_world *world = lua_api_ctx(L);
    const char *reason = luaL_checkstring(L, 1);
    if (world->forbidden_len == CASE_FORBIDDEN_MAX) {
        return luaL_error(L, "judge.forbid: at most %d times in a play", CASE_FORBIDDEN_MAX);
    }
    struct case_forbidden *forbidden = &world->forbidden[world->forbidden_len++];
    *forbidden = (struct case_forbidden){
        .from_ns = world->sim.now_ns, .until_ns = SIM_NEVER, .session_too = lua_toboolean(L, 2)};
    snprintf(forbidden->reason, sizeof forbidden->reason, "%s", reason);
    return 0;
}

static int judge_allow(lua_State *L)
{
    struct case_world *world = lua_api_ctx(L);
    for (size_t i = 0; i < world->forbidden_len; i++) {
        world->forbidden[i].until_ns = sim_min_ns(world->forbidden[i].until_ns, world->sim.now_ns);
    }
    return 0;
}

static const struct lua_api_function judge_functions[] = {
    {"forbid", judge_forbid,
     "judge.forbid(reason [, session_too]): from now on no ECU may be erased or loaded, because "
     "the "
     "package or a precondition is not good, and the judge watches (INV-4); with true, not even "
     "10 02.",
     "judge.forbid(\"the image was altered\", true)"},
    {"allow", judge_allow, "judge.allow(): ends what judge.forbid began.",
     "judge.forbid(\"the gear is not in P\")\njudge.allow()"},
};

const struct lua_api lua_judge_api = {
    .table = "judge", .functions = judge_functions, .functions_len = ARRAY_SIZE(judge_functions)};
