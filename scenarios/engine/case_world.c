/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_world.c - builds the world of a play, lets it run, and takes it apart. */
#include "scenarios/engine/case_world.h"

#include "guest/af_can/af_can.h"
#include "scenarios/engine/case_image.h"
#include "scenarios/engine/case_stop.h"
#include "scenarios/engine/case_vehicle.h"
#include "scenarios/engine/judge.h"
#include "scenarios/engine/timeline_recorder.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAY_LIMIT_NS SIM_S(2 * 3600)

/* "case COM-03, play 2: ..." in front of a sentence. */
static int tell(const struct case_world *world, struct err *err, int code, const char *text)
{
    const struct case_file *file = world->cfg.file;
    const char *play = file->plays[world->cfg.play];
    return err_set(err, code, "case %s%s%s: %s", file->id, play[0] != '\0' ? ", play " : "", play,
                   text);
}

static void count_line(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    struct case_world *world = ctx;
    world->bus_lines += rec->kind == TRACE_CAN_FRAME;
}

static int open_trace(struct case_world *world, struct err *err)
{
    world->trace = trace_new(true);
    CHECK(world->trace != NULL);
    trace_subscribe(world->trace, count_line, world);
    if (world->cfg.keep_trace) {
        world->files = run_trace_open(world->cfg.folder, world->trace, err);
        return world->files != NULL ? 0 : err->code;
    }
    return 0;
}

static void on_message(void *ctx, const struct bus_message *message, sim_ns_t now_ns)
{
    (void)message;
    (void)now_ns;
    case_world_tell(ctx, CASE_BUS_MESSAGE);
}

static void on_frame(void *ctx, const struct bus_frame *frame, sim_ns_t now_ns)
{
    (void)frame;
    (void)now_ns;
    case_world_tell(ctx, CASE_BUS_FRAME);
}

static void on_op(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns)
{
    (void)op;
    (void)event;
    (void)now_ns;
    case_world_tell(ctx, CASE_FLASH_OP);
}

static void on_master(void *ctx)
{
    struct case_world *world = ctx;
    if (master_seat_alive(&world->seat)) {
        image_shelf_take_campaign(&world->images, &master_seat_life(&world->seat)->campaign);
    } else if (world->script.state == LUA_SCRIPT_DONE) {
        master_seat_stop(&world->seat); /* Nobody else waits for what comes after its end. */
    }
    case_world_tell(world, CASE_MASTER);
}

static void add_bus(struct case_world *world, struct can_bus *bus)
{
    struct case_bus *own = &world->buses[world->buses_len++];
    own->bus = bus;
    inject_bus_init(&own->inject, bus);
    bus_log_init(&own->log, &world->bus_lines);
    own->log.on_message = on_message;
    own->log.on_frame = on_frame;
    own->log.ctx = world;
    own->inject.on_view = bus_log_on_view;
    own->inject.on_struck = bus_log_on_struck;
    own->inject.ctx = &own->log;
}

static struct case_bus *bus_of(struct case_world *world, const struct ecu *ecu)
{
    size_t i = 0;
    while (world->buses[i].bus != ecu->bus) {
        i++;
        CHECK(i < world->buses_len);
    }
    return &world->buses[i];
}

static int add_ecu(struct case_world *world, size_t index, struct err *err)
{
    struct case_ecu *own = &world->ecus[world->ecus_len++];
    own->ecu = vehicle_ecu_at(world->vehicle, index);
    own->s12x = s12x_ecu_from(own->ecu);
    own->nominal_mv = vehicle_nominal_mv(world->vehicle, index);
    own->bus = bus_of(world, own->ecu);
    if (own->s12x == NULL || own->bus->inject.watches_len == INJECT_CONNECTIONS_MAX) {
        return tell(world, err, ERR_RANGE,
                    "a vehicle of a case has at most 16 ECUs a bus, all of type s12x");
    }
    own->connection = case_vehicle_watch(&own->bus->inject, own->s12x);
    ecu_book_init(&own->book);
    own->book.on_op = on_op;
    own->book.ctx = world;
    const struct s12x_hooks hooks = ecu_book_hooks(&own->book);
    s12x_ecu_set_flash_hooks(own->s12x, &hooks);
    return 0;
}

static void on_can_change(void *ctx, void *user)
{
    const struct case_world *world = ctx;
    if (world->seat.supervisor != NULL) {
        supervisor_on_can_change(world->seat.supervisor, user);
    }
}

/* "restart-ms" of its interfaces: what the system of a master sets up that declares bus_off. The
 * kernel's own default, 0, leaves a controller off. */
static uint32_t restart_after_ms(const struct adapter *adapter)
{
    const uint64_t ms = profile_ns(&adapter->profile, PROFILE_BUS_RESTART) / SIM_MS(1);
    return adapter_can(adapter, CAPABILITY_BUS_OFF) ? (uint32_t)(ms > 0 ? ms : 1) : 0;
}

static int add_interfaces(struct case_world *world, struct err *err)
{
    world->can = af_can_new(&(struct af_can_cfg){
        .sim = &world->sim, .epoch_ns = CASE_EPOCH_NS, .on_change = on_can_change, .ctx = world});
    CHECK(world->can != NULL);
    for (size_t i = 0; i < world->buses_len; i++) {
        struct can_bus *bus = world->buses[i].bus;
        af_can_add_interface(world->can,
                             &(struct af_can_interface_cfg){
                                 .name = bus->cfg.name,
                                 .bus = bus,
                                 .restart_after_ms = restart_after_ms(world->cfg.adapter)});
    }
    for (size_t i = 0; i < world->cfg.adapter->interfaces_len; i++) {
        const struct adapter_interface *alias = &world->cfg.adapter->interfaces[i];
        const struct can_bus *bus = vehicle_bus(world->vehicle, alias->bus);
        const int index = bus != NULL ? af_can_index(world->can, bus->cfg.name) : 0;
        if (index != 0 && af_can_index(world->can, alias->name) == 0 &&
            !af_can_add_alias(world->can, index, alias->name)) {
            return tell(world, err, ERR_CONFLICT,
                        "an interface name of the adapter is taken or too long");
        }
    }
    return 0;
}

static int build_vehicle(struct case_world *world, struct err *err)
{
    world->vehicle = case_vehicle_load(world, err);
    if (world->vehicle == NULL) {
        return err->code;
    }
    for (size_t i = 0; i < vehicle_bus_count(world->vehicle); i++) {
        add_bus(world, vehicle_bus_at(world->vehicle, i));
    }
    int code = 0;
    for (size_t i = 0; code == 0 && i < vehicle_ecu_count(world->vehicle); i++) {
        code = add_ecu(world, i, err);
    }
    return code == 0 ? add_interfaces(world, err) : code;
}

static void on_script_end(void *ctx, struct lua_script *script)
{
    (void)script;
    struct case_world *world = ctx;
    master_seat_stop(&world->seat);
}

static void on_print(void *ctx, const char *text, size_t len)
{
    const struct case_world *world = ctx;
    trace_text(world->trace, world->sim.now_ns, TRACE_NOTE, trace_source(world->trace, "scenario"),
               0, "%.*s", (int)len, text);
}

static const struct lua_api *const apis[] = {
    &lua_case_api,  &lua_master_api,       &lua_image_api,      &lua_file_api,
    &lua_bus_api,   &lua_truth_api,        &lua_check_api,      &lua_profile_api,
    &lua_state_api, &lua_judge_api,        &lua_bus_faults_api, &lua_bus_nodes_api,
    &lua_power_api, &lua_ecu_faults_api,   &lua_ecu_quirks_api, &lua_flash_faults_api,
    &lua_store_api, &lua_store_faults_api,
};

static int load_script(struct case_world *world, struct err *err)
{
    const struct case_file *file = world->cfg.file;
    const char *slash = strrchr(file->path, '/');
    /* Without its folder: a script may print the place of an error, and would be another play
     * elsewhere. */
    const char *name = slash != NULL ? slash + 1 : file->path;
    int code = lua_script_init(&world->script,
                               &(struct lua_script_cfg){.case_id = file->id,
                                                        .file = name,
                                                        .on_print = on_print,
                                                        .on_end = on_script_end,
                                                        .ctx = world},
                               &world->sim, file->text, file->text_len, err);
    world->script_loaded = code == 0;
    for (size_t i = 0; code == 0 && i < ARRAY_SIZE(apis); i++) {
        code = lua_script_add_api(&world->script, apis[i], world, err);
    }
    return code;
}

static void switch_on(struct sim *sim, void *ctx)
{
    (void)sim;
    struct case_world *world = ctx;
    vehicle_power_on(world->vehicle);
}

int case_world_init(struct case_world *world, const struct case_world_cfg *cfg,
                    struct play_result *result, struct err *err)
{
    memset(world, 0, sizeof *world);
    world->cfg = *cfg;
    world->cfg.limit_ns = cfg->limit_ns != 0 ? cfg->limit_ns : PLAY_LIMIT_NS;
    world->result = result;
    int code = open_trace(world, err);
    sim_init(&world->sim, &(struct sim_cfg){.seed = cfg->seed, .trace = world->trace});
    code = code == 0 ? build_vehicle(world, err) : code;
    code = code == 0 ? case_store_open(world, err) : code;
    if (code != 0) {
        return code;
    }
    master_seat_init(&world->seat, &(struct master_seat_cfg){.sim = &world->sim,
                                                             .can = world->can,
                                                             .adapter = cfg->adapter,
                                                             .store = world->store.disk,
                                                             .preload_path = cfg->preload_path,
                                                             .folder = cfg->folder,
                                                             .programs = cfg->programs,
                                                             .seed = cfg->seed,
                                                             .on_change = on_master,
                                                             .ctx = world});
    sim_event_init(&world->power, SIM_POWER, switch_on, world, NULL);
    judge_begin(world);
    case_stop_begin(world);
    world->recorder = cfg->keep_timeline ? timeline_recorder_new(world) : NULL;
    return load_script(world, err);
}

/* A master that the scenario has left running comes to its own end, or to the end of the play. */
static int finish_master(struct case_world *world, struct err *err)
{
    int code = 0;
    while (code == 0 && !world->given_up && master_seat_alive(&world->seat) &&
           world->sim.now_ns < world->cfg.limit_ns) {
        code = case_stop_run(world, world->cfg.limit_ns, err);
    }
    return code;
}

static int rest(struct case_world *world, struct err *err)
{
    const sim_ns_t rest_ns = profile_ns(&world->cfg.adapter->profile, PROFILE_T_REST);
    world->resting = true;
    return case_stop_run(world, world->sim.now_ns + rest_ns, err);
}

static void tell_fired(struct case_world *world)
{
    for (size_t i = 0; i < world->injections_len; i++) {
        const struct case_injection *injection = &world->injections[i];
        sim_ns_t first_ns, last_ns;
        timeline_recorder_fired(world->recorder, i, &first_ns, &last_ns);
        play_result_fired(world->result, injection->name, injection->fired(injection->ctx),
                          first_ns, last_ns);
    }
}

static void finish_result(struct case_world *world)
{
    struct play_result *result = world->result;
    const struct master_life *life = master_seat_life(&world->seat);
    timeline_recorder_settle(world->recorder);
    tell_fired(world);
    free(result->term);
    result->term =
        strdup(life != NULL && life->end != MASTER_CUT ? master_code_name(life->result.code) : "");
    CHECK(result->term != NULL);
    result->virtual_ns = world->sim.now_ns;
}

/* A pass needs checks, and faults that came about. A master that has failed before it reached the
 * fault has failed nevertheless. */
static void refuse_empty_pass(struct case_world *world)
{
    struct play_result *result = world->result;
    if (result->checks == 0) {
        play_result_error(result, "the case has checked nothing");
    }
    for (size_t i = 0; result->verdict == VERDICT_PASS && i < world->injections_len; i++) {
        if (result->injections[i].fired == 0 && !world->injections[i].optional) {
            char text[160];
            snprintf(text, sizeof text,
                     "the injection \"%s\" never fired: what was to be judged never happened",
                     world->injections[i].name);
            play_result_error(result, text);
        }
    }
}

static void clean_up(struct case_world *world)
{
    while (world->cleanups_len > 0) {
        const struct case_cleanup *cleanup = &world->cleanups[--world->cleanups_len];
        cleanup->fn(cleanup->ctx);
    }
}

/* A good image for an ECU that was left without software. */
static int retry_campaign(const struct case_world *world, struct campaign *campaign,
                          struct err *err)
{
    struct case_image_cfg image = {.segments_len = 0};
    struct campaign_ecu *target = &campaign->ecus[0];
    case_world_campaign(world, campaign);
    snprintf(campaign->id, sizeof campaign->id, "clean-retry");
    snprintf(campaign->state_folder, sizeof campaign->state_folder, "%s/state-retry",
             world->cfg.folder);
    case_image_for(&image, world->ecus[0].s12x, "9.9.9");
    snprintf(target->image, sizeof target->image, "%s/image-retry.s19", world->cfg.folder);
    snprintf(target->version, sizeof target->version, "9.9.9");
    return case_image_save(&image, target->image, err);
}

/* INV-2: all faults are gone, and a master without a past tries again. */
static int retry(struct case_world *world, struct err *err)
{
    struct campaign *campaign = calloc(1, sizeof *campaign);
    CHECK(campaign != NULL);
    clean_up(world);
    for (size_t i = 0; i < world->ecus_len; i++) {
        s12x_flash_lift_overlays(s12x_ecu_flash(world->ecus[i].s12x));
    }
    vehicle_power_on(world->vehicle);
    af_can_set_power(world->can, false); /* Its controllers may have gone bus-off. */
    af_can_set_power(world->can, true);
    int code = retry_campaign(world, campaign, err);
    if (code == 0) {
        master_seat_ask_start(&world->seat, campaign);
        code = finish_master(world, err);
        code = code == 0 ? rest(world, err) : code;
    }
    if (code == 0 && !world->given_up) {
        judge_retry(world);
    }
    free(campaign);
    return code;
}

int case_world_run(struct case_world *world, struct err *err)
{
    lua_script_start(&world->script, 0);
    sim_schedule(&world->sim, &world->power, 0);
    int code = 0;
    while (code == 0 && !world->given_up && world->script.state != LUA_SCRIPT_DONE &&
           world->script.state != LUA_SCRIPT_FAILED) {
        if (world->sim.now_ns >= world->cfg.limit_ns) {
            return tell(world, err, ERR_RANGE,
                        "the scenario did not come to its end in the time of a play");
        }
        code = case_stop_run(world, world->cfg.limit_ns, err);
    }
    if (code == 0 && world->script.state == LUA_SCRIPT_FAILED) {
        *err = world->script.err;
        return err->code;
    }
    code = code == 0 ? finish_master(world, err) : code;
    code = code == 0 ? rest(world, err) : code;
    if (code == 0 && !world->given_up) {
        finish_result(world);
        judge_invariants(world);
        refuse_empty_pass(world);
        code = judge_needs_retry(world) ? retry(world, err) : 0;
    }
    if (code == 0) {
        case_stop_end(world);
    }
    if (code == 0 && world->files != NULL) {
        code = run_trace_save_state(world->files, world->vehicle, world->sim.now_ns, err);
    }
    return code;
}

void case_world_release(struct case_world *world)
{
    struct err ignored = {0};
    timeline_recorder_settle(world->recorder);
    master_seat_release(&world->seat);
    if (world->script_loaded) {
        lua_script_release(&world->script);
    }
    clean_up(world);
    if (world->trace != NULL) {
        const struct trace_digest digest = trace_digest(world->trace);
        memcpy(world->result->digest, digest.hex, sizeof world->result->digest);
    }
    (void)run_trace_close(world->files, &ignored);
    case_store_release(&world->store);
    image_shelf_release(&world->images);
    af_can_free(world->can);
    for (size_t i = 0; i < world->buses_len; i++) {
        inject_bus_release(&world->buses[i].inject);
        bus_log_release(&world->buses[i].log);
    }
    vehicle_free(world->vehicle);
    sim_release(&world->sim);
    timeline_recorder_free(world->recorder);
    trace_free(world->trace);
}
