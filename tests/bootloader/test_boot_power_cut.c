/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_power_cut.c - the power goes at random instants of an update, and of
 * its recovery: the ECU always ends with the new image, and no phrase is ever programmed twice. */
#include "sim/prng.h"
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

enum { CUTS_MAX = 4, ATTEMPTS_MAX = 4 };

struct campaign {
    struct boot_bench bench;
    struct s12x_flash *factory; /* With the old application. */
    struct bench_image old_image;
    struct bench_image new_image;
    sim_ns_t span_ns; /* Of an update without a cut. */
    uint32_t torn_programs, torn_erases, cuts;
};

static void campaign_begin(struct campaign *campaign, enum boot_transfer_style style,
                           enum boot_segment_check check, bool phrase_shared)
{
    struct boot_cfg cfg;
    struct bench_journal journal = {0};
    bench_default_cfg(&cfg);
    cfg.style = style;
    cfg.check = check;
    bench_image_make(&campaign->old_image, "1.0.0", 3, false);
    bench_image_make(&campaign->new_image, "2.0.0", 4, phrase_shared);
    bench_init(&campaign->bench, &cfg, 99);
    bench_power_on(&campaign->bench);
    bench_run_for(&campaign->bench, SIM_MS(500));
    cr_assert_eq(bench_update(&campaign->bench, &campaign->old_image, &journal), 0);
    bench_power_off(&campaign->bench);
    campaign->factory = campaign->bench.flash;
}

static void count_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    struct campaign *campaign = ctx;
    (void)permille;
    (void)now_ns;
    campaign->torn_programs += op->command == S12X_CMD_PROGRAM_P;
    campaign->torn_erases += op->command == S12X_CMD_ERASE_P_SECTOR;
}

static void begin_run(struct campaign *campaign)
{
    const struct s12x_hooks hooks = {.ctx = campaign, .on_torn = count_torn};
    campaign->bench.flash = s12x_flash_clone(campaign->factory, &hooks);
    campaign->bench.cut_at_ns = SIM_NEVER;
    bench_power_on(&campaign->bench);
}

static void end_run(struct campaign *campaign)
{
    bench_power_off(&campaign->bench);
    s12x_flash_free(campaign->bench.flash);
}

static void campaign_end(struct campaign *campaign)
{
    s12x_flash_free(campaign->factory);
    bench_image_free(&campaign->old_image);
    bench_image_free(&campaign->new_image);
}

static void measure(struct campaign *campaign)
{
    struct bench_journal journal = {0};
    begin_run(campaign);
    const sim_ns_t start_ns = campaign->bench.now_ns;
    cr_assert_eq(bench_update(&campaign->bench, &campaign->new_image, &journal), 0);
    campaign->span_ns = campaign->bench.now_ns - start_ns;
    end_run(campaign);
}

/* A power cut, then on again; true if the update has ended. */
static bool attempt(struct campaign *campaign, struct bench_journal *journal, struct prng *prng,
                    bool cut)
{
    struct boot_bench *bench = &campaign->bench;
    if (cut) {
        bench->cut_at_ns = bench->now_ns + prng_below(prng, campaign->span_ns);
    }
    const int nrc = bench_update(bench, &campaign->new_image, journal);
    if (nrc == 0 && bench->in_application) {
        bench->cut_at_ns = SIM_NEVER;
        return true;
    }
    cr_expect(nrc == BENCH_POWER_LOST || cut, "update failed with %x and no cut", (unsigned)nrc);
    campaign->cuts++;
    bench_power_off(bench);
    bench_power_on(bench);
    bench_run_for(bench, SIM_MS(300));
    return false;
}

static void judge(struct campaign *campaign, bool done, unsigned run)
{
    const struct boot_bench *bench = &campaign->bench;
    cr_expect(done, "run %u: the ECU did not come back", run);
    cr_expect(bench_flash_holds(bench, &campaign->new_image), "run %u: wrong contents", run);
    cr_expect(bench_protected_untouched(bench), "run %u: protected flash was changed", run);
    cr_expect_eq(s12x_flash_finding_count(bench->flash, S12X_FIND_REPROGRAM), 0, "run %u", run);
    cr_expect_eq(s12x_flash_finding_count(bench->flash, S12X_FIND_UNBLANK_PROGRAM), 0, "run %u",
                 run);
    cr_expect_eq(s12x_flash_finding_count(bench->flash, S12X_FIND_ACCERR), 0, "run %u", run);
}

static void run_campaign(enum boot_transfer_style style, enum boot_segment_check check,
                         bool phrase_shared, unsigned runs)
{
    struct campaign *campaign = calloc(1, sizeof *campaign);
    struct prng prng;
    prng_init(&prng, (uint64_t)style * 10 + (uint64_t)check, "cuts");
    campaign_begin(campaign, style, check, phrase_shared);
    measure(campaign);
    for (unsigned run = 0; run < runs; run++) {
        struct bench_journal journal = {0};
        bool done = false;
        begin_run(campaign);
        const unsigned cuts = 1 + (unsigned)prng_below(&prng, CUTS_MAX);
        for (unsigned i = 0; i < cuts + ATTEMPTS_MAX && !done; i++) {
            done = attempt(campaign, &journal, &prng, i < cuts);
        }
        judge(campaign, done, run);
        end_run(campaign);
    }
    /* The instants were worth it. */
    cr_expect_gt(campaign->cuts, runs / 2);
    cr_expect_gt(campaign->torn_programs, runs / 10);
    cr_expect_gt(campaign->torn_erases, runs / 10);
    campaign_end(campaign);
    free(campaign);
}

Test(boot_power_cut, blocks_survive_any_instant)
{
    run_campaign(BOOT_STYLE_BLOCK, BOOT_CHECK_SHA1, false, 150);
}

Test(boot_power_cut, s19_lines_survive_any_instant)
{
    run_campaign(BOOT_STYLE_S19_LINE, BOOT_CHECK_SHA1, false, 150);
}

Test(boot_power_cut, blocks_with_crc_survive_any_instant)
{
    run_campaign(BOOT_STYLE_BLOCK, BOOT_CHECK_CRC32, false, 50);
}

/* Every update repairs a sector once, so that cuts fall into the repair. */
Test(boot_power_cut, segments_that_share_a_phrase_survive_any_instant)
{
    run_campaign(BOOT_STYLE_S19_LINE, BOOT_CHECK_SHA1, true, 100);
}
