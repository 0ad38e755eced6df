/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_array.c - NOR rules, spoiled ECC, overlays, wear, copies. */
#include "tests/flash/flash_rig.h"

#include "sim/prng.h"
#include "sim/s12x_flash_model/s12x_ecc.h"

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(array, .init = open_rig, .fini = close_rig);

static const uint8_t first[8] = {0xF0, 0xF0, 0xAA, 0x55, 0x12, 0x34, 0x56, 0x78};
static const uint8_t second[8] = {0x0F, 0x3C, 0xAA, 0x50, 0x02, 0x30, 0x16, 0x70};

/* As the model's code sees a phrase: first byte lowest. */
static uint64_t in_order(const uint8_t bytes[8])
{
    uint64_t data = 0;
    for (unsigned i = 0; i < 8; i++) {
        data |= (uint64_t)bytes[i] << (8 * i);
    }
    return data;
}

Test(array, erased_cells_read_ones_without_fault)
{
    uint8_t got[64];
    rig_read(&rig, 0x79FFE0, got, sizeof(got)); /* Across a block limit. */
    for (size_t i = 0; i < sizeof(got); i++) {
        cr_assert_eq(got[i], 0xFF);
    }
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
}

Test(array, programmed_phrase_reads_back_and_erase_restores_ones)
{
    uint8_t got[8];
    cr_assert_eq(rig_program(&rig, 0x780010, first), S12X_CCIF);
    rig_read(&rig, 0x780010, got, 8);
    cr_assert_arr_eq(got, first, 8);
    cr_assert_eq(s12x_flash_program_count(rig.flash, 0x780017), 1);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF);
    rig_read(&rig, 0x780010, got, 8);
    cr_assert_eq(got[0], 0xFF);
    cr_assert_eq(s12x_flash_program_count(rig.flash, 0x780010), 0);
    cr_assert_eq(s12x_flash_erase_count(rig.flash, 0x7803FF), 1);
    cr_assert_eq(s12x_flash_erase_count(rig.flash, 0x780400), 0);
}

Test(array, unaligned_reads_across_phrases_and_sectors_see_all_bytes)
{
    uint8_t image[2048];
    uint8_t got[2048];
    struct prng prng;
    prng_init(&prng, 3, "image");
    prng_fill(&prng, image, sizeof(image));
    cr_assert_eq(s12x_flash_factory_program(rig.flash, 0x780000, image, sizeof(image), NULL), 0);
    s12x_flash_inject_flip(rig.flash, 0x780203, 0x10); /* Corrected. */
    for (uint32_t from = 0; from < 40; from += 3) {
        memset(got, 0, sizeof(got));
        rig_read(&rig, 0x780000 + from, got, sizeof(got) - 2 * from);
        cr_assert_eq(memcmp(got, image + from, sizeof(got) - 2 * from), 0);
    }
}

Test(array, programming_twice_ands_the_cells_spoils_the_ecc_and_is_a_finding)
{
    uint8_t cells[8];
    rig_program(&rig, 0x780000, first);
    uint8_t fstat = rig_program(&rig, 0x780000, second);
    s12x_flash_peek(rig.flash, 0x780000, cells, 8);
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(cells[i], first[i] & second[i]);
    }
    cr_assert(fstat & S12X_MGSTAT1);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REPROGRAM), 1);
    cr_assert_eq(rig.last_address, 0x780000);
    rig_set(&rig, S12X_FERSTAT, 0xFF);
    rig_read(&rig, 0x780000, cells, 8);
    cr_assert_neq(rig_get(&rig, S12X_FERSTAT) & (S12X_SFDIF | S12X_DFDIF), 0);
    uint8_t both = s12x_ecc64_encode(in_order(first)) & s12x_ecc64_encode(in_order(second));
    rig_set(&rig, S12X_FECCRIX, 0);
    cr_assert_eq(rig_get(&rig, S12X_FECCRHI), both);
    cr_assert_eq(s12x_flash_program_count(rig.flash, 0x780000), 2);
    rig_erase(&rig, 0x780000);
    cr_assert_eq(rig_program(&rig, 0x780000, second), S12X_CCIF);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REPROGRAM), 1);
}

Test(array, d_flash_words_obey_the_same_rules)
{
    rig_command(&rig, S12X_CMD_PROGRAM_D, 0x100000, (const uint16_t[]){0xFF00}, 1, 2);
    uint8_t fstat =
        rig_command(&rig, S12X_CMD_PROGRAM_D, 0x100000, (const uint16_t[]){0x0FF0}, 1, 2);
    uint8_t cells[2];
    s12x_flash_peek(rig.flash, 0x100000, cells, 2);
    cr_assert_eq(cells[0], 0x0F);
    cr_assert_eq(cells[1], 0x00);
    cr_assert(fstat & S12X_MGSTAT1);
    cr_assert_eq(rig_found(&rig, S12X_FIND_REPROGRAM), 1);
}

Test(array, one_flipped_bit_is_corrected_two_are_detected_and_lifting_heals)
{
    uint8_t got[8];
    rig_program(&rig, 0x780000, first);
    uint64_t before = s12x_flash_state_hash(rig.flash);
    s12x_flash_inject_flip(rig.flash, 0x780001, 0x04);
    rig_read(&rig, 0x780000, got, 8);
    cr_assert_arr_eq(got, first, 8);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_SFDIF);
    rig_set(&rig, S12X_FERSTAT, 0xFF);
    s12x_flash_inject_flip(rig.flash, 0x780006, 0x80);
    rig_read(&rig, 0x780000, got, 8);
    cr_assert_eq(got[1], first[1] ^ 0x04, "uncorrectable data comes as sensed");
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_DFDIF);
    s12x_flash_peek(rig.flash, 0x780000, got, 8);
    cr_assert_arr_eq(got, first, 8);
    cr_assert_neq(s12x_flash_state_hash(rig.flash), before);
    s12x_flash_lift_overlays(rig.flash);
    rig_set(&rig, S12X_FERSTAT, 0xFF);
    rig_read(&rig, 0x780000, got, 8);
    cr_assert_arr_eq(got, first, 8);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
    cr_assert_eq(s12x_flash_state_hash(rig.flash), before);
}

Test(array, stuck_cells_fail_verification_survive_erase_and_can_be_lifted)
{
    static const uint16_t one[1] = {1};
    s12x_flash_inject_stuck(rig.flash, 0x780000, 0x81, 0x00);
    cr_assert(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, one, 1, 2) &
              S12X_MGSTAT1);
    cr_assert(rig_erase(&rig, 0x780000) & S12X_MGSTAT0);
    cr_assert(rig_program(&rig, 0x780000, (const uint8_t[8]){0x81, 1, 2, 3, 4, 5, 6, 7}) &
              S12X_MGSTAT1);
    s12x_flash_lift_overlays(rig.flash);
    uint8_t got[8];
    rig_read(&rig, 0x780000, got, 8);
    cr_assert_eq(got[0], 0x81);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF);
}

Test(array, erase_mends_a_bit_that_flipped_at_rest)
{
    s12x_flash_inject_flip(rig.flash, 0x780000, 0x03);
    cr_assert_eq(rig_erase(&rig, 0x780000), S12X_CCIF);
    uint8_t got;
    rig_read(&rig, 0x780000, &got, 1);
    cr_assert_eq(got, 0xFF);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
}

Test(array, a_sector_beyond_its_endurance_is_a_finding_and_grows_weak)
{
    s12x_flash_set_erase_count(rig.flash, 0x780000, 9999);
    rig_erase(&rig, 0x780000);
    cr_assert_eq(rig_found(&rig, S12X_FIND_WORN_SECTOR), 0);
    cr_assert_eq(s12x_flash_erase_count(rig.flash, 0x780000), 10000);
    s12x_flash_set_erase_count(rig.flash, 0x780000, 20000);
    rig_erase(&rig, 0x780000);
    cr_assert_eq(rig_found(&rig, S12X_FIND_WORN_SECTOR), 1);
    static const uint16_t all[1] = {128};
    cr_assert(rig_command(&rig, S12X_CMD_ERASE_VERIFY_P_SECTION, 0x780000, all, 1, 2) &
              S12X_MGSTAT1);
}

Test(array, addresses_that_hold_nothing_read_ones)
{
    uint8_t got[16];
    memset(got, 0, sizeof(got));
    rig_read(&rig, 0x77FFF8, got, 16);
    for (int i = 0; i < 16; i++) {
        cr_assert_eq(got[i], 0xFF);
    }
    cr_assert_eq(s12x_flash_factory_program(rig.flash, 0x77FFF8, got, 16, NULL), ERR_RANGE);
    cr_assert_eq(s12x_flash_factory_program(rig.flash, 0x100000, got, 8, NULL), ERR_RANGE);
    cr_assert_eq(s12x_flash_factory_program(rig.flash, 0x7FFFF8, got, 16, NULL), ERR_RANGE);
}

Test(array, a_clone_behaves_alike_and_then_goes_its_own_way)
{
    rig_program(&rig, 0x780000, first);
    s12x_flash_inject_stuck(rig.flash, 0x7C0000, 1, 0);
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    struct s12x_flash *copy = s12x_flash_clone(rig.flash, NULL);
    cr_assert_eq(s12x_flash_state_hash(copy), s12x_flash_state_hash(rig.flash));
    sim_ns_t cut_ns = rig.now_ns + SIM_MS(10);
    s12x_flash_power_off(rig.flash, cut_ns);
    s12x_flash_power_off(copy, cut_ns);
    cr_assert_eq(s12x_flash_state_hash(copy), s12x_flash_state_hash(rig.flash));
    struct rig other = {.flash = copy, .now_ns = cut_ns};
    rig_reset(&other);
    cr_assert_eq(rig_erase(&other, 0x780000), S12X_CCIF);
    cr_assert_neq(s12x_flash_state_hash(copy), s12x_flash_state_hash(rig.flash));
    s12x_flash_free(copy);
}
