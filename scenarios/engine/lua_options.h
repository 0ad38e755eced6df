/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_options.h - the named parameters of a function of the API, as in
 * bus.lose{service = 0x36, times = 1}.
 *
 * Whatever does not fit raises a Lua error that names function, parameter and what it may be. A
 * parameter that is not given has the fallback. Texts belong to the table: valid until the function
 * returns. */
#ifndef ENGINE_LUA_OPTIONS_H
#define ENGINE_LUA_OPTIONS_H

#include "sim/base.h"

#include <lua.h>
#include <stdbool.h>

struct lua_options {
    lua_State *L;
    int index;            /* Of the table. */
    const char *function; /* For messages: "bus.lose"; of a table in a table, where it is. */
};

/* Takes the argument: a table, or nothing, which counts as an empty one. Its names must be among
 * names or more, both ended by a null pointer; more may be null. "#" stands for a list beside the
 * names, of which nothing is checked. */
void lua_options_open(struct lua_options *options, lua_State *L, int argument, const char *function,
                      const char *const *names, const char *const *more);
/* The same for a function that acts upon the world: refused inside a condition (lua_condition.h).
 */
void lua_options_open_act(struct lua_options *options, lua_State *L, int argument,
                          const char *function, const char *const *names, const char *const *more);

bool lua_option_given(const struct lua_options *options, const char *name);
/* From min to max, both included. */
uint64_t lua_option_integer(const struct lua_options *options, const char *name, uint64_t min,
                            uint64_t max, uint64_t fallback);
double lua_option_number(const struct lua_options *options, const char *name, double min,
                         double max, double fallback);
bool lua_option_flag(const struct lua_options *options, const char *name, bool fallback);
/* fallback may be null, here and in the next one. */
const char *lua_option_text(const struct lua_options *options, const char *name,
                            const char *fallback);
/* The place in the list of words, which a null pointer ends. */
size_t lua_option_choice(const struct lua_options *options, const char *name,
                         const char *const *words, size_t fallback);
/* As lua_duration.h reads it. */
sim_ns_t lua_option_duration(const struct lua_options *options, const char *name,
                             sim_ns_t fallback_ns);
/* "3600mV", "3.6V", or millivolts as a number; at most 60 V. */
uint32_t lua_option_mv(const struct lua_options *options, const char *name, uint32_t fallback_mv);
/* Bytes as hexadecimal text ("02 10 03", blanks at will) or as a list ({0x02, 0x10, 0x03}). Returns
 * how many; from min to max. Not given: 0. */
size_t lua_option_bytes(const struct lua_options *options, const char *name, uint8_t *to,
                        size_t min, size_t max);
/* The same for the value at the top of the stack, which stays. */
size_t lua_option_bytes_at_top(const struct lua_options *options, const char *name, uint8_t *to,
                               size_t min, size_t max);

/* Pushes the value; returns its type. */
int lua_option_push(const struct lua_options *options, const char *name);
/* Raises "bus.lose: NAME: ...". */
_Noreturn void lua_option_error(const struct lua_options *options, const char *name,
                                const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
