/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_condition.h - a function of a script that is asked a question in the middle
 * of what happens, as in bus.lose{when = function(message) ... end}.
 *
 * It runs at once, while the script itself stands still: it may look and compute, at the price of
 * the script's instructions, but neither wait nor act. An error in it ends the script. */
#ifndef ENGINE_LUA_CONDITION_H
#define ENGINE_LUA_CONDITION_H

#include "scenarios/engine/lua_options.h"
#include "scenarios/engine/lua_script.h"

struct lua_condition {
    struct lua_script *script; /* Null: there is none; the answer is yes. */
    int reference;             /* In the script's registry. */
};

/* Takes the parameter, if it is given. */
void lua_condition_read(struct lua_condition *condition, const struct lua_options *options,
                        const char *name);
/* push leaves the one argument on the stack of the state that it is given; it may raise. Once the
 * script has ended the answer is no. */
bool lua_condition_ask(const struct lua_condition *condition,
                       void (*push)(lua_State *L, const void *ctx), const void *ctx);

#endif
