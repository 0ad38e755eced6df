/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_sandbox.h - a Lua state that cannot reach out, cannot run for ever, and does
 * the same in every run.
 *
 * Stock Lua 5.4 draws a seed from addresses and the time when a state is made; it decides in which
 * order a table is walked. The seed cannot be set from outside, so nothing that depends on it or on
 * an address is left within a script's reach: pairs walks sorted keys, tostring shows numbers in
 * the order of asking, table.sort picks no random pivot, weak tables and finalizers are refused.
 *
 * A limit that is met ends the script: pcall and coroutines pass such an end on instead of catching
 * it. docs/scenarios.md says what is there, what is not, and what the limits do not cover. */
#ifndef ENGINE_LUA_SANDBOX_H
#define ENGINE_LUA_SANDBOX_H

#include "sim/err.h"
#include "sim/prng.h"

#include <lua.h>
#include <stdbool.h>

#define LUA_SANDBOX_MEMORY_BYTES ((size_t)16 << 20)
#define LUA_SANDBOX_INSTRUCTIONS UINT64_C(50000000)

/* Why a script must end, whatever it does about it. */
enum lua_sandbox_stop { LUA_STOP_NONE, LUA_STOP_MEMORY, LUA_STOP_INSTRUCTIONS };

/* One line of print(), without line end. */
typedef void lua_print_fn(void *ctx, const char *text, size_t len);

struct lua_sandbox_cfg {
    size_t memory_bytes;       /* 0: LUA_SANDBOX_MEMORY_BYTES. */
    uint64_t instructions;     /* 0: LUA_SANDBOX_INSTRUCTIONS. */
    uint64_t seed;             /* Of the run. */
    const char *random_stream; /* Name of math.random's stream. */
    lua_print_fn *on_print;    /* Null: what is printed is lost. */
    void *ctx;
};

struct lua_sandbox {
    struct lua_sandbox_cfg cfg;
    lua_State *L;
    size_t memory_used;
    uint64_t instructions_used; /* And what else was charged. */
    enum lua_sandbox_stop stop; /* Written in one place, where it is raised. */
    bool yielding_to_host;     /* A C function waits: coroutines of the script pass the yield on. */
    lua_State *main_thread;    /* That must not yield to itself; set by the host. */
    lua_Integer objects_named; /* The last number that tostring gave. */
    struct prng random;
};

/* A state with the safe libraries, ready for text. *err is filled on failure. */
int lua_sandbox_init(struct lua_sandbox *box, const struct lua_sandbox_cfg *cfg, struct err *err);
void lua_sandbox_release(struct lua_sandbox *box);
/* For hosts that call functions of a state again and again: the limit of instructions counts from
 * here on, also after a call that it has ended. No coroutine of the script may be left running. */
void lua_sandbox_renew(struct lua_sandbox *box);

/* For C functions that a script calls. */
struct lua_sandbox *lua_sandbox_of(lua_State *L);
/* Counts work that no instruction stands for; raises when the limit is met. */
void lua_sandbox_charge(lua_State *L, uint64_t steps);
/* To be called where an error was caught: an end that must not be caught goes on, another status is
 * left to the caller. */
void lua_sandbox_pass_on(lua_State *L, int status);
/* Which limit ended what came back with this status, if one did. */
enum lua_sandbox_stop lua_sandbox_stop_of(const struct lua_sandbox *box, int status);
/* The sentence about it. */
const char *lua_sandbox_stop_text(enum lua_sandbox_stop stop);

/* The parts of the sandbox; each puts its functions into the globals of L. */
void lua_sandbox_open_base(lua_State *L);       /* lua_base.c */
void lua_sandbox_open_coroutines(lua_State *L); /* lua_coroutines.c */
void lua_sandbox_open_tables(lua_State *L);     /* lua_tables.c: table, pairs, next */
void lua_sandbox_open_texts(lua_State *L);      /* lua_texts.c: string, utf8 */
void lua_sandbox_open_math(lua_State *L);       /* lua_math.c */

/* Sorts the array at the top of the stack, n long, stably, in place. less() compares the two values
 * at the top and leaves them. */
typedef bool lua_less_fn(lua_State *L, int comparator); /* -2 < -1 */
void lua_sort(lua_State *L, lua_Integer n, lua_less_fn *less, int comparator);
/* As luaL_tolstring, with a stable number where that would show an address. */
const char *lua_stable_tostring(lua_State *L, int index, size_t *len);
/* find, match, gmatch, gsub with a matcher that counts its steps (lua_patterns.c), into the table
 * at the top of the stack. */
void lua_add_patterns(lua_State *L);
/* Wraps the functions of the table at the top of the stack: each call is charged for the length of
 * its texts and tables. */
void lua_meter_library(lua_State *L);
/* Puts fn in the place of such a wrapper; its upvalue is the function that was wrapped. */
void lua_rewrap(lua_State *L, const char *name, lua_CFunction fn);
/* What the wrapper does. Leaves the stack as it is. */
void lua_meter_arguments(lua_State *L);

#endif
