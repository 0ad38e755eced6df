/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_master.c - the master under test: master.start, wait, update, cut, result.
 */
#include "scenarios/engine/case_image.h"
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_duration.h"
#include "scenarios/engine/lua_field.h"
#include "scenarios/engine/lua_options.h"
#include "scenarios/engine/lua_store.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const start_names[] = {"id",     "action", "image",        "version",
                                          "sha256", "bytes",  "from_version", "hardware_id",
                                          "health", "stay",   "policy",       NULL};
static const char *const life_names[] = {"job", "late", NULL};
static const char *const update_names[] = {"within", "job", "late", NULL};
static const char *const action_words[] = {"update", "rollback", "none", NULL};

static void copy_text(const struct lua_options *options, const char *name, const char *text,
                      char *to, size_t size)
{
    if (text != NULL && strlen(text) >= size) {
        lua_option_error(options, name, "must have at most %zu bytes", size - 1);
    }
    snprintf(to, size, "%s", text != NULL ? text : "");
}

/* The image: a table that image{} or file.write() gave, or a path. What is declared about it, its
 * hash and length, is the truth unless the scenario says otherwise. */
static void take_image(const struct lua_options *options, struct campaign_ecu *target)
{
    lua_State *L = options->L;
    if (lua_option_push(options, "image") == LUA_TTABLE) {
        lua_getfield(L, -1, "path");
        copy_text(options, "image", lua_tostring(L, -1), target->image, sizeof target->image);
        lua_getfield(L, -2, "version");
        copy_text(options, "version", lua_tostring(L, -1), target->version, sizeof target->version);
        lua_getfield(L, -3, "sha256");
        copy_text(options, "sha256", lua_tostring(L, -1), target->sha256, sizeof target->sha256);
        lua_getfield(L, -4, "bytes");
        target->bytes = (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 4);
    } else if (!lua_isnil(L, -1)) {
        lua_option_error(options, "image", "must be what image{} or file.write() returned");
    }
    lua_pop(L, 1);
}

static void take_policy(const struct lua_options *options, struct profile *policy)
{
    lua_State *L = options->L;
    struct err err = {0};
    if (lua_option_push(options, "policy") == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2) != 0) {
            const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
            const enum profile_id id = profile_find(name);
            if (id == PROFILE_COUNT ||
                profile_set(policy, id, luaL_tolstring(L, -1, NULL), &err) != 0) {
                lua_option_error(options, "policy", "%s: %s", name,
                                 id == PROFILE_COUNT ? "there is no such parameter" : err.text);
            }
            lua_pop(L, 2);
        }
    }
    lua_pop(L, 1);
}

static void take_text(const struct lua_options *options, const char *name, char *to, size_t size)
{
    if (lua_option_given(options, name)) {
        copy_text(options, name, lua_option_text(options, name, ""), to, size);
    }
}

static void take_campaign(const struct lua_options *options, struct campaign *campaign)
{
    struct campaign_ecu *target = &campaign->ecus[0];
    case_world_campaign(lua_api_ctx(options->L), campaign);
    campaign->action = (enum campaign_action)lua_option_choice(options, "action", action_words, 0);
    take_image(options, target);
    take_text(options, "id", campaign->id, sizeof campaign->id);
    take_text(options, "version", target->version, sizeof target->version);
    take_text(options, "sha256", target->sha256, sizeof target->sha256);
    take_text(options, "from_version", target->from_version, sizeof target->from_version);
    take_text(options, "hardware_id", target->hardware_id, sizeof target->hardware_id);
    target->bytes = lua_option_integer(options, "bytes", 0, UINT32_MAX, target->bytes);
    if (lua_option_flag(options, "health", false)) {
        campaign->health = (struct campaign_health){.watch = true,
                                                    .dtc = true,
                                                    .heartbeat = true,
                                                    .heartbeat_id = CASE_IMAGE_CYCLIC_ID,
                                                    .heartbeat_ms = 5 * CASE_IMAGE_CYCLIC_MS};
    }
    campaign->stay = lua_option_flag(options, "stay", false);
    take_policy(options, &campaign->profile);
}

/* A job that is none, or another one than the engine thinks. */
static void take_job(const struct lua_options *options, struct master_seat *seat)
{
    size_t len = 0;
    if (lua_option_push(options, "job") == LUA_TSTRING) {
        const char *text = lua_tolstring(options->L, -1, &len);
        master_seat_set_job(seat, text, len);
    } else if (!lua_isnil(options->L, -1)) {
        lua_option_error(options, "job", "must be a text: the content of the job file");
    }
    lua_pop(options->L, 1);
}

static void ask_start(lua_State *L, const char *function, const char *const *more)
{
    struct lua_options options;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open(&options, L, 1, function, start_names, more);
    if (master_seat_alive(&world->seat)) {
        luaL_error(L, "%s: the master is running already; wait for its end, or cut its power",
                   function);
    }
    if (world->seat.lives_len == MASTER_LIVES_MAX) {
        luaL_error(L, "%s: a play has at most %d lives of the master", function, MASTER_LIVES_MAX);
    }
    struct campaign *campaign = lua_newuserdatauv(L, sizeof *campaign, 0);
    take_campaign(&options, campaign);
    world->seat.wake_delay_ns = lua_option_duration(&options, "late", 0);
    master_seat_ask_start(&world->seat, campaign);
    lua_pop(L, 1);
    take_job(&options, &world->seat);
}

static int master_job(lua_State *L)
{
    struct lua_options options;
    lua_options_open(&options, L, 1, "master.job", start_names, NULL);
    struct campaign *campaign = lua_newuserdatauv(L, sizeof *campaign, 0);
    take_campaign(&options, campaign);
    char *text = campaign_job_text(campaign);
    CHECK(text != NULL);
    lua_sandbox_charge(L, strlen(text) / 16);
    lua_pushstring(L, text);
    free(text);
    return 1;
}

static void push_ecus(lua_State *L, const struct master_result *result)
{
    lua_createtable(L, (int)result->ecus_len, 0);
    for (size_t i = 0; i < result->ecus_len; i++) {
        lua_createtable(L, 0, 3);
        lua_field_text(L, "name", result->ecus[i].name);
        lua_field_text(L, "code", master_code_name(result->ecus[i].code));
        lua_field_text(L, "version", result->ecus[i].version);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "ecus");
}

static void push_result(lua_State *L, const struct master_life *life)
{
    static const char *const ends[] = {"runs", "exited", "cut", "stuck", "time_up"};
    const struct master_result *result = &life->result;
    lua_createtable(L, 0, 16);
    lua_field_text(L, "code", master_code_name(result->code));
    lua_field_text(L, "reason_code", result->reason_code);
    lua_field_text(L, "reason", result->reason);
    lua_field_text(L, "version", result->version);
    lua_field_text(L, "trouble", result->trouble);
    lua_field_text(L, "ending", ends[life->end]);
    lua_field_integer(L, "sid", result->sid);
    lua_field_integer(L, "nrc", result->nrc);
    lua_field_integer(L, "exit_code", life->exit_code);
    lua_field_integer(L, "reports", result->reports);
    lua_field_integer(L, "peak_bytes", (lua_Integer)life->usage.peak_bytes);
    lua_field_integer(L, "open_files", (lua_Integer)life->usage.open_files);
    lua_field_flag(L, "prompt", result->prompt);
    lua_field_seconds(L, "began", life->begin_ns);
    lua_field_seconds(L, "at", life->end_ns);
    push_ecus(L, result);
}

static int wait_again(lua_State *L, int status, lua_KContext until)
{
    (void)status;
    struct case_world *world = lua_api_ctx(L);
    if (!master_seat_alive(&world->seat)) {
        const struct master_life *life = master_seat_life(&world->seat);
        if (life == NULL) {
            return luaL_error(L, "master.wait: it was never started");
        }
        push_result(L, life);
        return 1;
    }
    if (world->sim.now_ns >= (sim_ns_t)until) {
        return 0;
    }
    return case_world_await(world, L, CASE_MASTER, (sim_ns_t)until, until, wait_again);
}

static sim_ns_t until(lua_State *L, sim_ns_t within_ns)
{
    const struct case_world *world = lua_api_ctx(L);
    return within_ns == SIM_NEVER ? SIM_NEVER : world->sim.now_ns + within_ns;
}

static int master_start(lua_State *L)
{
    ask_start(L, "master.start", life_names);
    return 0;
}

static int master_wait(lua_State *L)
{
    const sim_ns_t within_ns = lua_isnoneornil(L, 1) ? SIM_NEVER : lua_check_duration(L, 1);
    return wait_again(L, LUA_OK, (lua_KContext)until(L, within_ns));
}

static int master_update(lua_State *L)
{
    struct lua_options options;
    ask_start(L, "master.update", update_names);
    lua_options_open(&options, L, 1, "master.update", start_names, update_names);
    const sim_ns_t within_ns = lua_option_duration(&options, "within", SIM_NEVER);
    return wait_again(L, LUA_OK, (lua_KContext)until(L, within_ns));
}

static int cut_is_over(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct case_world *world = lua_api_ctx(L);
    if (master_seat_alive(&world->seat)) {
        return case_world_await(world, L, CASE_MASTER, SIM_NEVER, ctx, cut_is_over);
    }
    const struct guest_store_loss *lost = &master_seat_life(&world->seat)->lost;
    lua_createtable(L, 0, 4);
    lua_field_integer(L, "unsynced", (lua_Integer)lost->unsynced_ops);
    lua_field_integer(L, "files", (lua_Integer)lost->files_changed);
    lua_field_integer(L, "names", (lua_Integer)lost->names_lost);
    lua_field_integer(L, "torn", (lua_Integer)lost->sectors_torn);
    return 1;
}

static int master_cut(lua_State *L)
{
    struct lua_options options;
    struct guest_store_policy loss;
    struct case_world *world = lua_api_ctx(L);
    lua_options_open_act(&options, L, 1, "master.cut", lua_store_loss_names, NULL);
    lua_store_loss_option(&options, &loss);
    if (!master_seat_alive(&world->seat)) {
        return luaL_error(L, "master.cut: it is not running");
    }
    master_seat_ask_cut(&world->seat, &loss);
    return cut_is_over(L, LUA_OK, 0);
}

static int master_running(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    lua_pushboolean(L, master_seat_alive(&world->seat));
    return 1;
}

static int master_lives(lua_State *L)
{
    const struct case_world *world = lua_api_ctx(L);
    lua_createtable(L, (int)world->seat.lives_len, 0);
    for (size_t i = 0; i < world->seat.lives_len; i++) {
        push_result(L, &world->seat.lives[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int master_output(lua_State *L)
{
    char path[CASE_PATH_MAX];
    enum { SHOWN_MAX = 1 << 16 };
    const struct case_world *world = lua_api_ctx(L);
    const lua_Integer life = luaL_optinteger(L, 1, (lua_Integer)world->seat.lives_len);
    snprintf(path, sizeof path, "%s/master-%lld.log", world->cfg.folder, (long long)life);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return luaL_error(L, "master.output: there was no life %d", (int)life);
    }
    char *text = lua_newuserdatauv(L, SHOWN_MAX, 0);
    const size_t len = fread(text, 1, SHOWN_MAX, file);
    fclose(file);
    lua_sandbox_charge(L, len / 16);
    lua_pushlstring(L, text, len);
    return 1;
}

static const struct lua_api_function functions[] = {
    {"start", master_start,
     "master.start{image=, version=, id=, action=, sha256=, bytes=, from_version=, hardware_id=, "
     "health=, stay=, policy={}, job=, late=}: starts the master with a job; it runs while the "
     "scenario goes on. On a busy processor it wakes up late, by this time.",
     "master.start{ image = image{} }\nwait(\"1s\")\nassert(master.running())"},
    {"job", master_job,
     "master.job{...}: the text of the job file that master.start{...} would write; altered, it "
     "can "
     "be given to master.start as job.",
     "local new = image{}\nlocal text = master.job{ image = new }\nassert(text:find(new.sha256, 1, "
     "true))\nmaster.start{ image = new, job = text:sub(1, -3) }\nassert(master.wait().code == "
     "\"REFUSED\")"},
    {"wait", master_wait,
     "master.wait([duration]): waits until the master has ended; its result, a table with code, "
     "reason_code, reason, sid, nrc, prompt, version, ecus, ending, exit_code, began and at, and "
     "what it had of the machine: peak_bytes of memory, open_files at its exit. nil after the "
     "duration.",
     "master.start{ image = image{} }\nassert(master.wait(\"10min\").code == \"SUCCESS\")"},
    {"update", master_update, "master.update{..., within=}: master.start and master.wait in one.",
     "assert(master.update{ image = image{} }.code == \"SUCCESS\")"},
    {"cut", master_cut,
     "master.cut{keep=, permille=, op=}: takes the power of the master away. What it has synced in "
     "its state folder stays; master.start begins its next life. Returns a table with what that "
     "has "
     "cost: unsynced, files, names and torn.",
     "master.start{ image = image{} }\nwait(\"1s\")\nmaster.cut()\nassert(not master.running())"},
    {"running", master_running, "master.running(): whether it has been started and not ended.",
     "assert(not master.running())"},
    {"lives", master_lives,
     "master.lives(): the results of all lives so far, as master.wait gives them.",
     "assert(#master.lives() == 0)"},
    {"output", master_output,
     "master.output([life]): what a life of the master has written, up to 64 KB; the last one, or "
     "the first with 1.",
     "master.update{ image = image{} }\nassert(#master.output() > 0)"},
};

const struct lua_api lua_master_api = {
    .table = "master", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
