/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_part.c - geometry and durations of the MC9S12XEQ512. */
#include "tests/flash/flash_rig.h"

#include <math.h>

static const struct s12x_part *const xeq512 = &s12x_part_mc9s12xeq512;

Test(part, is_found_by_its_name_and_no_other_is)
{
    cr_assert_eq(s12x_part_find("MC9S12XEQ512"), xeq512);
    cr_assert_null(s12x_part_find("MC9S12XEQ513"));
}

Test(part, p_flash_is_512_kbytes_without_gap_and_d_flash_128_sectors)
{
    uint32_t total = 0;
    for (uint8_t i = 0; i < xeq512->p_blocks_len; i++) {
        total += xeq512->p_blocks[i].size_bytes;
        cr_assert_eq(xeq512->p_blocks[i].start % xeq512->p_sector_bytes, 0);
    }
    cr_assert_eq(total, 512 * 1024);
    cr_assert_eq(xeq512->p_blocks[2].start, 0x780000);
    cr_assert_eq(xeq512->p_blocks[2].start + xeq512->p_blocks[2].size_bytes,
                 xeq512->p_blocks[1].start);
    cr_assert_eq(xeq512->p_blocks[1].start + xeq512->p_blocks[1].size_bytes,
                 xeq512->p_blocks[0].start);
    cr_assert_eq(xeq512->d_block.size_bytes / xeq512->d_sector_bytes, 128);
}

Test(part, every_command_has_one_timing_row_with_provenance)
{
    for (unsigned code = 1; code <= 0x20; code++) {
        bool exists = strcmp(s12x_command_name((uint8_t)code), "unknown") != 0;
        unsigned rows = 0;
        for (size_t i = 0; i < xeq512->timings_len; i++) {
            const struct s12x_timing_row *row = &xeq512->timings[i];
            if (row->command == code) {
                rows++;
                cr_assert(strlen(row->provenance) > 10);
                cr_assert(row->max_op >= row->typ_op && row->max_bus >= row->typ_bus);
            }
        }
        cr_assert_eq(rows, exists ? 1 : 0, "command %02X has %u rows", code, rows);
    }
}

Test(part, a_smaller_part_is_a_row_with_a_hole)
{
    static const struct {
        uint32_t address;
        uint8_t fstat;
    } rows[] = {{0x780000, S12X_CCIF},
                {0x79FC00, S12X_CCIF},
                {0x7A0000, S12X_CCIF | S12X_ACCERR},
                {0x7BFC00, S12X_CCIF | S12X_ACCERR},
                {0x7C0000, S12X_CCIF}};
    struct rig rig;
    cr_assert_eq(s12x_part_find("MC9S12XEQ384"), &s12x_part_mc9s12xeq384);
    rig_new(&rig, &(struct s12x_flash_cfg){.part = &s12x_part_mc9s12xeq384});
    rig_reset(&rig);
    rig_set(&rig, S12X_FCLKDIV, 0x0F);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_set(&rig, S12X_FSTAT, S12X_ACCERR | S12X_FPVIOL);
        cr_expect_eq(rig_erase(&rig, rows[i].address), rows[i].fstat, "%06X", rows[i].address);
    }
    uint8_t byte = 0;
    rig_read(&rig, 0x7A0000, &byte, 1);
    cr_expect_eq(byte, 0xFF);
    rig_close(&rig);
}

static sim_ns_t measured_ns(uint32_t osc_hz, uint8_t fdiv, uint32_t bus_hz, enum s12x_timing timing,
                            uint8_t code, uint32_t address, uint32_t erases)
{
    struct rig rig;
    struct s12x_flash_cfg cfg = {.osc_hz = osc_hz, .bus_hz = bus_hz, .timing = timing};
    static const uint16_t words[4] = {0x1234, 0x5678, 0x9ABC, 0xDEF0};
    rig_new(&rig, &cfg);
    s12x_flash_set_erase_count(rig.flash, address, erases);
    rig.now_ns = s12x_flash_reset(rig.flash, 0);
    rig_set(&rig, S12X_FCLKDIV, fdiv);
    sim_ns_t start_ns = rig.now_ns;
    uint8_t ix = code == S12X_CMD_PROGRAM_P ? 5 : 1;
    rig_set(&rig, S12X_FPROT, 0xFF);
    cr_assert_eq(rig_command(&rig, code, address, words, 4, ix), S12X_CCIF);
    rig_close(&rig);
    return rig.now_ns - start_ns;
}

struct expected {
    uint32_t bus_mhz;
    double phrase_typ_us, phrase_max_us;
    double p_typ_ms, p_max_ms;
    double d_typ_ms, d_max_ms;
};

/* docs/fidelity.md, "Durations", f_NVMOP 1.0 MHz; computed by hand there. */
static const struct expected table[] = {
    {50, 162.5, 172.5, 20.03, 20.04, 5.04, 20.2},
    {16, 235.8, 262.8, 20.06, 20.09, 5.07, 20.3},
    {8, 343.6, 395.6, 20.11, 20.16, 5.11, 20.5},
    {4, 559, 661, 20.2, 20.3, 5.20, 20.9},
};

static void near(double got, double want, double tolerance)
{
    cr_assert(fabs(got - want) <= tolerance, "got %f, want %f", got, want);
}

Test(part, durations_match_the_evaluated_table)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        const struct expected *row = &table[i];
        uint32_t bus = row->bus_mhz * 1000000;
        for (int max = 0; max < 2; max++) {
            enum s12x_timing timing = max ? S12X_TIMING_MAX : S12X_TIMING_TYP;
            double phrase = (double)measured_ns(16000000, 0x0F, bus, timing, 0x06, 0x780000, 0);
            double p = (double)measured_ns(16000000, 0x0F, bus, timing, 0x0A, 0x780000, 0);
            double d = (double)measured_ns(16000000, 0x0F, bus, timing, 0x12, 0x100000, 0);
            near(phrase / 1e3, max ? row->phrase_max_us : row->phrase_typ_us, 0.5);
            near(p / 1e6, max ? row->p_max_ms : row->p_typ_ms, 0.1);
            near(d / 1e6, max ? row->d_max_ms : row->d_typ_ms, 0.06);
        }
    }
    near((double)measured_ns(16000000, 0x0F, 50000000, S12X_TIMING_TYP, 0x06, 0x780000, 0), 162500,
         1);
    near((double)measured_ns(16000000, 0x0F, 50000000, S12X_TIMING_MAX, 0x06, 0x780000, 0), 172500,
         1);
}

Test(part, other_flash_clocks_stretch_and_shrink_the_pulse_part)
{
    near((double)measured_ns(16000000, 19, 50000000, S12X_TIMING_TYP, 0x06, 0x780000, 0), 194500,
         1); /* 0.8 MHz */
    near((double)measured_ns(16800000, 0x0F, 50000000, S12X_TIMING_TYP, 0x06, 0x780000, 0), 156405,
         1); /* 1.05 MHz */
    near((double)measured_ns(16000000, 0x0F, 50000000, S12X_TIMING_MIN, 0x06, 0x780000, 0), 156405,
         1);
}

Test(part, only_d_flash_erase_ages)
{
    sim_ns_t fresh = measured_ns(0, 0x0F, 0, S12X_TIMING_TYP, 0x12, 0x100000, 0);
    sim_ns_t half = measured_ns(0, 0x0F, 0, S12X_TIMING_TYP, 0x12, 0x100000, 25000);
    sim_ns_t old = measured_ns(0, 0x0F, 0, S12X_TIMING_TYP, 0x12, 0x100000, 50000);
    near((double)fresh, 5039000, 1);
    near((double)half, (5025 + 20100) / 2.0 * 1000 + 2000 * 20, 2000);
    near((double)old, 20166000, 1);
    cr_assert_eq(measured_ns(0, 0x0F, 0, S12X_TIMING_TYP, 0x0A, 0x780000, 0),
                 measured_ns(0, 0x0F, 0, S12X_TIMING_TYP, 0x0A, 0x780000, 9000));
}
