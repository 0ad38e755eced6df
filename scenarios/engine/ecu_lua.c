/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/ecu_lua.c - hooks of ECUs, in sandboxes. */
#include "scenarios/engine/ecu_lua.h"

#include "scenarios/engine/lua_sandbox.h"
#include "sim/file_text.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 * 1024, TEXT_MAX = 512 };

/* Of one call, and of the file's own text: a key is not worth more. */
#define CALL_INSTRUCTIONS UINT64_C(2000000)

struct ecu_lua {
    struct lua_sandbox box;
    char file[TEXT_MAX];
    char ecu[TEXT_MAX];
};

static void print_line(void *ctx, const char *text, size_t len)
{
    const struct ecu_lua *hooks = ctx;
    fprintf(stderr, "%s: %.*s\n", hooks->ecu, (int)len, text);
}

static int run_file(struct ecu_lua *hooks, const char *text, size_t len, struct err *err)
{
    lua_State *L = hooks->box.L;
    char name[TEXT_MAX + 1];
    (void)snprintf(name, sizeof name, "@%s", hooks->file);
    int status = luaL_loadbufferx(L, text, len, name, "t");
    status = status == LUA_OK ? lua_pcall(L, 0, 0, 0) : status;
    if (status == LUA_OK) {
        return 0;
    }
    const enum lua_sandbox_stop stop = lua_sandbox_stop_of(&hooks->box, status);
    const char *said = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error";
    return err_set(err, ERR_SYNTAX, "%s%s%s", stop != LUA_STOP_NONE ? hooks->file : "",
                   stop != LUA_STOP_NONE ? ": " : "",
                   stop != LUA_STOP_NONE ? lua_sandbox_stop_text(stop) : said);
}

static void hooks_close(void *handle)
{
    struct ecu_lua *hooks = handle;
    if (hooks != NULL) {
        lua_sandbox_release(&hooks->box);
        free(hooks);
    }
}

static int begin(struct ecu_lua *hooks, uint64_t seed, struct err *err)
{
    const struct lua_sandbox_cfg cfg = {.instructions = CALL_INSTRUCTIONS,
                                        .seed = seed,
                                        .random_stream = hooks->ecu,
                                        .on_print = print_line,
                                        .ctx = hooks};
    size_t len = 0;
    char *text = file_text_read(hooks->file, FILE_MAX, "a file of hooks", &len, err);
    if (text == NULL) {
        return ERR_IO;
    }
    int rc = lua_sandbox_init(&hooks->box, &cfg, err);
    if (rc == 0) {
        rc = run_file(hooks, text, len, err);
        if (rc != 0) {
            lua_sandbox_release(&hooks->box);
        }
    }
    free(text);
    return rc;
}

static void *hooks_open(const char *path, const char *ecu, uint64_t seed, struct err *err)
{
    struct ecu_lua *hooks = calloc(1, sizeof *hooks);
    if (hooks == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory", path);
        return NULL;
    }
    (void)snprintf(hooks->file, sizeof hooks->file, "%s", path);
    (void)snprintf(hooks->ecu, sizeof hooks->ecu, "%s", ecu);
    if (begin(hooks, seed, err) != 0) {
        free(hooks);
        return NULL;
    }
    return hooks;
}

static bool hooks_has(void *handle, const char *name)
{
    struct ecu_lua *hooks = handle;
    const bool has = lua_getglobal(hooks->box.L, name) == LUA_TFUNCTION;
    lua_pop(hooks->box.L, 1);
    return has;
}

static int complain(const struct ecu_lua *hooks, const char *name, const char *what)
{
    fprintf(stderr, "%s: %s: hook \"%s\": %s\n", hooks->ecu, hooks->file, name, what);
    return -UDS_NRC_GENERAL_REJECT;
}

/* Of the two results at the top of the stack. */
static int take_results(const struct ecu_lua *hooks, const char *name, uint8_t *out,
                        uint16_t out_cap)
{
    lua_State *L = hooks->box.L;
    size_t len = 0;
    if (lua_isnil(L, -2) && lua_isinteger(L, -1)) {
        const lua_Integer nrc = lua_tointeger(L, -1);
        return nrc > 0 && nrc <= UINT8_MAX && nrc != UDS_NRC_RESPONSE_PENDING
                   ? -(int)nrc
                   : complain(hooks, name, "returned a code that is no final negative response");
    }
    if (lua_type(L, -2) != LUA_TSTRING) {
        return complain(hooks, name, "must return a text of bytes, or nil and a response code");
    }
    const char *bytes = lua_tolstring(L, -2, &len);
    if (len > out_cap) {
        return complain(hooks, name, "returned more bytes than the answer has room for");
    }
    memcpy(out, bytes, len);
    return (int)len;
}

static int hooks_call(void *handle, const char *name, const uint8_t *in, uint16_t in_len,
                      uint8_t *out, uint16_t out_cap)
{
    struct ecu_lua *hooks = handle;
    lua_State *L = hooks->box.L;
    const int top = lua_gettop(L);
    lua_sandbox_renew(&hooks->box);
    (void)lua_getglobal(L, name);
    (void)lua_pushlstring(L, in != NULL ? (const char *)in : "", in_len);
    const int status = lua_pcall(L, 1, 2, 0);
    const enum lua_sandbox_stop stop = lua_sandbox_stop_of(&hooks->box, status);
    int result;
    if (stop != LUA_STOP_NONE) {
        result = complain(hooks, name, lua_sandbox_stop_text(stop));
    } else if (status != LUA_OK) {
        result = complain(hooks, name,
                          lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error");
    } else {
        result = take_results(hooks, name, out, out_cap);
    }
    lua_settop(L, top);
    return result;
}

const struct vehicle_hook_ops ecu_lua_hooks = {
    .open = hooks_open, .has = hooks_has, .call = hooks_call, .close = hooks_close};
