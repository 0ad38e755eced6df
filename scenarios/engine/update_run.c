/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/update_run.c - builds a run from its configuration, turns it, and collects. */
#include "scenarios/engine/update_run.h"

#include "master/ota_backup.h"
#include "scenarios/engine/master_node.h"
#include "scenarios/engine/run_trace.h"
#include "scenarios/engine/run_vehicle.h"
#include "scenarios/engine/wall_clock.h"
#include "sim/file_text.h"

#include <stdlib.h>
#include <string.h>

/* The ECU has booted and the network is awake before the campaign starts. */
#define START_NS SIM_MS(500)
/* What the ECU still has to do when the master is content (emulated EEPROM, last frames), and when
 * its supply is back after a fault (reset, start of the application). */
#define REST_NS       SIM_MS(100)
#define RECOVERY_NS   SIM_S(1)
#define LIMIT_DEFAULT SIM_S(7200)

struct run {
    const struct update_cfg *cfg;
    struct trace *trace; /* Null: none wanted. */
    struct run_trace *files;
    struct sim sim;
    struct vehicle *vehicle;
    struct s12x_ecu *target;
    struct ota_image image;
    struct ota_job job;
    struct master_files own_files;
    struct master_node master;
    struct ota_progress progress; /* As told last. */
    struct run_supply supply;     /* Of the target. */
    struct sim_event fault_events[UPDATE_FAULTS_MAX];
    bool fired[UPDATE_FAULTS_MAX];
    uint32_t faults_fired;
    sim_ns_t recovered_ns; /* The ECU has got over every fault. */
};

/* Faults. */

static void fire(struct run *run, size_t index)
{
    const struct update_fault *fault = &run->cfg->faults[index];
    const struct run_supply_fault supply_fault = {.begin_ns = run->sim.now_ns,
                                                  .ramp_ns = fault->ramp_ns,
                                                  .for_ns = fault->for_ns,
                                                  .level_mv = fault->level_mv};
    run->fired[index] = true;
    run->faults_fired++;
    sim_ns_t recovered_ns = run_supply_begin(&run->supply, &supply_fault) + RECOVERY_NS;
    run->recovered_ns = recovered_ns > run->recovered_ns ? recovered_ns : run->recovered_ns;
}

static void fault_due(struct sim *sim, void *ctx)
{
    struct run *run = ctx;
    for (size_t i = 0; i < run->cfg->faults_len; i++) {
        const struct update_fault *fault = &run->cfg->faults[i];
        if (!run->fired[i] && fault->trigger == UPDATE_AT_TIME && fault->at_ns <= sim->now_ns) {
            fire(run, i);
        }
    }
}

static void plan_faults(struct run *run)
{
    run_supply_init(&run->supply, s12x_ecu_base(run->target), vehicle_nominal_mv(run->vehicle, 0));
    for (size_t i = 0; i < run->cfg->faults_len; i++) {
        sim_event_init(&run->fault_events[i], SIM_FAULT, fault_due, run, NULL);
        if (run->cfg->faults[i].trigger == UPDATE_AT_TIME) {
            sim_schedule(&run->sim, &run->fault_events[i], run->cfg->faults[i].at_ns);
        }
    }
}

static bool reached(const struct run *run, const struct update_fault *fault)
{
    const struct ota_progress *at = &run->progress;
    if (at->segment != fault->segment || at->segment == 0 ||
        at->segment > run->image.segments_len) {
        return at->segment > fault->segment;
    }
    uint64_t before = 0;
    for (size_t i = 0; i + 1 < at->segment; i++) {
        before += run->image.segments[i].len_bytes;
    }
    uint64_t len = run->image.segments[at->segment - 1u].len_bytes;
    return at->bytes_done >= before && (at->bytes_done - before) * 1000u >= len * fault->permille;
}

static void check_triggers(struct run *run)
{
    for (size_t i = 0; i < run->cfg->faults_len; i++) {
        const struct update_fault *fault = &run->cfg->faults[i];
        if (!run->fired[i] && fault->trigger == UPDATE_AT_SEGMENT && reached(run, fault)) {
            fire(run, i);
        }
    }
}

static void master_stepped(void *ctx, sim_ns_t now_ns)
{
    struct run *run = ctx;
    struct ota_progress now;
    ota_master_progress(run->master.master, &now);
    if (now.phase == run->progress.phase && now.segment == run->progress.segment &&
        now.bytes_done == run->progress.bytes_done) {
        return;
    }
    run->progress = now;
    check_triggers(run);
    if (run->cfg->on_progress != NULL) {
        run->cfg->on_progress(run->cfg->ctx, &now, now_ns);
    }
}

static void master_done(void *ctx, sim_ns_t now_ns)
{
    struct run *run = ctx;
    (void)now_ns;
    sim_stop(&run->sim);
}

/* Building. */

static int open_trace(struct run *run, struct err *err)
{
    if (!run->cfg->digest && run->cfg->trace_folder == NULL) {
        return 0;
    }
    run->trace = trace_new(run->cfg->digest);
    if (run->trace == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the trace");
    }
    if (run->cfg->trace_folder == NULL) {
        return 0;
    }
    struct err why = {.code = 0};
    run->files = run_trace_open(run->cfg->trace_folder, run->trace, &why);
    return run->files != NULL
               ? 0
               : err_set(err, why.code, "%s; name a folder that you may write to", why.text);
}

static int build_vehicle(struct run *run, struct err *err)
{
    const struct run_vehicle_cfg cfg = {.path = run->cfg->vehicle_path,
                                        .image = run->cfg->old_image,
                                        .overrides = &run->cfg->vehicle};
    run->vehicle = run_vehicle_load(&cfg, &run->sim, err);
    if (run->vehicle == NULL) {
        return err->code;
    }
    run->target = s12x_ecu_from(vehicle_ecu_at(run->vehicle, 0));
    if (run->target == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "%s: the first ECU cannot be updated",
                       run_vehicle_name(&cfg));
    }
    return 0;
}

static void copy_text(char *to, size_t cap, const char *from)
{
    if (memccpy(to, from, '\0', cap) == NULL) {
        to[cap - 1] = '\0';
    }
}

void update_job_target(struct ota_job *job, struct s12x_ecu *target)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(target)->boot;
    job->request_id = boot->request_id;
    job->response_id = boot->response_id;
    job->functional_id = boot->functional_id;
    job->security_secret = boot->security_secret;
    job->isotp_pad = boot->isotp_pad;
    job->isotp_padding_byte = boot->isotp_padding_byte;
    job->style = (enum ota_transfer_style)boot->style;
    job->check = (enum ota_check)boot->check;
    copy_text(job->hardware_id, sizeof job->hardware_id, boot->hardware_id);
    job->windows_len = boot->regions_len;
    for (size_t i = 0; i < boot->regions_len; i++) {
        job->windows[i] = (struct ota_window){boot->regions[i].start, boot->regions[i].end};
    }
}

static bool header_of_image(const struct run *run, struct boot_header *header)
{
    uint32_t address = s12x_ecu_cfg(run->target)->boot.header_address;
    for (size_t i = 0; i < run->image.segments_len; i++) {
        const struct ota_segment *segment = &run->image.segments[i];
        if (segment->start <= address && segment->len_bytes >= BOOT_HEADER_LEN &&
            address - segment->start <= segment->len_bytes - BOOT_HEADER_LEN) {
            return boot_header_decode(&segment->bytes[address - segment->start], header);
        }
    }
    return false;
}

/* The master's codes are its own: it knows nothing of the simulator. */
static int from_master(const struct ota_error *why, struct err *err)
{
    switch (why->code) {
    case OTA_ERR_IO: return err_set(err, ERR_IO, "%s", why->text);
    case OTA_ERR_MEMORY: return err_set(err, ERR_NOMEM, "%s", why->text);
    case OTA_ERR_RANGE: return err_set(err, ERR_RANGE, "%s", why->text);
    case OTA_ERR_CONFLICT: return err_set(err, ERR_CONFLICT, "%s", why->text);
    default: return err_set(err, ERR_SYNTAX, "%s", why->text);
    }
}

static int load_image(const struct run *run, const char *path, struct ota_image *image,
                      struct err *err)
{
    struct ota_error why = {.code = 0};
    int rc = file_text_check(path, "an S-record file", err);
    if (rc != 0) {
        return rc;
    }
    rc = ota_image_load(image, path, run->job.windows, run->job.windows_len, &why);
    return rc == 0 ? 0 : from_master(&why, err);
}

static int build_job(struct run *run, struct err *err)
{
    struct boot_header header = {.magic = 0};
    ota_job_init(&run->job);
    if (run->cfg->job != NULL) {
        run->job = *run->cfg->job;
    }
    if (run->job.campaign[0] == '\0') {
        copy_text(run->job.campaign, sizeof run->job.campaign, "update");
    }
    update_job_target(&run->job, run->target);
    int rc = load_image(run, run->cfg->new_image, &run->image, err);
    if (rc != 0) {
        return rc;
    }
    run->job.image = &run->image;
    if (run->cfg->version == NULL && !header_of_image(run, &header)) {
        return err_set(err, ERR_NOT_FOUND,
                       "%s: no image header at 0x%X; say which version the ECU shall answer",
                       run->cfg->new_image,
                       (unsigned)s12x_ecu_cfg(run->target)->boot.header_address);
    }
    copy_text(run->job.version, sizeof run->job.version,
              run->cfg->version != NULL ? run->cfg->version : header.version);
    return 0;
}

/* What left the line is known to run. A state that knows images already is left as it is. */
static int keep_old_image(struct run *run, struct err *err)
{
    struct ota_backups known;
    struct ota_image image = {.segments_len = 0};
    struct ota_error why = {.code = 0};
    struct s12x_ecu_status status;
    ota_backups_read(&run->master.port, &known);
    if (run->cfg->old_image == NULL || known.len > 0) {
        return 0;
    }
    s12x_ecu_status(run->target, &status);
    int rc = load_image(run, run->cfg->old_image, &image, err);
    if (rc == 0 && ota_backup_add(&run->master.port, &image, status.version, &why) != 0) {
        rc = from_master(&why, err);
    }
    ota_image_release(&image);
    return rc;
}

/* Does anybody want to know how far the master is? Asking after every frame costs time. */
static bool watched(const struct run *run)
{
    bool wanted = run->cfg->on_progress != NULL;
    for (size_t i = 0; i < run->cfg->faults_len; i++) {
        wanted = wanted || run->cfg->faults[i].trigger == UPDATE_AT_SEGMENT;
    }
    return wanted;
}

static int build(struct run *run, struct err *err)
{
    int rc = open_trace(run, err);
    if (rc != 0) {
        return rc;
    }
    const struct sim_cfg sim_cfg = {.seed = run->cfg->seed, .trace = run->trace};
    sim_init(&run->sim, &sim_cfg);
    rc = build_vehicle(run, err);
    rc = rc != 0 ? rc : build_job(run, err);
    if (rc != 0) {
        return rc;
    }
    const struct master_node_ops ops = {
        .ctx = run, .on_step = watched(run) ? master_stepped : NULL, .on_done = master_done};
    struct master_files *files = run->cfg->files != NULL ? run->cfg->files : &run->own_files;
    rc = master_node_init(&run->master, s12x_ecu_base(run->target)->bus, &run->job, files, &ops,
                          START_NS, err);
    return rc != 0 ? rc : keep_old_image(run, err);
}

static void release(struct run *run)
{
    master_node_release(&run->master);
    master_files_release(&run->own_files);
    ota_image_release(&run->image);
    vehicle_free(run->vehicle);
    sim_release(&run->sim);
    trace_free(run->trace);
}

/* Collecting. */

static bool image_in_flash(const struct run *run)
{
    enum { PIECE = 1024 };
    uint8_t bytes[PIECE];
    for (size_t i = 0; i < run->image.segments_len; i++) {
        const struct ota_segment *segment = &run->image.segments[i];
        for (uint32_t at = 0; at < segment->len_bytes; at += PIECE) {
            uint32_t len = segment->len_bytes - at < PIECE ? segment->len_bytes - at : PIECE;
            s12x_flash_peek(s12x_ecu_flash(run->target), segment->start + at, bytes, len);
            if (memcmp(bytes, &segment->bytes[at], len) != 0) {
                return false;
            }
        }
    }
    return true;
}

static void count_flash(const struct run *run, struct update_result *result)
{
    const struct s12x_flash *flash = s12x_ecu_flash(run->target);
    for (unsigned code = 0; code < ARRAY_SIZE(result->flash_commands); code++) {
        result->flash_commands[code] = s12x_flash_command_count(flash, (uint8_t)code);
    }
    for (int kind = 0; kind < S12X_FINDING_COUNT; kind++) {
        result->findings[kind] = s12x_flash_finding_count(flash, (enum s12x_finding)kind);
        result->findings_total += result->findings[kind];
    }
}

static void collect(struct run *run, struct update_result *result)
{
    struct ecu *ecu = s12x_ecu_base(run->target);
    result->report = run->master.report;
    result->ended = run->master.done;
    result->image_matches = image_in_flash(run);
    result->flash_hash = s12x_flash_state_hash(s12x_ecu_flash(run->target));
    result->ecu_resets = ecu->resets;
    result->bus = ecu->bus->stats;
    result->virtual_ns = run->sim.now_ns;
    result->events = run->sim.events_run;
    result->faults_fired = run->faults_fired;
    if (run->sim.now_ns > 0) {
        result->bus_load_permille = (uint32_t)(result->bus.busy_ns * 1000u / run->sim.now_ns);
    }
    s12x_ecu_status(run->target, &result->ecu);
    count_flash(run, result);
    if (run->cfg->digest) {
        result->digest = trace_digest(run->trace);
    }
}

static void turn(struct run *run, struct update_result *result)
{
    sim_ns_t limit_ns = run->cfg->limit_ns != 0 ? run->cfg->limit_ns : LIMIT_DEFAULT;
    uint64_t start_ns = wall_clock_ns();
    vehicle_power_on(run->vehicle);
    plan_faults(run);
    sim_run_until(&run->sim, limit_ns);
    sim_ns_t rest_ns = run->sim.now_ns + REST_NS;
    while (run->master.done && run->sim.now_ns < rest_ns) {
        sim_run_until(&run->sim, rest_ns);
        rest_ns = run->recovered_ns > rest_ns ? run->recovered_ns : rest_ns;
    }
    result->wall_ns = wall_clock_ns() - start_ns;
}

void update_cfg_init(struct update_cfg *cfg)
{
    *cfg = (struct update_cfg){.vehicle = VEHICLE_AS_IN_FILE};
}

int update_run(const struct update_cfg *cfg, struct update_result *result, struct err *err)
{
    struct err ignored = {.code = 0};
    err = err != NULL ? err : &ignored;
    CHECK(cfg->faults_len <= UPDATE_FAULTS_MAX);
    struct run *run = calloc(1, sizeof *run);
    *result = (struct update_result){.ended = false};
    if (run == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the run");
    }
    run->cfg = cfg;
    int rc = build(run, err);
    if (rc == 0) {
        struct s12x_ecu_status before;
        s12x_ecu_status(run->target, &before);
        memcpy(result->version_before, before.version, sizeof result->version_before);
        turn(run, result);
        collect(run, result);
    }
    if (rc == 0 && run->files != NULL) {
        rc = run_trace_save_state(run->files, run->vehicle, run->sim.now_ns, err);
    }
    int closed = run_trace_close(run->files, rc == 0 ? err : NULL);
    release(run);
    free(run);
    return rc != 0 ? rc : closed;
}
