/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/fault_rig.c - set-up, faults and bookkeeping of the fault tests. */
#include "tests/e2e/fault_rig.h"

#include "sim/proto/srec.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGES_MAX = 24, PATH_CHARS = 512 };

static const struct isotp_watch_cfg connection = {
    .request = {.id = 0x7E0},
    .response = {.id = 0x7E8},
    .has_functional = true,
    .functional = {.id = 0x7DF},
};

#define START_DELAY_NS SIM_MS(500)
#define OFF_NS         SIM_S(1)
#define SETTLE_NS      SIM_MS(500)

static const struct ota_window layout[] = {
    {0x780000, 0x782000}, {0x784000, 0x786000}, {0x7A0000, 0x7A0E03}, {0x7FA000, 0x7FA200}};

/* Images. */

static void write_segment(FILE *out, const struct ota_window *where, const uint8_t *bytes)
{
    char text[SREC_TEXT_MAX];
    for (uint32_t at = where->start; at < where->end; at += 32) {
        struct srec rec = {.type = 2, .address = at};
        rec.len = (uint8_t)(where->end - at < 32 ? where->end - at : 32);
        memcpy(rec.data, bytes + (at - where->start), rec.len);
        srec_print(&rec, text);
        fprintf(out, "%s\n", text);
    }
}

static void write_image(const char *path, const char *version, uint32_t behaviour)
{
    static uint8_t bytes[8 * RIG_KB];
    struct boot_header header = {.hardware_id = "BCM-HW-1",
                                 .segments = ARRAY_SIZE(layout),
                                 .behaviour = behaviour,
                                 .cyclic_id = 0x3D0,
                                 .cyclic_ms = 100};
    struct prng prng;
    FILE *out = fopen(path, "w");
    cr_assert(out != NULL);
    (void)snprintf(header.version, sizeof header.version, "%s", version);
    prng_init(&prng, 11, version);
    for (size_t i = 0; i < ARRAY_SIZE(layout); i++) {
        prng_fill(&prng, bytes, sizeof bytes);
        if (i == 0) {
            boot_header_encode(&header, bytes);
        }
        write_segment(out, &layout[i], bytes);
    }
    char text[SREC_TEXT_MAX];
    srec_print(&(struct srec){.type = 8, .address = 0x780060}, text);
    fprintf(out, "%s\n", text);
    fclose(out);
}

/* Tests run side by side, and each writes the images that it uses, so that none is out of date:
 * beside, and renamed, so that nobody ever reads half of one. */
static void make_image(const char *path, const char *version, uint32_t behaviour)
{
    char part[PATH_CHARS + 16];
    (void)snprintf(part, sizeof part, "%s.%d", path, (int)getpid());
    cr_assert(mkdir(LIMPHOME_BINARY_DIR "/images", 0777) == 0 || errno == EEXIST);
    write_image(part, version, behaviour);
    cr_assert_eq(rename(part, path), 0);
}

const char *rig_image_path(const char *version, uint32_t behaviour)
{
    static char paths[IMAGES_MAX][PATH_CHARS];
    char wanted[PATH_CHARS];
    (void)snprintf(wanted, sizeof wanted, LIMPHOME_BINARY_DIR "/images/rig-%s-%u.s19", version,
                   behaviour);
    for (size_t i = 0; i < IMAGES_MAX; i++) {
        if (paths[i][0] == '\0') {
            make_image(wanted, version, behaviour);
            memcpy(paths[i], wanted, sizeof wanted);
        }
        if (strcmp(paths[i], wanted) == 0) {
            return paths[i];
        }
    }
    cr_assert_fail("too many images");
    return NULL;
}

/* What passes on the bus. */

static void count_request(struct fault_rig *rig, const struct isotp_watch_message *message,
                          sim_ns_t now_ns)
{
    uint8_t sid = message->data[0];
    rig->asked[sid]++;
    if (rig->asked[sid] > 1 && now_ns - rig->asked_ns[sid] > rig->gap_max_ns[sid]) {
        rig->gap_max_ns[sid] = now_ns - rig->asked_ns[sid];
    }
    rig->asked_ns[sid] = now_ns;
    if (sid == UDS_ROUTINE_CONTROL && message->data[2] == 0xFF && message->data[3] == 0x00) {
        rig->asked_erase++;
    }
    if (sid == UDS_TRANSFER_DATA) {
        rig->pending_36 = message->len - 2;
    }
}

static void count_answer(struct fault_rig *rig, const struct isotp_watch_message *message)
{
    uint8_t first = message->data[0];
    rig->answered[first]++;
    if (first == UDS_NEGATIVE_RESPONSE && message->data[2] != UDS_NRC_RESPONSE_PENDING) {
        rig->refused[message->data[1]]++;
    }
    if (first == UDS_TRANSFER_DATA + UDS_RESPONSE_OFFSET) {
        rig->sent_36 += rig->pending_36;
        rig->pending_36 = 0; /* The controller repeats the answer until somebody hears it. */
    }
}

static void count(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    struct fault_rig *rig = ctx;
    const struct isotp_watch_view *watch = view->watch;
    const bool answer = watch->channel == ISOTP_WATCH_RESPONSE;
    if (view->sender == &rig->noise.node) {
        return;
    }
    if (watch->pci.type == ISOTP_PCI_CONSECUTIVE) {
        rig->consecutive += !answer;
    } else if (watch->pci.type != ISOTP_PCI_FLOW_CONTROL) {
        if (answer) {
            count_answer(rig, watch->message);
        } else {
            count_request(rig, watch->message, now_ns);
        }
    }
}

static void on_fire(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    const struct rig_rule *rule = ctx;
    (void)view;
    (void)now_ns;
    if (rule->cut_ns != 0) {
        ecu_power_cut(s12x_ecu_base(rule->rig->ecu), rule->cut_ns);
    }
    if (rule->kill) {
        rule->rig->dead = true;
        sim_stop(&rule->rig->sim);
    }
}

struct rig_rule *rig_add(struct fault_rig *rig, struct rig_rule rule)
{
    cr_assert(rig->rules_len < RIG_RULES_MAX);
    struct rig_rule *added = &rig->rules[rig->rules_len++];
    *added = rule;
    added->rig = rig;
    struct inject_rule_cfg cfg = {
        .name = "rule",
        .where = {.way = rule.way},
        .what = {.parts = rule.parts != 0 ? rule.parts : INJECT_BEGIN},
        .when = {.skip = rule.skip, .times = rule.times},
        .effect = rule.what,
    };
    struct inject_byte *byte = cfg.what.bytes;
    if (rule.sid != 0) {
        *byte++ = (struct inject_byte){.offset = 0, .mask = 0xFF, .value = rule.sid};
    }
    if (rule.second != 0) {
        *byte++ = (struct inject_byte){.offset = 1, .mask = 0xFF, .value = rule.second};
    }
    if (rule.cut_ns != 0 || rule.kill) {
        cfg.effect.on_fire = on_fire;
        cfg.effect.ctx = added;
    }
    inject_bus_add(&rig->inject, &added->injected, &cfg);
    return added;
}

void rig_clear(struct fault_rig *rig)
{
    while (rig->rules_len > 0) {
        inject_bus_remove(&rig->rules[--rig->rules_len].injected);
    }
}

static void add_random(struct fault_rig *rig, struct inject_rule *rule, const char *name,
                       uint32_t ppm, struct inject_effect effect)
{
    inject_bus_add(&rig->inject, rule,
                   &(struct inject_rule_cfg){.name = name,
                                             .where = {.connection = INJECT_CONNECTION(0)},
                                             .when = {.chance_ppm = ppm},
                                             .effect = effect});
}

void rig_lose(struct fault_rig *rig, uint32_t ppm)
{
    add_random(rig, &rig->losses, "losses", ppm, (struct inject_effect){.lose = true});
}

void rig_damage(struct fault_rig *rig, uint32_t ppm)
{
    add_random(rig, &rig->damage, "damage", ppm,
               (struct inject_effect){.damage = true, .damage_anywhere = true});
}

void rig_heal(struct fault_rig *rig)
{
    if (rig->losses.inject != NULL) {
        inject_bus_remove(&rig->losses);
    }
    if (rig->damage.inject != NULL) {
        inject_bus_remove(&rig->damage);
    }
}

void rig_add_noise(struct fault_rig *rig, uint32_t id, uint8_t first, uint32_t load_permille,
                   sim_ns_t from_ns, sim_ns_t until_ns)
{
    struct bus_load_cfg cfg = {
        .name = "noise",
        .permille = load_permille,
        .from_ns = from_ns,
        .until_ns = until_ns,
        .kinds_len = 1,
        .kinds = {{.id = id, .len_bytes = 8, .weight = 1, .has_data = true}},
    };
    memset(cfg.kinds[0].data, 0x55, CAN_CLASSIC_DATA_MAX);
    cfg.kinds[0].data[0] = first;
    bus_load_start(&rig->noise, rig->bus, &cfg);
}

/* The master's storage. */

static struct fault_rig *rig_of(void *ctx)
{
    struct master_node *node = ctx;
    return container_of(node, struct fault_rig, master);
}

/* True if the power goes with this operation. */
static bool dies_now(struct fault_rig *rig)
{
    if (!rig->dead && ++rig->file_ops == rig->kill.at_file_op) {
        rig->dead = true;
        rig->kill.at_file_op = 0;
        sim_stop(&rig->sim);
        return true;
    }
    return false;
}

static long tear_write(void *ctx, const char *name, size_t offset, const void *from, size_t len)
{
    struct fault_rig *rig = rig_of(ctx);
    if (dies_now(rig)) {
        len = len * rig->kill.torn_permille / 1000u;
        (void)master_files_write(&rig->files, name, offset, from, len);
    }
    return rig->dead ? -EIO : master_files_write(&rig->files, name, offset, from, len);
}

static int tear_sync(void *ctx, const char *name)
{
    (void)name;
    return dies_now(rig_of(ctx)) || rig_of(ctx)->dead ? -EIO : 0;
}

static int tear_rename(void *ctx, const char *from, const char *to)
{
    struct fault_rig *rig = rig_of(ctx);
    return dies_now(rig) || rig->dead ? -EIO : master_files_rename(&rig->files, from, to);
}

static int tear_remove(void *ctx, const char *name)
{
    struct fault_rig *rig = rig_of(ctx);
    return dies_now(rig) || rig->dead ? -EIO : master_files_remove(&rig->files, name);
}

/* Runs. */

static void load_image(struct fault_rig *rig, const char *version, uint32_t behaviour)
{
    struct ota_error why;
    cr_assert_eq(ota_image_load(&rig->image, rig_image_path(version, behaviour), rig->job.windows,
                                rig->job.windows_len, &why),
                 0, "%s", why.text);
    rig->job.image = &rig->image;
    (void)snprintf(rig->job.version, sizeof rig->job.version, "%s", version);
    (void)snprintf(rig->job.campaign, sizeof rig->job.campaign, "to %s", version);
}

static void fill_job(struct fault_rig *rig)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(rig->ecu)->boot;
    struct ota_job *job = &rig->job;
    ota_job_init(job);
    job->request_id = boot->request_id;
    job->response_id = boot->response_id;
    job->functional_id = boot->functional_id;
    job->security_secret = boot->security_secret;
    job->isotp_pad = boot->isotp_pad;
    job->isotp_padding_byte = boot->isotp_padding_byte;
    job->style = (enum ota_transfer_style)boot->style;
    job->check = (enum ota_check)boot->check;
    (void)snprintf(job->hardware_id, sizeof job->hardware_id, "%s", boot->hardware_id);
    job->windows_len = boot->regions_len;
    for (size_t i = 0; i < boot->regions_len; i++) {
        job->windows[i] = (struct ota_window){boot->regions[i].start, boot->regions[i].end};
    }
}

uint32_t rig_sectors_erased_again(const struct fault_rig *rig)
{
    uint32_t sectors = 0;
    for (size_t i = 0; i < ARRAY_SIZE(layout); i++) {
        for (uint32_t at = layout[i].start; at < layout[i].end; at += BOOT_SECTOR_LEN) {
            uint32_t erases = s12x_flash_erase_count(s12x_ecu_flash(rig->ecu), at);
            sectors += erases > rig->erases_before + 1;
        }
    }
    return sectors;
}

static uint32_t erases_now(const struct fault_rig *rig)
{
    uint32_t most = 0;
    for (size_t i = 0; i < ARRAY_SIZE(layout); i++) {
        for (uint32_t at = layout[i].start; at < layout[i].end; at += BOOT_SECTOR_LEN) {
            uint32_t erases = s12x_flash_erase_count(s12x_ecu_flash(rig->ecu), at);
            most = erases > most ? erases : most;
        }
    }
    return most;
}

static void init(struct fault_rig *rig, const char *version, uint32_t behaviour, uint64_t seed,
                 enum boot_transfer_style style)
{
    const struct sim_cfg cfg = {.seed = seed};
    const struct vehicle_overrides how = {.transfer = (int)style, .check = -1, .flash_timing = -1};
    struct err err = {.code = 0};
    memset(rig, 0, sizeof *rig);
    sim_init(&rig->sim, &cfg);
    rig->vehicle =
        vehicle_load_with(LIMPHOME_SOURCE_DIR "/vehicles/single.json", &how, &rig->sim, &err);
    cr_assert(rig->vehicle != NULL, "%s", err.text);
    rig->ecu = s12x_ecu_from(vehicle_ecu_at(rig->vehicle, 0));
    rig->bus = vehicle_bus_at(rig->vehicle, 0);
    cr_assert_eq(s12x_ecu_load_application(rig->ecu, rig_image_path("1.0.0", 0), &err), 0, "%s",
                 err.text);
    fill_job(rig);
    load_image(rig, version, behaviour);
    prng_init(&rig->prng, seed, "kills");
    inject_bus_init(&rig->inject, rig->bus);
    inject_bus_watch(&rig->inject, &connection);
    rig->inject.on_view = count;
    rig->inject.ctx = rig;
    rig->erases_before = erases_now(rig);
    vehicle_power_on(rig->vehicle);
}

void rig_init(struct fault_rig *rig, const char *version, uint32_t behaviour, uint64_t seed)
{
    init(rig, version, behaviour, seed, BOOT_STYLE_BLOCK);
}

void rig_init_lines(struct fault_rig *rig, const char *version, uint32_t behaviour, uint64_t seed)
{
    init(rig, version, behaviour, seed, BOOT_STYLE_S19_LINE);
}

void rig_release(struct fault_rig *rig)
{
    master_node_release(&rig->master);
    if (rig->noise.node.bus != NULL) {
        bus_load_stop(&rig->noise);
    }
    inject_bus_release(&rig->inject);
    ota_image_release(&rig->image);
    master_files_release(&rig->files);
    vehicle_free(rig->vehicle);
    sim_release(&rig->sim);
}

void rig_next_job(struct fault_rig *rig, const char *version, uint32_t behaviour)
{
    master_node_release(&rig->master);
    ota_image_release(&rig->image);
    load_image(rig, version, behaviour);
}

static void on_done(void *ctx, sim_ns_t now_ns)
{
    struct fault_rig *rig = ctx;
    (void)now_ns;
    sim_stop(&rig->sim);
}

void rig_start(struct fault_rig *rig)
{
    const struct master_node_ops ops = {.ctx = rig, .on_done = on_done};
    struct err err = {.code = 0};
    rig->dead = false;
    cr_assert_eq(master_node_init(&rig->master, rig->bus, &rig->job, &rig->files, &ops,
                                  rig->sim.now_ns + START_DELAY_NS, &err),
                 0, "%s", err.text);
    rig->master.port.file_write = tear_write;
    rig->master.port.file_sync = tear_sync;
    rig->master.port.file_rename = tear_rename;
    rig->master.port.file_remove = tear_remove;
}

void rig_add_backup(struct fault_rig *rig, const char *version)
{
    struct ota_image image;
    struct ota_error why;
    cr_assert_eq(ota_image_load(&image, rig_image_path(version, 0), rig->job.windows,
                                rig->job.windows_len, &why),
                 0, "%s", why.text);
    rig_start(rig);
    cr_assert_eq(ota_backup_add(&rig->master.port, &image, version, &why), 0, "%s", why.text);
    master_node_release(&rig->master);
    rig->file_ops = 0;
    ota_image_release(&image);
}

static bool ended(const struct fault_rig *rig)
{
    return rig->master.done && !rig->dead;
}

bool rig_run(struct fault_rig *rig, sim_ns_t limit_ns)
{
    while (!ended(rig) && rig->sim.now_ns < limit_ns) {
        bool planned = rig->kill.at_ns > rig->sim.now_ns && rig->kill.at_ns < limit_ns;
        sim_run_until(&rig->sim, planned ? rig->kill.at_ns : limit_ns);
        if (planned && rig->sim.now_ns == rig->kill.at_ns && !ended(rig)) {
            rig->dead = true;
        }
        if (rig->dead) {
            rig->kills++;
            master_node_release(&rig->master);
            sim_run_until(&rig->sim, rig->sim.now_ns + OFF_NS);
            rig_start(rig);
        }
    }
    sim_run_until(&rig->sim, rig->sim.now_ns + SETTLE_NS);
    return ended(rig);
}

const struct ota_report *rig_play(struct fault_rig *rig)
{
    rig_start(rig);
    cr_assert(rig_run(rig, rig->sim.now_ns + SIM_S(3600)), "the campaign did not end");
    return &rig->master.report;
}

/* The truth. */

bool rig_image_in_flash(const struct fault_rig *rig)
{
    static uint8_t bytes[8 * RIG_KB];
    for (size_t i = 0; i < rig->image.segments_len; i++) {
        const struct ota_segment *segment = &rig->image.segments[i];
        s12x_flash_peek(s12x_ecu_flash(rig->ecu), segment->start, bytes, segment->len_bytes);
        if (memcmp(bytes, segment->bytes, segment->len_bytes) != 0) {
            return false;
        }
    }
    return true;
}

uint32_t rig_erases(const struct fault_rig *rig)
{
    return erases_now(rig) - rig->erases_before;
}

uint32_t rig_writes(const struct fault_rig *rig)
{
    uint32_t most = 0;
    for (size_t i = 0; i < ARRAY_SIZE(layout); i++) {
        for (uint32_t at = layout[i].start; at < layout[i].end; at += BOOT_PHRASE_LEN) {
            uint32_t writes = s12x_flash_program_count(s12x_ecu_flash(rig->ecu), at);
            most = writes > most ? writes : most;
        }
    }
    return most;
}

void rig_status(struct fault_rig *rig, struct s12x_ecu_status *status)
{
    s12x_ecu_status(rig->ecu, status);
}

const char *rig_wrong(struct fault_rig *rig)
{
    struct s12x_ecu_status status;
    rig_status(rig, &status);
    for (int finding = 0; finding < S12X_FINDING_COUNT; finding++) {
        if (finding != S12X_FIND_EEE_LOST &&
            s12x_flash_finding_count(s12x_ecu_flash(rig->ecu), (enum s12x_finding)finding) != 0) {
            return s12x_finding_text((enum s12x_finding)finding);
        }
    }
    bool success = rig->master.report.code == OTA_SUCCESS;
    if (success && (!rig_image_in_flash(rig) || strcmp(status.version, rig->job.version) != 0 ||
                    strcmp(rig->master.report.version, rig->job.version) != 0)) {
        return "false success";
    }
    if (success && (status.run != ECU_APPLICATION || !status.application_valid)) {
        return "success without a running application";
    }
    if (status.run != ECU_APPLICATION && status.run != ECU_BOOTLOADER) {
        return "the ECU is dead";
    }
    if (status.run == ECU_APPLICATION && (!status.communication_on || !status.dtc_setting_on)) {
        return "the network is left quiet";
    }
    return NULL;
}
