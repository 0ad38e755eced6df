/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_ecu_faults.c - ecu.answer, mute, pending, delay, change, lose_session and
 * flow: faults of an ECU's behaviour. */
#include "scenarios/engine/lua_bus_rule.h"
#include "scenarios/engine/lua_ecu_rule.h"

#include <lauxlib.h>

static struct case_world *open_rule(struct lua_options *options, lua_State *L, const char *function,
                                    const char *const *names)
{
    lua_options_open_act(options, L, 1, function, names, lua_ecu_rule_names);
    return lua_api_ctx(L);
}

/* 78 is a matter of ecu.pending. */
static uint8_t nrc_option(const struct lua_options *options)
{
    const unsigned nrc = (unsigned)lua_option_integer(options, "nrc", 1, UINT8_MAX, 0);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        lua_option_error(options, "nrc", "0x78 is no final answer; use ecu.pending");
    }
    return (uint8_t)nrc;
}

static int ecu_answer(lua_State *L)
{
    static const char *const names[] = {"nrc", "data", "works", NULL};
    struct lua_options options;
    struct inject_ecu_effect effect = {.kind = INJECT_ECU_REFUSE};
    struct case_world *world = open_rule(&options, L, "ecu.answer", names);
    const bool data = lua_option_given(&options, "data");
    if (data == lua_option_given(&options, "nrc")) {
        lua_option_error(&options, "nrc", "either nrc = 0x22, say, or data = \"50 03\"");
    }
    effect.works = lua_option_flag(&options, "works", data);
    effect.nrc = nrc_option(&options);
    if (data) {
        effect.kind = INJECT_ECU_REPLACE;
        effect.answer_len =
            (uint8_t)lua_option_bytes(&options, "data", effect.answer, 1, sizeof effect.answer);
        if (!effect.works) {
            lua_option_error(&options, "works", "with data the work is done");
        }
    }
    return lua_ecu_rule_add(world, &options, &effect);
}

static int ecu_mute(lua_State *L)
{
    static const char *const names[] = {"works", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "ecu.mute", names);
    return lua_ecu_rule_add(
        world, &options,
        &(struct inject_ecu_effect){.kind = INJECT_ECU_SILENCE,
                                    .works = lua_option_flag(&options, "works", false)});
}

static void read_pending(const struct lua_options *options, struct inject_ecu_effect *effect)
{
    static const char *const ends[] = {"answer", "silence", "nrc", "never", NULL};
    struct inject_ecu_pending *pending = &effect->pending;
    pending->then = (enum inject_ecu_then)lua_option_choice(options, "then_", ends, 0);
    if (pending->then == INJECT_THEN_NEVER && lua_option_given(options, "count")) {
        lua_option_error(options, "count", "not beside then_ = \"never\"");
    }
    if ((pending->then == INJECT_THEN_NRC) != lua_option_given(options, "nrc")) {
        lua_option_error(options, "nrc", "goes with then_ = \"nrc\", and only with it");
    }
    pending->count =
        (uint16_t)lua_option_integer(options, "count", 1, UDS_PENDINGS_FOR_EVER - 1, 1);
    pending->first_ns = lua_option_duration(options, "first", 0);
    pending->every_ns = lua_option_duration(options, "every", SIM_S(2));
    if (pending->every_ns == 0) {
        lua_option_error(options, "every", "must be longer than 0");
    }
    effect->nrc = nrc_option(options);
}

static int ecu_pending(lua_State *L)
{
    static const char *const names[] = {"count", "every", "first", "then_", "nrc", "works", NULL};
    struct lua_options options;
    struct inject_ecu_effect effect = {.kind = INJECT_ECU_PENDING};
    struct case_world *world = open_rule(&options, L, "ecu.pending", names);
    read_pending(&options, &effect);
    effect.works = lua_option_flag(&options, "works", true);
    return lua_ecu_rule_add(world, &options, &effect);
}

static int ecu_delay(lua_State *L)
{
    static const char *const names[] = {"by", "jitter", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "ecu.delay", names);
    const struct inject_ecu_effect effect = {.kind = INJECT_ECU_DELAY,
                                             .delay_ns = lua_option_duration(&options, "by", 0),
                                             .jitter_ns =
                                                 lua_option_duration(&options, "jitter", 0)};
    if (effect.delay_ns == 0 && effect.jitter_ns == 0) {
        lua_option_error(&options, "by", "is missing, or 0: by = \"120ms\", say");
    }
    return lua_ecu_rule_add(world, &options, &effect);
}

static int ecu_change(lua_State *L)
{
    static const char *const names[] = {"set", "len", NULL};
    struct lua_options options;
    struct inject_ecu_effect effect = {.kind = INJECT_ECU_CHANGE};
    struct case_world *world = open_rule(&options, L, "ecu.change", names);
    const size_t len =
        lua_bus_rule_bytes(&options, "set", false, true, effect.changes, INJECT_BYTES_MAX);
    if (lua_option_given(&options, "len")) {
        effect.len = (uint16_t)INJECT_LEN((unsigned)lua_option_integer(&options, "len", 1, 255, 0));
    } else if (len == 0) {
        lua_option_error(&options, "set", "is missing: set = {[1] = 0xFF}, say, or len");
    }
    return lua_ecu_rule_add(world, &options, &effect);
}

static int ecu_lose_session(lua_State *L)
{
    static const char *const names[] = {NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "ecu.lose_session", names);
    return lua_ecu_rule_add(world, &options,
                            &(struct inject_ecu_effect){.kind = INJECT_ECU_LOSE_SESSION});
}

/* A number, or a list of them for the blocks in turn. */
static uint8_t read_codes(const struct lua_options *options, const char *name,
                          uint8_t codes[INJECT_ECU_BLOCKS_MAX])
{
    lua_State *L = options->L;
    const int type = lua_option_push(options, name);
    if (type == LUA_TNUMBER) {
        lua_pop(L, 1);
        codes[0] = (uint8_t)lua_option_integer(options, name, 0, UINT8_MAX, 0);
        return 1;
    }
    size_t len = 0;
    if (type == LUA_TTABLE) {
        len = lua_option_bytes_at_top(options, name, codes, 1, INJECT_ECU_BLOCKS_MAX);
    } else if (type != LUA_TNIL) {
        lua_option_error(options, name, "must be a number from 0 to 255, or a list of up to %d",
                         INJECT_ECU_BLOCKS_MAX);
    }
    lua_pop(L, 1);
    return (uint8_t)len;
}

static void read_waits(const struct lua_options *options, struct inject_ecu_flow *flow)
{
    lua_State *L = options->L;
    const int type = lua_option_push(options, "waits");
    const char *word = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    const bool for_ever = word != NULL && word[0] == 'n' && luaL_len(L, -1) == 5;
    lua_pop(L, 1);
    if (word != NULL && !for_ever) {
        lua_option_error(options, "waits",
                         "must be a whole number from 1 on, or \"never\": it "
                         "never comes to an end");
    }
    flow->waits = for_ever ? INJECT_WAITS_FOR_EVER
                           : (uint32_t)lua_option_integer(options, "waits", 1, UINT16_MAX, 0);
    flow->wait_ns = lua_option_duration(options, "every", SIM_MS(500));
    if (flow->wait_ns == 0) {
        lua_option_error(options, "every", "must be longer than 0");
    }
}

static void read_leave_out(const struct lua_options *options, struct inject_ecu_flow *flow)
{
    const int type = lua_option_push(options, "leave_out");
    lua_pop(options->L, 1);
    if (type == LUA_TNUMBER) {
        flow->leave_out = true;
        flow->leave_out_at =
            (uint16_t)(lua_option_integer(options, "leave_out", 1, UINT16_MAX, 1) - 1);
        return;
    }
    flow->leave_out = lua_option_flag(options, "leave_out", false);
}

static int ecu_flow(lua_State *L)
{
    static const char *const names[] = {"waits",      "every",  "overflow", "leave_out",
                                        "block_size", "st_min", NULL};
    struct lua_options options;
    struct inject_ecu_effect effect = {.kind = INJECT_ECU_FLOW};
    struct inject_ecu_flow *flow = &effect.flow;
    struct case_world *world = open_rule(&options, L, "ecu.flow", names);
    read_waits(&options, flow);
    read_leave_out(&options, flow);
    flow->overflow = lua_option_flag(&options, "overflow", false);
    flow->block_sizes_len = read_codes(&options, "block_size", flow->block_sizes);
    flow->st_mins_len = read_codes(&options, "st_min", flow->st_mins);
    if (flow->waits == 0 && !flow->leave_out && !flow->overflow && flow->block_sizes_len == 0 &&
        flow->st_mins_len == 0) {
        lua_option_error(&options, "waits",
                         "one of waits, overflow, leave_out, block_size and st_min is needed");
    }
    return lua_ecu_rule_add(world, &options, &effect);
}

static const struct lua_api_function functions[] = {
    {"answer", ecu_answer,
     "ecu.answer{nrc=, data=, works=, ...}: the chosen requests are answered with this negative "
     "response code, and not worked on unless works = true; or with these bytes, once they were.",
     "local refused = ecu.answer{service = 0x3E, nrc = 0x22, times = 1}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\") == \"7F 3E 22\")\n"
     "assert(tester:request(\"3E 00\") == \"7E 00\" and refused:fired() == 1)"},
    {"mute", ecu_mute,
     "ecu.mute{works=, ...}: the chosen requests are not answered, nor worked on unless works = "
     "true; without a word about which, the ECU is mute from here on.",
     "local mute = ecu.mute{ecu = \"bcm\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"200ms\"}) == nil)\n"
     "mute:stop()\n"
     "assert(tester:request(\"3E 00\") == \"7E 00\")"},
    {"pending", ecu_pending,
     "ecu.pending{count=, every=, first=, then_=, nrc=, works=, ...}: 0x78 come before the end, "
     "which is \"answer\", \"silence\", \"nrc\" or \"never\".",
     "ecu.pending{service = 0x10, sub = 3, count = 2, every = \"4s\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "local begun = now()\n"
     "assert(tester:request(\"10 03\", {timeout = \"9s\"}) == \"50 03 00 32 01 F4\")\n"
     "assert(now() - begun > 8)"},
    {"delay", ecu_delay,
     "ecu.delay{by=, jitter=, ...}: final answers to the chosen requests come later than they are "
     "ready, without 0x78; until then the ECU hears nothing.",
     "ecu.delay{service = 0x3E, by = \"700ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "local begun = now()\n"
     "assert(tester:request(\"3E 00\", {timeout = \"1s\"}) == \"7E 00\" and now() - begun > 0.7)"},
    {"change", ecu_change,
     "ecu.change{set=, len=, ...}: bytes of the positive answers to the chosen requests, or their "
     "length, are other ones.",
     "ecu.change{service = 0x10, sub = 3, set = {[1] = 0x02}}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "tester:request(\"10 03\", {timeout = \"100ms\"})\n"
     "assert(tester:last() == \"50 02 00 32 01 F4\" and ecu.status().session == \"extended\")"},
    {"lose_session", ecu_lose_session,
     "ecu.lose_session{...}: the ECU falls back to the default session before it looks at a "
     "chosen request.",
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "tester:request(\"10 03\")\n"
     "local lost = ecu.lose_session{service = 0x85}\n"
     "assert(tester:request(\"85 02\") == \"7F 85 7F\" and lost:fired() == 1)"},
    {"flow", ecu_flow,
     "ecu.flow{waits=, every=, overflow=, leave_out=, block_size=, st_min=, ...}: the flow "
     "controls with which the ECU lets the chosen requests come in.",
     "local slow = ecu.flow{waits = 2, every = \"300ms\", block_size = {1, 8}, st_min = 20}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "local begun = now()\n"
     "local vin_and_more = \"22 F1 90 F1 91 F1 89 F1 87 F1 8C\"\n"
     "assert(tester:request(vin_and_more, {timeout = \"2s\"}) ~= nil)\n"
     "assert(now() - begun > 0.6 and slow:seen() == 1)"},
};

const struct lua_api lua_ecu_faults_api = {
    .table = "ecu", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
