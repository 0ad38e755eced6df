/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_store.c - looks at the disk of the master: store.wait, counts, files, used,
 * unsynced; and the words that functions of the disk share. */
#include "scenarios/engine/lua_store.h"

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_field.h"

#include <fnmatch.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_words[] = {
#define KIND_WORD(id, name) name,
    GUEST_STORE_KINDS(KIND_WORD)
#undef KIND_WORD
        NULL};

const char *const lua_store_choice_names[] = {"path", "operation", "nth", "when", NULL};
const char *const lua_store_loss_names[] = {"keep", "permille", "op", NULL};

void lua_store_loss_option(const struct lua_options *options, struct guest_store_policy *loss)
{
    static const char *const words[] = {"synced", "all", "first", "random", "torn", NULL};
    *loss = (struct guest_store_policy){
        .keep = (enum guest_store_keep)lua_option_choice(options, "keep", words, 0),
        .torn_permille = (uint32_t)lua_option_integer(options, "permille", 1, 999, 0),
        .last_op = lua_option_integer(options, "op", 0, UINT32_MAX, 0)};
    if (loss->keep != GUEST_STORE_TEAR_LAST && loss->torn_permille != 0) {
        lua_option_error(options, "permille", "goes with keep = \"torn\"");
    }
    if ((loss->keep == GUEST_STORE_KEEP_FIRST) != lua_option_given(options, "op")) {
        lua_option_error(options, "op", "goes with keep = \"first\", which needs it");
    }
}

static const char *const when_words[] = {"before", "middle", "after", NULL};

uint32_t lua_store_kinds_option(const struct lua_options *options)
{
    if (!lua_option_given(options, "operation")) {
        return 0;
    }
    return 1u << lua_option_choice(options, "operation", kind_words, 0);
}

void lua_store_path_option(const struct lua_options *options, char path[LUA_STORE_PATTERN_MAX])
{
    const char *text = lua_option_text(options, "path", "");
    if (strlen(text) >= LUA_STORE_PATTERN_MAX) {
        lua_option_error(options, "path", "must have at most %d bytes", LUA_STORE_PATTERN_MAX - 1);
    }
    snprintf(path, LUA_STORE_PATTERN_MAX, "%s", text);
}

void lua_store_choice_option(const struct lua_options *options, struct lua_store_choice *choice)
{
    *choice = (struct lua_store_choice){
        .kinds = lua_store_kinds_option(options),
        .nth = lua_option_integer(options, "nth", 1, UINT32_MAX, 1),
        .when = (enum guest_store_when)lua_option_choice(options, "when", when_words, 0)};
    lua_store_path_option(options, choice->path);
    const uint32_t halves = 1u << GUEST_STORE_WRITE | 1u << GUEST_STORE_SYNC;
    if (choice->when == GUEST_STORE_MIDDLE && choice->kinds != 0 && (choice->kinds & halves) == 0) {
        lua_option_error(options, "when", "only \"write\" and \"sync\" have a middle");
    }
}

static bool fits(const struct lua_store_choice *choice, const struct guest_store_op *op)
{
    const bool has_middle =
        (op->kind == GUEST_STORE_WRITE || op->kind == GUEST_STORE_SYNC) && op->bytes > 1;
    const bool kind_fits =
        choice->kinds == 0 ? op->number != 0 : (choice->kinds & 1u << op->kind) != 0;
    return kind_fits && (choice->when != GUEST_STORE_MIDDLE || has_middle) &&
           (choice->path[0] == '\0' || fnmatch(choice->path, op->path, 0) == 0 ||
            (op->to != NULL && fnmatch(choice->path, op->to, 0) == 0));
}

/* Is this the moment? Asked of every one. */
bool lua_store_is_chosen(struct lua_store_choice *choice, struct guest_store_op *op,
                         enum guest_store_when when)
{
    if (when == GUEST_STORE_BEFORE) {
        if (!fits(choice, op) || ++choice->seen != choice->nth) {
            return false;
        }
        choice->begun = true;
        choice->number = op->number;
        if (choice->when == GUEST_STORE_MIDDLE) {
            op->middle_bytes = op->bytes / 2;
        }
        return choice->when == GUEST_STORE_BEFORE;
    }
    const bool is_it = choice->begun && when == choice->when && op->number == choice->number;
    choice->begun = choice->begun && !is_it;
    return is_it;
}

/* store.wait */

struct op_wait {
    struct case_world *world;
    struct case_store_listener listener;
    struct lua_store_choice choice;
    bool hit;
    struct guest_store_op op; /* Once hit. */
    char path[LUA_STORE_PATTERN_MAX], to[LUA_STORE_PATTERN_MAX];
};

static void look_wait(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    struct op_wait *wait = ctx;
    if (!wait->hit && lua_store_is_chosen(&wait->choice, op, when)) {
        wait->hit = true;
        wait->op = *op;
        snprintf(wait->path, sizeof wait->path, "%s", op->path);
        snprintf(wait->to, sizeof wait->to, "%s", op->to != NULL ? op->to : "");
        case_world_tell(wait->world, CASE_STORE_OP);
        master_seat_pause(&wait->world->seat);
    }
}

static void push_op(lua_State *L, const struct op_wait *wait)
{
    lua_createtable(L, 0, 8);
    lua_field_integer(L, "number", (lua_Integer)wait->op.number);
    lua_field_text(L, "operation", guest_store_kind_name(wait->op.kind));
    lua_field_text(L, "path", wait->path);
    if (wait->to[0] != '\0') {
        lua_field_text(L, "to", wait->to);
    }
    lua_field_integer(L, "offset", (lua_Integer)wait->op.offset);
    lua_field_integer(L, "bytes", (lua_Integer)wait->op.bytes);
    lua_field_seconds(L, "at", wait->op.at_ns);
}

static void release_wait(void *ctx)
{
    struct op_wait *wait = ctx;
    case_store_unlisten(&wait->world->store, &wait->listener);
    free(wait);
}

/* A script waits for one thing at a time. */
static struct op_wait *wait_of(struct case_world *world)
{
    if (world->store.wait == NULL) {
        struct op_wait *wait = calloc(1, sizeof *wait);
        CHECK(wait != NULL);
        *wait = (struct op_wait){.world = world, .listener = {.on_op = look_wait, .ctx = wait}};
        world->store.wait = wait;
        case_world_add_cleanup(world, release_wait, wait);
    }
    return world->store.wait;
}

static int wait_again(lua_State *L, int status, lua_KContext until)
{
    (void)status;
    struct case_world *world = lua_api_ctx(L);
    struct op_wait *wait = wait_of(world);
    if (!wait->hit && world->sim.now_ns < (sim_ns_t)until) {
        return case_world_await(world, L, CASE_STORE_OP, (sim_ns_t)until, until, wait_again);
    }
    case_store_unlisten(&world->store, &wait->listener);
    if (!wait->hit) {
        return 0;
    }
    push_op(L, wait);
    return 1;
}

static int store_wait(lua_State *L)
{
    static const char *const names[] = {"within", NULL};
    struct lua_options options;
    struct lua_store_choice choice;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open(&options, L, 1, "store.wait", names, lua_store_choice_names);
    lua_store_choice_option(&options, &choice);
    const sim_ns_t within_ns = lua_option_duration(&options, "within", SIM_NEVER);
    struct op_wait *wait = wait_of(world);
    case_store_unlisten(&world->store, &wait->listener);
    wait->choice = choice;
    wait->hit = false;
    case_store_listen(&world->store, &wait->listener);
    const sim_ns_t until_ns = within_ns == SIM_NEVER ? SIM_NEVER : world->sim.now_ns + within_ns;
    return wait_again(L, LUA_OK, (lua_KContext)until_ns);
}

/* What has happened, and what is there. */

static int store_counts(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    lua_createtable(L, 0, GUEST_STORE_KINDS_LEN + 1);
    lua_field_integer(L, "operations", (lua_Integer)guest_store_ops(world->store.disk));
    for (unsigned kind = 0; kind < GUEST_STORE_KINDS_LEN; kind++) {
        lua_field_integer(
            L, kind_words[kind],
            (lua_Integer)guest_store_count(world->store.disk, (enum guest_store_kind)kind));
    }
    return 1;
}

static int store_files(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    const struct guest_store_file *file;
    lua_newtable(L);
    for (size_t i = 0; (file = guest_store_file_at(world->store.disk, i)) != NULL; i++) {
        lua_createtable(L, 0, 6);
        lua_field_text(L, "path", file->path);
        lua_field_integer(L, "creates", (lua_Integer)file->creates);
        lua_field_integer(L, "writes", (lua_Integer)file->writes);
        lua_field_integer(L, "bytes", (lua_Integer)file->written_bytes);
        lua_field_integer(L, "syncs", (lua_Integer)file->syncs);
        lua_field_integer(L, "sector_writes", (lua_Integer)file->sector_writes_max);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        lua_sandbox_charge(L, 8);
    }
    return 1;
}

static int store_used(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    lua_pushinteger(L, (lua_Integer)guest_store_used_bytes(world->store.disk));
    return 1;
}

static int store_unsynced(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    lua_pushboolean(L, guest_store_is_unsynced(world->store.disk, luaL_checkstring(L, 1)));
    return 1;
}

static const struct lua_api_function functions[] = {
    {"wait", store_wait,
     "store.wait{path=, operation=, nth=, when=, within=}: waits until the nth such operation from "
     "now on; the master stands still there while the script runs. A table with number, operation, "
     "path, to, offset, bytes and at; nil after the time given.",
     "assert(store.wait{operation = \"sync\", within = \"1s\"} == nil)"},
    {"counts", store_counts,
     "store.counts(): how many operations there were so far, of each kind and in all.",
     "assert(store.counts().operations == 0 and store.counts().sync == 0)"},
    {"files", store_files,
     "store.files(): for each file that there ever was a table with path, creates, writes, bytes, "
     "syncs and sector_writes, how often the sector written most went to the disk.",
     "assert(#store.files() == 0)"},
    {"used", store_used, "store.used(): the bytes that are taken on the disk.",
     "local before = store.used()\n"
     "state.write(\"package\", (\"x\"):rep(4097))\n"
     "assert(store.used() == before + 8192)"},
    {"unsynced", store_unsynced,
     "store.unsynced(path): whether a loss of power now would change the file.",
     "assert(not store.unsynced(\"journal\"))"},
};

const struct lua_api lua_store_api = {
    .table = "store", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
