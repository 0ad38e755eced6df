/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_foresee.c - what is foreseen of a loss of power is what one leaves, and
 * looking changes nothing. */
#include "tests/flash/flash_rig.h"

enum { SECTOR = 0x780400, SECTOR_BYTES = 1024, SEED = 7, STEPS = 20 };

struct seen {
    unsigned looks;
    uint64_t cells, log;
};

static void look(void *ctx, const struct s12x_flash *flash)
{
    struct seen *seen = ctx;
    seen->looks++;
    seen->cells = s12x_flash_range_hash(flash, SECTOR, SECTOR + SECTOR_BYTES);
    seen->log = s12x_flash_log_hash(flash);
}

/* The same on a copy, with a real loss of power, and then a reset. */
static void cut_a_copy(const struct s12x_flash *flash, sim_ns_t at_ns, struct seen *seen)
{
    struct s12x_flash *copy = s12x_flash_clone(flash, NULL);
    cr_assert_not_null(copy);
    s12x_flash_draw_anew(copy, SEED, at_ns);
    s12x_flash_set_supply_mv(copy, 0, at_ns);
    s12x_flash_power_off(copy, at_ns);
    seen->cells = s12x_flash_range_hash(copy, SECTOR, SECTOR + SECTOR_BYTES);
    s12x_flash_set_supply_mv(copy, 5000, at_ns + 1);
    (void)s12x_flash_reset(copy, at_ns + 1);
    seen->log = s12x_flash_log_hash(copy);
    s12x_flash_free(copy);
}

static void compare_at(struct rig *rig, sim_ns_t at_ns)
{
    struct seen foreseen = {.looks = 0};
    struct seen real = {.looks = 0};
    const uint64_t before = s12x_flash_state_hash(rig->flash);
    cr_assert(s12x_flash_foresee_cut(rig->flash, SEED, at_ns, look, &foreseen));
    cr_assert_eq(foreseen.looks, 1);
    cr_assert_eq(s12x_flash_state_hash(rig->flash), before);
    cut_a_copy(rig->flash, at_ns, &real);
    cr_assert_eq(foreseen.cells, real.cells);
    cr_assert_eq(foreseen.log, real.log);
}

/* At instants all over the operation in hand, its end included. */
static void compare_all(struct rig *rig)
{
    const sim_ns_t start_ns = rig->now_ns;
    const sim_ns_t end_ns = s12x_flash_next_ns(rig->flash);
    cr_assert_neq(end_ns, SIM_NEVER);
    for (unsigned i = 0; i <= STEPS; i++) {
        compare_at(rig, start_ns + (end_ns - start_ns) * i / STEPS);
    }
}

Test(foresee, a_phrase_being_programmed)
{
    static const uint16_t words[4] = {0x1234, 0x5678, 0x9ABC, 0x00FF};
    static const uint8_t bytes[8] = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0x00, 0xFF};
    uint8_t read[8];
    struct rig rig;
    rig_open(&rig);
    rig_launch(&rig, S12X_CMD_PROGRAM_P, SECTOR + 64, words, 4, 5);
    compare_all(&rig);
    cr_assert_eq(rig_wait(&rig), S12X_CCIF);
    rig_read(&rig, SECTOR + 64, read, sizeof read);
    cr_assert_arr_eq(read, bytes, sizeof read);
    cr_assert_eq(rig.torn, 0, "it has only been looked at");
    rig_close(&rig);
}

Test(foresee, an_erase_of_cells_some_of_which_are_weak)
{
    static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct rig rig;
    rig_open(&rig);
    for (uint32_t at = 0; at < SECTOR_BYTES; at += 8) {
        (void)rig_program(&rig, SECTOR + at, bytes);
    }
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, SECTOR, NULL, 0, 1);
    rig.now_ns += (s12x_flash_next_ns(rig.flash) - rig.now_ns) / 2;
    s12x_flash_power_off(rig.flash, rig.now_ns);
    cr_assert_eq(rig.torn, 1);
    rig_reset(&rig);
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, SECTOR, NULL, 0, 1);
    compare_all(&rig);
    cr_assert_eq(rig_wait(&rig), S12X_CCIF);
    rig_close(&rig);
}

Test(foresee, every_step_of_emulated_eeprom)
{
    enum { WRITES = 90, PARTITION = 112 };
    struct rig rig;
    rig_new(&rig, &(struct s12x_flash_cfg){.seed = 1});
    cr_assert_eq(s12x_flash_factory_partition(rig.flash, PARTITION, 1, NULL), 0);
    rig_reset(&rig);
    (void)rig_command(&rig, S12X_CMD_ENABLE_EEE, 0, NULL, 0, 0);
    for (uint16_t i = 0; i < WRITES; i++) {
        s12x_flash_eee_write(rig.flash, (uint16_t)(4094 - i % 7 * 2), i, rig.now_ns);
        while (s12x_flash_next_ns(rig.flash) != SIM_NEVER) {
            compare_all(&rig);
            rig.now_ns = s12x_flash_next_ns(rig.flash);
            s12x_flash_advance(rig.flash, rig.now_ns);
        }
        cr_assert_eq(s12x_flash_eee_read(rig.flash, (uint16_t)(4094 - i % 7 * 2), rig.now_ns), i);
    }
    rig_close(&rig);
}

Test(foresee, nothing_under_way)
{
    struct rig rig;
    rig_open(&rig);
    compare_at(&rig, rig.now_ns + 1);
    rig_close(&rig);
}

Test(foresee, what_changes_more_than_a_sector_is_not_foreseen)
{
    struct seen seen = {.looks = 0};
    struct rig rig;
    rig_open(&rig);
    rig_launch(&rig, S12X_CMD_ERASE_P_BLOCK, 0x780000, NULL, 0, 1);
    cr_assert_neq(s12x_flash_next_ns(rig.flash), SIM_NEVER);
    cr_assert_not(s12x_flash_foresee_cut(rig.flash, SEED, rig.now_ns + 1000, look, &seen));
    cr_assert_eq(seen.looks, 0);
    rig_close(&rig);
}

Test(foresee, the_hash_of_a_sector_follows_its_cells)
{
    static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct rig rig;
    rig_open(&rig);
    const uint64_t blank = s12x_flash_range_hash(rig.flash, SECTOR, SECTOR + 1);
    (void)rig_program(&rig, SECTOR, bytes);
    const uint64_t one = s12x_flash_range_hash(rig.flash, SECTOR, SECTOR + 1);
    (void)rig_program(&rig, SECTOR + 8, bytes);
    const uint64_t two = s12x_flash_range_hash(rig.flash, SECTOR, SECTOR + 1);
    s12x_flash_inject_flip(rig.flash, SECTOR + 16, 1);
    const uint64_t flipped = s12x_flash_range_hash(rig.flash, SECTOR, SECTOR + 1);
    cr_assert(blank != one && one != two && two != flipped);
    (void)rig_erase(&rig, SECTOR);
    cr_assert_eq(s12x_flash_range_hash(rig.flash, SECTOR, SECTOR + 1), blank);
    rig_close(&rig);
}
