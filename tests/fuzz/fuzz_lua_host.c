/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_lua_host.c - any bytes as a scenario: refused, failed, ended or waiting, and a
 * second state does the same.
 * Sources: scenarios/engine/lua_base.c scenarios/engine/lua_coroutines.c
 * Sources: scenarios/engine/lua_duration.c scenarios/engine/lua_math.c
 * Sources: scenarios/engine/lua_pattern*.c scenarios/engine/lua_sandbox.c
 * Sources: scenarios/engine/lua_script.c scenarios/engine/lua_tables.c
 * Sources: scenarios/engine/lua_texts.c scenarios/engine/lua_time.c
 * Sources: sim/[c-p]*.c sim/sim.c sim/t*.c sim/u*.c
 * Packages: lua5.4 libxxhash */
#include "scenarios/engine/lua_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum lua_script_state state;
    sim_ns_t now_ns;
    uint64_t printed; /* A sum over the bytes. */
    struct err err;
};

static void add_print(void *ctx, const char *text, size_t len)
{
    uint64_t *printed = ctx;
    for (size_t i = 0; i < len; i++) {
        *printed = *printed * 31 + (unsigned char)text[i];
    }
}

static struct outcome play(const char *text, size_t len)
{
    static struct lua_script script;
    struct outcome outcome = {.state = LUA_SCRIPT_READY};
    struct sim sim;
    const struct lua_script_cfg cfg = {.case_id = "FZZ-01",
                                       .file = "fuzz.lua",
                                       .memory_bytes = 1 << 20,
                                       .instructions = 50000,
                                       .on_print = add_print,
                                       .ctx = &outcome.printed};
    sim_init(&sim, &(struct sim_cfg){.seed = 7});
    if (lua_script_init(&script, &cfg, &sim, text, len, &outcome.err) == 0) {
        lua_script_start(&script, 0);
        sim_run_until(&sim, SIM_S(3600));
        outcome.state = script.state;
        outcome.now_ns = sim.now_ns;
        outcome.err = script.err;
        lua_script_release(&script);
    } else {
        REQUIRE(strncmp(outcome.err.text, "case FZZ-01: ", 13) == 0);
    }
    sim_release(&sim);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct outcome first = play((const char *)data, size);
    REQUIRE(first.state != LUA_SCRIPT_RUNNING);
    REQUIRE((first.state == LUA_SCRIPT_FAILED) ==
            (first.state != LUA_SCRIPT_READY && first.err.code));
    const struct outcome second = play((const char *)data, size);
    REQUIRE(first.state == second.state && first.printed == second.printed);
    REQUIRE(strcmp(first.err.text, second.err.text) == 0);
    return 0;
}
