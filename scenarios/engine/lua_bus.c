/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus.c - what was on the bus: bus.messages, count, first, last, wait, frames.
 */
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_field.h"
#include "scenarios/engine/lua_options.h"
#include "sim/ecus/s12x_ecu.h"

#include <lauxlib.h>
#include <string.h>

/* Which messages are meant. */
struct filter {
    const struct case_bus *bus;
    int connection; /* -1: any. */
    int by;         /* -1: anyone; else enum by. */
    bool kinds[UDS_KIND_NEGATIVE + 1];
    bool any_functional, functional;
    uint32_t service, sub, nrc; /* ANY. */
    sim_ns_t from_ns, until_ns;
    uint8_t head[16];
    size_t head_len;
};

enum { ANY = 0xFFFF };
enum by { BY_MASTER, BY_ECU, BY_OTHER };

static const char *const by_words[] = {"master", "ecu", "other", NULL};
static const char *const kind_words[] = {"request", "positive", "negative", "answer", NULL};
static const char *const filter_names[] = {"bus", "ecu",        "by",   "kind",   "service",
                                           "sub", "nrc",        "from", "until_", "head",
                                           "nth", "functional", NULL};
static const char *const wait_names[] = {"within", NULL};

static enum by sender_of(const struct case_bus *bus, const struct bus_message *message)
{
    if (message->channel == ISOTP_WATCH_RESPONSE) {
        return BY_ECU;
    }
    return strcmp(message->sender->cfg.name, bus->bus->cfg.name) == 0 ? BY_MASTER : BY_OTHER;
}

static void take_kinds(const struct lua_options *options, struct filter *filter)
{
    enum { REQUEST, POSITIVE, NEGATIVE, ANSWER, EACH };
    const size_t kind = lua_option_choice(options, "kind", kind_words, EACH);
    filter->kinds[UDS_KIND_REQUEST] = kind == REQUEST || kind == EACH;
    filter->kinds[UDS_KIND_POSITIVE] = kind == POSITIVE || kind == ANSWER || kind == EACH;
    filter->kinds[UDS_KIND_NEGATIVE] = kind == NEGATIVE || kind == ANSWER || kind == EACH;
    filter->kinds[UDS_KIND_UNKNOWN] = kind == EACH;
}

static sim_ns_t take_instant(const struct lua_options *options, const char *name,
                             sim_ns_t otherwise)
{
    const double seconds = lua_option_number(options, name, 0, 1e9, -1);
    return lua_option_given(options, name) ? (sim_ns_t)(seconds * 1e9 + 0.5) : otherwise;
}

static void take_filter(const struct lua_options *options, struct filter *filter)
{
    struct case_world *world = lua_api_ctx(options->L);
    const char *ecu = lua_option_text(options, "ecu", NULL);
    *filter = (struct filter){.connection = -1};
    filter->bus = case_world_bus(world, options->L, lua_option_text(options, "bus", NULL));
    if (ecu != NULL) {
        const struct case_ecu *own = case_world_ecu(world, options->L, ecu);
        filter->bus = own->bus;
        filter->connection = (int)own->connection;
    }
    take_kinds(options, filter);
    filter->by =
        lua_option_given(options, "by") ? (int)lua_option_choice(options, "by", by_words, 0) : -1;
    filter->service = (uint32_t)lua_option_integer(options, "service", 0, 0xFF, ANY);
    filter->sub = (uint32_t)lua_option_integer(options, "sub", 0, 0x7F, ANY);
    filter->nrc = (uint32_t)lua_option_integer(options, "nrc", 0, 0xFF, ANY);
    filter->any_functional = !lua_option_given(options, "functional");
    filter->functional = lua_option_flag(options, "functional", false);
    filter->from_ns = take_instant(options, "from", 0);
    filter->until_ns = take_instant(options, "until_", SIM_NEVER);
    filter->head_len = lua_option_bytes(options, "head", filter->head, 1, sizeof filter->head);
}

static bool fits(const struct filter *filter, const struct bus_message *message)
{
    const struct uds_view *uds = &message->uds;
    const bool functional = message->channel == ISOTP_WATCH_FUNCTIONAL;
    if (!filter->kinds[uds->kind] || message->begin_ns < filter->from_ns ||
        message->begin_ns >= filter->until_ns) {
        return false;
    }
    if ((filter->service != ANY && uds->service != filter->service) ||
        (filter->sub != ANY && uds->sub != UDS_SUB(filter->sub)) ||
        (filter->nrc != ANY && (uds->kind != UDS_KIND_NEGATIVE || uds->nrc != filter->nrc))) {
        return false;
    }
    if ((filter->connection >= 0 && !functional && message->connection != filter->connection) ||
        (!filter->any_functional && functional != filter->functional) ||
        (filter->by >= 0 && (int)sender_of(filter->bus, message) != filter->by)) {
        return false;
    }
    return message->data_len >= filter->head_len &&
           memcmp(bus_log_bytes(&filter->bus->log, message), filter->head, filter->head_len) == 0;
}

static const char *ecu_name(const struct case_world *world, const struct case_bus *bus,
                            uint16_t connection)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].bus == bus && world->ecus[i].connection == connection) {
            return world->ecus[i].ecu->name;
        }
    }
    return "?";
}

static void push_message(lua_State *L, const struct case_bus *bus, size_t index)
{
    static const char *const kinds[] = {"unknown", "request", "positive", "negative"};
    const struct bus_log *log = &bus->log;
    const struct bus_message *message = &log->messages[index];
    lua_createtable(L, 0, 15);
    lua_field_seconds(L, "at", message->begin_ns);
    lua_field_seconds(L, "done", message->end_ns);
    lua_field_seconds(L, "over", message->end_ns != SIM_NEVER ? message->over_ns : SIM_NEVER);
    lua_field_text(L, "kind", kinds[message->uds.kind]);
    lua_field_text(L, "by", by_words[sender_of(bus, message)]);
    lua_field_flag(L, "functional", message->channel == ISOTP_WATCH_FUNCTIONAL);
    if (message->channel != ISOTP_WATCH_FUNCTIONAL) {
        lua_field_text(L, "ecu", ecu_name(lua_api_ctx(L), bus, message->connection));
    }
    lua_field_integer(L, "service", message->uds.service);
    if (message->uds.sub != 0) {
        lua_field_integer(L, "sub", message->uds.sub & 0xFF);
    }
    if (message->uds.kind == UDS_KIND_NEGATIVE) {
        lua_field_integer(L, "nrc", message->uds.nrc);
    }
    lua_field_integer(L, "len", message->len);
    lua_field_integer(L, "line", message->line);
    lua_field_integer(L, "index", (lua_Integer)index + 1);
    if (message->answers != BUS_LOG_NONE) {
        lua_field_integer(L, "answers", (lua_Integer)message->answers + 1);
    }
    lua_pushlstring(L, (const char *)bus_log_bytes(log, message), message->data_len);
    lua_setfield(L, -2, "data");
    lua_sandbox_charge(L, 8 + message->data_len / 16);
}

static void open_filter(lua_State *L, const char *function, const char *const *more,
                        struct lua_options *options, struct filter *filter)
{
    lua_options_open(options, L, 1, function, filter_names, more);
    take_filter(options, filter);
    lua_sandbox_charge(L, filter->bus->log.messages_len / 8);
}

static int bus_messages(lua_State *L)
{
    struct lua_options options;
    struct filter filter;
    lua_Integer count = 0;
    open_filter(L, "bus.messages", NULL, &options, &filter);
    const struct bus_log *log = &filter.bus->log;
    lua_newtable(L);
    for (size_t i = 0; i < log->messages_len; i++) {
        if (fits(&filter, &log->messages[i])) {
            push_message(L, filter.bus, i);
            lua_rawseti(L, -2, ++count);
        }
    }
    return 1;
}

static int bus_count(lua_State *L)
{
    struct lua_options options;
    struct filter filter;
    lua_Integer count = 0;
    open_filter(L, "bus.count", NULL, &options, &filter);
    for (size_t i = 0; i < filter.bus->log.messages_len; i++) {
        count += fits(&filter, &filter.bus->log.messages[i]);
    }
    lua_pushinteger(L, count);
    return 1;
}

static int bus_first(lua_State *L)
{
    struct lua_options options;
    struct filter filter;
    open_filter(L, "bus.first", NULL, &options, &filter);
    uint64_t nth = lua_option_integer(&options, "nth", 1, UINT32_MAX, 1);
    for (size_t i = 0; i < filter.bus->log.messages_len; i++) {
        if (fits(&filter, &filter.bus->log.messages[i]) && --nth == 0) {
            push_message(L, filter.bus, i);
            return 1;
        }
    }
    return 0;
}

static int bus_last(lua_State *L)
{
    struct lua_options options;
    struct filter filter;
    open_filter(L, "bus.last", NULL, &options, &filter);
    for (size_t i = filter.bus->log.messages_len; i-- > 0;) {
        if (fits(&filter, &filter.bus->log.messages[i])) {
            push_message(L, filter.bus, i);
            return 1;
        }
    }
    return 0;
}

/* A wait in progress, as a userdata on the script's stack. */
struct message_wait {
    struct filter filter;
    uint64_t left;     /* Messages until it is over. */
    size_t next;       /* Of those that are done, the first that has not been looked at. */
    sim_ns_t until_ns; /* SIM_NEVER: no limit. */
};

static int wait_again(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    struct case_world *world = lua_api_ctx(L);
    struct message_wait *wait = lua_touserdata(L, -1);
    const struct bus_log *log = &wait->filter.bus->log;
    while (wait->next < log->done_len) {
        const uint32_t index = log->done[wait->next++];
        if (fits(&wait->filter, &log->messages[index]) && --wait->left == 0) {
            push_message(L, wait->filter.bus, index);
            return 1;
        }
    }
    if (world->sim.now_ns >= wait->until_ns) {
        return 0;
    }
    return case_world_await(world, L, CASE_BUS_MESSAGE, wait->until_ns, 0, wait_again);
}

static sim_ns_t take_limit(const struct lua_options *options)
{
    const struct case_world *world = lua_api_ctx(options->L);
    const sim_ns_t within_ns = lua_option_duration(options, "within", SIM_NEVER);
    return within_ns == SIM_NEVER ? SIM_NEVER : world->sim.now_ns + within_ns;
}

static int bus_wait(lua_State *L)
{
    struct lua_options options;
    struct message_wait wait;
    lua_options_open(&options, L, 1, "bus.wait", filter_names, wait_names);
    take_filter(&options, &wait.filter);
    wait.left = lua_option_integer(&options, "nth", 1, UINT32_MAX, 1);
    wait.until_ns = take_limit(&options);
    wait.next = wait.filter.bus->log.done_len;
    memcpy(lua_newuserdatauv(L, sizeof wait, 0), &wait, sizeof wait);
    return wait_again(L, LUA_OK, 0);
}

/* Frames of connections. */

static const char *const part_words[] = {"single", "first", "consecutive", "flow", NULL};
static const char *const status_words[] = {"continue", "wait", "overflow", NULL};
static const char *const way_words[] = {"request", "answer", NULL};
static const char *const frame_names[] = {"bus",     "ecu",  "part",   "status", "way",
                                          "message", "from", "until_", "within", NULL};

struct frame_filter {
    const struct case_bus *bus;
    int connection, part, status, way; /* -1: any. */
    uint32_t message;                  /* BUS_LOG_NONE: any. */
    sim_ns_t from_ns, until_ns;
};

static int choice(const struct lua_options *options, const char *name, const char *const *words)
{
    return lua_option_given(options, name) ? (int)lua_option_choice(options, name, words, 0) : -1;
}

static void take_frame_filter(const struct lua_options *options, struct frame_filter *filter)
{
    struct case_world *world = lua_api_ctx(options->L);
    const char *ecu = lua_option_text(options, "ecu", NULL);
    *filter = (struct frame_filter){.connection = -1};
    filter->bus = case_world_bus(world, options->L, lua_option_text(options, "bus", NULL));
    if (ecu != NULL) {
        const struct case_ecu *own = case_world_ecu(world, options->L, ecu);
        filter->bus = own->bus;
        filter->connection = (int)own->connection;
    }
    filter->part = choice(options, "part", part_words);
    filter->status = choice(options, "status", status_words);
    filter->way = choice(options, "way", way_words);
    filter->message =
        (uint32_t)lua_option_integer(options, "message", 1, UINT32_MAX, 0) - 1; /* 0: none. */
    filter->from_ns = take_instant(options, "from", 0);
    filter->until_ns = take_instant(options, "until_", SIM_NEVER);
}

static bool frame_fits(const struct frame_filter *filter, const struct bus_frame *frame)
{
    const int way = frame->channel == ISOTP_WATCH_RESPONSE;
    return frame->at_ns >= filter->from_ns && frame->at_ns < filter->until_ns &&
           (filter->part < 0 || (int)frame->pci.type == filter->part) &&
           (filter->way < 0 || way == filter->way) &&
           (filter->connection < 0 || frame->connection == filter->connection) &&
           (filter->message == BUS_LOG_NONE || frame->message == filter->message) &&
           (filter->status < 0 || (frame->pci.type == ISOTP_PCI_FLOW_CONTROL &&
                                   frame->pci.flow_status == filter->status));
}

static void push_frame(lua_State *L, const struct case_bus *bus, const struct bus_frame *frame)
{
    lua_createtable(L, 0, 10);
    lua_field_seconds(L, "at", frame->at_ns);
    lua_field_text(L, "part", part_words[frame->pci.type]);
    lua_field_text(L, "way", way_words[frame->channel == ISOTP_WATCH_RESPONSE]);
    lua_field_text(L, "ecu", ecu_name(lua_api_ctx(L), bus, frame->connection));
    if (frame->pci.type == ISOTP_PCI_FLOW_CONTROL) {
        lua_field_text(L, "status",
                       frame->pci.flow_status < 3 ? status_words[frame->pci.flow_status] : "?");
        lua_field_integer(L, "block_size", frame->pci.block_size);
        lua_field_integer(L, "st_min", frame->pci.st_min);
    }
    lua_field_integer(L, "frame", frame->index);
    lua_field_integer(L, "line", frame->line);
    if (frame->message != BUS_LOG_NONE) {
        lua_field_integer(L, "message", (lua_Integer)frame->message + 1);
    }
    lua_sandbox_charge(L, 8);
}

static int bus_frames(lua_State *L)
{
    struct lua_options options;
    struct frame_filter filter;
    lua_Integer count = 0;
    lua_options_open(&options, L, 1, "bus.frames", frame_names, NULL);
    take_frame_filter(&options, &filter);
    const struct bus_log *log = &filter.bus->log;
    lua_sandbox_charge(L, log->frames_len / 8);
    lua_newtable(L);
    for (size_t i = 0; i < log->frames_len; i++) {
        if (frame_fits(&filter, &log->frames[i])) {
            push_frame(L, filter.bus, &log->frames[i]);
            lua_rawseti(L, -2, ++count);
        }
    }
    return 1;
}

struct frame_wait {
    struct frame_filter filter;
    size_t next;
    sim_ns_t until_ns;
};

static int wait_frame_again(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    struct case_world *world = lua_api_ctx(L);
    struct frame_wait *wait = lua_touserdata(L, -1);
    const struct bus_log *log = &wait->filter.bus->log;
    while (wait->next < log->frames_len) {
        const struct bus_frame *frame = &log->frames[wait->next++];
        if (frame_fits(&wait->filter, frame)) {
            push_frame(L, wait->filter.bus, frame);
            return 1;
        }
    }
    if (world->sim.now_ns >= wait->until_ns) {
        return 0;
    }
    return case_world_await(world, L, CASE_BUS_FRAME, wait->until_ns, 0, wait_frame_again);
}

static int bus_wait_frame(lua_State *L)
{
    struct lua_options options;
    struct frame_wait wait;
    lua_options_open(&options, L, 1, "bus.wait_frame", frame_names, NULL);
    take_frame_filter(&options, &wait.filter);
    wait.next = wait.filter.bus->log.frames_len;
    wait.until_ns = take_limit(&options);
    memcpy(lua_newuserdatauv(L, sizeof wait, 0), &wait, sizeof wait);
    return wait_frame_again(L, LUA_OK, 0);
}

static const struct lua_api_function functions[] = {
    {"messages", bus_messages,
     "bus.messages{service=, kind=, ecu=, by=, sub=, nrc=, functional=, head=, from=, until_=}: "
     "the "
     "diagnostic messages that fit, in the order in which they began, each a table with at, done, "
     "over, kind, by, ecu, functional, service, sub, nrc, data, len, line, index and answers.",
     "master.update{ image = image{} }\nlocal erases = bus.messages{ service = 0x31, kind = "
     "\"request\", head = \"31 01 FF 00\" }\nassert(#erases == 1 and erases[1].by == "
     "\"master\")"},
    {"count", bus_count, "bus.count{...}: how many messages fit; parameters as bus.messages.",
     "assert(bus.count{ service = 0x36 } == 0)"},
    {"first", bus_first,
     "bus.first{..., nth=}: the first message that fits, or the nth; nil if there is none.",
     "assert(bus.first{ service = 0x36 } == nil)"},
    {"last", bus_last, "bus.last{...}: the last message that fits; nil if there is none.",
     "assert(bus.last{ service = 0x36 } == nil)"},
    {"wait", bus_wait,
     "bus.wait{..., nth=, within=}: waits until a message that fits has gone over the bus, or the "
     "nth from now on, and returns it; nil after the time given.",
     "master.start{ image = image{} }\nlocal erase = bus.wait{ service = 0x31, head = \"31 01 FF "
     "00\", kind = \"request\" }\nassert(erase.by == \"master\")"},
    {"frames", bus_frames,
     "bus.frames{part=, way=, status=, ecu=, message=, from=, until_=}: the frames of diagnostic "
     "messages that fit, each a table with at, part, way, ecu, frame, message, line and, for flow "
     "controls, status, block_size and st_min.",
     "master.update{ image = image{} }\nassert(#bus.frames{ part = \"flow\", way = \"answer\" } "
     "> 0)"},
    {"wait_frame", bus_wait_frame,
     "bus.wait_frame{..., within=}: waits for the next frame that fits; parameters as bus.frames.",
     "master.start{ image = image{} }\nassert(bus.wait_frame{ part = \"first\", way = "
     "\"request\" })"},
};

const struct lua_api lua_bus_api = {
    .table = "bus", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
