/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_bus_tester.c - the object that bus.tester returns: requests and answers of a
 * tester that is not the master under test. */
#include "scenarios/engine/lua_bus_tester.h"

#include "inject/foreign_tester.h"
#include "scenarios/engine/lua_bus_rule.h"
#include "scenarios/engine/lua_injection.h"
#include "sim/proto/uds.h"

#include <stdlib.h>
#include <string.h>

/* How long an answer may take: P2 and the way over a busy bus; then P2* (ISO 14229-2). */
#define TIMEOUT_NS SIM_S(1)
#define PENDING_NS SIM_S(6)

/* Lives as long as the world. */
struct tester_fault {
    struct foreign_tester tester;
    struct lua_script *script;
    bool stopped;
    bool awaits; /* The script waits for an answer to this service. */
    uint8_t service;
    sim_ns_t until_ns;
    uint8_t last[ISOTP_LEN_MAX]; /* The last message that was heard. */
    size_t last_len;
};

static uint64_t tester_fired(void *ctx)
{
    const struct tester_fault *fault = ctx;
    return fault->tester.sent;
}

static sim_ns_t tester_first_ns(void *ctx)
{
    const struct tester_fault *fault = ctx;
    return fault->tester.first_ns;
}

static void tester_stop(void *ctx)
{
    struct tester_fault *fault = ctx;
    fault->stopped = true;
    foreign_tester_stop(&fault->tester);
}

static void tester_free(void *ctx)
{
    struct tester_fault *fault = ctx;
    if (!fault->stopped) {
        foreign_tester_stop(&fault->tester);
    }
    free(fault);
}

/* An answer to what the script has asked, or the news that it will come later. */
static void on_message(void *ctx, const uint8_t *data, size_t len_bytes, sim_ns_t now_ns)
{
    struct tester_fault *fault = ctx;
    memcpy(fault->last, data, len_bytes);
    fault->last_len = len_bytes;
    if (!fault->awaits) {
        return;
    }
    const bool negative =
        len_bytes >= 3 && data[0] == UDS_NEGATIVE_RESPONSE && data[1] == fault->service;
    if (negative && data[2] == UDS_NRC_RESPONSE_PENDING) {
        fault->until_ns = now_ns + PENDING_NS;
    } else if (negative || data[0] == (uint8_t)(fault->service + UDS_RESPONSE_OFFSET)) {
        fault->awaits = false;
    } else {
        return;
    }
    lua_script_wake(fault->script);
}

static void push_hex(lua_State *L, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    luaL_Buffer buffer;
    lua_sandbox_charge(L, len / 4);
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < len; i++) {
        if (i > 0) {
            luaL_addchar(&buffer, ' ');
        }
        luaL_addchar(&buffer, digits[data[i] >> 4]);
        luaL_addchar(&buffer, digits[data[i] & 0x0F]);
    }
    luaL_pushresult(&buffer);
}

static const struct lua_injection_ops ops;

static struct tester_fault *sending(lua_State *L, const char *method)
{
    struct tester_fault *fault = lua_injection_check(L, &ops);
    if (fault->script->state != LUA_SCRIPT_RUNNING) {
        luaL_error(L, "%s: not inside a condition: it may look, but not act", method);
    }
    if (fault->stopped) {
        luaL_error(L, "%s: the tester was stopped", method);
    }
    return fault;
}

/* Argument 2. Returns the service. */
static uint8_t send_message(lua_State *L, struct tester_fault *fault,
                            const struct lua_options *options)
{
    uint8_t data[ISOTP_LEN_MAX];
    lua_pushvalue(L, 2);
    const size_t len = lua_option_bytes_at_top(options, "message", data, 1, sizeof data);
    lua_pop(L, 1);
    const bool functional = lua_option_flag(options, "functional", false);
    const bool sends = functional ? foreign_tester_send_functional(&fault->tester, data, len)
                                  : foreign_tester_send(&fault->tester, data, len);
    if (!sends) {
        lua_option_error(options, "message", "%s",
                         functional ? "must fit into a single frame, and the ECU needs a "
                                      "functional address"
                                    : "the tester is still sending the one before");
    }
    return data[0];
}

static int tester_send(lua_State *L)
{
    static const char *const names[] = {"functional", NULL};
    struct lua_options options;
    struct tester_fault *fault = sending(L, "tester:send");
    lua_options_open(&options, L, 3, "tester:send", names, NULL);
    (void)send_message(L, fault, &options);
    return 0;
}

static int answer_came(lua_State *L, int status, lua_KContext ctx)
{
    struct tester_fault *fault = lua_injection_check(L, &ops);
    (void)status;
    if (!fault->awaits) {
        push_hex(L, fault->last, fault->last_len);
        return 1;
    }
    if (fault->script->sim->now_ns < fault->until_ns) {
        return lua_script_wait(L, fault->until_ns, ctx, answer_came);
    }
    fault->awaits = false;
    lua_pushnil(L);
    return 1;
}

static int tester_request(lua_State *L)
{
    static const char *const names[] = {"functional", "timeout", NULL};
    struct lua_options options;
    struct tester_fault *fault = sending(L, "tester:request");
    lua_options_open(&options, L, 3, "tester:request", names, NULL);
    fault->until_ns =
        fault->script->sim->now_ns + lua_option_duration(&options, "timeout", TIMEOUT_NS);
    fault->service = send_message(L, fault, &options);
    fault->awaits = true;
    return lua_script_wait(L, fault->until_ns, 0, answer_came);
}

static int tester_heard(lua_State *L)
{
    const struct tester_fault *fault = lua_injection_check(L, &ops);
    lua_pushinteger(L, (lua_Integer)fault->tester.heard);
    return 1;
}

static int tester_last(lua_State *L)
{
    const struct tester_fault *fault = lua_injection_check(L, &ops);
    if (fault->last_len == 0) {
        lua_pushnil(L);
    } else {
        push_hex(L, fault->last, fault->last_len);
    }
    return 1;
}

static const luaL_Reg methods[] = {{"send", tester_send},
                                   {"request", tester_request},
                                   {"heard", tester_heard},
                                   {"last", tester_last},
                                   {NULL, NULL}};
static const struct lua_injection_ops ops = {
    .first_ns = tester_first_ns, .stop = tester_stop, .methods = methods};

static void read_address(const struct lua_options *options, const char *name,
                         struct isotp_watch_address *address)
{
    if (lua_option_given(options, name)) {
        address->id = (uint32_t)lua_option_integer(options, name, 0, CAN_EXT_ID_MAX, 0);
        address->ext = address->id > CAN_STD_ID_MAX;
    }
}

int lua_bus_tester(lua_State *L)
{
    static const char *const names[] = {"ecu", "id", "answer_id", "functional_id", "name", NULL};
    struct lua_options options;
    lua_options_open_act(&options, L, 1, "bus.tester", names, NULL);
    struct case_world *world = lua_api_ctx(L);
    const struct case_ecu *ecu = case_world_ecu(world, L, lua_option_text(&options, "ecu", NULL));
    struct foreign_tester_cfg cfg = {.address = ecu->bus->inject.watches[ecu->connection]->cfg,
                                     .on_message = on_message};
    read_address(&options, "id", &cfg.address.request);
    read_address(&options, "answer_id", &cfg.address.response);
    read_address(&options, "functional_id", &cfg.address.functional);
    cfg.address.has_functional |= lua_option_given(&options, "functional_id");
    if (ecu->s12x != NULL) {
        cfg.pad = s12x_ecu_cfg(ecu->s12x)->boot.isotp_pad;
        cfg.padding_byte = s12x_ecu_cfg(ecu->s12x)->boot.isotp_padding_byte;
    }
    if (ecu->bus->bus->nodes_len == CAN_NODES_MAX) {
        return luaL_error(L, "bus.tester: %d nodes on a bus are the limit", CAN_NODES_MAX);
    }
    struct case_injection *entry =
        case_world_add_injection(world, L, lua_bus_name_option(&options), tester_fired, NULL);
    struct tester_fault *fault = calloc(1, sizeof *fault);
    CHECK(fault != NULL);
    entry->ctx = cfg.ctx = fault;
    fault->script = lua_script_of(L);
    cfg.name = entry->name;
    foreign_tester_start(&fault->tester, ecu->bus->bus, &cfg);
    case_world_add_cleanup(world, tester_free, fault);
    lua_injection_push(L, entry, &ops, fault);
    return 1;
}
