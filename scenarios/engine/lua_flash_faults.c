/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_flash_faults.c - flash.slow, fail, ignore, flip, stuck and wear: faults of
 * an ECU's flash. */
#include "scenarios/engine/lua_options.h"
#include "scenarios/engine/lua_turns.h"

#include <string.h>

enum { PHRASE_BITS = 64, PHRASE_BYTES = 8 };

#define ADDRESS_MAX UINT32_C(0x7FFFFF)

struct flash_fault {
    struct lua_turns turns;
    struct inject_flash_rule rule;
};

static void release_flash(void *ctx)
{
    struct case_ecu *ecu = ctx;
    inject_flash_release(&ecu->flash_faults);
    ecu->flash_faults.ecu = NULL;
}

/* Between the flash and its book, which goes on. */
static struct inject_flash *flash_of(struct case_world *world, const struct lua_options *options)
{
    struct case_ecu *ecu = case_world_ecu(world, options->L, lua_option_text(options, "ecu", NULL));
    if (ecu->flash_faults.ecu == NULL) {
        const struct s12x_hooks observer = ecu_book_hooks(&ecu->book);
        inject_flash_init(&ecu->flash_faults, ecu->s12x, &observer);
        case_world_add_cleanup(world, release_flash, ecu);
    }
    return &ecu->flash_faults;
}

static void remove_fault(struct lua_turns *turns)
{
    struct flash_fault *fault = container_of(turns, struct flash_fault, turns);
    inject_flash_remove(&fault->rule);
}

static uint32_t address_option(const struct lua_options *options, const char *name)
{
    return (uint32_t)lua_option_integer(options, name, 0, ADDRESS_MAX, 0);
}

static uint32_t needed_address(const struct lua_options *options)
{
    if (!lua_option_given(options, "address")) {
        lua_option_error(options, "address", "is missing: address = 0x780000, say");
    }
    return address_option(options, "address");
}

static const char *const what_names[] = {"operation", "command", "address", "bytes", NULL};

static void read_what(const struct lua_options *options, struct inject_flash_what *what)
{
    static const char *const operations[] = {"any", "erase", "program", "verify", NULL};
    static const unsigned ops[] = {0, INJECT_FLASH_ERASE, INJECT_FLASH_PROGRAM,
                                   INJECT_FLASH_VERIFY};
    what->ops = ops[lua_option_choice(options, "operation", operations, 0)];
    what->command = (uint8_t)lua_option_integer(options, "command", 1, 0x20, 0);
    if (lua_option_given(options, "address")) {
        what->start = address_option(options, "address");
        what->end =
            what->start + (uint32_t)lua_option_integer(options, "bytes", 1, ADDRESS_MAX + 1, 1);
    } else if (lua_option_given(options, "bytes")) {
        lua_option_error(options, "bytes", "is the length of a range, which needs an address");
    }
}

static int add_rule(struct case_world *world, const struct lua_options *options,
                    const struct inject_flash_what *what, const struct inject_flash_effect *effect)
{
    struct inject_flash_rule_cfg cfg = {.what = *what, .effect = *effect};
    struct lua_turns_read read;
    lua_turns_read(options, true, &read);
    struct inject_flash *inject = flash_of(world, options);
    if (inject->rules_len == INJECT_FLASH_RULES_MAX) {
        return luaL_error(options->L, "%s: %d faults of one flash at a time are the limit",
                          options->function, INJECT_FLASH_RULES_MAX);
    }
    struct lua_turns *turns =
        lua_turns_add(world, options, &read, sizeof(struct flash_fault), remove_fault);
    struct flash_fault *fault = container_of(turns, struct flash_fault, turns);
    turns->turns = &fault->rule.turns;
    cfg.turns = read.cfg;
    inject_flash_add(inject, &fault->rule, &cfg);
    return lua_turns_push(options->L, turns);
}

/* The names of a function, those of what and those of when, in one list. */
enum { NAMES_MAX = 16 };

static void open_rule(struct lua_options *options, lua_State *L, const char *function,
                      const char *const *own)
{
    const char *names[NAMES_MAX];
    size_t len = 0;
    for (size_t i = 0; own[i] != NULL; i++) {
        names[len++] = own[i];
    }
    for (size_t i = 0; what_names[i] != NULL; i++) {
        names[len++] = what_names[i];
    }
    CHECK(len < NAMES_MAX);
    names[len] = NULL;
    lua_options_open_act(options, L, 1, function, names, lua_turns_names);
}

static int flash_slow(lua_State *L)
{
    static const char *const names[] = {"factor", "takes", NULL};
    struct lua_options options;
    struct inject_flash_what what = {.ops = 0};
    open_rule(&options, L, "flash.slow", names);
    const struct inject_flash_effect effect = {
        .kind = INJECT_FLASH_SLOW,
        .slow_permille = (uint32_t)(lua_option_number(&options, "factor", 0.001, 1e6, 0) * 1000),
        .duration_ns = lua_option_duration(&options, "takes", 0)};
    if ((effect.slow_permille != 0) == (effect.duration_ns != 0)) {
        lua_option_error(&options, "factor", "either factor = 10, say, or takes = \"2s\"");
    }
    read_what(&options, &what);
    return add_rule(lua_api_ctx(L), &options, &what, &effect);
}

static int flash_fail(lua_State *L)
{
    static const char *const names[] = {"correctable", NULL};
    struct lua_options options;
    struct inject_flash_what what = {.ops = 0};
    open_rule(&options, L, "flash.fail", names);
    read_what(&options, &what);
    const struct inject_flash_effect effect = {
        .kind = INJECT_FLASH_FAIL,
        .not_correctable = !lua_option_flag(&options, "correctable", false)};
    return add_rule(lua_api_ctx(L), &options, &what, &effect);
}

static int flash_ignore(lua_State *L)
{
    static const char *const names[] = {NULL};
    struct lua_options options;
    struct inject_flash_what what = {.ops = 0};
    open_rule(&options, L, "flash.ignore", names);
    read_what(&options, &what);
    return add_rule(lua_api_ctx(L), &options, &what,
                    &(struct inject_flash_effect){.kind = INJECT_FLASH_NO_EFFECT});
}

static struct case_injection *add_done(struct case_world *world, const struct lua_options *options)
{
    return lua_injection_push_done(options->L, world,
                                   lua_option_text(options, "name", options->function));
}

/* "bits" of the byte, or a mask of it. */
static uint8_t mask_option(const struct lua_options *options)
{
    if (lua_option_given(options, "mask")) {
        if (lua_option_given(options, "bits")) {
            lua_option_error(options, "bits", "not beside mask, which says more");
        }
        return (uint8_t)lua_option_integer(options, "mask", 1, UINT8_MAX, 1);
    }
    const unsigned bits = (unsigned)lua_option_integer(options, "bits", 1, 8, 1);
    return (uint8_t)((1u << bits) - 1u);
}

/* What chooses commands has no place where there are none. */
static void refuse_names(const struct lua_options *options, const char *const *names)
{
    for (; *names != NULL; names++) {
        const bool fits = strcmp(*names, "ecu") == 0 || strcmp(*names, "name") == 0 ||
                          strcmp(*names, "address") == 0;
        if (!fits && lua_option_given(options, *names)) {
            lua_option_error(options, *names, "goes with moment = \"program\" or \"in flight\"");
        }
    }
}

static int flip_now(struct case_world *world, const struct lua_options *options)
{
    const uint32_t address = needed_address(options);
    const uint8_t mask = mask_option(options);
    refuse_names(options, what_names);
    refuse_names(options, lua_turns_names);
    struct inject_flash *inject = flash_of(world, options);
    inject_flash_flip(inject, add_done(world, options)->name, address, mask);
    return 1;
}

static int flash_flip(lua_State *L)
{
    static const char *const names[] = {"moment", "mask", "bits", NULL};
    static const char *const moments[] = {"now", "program", "in flight", NULL};
    struct lua_options options;
    struct inject_flash_what what = {.ops = 0};
    open_rule(&options, L, "flash.flip", names);
    const size_t moment = lua_option_choice(&options, "moment", moments, 0);
    if (moment == 0) {
        return flip_now(lua_api_ctx(L), &options);
    }
    read_what(&options, &what);
    const struct inject_flash_effect effect = {
        .kind = moment == 1 ? INJECT_FLASH_AT_REST : INJECT_FLASH_IN_FLIGHT,
        .mask = (uint64_t)mask_option(&options) << (what.start % PHRASE_BYTES * 8)};
    return add_rule(lua_api_ctx(L), &options, &what, &effect);
}

static int flash_stuck(lua_State *L)
{
    static const char *const names[] = {"ecu", "name", "address", "mask", "bits", "value", NULL};
    struct lua_options options;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open_act(&options, L, 1, "flash.stuck", names, NULL);
    const uint32_t address = needed_address(&options);
    const uint8_t mask = mask_option(&options);
    const uint8_t value = (uint8_t)lua_option_integer(&options, "value", 0, UINT8_MAX, 0);
    struct inject_flash *inject = flash_of(world, &options);
    inject_flash_stick(inject, add_done(world, &options)->name, address, mask, value);
    return 1;
}

static int flash_wear(lua_State *L)
{
    static const char *const names[] = {"ecu", "name", "address", "erases", NULL};
    struct lua_options options;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open_act(&options, L, 1, "flash.wear", names, NULL);
    const uint32_t address = needed_address(&options);
    struct inject_flash *inject = flash_of(world, &options);
    const uint32_t endurance = s12x_ecu_cfg(inject->ecu)->flash.part->p_endurance_cycles;
    const uint32_t erases =
        (uint32_t)lua_option_integer(&options, "erases", 0, UINT32_MAX - 1, endurance);
    inject_flash_wear(inject, add_done(world, &options)->name, address, erases);
    return 1;
}

static const struct lua_api_function functions[] = {
    {"slow", flash_slow,
     "flash.slow{factor=, takes=, ...}: the chosen commands take so many times as long, or this "
     "time.",
     "local slow = flash.slow{operation = \"erase\", factor = 3}\n"
     "slow:optional() -- nobody erases anything here\n"
     "assert(slow:fired() == 0)"},
    {"fail", flash_fail,
     "flash.fail{correctable=, ...}: the module says of the chosen commands that they have failed "
     "(MGSTAT).",
     "flash.fail{address = 0x780000, bytes = 1024}:optional() -- a bad sector\n"
     "flash.fail{operation = \"program\", nth = 100}:optional()"},
    {"ignore", flash_ignore,
     "flash.ignore{...}: the chosen commands change nothing, and the module says that all is well.",
     "flash.ignore{operation = \"program\", chance_ppm = 100}:optional()"},
    {"flip", flash_flip,
     "flash.flip{address=, mask=, bits=, moment=, ...}: bits of a byte flip: \"now\", once the "
     "byte is programmed (\"program\"), or on their way to it (\"in flight\").",
     "local flip = flash.flip{address = 0x780010, bits = 2} -- more than the ECC corrects\n"
     "assert(flip:fired() == 1)\n"
     "flash.flip{moment = \"in flight\", mask = 0x80, nth = 50}:optional()"},
    {"stuck", flash_stuck,
     "flash.stuck{address=, mask=, bits=, value=}: bits of a byte are stuck at these values "
     "(0), whatever is programmed or erased.",
     "flash.stuck{address = 0x780010, mask = 0x01, value = 0}"},
    {"wear", flash_wear,
     "flash.wear{address=, erases=}: the sector has been erased so often before (as often as it "
     "lasts).",
     "flash.wear{address = 0x780000}"},
};

const struct lua_api lua_flash_faults_api = {
    .table = "flash", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
