/* SPDX-License-Identifier: Apache-2.0 */
/* test_update.c - a whole update, from S-record files to the version read back. */
#include "tests/e2e/images.h"

static void expect_success(const struct update_result *r)
{
    cr_expect(r->ended && r->report.code == OTA_SUCCESS, "%s: %s", ota_result_name(r->report.code),
              r->report.reason);
    cr_expect_str_eq(r->version_before, "1.0.0");
    cr_expect_str_eq(r->report.version, "2.0.0");
    cr_expect_str_eq(r->ecu.version, "2.0.0");
    cr_expect(r->image_matches);
    cr_expect_eq(r->ecu.run, ECU_APPLICATION);
    cr_expect(r->ecu.communication_on && r->ecu.dtc_setting_on);
    cr_expect_eq(r->findings_total, 0);
    cr_expect_eq(r->ecu.frames_lost, 0);
}

Test(update, ends_with_the_new_version_in_every_style_and_with_every_check)
{
    struct images images;
    images_init(&images, 0, 20000);
    for (int style = BOOT_STYLE_BLOCK; style <= BOOT_STYLE_S19_LINE; style++) {
        for (int check = BOOT_CHECK_SHA1; check <= BOOT_CHECK_SUM8; check++) {
            struct update_cfg cfg;
            struct update_result result;
            images_cfg(&images, &cfg);
            cfg.vehicle.transfer = style;
            cfg.vehicle.check = check;
            run_update(&cfg, &result);
            expect_success(&result);
            cr_expect_eq(result.bus.error_frames, 0);
            cr_expect_eq(result.report.resends, 0);
        }
    }
    images_release(&images);
}

Test(update, ends_well_with_every_timing_of_the_flash)
{
    sim_ns_t virtual_ns[3];
    struct images images;
    images_init(&images, 0, 20000);
    for (int timing = S12X_TIMING_TYP; timing <= S12X_TIMING_MAX; timing++) {
        struct update_cfg cfg;
        struct update_result result;
        images_cfg(&images, &cfg);
        cfg.vehicle.flash_timing = timing;
        run_update(&cfg, &result);
        expect_success(&result);
        virtual_ns[timing] = result.virtual_ns;
    }
    cr_expect_lt(virtual_ns[S12X_TIMING_MIN], virtual_ns[S12X_TIMING_TYP]);
    cr_expect_lt(virtual_ns[S12X_TIMING_TYP], virtual_ns[S12X_TIMING_MAX]);
    images_release(&images);
}

/* The default vehicle with one text in it replaced, in the folder of the images. */
static void edit_vehicle(const struct images *images, const char *find, const char *replace,
                         char path[64])
{
    char text[8192] = "";
    FILE *in = fopen(SINGLE, "rb");
    cr_assert(in != NULL && fread(text, 1, sizeof text - 1, in) > 0);
    fclose(in);
    char *at = strstr(text, find);
    (void)snprintf(path, 64, "%s/vehicle.json", images->folder);
    FILE *out = fopen(path, "wb");
    cr_assert(at != NULL && out != NULL);
    fprintf(out, "%.*s%s%s", (int)(at - text), text, replace, at + strlen(find));
    fclose(out);
}

Test(update, ends_well_with_every_oscillator)
{
    static const char *const oscillators_hz[] = {"3200000",  "4000000",  "8000000", "12000000",
                                                 "16000000", "25000000", "40000000"};
    struct images images;
    char path[64];
    images_init(&images, 0, 20000);
    for (size_t i = 0; i < ARRAY_SIZE(oscillators_hz); i++) {
        struct update_cfg cfg;
        struct update_result result;
        edit_vehicle(&images, "16000000", oscillators_hz[i], path);
        images_cfg(&images, &cfg);
        cfg.vehicle_path = path;
        run_update(&cfg, &result);
        expect_success(&result);
        unlink(path);
    }
    images_release(&images);
}

Test(update, same_seed_gives_the_same_digest_twenty_times)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result first;
    images_init(&images, 0, 20000);
    images_cfg(&images, &cfg);
    run_update(&cfg, &first);
    cr_assert_eq(strlen(first.digest.hex), 32);
    for (int i = 0; i < 20; i++) {
        struct update_result again;
        run_update(&cfg, &again);
        cr_expect_str_eq(again.digest.hex, first.digest.hex);
    }
    images_release(&images);
}

/* A run inside a run: the second vehicle lives while the first one's update is half done. */
struct nested {
    const struct images *images;
    struct update_result result;
    bool done;
};

static void run_another(void *ctx, const struct ota_progress *progress, sim_ns_t now_ns)
{
    struct nested *nested = ctx;
    (void)now_ns;
    if (!nested->done && progress->bytes_done > progress->bytes_total / 2) {
        struct update_cfg cfg;
        nested->done = true;
        images_cfg(nested->images, &cfg);
        run_update(&cfg, &nested->result);
    }
}

Test(update, two_vehicles_in_one_process_give_equal_digests)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result outer;
    images_init(&images, 0, 20000);
    struct nested nested = {.images = &images};
    images_cfg(&images, &cfg);
    cfg.on_progress = run_another;
    cfg.ctx = &nested;
    run_update(&cfg, &outer);
    cr_assert(nested.done);
    cr_expect_str_eq(outer.digest.hex, nested.result.digest.hex);
    images_release(&images);
}

/* What the flash holds right after the power went, inside the pulse that erases the first block, in
 * which the old image begins. */
static uint64_t torn_hash(const struct images *images, uint64_t seed)
{
    const struct update_fault cut = {
        .trigger = UPDATE_AT_TIME, .at_ns = SIM_MS(620), .for_ns = SIM_S(1)};
    struct update_cfg cfg;
    struct update_result result;
    images_cfg(images, &cfg);
    cfg.seed = seed;
    cfg.faults = &cut;
    cfg.faults_len = 1;
    cfg.limit_ns = SIM_MS(621);
    run_update(&cfg, &result);
    cr_assert_eq(result.faults_fired, 1);
    cr_expect(!result.ended);
    cr_expect_eq(result.ecu.run, ECU_OFF);
    return result.flash_hash;
}

Test(update, another_seed_differs_where_power_was_lost_and_nowhere_else)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result results[2];
    images_init(&images, 0, 20000);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        images_cfg(&images, &cfg);
        cfg.seed = seed;
        run_update(&cfg, &results[seed - 1]);
    }
    cr_expect_str_eq(results[0].digest.hex, results[1].digest.hex);
    cr_expect_eq(results[0].flash_hash, results[1].flash_hash);
    cr_expect_eq(torn_hash(&images, 1), torn_hash(&images, 1));
    cr_expect_neq(torn_hash(&images, 1), torn_hash(&images, 2));
    images_release(&images);
}

Test(update, brown_out_in_the_middle_of_a_segment_is_resumed)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    const struct update_fault brown_out = {.trigger = UPDATE_AT_SEGMENT,
                                           .segment = 1,
                                           .permille = 500,
                                           .level_mv = 3600,
                                           .for_ns = SIM_MS(1500),
                                           .ramp_ns = SIM_MS(20)};
    images_init(&images, 0, 60000);
    for (int style = BOOT_STYLE_BLOCK; style <= BOOT_STYLE_S19_LINE; style++) {
        images_cfg(&images, &cfg);
        cfg.vehicle.transfer = style;
        cfg.faults = &brown_out;
        cfg.faults_len = 1;
        run_update(&cfg, &result);
        cr_expect(result.ended && result.report.code == OTA_SUCCESS, "%s", result.report.reason);
        cr_expect(result.image_matches);
        cr_expect_eq(result.faults_fired, 1);
        cr_expect_eq(result.report.interruptions, 1);
        /* Resumed: less was sent again than half of the image. */
        cr_expect_lt(result.report.payload_bytes, 60512 + 30000);
    }
    images_release(&images);
}

/* A second cut that begins inside the first takes no-supply for the normal state if it looks. */
Test(update, cut_that_begins_inside_another_is_got_over)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    const struct update_fault cuts[] = {
        {.trigger = UPDATE_AT_TIME, .at_ns = SIM_S(1), .for_ns = SIM_S(1)},
        {.trigger = UPDATE_AT_TIME, .at_ns = SIM_MS(1500), .for_ns = SIM_S(1)}};
    images_init(&images, 0, 20000);
    images_cfg(&images, &cfg);
    cfg.faults = cuts;
    cfg.faults_len = ARRAY_SIZE(cuts);
    run_update(&cfg, &result);
    cr_expect(result.ended && result.report.code == OTA_SUCCESS, "%s", result.report.reason);
    cr_expect_eq(result.ecu.run, ECU_APPLICATION);
    cr_expect_eq(result.faults_fired, 2);
    /* One long fault: the first power-up, the one after it, and the start of the new version. */
    cr_expect_eq(result.report.interruptions, 1);
    images_release(&images);
}

/* Any of the kinds that the paper's vehicle test asks for, anywhere in the update. */
static struct update_fault random_fault(struct prng *prng)
{
    struct update_fault fault = {.trigger = UPDATE_AT_TIME,
                                 .at_ns = SIM_MS(600) + prng_below(prng, 3000) * SIM_MS(1),
                                 .for_ns = SIM_MS(1) + prng_below(prng, 1500) * SIM_MS(1)};
    if (prng_below(prng, 2) == 1) {
        fault.level_mv = 1000 + (uint32_t)prng_below(prng, 11000);
        fault.ramp_ns = prng_below(prng, 3) * SIM_MS(50);
    }
    return fault;
}

Test(update, overlapping_faults_of_the_supply_never_leave_it_down)
{
    struct images images;
    struct prng prng;
    images_init(&images, 0, 20000);
    prng_init(&prng, 11, "faults");
    for (int i = 0; i < 120; i++) {
        struct update_fault faults[UPDATE_FAULTS_MAX];
        struct update_cfg cfg;
        struct update_result result;
        images_cfg(&images, &cfg);
        cfg.seed = (uint64_t)i + 1;
        cfg.digest = false;
        cfg.faults = faults;
        cfg.faults_len = 2 + (size_t)prng_below(&prng, UPDATE_FAULTS_MAX - 1);
        for (size_t k = 0; k < cfg.faults_len; k++) {
            faults[k] = random_fault(&prng);
        }
        run_update(&cfg, &result);
        cr_expect(result.ended && result.report.code == OTA_SUCCESS, "run %d: %s: %s", i,
                  ota_result_name(result.report.code), result.report.reason);
        cr_expect_eq(result.ecu.run, ECU_APPLICATION, "run %d", i);
        cr_expect(result.image_matches, "run %d", i);
    }
    images_release(&images);
}

/* The paper, 4.2: known-good images are kept, so that an update that fails leaves a vehicle that
 * runs. */
Test(update, new_image_that_does_not_work_is_rolled_back_to_the_old_one)
{
    static const uint32_t behaviours[] = {BOOT_BEHAVE_NO_BOOT, BOOT_BEHAVE_WRONG_VERSION};
    for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
        struct images images;
        struct update_cfg cfg;
        struct update_result result;
        images_init(&images, behaviours[i], 20000);
        images_cfg(&images, &cfg);
        run_update(&cfg, &result);
        cr_expect(result.ended && result.report.code == OTA_ROLLED_BACK, "behaviour %u: %s: %s",
                  behaviours[i], ota_result_name(result.report.code), result.report.reason);
        cr_expect_str_eq(result.report.version, "1.0.0", "behaviour %u", behaviours[i]);
        cr_expect_str_eq(result.ecu.version, "1.0.0", "behaviour %u", behaviours[i]);
        cr_expect_eq(result.ecu.run, ECU_APPLICATION, "behaviour %u", behaviours[i]);
        cr_expect(!result.image_matches, "behaviour %u", behaviours[i]);
        images_release(&images);
    }
}

/* An application that runs and answers nothing lets nobody in, so there may be no way back; but it
 * must be said. */
Test(update, new_image_that_answers_nothing_is_never_a_success)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    images_init(&images, BOOT_BEHAVE_MUTE, 20000);
    images_cfg(&images, &cfg);
    run_update(&cfg, &result);
    cr_expect(result.ended);
    cr_expect(result.report.code == OTA_ROLLED_BACK || result.report.code == OTA_INTERRUPTED,
              "%s: %s", ota_result_name(result.report.code), result.report.reason);
    cr_expect_str_neq(result.report.version, "2.0.0");
    images_release(&images);
}

Test(update, kept_files_of_the_master_are_not_told_of_the_old_image_again)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    struct master_files files = {.capacity_bytes = 0};
    char manifest[512] = "";
    images_init(&images, 0, 20000);
    images_cfg(&images, &cfg);
    cfg.files = &files;
    run_update(&cfg, &result);
    run_update(&cfg, &result);
    cr_assert_gt(master_files_read(&files, "backups.json", 0, manifest, sizeof manifest - 1), 0);
    const char *first = strstr(manifest, "2.0.0");
    const char *second = strstr(manifest, "1.0.0");
    cr_assert(first != NULL && second != NULL, "%s", manifest);
    cr_expect(first < second, "the newest is first: %s", manifest);
    master_files_release(&files);
    images_release(&images);
}

Test(update, ecu_that_has_the_version_already_is_left_alone)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    images_init(&images, 0, 20000);
    images_cfg(&images, &cfg);
    cfg.old_image = images.new_path;
    run_update(&cfg, &result);
    cr_expect_eq(result.report.code, OTA_UP_TO_DATE);
    cr_expect_eq(result.flash_commands[S12X_CMD_ERASE_P_SECTOR], 0);
    images_release(&images);
}

Test(update, errors_of_the_environment_are_told_and_nothing_runs)
{
    struct images images;
    struct update_cfg cfg;
    struct update_result result;
    struct err err = {.code = 0};
    images_init(&images, 0, 20000);
    images_cfg(&images, &cfg);
    cfg.new_image = "/nowhere/new.s19";
    cr_expect_eq(update_run(&cfg, &result, &err), ERR_IO);
    cr_expect(strstr(err.text, "/nowhere/new.s19") != NULL, "%s", err.text);
    images_cfg(&images, &cfg);
    cfg.vehicle_path = images.new_path;
    cr_expect_eq(update_run(&cfg, &result, &err), ERR_SYNTAX);
    cr_expect(strstr(err.text, "new.s19:1: ") != NULL, "%s", err.text);
    images_cfg(&images, &cfg);
    cfg.trace_folder = "/proc/nowhere";
    cr_expect_eq(update_run(&cfg, &result, &err), ERR_IO);
    cr_expect_eq(result.events, 0);
    images_release(&images);
}
