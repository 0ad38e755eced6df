/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_regs.c - the register file: locks, masks, write-one bits. */
#include "tests/flash/flash_rig.h"

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(regs, .init = open_rig, .fini = close_rig);

Test(regs, reset_loads_protection_and_security_from_the_configuration_field)
{
    static const uint8_t config[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xDB, 0xF7, 0x5A, 0xBE};
    struct rig other;
    rig_new(&other, NULL);
    cr_assert_eq(s12x_flash_factory_program(other.flash, 0x7FFF08, config, 8, NULL), 0);
    rig_reset(&other);
    cr_assert_eq(rig_get(&other, S12X_FPROT), 0xDB);
    cr_assert_eq(rig_get(&other, S12X_EPROT), 0xF7);
    cr_assert_eq(rig_get(&other, S12X_FOPT), 0x5A);
    cr_assert_eq(rig_get(&other, S12X_FSEC), 0xBE);
    cr_assert_eq(rig_get(&other, S12X_FSTAT), S12X_CCIF);
    rig_close(&other);
}

Test(regs, unreadable_configuration_protects_and_secures_everything)
{
    s12x_flash_inject_flip(rig.flash, 0x7FFF0F, 0x03);
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    cr_assert_eq(rig_get(&rig, S12X_FSEC), 0xFF);
    cr_assert_eq(rig_get(&rig, S12X_FPROT), 0x7F);
    cr_assert_eq(rig_get(&rig, S12X_EPROT), 0x7F);
    cr_assert_eq(rig_get(&rig, S12X_FOPT), 0xFF);
    rig_set(&rig, S12X_FCLKDIV, 0x0F);
    rig_erase(&rig, 0x780000);
    cr_assert(rig_get(&rig, S12X_FSTAT) & S12X_FPVIOL);
}

Test(regs, one_wrong_bit_in_the_configuration_is_corrected)
{
    s12x_flash_inject_flip(rig.flash, 0x7FFF0F, 0x01);
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    cr_assert_eq(rig_get(&rig, S12X_FSEC), 0xFE);
}

Test(regs, fclkdiv_is_write_once_and_shows_fdivld)
{
    cr_assert_eq(rig_get(&rig, S12X_FCLKDIV), 0x8F);
    rig_set(&rig, S12X_FCLKDIV, 0x07);
    cr_assert_eq(rig_get(&rig, S12X_FCLKDIV), 0x8F);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REG_LOCKED), 1);
    rig_set(&rig, S12X_FCLKDIV, 0x0F);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REG_LOCKED), 1, "the same value does no harm");
}

Test(regs, launch_before_fclkdiv_is_an_access_error_and_a_finding)
{
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF | S12X_ACCERR);
    cr_assert_eq(rig_found(&rig, S12X_FIND_FCLKDIV_UNSET), 1);
    cr_assert_eq(s12x_flash_command_count(rig.flash, S12X_CMD_ERASE_P_SECTOR), 0);
}

Test(regs, fclk_out_of_range_is_a_finding)
{
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    rig_set(&rig, S12X_FCLKDIV, 0x13); /* 16 MHz / 20 = 0.8 MHz: just legal. */
    rig_erase(&rig, 0x780000);
    cr_assert_eq(rig_found(&rig, S12X_FIND_FCLKDIV_RANGE), 0);
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    rig_set(&rig, S12X_FCLKDIV, 0x14);
    rig_erase(&rig, 0x780000);
    cr_assert_eq(rig_found(&rig, S12X_FIND_FCLKDIV_RANGE), 1);
}

Test(regs, too_fast_fclk_leaves_pulses_unfinished)
{
    rig.now_ns = s12x_flash_reset(rig.flash, rig.now_ns);
    rig_set(&rig, S12X_FCLKDIV, 0x07); /* 2 MHz. */
    uint8_t fstat = rig_program(&rig, 0x780000, (const uint8_t[8]){0});
    cr_assert_eq(fstat & (S12X_MGSTAT1 | S12X_MGSTAT0), S12X_MGSTAT1 | S12X_MGSTAT0);
    uint8_t cells[8];
    s12x_flash_peek(rig.flash, 0x780000, cells, 8);
    cr_assert(memcmp(cells, (const uint8_t[8]){0}, 8) != 0);
}

Test(regs, configuration_registers_keep_only_their_bits)
{
    rig_set(&rig, S12X_FERCNFG, 0xFF);
    cr_assert_eq(rig_get(&rig, S12X_FERCNFG), 0xDF);
    rig_set(&rig, S12X_FCNFG, 0xFC);
    cr_assert_eq(rig_get(&rig, S12X_FCNFG), 0x90);
    rig_set(&rig, S12X_FCCOBIX, 0xFD);
    cr_assert_eq(rig_get(&rig, S12X_FCCOBIX), 5);
    rig_set(&rig, S12X_FSEC, 0x00);
    cr_assert_eq(rig_get(&rig, S12X_FSEC), 0xFE);
    for (uint8_t offset = 0x11; offset < S12X_REG_COUNT; offset++) {
        rig_set(&rig, offset, 0x55);
        cr_assert_eq(rig_get(&rig, offset), 0);
    }
}

Test(regs, forced_faults_raise_flags_that_are_cleared_by_writing_one)
{
    rig_set(&rig, S12X_FCNFG, 0x01);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_SFDIF);
    rig_set(&rig, S12X_FCNFG, 0x02);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_SFDIF | S12X_DFDIF);
    rig_set(&rig, S12X_FERSTAT, S12X_SFDIF);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_DFDIF);
}

Test(regs, fccob_words_6_and_7_do_not_exist)
{
    rig_ccob(&rig, 5, 0xABCD);
    rig_ccob(&rig, 6, 0x1234);
    cr_assert_eq(rig_get(&rig, S12X_FCCOBHI), 0);
    rig_set(&rig, S12X_FCCOBIX, 5);
    cr_assert_eq(rig_get(&rig, S12X_FCCOBHI), 0xAB);
    cr_assert_eq(rig_get(&rig, S12X_FCCOBLO), 0xCD);
}

Test(regs, fccob_is_locked_and_launching_refused_while_a_command_runs)
{
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    cr_assert_eq(rig_get(&rig, S12X_FSTAT), S12X_MGBUSY);
    rig_set(&rig, S12X_FCCOBIX, 1);
    rig_set(&rig, S12X_FCCOBHI, 0x55);
    cr_assert_eq(rig_get(&rig, S12X_FCCOBHI), 0);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REG_LOCKED), 1);
    rig_set(&rig, S12X_FSTAT, S12X_CCIF);
    cr_assert_eq(rig_found(&rig, S12X_FIND_LAUNCH_WHILE_BUSY), 1);
    cr_assert_eq(s12x_flash_command_count(rig.flash, S12X_CMD_ERASE_P_SECTOR), 1);
}

Test(regs, stale_errors_block_the_launch_until_cleared_by_writing_one)
{
    cr_assert(rig_command(&rig, 0x7F, 0, NULL, 0, 0) & S12X_ACCERR);
    rig_set(&rig, S12X_FSTAT, 0x00);
    cr_assert(rig_get(&rig, S12X_FSTAT) & S12X_ACCERR, "a zero clears nothing");
    rig_ccob(&rig, 0, 0x0A78);
    rig_ccob(&rig, 1, 0x0000);
    rig_set(&rig, S12X_FSTAT, S12X_CCIF);
    cr_assert_eq(rig_found(&rig, S12X_FIND_STALE_ERROR), 1);
    cr_assert(rig_get(&rig, S12X_FSTAT) & S12X_CCIF);
    rig_set(&rig, S12X_FSTAT, S12X_ACCERR);
    rig_set(&rig, S12X_FSTAT, S12X_CCIF);
    cr_assert_eq(rig_get(&rig, S12X_FSTAT), S12X_MGBUSY);
}

Test(regs, protection_can_only_grow_in_normal_mode)
{
    rig_set(&rig, S12X_FPROT, 0xDB);
    cr_assert_eq(rig_get(&rig, S12X_FPROT), 0xDB);
    rig_set(&rig, S12X_FPROT, 0xD3); /* 8 KB instead of 16 KB. */
    cr_assert_eq(rig_get(&rig, S12X_FPROT), 0xDB);
    rig_set(&rig, S12X_FPROT, 0xFF);
    cr_assert_eq(rig_get(&rig, S12X_FPROT), 0xDB);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REG_LOCKED), 2);
    rig_set(&rig, S12X_FPROT, 0x7F);
    cr_assert_eq(rig_get(&rig, S12X_FPROT), 0x7F);
    rig_set(&rig, S12X_EPROT, 0xF3);
    cr_assert_eq(rig_get(&rig, S12X_EPROT), 0xF3);
    rig_set(&rig, S12X_EPROT, 0xF2);
    cr_assert_eq(rig_get(&rig, S12X_EPROT), 0xF3);
}

Test(regs, fault_registers_show_the_first_fault)
{
    rig_program(&rig, 0x781230, (const uint8_t[8]){0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88});
    s12x_flash_inject_flip(rig.flash, 0x781230, 0x01);
    uint8_t byte;
    rig_read(&rig, 0x781230, &byte, 1);
    cr_assert_eq(byte, 0x11);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_SFDIF);
    static const uint16_t expected[][2] = {{1, 0x1230}, {2, 0x1122}, {3, 0x3344}, {5, 0x7788}};
    rig_set(&rig, S12X_FECCRIX, 0);
    cr_assert_eq(rig_get(&rig, S12X_FECCRLO), 0x78);
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        rig_set(&rig, S12X_FECCRIX, (uint8_t)expected[i][0]);
        cr_assert_eq(rig_get(&rig, S12X_FECCRHI), expected[i][1] >> 8);
        cr_assert_eq(rig_get(&rig, S12X_FECCRLO), expected[i][1] & 0xFF);
    }
}

Test(regs, ignoring_single_faults_still_corrects_them)
{
    rig_program(&rig, 0x780000, (const uint8_t[8]){1, 2, 3, 4, 5, 6, 7, 8});
    s12x_flash_inject_flip(rig.flash, 0x780003, 0x80);
    rig_set(&rig, S12X_FCNFG, 0x10);
    uint8_t got[8];
    rig_read(&rig, 0x780000, got, 8);
    cr_assert_eq(got[3], 4);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
}
