/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/script_rig.h - one script in an empty simulation: what it printed, and how it ended.
 */
#ifndef TESTS_ENGINE_SCRIPT_RIG_H
#define TESTS_ENGINE_SCRIPT_RIG_H

#include "scenarios/engine/lua_script.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct script_rig {
    struct sim sim;
    struct lua_script script;
    struct lua_script_cfg cfg; /* May be changed before rig_load(). */
    char printed[65536];
};

static inline void rig_print(void *ctx, const char *text, size_t len)
{
    struct script_rig *rig = ctx;
    const size_t at = strlen(rig->printed);
    snprintf(rig->printed + at, sizeof(rig->printed) - at, "%.*s\n", (int)len, text);
}

static inline void rig_init(struct script_rig *rig, uint64_t seed)
{
    memset(rig, 0, sizeof(*rig));
    sim_init(&rig->sim, &(struct sim_cfg){.seed = seed});
    rig->cfg = (struct lua_script_cfg){.case_id = "TST-01",
                                       .file = "test/TST-01.lua",
                                       .instructions = 5000000,
                                       .on_print = rig_print,
                                       .ctx = rig};
}

static inline int rig_load(struct script_rig *rig, const char *text, struct err *err)
{
    return lua_script_init(&rig->script, &rig->cfg, &rig->sim, text, strlen(text), err);
}

static inline void rig_release(struct script_rig *rig)
{
    lua_script_release(&rig->script);
    sim_release(&rig->sim);
}

/* Loads and runs to the end, or to a day. */
static inline void rig_run(struct script_rig *rig, const char *text)
{
    struct err err = {0};
    cr_assert_eq(rig_load(rig, text, &err), 0, "%s", err.text);
    lua_script_start(&rig->script, 0);
    sim_run_until(&rig->sim, SIM_S(86400));
}

/* Fails with the script's own message unless it came to its end. */
static inline void expect_done(const char *text)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig, text);
    cr_expect_eq(rig.script.state, LUA_SCRIPT_DONE, "%s\n%s", text, rig.script.err.text);
    rig_release(&rig);
}

/* It ends with an error that contains `part`. */
static inline void expect_failed(const char *text, const char *part)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig, text);
    cr_expect_eq(rig.script.state, LUA_SCRIPT_FAILED, "%s\nstate %d", text, rig.script.state);
    cr_expect_not_null(strstr(rig.script.err.text, part), "%s\nexpected \"%s\" in \"%s\"", text,
                       part, rig.script.err.text);
    rig_release(&rig);
}

#endif
