/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/test_power_cut.c - power is cut at random instants of an update, any instant, half of
 * the time once more while the master recovers. The ECU is never bricked, and the update ends with
 * the new version or, if the erase had not begun, the old one.
 *
 * A failing cut prints the line that names it; set LIMPHOME_CUT=N to play that one alone. */
#include "scenarios/engine/update_run.h"
#include "sim/prng.h"
#include "tests/e2e/sample_images.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { CUTS_PER_RULE = 500, IMAGE_KB = 64, SEED = 20210603 };

struct rule {
    const char *name;
    enum ota_transfer_style style;
    enum ota_resume_34 resume;
};

/* Findings that a power cut causes by itself; everything else is the bootloader's doing. */
static bool cut_explains(unsigned finding)
{
    return finding == S12X_FIND_EEE_LOST;
}

static void configure(struct update_cfg *cfg, struct ota_job *job, const struct rule *rule)
{
    update_cfg_init(cfg);
    ota_job_init(job);
    job->resume_34 = rule->resume;
    job->pause_ms = 500;
    cfg->job = job;
    cfg->vehicle_path = LIMPHOME_SOURCE_DIR "/vehicles/single.json";
    cfg->old_image = sample_image("1.0.0", IMAGE_KB);
    cfg->new_image = sample_image("2.0.0", IMAGE_KB);
    cfg->version = "2.0.0";
    cfg->vehicle.transfer = (int)rule->style;
}

static sim_ns_t clean_duration(const struct rule *rule)
{
    struct update_cfg cfg;
    struct ota_job job;
    struct update_result result;
    struct err err;
    configure(&cfg, &job, rule);
    cr_assert_eq(update_run(&cfg, &result, &err), 0, "%s", err.text);
    cr_assert_eq(result.report.code, OTA_SUCCESS, "%s", result.report.reason);
    return result.virtual_ns;
}

/* One cut anywhere in the update, and in half of the runs a second one soon after. */
static size_t draw_cuts(struct prng *prng, sim_ns_t duration_ns, struct update_fault faults[2])
{
    faults[0] = (struct update_fault){.trigger = UPDATE_AT_TIME,
                                      .at_ns = 1 + prng_below(prng, duration_ns),
                                      .for_ns = SIM_MS(1) + prng_below(prng, SIM_S(2))};
    const sim_ns_t back_ns = faults[0].at_ns + faults[0].for_ns;
    faults[1] = (struct update_fault){.trigger = UPDATE_AT_TIME,
                                      .at_ns = back_ns + 1 + prng_below(prng, SIM_S(4)),
                                      .for_ns = SIM_MS(1) + prng_below(prng, SIM_S(2))};
    return prng_chance_ppm(prng, 500000) ? 2 : 1;
}

/* Null if all is well. */
static const char *what_is_wrong(const struct update_result *result)
{
    if (!result->ended) {
        return "the campaign did not end";
    }
    for (unsigned finding = 0; finding < S12X_FINDING_COUNT; finding++) {
        if (result->findings[finding] != 0 && !cut_explains(finding)) {
            return s12x_finding_text((enum s12x_finding)finding);
        }
    }
    if (result->ecu.run != ECU_APPLICATION || !result->ecu.application_valid) {
        return "the ECU does not run an application: bricked";
    }
    if (result->report.code == OTA_SUCCESS) {
        return result->image_matches ? NULL
                                     : "false success: the flash does not hold the new image";
    }
    const uint64_t erases = result->flash_commands[S12X_CMD_ERASE_P_SECTOR] +
                            result->flash_commands[S12X_CMD_ERASE_P_BLOCK];
    return strcmp(result->ecu.version, "1.0.0") == 0 && erases == 0
               ? NULL
               : "no success although the erase had begun";
}

static void cut_at_random_instants(const struct rule *rule)
{
    const sim_ns_t duration_ns = clean_duration(rule);
    const char *only = getenv("LIMPHOME_CUT");
    unsigned success = 0;
    unsigned interrupted = 0;
    unsigned fired = 0;
    for (unsigned i = 0; i < CUTS_PER_RULE; i++) {
        struct update_cfg cfg;
        struct ota_job job;
        struct update_result result;
        struct update_fault faults[2];
        struct prng prng;
        struct err err;
        char stream[64];
        snprintf(stream, sizeof(stream), "cut %s %u", rule->name, i);
        prng_init(&prng, SEED, stream);
        configure(&cfg, &job, rule);
        cfg.faults_len = draw_cuts(&prng, duration_ns, faults);
        cfg.faults = faults;
        cfg.seed = SEED + i;
        if (only && (unsigned)atoi(only) != i) {
            continue;
        }
        cr_assert_eq(update_run(&cfg, &result, &err), 0, "%s", err.text);
        cr_assert_geq(result.faults_fired, 1, "%s, cut %u never fired", rule->name, i);
        fired += result.faults_fired;
        const char *wrong = what_is_wrong(&result);
        cr_assert_null(wrong, "%s, cut %u at %.9f s for %.3f s (%zu cuts): %s; %s: %s", rule->name,
                       i, (double)faults[0].at_ns / 1e9, (double)faults[0].for_ns / 1e9,
                       cfg.faults_len, wrong, ota_result_name(result.report.code),
                       result.report.reason);
        if (result.report.code != OTA_SUCCESS) {
            printf("%s, cut %u at %.9f s: %s, %s\n", rule->name, i, (double)faults[0].at_ns / 1e9,
                   ota_result_name(result.report.code), result.report.reason);
        }
        success += result.report.code == OTA_SUCCESS;
        interrupted += result.report.interruptions != 0;
    }
    printf("%s: %u updates, %u cuts fired, %u ended with the new version, %u made the master "
           "resume or "
           "start again\n",
           rule->name, CUTS_PER_RULE, fired, success, interrupted);
    cr_assert(only || interrupted > CUTS_PER_RULE / 4, "the cuts hardly ever hit: %u", interrupted);
}

Test(power_cut, blocks_resumed_with_the_remaining_part)
{
    cut_at_random_instants(
        &(struct rule){"block, remaining", OTA_STYLE_BLOCK, OTA_RESUME_REMAINING});
}

Test(power_cut, blocks_resumed_with_the_full_segment)
{
    cut_at_random_instants(&(struct rule){"block, full", OTA_STYLE_BLOCK, OTA_RESUME_FULL_SEGMENT});
}

Test(power_cut, lines_resumed_with_the_full_segment)
{
    cut_at_random_instants(
        &(struct rule){"s19-line, full", OTA_STYLE_S19_LINE, OTA_RESUME_FULL_SEGMENT});
}

Test(power_cut, lines_resumed_with_the_remaining_part)
{
    cut_at_random_instants(
        &(struct rule){"s19-line, remaining", OTA_STYLE_S19_LINE, OTA_RESUME_REMAINING});
}
