/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_script.c - turns of a script, and what its error says. */
#include "scenarios/engine/lua_script.h"

#include "scenarios/engine/lua_duration.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { CALLERS_SHOWN = 4, STACK_LEVELS_MAX = 64, STREAM_NAME_MAX = 96 };

struct lua_script *lua_script_of(lua_State *L)
{
    return container_of(lua_sandbox_of(L), struct lua_script, box);
}

void *lua_api_ctx(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* Appends "; called from FILE:LINE" and so on: the Lua functions below the first. */
static void add_callers(lua_State *thread, char *text, size_t size, bool with_first)
{
    lua_Debug ar;
    int shown = with_first ? 0 : -1;
    for (int level = 0; level < STACK_LEVELS_MAX && lua_getstack(thread, level, &ar); level++) {
        lua_getinfo(thread, "Sl", &ar);
        if (ar.currentline < 0) {
            continue;
        }
        if (shown >= 0 && shown < CALLERS_SHOWN) {
            const size_t len = strlen(text);
            snprintf(text + len, size - len, "%s%s:%d", shown == 0 ? " (from " : ", ", ar.short_src,
                     ar.currentline);
        }
        shown++;
    }
    const size_t len = strlen(text);
    if (shown > 0 && len + 1 < size) {
        memcpy(text + len, ")", 2);
    }
}

/* Control characters of a script's message would break the one line that an error has. */
static void make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            *text = ' ';
        }
    }
}

static void error_sentence(lua_State *thread, enum lua_sandbox_stop stop, char *text, size_t size)
{
    if (stop != LUA_STOP_NONE) {
        snprintf(text, size, "%s", lua_sandbox_stop_text(stop));
    } else if (lua_type(thread, -1) == LUA_TSTRING) {
        snprintf(text, size, "%s", lua_tostring(thread, -1));
    } else {
        snprintf(text, size, "error() was called with a %s instead of a text",
                 luaL_typename(thread, -1));
    }
    make_printable(text);
}

/* The error value is on top of the stack, which is as it was when it was raised, or unwound. */
static void take_error(struct lua_script *script, lua_State *thread, int status)
{
    char callers[160] = "";
    char sentence[240];
    const enum lua_sandbox_stop stop = lua_sandbox_stop_of(&script->box, status);
    error_sentence(thread, stop, sentence, sizeof(sentence));
    const bool has_place = strstr(sentence, script->cfg.file) != NULL;
    add_callers(thread, callers, sizeof(callers), !has_place);
    err_set(&script->err, stop != LUA_STOP_NONE ? ERR_RANGE : ERR_SYNTAX, "case %s: %s%s",
            script->cfg.case_id, sentence, callers);
}

/* Until it waits or ends. */
static enum lua_script_state resume(struct lua_script *script)
{
    int results = 0;
    script->box.yielding_to_host = false;
    const int status = lua_resume(script->thread, script->box.L, 0, &results);
    if (status == LUA_YIELD) {
        CHECK(script->box.yielding_to_host);
        lua_pop(script->thread, results);
        return LUA_SCRIPT_WAITING;
    }
    if (status != LUA_OK) {
        take_error(script, script->thread, status);
        return LUA_SCRIPT_FAILED;
    }
    return LUA_SCRIPT_DONE;
}

static void script_turn(struct sim *sim, void *ctx)
{
    (void)sim;
    struct lua_script *script = ctx;
    CHECK(script->state == LUA_SCRIPT_READY || script->state == LUA_SCRIPT_WAITING);
    if (script->err.code != 0) { /* lua_script_fail() */
        script->state = LUA_SCRIPT_FAILED;
    } else {
        script->state = LUA_SCRIPT_RUNNING;
        script->state = resume(script);
    }
    if (script->state == LUA_SCRIPT_WAITING) {
        return;
    }
    sim_cancel(script->sim, &script->event);
    if (script->cfg.on_end != NULL) {
        script->cfg.on_end(script->cfg.ctx, script);
    }
}

struct load {
    struct lua_script *script;
    const char *text;
    size_t len;
};

/* The thread and its function stay on the stack of the state, which keeps them alive. */
static int load_text(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    lua_State *thread = lua_newthread(L);
    const char *name = lua_pushfstring(L, "@%s", load->script->cfg.file);
    if (luaL_loadbufferx(thread, load->text, load->len, name, "t") != LUA_OK) {
        lua_xmove(thread, L, 1);
        return lua_error(L);
    }
    lua_pop(L, 1);
    return 1;
}

static int load_script(struct lua_script *script, const char *text, size_t len, struct err *err)
{
    struct load load = {script, text, len};
    lua_State *L = script->box.L;
    lua_pushcfunction(L, load_text);
    lua_pushlightuserdata(L, &load);
    const int status = lua_pcall(L, 1, 1, 0);
    if (status != LUA_OK) {
        return err_set(err, ERR_SYNTAX, "case %s: %.240s", script->cfg.case_id,
                       lua_isstring(L, -1) ? lua_tostring(L, -1) : "not to be read");
    }
    script->thread = lua_tothread(L, -1);
    script->box.main_thread = script->thread;
    return 0;
}

int lua_script_init(struct lua_script *script, const struct lua_script_cfg *cfg, struct sim *sim,
                    const char *text, size_t len, struct err *err)
{
    char stream[STREAM_NAME_MAX];
    snprintf(stream, sizeof(stream), "script %s", cfg->case_id);
    *script = (struct lua_script){.cfg = *cfg, .sim = sim, .state = LUA_SCRIPT_READY};
    const struct lua_sandbox_cfg box_cfg = {
        .memory_bytes = cfg->memory_bytes,
        .instructions = cfg->instructions,
        .seed = sim->cfg.seed,
        .random_stream = stream,
        .on_print = cfg->on_print,
        .ctx = cfg->ctx,
    };
    int code = lua_sandbox_init(&script->box, &box_cfg, err);
    if (code != 0) {
        return code;
    }
    code = lua_script_add_api(script, &lua_time_api, NULL, err);
    if (code == 0) {
        code = load_script(script, text, len, err);
    }
    if (code != 0) {
        lua_sandbox_release(&script->box);
        return code;
    }
    sim_event_init(&script->event, SIM_FAULT, script_turn, script, NULL);
    return 0;
}

struct registration {
    const struct lua_api *api;
    void *ctx;
};

static int add_api(lua_State *L)
{
    const struct registration *add = lua_touserdata(L, 1);
    lua_pushglobaltable(L);
    if (add->api->table != NULL) {
        luaL_getsubtable(L, -1, add->api->table);
    }
    for (size_t i = 0; i < add->api->functions_len; i++) {
        lua_pushlightuserdata(L, add->ctx);
        lua_pushcclosure(L, add->api->functions[i].fn, 1);
        lua_setfield(L, -2, add->api->functions[i].name);
    }
    return 0;
}

int lua_script_add_api(struct lua_script *script, const struct lua_api *api, void *ctx,
                       struct err *err)
{
    CHECK(script->state == LUA_SCRIPT_READY);
    struct registration add = {api, ctx};
    lua_State *L = script->box.L;
    lua_pushcfunction(L, add_api);
    lua_pushlightuserdata(L, &add);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_pop(L, 1);
        return err_set(err, ERR_NOMEM, "case %s: no memory for the functions of a script",
                       script->cfg.case_id);
    }
    return 0;
}

void lua_script_start(struct lua_script *script, sim_ns_t at_ns)
{
    CHECK(script->state == LUA_SCRIPT_READY);
    sim_schedule(script->sim, &script->event, at_ns);
}

void lua_script_wake(struct lua_script *script)
{
    if (script->state == LUA_SCRIPT_WAITING) {
        script->woken = true;
        sim_schedule(script->sim, &script->event, script->sim->now_ns);
    }
}

void lua_script_fail(struct lua_script *script, int status)
{
    if (script->state == LUA_SCRIPT_WAITING && script->err.code == 0) {
        take_error(script, script->box.L, status);
        sim_schedule(script->sim, &script->event, script->sim->now_ns);
    }
    lua_pop(script->box.L, 1);
}

void lua_script_release(struct lua_script *script)
{
    CHECK(script->state != LUA_SCRIPT_RUNNING);
    sim_cancel(script->sim, &script->event);
    lua_sandbox_release(&script->box);
}

int lua_script_wait(lua_State *L, sim_ns_t until_ns, lua_KContext ctx, lua_KFunction then)
{
    struct lua_script *script = lua_script_of(L);
    if (script->state != LUA_SCRIPT_RUNNING) {
        return luaL_error(L, "cannot wait inside a condition: it is asked and answers at once");
    }
    if (!lua_isyieldable(L)) {
        return luaL_error(L,
                          "cannot wait inside a function that a C function calls, such as that of "
                          "table.sort or string.gsub");
    }
    script->woken = false;
    script->box.yielding_to_host = true;
    sim_schedule(script->sim, &script->event, until_ns);
    return lua_yieldk(L, 0, ctx, then);
}
