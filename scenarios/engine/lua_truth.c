/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_truth.c - the truth about an ECU: ecu.status, holds, erased, written,
 * flash_wait, install. */
#include "scenarios/engine/case_truth.h"
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/judge.h"
#include "scenarios/engine/lua_field.h"
#include "scenarios/engine/lua_options.h"

#include <lauxlib.h>
#include <string.h>

static int ecu_status(lua_State *L)
{
    static const char *const sessions[] = {"?", "default", "programming", "extended"};
    static const char *const erases[] = {"none", "started", "done"};
    struct case_ecu *ecu = case_world_ecu(lua_api_ctx(L), L, luaL_optstring(L, 1, NULL));
    struct s12x_ecu_status status;
    s12x_ecu_status(ecu->s12x, &status);
    lua_createtable(L, 0, 12);
    lua_field_text(L, "run", ecu_run_name(status.run));
    lua_field_flag(L, "valid", status.application_valid);
    lua_field_text(L, "version", status.version);
    lua_field_text(L, "erase",
                   status.erase_state < ARRAY_SIZE(erases) ? erases[status.erase_state] : "?");
    lua_field_flag(L, "communication_on", status.communication_on);
    lua_field_flag(L, "dtc_setting_on", status.dtc_setting_on);
    lua_field_text(L, "session",
                   (size_t)status.session < ARRAY_SIZE(sessions) ? sessions[status.session] : "?");
    lua_field_flag(L, "unlocked", status.unlocked);
    lua_field_integer(L, "resets", ecu->ecu->resets);
    lua_field_integer(L, "supply_mv", ecu_supply_mv(ecu->ecu));
    return 1;
}

/* An image as a table with a path, or a path. */
static const char *image_path(lua_State *L, int index)
{
    if (lua_istable(L, index)) {
        lua_getfield(L, index, "path");
        const char *path = luaL_checkstring(L, -1);
        lua_pop(L, 1); /* It stays in the table. */
        return path;
    }
    return luaL_checkstring(L, index);
}

static int ecu_holds(lua_State *L)
{
    struct case_ecu *ecu = case_world_ecu(lua_api_ctx(L), L, luaL_optstring(L, 2, NULL));
    struct err err = {0};
    bool holds = false;
    uint32_t address = 0;
    lua_sandbox_charge(L, 10000);
    if (case_truth_holds(ecu->s12x, image_path(L, 1), &holds, &address, &err) != 0) {
        return luaL_error(L, "ecu.holds: %s", err.text);
    }
    lua_pushboolean(L, holds);
    if (holds) {
        return 1;
    }
    lua_pushinteger(L, address);
    return 2;
}

static int ecu_install(lua_State *L)
{
    struct case_world *world = lua_api_ctx(L);
    struct case_ecu *ecu = case_world_ecu(lua_api_ctx(L), L, luaL_optstring(L, 2, NULL));
    struct err err = {0};
    if (world->sim.now_ns != 0 || ecu->ecu->run != ECU_OFF) {
        return luaL_error(L, "ecu.install: only before anything else, while the vehicle is off");
    }
    if (s12x_ecu_load_application(ecu->s12x, image_path(L, 1), &err) != 0) {
        return luaL_error(L, "ecu.install: %s", err.text);
    }
    judge_begin(world); /* This is what the ECU leaves its line with. */
    return 0;
}

typedef struct ecu_book_counts count_fn(const struct ecu_book *book, uint32_t begin, uint32_t end);

static uint32_t range_number(lua_State *L, int index, lua_Integer place)
{
    lua_rawgeti(L, index, place);
    const lua_Integer value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return (uint32_t)value;
}

/* Argument 1: a list of { address, bytes }, or an image, whose segments count. */
static int count_ranges(lua_State *L, count_fn *count)
{
    const struct case_ecu *ecu = case_world_ecu(lua_api_ctx(L), L, luaL_optstring(L, 2, NULL));
    struct ecu_book_counts counts = {.most = 0, .least = UINT32_MAX};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_getfield(L, 1, "segments") != LUA_TTABLE) {
        lua_pushvalue(L, 1);
    }
    const int list = lua_gettop(L);
    const lua_Unsigned len = lua_rawlen(L, list);
    for (lua_Unsigned i = 1; i <= len; i++) {
        const bool pair = lua_rawgeti(L, list, (lua_Integer)i) == LUA_TTABLE;
        const uint32_t begin = pair ? range_number(L, lua_gettop(L), 1) : 0;
        const uint32_t bytes = pair ? range_number(L, lua_gettop(L), 2) : 0;
        if (bytes == 0 || bytes > ECU_BOOK_PART_BYTES || begin < ECU_BOOK_BASE ||
            begin - ECU_BOOK_BASE > ECU_BOOK_PART_BYTES - bytes) {
            return luaL_error(L, "range %d is no { address, bytes } inside the flash", (int)i);
        }
        counts = ecu_book_both(counts, count(&ecu->book, begin, begin + bytes));
        lua_sandbox_charge(L, bytes / 64);
        lua_pop(L, 1);
    }
    lua_pushinteger(L, counts.most);
    lua_pushinteger(L, counts.least == UINT32_MAX ? 0 : counts.least);
    return 2;
}

static int ecu_erased(lua_State *L)
{
    return count_ranges(L, ecu_book_erased);
}

static int ecu_written(lua_State *L)
{
    return count_ranges(L, ecu_book_written);
}

static int ecu_operations(lua_State *L)
{
    const struct case_ecu *ecu = case_world_ecu(lua_api_ctx(L), L, luaL_optstring(L, 1, NULL));
    lua_createtable(L, 0, 4);
    lua_field_integer(L, "erases", (lua_Integer)ecu->book.erases);
    lua_field_integer(L, "programs", (lua_Integer)ecu->book.programs);
    lua_field_integer(L, "torn", (lua_Integer)ecu->book.torn);
    uint64_t misuse = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ecu->book.findings); i++) {
        misuse += ecu->book.findings[i];
    }
    lua_field_integer(L, "misuse", (lua_Integer)misuse);
    return 1;
}

static const char *const op_words[] = {"erase", "program", NULL};
static const char *const wait_names[] = {"ecu", "operation", "nth", "within", NULL};

struct op_wait {
    const struct ecu_book *book;
    bool erase;
    uint64_t until_count;
    sim_ns_t until_ns;
};

static uint64_t counted(const struct op_wait *wait)
{
    return wait->erase ? wait->book->erases : wait->book->programs;
}

static int op_again(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    struct case_world *world = lua_api_ctx(L);
    const struct op_wait *wait = lua_touserdata(L, -1);
    if (counted(wait) >= wait->until_count) {
        const struct s12x_op *op = &wait->book->running;
        lua_createtable(L, 0, 3);
        lua_field_integer(L, "address", op->address);
        lua_field_seconds(L, "at", op->start_ns);
        lua_field_seconds(L, "duration", op->duration_ns);
        return 1;
    }
    if (world->sim.now_ns >= wait->until_ns) {
        return 0;
    }
    return case_world_await(world, L, CASE_FLASH_OP, wait->until_ns, 0, op_again);
}

static int ecu_wait_flash(lua_State *L)
{
    struct lua_options options;
    struct op_wait wait;
    const struct case_world *world = lua_api_ctx(L);
    lua_options_open(&options, L, 1, "ecu.wait_flash", wait_names, NULL);
    wait.book = &case_world_ecu(lua_api_ctx(L), L, lua_option_text(&options, "ecu", NULL))->book;
    wait.erase = lua_option_choice(&options, "operation", op_words, 0) == 0;
    wait.until_count = counted(&wait) + lua_option_integer(&options, "nth", 1, UINT32_MAX, 1);
    const sim_ns_t within_ns = lua_option_duration(&options, "within", SIM_NEVER);
    wait.until_ns = within_ns == SIM_NEVER ? SIM_NEVER : world->sim.now_ns + within_ns;
    memcpy(lua_newuserdatauv(L, sizeof wait, 0), &wait, sizeof wait);
    return op_again(L, LUA_OK, 0);
}

static const struct lua_api_function functions[] = {
    {"status", ecu_status,
     "ecu.status([name]): a table with run (\"off\", \"reset\", \"bootloader\", \"application\"), "
     "valid, version, erase, communication_on, dtc_setting_on, session, unlocked, resets and "
     "supply_mv.",
     "wait(1)\nassert(ecu.status().run == \"application\" and ecu.status().version == \"1.0.0\")"},
    {"holds", ecu_holds,
     "ecu.holds(image [, name]): whether the flash holds every byte of the image; if not, also the "
     "first address that differs.",
     "local holds, address = ecu.holds(image{})\nassert(not holds and address >= 0x780000)"},
    {"install", ecu_install,
     "ecu.install(image [, name]): the factory programs another application; first thing in a "
     "play.",
     "ecu.install(image{ version = \"0.9.0\" })\nwait(1)\nassert(ecu.status().version == "
     "\"0.9.0\")"},
    {"erased", ecu_erased,
     "ecu.erased(ranges [, name]): how often the sectors of an image, or of a list of { address, "
     "bytes }, were erased in this play: the most and the least.",
     "local most, least = ecu.erased(image{})\nassert(most == 0 and least == 0)"},
    {"written", ecu_written,
     "ecu.written(ranges [, name]): the same for the phrases that were programmed.",
     "assert(ecu.written{ { 0x780000, 4096 } } == 0)"},
    {"operations", ecu_operations,
     "ecu.operations([name]): a table with erases, programs, torn and misuse, as the flash has "
     "counted them.",
     "assert(ecu.operations().erases == 0)"},
    {"wait_flash", ecu_wait_flash,
     "ecu.wait_flash{operation=, nth=, ecu=, within=}: waits until the nth \"erase\" or "
     "\"program\" from now on has started; a table with address, at and duration, or nil.",
     "master.start{ image = image{} }\nlocal op = ecu.wait_flash{ operation = \"erase\" "
     "}\nassert(op.address >= 0x780000 and op.duration > 0)"},
};

const struct lua_api lua_truth_api = {
    .table = "ecu", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
