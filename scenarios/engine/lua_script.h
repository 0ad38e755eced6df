/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_script.h - a script that lives in a simulation: a coroutine in virtual time,
 * in a state of its own, so that one script's end is nobody else's. It runs in the fault phase:
 * what it does at an instant is seen by everything at that instant. */
#ifndef ENGINE_LUA_SCRIPT_H
#define ENGINE_LUA_SCRIPT_H

#include "scenarios/engine/lua_sandbox.h"
#include "sim/sim.h"

/* One function of the API. The tables are the source of docs/scenarios.md: a test compares. */
struct lua_api_function {
    const char *name;
    lua_CFunction fn;
    const char *help;    /* "wait(duration): ..." in one sentence. */
    const char *example; /* Lua that runs in a script of its own. */
};

/* Functions that belong together. */
struct lua_api {
    const char *table; /* They lie in this global table. Null: they are globals. */
    const struct lua_api_function *functions;
    size_t functions_len;
};

/* wait and now: part of every script. */
extern const struct lua_api lua_time_api;

enum lua_script_state {
    LUA_SCRIPT_READY,   /* Loaded. */
    LUA_SCRIPT_RUNNING, /* On the C stack. */
    LUA_SCRIPT_WAITING, /* For a time, or for lua_script_wake(). */
    LUA_SCRIPT_DONE,
    LUA_SCRIPT_FAILED, /* err says why. */
};

struct lua_script;
typedef void lua_script_end_fn(void *ctx, struct lua_script *script);

struct lua_script_cfg {
    const char *case_id; /* What errors call it, e.g. "COM-03"; also names its random stream. */
    const char *file;    /* Likewise: its path. */
    size_t memory_bytes; /* 0: the defaults of lua_sandbox.h. */
    uint64_t instructions;
    lua_print_fn *on_print; /* May be null. */
    /* Ended, done or failed: state says which. Not to be released in here. May be null. */
    lua_script_end_fn *on_end;
    void *ctx; /* Of both. */
};

struct lua_script {
    struct lua_sandbox box;
    struct lua_script_cfg cfg; /* Texts are kept by pointer. */
    struct sim *sim;
    enum lua_script_state state; /* Written by script_turn() alone, once it is loaded. */
    lua_State *thread;
    struct sim_event event; /* Its next turn. */
    bool woken;             /* By lua_script_wake(), not by its time. */
    struct err err;
};

/* Loads text; nothing of it runs before lua_script_start(). Returns 0, or a negative code with *err
 * and nothing to release. */
int lua_script_init(struct lua_script *script, const struct lua_script_cfg *cfg, struct sim *sim,
                    const char *text, size_t len, struct err *err);
/* Adds functions; ctx is what lua_api_ctx() gives in them. Before the start. */
int lua_script_add_api(struct lua_script *script, const struct lua_api *api, void *ctx,
                       struct err *err);
/* Its first turn comes at at_ns. */
void lua_script_start(struct lua_script *script, sim_ns_t at_ns);
/* Lets a waiting script go on at this instant; otherwise nothing. */
void lua_script_wake(struct lua_script *script);
/* For functions of the script that are called while it waits: the error at the top of box.L, which
 * is taken away, ends the script at this instant. status is that of lua_pcall(). */
void lua_script_fail(struct lua_script *script, int status);
void lua_script_release(struct lua_script *script);

/* For the functions of an API. */
struct lua_script *lua_script_of(lua_State *L);
void *lua_api_ctx(lua_State *L);
/* "return lua_script_wait(...)": the script stands still until until_ns (SIM_NEVER: no limit) or
 * until it is woken; then `then` gives the results. lua_script_of(L)->woken says which it was. */
int lua_script_wait(lua_State *L, sim_ns_t until_ns, lua_KContext ctx, lua_KFunction then);

#endif
