/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_look.c - what the laboratory sees when it looks at a sector as a whole. */
#include "tests/flash/flash_rig.h"

enum { SECTOR = 0x780400, PHRASES = 128 };

static struct s12x_sector_state look(const struct rig *rig, uint32_t address)
{
    struct s12x_sector_state state;
    s12x_flash_look_at_sector(rig->flash, address, &state);
    return state;
}

static void program(const struct rig *rig, uint32_t address, size_t len)
{
    static const uint8_t bytes[1024] = {0};
    struct err err;
    cr_assert_eq(s12x_flash_factory_program(rig->flash, address, bytes, len, &err), 0);
}

Test(look, a_sector_is_erased_programmed_in_part_or_full)
{
    struct rig rig;
    rig_new(&rig, NULL);
    struct s12x_sector_state state = look(&rig, SECTOR);
    cr_expect_eq(state.phrases, (uint32_t)PHRASES);
    cr_expect_eq(state.written, 0u);
    cr_expect(!state.weak && !state.stuck);
    program(&rig, SECTOR + 8, 16);
    cr_expect_eq(look(&rig, SECTOR + 1023).written, 2u);
    program(&rig, SECTOR, 1024);
    cr_expect_eq(look(&rig, SECTOR).written, (uint32_t)PHRASES);
    cr_expect_eq(look(&rig, SECTOR - 1).written, 0u);
    cr_expect_eq(look(&rig, SECTOR + 1024).written, 0u);
    s12x_flash_factory_erase(rig.flash, SECTOR, 1024);
    cr_expect_eq(look(&rig, SECTOR).written, 0u);
    s12x_flash_free(rig.flash);
}

Test(look, damage_is_weak_or_stuck_until_it_is_lifted)
{
    struct rig rig;
    rig_new(&rig, NULL);
    s12x_flash_inject_flip(rig.flash, SECTOR + 3, 0x10);
    cr_expect(look(&rig, SECTOR).weak && !look(&rig, SECTOR).stuck);
    s12x_flash_inject_stuck(rig.flash, SECTOR + 1024, 0x01, 0x00);
    cr_expect(look(&rig, SECTOR + 1024).stuck && !look(&rig, SECTOR + 1024).weak);
    cr_expect(!look(&rig, SECTOR).stuck);
    s12x_flash_lift_overlays(rig.flash);
    cr_expect(!look(&rig, SECTOR).weak && !look(&rig, SECTOR + 1024).stuck);
    s12x_flash_free(rig.flash);
}

Test(look, a_worn_sector_does_not_take_what_is_written)
{
    struct rig rig;
    rig_new(&rig, NULL);
    const uint32_t limit = s12x_part_mc9s12xeq512.p_endurance_cycles;
    s12x_flash_set_erase_count(rig.flash, SECTOR, limit);
    cr_expect(!look(&rig, SECTOR).stuck);
    s12x_flash_set_erase_count(rig.flash, SECTOR, limit + 1);
    cr_expect(look(&rig, SECTOR).stuck);
    s12x_flash_free(rig.flash);
}

Test(look, outside_of_p_flash_there_is_nothing)
{
    struct rig rig;
    rig_new(&rig, NULL);
    cr_expect_eq(look(&rig, 0).phrases, 0u);
    cr_expect_eq(look(&rig, s12x_part_mc9s12xeq512.d_block.start).phrases, 0u);
    s12x_flash_free(rig.flash);
}
