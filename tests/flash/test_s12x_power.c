/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_power.c - what interrupted and feeble operations leave. */
#include "tests/flash/flash_rig.h"

static const uint8_t wanted[8] = {0x12, 0x00, 0x56, 0x78, 0x9A, 0x34, 0xDE, 0x0F};
static const uint8_t blank[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t sector_data[8] = {0x0F, 0xF0, 0x00, 0x55, 0xAA, 0x01, 0x80, 0x3C};

/* A powered rig on this seed, whose command is cut after permille of its time. */
static void cut_program(struct rig *rig, uint64_t seed, uint32_t permille)
{
    struct s12x_flash_cfg cfg = {.seed = seed};
    uint16_t words[4];
    rig_new(rig, &cfg);
    rig_reset(rig);
    rig_words(wanted, words);
    rig_launch(rig, S12X_CMD_PROGRAM_P, 0x780000, words, 4, 5);
    sim_ns_t length_ns = s12x_flash_next_ns(rig->flash) - rig->now_ns;
    rig->now_ns += length_ns * permille / 1000;
    s12x_flash_power_off(rig->flash, rig->now_ns);
    rig_reset(rig);
}

static void fill_sector(struct rig *rig)
{
    for (uint32_t at = 0x780000; at < 0x780400; at += 8) {
        cr_assert_eq(s12x_flash_factory_program(rig->flash, at, sector_data, 8, NULL), 0);
    }
}

static void cut_erase(struct rig *rig, uint64_t seed, uint32_t permille)
{
    struct s12x_flash_cfg cfg = {.seed = seed};
    rig_new(rig, &cfg);
    fill_sector(rig);
    rig_reset(rig);
    rig_launch(rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    sim_ns_t length_ns = s12x_flash_next_ns(rig->flash) - rig->now_ns;
    rig->now_ns += length_ns * permille / 1000;
    s12x_flash_power_off(rig->flash, rig->now_ns);
    rig_reset(rig);
}

Test(power, an_early_cut_leaves_the_old_and_a_late_one_the_new_phrase)
{
    struct rig rig;
    uint8_t got[8];
    for (uint64_t seed = 0; seed < 50; seed++) {
        cut_program(&rig, seed, 40);
        rig_read(&rig, 0x780000, got, 8);
        cr_assert_arr_eq(got, blank, 8);
        cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
        rig_close(&rig);
        cut_program(&rig, seed, 960);
        rig_read(&rig, 0x780000, got, 8);
        cr_assert_arr_eq(got, wanted, 8);
        cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
        cr_assert_eq(rig.torn, 1);
        rig_close(&rig);
    }
}

Test(power, a_cut_program_only_clears_bits_that_were_due)
{
    struct rig rig;
    uint8_t cells[8];
    unsigned mixtures = 0;
    for (uint32_t permille = 0; permille < 1000; permille += 7) {
        cut_program(&rig, permille, permille);
        s12x_flash_peek(rig.flash, 0x780000, cells, 8);
        for (int i = 0; i < 8; i++) {
            cr_assert_eq(cells[i] & wanted[i], wanted[i]);
        }
        mixtures += memcmp(cells, wanted, 8) != 0 && memcmp(cells, blank, 8) != 0;
        rig_close(&rig);
    }
    cr_assert_gt(mixtures, 100u);
}

Test(power, the_same_seed_leaves_the_same_cells_and_the_same_reads)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct rig a;
        struct rig b;
        struct rig c;
        cut_program(&a, seed, 500);
        cut_program(&b, seed, 500);
        cut_program(&c, seed + 1000, 500);
        cr_assert_eq(s12x_flash_state_hash(a.flash), s12x_flash_state_hash(b.flash));
        cr_assert_neq(s12x_flash_state_hash(a.flash), s12x_flash_state_hash(c.flash));
        for (int reads = 0; reads < 20; reads++) {
            uint8_t from_a[8];
            uint8_t from_b[8];
            rig_read(&a, 0x780000, from_a, 8);
            rig_read(&b, 0x780000, from_b, 8);
            cr_assert_arr_eq(from_a, from_b, 8);
        }
        rig_close(&a);
        rig_close(&b);
        rig_close(&c);
    }
}

Test(power, wrong_data_without_any_flag_is_as_rare_as_an_ecc_collision)
{
    unsigned silent = 0;
    unsigned wrong = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct rig rig;
        uint8_t got[8];
        cut_program(&rig, seed, (uint32_t)(seed % 1000));
        rig_read(&rig, 0x780000, got, 8);
        bool old_or_new = memcmp(got, wanted, 8) == 0 || memcmp(got, blank, 8) == 0;
        wrong += !old_or_new;
        silent += !old_or_new && rig_get(&rig, S12X_FERSTAT) == 0;
        rig_close(&rig);
    }
    cr_assert_gt(wrong, 1500u);
    /* An even number of wrong bits is an even syndrome: 1 of 128 of those is none. */
    cr_assert_lt(silent, wrong / 50, "%u of %u", silent, wrong);
}

Test(power, weak_bits_differ_from_read_to_read_and_show_at_both_margins)
{
    unsigned varying = 0;
    unsigned shown = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct rig rig;
        uint8_t before[8];
        uint8_t now[8];
        bool varies = false;
        cut_program(&rig, seed, 500);
        rig_read(&rig, 0x780000, before, 8);
        for (int i = 0; i < 50; i++) {
            rig_read(&rig, 0x780000, now, 8);
            varies |= memcmp(now, before, 8) != 0;
        }
        varying += varies;
        uint8_t one[2][8];
        uint8_t zero[2][8];
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(rig_command(&rig, S12X_CMD_USER_MARGIN, 0x780001, NULL, 0, 1), S12X_CCIF);
            rig_read(&rig, 0x780000, one[i], 8);
            cr_assert_eq(rig_command(&rig, S12X_CMD_USER_MARGIN, 0x780002, NULL, 0, 1), S12X_CCIF);
            rig_read(&rig, 0x780000, zero[i], 8);
        }
        cr_assert_arr_eq(one[0], one[1], 8);
        cr_assert_arr_eq(zero[0], zero[1], 8);
        shown += memcmp(one[0], zero[0], 8) != 0;
        rig_close(&rig);
    }
    cr_assert_gt(varying, 30u);
    cr_assert_gt(shown, 30u);
}

Test(power, a_cut_erase_goes_from_old_data_to_weakly_erased_and_a_full_one_mends_it)
{
    struct rig rig;
    uint8_t got[1024];
    static const uint16_t all[1] = {128};
    cut_erase(&rig, 5, 0);
    rig_read(&rig, 0x780000, got, sizeof(got));
    for (size_t at = 0; at < sizeof(got); at += 8) {
        cr_assert_arr_eq(got + at, sector_data, 8);
    }
    rig_close(&rig);
    cut_erase(&rig, 5, 500);
    rig_read(&rig, 0x780000, got, sizeof(got));
    cr_assert_neq(rig_get(&rig, S12X_FERSTAT) & S12X_DFDIF, 0);
    rig_close(&rig);
    cut_erase(&rig, 5, 990);
    s12x_flash_peek(rig.flash, 0x780000, got, sizeof(got));
    for (size_t i = 0; i < sizeof(got); i++) {
        cr_assert_eq(got[i], 0xFF);
    }
    cr_assert(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, all, 1, 2) &
              S12X_MGSTAT1);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF);
    cr_assert_eq(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, all, 1, 2),
                 S12X_CCIF);
    cr_assert_eq(rig_program(&rig, 0x780000, wanted), S12X_CCIF);
    rig_close(&rig);
}

Test(power, programming_over_weakly_erased_cells_is_a_finding_and_leaves_them_weak)
{
    struct rig rig;
    cut_erase(&rig, 9, 990);
    unsigned different = 0;
    for (uint32_t at = 0x780000; at < 0x780400; at += 8) {
        rig_program(&rig, at, wanted);
    }
    cr_assert_gt(rig_found(&rig, S12X_FIND_UNBLANK_PROGRAM), 100u);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REPROGRAM), 0);
    rig_command(&rig, S12X_CMD_USER_MARGIN, 0x780001, NULL, 0, 1);
    for (uint32_t at = 0x780000; at < 0x780400; at += 8) {
        uint8_t got[8];
        rig_read(&rig, at, got, 8);
        different += memcmp(got, wanted, 8) != 0;
    }
    cr_assert_gt(different, 10u);
    rig_close(&rig);
}

static unsigned weak_phrases_at(uint32_t supply_mv)
{
    struct rig rig;
    unsigned weak = 0;
    rig_open(&rig);
    s12x_flash_set_supply_mv(rig.flash, supply_mv, rig.now_ns);
    for (uint32_t at = 0x780000; at < 0x780400; at += 8) {
        rig_program(&rig, at, wanted);
    }
    bool accused = rig_found(&rig, S12X_FIND_LOW_VOLTAGE_OP) == 128;
    cr_assert_eq(accused, supply_mv < s12x_part_mc9s12xeq512.vdd_safe_mv);
    s12x_flash_set_supply_mv(rig.flash, 5000, rig.now_ns);
    for (uint32_t at = 0x780000; at < 0x780400; at += 8) {
        uint8_t one[8];
        uint8_t zero[8];
        rig_command(&rig, S12X_CMD_USER_MARGIN, 0x780001, NULL, 0, 1);
        rig_read(&rig, at, one, 8);
        rig_command(&rig, S12X_CMD_USER_MARGIN, 0x780002, NULL, 0, 1);
        rig_read(&rig, at, zero, 8);
        weak += memcmp(one, zero, 8) != 0;
    }
    rig_close(&rig);
    return weak;
}

Test(power, low_voltage_makes_cells_weak_the_more_the_lower)
{
    unsigned safe = weak_phrases_at(3900);
    unsigned low = weak_phrases_at(3600);
    unsigned lower = weak_phrases_at(3200);
    cr_assert_eq(safe, 0);
    cr_assert_gt(low, 5u);
    cr_assert_gt(lower, low);
}

Test(power, a_dip_in_the_middle_of_an_operation_counts)
{
    struct rig rig;
    static const uint16_t all[1] = {128};
    rig_open(&rig);
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    s12x_flash_set_supply_mv(rig.flash, 3200, rig.now_ns + SIM_MS(5));
    s12x_flash_set_supply_mv(rig.flash, 5000, rig.now_ns + SIM_MS(6));
    rig.now_ns += SIM_MS(6);
    rig_wait(&rig);
    cr_assert(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, all, 1, 2) &
              S12X_MGSTAT1);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF);
    cr_assert_eq(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, all, 1, 2),
                 S12X_CCIF);
    rig_close(&rig);
}

Test(power, every_altering_command_can_be_cut_anywhere)
{
    static const struct {
        uint8_t code, ix;
        uint32_t address;
    } commands[] = {{0x06, 5, 0x780000}, {0x07, 5, 0}, {0x08, 0, 0}, {0x09, 1, 0x7A0000},
                    {0x0A, 1, 0x7A0000}, {0x0B, 0, 0}, {0x0F, 2, 0}, {0x11, 5, 0x100000},
                    {0x12, 1, 0x100000}, {0x20, 2, 0}};
    static const uint16_t words[4] = {0x0010, 0x1234, 0, 0x8001};
    static const uint8_t config[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        struct s12x_flash_cfg cfg = {.special_mode = true};
        struct rig rig;
        rig_new(&rig, &cfg);
        s12x_flash_factory_program(rig.flash, 0x7FFF08, config, 8, NULL);
        rig_reset(&rig);
        rig_launch(&rig, commands[i].code, commands[i].address, words, 4, commands[i].ix);
        cr_assert_eq(rig_get(&rig, S12X_FSTAT) & S12X_CCIF, 0, "%02X", commands[i].code);
        rig.now_ns += (s12x_flash_next_ns(rig.flash) - rig.now_ns) / 2;
        s12x_flash_power_off(rig.flash, rig.now_ns);
        rig_reset(&rig);
        cr_assert_eq(rig.torn, 1);
        rig_close(&rig);
    }
}
