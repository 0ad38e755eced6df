/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_ecu_rule.c - reads which requests a fault of an ECU's behaviour concerns. */
#include "scenarios/engine/lua_ecu_rule.h"

#include "scenarios/engine/lua_bus_rule.h"
#include "scenarios/engine/lua_turns.h"

#include <string.h>

const char *const lua_ecu_rule_names[] = {
    "ecu",     "phase",   "address", "service", "sub",   "rid",   "did",    "bytes",
    "len_min", "len_max", "nth",     "skip",    "every", "times", "chance", "chance_ppm",
    "from",    "after",   "until_",  "for_",    "when",  "name",  NULL};

struct ecu_fault {
    struct lua_turns turns;
    struct inject_ecu_rule rule;
};

static void add_byte(const struct lua_options *options, const char *name,
                     struct inject_ecu_what *what, size_t *len, uint16_t offset, unsigned value)
{
    if (*len == INJECT_BYTES_MAX) {
        lua_option_error(options, name, "too many bytes: all together at most %d",
                         INJECT_BYTES_MAX);
    }
    what->bytes[(*len)++] =
        (struct inject_byte){.offset = offset, .mask = 0xFF, .value = (uint8_t)value};
}

/* An identifier of two bytes at a fixed place of one service. */
static void read_identifier(const struct lua_options *options, const char *name, uint8_t service,
                            uint16_t offset, struct inject_ecu_what *what, size_t *len)
{
    if (!lua_option_given(options, name)) {
        return;
    }
    if (what->service != 0 && what->service != service) {
        lua_option_error(options, name, "belongs to service 0x%02X", service);
    }
    const unsigned value = (unsigned)lua_option_integer(options, name, 0, UINT16_MAX, 0);
    what->service = service;
    add_byte(options, name, what, len, offset, value >> 8);
    add_byte(options, name, what, len, (uint16_t)(offset + 1), value & 0xFFu);
}

static void read_bytes(const struct lua_options *options, struct inject_ecu_what *what)
{
    struct inject_change bytes[INJECT_BYTES_MAX];
    size_t len = lua_bus_rule_bytes(options, "bytes", false, false, bytes, INJECT_BYTES_MAX);
    for (size_t i = 0; i < len; i++) {
        what->bytes[i] = (struct inject_byte){
            .offset = bytes[i].offset, .mask = bytes[i].mask, .value = bytes[i].value};
    }
    read_identifier(options, "rid", UDS_ROUTINE_CONTROL, 2, what, &len);
    read_identifier(options, "did", UDS_READ_DATA, 1, what, &len);
}

static void read_what(const struct lua_options *options, struct inject_ecu_what *what)
{
    static const char *const phases[] = {"any", "bootloader", "application", NULL};
    static const char *const addresses[] = {"any", "physical", "functional", NULL};
    what->phase = (enum inject_ecu_phase)lua_option_choice(options, "phase", phases, 0);
    what->address = (enum inject_ecu_address)lua_option_choice(options, "address", addresses, 0);
    what->service = (uint8_t)lua_option_integer(options, "service", 1, UINT8_MAX, 0);
    if (lua_option_given(options, "sub")) {
        what->sub = (uint16_t)UDS_SUB((unsigned)lua_option_integer(options, "sub", 0, 0x7F, 0));
    }
    what->len_min = (uint16_t)lua_option_integer(options, "len_min", 1, ISOTP_LEN_MAX, 0);
    what->len_max =
        (uint16_t)lua_option_integer(options, "len_max", what->len_min, ISOTP_LEN_MAX, 0);
    read_bytes(options, what);
}

static void release_answers(void *ctx)
{
    struct case_ecu *ecu = ctx;
    inject_ecu_release(&ecu->answers);
    ecu->answers.ecu = NULL;
}

static struct inject_ecu *answers_of(struct case_world *world, struct case_ecu *ecu)
{
    if (ecu->answers.ecu == NULL) {
        inject_ecu_init(&ecu->answers, ecu->s12x);
        case_world_add_cleanup(world, release_answers, ecu);
    }
    return &ecu->answers;
}

static void remove_fault(struct lua_turns *turns)
{
    struct ecu_fault *fault = container_of(turns, struct ecu_fault, turns);
    inject_ecu_remove(&fault->rule);
}

int lua_ecu_rule_add(struct case_world *world, const struct lua_options *options,
                     const struct inject_ecu_effect *effect)
{
    struct inject_ecu_rule_cfg cfg = {.effect = *effect};
    struct lua_turns_read read;
    struct case_ecu *ecu = case_world_ecu(world, options->L, lua_option_text(options, "ecu", NULL));
    read_what(options, &cfg.what);
    /* In ecu.pending and ecu.flow "every" is the time from one to the next. */
    lua_turns_read(options, effect->kind != INJECT_ECU_PENDING && effect->kind != INJECT_ECU_FLOW,
                   &read);
    struct inject_ecu *inject = answers_of(world, ecu);
    if (inject->rules_len == INJECT_ECU_RULES_MAX) {
        return luaL_error(options->L, "%s: %d faults of one ECU at a time are the limit",
                          options->function, INJECT_ECU_RULES_MAX);
    }
    struct lua_turns *turns =
        lua_turns_add(world, options, &read, sizeof(struct ecu_fault), remove_fault);
    struct ecu_fault *fault = container_of(turns, struct ecu_fault, turns);
    turns->turns = &fault->rule.turns;
    cfg.turns = read.cfg;
    inject_ecu_add(inject, &fault->rule, &cfg);
    return lua_turns_push(options->L, turns);
}
