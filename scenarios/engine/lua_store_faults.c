/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_store_faults.c - faults of the disk of the master: store.full, fail, slow,
 * cut_at and damage. */
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_injection.h"
#include "scenarios/engine/lua_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct store_fault {
    struct case_world *world;
    struct case_store_listener listener;
    struct guest_store_fault fault; /* store.fail, store.slow. */
    char path[LUA_STORE_PATTERN_MAX];
    struct lua_store_choice choice; /* store.cut_at. */
    struct guest_store_policy loss;
    uint64_t full_before; /* store.full: how often the disk was full before. */
    uint64_t fired;
    sim_ns_t first_ns;
};

static uint64_t fault_fired(void *ctx)
{
    const struct store_fault *fault = ctx;
    return fault->fired;
}

static sim_ns_t fault_first_ns(void *ctx)
{
    const struct store_fault *fault = ctx;
    return fault->first_ns;
}

static void note_fired(struct store_fault *fault, uint64_t fired)
{
    if (fault->fired == 0 && fired > 0) {
        fault->first_ns = fault->world->sim.now_ns;
    }
    fault->fired = fired;
}

static void release_fault(void *ctx)
{
    struct store_fault *fault = ctx;
    guest_store_remove_fault(fault->world->store.disk, &fault->fault);
    case_store_unlisten(&fault->world->store, &fault->listener);
    free(fault);
}

static struct store_fault *add_fault(struct case_world *world, const struct lua_options *options,
                                     void (*on_op)(void *ctx, struct guest_store_op *op,
                                                   enum guest_store_when when),
                                     const struct lua_injection_ops *ops)
{
    struct case_injection *entry = case_world_add_injection(
        world, options->L, lua_option_text(options, "name", options->function), fault_fired, NULL);
    struct store_fault *fault = calloc(1, sizeof *fault);
    CHECK(fault != NULL);
    fault->world = world;
    fault->listener = (struct case_store_listener){.on_op = on_op, .ctx = fault};
    entry->ctx = fault;
    case_store_listen(&world->store, &fault->listener);
    case_world_add_cleanup(world, release_fault, fault);
    lua_injection_push(options->L, entry, ops, fault);
    return fault;
}

/* store.full */

static void look_full(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    (void)op;
    (void)when;
    struct store_fault *fault = ctx;
    note_fired(fault, guest_store_times_full(fault->world->store.disk) - fault->full_before);
}

static void stop_full(void *ctx)
{
    const struct store_fault *fault = ctx;
    guest_store_set_free(fault->world->store.disk, UINT64_MAX);
}

static int store_full(lua_State *L)
{
    static const char *const names[] = {"free", "name", NULL};
    static const struct lua_injection_ops ops = {.first_ns = fault_first_ns, .stop = stop_full};
    struct lua_options options;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open_act(&options, L, 1, "store.full", names, NULL);
    const uint64_t free_bytes = lua_option_integer(&options, "free", 0, UINT32_MAX, 0);
    struct store_fault *fault = add_fault(world, &options, look_full, &ops);
    fault->full_before = guest_store_times_full(world->store.disk);
    guest_store_set_free(world->store.disk, free_bytes);
    return 1;
}

/* store.fail and store.slow: before each operation the disk has decided. */

static void look_fault(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    (void)op;
    struct store_fault *fault = ctx;
    if (when == GUEST_STORE_BEFORE) {
        note_fired(fault, fault->fault.fired);
    }
}

static uint64_t fault_seen(void *ctx)
{
    const struct store_fault *fault = ctx;
    return fault->fault.matched;
}

static void stop_fault(void *ctx)
{
    struct store_fault *fault = ctx;
    guest_store_remove_fault(fault->world->store.disk, &fault->fault);
}

static int add_disk_fault(const struct lua_options *options, const struct guest_store_fault *wanted)
{
    static const struct lua_injection_ops ops = {
        .first_ns = fault_first_ns, .seen = fault_seen, .stop = stop_fault};
    char path[LUA_STORE_PATTERN_MAX];
    struct case_world *world = lua_api_ctx(options->L);
    struct guest_store_fault cfg = *wanted;
    lua_store_path_option(options, path);
    cfg.kinds = lua_store_kinds_option(options);
    cfg.first = lua_option_integer(options, "nth", 1, UINT32_MAX, 1);
    cfg.times = lua_option_integer(options, "times", 1, UINT32_MAX, 0);
    struct store_fault *fault = add_fault(world, options, look_fault, &ops);
    memcpy(fault->path, path, sizeof path);
    fault->fault = cfg;
    fault->fault.path = path[0] != '\0' ? fault->path : NULL;
    guest_store_add_fault(world->store.disk, &fault->fault);
    return 1;
}

static int store_fail(lua_State *L)
{
    static const char *const names[] = {"path",  "operation", "nth",  "times",
                                        "error", "let",       "name", NULL};
    static const char *const words[] = {"EIO", "ENOSPC", "EROFS", "EDQUOT", NULL};
    static const int errors[] = {EIO, ENOSPC, EROFS, EDQUOT};
    struct lua_options options;
    lua_options_open_act(&options, L, 1, "store.fail", names, NULL);
    const struct guest_store_fault fault = {
        .error = errors[lua_option_choice(&options, "error", words, 0)],
        .let_bytes = lua_option_integer(&options, "let", 1, UINT32_MAX, 0)};
    return add_disk_fault(&options, &fault);
}

static int store_slow(lua_State *L)
{
    static const char *const names[] = {"path", "operation", "nth", "times", "by", "name", NULL};
    struct lua_options options;
    lua_options_open_act(&options, L, 1, "store.slow", names, NULL);
    const struct guest_store_fault fault = {.delay_ns = lua_option_duration(&options, "by", 0)};
    if (fault.delay_ns == 0) {
        lua_option_error(&options, "by", "is missing: by = \"500ms\", say");
    }
    return add_disk_fault(&options, &fault);
}

/* store.cut_at */

static void look_cut(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    struct store_fault *fault = ctx;
    if (lua_store_is_chosen(&fault->choice, op, when)) {
        note_fired(fault, 1);
        master_seat_ask_cut(&fault->world->seat, &fault->loss);
    }
}

static uint64_t cut_seen(void *ctx)
{
    const struct store_fault *fault = ctx;
    return fault->choice.seen;
}

static void stop_cut(void *ctx)
{
    struct store_fault *fault = ctx;
    case_store_unlisten(&fault->world->store, &fault->listener);
}

static int store_cut_at(lua_State *L)
{
    static const char *const names[] = {"path", "operation", "nth", "when", "name",
                                        "keep", "permille",  "op",  NULL};
    static const struct lua_injection_ops ops = {
        .first_ns = fault_first_ns, .seen = cut_seen, .stop = stop_cut};
    struct lua_options options;
    struct lua_store_choice choice;
    struct guest_store_policy loss;
    lua_options_open_act(&options, L, 1, "store.cut_at", names, NULL);
    lua_store_choice_option(&options, &choice);
    lua_store_loss_option(&options, &loss);
    struct store_fault *fault = add_fault(lua_api_ctx(L), &options, look_cut, &ops);
    fault->choice = choice;
    fault->loss = loss;
    return 1;
}

/* store.damage */

static int damage(const struct lua_options *options, struct guest_store *disk, const char *path,
                  struct err *err)
{
    static const char *const words[] = {"flip", "cut", "zero", "garble", NULL};
    const unsigned bits = (unsigned)lua_option_integer(options, "bits", 1, 4096, 1);
    const uint64_t offset = lua_option_integer(options, "offset", 0, UINT32_MAX, 0);
    switch (lua_option_choice(options, "how", words, 0)) {
    case 0:
        return lua_option_given(options, "offset")
                   ? guest_store_flip_bit(disk, path, offset,
                                          (unsigned)lua_option_integer(options, "bit", 0, 7, 0),
                                          err)
                   : guest_store_flip_bits(disk, path, bits, err);
    case 1: return guest_store_cut_file(disk, path, offset, err);
    case 2: return guest_store_zero_file(disk, path, err);
    default: return guest_store_garble_file(disk, path, err);
    }
}

static int store_damage(lua_State *L)
{
    static const char *const names[] = {"path", "how", "bits", "offset", "bit", "name", NULL};
    struct lua_options options;
    struct err err = {0};
    struct case_world *world = lua_api_ctx(L);
    lua_options_open_act(&options, L, 1, "store.damage", names, NULL);
    const char *path = lua_option_text(&options, "path", NULL);
    if (path == NULL) {
        lua_option_error(&options, "path", "is missing: a file of the state folder");
    }
    if (damage(&options, world->store.disk, path, &err) != 0) {
        return luaL_error(L, "store.damage: %s", err.text);
    }
    (void)lua_injection_push_done(L, world, lua_option_text(&options, "name", "store.damage"));
    return 1;
}

static const struct lua_api_function functions[] = {
    {"full", store_full,
     "store.full{free=}: from here on so many bytes are free (0); :stop() ends it.",
     "local full = store.full{free = 65536}\n"
     "full:optional() -- nobody writes that much here\n"
     "assert(full:fired() == 0)"},
    {"fail", store_fail,
     "store.fail{path=, operation=, nth=, times=, error=, let=}: from the nth such operation on, "
     "so "
     "many times, the call fails with EIO, or ENOSPC, EROFS, EDQUOT; of a write so many bytes go "
     "through first.",
     "store.fail{operation = \"write\", nth = 10, times = 1, error = \"EIO\"}:optional()"},
    {"slow", store_slow,
     "store.slow{by=, path=, operation=, nth=, times=}: the chosen operations take so much longer.",
     "store.slow{operation = \"sync\", by = \"500ms\"}:optional()"},
    {"cut_at", store_cut_at,
     "store.cut_at{path=, operation=, nth=, when=, keep=, permille=, op=}: cuts the power of the "
     "master before, in the middle of, or after the nth such operation; the other words as in "
     "master.cut.",
     "local cut = store.cut_at{operation = \"write\", nth = 3, when = \"middle\", keep = "
     "\"random\"}\n"
     "assert(cut:seen() == 0)\n"
     "cut:optional() -- nobody writes here"},
    {"damage", store_damage,
     "store.damage{path=, how=, bits=, offset=, bit=}: damages a file at rest: \"flip\" so many "
     "random bits, or one at an offset; \"cut\" it at an offset; \"zero\" it; \"garble\" it.",
     "state.write(\"package\", \"0123456789\")\n"
     "store.damage{path = \"package\", how = \"flip\", bits = 2}\n"
     "assert(#state.read(\"package\") == 10 and state.read(\"package\") ~= \"0123456789\")"},
};

const struct lua_api lua_store_faults_api = {
    .table = "store", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
