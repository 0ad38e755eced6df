/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_turns.c - reads when a fault strikes, and answers for it. */
#include "scenarios/engine/lua_turns.h"

#include "scenarios/engine/lua_bus_rule.h"

#include <stdlib.h>

const char *const lua_turns_names[] = {"ecu",    "nth",        "skip", "every", "times",
                                       "chance", "chance_ppm", "from", "after", "until_",
                                       "for_",   "when",       "name", NULL};

static void push_instant(lua_State *L, const void *ctx)
{
    const sim_ns_t *now_ns = ctx;
    lua_pushnumber(L, (lua_Number)*now_ns / 1e9);
}

static bool is_wanted(void *ctx, sim_ns_t now_ns)
{
    const struct lua_turns *fault = ctx;
    return lua_condition_ask(&fault->condition, push_instant, &now_ns);
}

static uint64_t turns_fired(void *ctx)
{
    const struct lua_turns *fault = ctx;
    return fault->turns->count.fired;
}

static uint64_t turns_seen(void *ctx)
{
    const struct lua_turns *fault = ctx;
    return fault->turns->count.seen;
}

static sim_ns_t turns_first_ns(void *ctx)
{
    const struct lua_turns *fault = ctx;
    return fault->turns->count.first_ns;
}

static void turns_stop(void *ctx)
{
    struct lua_turns *fault = ctx;
    if (!fault->removed) {
        fault->removed = true;
        fault->remove(fault);
    }
}

static void turns_free(void *ctx)
{
    turns_stop(ctx);
    free(ctx);
}

void lua_turns_read(const struct lua_options *options, bool every, struct lua_turns_read *read)
{
    struct inject_when when = {.skip = 0};
    lua_bus_when_option(options, every, &when);
    lua_condition_read(&read->condition, options, "when");
    read->cfg = (struct inject_turns_cfg){.from_ns = when.from_ns,
                                          .until_ns = when.until_ns,
                                          .skip = when.skip,
                                          .every = when.every,
                                          .times = when.times,
                                          .chance_ppm = when.chance_ppm};
}

struct lua_turns *lua_turns_add(struct case_world *world, const struct lua_options *options,
                                struct lua_turns_read *read, size_t size,
                                void (*remove)(struct lua_turns *fault))
{
    struct case_injection *entry = case_world_add_injection(
        world, options->L, lua_bus_name_option(options), turns_fired, NULL);
    struct lua_turns *fault = calloc(1, size);
    CHECK(fault != NULL);
    fault->remove = remove;
    fault->condition = read->condition;
    fault->entry = entry;
    entry->ctx = fault;
    case_world_add_cleanup(world, turns_free, fault);
    read->cfg.name = entry->name;
    if (fault->condition.script != NULL) {
        read->cfg.enabled = is_wanted;
        read->cfg.ctx = fault;
    }
    return fault;
}

int lua_turns_push(lua_State *L, struct lua_turns *fault)
{
    static const struct lua_injection_ops ops = {
        .seen = turns_seen, .first_ns = turns_first_ns, .stop = turns_stop};
    lua_injection_push(L, fault->entry, &ops, fault);
    return 1;
}
