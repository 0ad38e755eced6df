/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_rule.c - reads where, what and when of a fault of frames. */
#include "scenarios/engine/lua_bus_rule.h"

#include "guest/af_can/af_can.h"
#include "scenarios/engine/lua_condition.h"
#include "scenarios/engine/lua_field.h"
#include "scenarios/engine/lua_injection.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = 5, NAME_CHARS = 40, MESSAGE_BYTES = 4095, PPM = 1000000 };

const char *const lua_bus_rule_names[] = {
    "bus",    "ecu",        "node", "way",   "id",     "mask",  "ext",  "part", "index", "whole",
    "kind",   "service",    "sub",  "nrc",   "bytes",  "frame", "nth",  "skip", "every", "times",
    "chance", "chance_ppm", "from", "after", "until_", "for_",  "when", "name", NULL};

/* A fault of the scenario; lives as long as the world. */
struct rule_fault {
    struct inject_rule rule;
    struct case_world *world;
    struct lua_condition condition;
};

/* Where. */

struct case_bus *lua_bus_option(struct case_world *world, const struct lua_options *options)
{
    return case_world_bus(world, options->L, lua_option_text(options, "bus", NULL));
}

static struct case_ecu *ecu_on(struct case_world *world, const struct case_bus *bus,
                               const char *name)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].bus == bus && strcmp(world->ecus[i].ecu->name, name) == 0) {
            return &world->ecus[i];
        }
    }
    return NULL;
}

const struct can_node *lua_bus_node_option(struct case_world *world,
                                           const struct lua_options *options,
                                           const struct case_bus *bus)
{
    const char *name = lua_option_text(options, "node", NULL);
    if (name == NULL) {
        return NULL;
    }
    const struct can_node *node = NULL;
    const struct case_ecu *ecu = ecu_on(world, bus, name);
    if (strcmp(name, "master") == 0) {
        node = world->can != NULL ? af_can_node(world->can, bus->bus) : NULL;
    } else if (ecu != NULL) {
        node = &ecu->ecu->node;
    }
    if (node == NULL) {
        lua_option_error(options, "node",
                         "no node \"%.40s\" on %s; it is \"master\" or the name of an ECU", name,
                         bus->bus->cfg.name);
    }
    return node;
}

static void read_id(const struct lua_options *options, struct inject_where *where)
{
    if (!lua_option_given(options, "id")) {
        if (lua_option_given(options, "mask") || lua_option_given(options, "ext")) {
            lua_option_error(options, "id", "is missing beside mask or ext");
        }
        return;
    }
    where->id = (uint32_t)lua_option_integer(options, "id", 0, CAN_EXT_ID_MAX, 0);
    where->ext = lua_option_flag(options, "ext", where->id > CAN_STD_ID_MAX);
    const uint32_t all = where->ext ? CAN_EXT_ID_MAX : CAN_STD_ID_MAX;
    where->id_mask = (uint32_t)lua_option_integer(options, "mask", 1, all, all);
    if (where->id > all) {
        lua_option_error(options, "id", "does not fit into 11 bits; leave ext out");
    }
}

static struct case_bus *read_where(struct case_world *world, const struct lua_options *options,
                                   struct inject_where *where)
{
    static const char *const ways[] = {"request", "answer", NULL};
    struct case_bus *bus = NULL;
    if (lua_option_given(options, "ecu")) {
        const struct case_ecu *ecu =
            case_world_ecu(world, options->L, lua_option_text(options, "ecu", NULL));
        bus = ecu->bus;
        where->connection = (uint16_t)INJECT_CONNECTION(ecu->connection);
    }
    if (bus == NULL || lua_option_given(options, "bus")) {
        const struct case_bus *of_ecu = bus;
        bus = lua_bus_option(world, options);
        if (of_ecu != NULL && bus != of_ecu) {
            lua_option_error(options, "bus", "the ECU is on %s", of_ecu->bus->cfg.name);
        }
    }
    if (lua_option_given(options, "way")) {
        where->way =
            lua_option_choice(options, "way", ways, 0) == 0 ? INJECT_TO_ECU : INJECT_TO_TESTER;
    }
    where->sender = lua_bus_node_option(world, options, bus);
    read_id(options, where);
    return bus;
}

/* What. */

static unsigned part_of(const struct lua_options *options, const char *word)
{
    static const char *const words[PARTS] = {"single", "first", "consecutive", "flow", "last"};
    for (unsigned i = 0; i < PARTS; i++) {
        if (word != NULL && strcmp(words[i], word) == 0) {
            return 1u << i;
        }
    }
    lua_option_error(options, "part",
                     "must be \"single\", \"first\", \"consecutive\", \"flow\" or \"last\", or a "
                     "list of these");
}

static unsigned read_parts(const struct lua_options *options)
{
    lua_State *L = options->L;
    unsigned parts = 0;
    const int type = lua_option_push(options, "part");
    if (type == LUA_TTABLE && lua_rawlen(L, -1) > 0) {
        const lua_Integer len = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= len && i <= PARTS; i++) {
            lua_rawgeti(L, -1, i);
            parts |= part_of(options, lua_tostring(L, -1));
            lua_pop(L, 1);
        }
    } else if (type != LUA_TNIL) {
        parts = part_of(options, type == LUA_TSTRING ? lua_tostring(L, -1) : NULL);
    }
    lua_pop(L, 1);
    return parts;
}

/* {mask = 0x0F, value = 5} or {flip = 0x01}, at the top of the stack. */
static void read_masked(const struct lua_options *options, const char *place, bool flips,
                        struct inject_change *change)
{
    static const char *const plain[] = {"mask", "value", NULL};
    static const char *const all[] = {"mask", "value", "flip", NULL};
    struct lua_options inner;
    const char *function = lua_pushfstring(options->L, "%s: %s", options->function, place);
    lua_insert(options->L, -2);
    lua_options_open(&inner, options->L, -1, function, flips ? all : plain, NULL);
    if (flips && lua_option_given(&inner, "flip")) {
        if (lua_option_given(&inner, "mask") || lua_option_given(&inner, "value")) {
            lua_option_error(&inner, "flip", "stands alone, without mask and value");
        }
        change->invert = true;
        change->mask = (uint8_t)lua_option_integer(&inner, "flip", 1, UINT8_MAX, 0);
    } else if (!lua_option_given(&inner, "value")) {
        lua_option_error(&inner, "value", "is missing");
    }
    if (!change->invert) {
        change->mask = (uint8_t)lua_option_integer(&inner, "mask", 1, UINT8_MAX, UINT8_MAX);
        change->value = (uint8_t)lua_option_integer(&inner, "value", 0, UINT8_MAX, 0);
    }
    lua_remove(options->L, -2);
}

/* The value at the top of the stack; the key below it. */
static struct inject_change read_byte(const struct lua_options *options, const char *name,
                                      bool in_frame, bool flips)
{
    lua_State *L = options->L;
    int exact = 0;
    const lua_Integer offset = lua_type(L, -2) == LUA_TNUMBER ? lua_tointegerx(L, -2, &exact) : -1;
    const lua_Integer most = in_frame ? CAN_DATA_MAX - 1 : MESSAGE_BYTES - 1;
    if (exact == 0 || offset < 0 || offset > most) {
        lua_option_error(options, name,
                         "offsets are whole numbers from 0 to %d, as in {[0] = 0x36}", (int)most);
    }
    struct inject_change change = {.in_frame = in_frame, .offset = (uint16_t)offset, .mask = 0xFF};
    if (lua_istable(L, -1)) {
        const char *place = lua_pushfstring(L, "%s[%d]", name, (int)offset);
        lua_insert(L, -2);
        read_masked(options, place, flips, &change);
        lua_remove(L, -2);
        return change;
    }
    int whole = 0;
    const lua_Integer value = lua_tointegerx(L, -1, &whole);
    if (whole == 0 || lua_type(L, -1) != LUA_TNUMBER || value < 0 || value > UINT8_MAX) {
        lua_option_error(options, name, "byte %d must be 0 to 255, or %s", (int)offset,
                         flips ? "{mask=, value=} or {flip=}" : "{mask=, value=}");
    }
    change.value = (uint8_t)value;
    return change;
}

static void sort_by_offset(struct inject_change *changes, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        for (size_t k = i; k > 0 && changes[k].offset < changes[k - 1].offset; k--) {
            const struct inject_change other = changes[k];
            changes[k] = changes[k - 1];
            changes[k - 1] = other;
        }
    }
}

size_t lua_bus_rule_bytes(const struct lua_options *options, const char *name, bool in_frame,
                          bool flips, struct inject_change *to, size_t room)
{
    lua_State *L = options->L;
    size_t len = 0;
    const int type = lua_option_push(options, name);
    if (type != LUA_TNIL && type != LUA_TTABLE) {
        lua_option_error(options, name, "must be bytes by offset, as in {[0] = 0x36}, not a %s",
                         lua_typename(L, type));
    }
    if (type == LUA_TTABLE) {
        for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
            const struct inject_change change = read_byte(options, name, in_frame, flips);
            if (len == room) {
                lua_option_error(options, name, "too many bytes: all together at most %d",
                                 INJECT_BYTES_MAX);
            }
            to[len++] = change;
        }
    }
    lua_pop(L, 1);
    sort_by_offset(to, len);
    return len;
}

static void read_bytes(const struct lua_options *options, struct inject_what *what)
{
    struct inject_change bytes[INJECT_BYTES_MAX];
    size_t len = lua_bus_rule_bytes(options, "bytes", false, false, bytes, INJECT_BYTES_MAX);
    len += lua_bus_rule_bytes(options, "frame", true, false, bytes + len, INJECT_BYTES_MAX - len);
    for (size_t i = 0; i < len; i++) {
        what->bytes[i] = (struct inject_byte){.in_frame = bytes[i].in_frame,
                                              .offset = bytes[i].offset,
                                              .mask = bytes[i].mask,
                                              .value = bytes[i].value};
    }
}

/* Who names a message and no part of it means the whole: {service = 0x36, way = "answer"} is the
 * answer, and not also the flow controls that the ECU sends meanwhile. */
static bool speaks_of_messages(const struct lua_options *options)
{
    return (lua_option_given(options, "kind") || lua_option_given(options, "service") ||
            lua_option_given(options, "sub") || lua_option_given(options, "nrc")) &&
           !lua_option_given(options, "part") && !lua_option_given(options, "index") &&
           !lua_option_given(options, "frame");
}

static void read_what(const struct lua_options *options, struct inject_what *what)
{
    static const char *const kinds[] = {"request", "positive", "negative", NULL};
    static const enum uds_kind kind_of[] = {UDS_KIND_REQUEST, UDS_KIND_POSITIVE, UDS_KIND_NEGATIVE};
    what->parts = read_parts(options);
    what->index = (uint32_t)lua_option_integer(options, "index", 1, UINT16_MAX, 0);
    what->whole = lua_option_flag(options, "whole", speaks_of_messages(options));
    if (lua_option_given(options, "kind")) {
        what->kind = kind_of[lua_option_choice(options, "kind", kinds, 0)];
    }
    what->service = (uint8_t)lua_option_integer(options, "service", 1, UINT8_MAX, 0);
    if (lua_option_given(options, "sub")) {
        what->sub = (uint16_t)UDS_SUB((unsigned)lua_option_integer(options, "sub", 0, 0x7F, 0));
    }
    what->nrc = (uint8_t)lua_option_integer(options, "nrc", 1, UINT8_MAX, 0);
    read_bytes(options, what);
}

/* When. */

void lua_bus_window_option(const struct lua_options *options, sim_ns_t *from_ns, sim_ns_t *until_ns)
{
    const sim_ns_t now_ns = lua_script_of(options->L)->sim->now_ns;
    *from_ns = lua_option_duration(options, "from", now_ns);
    *until_ns = lua_option_duration(options, "until_", SIM_NEVER);
    if (lua_option_given(options, "after")) {
        if (lua_option_given(options, "from")) {
            lua_option_error(options, "after", "not beside from, which says the same");
        }
        *from_ns = now_ns + lua_option_duration(options, "after", 0);
    }
    *from_ns = *from_ns > now_ns ? *from_ns : now_ns;
    if (lua_option_given(options, "for_")) {
        if (lua_option_given(options, "until_")) {
            lua_option_error(options, "for_", "not beside until_, which says the same");
        }
        *until_ns = *from_ns + lua_option_duration(options, "for_", 0);
    }
    if (*until_ns <= *from_ns) {
        lua_option_error(options, lua_option_given(options, "for_") ? "for_" : "until_",
                         "the fault would be over before it begins");
    }
}

static uint32_t read_chance(const struct lua_options *options)
{
    if (!lua_option_given(options, "chance")) {
        return (uint32_t)lua_option_integer(options, "chance_ppm", 1, PPM, 0);
    }
    if (lua_option_given(options, "chance_ppm")) {
        lua_option_error(options, "chance", "not beside chance_ppm, which says the same");
    }
    return (uint32_t)(lua_option_number(options, "chance", 1e-6, 1, 1) * PPM + 0.5);
}

void lua_bus_when_option(const struct lua_options *options, bool every, struct inject_when *when)
{
    lua_bus_window_option(options, &when->from_ns, &when->until_ns);
    when->until_ns = when->until_ns == SIM_NEVER ? 0 : when->until_ns;
    when->skip = (uint32_t)lua_option_integer(options, "skip", 0, UINT32_MAX, 0);
    if (every) {
        when->every = (uint32_t)lua_option_integer(options, "every", 1, UINT32_MAX, 0);
    }
    when->times = (uint32_t)lua_option_integer(options, "times", 1, UINT32_MAX, 0);
    when->chance_ppm = read_chance(options);
    if (lua_option_given(options, "nth")) {
        if (when->skip != 0 || when->every != 0 || when->times != 0) {
            lua_option_error(options, "nth", "stands without skip, every and times");
        }
        when->skip = (uint32_t)lua_option_integer(options, "nth", 1, UINT32_MAX, 1) - 1;
        when->times = 1;
    }
}

/* What a condition is told of a frame, and of the message that it belongs to. */

struct seen {
    const struct rule_fault *fault;
    const struct inject_view *view;
    sim_ns_t now_ns;
};

static void push_message(lua_State *L, const struct rule_fault *fault,
                         const struct inject_view *view)
{
    static const char *const kinds[] = {"unknown", "request", "positive", "negative"};
    const struct isotp_watch_message *message = view->watch->message;
    const uint32_t sent = message->first_len + message->index * message->next_len;
    size_t len = sent < message->len ? sent : message->len;
    len = len < sizeof message->data ? len : sizeof message->data;
    lua_sandbox_charge(L, len / 8);
    lua_pushlstring(L, (const char *)message->data, len);
    lua_setfield(L, -2, "data");
    lua_field_text(L, "kind", kinds[message->uds.kind]);
    lua_field_integer(L, "service", message->uds.service);
    lua_field_integer(L, "len", message->len);
    lua_field_integer(L, "index", view->watch->index);
    if (message->uds.nrc != 0) {
        lua_field_integer(L, "nrc", message->uds.nrc);
    }
    if (message->uds.sub != 0) {
        lua_field_integer(L, "sub", message->uds.sub & 0x7F);
    }
    for (size_t i = 0; i < fault->world->ecus_len; i++) {
        const struct case_ecu *ecu = &fault->world->ecus[i];
        if (&ecu->bus->inject == fault->rule.inject && ecu->connection == view->connection) {
            lua_field_text(L, "ecu", ecu->ecu->name);
        }
    }
}

static void push_seen(lua_State *L, const void *ctx)
{
    const struct seen *seen = ctx;
    const struct can_frame *frame = seen->view->frame;
    lua_createtable(L, 0, 12);
    lua_field_integer(L, "id", frame->id);
    lua_pushlstring(L, (const char *)frame->data, frame->len_bytes);
    lua_setfield(L, -2, "frame");
    lua_field_seconds(L, "at", seen->now_ns);
    if (seen->view->watch != NULL && seen->view->watch->message != NULL) {
        push_message(L, seen->fault, seen->view);
    }
}

static bool is_wanted(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    const struct rule_fault *fault = ctx;
    const struct seen seen = {.fault = fault, .view = view, .now_ns = now_ns};
    return lua_condition_ask(&fault->condition, push_seen, &seen);
}

/* The fault. */

static uint64_t rule_fired(void *ctx)
{
    const struct rule_fault *fault = ctx;
    return fault->rule.count.fired;
}

static uint64_t rule_seen(void *ctx)
{
    const struct rule_fault *fault = ctx;
    return fault->rule.count.seen;
}

static sim_ns_t rule_first_ns(void *ctx)
{
    const struct rule_fault *fault = ctx;
    return fault->rule.count.first_ns;
}

static void rule_stop(void *ctx)
{
    struct rule_fault *fault = ctx;
    if (fault->rule.inject != NULL) {
        inject_bus_remove(&fault->rule);
    }
}

static void rule_free(void *ctx)
{
    rule_stop(ctx);
    free(ctx);
}

const char *lua_bus_name_option(const struct lua_options *options)
{
    const char *name = lua_option_text(options, "name", options->function);
    if (strlen(name) > NAME_CHARS) {
        lua_option_error(options, "name", "is longer than %d characters", NAME_CHARS);
    }
    return name;
}

int lua_bus_rule_add(struct case_world *world, const struct lua_options *options,
                     const struct inject_effect *effect)
{
    static const struct lua_injection_ops ops = {
        .seen = rule_seen, .first_ns = rule_first_ns, .stop = rule_stop};
    struct inject_rule_cfg cfg = {.effect = *effect};
    struct lua_condition condition;
    struct case_bus *bus = read_where(world, options, &cfg.where);
    read_what(options, &cfg.what);
    lua_bus_when_option(options, true, &cfg.when);
    lua_condition_read(&condition, options, "when");
    if (bus->inject.rules_len == INJECT_RULES_MAX) {
        return luaL_error(options->L, "%s: %d faults of frames on %s at a time are the limit",
                          options->function, INJECT_RULES_MAX, bus->bus->cfg.name);
    }
    struct case_injection *entry =
        case_world_add_injection(world, options->L, lua_bus_name_option(options), rule_fired, NULL);
    struct rule_fault *fault = calloc(1, sizeof *fault);
    CHECK(fault != NULL);
    fault->world = world;
    fault->condition = condition;
    entry->ctx = fault;
    case_world_add_cleanup(world, rule_free, fault);
    cfg.name = entry->name;
    if (condition.script != NULL) {
        cfg.when.enabled = is_wanted;
        cfg.when.ctx = fault;
    }
    inject_bus_add(&bus->inject, &fault->rule, &cfg);
    lua_injection_push(options->L, entry, &ops, fault);
    return 1;
}
