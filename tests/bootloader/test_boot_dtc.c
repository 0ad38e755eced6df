/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_dtc.c - the bootloader reads and clears the trouble code that the
 * application has stored. Bytes: ISO 14229-1, 14 and 19 with reports 01, 02 and 0A. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

#define EXPECT(request, answer)                                                                    \
    do {                                                                                           \
        (void)bench_ask(&bench, request);                                                          \
        cr_expect(bench_answer_is(&bench, answer), "%s: %s", request, bench_answer_text(&bench));  \
    } while (false)

static struct boot_bench bench;

static void begin(void)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    bench_init(&bench, &cfg, 31);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
}

static void end(void)
{
    bench_free(&bench);
}

static void store(uint8_t status)
{
    bench_nvm_write(&bench, BOOT_NVM_DTC, (uint16_t)(BOOT_DTC_MARK | status));
    bench_run_for(&bench, SIM_MS(100));
}

Test(boot_dtc, stored_code_is_reported, .init = begin, .fini = end)
{
    store(0x09);
    EXPECT("19 01 09", "59 01 09 01 00 01");
    EXPECT("19 02 09", "59 02 09 9A 45 49 09");
    EXPECT("19 0A", "59 0A 09 9A 45 49 09");
}

/* A mask selects codes that have any of its bits set; bits that are not available do not count. */
Test(boot_dtc, mask_selects_by_status, .init = begin, .fini = end)
{
    store(0x08);
    EXPECT("19 01 08", "59 01 09 01 00 01");
    EXPECT("19 01 01", "59 01 09 01 00 00");
    EXPECT("19 02 FF", "59 02 09 9A 45 49 08");
    EXPECT("19 02 01", "59 02 09");
    EXPECT("19 02 F6", "59 02 09");
    EXPECT("19 02 00", "59 02 09");
    EXPECT("19 0A", "59 0A 09 9A 45 49 08");
}

Test(boot_dtc, word_without_the_mark_is_no_code, .init = begin, .fini = end)
{
    static const uint16_t words[] = {0xFFFF, 0x0000, 0x0009, 0xD609, 0xD700};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        bench_nvm_write(&bench, BOOT_NVM_DTC, words[i]);
        EXPECT("19 01 FF", "59 01 09 01 00 00");
        EXPECT("19 02 FF", "59 02 09");
        EXPECT("19 0A", "59 0A 09 9A 45 49 00");
    }
}

/* Words of the application's own that are to be written first: the answer has to wait for them. */
static void fill_queue(void)
{
    for (uint16_t word = 0x100; word < 0x180; word = (uint16_t)(word + 2)) {
        bench.hal.eee_write(bench.hal.ctx, word, word);
    }
}

static void expect_cleared_by(const char *request)
{
    begin();
    store(0x09);
    EXPECT("14 12 34 56", "7F 14 31");
    EXPECT("19 02 09", "59 02 09 9A 45 49 09");
    fill_queue();
    EXPECT(request, "54");
    /* Power goes with the answer: what was answered stays so. */
    bench_power_off(&bench);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    EXPECT("19 02 09", "59 02 09");
    end();
}

Test(boot_dtc, clearing_all_outlasts_a_power_cut_at_its_answer)
{
    expect_cleared_by("14 FF FF FF");
}

Test(boot_dtc, clearing_the_code_alone_does_too)
{
    expect_cleared_by("14 9A 45 49");
}
