/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_store.h - what the functions of the master's disk share: words that choose
 * one operation, and words that say what a loss of power leaves.
 *
 *     path       pattern as fnmatch(3), relative to the state folder; else any
 *     operation  a name of enum guest_store_kind; else all that change something
 *     nth        from now on (1)
 *     when       "before" (default), "middle" (of a "write" or "sync"), "after"
 *
 *     keep       "synced" (default), "all", "random", "torn", or "first"
 *     permille   with "torn": how much of the last write is there; else random
 *     op         with "first": the number of the last operation that is there */
#ifndef ENGINE_LUA_STORE_H
#define ENGINE_LUA_STORE_H

#include "guest/guest_store.h"
#include "scenarios/engine/lua_options.h"

enum { LUA_STORE_PATTERN_MAX = 128 };

struct lua_store_choice {
    char path[LUA_STORE_PATTERN_MAX]; /* Empty: any. */
    uint32_t kinds;                   /* 0: all that change something. */
    uint64_t nth;                     /* From 1. */
    enum guest_store_when when;
    uint64_t seen;
    uint64_t number; /* Of the nth, once it has begun. */
    bool begun;
};

extern const char *const lua_store_choice_names[]; /* Ended by a null pointer, as the next one. */
extern const char *const lua_store_loss_names[];

void lua_store_choice_option(const struct lua_options *options, struct lua_store_choice *choice);
/* Is this the moment? To be asked at every one. */
bool lua_store_is_chosen(struct lua_store_choice *choice, struct guest_store_op *op,
                         enum guest_store_when when);

void lua_store_path_option(const struct lua_options *options, char path[LUA_STORE_PATTERN_MAX]);
/* Bits of the parameter "operation"; 0: not given. */
uint32_t lua_store_kinds_option(const struct lua_options *options);

void lua_store_loss_option(const struct lua_options *options, struct guest_store_policy *loss);

#endif
