/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_ecu_quirks.c - ecu.quirk: the quirks Q1 to Q14 of the catalogue, several at
 * a time, each with its parameters and taken away alone. */
#include "inject/inject_gateway.h"
#include "scenarios/engine/lua_injection.h"
#include "scenarios/engine/lua_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PPM = 1000000, PARAMETERS_MAX = 8 };

/* A quirk that holds. What it says of the ECU is in `own`. */
struct quirk_fault {
    struct case_world *world;
    struct case_ecu *ecu;
    struct case_injection *entry;
    enum ecu_quirk quirk;
    struct ecu_quirks own;
    struct inject_gateway gateway; /* Q14. */
    bool stopped;
    sim_ns_t begun_ns;
    struct quirk_fault *next; /* Of the same ECU, the newest first. */
};

/* Parameters by quirk. */
static const char *const parameters[ECU_QUIRK_COUNT][PARAMETERS_MAX] = {
    [ECU_QUIRK_SLOW_BOOT] = {"ecu", "name", "boot", "bootloader", NULL},
    [ECU_QUIRK_LIAR] = {"ecu", "name", "image", "version", "hidden", NULL},
    [ECU_QUIRK_WRITE_BACK] = {"ecu", "name", "blocks", NULL},
    [ECU_QUIRK_SMALL_BUFFER] = {"ecu", "name", "buffer", "waits", "wait", "block_size", "st_min",
                                NULL},
    [ECU_QUIRK_SLOW] = {"ecu", "name", "p2", "p2_star", "answer", "erase", NULL},
    [ECU_QUIRK_ZERO_SEED] = {"ecu", "name", "seed", NULL},
    [ECU_QUIRK_GATEWAY] = {"ecu", "name", "delay", "jitter", "loss", "twice", NULL},
};
static const char *const common[] = {"ecu", "name", NULL};

static void read_slow_boot(const struct lua_options *options, struct ecu_quirks *own)
{
    const bool only_bootloader =
        lua_option_given(options, "bootloader") && !lua_option_given(options, "boot");
    own->software.start_ns =
        lua_option_duration(options, "boot", only_bootloader ? 0 : own->software.start_ns);
    own->boot_ns = lua_option_duration(options, "bootloader", 0);
}

/* With a lie about the version the image is taken, unless that is asked for as well. */
static void read_liar(const struct lua_options *options, struct ecu_quirks *own)
{
    const char *version = lua_option_text(options, "version", "");
    if (strlen(version) > BOOT_QUIRK_VERSION) {
        lua_option_error(options, "version", "is longer than %d characters", BOOT_QUIRK_VERSION);
    }
    static const char *const images[] = {"kept", "taken", NULL};
    own->software.hides_version = lua_option_flag(options, "hidden", false);
    (void)snprintf(own->software.version, sizeof own->software.version, "%s", version);
    const bool lies = version[0] != '\0' || own->software.hides_version;
    own->software.keeps_image = lua_option_choice(options, "image", images, lies ? 1 : 0) == 0;
}

static void read_small_buffer(const struct lua_options *options, struct ecu_quirks *own)
{
    own->buffer_bytes =
        (uint16_t)lua_option_integer(options, "buffer", 8, ISOTP_LEN_MAX, own->buffer_bytes);
    own->waits = (uint16_t)lua_option_integer(options, "waits", 0, UINT16_MAX, own->waits);
    own->wait_ns = lua_option_duration(options, "wait", own->wait_ns);
    own->block_size =
        (uint8_t)lua_option_integer(options, "block_size", 0, UINT8_MAX, own->block_size);
    own->st_min = (uint8_t)lua_option_integer(options, "st_min", 0, UINT8_MAX, own->st_min);
    if (own->wait_ns == 0) {
        lua_option_error(options, "wait", "must be longer than 0");
    }
}

static void read_slow(const struct lua_options *options, struct ecu_quirks *own)
{
    own->p2_ns = lua_option_duration(options, "p2", own->p2_ns);
    own->p2_star_ns = lua_option_duration(options, "p2_star", own->p2_star_ns);
    own->answer_ns = lua_option_duration(options, "answer", own->answer_ns);
    own->erase_ns = lua_option_duration(options, "erase", own->erase_ns);
    if (own->p2_ns < SIM_MS(50) || own->p2_ns > SIM_MS(60000)) {
        lua_option_error(options, "p2", "must be from 50 ms to 60 s");
    }
    if (own->p2_star_ns < SIM_S(1) || own->p2_star_ns > SIM_S(600)) {
        lua_option_error(options, "p2_star", "must be from 1 s to 10 min");
    }
    if (own->erase_ns > SIM_S(36000)) {
        lua_option_error(options, "erase", "must be at most 10 h");
    }
}

static void read_own(const struct lua_options *options, enum ecu_quirk quirk,
                     struct ecu_quirks *own)
{
    static const char *const seeds[] = {"zero", "same", NULL};
    ecu_quirks_add(own, quirk);
    switch ((int)quirk) {
    case ECU_QUIRK_SLOW_BOOT: read_slow_boot(options, own); return;
    case ECU_QUIRK_LIAR: read_liar(options, own); return;
    case ECU_QUIRK_WRITE_BACK:
        own->blocks_lost = (uint8_t)lua_option_integer(options, "blocks", 1, BOOT_TAKEN_MAX, 1);
        return;
    case ECU_QUIRK_SMALL_BUFFER: read_small_buffer(options, own); return;
    case ECU_QUIRK_SLOW: read_slow(options, own); return;
    case ECU_QUIRK_ZERO_SEED:
        own->software.same_seed = lua_option_choice(options, "seed", seeds, 0) == 1;
        own->software.zero_seed = !own->software.same_seed;
        return;
    default: return;
    }
}

static void read_gateway(const struct lua_options *options, struct inject_gateway_cfg *cfg)
{
    cfg->delay_ns = lua_option_duration(options, "delay", SIM_MS(20));
    cfg->jitter_ns = lua_option_duration(options, "jitter", SIM_MS(5));
    cfg->loss_ppm = (uint32_t)(lua_option_number(options, "loss", 0, 1, 0.01) * PPM);
    cfg->duplicate_ppm = (uint32_t)(lua_option_number(options, "twice", 0, 1, 0.01) * PPM);
    if (cfg->delay_ns == 0 && cfg->jitter_ns == 0 && cfg->loss_ppm == 0 &&
        cfg->duplicate_ppm == 0) {
        lua_option_error(options, "delay",
                         "a gateway without delay, jitter, loss and twice is "
                         "none");
    }
}

/* Puts together what one quirk says; fields that it leaves at zero stay. */
static void merge(struct ecu_quirks *all, const struct quirk_fault *fault)
{
    const struct ecu_quirks *own = &fault->own;
    struct boot_quirks *to = &all->software;
    const struct boot_quirks *from = &own->software;
    to->sticky_quiet |= from->sticky_quiet;
    to->rejects_repeat |= from->rejects_repeat;
    to->erases_again |= from->erases_again;
    to->keeps_image |= from->keeps_image;
    to->hides_version |= from->hides_version;
    to->programs_blindly |= from->programs_blindly;
    to->zero_seed |= from->zero_seed;
    to->same_seed |= from->same_seed;
    all->s3_strict |= own->s3_strict;
    if (from->version[0] != '\0') {
        memcpy(to->version, from->version, sizeof to->version);
    }
    if (fault->quirk == ECU_QUIRK_SLOW_BOOT) {
        to->start_ns = from->start_ns;
        all->boot_ns = own->boot_ns;
    } else if (fault->quirk == ECU_QUIRK_WRITE_BACK) {
        all->blocks_lost = own->blocks_lost;
    } else if (fault->quirk == ECU_QUIRK_SMALL_BUFFER) {
        all->buffer_bytes = own->buffer_bytes;
        all->waits = own->waits;
        all->wait_ns = own->wait_ns;
        all->sets_flow = true;
        all->block_size = own->block_size;
        all->st_min = own->st_min;
    } else if (fault->quirk == ECU_QUIRK_SLOW) {
        all->p2_ns = own->p2_ns;
        all->p2_star_ns = own->p2_star_ns;
        all->answer_ns = own->answer_ns;
        all->erase_ns = own->erase_ns;
    }
}

/* Older ones first: of two that speak of the same, the newer one holds. */
static void merge_from(struct ecu_quirks *all, const struct quirk_fault *fault)
{
    if (fault != NULL) {
        merge_from(all, fault->next);
        merge(all, fault);
    }
}

static void apply_all(struct case_ecu *ecu)
{
    struct ecu_quirks all = {.s3_strict = false};
    merge_from(&all, ecu->quirks);
    s12x_ecu_set_quirks(ecu->s12x, &all);
}

static void tell(const struct quirk_fault *fault, const char *what)
{
    const struct sim *sim = fault->ecu->ecu->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, fault->ecu->ecu->source, 1, "%s: Q%d %s",
               fault->entry->name, (int)fault->quirk, what);
}

static void quirk_stop(void *ctx)
{
    struct quirk_fault *fault = ctx;
    if (fault->stopped) {
        return;
    }
    fault->stopped = true;
    struct quirk_fault **at = &fault->ecu->quirks;
    while (*at != fault) {
        CHECK(*at != NULL);
        at = &(*at)->next;
    }
    *at = fault->next;
    if (fault->quirk == ECU_QUIRK_GATEWAY) {
        inject_gateway_release(&fault->gateway);
    }
    apply_all(fault->ecu);
    tell(fault, "ends");
}

static void quirk_free(void *ctx)
{
    quirk_stop(ctx);
    free(ctx);
}

/* A nature of the ECU has an effect from the start; of a gateway it can be counted. */
static uint64_t quirk_fired(void *ctx)
{
    const struct quirk_fault *fault = ctx;
    return fault->quirk == ECU_QUIRK_GATEWAY ? inject_gateway_fired(&fault->gateway) : 1;
}

static sim_ns_t quirk_first_ns(void *ctx)
{
    const struct quirk_fault *fault = ctx;
    return fault->begun_ns;
}

static enum ecu_quirk quirk_of(lua_State *L)
{
    static const char *const reasons[ECU_QUIRK_COUNT] = {
        [ECU_QUIRK_CONFORMING] = "Q0 is the ECU without quirks; stop the others",
        [ECU_QUIRK_TWIN] = "Q12 is a matter of the vehicle: choose one with a twin",
        [ECU_QUIRK_REVERTS] = "Q13 needs A/B memory, which these ECUs have not",
    };
    const char *text = luaL_checkstring(L, 1);
    char *end = NULL;
    const long number = text[0] == 'Q' && text[1] >= '0' && text[1] <= '9'
                            ? strtol(text + 1, &end, 10)
                            : ECU_QUIRK_COUNT;
    if (number < 0 || number >= ECU_QUIRK_COUNT || *end != '\0') {
        luaL_error(L, "ecu.quirk: \"%s\" is no quirk; they are \"Q1\" to \"Q11\" and \"Q14\"",
                   text);
        return ECU_QUIRK_CONFORMING; /* Not reached. */
    }
    if (reasons[number] != NULL) {
        luaL_error(L, "ecu.quirk: %s", reasons[number]);
    }
    return (enum ecu_quirk)number;
}

static struct quirk_fault *add_fault(struct case_world *world, const struct lua_options *options,
                                     struct case_ecu *ecu, enum ecu_quirk quirk)
{
    const char *name = lua_option_text(options, "name", options->function);
    if (strlen(name) > 40) {
        lua_option_error(options, "name", "is longer than 40 characters");
    }
    struct case_injection *entry =
        case_world_add_injection(world, options->L, name, quirk_fired, NULL);
    struct quirk_fault *fault = calloc(1, sizeof *fault);
    CHECK(fault != NULL);
    fault->world = world;
    fault->ecu = ecu;
    fault->entry = entry;
    fault->quirk = quirk;
    fault->begun_ns = world->sim.now_ns;
    entry->ctx = fault;
    case_world_add_cleanup(world, quirk_free, fault);
    fault->next = ecu->quirks;
    ecu->quirks = fault;
    return fault;
}

static int ecu_quirk(lua_State *L)
{
    static const struct lua_injection_ops ops = {.first_ns = quirk_first_ns, .stop = quirk_stop};
    struct case_world *world = lua_api_ctx(L);
    const enum ecu_quirk quirk = quirk_of(L);
    char function[24];
    struct lua_options options;
    struct ecu_quirks own = {.s3_strict = false};
    struct inject_gateway_cfg gateway = {.delay_ns = 0};
    (void)snprintf(function, sizeof function, "ecu.quirk Q%d", (int)quirk);
    lua_options_open_act(&options, L, 2, function,
                         parameters[quirk][0] != NULL ? parameters[quirk] : common, NULL);
    struct case_ecu *ecu = case_world_ecu(world, L, lua_option_text(&options, "ecu", NULL));
    read_own(&options, quirk, &own);
    if (quirk == ECU_QUIRK_GATEWAY) {
        read_gateway(&options, &gateway);
        if (ecu->bus->inject.rules_len + INJECT_GATEWAY_RULES > INJECT_RULES_MAX) {
            return luaL_error(L, "%s: no room for more faults of frames on %s", function,
                              ecu->bus->bus->cfg.name);
        }
    }
    struct quirk_fault *fault = add_fault(world, &options, ecu, quirk);
    fault->own = own;
    if (quirk == ECU_QUIRK_GATEWAY) {
        gateway.name = fault->entry->name;
        gateway.connection = (uint16_t)INJECT_CONNECTION(ecu->connection);
        inject_gateway_init(&fault->gateway, &ecu->bus->inject, &gateway);
    }
    apply_all(ecu);
    tell(fault, "begins");
    lua_injection_push(L, fault->entry, &ops, fault);
    return 1;
}

static const struct lua_api_function functions[] = {
    {"quirk", ecu_quirk,
     "ecu.quirk(name [, {...}]): from here on the ECU has this quirk of the catalogue (Q1 to Q11, "
     "Q14), beside others that it has; :stop() takes it away.",
     "local slow = ecu.quirk(\"Q10\", {ecu = \"bcm\"})\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"10 03\", {timeout = \"1s\"}) == \"50 03 00 C8 07 D0\")\n"
     "slow:stop()\n"
     "assert(tester:request(\"10 03\") == \"50 03 00 32 01 F4\")"},
};

const struct lua_api lua_ecu_quirks_api = {
    .table = "ecu", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
