/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_sandbox.c - limits of memory and instructions, and what opens the rest. */
#include "scenarios/engine/lua_sandbox.h"

#include "sim/base.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOOK_INTERVAL = 1000,     /* Instructions between two looks at the limit. */
    BIG_BLOCK_BYTES = 4096,   /* From here on an allocation is charged: "a .. a" copies so much. */
    BIG_BLOCK_PER_STEP = 64,  /* Bytes that are copied in the time of one instruction. */
    METER_BYTES_PER_STEP = 8, /* Bytes that a string function looks at in that time. */
};

struct lua_sandbox *lua_sandbox_of(lua_State *L)
{
    struct lua_sandbox *box;
    memcpy(&box, lua_getextraspace(L), sizeof(struct lua_sandbox *));
    return box;
}

static void *allocate(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct lua_sandbox *box = ud;
    const size_t old = block == NULL ? 0 : old_size; /* Else it is the kind of object. */
    if (new_size == 0) {
        free(block);
        box->memory_used -= old;
        return NULL;
    }
    if (new_size > old && new_size - old > box->cfg.memory_bytes - box->memory_used) {
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved == NULL) {
        return NULL;
    }
    box->memory_used += new_size - old;
    if (new_size > old && new_size >= BIG_BLOCK_BYTES) {
        box->instructions_used += new_size / BIG_BLOCK_PER_STEP;
    }
    return moved;
}

const char *lua_sandbox_stop_text(enum lua_sandbox_stop stop)
{
    switch (stop) {
    case LUA_STOP_MEMORY:
        return "the script holds more memory than it may; is there a recursion or a table that "
               "grows "
               "without end?";
    case LUA_STOP_INSTRUCTIONS:
        return "the script has used up its instructions; is there a loop that never ends?";
    case LUA_STOP_NONE: break;
    }
    return "";
}

static void on_count(lua_State *L, lua_Debug *ar);

static void raise_stop(lua_State *L, enum lua_sandbox_stop stop)
{
    struct lua_sandbox *box = lua_sandbox_of(L);
    if (box->stop == LUA_STOP_NONE) {
        box->stop = stop;
    }
    /* Each instruction of a coroutine that goes on raises again. */
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    luaL_error(L, "%s", lua_sandbox_stop_text(box->stop));
}

void lua_sandbox_charge(lua_State *L, uint64_t steps)
{
    struct lua_sandbox *box = lua_sandbox_of(L);
    const uint64_t left = box->cfg.instructions > box->instructions_used
                              ? box->cfg.instructions - box->instructions_used
                              : 0;
    box->instructions_used += steps < left ? steps : left;
    if (steps >= left || box->stop != LUA_STOP_NONE) {
        raise_stop(L, LUA_STOP_INSTRUCTIONS);
    }
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sandbox_charge(L, HOOK_INTERVAL);
}

void lua_sandbox_renew(struct lua_sandbox *box)
{
    box->instructions_used = 0;
    box->stop = LUA_STOP_NONE;
    lua_sethook(box->L, on_count, LUA_MASKCOUNT, HOOK_INTERVAL);
}

enum lua_sandbox_stop lua_sandbox_stop_of(const struct lua_sandbox *box, int status)
{
    return box->stop == LUA_STOP_NONE && status == LUA_ERRMEM ? LUA_STOP_MEMORY : box->stop;
}

void lua_sandbox_pass_on(lua_State *L, int status)
{
    const enum lua_sandbox_stop stop = lua_sandbox_stop_of(lua_sandbox_of(L), status);
    if (stop != LUA_STOP_NONE) {
        raise_stop(L, stop);
    }
}

static uint64_t work_of(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TSTRING: return lua_rawlen(L, index) / METER_BYTES_PER_STEP;
    case LUA_TTABLE: return lua_rawlen(L, index);
    default: return 0;
    }
}

void lua_meter_arguments(lua_State *L)
{
    uint64_t steps = 1;
    for (int i = lua_gettop(L); i > 0; i--) {
        steps += work_of(L, i);
        if (lua_istable(L, i) && luaL_getmetafield(L, i, "__len") != LUA_TNIL) {
            luaL_error(L, "a table with __len is not taken here"); /* Loops of any length. */
        }
    }
    lua_sandbox_charge(L, steps);
}

/* Runs in the frame of the function that it stands for, so that messages name that one. */
static int metered(lua_State *L)
{
    lua_meter_arguments(L);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void lua_rewrap(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_getfield(L, -1, name);
    CHECK(lua_tocfunction(L, -1) == metered && lua_getupvalue(L, -1, 1) != NULL);
    lua_pushcclosure(L, fn, 1);
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
}

void lua_meter_library(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        if (lua_iscfunction(L, -1)) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_pushcclosure(L, metered, 1);
            lua_settable(L, -4);
        } else {
            lua_pop(L, 1);
        }
    }
}

static int open_all(lua_State *L)
{
    lua_sandbox_open_base(L);
    lua_sandbox_open_coroutines(L);
    lua_sandbox_open_tables(L);
    lua_sandbox_open_texts(L);
    lua_sandbox_open_math(L);
    return 0;
}

int lua_sandbox_init(struct lua_sandbox *box, const struct lua_sandbox_cfg *cfg, struct err *err)
{
    CHECK(cfg->random_stream != NULL);
    *box = (struct lua_sandbox){.cfg = *cfg};
    if (box->cfg.memory_bytes == 0) {
        box->cfg.memory_bytes = LUA_SANDBOX_MEMORY_BYTES;
    }
    if (box->cfg.instructions == 0) {
        box->cfg.instructions = LUA_SANDBOX_INSTRUCTIONS;
    }
    prng_init(&box->random, cfg->seed, cfg->random_stream);
    box->L = lua_newstate(allocate, box);
    if (box->L == NULL) {
        return err_set(err, ERR_NOMEM, "no memory for a Lua state: raise its limit");
    }
    memcpy(lua_getextraspace(box->L), &box, sizeof(struct lua_sandbox *));
    lua_pushcfunction(box->L, open_all);
    if (lua_pcall(box->L, 0, 0, 0) != LUA_OK) {
        lua_sandbox_release(box);
        return err_set(err, ERR_NOMEM, "no memory for the Lua libraries: raise the script's limit");
    }
    lua_sethook(box->L, on_count, LUA_MASKCOUNT, HOOK_INTERVAL);
    box->instructions_used = 0;
    return 0;
}

void lua_sandbox_release(struct lua_sandbox *box)
{
    if (box->L != NULL) {
        lua_close(box->L);
        CHECK(box->memory_used == 0);
    }
    box->L = NULL;
}
