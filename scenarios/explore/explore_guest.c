/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest.c - a program in the seat of the master. */
#include "scenarios/explore/explore_guest.h"

#include "guest/af_can/af_can.h"
#include "scenarios/engine/campaign_vehicle.h"
#include "scenarios/engine/case_play.h"
#include "sim/can/can_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void on_can_change(void *ctx, void *user)
{
    const struct explore_guest *guest = ctx;
    if (guest->lives.supervisor != NULL) {
        supervisor_on_can_change(guest->lives.supervisor, user);
    }
}

static void on_life(void *ctx)
{
    struct explore_guest *guest = ctx;
    if (!master_seat_alive(&guest->lives)) {
        master_seat_stop(&guest->lives);
    }
}

static void on_transmit(void *ctx, const struct can_node *sender, struct can_frame *frame,
                        struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    struct explore_guest *guest = ctx;
    (void)sender;
    (void)frame;
    (void)verdict;
    (void)now_ns;
    guest->frames_begun++;
    explore_world_look(guest->world);
}

/* "restart-ms", as in plays of cases. */
static uint32_t restart_after_ms(const struct adapter *adapter)
{
    const uint64_t ms = profile_ns(&adapter->profile, PROFILE_BUS_RESTART) / SIM_MS(1);
    return adapter_can(adapter, CAPABILITY_BUS_OFF) ? (uint32_t)(ms > 0 ? ms : 1) : 0;
}

static int add_aliases(struct explore_guest *guest, struct err *err)
{
    const struct adapter *adapter = guest->cfg.adapter;
    for (size_t i = 0; i < adapter->interfaces_len; i++) {
        const struct adapter_interface *alias = &adapter->interfaces[i];
        const struct can_bus *bus = vehicle_bus(guest->world->vehicle, alias->bus);
        const int index = bus != NULL ? af_can_index(guest->can, bus->cfg.name) : 0;
        if (index != 0 && af_can_index(guest->can, alias->name) == 0 &&
            !af_can_add_alias(guest->can, index, alias->name)) {
            return err_set(err, ERR_CONFLICT,
                           "%s: an interface name of the adapter is taken or too long",
                           adapter->path);
        }
    }
    return 0;
}

/* An update that comes before was yesterday. */
static uint64_t past_ns(const struct explore_guest *guest)
{
    return guest->world->cfg.earlier ? SIM_S(24 * 3600) : 0;
}

static int add_interfaces(struct explore_guest *guest, struct err *err)
{
    struct vehicle *vehicle = guest->world->vehicle;
    guest->can =
        af_can_new(&(struct af_can_cfg){.sim = &guest->world->sim,
                                        .epoch_ns = CAN_LOG_EPOCH_S * SIM_S(1) - past_ns(guest),
                                        .on_change = on_can_change,
                                        .ctx = guest});
    if (guest->can == NULL) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    for (size_t i = 0; i < vehicle_bus_count(vehicle); i++) {
        struct can_bus *bus = vehicle_bus_at(vehicle, i);
        const struct af_can_interface_cfg cfg = {.name = bus->cfg.name,
                                                 .bus = bus,
                                                 .restart_after_ms =
                                                     restart_after_ms(guest->cfg.adapter)};
        af_can_add_interface(guest->can, &cfg);
    }
    return add_aliases(guest, err);
}

static int make_folder(const char *path, struct err *err)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST
               ? 0
               : err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
}

/* Its state folder, and the disk of it. */
static int open_state(struct explore_guest *guest, struct err *err)
{
    const struct explore_guest_cfg *cfg = &guest->cfg;
    int rc = make_folder(guest->state, err);
    if (rc == 0 && cfg->state != NULL) {
        rc = explore_folder_put_at(cfg->state, guest->state, err);
    }
    if (rc == 0 && cfg->on_disk != NULL) {
        guest->disk = guest_store_new(&(struct guest_store_cfg){.folders = {guest->state},
                                                                .seed = guest->world->cfg.seed,
                                                                .block_bytes = cfg->exact_disk,
                                                                .reads = cfg->exact_disk,
                                                                .hook = cfg->on_disk,
                                                                .ctx = cfg->disk_ctx},
                                      err);
        rc = guest->disk != NULL ? 0 : err->code;
    }
    return rc;
}

/* In an empty folder. */
static int open_seat(struct explore_guest *guest, struct err *err)
{
    const struct master_seat_cfg cfg = {.sim = &guest->world->sim,
                                        .adapter = guest->cfg.adapter,
                                        .preload_path = guest->cfg.preload_path,
                                        .folder = guest->work,
                                        .programs = guest->cfg.programs,
                                        .seed = guest->world->cfg.seed,
                                        .past_ns = past_ns(guest),
                                        .on_change = on_life,
                                        .ctx = guest};
    case_play_remove(guest->work);
    int rc = make_folder(guest->work, err);
    rc = rc != 0 ? rc : explore_world_save_image(guest->world, guest->image, err);
    rc = rc != 0 ? rc : open_state(guest, err);
    rc = rc != 0 ? rc : add_interfaces(guest, err);
    if (rc != 0) {
        return rc;
    }
    master_seat_init(&guest->lives, &cfg);
    guest->lives.cfg.can = guest->can;
    guest->lives.cfg.store = guest->disk;
    guest->tap = (struct can_tap){.ctx = guest, .on_transmit = on_transmit};
    can_bus_add_tap(s12x_ecu_base(guest->world->target)->bus, &guest->tap);
    guest->open = true;
    return 0;
}

static const int styles[] = {
    [BOOT_STYLE_BLOCK] = PROFILE_BLOCK_BLOCK, [BOOT_STYLE_S19_LINE] = PROFILE_BLOCK_S19_LINE};
static const int checks[] = {[BOOT_CHECK_SHA1] = PROFILE_HASH_SHA1,
                             [BOOT_CHECK_CRC32] = PROFILE_HASH_CRC32,
                             [BOOT_CHECK_SUM8] = PROFILE_HASH_SUM8};

static void fill_profile(const struct explore_world *world, struct profile *profile)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(world->target)->boot;
    profile->values[PROFILE_BLOCK] = (uint32_t)styles[boot->style];
    profile->values[PROFILE_HASH] = (uint32_t)checks[boot->check];
    profile->values[PROFILE_RESUME_34] =
        world->cfg.resume == OTA_RESUME_REMAINING ? PROFILE_34_REMAINING : PROFILE_34_FULL;
}

/* What of an order is not as it usually is. */
static void fill_order(const struct ota_job *job, struct campaign *campaign,
                       struct campaign_ecu *target)
{
    campaign->action = job->action == OTA_ACTION_ROLLBACK ? CAMPAIGN_ROLLBACK : campaign->action;
    (void)snprintf(target->hardware_id, sizeof target->hardware_id, "%s", job->hardware_id);
    (void)snprintf(target->from_version, sizeof target->from_version, "%s", job->from_version);
    (void)snprintf(target->sha256, sizeof target->sha256, "%s", job->sha256_hex);
    target->bytes = job->file_bytes;
}

/* An update of the target, with all other ECUs as its network. */
static void fill_campaign(const struct explore_guest *guest, struct campaign *campaign)
{
    const struct explore_world *world = guest->world;
    campaign_init(campaign);
    (void)snprintf(campaign->id, sizeof campaign->id, "%s", world->job.campaign);
    campaign->action =
        world->job.action == OTA_ACTION_ROLLBACK ? CAMPAIGN_ROLLBACK : CAMPAIGN_UPDATE;
    campaign->profile = guest->cfg.adapter->profile;
    fill_profile(world, &campaign->profile);
    (void)snprintf(campaign->state_folder, sizeof campaign->state_folder, "%s", guest->state);
    struct campaign_ecu *target = campaign_add_target(campaign, world->target);
    (void)snprintf(target->image, sizeof target->image, "%s", guest->image);
    (void)snprintf(target->version, sizeof target->version, "%s", world->job.version);
    fill_order(&world->job, campaign, target);
    for (size_t i = 1; i < vehicle_ecu_count(world->vehicle); i++) {
        struct s12x_ecu *other = s12x_ecu_from(vehicle_ecu_at(world->vehicle, i));
        if (other != NULL && campaign->others_len < CAMPAIGN_OTHERS_MAX) {
            campaign_add_other(campaign, other);
        }
    }
}

/* An interface that does not recover by itself is bus-off until somebody sets it down and up: who
 * orders the campaign again has done so. */
static void bring_up(struct explore_guest *guest)
{
    struct vehicle *vehicle = guest->world->vehicle;
    for (size_t i = 0; i < vehicle_bus_count(vehicle); i++) {
        const struct can_node *node = af_can_node(guest->can, vehicle_bus_at(vehicle, i));
        if (node->state == CAN_BUS_OFF && restart_after_ms(guest->cfg.adapter) == 0) {
            af_can_set_up(guest->can, AF_CAN_FIRST_INDEX + (int)i, false);
            af_can_set_up(guest->can, AF_CAN_FIRST_INDEX + (int)i, true);
        }
    }
}

static int start(void *ctx, struct explore_world *world, bool first, struct err *err)
{
    struct explore_guest *guest = ctx;
    guest->world = world;
    if (!first) {
        bring_up(guest);
    }
    int rc = first ? open_seat(guest, err) : 0;
    if (rc == 0 && world->package_is_new) {
        rc = explore_world_save_image(world, guest->image, err);
        world->package_is_new = false;
    }
    if (rc != 0) {
        return rc;
    }
    struct campaign *campaign = calloc(1, sizeof *campaign);
    if (campaign == NULL) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    fill_campaign(guest, campaign);
    master_seat_ask_start(&guest->lives, campaign);
    free(campaign);
    return 0;
}

static void run(void *ctx, struct explore_world *world, sim_ns_t until_ns)
{
    struct explore_guest *guest = ctx;
    if (guest->err.code == 0 && master_seat_alive(&guest->lives)) {
        (void)master_seat_run(&guest->lives, until_ns, &guest->err);
        explore_world_look(world);
    } else {
        sim_run_until(&world->sim, until_ns);
    }
}

static enum explore_claim claim(const void *ctx, const struct explore_world *world)
{
    const struct explore_guest *guest = ctx;
    const struct master_life *life = master_seat_life(&guest->lives);
    if (life == NULL || master_seat_alive(&guest->lives) || life->end != MASTER_EXITED) {
        return EXPLORE_CLAIMS_NOTHING;
    }
    if (life->result.code == MASTER_SUCCESS || life->result.code == MASTER_UP_TO_DATE) {
        return EXPLORE_CLAIMS_SUCCESS;
    }
    if (life->result.code == MASTER_ROLLED_BACK) {
        return explore_world_claim_of_rollback(world);
    }
    return life->result.code == MASTER_INTERRUPTED ? EXPLORE_CLAIMS_INTERRUPTED
                                                   : EXPLORE_CLAIMS_NO_SUCCESS;
}

static const struct can_node *node(const void *ctx, const struct explore_world *world)
{
    const struct explore_guest *guest = ctx;
    return af_can_node(guest->can, s12x_ecu_base(world->target)->bus);
}

/* The program itself may be that of the process that this one was forked from. */
static void leave(void *ctx, struct explore_world *world)
{
    struct explore_guest *guest = ctx;
    const int buses = (int)vehicle_bus_count(world->vehicle);
    if (guest->open) {
        guest->lives.supervisor = NULL;
        for (int i = 0; i < buses; i++) {
            af_can_set_up(guest->can, AF_CAN_FIRST_INDEX + i, false);
        }
    }
}

static uint64_t digest(const void *ctx, const struct explore_world *world)
{
    const struct explore_guest *guest = ctx;
    const struct master_life *life = master_seat_life(&guest->lives);
    (void)world;
    return life == NULL
               ? 0
               : ((uint64_t)guest->lives.lives_len * 31 + (uint64_t)life->result.code) * 31 +
                     (uint64_t)life->exit_code;
}

int explore_guest_init(struct explore_guest *guest, const struct explore_guest_cfg *cfg,
                       const char *place, struct err *err)
{
    char own[32] = "master";
    *guest = (struct explore_guest){.cfg = *cfg};
    if (!cfg->keep_folder) {
        (void)snprintf(own, sizeof own, "process-%010ld", (long)getpid());
    }
    const int len = snprintf(guest->work, sizeof guest->work, "%s/%s", cfg->folder,
                             place != NULL ? place : own);
    if (len < 0 || (size_t)len >= sizeof guest->work) {
        return err_set(err, ERR_RANGE, "%s: the path is too long", cfg->folder);
    }
    (void)snprintf(guest->image, sizeof guest->image, "%s/image.s19", guest->work);
    (void)snprintf(guest->state, sizeof guest->state, "%s/state", guest->work);
    guest->seat = (struct explore_seat){.ctx = guest,
                                        .start = start,
                                        .run = run,
                                        .claim = claim,
                                        .node = node,
                                        .leave = leave,
                                        .digest = digest};
    return 0;
}

static int find(const int *list, size_t len, uint32_t value)
{
    for (size_t i = 0; i < len; i++) {
        if (list[i] == (int)value) {
            return (int)i;
        }
    }
    return -1;
}

void explore_guest_fit(const struct adapter *adapter, struct explore_world_cfg *cfg)
{
    const uint32_t *values = adapter->profile.values;
    cfg->judge.profile = &adapter->profile;
    cfg->judge.asks_nothing = !adapter_can(adapter, CAPABILITY_PRECONDITIONS);
    if (cfg->vehicle.transfer < 0) {
        cfg->vehicle.transfer = find(styles, ARRAY_SIZE(styles), values[PROFILE_BLOCK]);
    }
    if (cfg->vehicle.check < 0) {
        cfg->vehicle.check = find(checks, ARRAY_SIZE(checks), values[PROFILE_HASH]);
    }
}

void explore_guest_release(struct explore_guest *guest)
{
    if (!guest->open) {
        return;
    }
    can_bus_remove_tap(s12x_ecu_base(guest->world->target)->bus, &guest->tap);
    master_seat_release(&guest->lives);
    guest_store_free(guest->disk);
    guest->disk = NULL;
    af_can_free(guest->can);
    guest->can = NULL;
    guest->open = false;
    if (!guest->shares_folder && !guest->cfg.keep_folder) {
        case_play_remove(guest->work);
    }
}
