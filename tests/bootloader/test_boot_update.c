/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_update.c - whole updates over CAN frames: styles, checks, repetition,
 * what the flash model has to say about them. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static struct boot_bench bench;
static struct bench_image image;
static struct boot_personality persona; /* The default one, with every check. */

static void begin(enum boot_transfer_style style, enum boot_segment_check check)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    persona = boot_personality_default;
    persona.checks = boot_check_methods;
    cfg.personality = &persona;
    cfg.style = style;
    cfg.check = check;
    bench_init(&bench, &cfg, 1);
    bench_image_make(&image, "2.0.0", 7, false);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(500));
}

static void end(void)
{
    bench_image_free(&image);
    bench_free(&bench);
}

static void expect_no_finding(void)
{
    for (int i = 0; i < S12X_FINDING_COUNT; i++) {
        cr_expect_eq(s12x_flash_finding_count(bench.flash, (enum s12x_finding)i), 0, "%s",
                     s12x_finding_text((enum s12x_finding)i));
    }
}

static void update_cleanly(enum boot_transfer_style style, enum boot_segment_check check)
{
    struct bench_journal journal = {0};
    begin(style, check);
    cr_assert_eq(bench_update(&bench, &image, &journal), 0, "style %d check %d", (int)style,
                 (int)check);
    cr_expect(bench.in_application);
    cr_expect(bench_flash_holds(&bench, &image));
    cr_expect(bench_protected_untouched(&bench));
    cr_expect_eq(s12x_flash_erase_count(bench.flash, 0x7BE000), 1);
    cr_expect_eq(s12x_flash_erase_count(bench.flash, 0x7C1C00), 1);
    expect_no_finding();
    end();
}

Test(boot_update, every_style_and_check_ends_in_the_application_without_a_finding)
{
    for (int check = BOOT_CHECK_SHA1; check <= BOOT_CHECK_SHA256; check++) {
        update_cleanly(BOOT_STYLE_BLOCK, (enum boot_segment_check)check);
        update_cleanly(BOOT_STYLE_S19_LINE, (enum boot_segment_check)check);
    }
}

Test(boot_update, the_version_in_a_half_written_image_is_not_answered)
{
    begin(BOOT_STYLE_BLOCK, BOOT_CHECK_SHA1);
    struct bench_journal journal = {0};
    cr_assert_eq(bench_enter_programming(&bench), 0);
    cr_assert_eq(bench_erase(&bench, image.base, image.len), 0);
    cr_assert_eq(bench_send_segment(&bench, &image, 0, 0, &journal), 0);
    cr_expect_eq(bench_ask(&bench, "22 F1 89"), UDS_NRC_OUT_OF_RANGE,
                 "the header is in flash, the application is not");
    end();
}
