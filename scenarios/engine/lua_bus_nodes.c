/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_nodes.c - bus.send, load, replay, babble, short, bus_off and tester:
 * what foreign nodes, wires and controllers do to a bus. */
#include "inject/babbling_node.h"
#include "inject/bus_fault.h"
#include "inject/bus_load.h"
#include "inject/bus_replay.h"
#include "inject/frame_sender.h"
#include "scenarios/engine/lua_bus_rule.h"
#include "scenarios/engine/lua_bus_tester.h"
#include "scenarios/engine/lua_injection.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ISO 11898-1: so many destroyed frames in a row bring a controller from 0 to above 255. */
enum { BUS_OFF_FRAMES = 32 };

struct node_fault;

/* What one kind of fault does. */
struct node_kind {
    uint64_t (*fired)(const struct node_fault *fault);
    void (*stop)(struct node_fault *fault);
};

/* Lives as long as the world. */
struct node_fault {
    const struct node_kind *kind;
    struct sim *sim;
    sim_ns_t from_ns, until_ns;
    bool running; /* There is something to stop. */
    union {
        struct frame_sender sender;
        struct bus_load load;
        struct bus_replay replay;
        struct babbling_node babbler;
        struct wire_fault wire;
        struct inject_rule rule;
    } as;
};

static uint64_t fault_fired(void *ctx)
{
    const struct node_fault *fault = ctx;
    return fault->kind != NULL ? fault->kind->fired(fault) : 0;
}

static sim_ns_t fault_first_ns(void *ctx)
{
    const struct node_fault *fault = ctx;
    return fault->from_ns;
}

static void fault_stop(void *ctx)
{
    struct node_fault *fault = ctx;
    if (fault->running) {
        fault->running = false;
        fault->until_ns = sim_min_ns(fault->until_ns, fault->sim->now_ns);
        fault->kind->stop(fault);
    }
}

static void fault_free(void *ctx)
{
    fault_stop(ctx);
    free(ctx);
}

static const struct lua_injection_ops ops = {.first_ns = fault_first_ns, .stop = fault_stop};

/* Common to all. */

static struct case_world *open_node(struct lua_options *options, lua_State *L, const char *function,
                                    const char *const *names)
{
    static const char *const common[] = {"bus", "name", "from", "after", "until_", "for_", NULL};
    lua_options_open_act(options, L, 1, function, names, common);
    return lua_api_ctx(L);
}

static struct case_bus *bus_with_room(struct case_world *world, const struct lua_options *options)
{
    struct case_bus *bus = lua_bus_option(world, options);
    if (bus->bus->nodes_len == CAN_NODES_MAX) {
        lua_option_error(options, "bus", "%d nodes on %s are the limit", CAN_NODES_MAX,
                         bus->bus->cfg.name);
    }
    return bus;
}

/* Registers a fault with its window; what comes now must start it. */
static struct node_fault *new_fault(struct case_world *world, const struct lua_options *options,
                                    struct case_injection **entry)
{
    sim_ns_t from_ns, until_ns;
    lua_bus_window_option(options, &from_ns, &until_ns);
    *entry = case_world_add_injection(world, options->L, lua_bus_name_option(options), fault_fired,
                                      NULL);
    struct node_fault *fault = calloc(1, sizeof *fault);
    CHECK(fault != NULL);
    fault->sim = lua_script_of(options->L)->sim;
    fault->from_ns = from_ns;
    fault->until_ns = until_ns;
    (*entry)->ctx = fault;
    case_world_add_cleanup(world, fault_free, fault);
    return fault;
}

static int push_running(lua_State *L, struct case_injection *entry, struct node_fault *fault,
                        const struct node_kind *kind)
{
    fault->kind = kind;
    fault->running = true;
    lua_injection_push(L, entry, &ops, fault);
    return 1;
}

/* bus.send. */

static uint64_t sender_fired(const struct node_fault *fault)
{
    return fault->as.sender.sent;
}

static void sender_stop(struct node_fault *fault)
{
    frame_sender_stop(&fault->as.sender);
}

static void read_frame(const struct lua_options *options, const struct case_bus *bus,
                       struct can_frame *frame)
{
    if (!lua_option_given(options, "id")) {
        lua_option_error(options, "id", "is missing");
    }
    frame->id = (uint32_t)lua_option_integer(options, "id", 0, CAN_EXT_ID_MAX, 0);
    const bool ext = lua_option_flag(options, "ext", frame->id > CAN_STD_ID_MAX);
    const bool fd = lua_option_flag(options, "fd", false);
    const bool rtr = lua_option_flag(options, "rtr", false);
    frame->flags = (uint8_t)((ext ? CAN_FLAG_EXT : 0u) | (rtr ? CAN_FLAG_RTR : 0u) |
                             (fd ? CAN_FLAG_FD | CAN_FLAG_BRS : 0u));
    const size_t most = fd ? CAN_DATA_MAX : CAN_CLASSIC_DATA_MAX;
    frame->len_bytes = (uint8_t)lua_option_bytes(options, "data", frame->data, 0, most);
    if (rtr && frame->len_bytes != 0) {
        lua_option_error(options, "rtr", "a remote frame has no data");
    }
    if (fd && bus->bus->cfg.data_bps == 0) {
        lua_option_error(options, "fd", "%s is a classical bus", bus->bus->cfg.name);
    }
    if (!can_frame_valid(frame)) {
        lua_option_error(options, "data", "no CAN frame has this identifier and length");
    }
}

static int bus_send(lua_State *L)
{
    static const char *const names[] = {"id", "ext", "fd", "rtr", "data", "every", "times", NULL};
    static const struct node_kind kind = {sender_fired, sender_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct case_world *world = open_node(&options, L, "bus.send", names);
    struct case_bus *bus = bus_with_room(world, &options);
    struct frame_sender_cfg cfg = {.every_ns = lua_option_duration(&options, "every", 0)};
    cfg.times = lua_option_integer(&options, "times", 1, UINT32_MAX, 0);
    if (cfg.times > 1 && cfg.every_ns == 0) {
        lua_option_error(&options, "times", "needs every: how far they are apart");
    }
    read_frame(&options, bus, &cfg.frame);
    struct node_fault *fault = new_fault(world, &options, &entry);
    cfg.name = entry->name;
    cfg.from_ns = fault->from_ns;
    cfg.until_ns = fault->until_ns;
    frame_sender_start(&fault->as.sender, bus->bus, &cfg);
    return push_running(L, entry, fault, &kind);
}

/* bus.load. */

static uint64_t load_fired(const struct node_fault *fault)
{
    return fault->as.load.offered - fault->as.load.refused;
}

static void load_stop(struct node_fault *fault)
{
    bus_load_stop(&fault->as.load);
}

/* "high" goes before all else, "low" behind; a number is the identifier itself. */
static void read_priority(const struct lua_options *options, struct bus_load_kind *kind)
{
    static const char *const words[] = {"high", "low", NULL};
    const int type = lua_option_push(options, "priority");
    lua_pop(options->L, 1);
    if (type == LUA_TNUMBER) {
        kind->id = (uint32_t)lua_option_integer(options, "priority", 0, CAN_EXT_ID_MAX, 0);
        kind->flags = kind->id > CAN_STD_ID_MAX ? CAN_FLAG_EXT : 0;
    } else if (type == LUA_TNIL || type == LUA_TSTRING) {
        kind->id = lua_option_choice(options, "priority", words, 0) == 0 ? 1 : CAN_STD_ID_MAX;
    } else {
        lua_option_error(options, "priority", "must be \"high\", \"low\" or an identifier");
    }
}

static int bus_load(lua_State *L)
{
    static const char *const names[] = {"percent", "priority", "jitter", "data", NULL};
    static const struct node_kind kind = {load_fired, load_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct case_world *world = open_node(&options, L, "bus.load", names);
    struct case_bus *bus = bus_with_room(world, &options);
    struct bus_load_cfg cfg = {.kinds_len = 1, .kinds = {{.len_bytes = 8, .weight = 1}}};
    if (!lua_option_given(&options, "percent")) {
        lua_option_error(&options, "percent", "is missing");
    }
    cfg.permille = (uint32_t)(lua_option_number(&options, "percent", 0.1, 200, 0) * 10 + 0.5);
    cfg.jitter_permille = (uint32_t)(lua_option_number(&options, "jitter", 0, 1, 0) * 1000 + 0.5);
    read_priority(&options, &cfg.kinds[0]);
    if (lua_option_given(&options, "data")) {
        cfg.kinds[0].has_data = true;
        cfg.kinds[0].len_bytes =
            (uint8_t)lua_option_bytes(&options, "data", cfg.kinds[0].data, 0, CAN_CLASSIC_DATA_MAX);
    }
    struct node_fault *fault = new_fault(world, &options, &entry);
    cfg.name = entry->name;
    cfg.from_ns = fault->from_ns;
    cfg.until_ns = fault->until_ns == SIM_NEVER ? 0 : fault->until_ns;
    bus_load_start(&fault->as.load, bus->bus, &cfg);
    return push_running(L, entry, fault, &kind);
}

/* bus.replay. */

static uint64_t replay_fired(const struct node_fault *fault)
{
    return fault->as.replay.sent;
}

static void replay_stop(struct node_fault *fault)
{
    bus_replay_stop(&fault->as.replay);
}

static void note_read(const struct case_world *world, const char *name)
{
    struct case_reads *reads = world->cfg.reads;
    if (reads != NULL && reads->len < CASE_READS_MAX && strlen(name) <= CASE_READ_NAME_MAX) {
        snprintf(reads->names[reads->len++], sizeof reads->names[0], "%s", name);
    }
}

/* The file of that name beside the case's own, or below; symbolic links do not lead out. */
static void find_file(const struct lua_options *options, const struct case_world *world,
                      char path[PATH_MAX])
{
    char folder[PATH_MAX], joined[PATH_MAX];
    const char *name = lua_option_text(options, "file", NULL);
    const char *own = world->cfg.file->path;
    const char *slash = strrchr(own, '/');
    if (name == NULL) {
        lua_option_error(options, "file", "is missing");
    }
    const int folder_len = slash != NULL ? (int)(slash - own) : 1;
    const int written =
        snprintf(joined, sizeof joined, "%.*s/%s", folder_len, slash != NULL ? own : ".", name);
    (void)snprintf(folder, sizeof folder, "%.*s/", folder_len, slash != NULL ? own : ".");
    char real_folder[PATH_MAX];
    if (written < 0 || (size_t)written >= sizeof joined || realpath(folder, real_folder) == NULL ||
        realpath(joined, path) == NULL) {
        lua_option_error(options, "file", "there is no \"%.80s\" in the folder of the case", name);
    }
    const size_t len = strlen(real_folder);
    if (strncmp(path, real_folder, len) != 0 || path[len] != '/') {
        lua_option_error(options, "file", "\"%.80s\" is outside of the folder of the case", name);
    }
    note_read(world, name);
}

static int bus_replay(lua_State *L)
{
    static const char *const names[] = {"file", "interface", "speed", NULL};
    static const struct node_kind kind = {replay_fired, replay_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct err err = {0};
    char path[PATH_MAX];
    struct case_world *world = open_node(&options, L, "bus.replay", names);
    struct case_bus *bus = bus_with_room(world, &options);
    find_file(&options, world, path);
    if (lua_option_given(&options, "for_") || lua_option_given(&options, "until_")) {
        lua_option_error(&options, "for_", "a replay lasts as long as its log; stop it instead");
    }
    const struct bus_replay_cfg wanted = {
        .interface = lua_option_text(&options, "interface", NULL),
        .speed_permille =
            (uint32_t)(lua_option_number(&options, "speed", 0.001, 1000, 1) * 1000 + 0.5)};
    struct node_fault *fault = new_fault(world, &options, &entry);
    struct bus_replay_cfg cfg = wanted;
    cfg.name = entry->name;
    cfg.from_ns = fault->from_ns;
    if (bus_replay_start(&fault->as.replay, bus->bus, path, &cfg, &err) != 0) {
        lua_option_error(&options, "file", "%s", err.text);
    }
    fault->as.replay.cfg.interface = NULL; /* Was the script's; the log has been read. */
    return push_running(L, entry, fault, &kind);
}

/* bus.babble. */

static uint64_t babbler_fired(const struct node_fault *fault)
{
    return fault->as.babbler.sent;
}

static void babbler_stop(struct node_fault *fault)
{
    babbling_node_stop(&fault->as.babbler);
}

static int bus_babble(lua_State *L)
{
    static const char *const names[] = {NULL};
    static const struct node_kind kind = {babbler_fired, babbler_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct case_world *world = open_node(&options, L, "bus.babble", names);
    struct case_bus *bus = bus_with_room(world, &options);
    struct node_fault *fault = new_fault(world, &options, &entry);
    babbling_node_start(&fault->as.babbler, bus->bus, entry->name, fault->from_ns, fault->until_ns);
    return push_running(L, entry, fault, &kind);
}

/* bus.short. */

static uint64_t short_fired(const struct node_fault *fault)
{
    return fault->sim->now_ns >= fault->from_ns && fault->until_ns > fault->from_ns ? 1 : 0;
}

static void short_stop(struct node_fault *fault)
{
    wire_fault_stop(&fault->as.wire);
}

static const struct node_kind short_kind = {short_fired, short_stop};

/* Wires know one fault at a time. */
static void refuse_overlap(const struct case_world *world, const struct lua_options *options,
                           const struct can_bus *bus)
{
    sim_ns_t from_ns, until_ns;
    lua_bus_window_option(options, &from_ns, &until_ns);
    for (size_t i = 0; i < world->injections_len; i++) {
        const struct case_injection *entry = &world->injections[i];
        const struct node_fault *other = entry->fired == fault_fired ? entry->ctx : NULL;
        if (other != NULL && other->kind == &short_kind && other->as.wire.bus == bus &&
            from_ns < other->until_ns && other->from_ns < until_ns) {
            lua_option_error(options, "bus", "\"%s\" has the wires of %s at that time already",
                             entry->name, bus->cfg.name);
        }
    }
}

static int bus_short(lua_State *L)
{
    static const char *const names[] = {"wires", NULL};
    static const char *const wires[] = {"dominant", "recessive", NULL};
    static const enum can_wire_fault faults[] = {CAN_WIRE_STUCK_DOMINANT, CAN_WIRE_STUCK_RECESSIVE};
    struct lua_options options;
    struct case_injection *entry;
    struct case_world *world = open_node(&options, L, "bus.short", names);
    struct case_bus *bus = lua_bus_option(world, &options);
    const size_t which = lua_option_choice(&options, "wires", wires, 0);
    refuse_overlap(world, &options, bus->bus);
    struct node_fault *fault = new_fault(world, &options, &entry);
    wire_fault_start(&fault->as.wire, bus->bus, entry->name, faults[which], fault->from_ns,
                     fault->until_ns);
    return push_running(L, entry, fault, &short_kind);
}

/* bus.bus_off. */

static uint64_t off_fired(const struct node_fault *fault)
{
    return fault->as.rule.count.fired / BUS_OFF_FRAMES;
}

static void off_stop(struct node_fault *fault)
{
    if (fault->as.rule.inject != NULL) {
        inject_bus_remove(&fault->as.rule);
    }
}

static int bus_off(lua_State *L)
{
    static const char *const names[] = {"node", NULL};
    static const struct node_kind kind = {off_fired, off_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct case_world *world = open_node(&options, L, "bus.bus_off", names);
    struct case_bus *bus = lua_bus_option(world, &options);
    const struct can_node *node = lua_bus_node_option(world, &options, bus);
    if (node == NULL) {
        lua_option_error(&options, "node", "is missing: \"master\" or the name of an ECU");
    }
    if (bus->inject.rules_len == INJECT_RULES_MAX) {
        lua_option_error(&options, "bus", "%d faults of frames at a time are the limit",
                         INJECT_RULES_MAX);
    }
    struct node_fault *fault = new_fault(world, &options, &entry);
    const sim_ns_t until_ns = fault->until_ns == SIM_NEVER ? 0 : fault->until_ns;
    const struct inject_rule_cfg cfg = bus_off_rule(entry->name, node, fault->from_ns, until_ns);
    inject_bus_add(&bus->inject, &fault->as.rule, &cfg);
    return push_running(L, entry, fault, &kind);
}

static const struct lua_api_function functions[] = {
    {"send", bus_send,
     "bus.send{id=, data=, every=, times=, ...}: a foreign node sends a frame, once or again and "
     "again.",
     "local frame = bus.send{id = 0x7E0, data = \"02 3E 00\", every = \"100ms\", times = 5}\n"
     "wait(1)\n"
     "assert(frame:fired() == 5)"},
    {"load", bus_load,
     "bus.load{percent=, priority=, jitter=, data=, ...}: foreign traffic takes so much of the "
     "bus's time, before (\"high\") or behind (\"low\") all else, or with an identifier.",
     "local load = bus.load{percent = 60, priority = \"high\", for_ = \"2s\"}\n"
     "wait(3)\n"
     "assert(load:fired() > 4000)"},
    {"replay", bus_replay,
     "bus.replay{file=, interface=, speed=, ...}: the frames of a candump log beside the case's "
     "file, as far apart as they were.",
     "local replay = bus.replay{file = \"traffic.log\", speed = 10}\n"
     "wait(1)\n"
     "assert(replay:fired() > 0)"},
    {"babble", bus_babble,
     "bus.babble{for_=, ...}: a node sends frames of the highest priority without a pause; nobody "
     "else gets through.",
     "bus.babble{for_ = \"500ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"400ms\"}) == nil)\n"
     "wait(\"200ms\")\n"
     "assert(tester:last() == \"7E 00\")"},
    {"short", bus_short,
     "bus.short{wires=, for_=, ...}: the wires stick at \"dominant\" (nothing moves) or "
     "\"recessive\" (broken: each sender fails).",
     "bus.short{wires = \"dominant\", for_ = \"300ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"250ms\"}) == nil)\n"
     "wait(\"100ms\")\n"
     "assert(tester:last() == \"7E 00\") -- the frame had waited"},
    {"bus_off", bus_off,
     "bus.bus_off{node=, for_=, ...}: each frame of the node (\"master\" or an ECU) is destroyed, "
     "so that its controller goes bus-off, and again when it recovers.",
     "local off = bus.bus_off{node = \"bcm\", for_ = \"200ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"150ms\"}) == nil)\n"
     "assert(off:fired() >= 1)"},
    {"tester", lua_bus_tester,
     "bus.tester{ecu=, id=, answer_id=, functional_id=, name=}: a second tester. :request(message, "
     "{timeout=, functional=}) gives the answer or nil, :send(message, {functional=}) waits for "
     "none, :last() and :heard() tell what came.",
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"10 03\"):sub(1, 5) == \"50 03\")\n"
     "tester:send(\"3E 80\", {functional = true})\n"
     "wait(\"10ms\")\n"
     "assert(tester:fired() == 2 and tester:heard() == 1)"},
};

const struct lua_api lua_bus_nodes_api = {
    .table = "bus", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
