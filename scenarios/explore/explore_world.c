/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_world.c - builds the world of one update, and turns it. */
#include "scenarios/explore/explore_world.h"

#include "scenarios/engine/run_trace.h"
#include "scenarios/engine/run_vehicle.h"
#include "scenarios/engine/update_run.h"
#include "scenarios/explore/explore_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ECU has booted before the campaign starts. */
#define START_NS       SIM_MS(500)
#define OFF_DEFAULT_NS SIM_MS(10)

static const struct explore_seat *seat_of(const struct explore_world *world)
{
    return world->cfg.seat;
}

static void run(struct explore_world *world, sim_ns_t until_ns)
{
    seat_of(world)->run(seat_of(world)->ctx, world, until_ns);
}

void explore_world_look(struct explore_world *world)
{
    const struct ecu *ecu = s12x_ecu_base(world->target);
    if (ecu->run == world->seen_run && ecu->resets == world->seen_resets) {
        return;
    }
    world->seen_run = ecu->run;
    world->seen_resets = ecu->resets;
    if (ecu->run == ECU_APPLICATION && !explore_world_holds(world, &world->new_image) &&
        !explore_world_holds(world, &world->old_image) &&
        !(world->trial.segments_len != 0 && explore_world_holds(world, &world->trial))) {
        world->ran_unapproved++;
    }
}

uint64_t explore_world_draws(const struct explore_world *world)
{
    return world->cfg.seed;
}

static void cut_now(struct sim *sim, void *ctx)
{
    struct explore_world *world = ctx;
    s12x_flash_draw_anew(s12x_ecu_flash(world->target), explore_world_draws(world), sim->now_ns);
    explore_judge_cut(&world->judge, sim->now_ns);
    ecu_power_cut(s12x_ecu_base(world->target), world->cfg.off_ns);
}

char *explore_world_make_image(const struct explore_world *world, const char *version,
                               uint32_t behaviour, size_t *len)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(world->target)->boot;
    const struct boot_region *last = &boot->regions[boot->regions_len - 1u];
    const struct explore_image_cfg cfg = {
        .version = version,
        .hardware_id = boot->hardware_id,
        .behaviour = behaviour,
        .header_address = boot->header_address,
        .second_start = boot->regions_len > 1 ? last->start : 0,
        .len_bytes = world->cfg.image_bytes,
    };
    return explore_image_make(&cfg, len);
}

int explore_world_parse_image(const struct explore_world *world, const char *text, size_t len,
                              struct ota_image *image, struct err *err)
{
    struct ota_error why = {.code = 0};
    if (text == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for an image");
    }
    return ota_image_parse(image, text, len, "the image", world->job.windows,
                           world->job.windows_len, &why) == 0
               ? 0
               : err_set(err, ERR_RANGE, "%s; another size fits the ECU", why.text);
}

int explore_world_save_image(const struct explore_world *world, const char *path, struct err *err)
{
    size_t len = world->package_len;
    char *made = NULL;
    if (world->package == NULL) {
        made = explore_world_make_image(world, world->job.version, 0, &len);
    }
    const char *text = world->package != NULL ? world->package : made;
    FILE *file = text != NULL ? fopen(path, "we") : NULL;
    bool good = file != NULL && fwrite(text, 1, len, file) == len;
    if (file != NULL) {
        good = fclose(file) == 0 && good;
    }
    free(made);
    return good ? 0 : err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static int open_trace(struct explore_world *world, struct err *err)
{
    if (world->cfg.trace_folder == NULL) {
        return 0;
    }
    world->trace = trace_new(true);
    if (world->trace == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the trace");
    }
    world->files_of_trace = run_trace_open(world->cfg.trace_folder, world->trace, err);
    return world->files_of_trace != NULL ? 0 : err->code;
}

static int load_vehicle(struct explore_world *world, struct err *err)
{
    const struct run_vehicle_cfg cfg = {
        .path = world->cfg.vehicle_path, .no_image = true, .overrides = &world->cfg.vehicle};
    world->vehicle = run_vehicle_load(&cfg, &world->sim, err);
    if (world->vehicle == NULL) {
        return err->code;
    }
    world->target = s12x_ecu_from(vehicle_ecu_at(world->vehicle, 0));
    if (world->target == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "%s: the first ECU cannot be updated",
                       run_vehicle_name(&cfg));
    }
    return 0;
}

static int build_vehicle(struct explore_world *world, struct err *err)
{
    int rc = load_vehicle(world, err);
    if (rc != 0) {
        return rc;
    }
    size_t old_len = 0;
    size_t new_len = 0;
    update_job_target(&world->job, world->target);
    const char *old_version = world->cfg.earlier ? EXPLORE_OLDER_VERSION : EXPLORE_OLD_VERSION;
    char *old_text = explore_world_make_image(world, old_version, 0, &old_len);
    char *new_text = explore_world_make_image(world, world->job.version, 0, &new_len);
    rc = explore_world_parse_image(world, old_text, old_len, &world->old_image, err);
    rc = rc != 0 ? rc : explore_world_parse_image(world, new_text, new_len, &world->new_image, err);
    rc = rc != 0 ? rc
                 : s12x_ecu_load_application_text(world->target, old_text, old_len, "the old image",
                                                  err);
    free(old_text);
    free(new_text);
    return rc;
}

static void init_job(struct explore_world *world)
{
    const bool earlier = world->cfg.earlier;
    ota_job_init(&world->job);
    world->job.resume_34 = world->cfg.resume;
    (void)snprintf(world->job.campaign, sizeof world->job.campaign, "%s",
                   earlier ? "before" : "update");
    (void)snprintf(world->job.version, sizeof world->job.version, "%s",
                   earlier ? EXPLORE_OLD_VERSION : EXPLORE_NEW_VERSION);
}

static int build(struct explore_world *world, struct err *err)
{
    int rc = open_trace(world, err);
    if (rc != 0) {
        return rc;
    }
    const struct sim_cfg sim_cfg = {.seed = world->cfg.seed, .trace = world->trace};
    sim_init(&world->sim, &sim_cfg);
    init_job(world);
    rc = build_vehicle(world, err);
    if (rc != 0) {
        return rc;
    }
    explore_judge_init(&world->judge, &world->cfg.judge, world->vehicle, world->target);
    world->job.image = &world->new_image;
    vehicle_power_on(world->vehicle);
    sim_run_until(&world->sim, START_NS);
    world->others_hash = explore_world_others_hash(world);
    return world->cfg.vacant ? 0 : explore_world_start(world, err);
}

int explore_world_init(struct explore_world *world, const struct explore_world_cfg *cfg,
                       struct err *err)
{
    *world = (struct explore_world){.cfg = *cfg};
    if (world->cfg.image_bytes == 0) {
        world->cfg.image_bytes = EXPLORE_BYTES_DEFAULT;
    }
    if (world->cfg.off_ns == 0) {
        world->cfg.off_ns = OFF_DEFAULT_NS;
    }
    if (world->cfg.seat == NULL) {
        world->cfg.seat = &explore_seat_in_process;
    }
    if (world->cfg.image_bytes < EXPLORE_IMAGE_BYTES_MIN ||
        world->cfg.image_bytes > EXPLORE_IMAGE_BYTES_MAX) {
        return err_set(err, ERR_RANGE, "an image of %u bytes is not made; 1 to %u KB are",
                       (unsigned)world->cfg.image_bytes, EXPLORE_IMAGE_BYTES_MAX / 1024u);
    }
    sim_event_init(&world->cut_event, SIM_FAULT, cut_now, world, NULL);
    int rc = build(world, err);
    if (rc != 0) {
        (void)explore_world_release(world, NULL);
        return rc;
    }
    return 0;
}

int explore_world_release(struct explore_world *world, struct err *err)
{
    int rc = 0;
    if (world->files_of_trace != NULL && world->vehicle != NULL) {
        rc = run_trace_save_state(world->files_of_trace, world->vehicle, world->sim.now_ns, err);
    }
    const int closed = run_trace_close(world->files_of_trace, rc == 0 ? err : NULL);
    if (world->started) {
        seat_of(world)->leave(seat_of(world)->ctx, world);
    }
    master_files_release(&world->files);
    ota_image_release(&world->old_image);
    ota_image_release(&world->new_image);
    ota_image_release(&world->trial);
    ota_image_release(&world->package_image);
    free(world->package);
    explore_judge_release(&world->judge);
    vehicle_free(world->vehicle);
    sim_release(&world->sim);
    trace_free(world->trace);
    return rc != 0 ? rc : closed;
}

void explore_world_give(struct explore_world *world, char *package, size_t len)
{
    free(world->package);
    world->package = package;
    world->package_len = len;
    world->package_is_new = true;
}

enum explore_claim explore_world_claim_of_rollback(const struct explore_world *world)
{
    return world->job.action == OTA_ACTION_ROLLBACK ? EXPLORE_CLAIMS_SUCCESS
                                                    : EXPLORE_CLAIMS_ROLLED_BACK;
}

void explore_world_run_before(struct explore_world *world, sim_ns_t at_ns)
{
    CHECK(at_ns > world->sim.now_ns);
    run(world, at_ns - 1);
    sim_run_until(&world->sim, at_ns - 1); /* The master may have ended on the way. */
}

void explore_world_cut(struct explore_world *world, sim_ns_t at_ns)
{
    CHECK(at_ns == world->sim.now_ns + 1);
    sim_schedule(&world->sim, &world->cut_event, at_ns);
}

void explore_world_run_to(struct explore_world *world, sim_ns_t until_ns)
{
    run(world, until_ns);
}

void explore_world_run_to_end(struct explore_world *world, sim_ns_t limit_ns)
{
    if (explore_world_claim(world) == EXPLORE_CLAIMS_NOTHING && limit_ns > world->sim.now_ns) {
        run(world, limit_ns);
    }
}

enum explore_claim explore_world_claim(const struct explore_world *world)
{
    return seat_of(world)->claim(seat_of(world)->ctx, world);
}

const struct can_node *explore_world_master_node(const struct explore_world *world)
{
    return seat_of(world)->node(seat_of(world)->ctx, world);
}

void explore_world_leave(struct explore_world *world)
{
    seat_of(world)->leave(seat_of(world)->ctx, world);
}

int explore_world_start(struct explore_world *world, struct err *err)
{
    const bool first = !world->started;
    world->started = true;
    explore_judge_life(&world->judge, world->sim.now_ns, world->job.campaign);
    return seat_of(world)->start(seat_of(world)->ctx, world, first, err);
}

int explore_world_start_again(struct explore_world *world, const char *campaign, struct err *err)
{
    if (campaign != NULL) {
        (void)snprintf(world->job.campaign, sizeof world->job.campaign, "%s", campaign);
    }
    return explore_world_start(world, err);
}

uint64_t explore_world_others_hash(struct explore_world *world)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < S12X_BOOT_AREAS; i++) {
        const struct boot_region *area = &s12x_ecu_boot_areas[i];
        hash = hash * 31 +
               s12x_flash_range_hash(s12x_ecu_flash(world->target), area->start, area->end);
    }
    for (size_t i = 1; i < vehicle_ecu_count(world->vehicle); i++) {
        struct s12x_ecu *other = s12x_ecu_from(vehicle_ecu_at(world->vehicle, i));
        hash = hash * 31 + (other != NULL ? s12x_flash_state_hash(s12x_ecu_flash(other)) : 0);
    }
    return hash;
}

bool explore_world_holds(struct explore_world *world, const struct ota_image *image)
{
    enum { PIECE = 1024 };
    uint8_t bytes[PIECE];
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        for (uint32_t at = 0; at < segment->len_bytes; at += PIECE) {
            uint32_t len = segment->len_bytes - at < PIECE ? segment->len_bytes - at : PIECE;
            s12x_flash_peek(s12x_ecu_flash(world->target), segment->start + at, bytes, len);
            if (memcmp(bytes, &segment->bytes[at], len) != 0) {
                return false;
            }
        }
    }
    return true;
}

uint64_t explore_world_digest(struct explore_world *world)
{
    const struct can_bus_stats *stats = &s12x_ecu_base(world->target)->bus->stats;
    const uint64_t parts[] = {
        s12x_flash_state_hash(s12x_ecu_flash(world->target)),
        seat_of(world)->digest(seat_of(world)->ctx, world),
        world->sim.now_ns,
        world->sim.events_run,
        stats->frames,
        stats->error_frames,
        s12x_ecu_base(world->target)->resets,
    };
    uint64_t digest = 0;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        digest = (digest ^ parts[i]) * UINT64_C(0x9E3779B97F4A7C15);
        digest ^= digest >> 29;
    }
    return digest;
}
