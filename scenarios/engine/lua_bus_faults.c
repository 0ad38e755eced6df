/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_faults.c - bus.lose, delay, duplicate, reorder, change and damage:
 * faults of chosen frames and messages. */
#include "scenarios/engine/lua_bus_rule.h"

static const char *const no_names[] = {NULL};

static struct case_world *open_rule(struct lua_options *options, lua_State *L, const char *function,
                                    const char *const *names)
{
    lua_options_open_act(options, L, 1, function, names, lua_bus_rule_names);
    return lua_api_ctx(L);
}

static int bus_lose(lua_State *L)
{
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.lose", no_names);
    return lua_bus_rule_add(world, &options, &(struct inject_effect){.lose = true});
}

static int bus_delay(lua_State *L)
{
    static const char *const names[] = {"by", "jitter", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.delay", names);
    const struct inject_effect effect = {.delay_ns = lua_option_duration(&options, "by", 0),
                                         .delay_jitter_ns =
                                             lua_option_duration(&options, "jitter", 0)};
    if (effect.delay_ns == 0 && effect.delay_jitter_ns == 0) {
        lua_option_error(&options, "by", "is missing, or 0: by = \"120ms\", say");
    }
    return lua_bus_rule_add(world, &options, &effect);
}

static int bus_duplicate(lua_State *L)
{
    static const char *const names[] = {"copies", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.duplicate", names);
    const uint8_t copies = (uint8_t)lua_option_integer(&options, "copies", 1, UINT8_MAX, 1);
    return lua_bus_rule_add(world, &options, &(struct inject_effect){.duplicates = copies});
}

static int bus_reorder(lua_State *L)
{
    static const char *const names[] = {"within", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.reorder", names);
    const struct inject_effect effect = {
        .swap = true, .delay_ns = lua_option_duration(&options, "within", SIM_S(1))};
    if (effect.delay_ns == 0) {
        lua_option_error(&options, "within", "must be longer than 0");
    }
    return lua_bus_rule_add(world, &options, &effect);
}

static int bus_change(lua_State *L)
{
    static const char *const names[] = {"set", "set_frame", "len", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.change", names);
    struct inject_effect effect = {.lose = false};
    size_t len = lua_bus_rule_bytes(&options, "set", false, true, effect.changes, INJECT_BYTES_MAX);
    len += lua_bus_rule_bytes(&options, "set_frame", true, true, effect.changes + len,
                              INJECT_BYTES_MAX - len);
    if (lua_option_given(&options, "len")) {
        const unsigned frame =
            (unsigned)lua_option_integer(&options, "len", 0, CAN_CLASSIC_DATA_MAX, 0);
        effect.len = (uint16_t)INJECT_LEN(frame);
    } else if (len == 0) {
        lua_option_error(&options, "set", "is missing: set = {[0] = 0x7F}, say, or set_frame, len");
    }
    return lua_bus_rule_add(world, &options, &effect);
}

static int bus_damage(lua_State *L)
{
    static const char *const names[] = {"bit", NULL};
    struct lua_options options;
    struct case_world *world = open_rule(&options, L, "bus.damage", names);
    const struct inject_effect effect = {
        .damage = true,
        .damage_anywhere = !lua_option_given(&options, "bit"),
        .damage_bit = (uint16_t)lua_option_integer(&options, "bit", 1, 1000, 1)};
    return lua_bus_rule_add(world, &options, &effect);
}

static const struct lua_api_function functions[] = {
    {"lose", bus_lose,
     "bus.lose{...}: nobody receives the chosen frames; their sender is told that they went out.",
     "local lost = bus.lose{ecu = \"bcm\", way = \"answer\", service = 0x3E, nth = 1}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"60ms\"}) == nil)\n"
     "assert(tester:request(\"3E 00\") == \"7E 00\")\n"
     "assert(lost:fired() == 1 and lost:seen() == 1)"},
    {"delay", bus_delay,
     "bus.delay{by=, jitter=, ...}: the chosen frames are received later, by a fixed time and a "
     "random one of up to jitter.",
     "bus.delay{ecu = \"bcm\", way = \"answer\", part = \"single\", by = \"120ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "local begun = now()\n"
     "assert(tester:request(\"3E 00\") == \"7E 00\" and now() - begun > 0.12)"},
    {"duplicate", bus_duplicate,
     "bus.duplicate{copies=, ...}: the chosen frames are received once more, or so many times.",
     "bus.duplicate{way = \"answer\", service = 0x3E, copies = 2}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "tester:request(\"3E 00\")\n"
     "wait(\"5ms\")\n"
     "assert(tester:heard() == 3)"},
    {"reorder", bus_reorder,
     "bus.reorder{within=, ...}: a chosen frame is received after the next one of its sender with "
     "the same identifier, or after `within` (1 s) if none comes.",
     "local swapped = bus.reorder{way = \"answer\", part = \"consecutive\", nth = 1}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"22 F1 90\", {timeout = \"2s\"}) == nil) -- the VIN, out of order\n"
     "assert(swapped:fired() == 1)"},
    {"change", bus_change,
     "bus.change{set=, set_frame=, len=, ...}: bytes of the message, bytes of the frame or its "
     "length are other ones, behind a correct checksum.",
     "bus.change{way = \"answer\", service = 0x3E, set = {[0] = 0x6E, [1] = {flip = 0x80}}}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\") == nil and tester:last() == \"6E 80\")"},
    {"damage", bus_damage,
     "bus.damage{bit=, ...}: a bit of the chosen frames is inverted on the wire: error frame, and "
     "the controller sends again.",
     "local damaged = bus.damage{way = \"answer\", service = 0x3E, times = 3}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\") == \"7E 00\" and damaged:fired() == 3)"},
};

const struct lua_api lua_bus_faults_api = {
    .table = "bus", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
