/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_truth.c - compares the words in emulated EEPROM with the cells. */
#include "scenarios/explore/explore_truth.h"

#include "sim/ecus/bootloader/boot_nvm.h"

enum { SECTOR_BYTES = 1024 };

static uint16_t word(struct explore_world *world, uint16_t offset)
{
    return s12x_flash_eee_read(s12x_ecu_flash(world->target), offset, world->sim.now_ns);
}

static uint32_t long_word(struct explore_world *world, uint16_t offset)
{
    return (uint32_t)word(world, offset) << 16 | word(world, (uint16_t)(offset + 2));
}

static bool is_awake(const struct explore_world *world)
{
    const enum ecu_run run = s12x_ecu_base(world->target)->run;
    return run == ECU_APPLICATION || run == ECU_BOOTLOADER;
}

static bool marked_valid(struct explore_world *world)
{
    return word(world, BOOT_NVM_APPLICATION_VALID) == BOOT_VALID;
}

/* blank: nothing is programmed either. */
static bool is_sound(const struct explore_world *world, uint32_t start, uint32_t end, bool blank)
{
    for (uint32_t at = start - start % SECTOR_BYTES; at < end; at += SECTOR_BYTES) {
        struct s12x_sector_state sector;
        s12x_flash_look_at_sector(s12x_ecu_flash(world->target), at, &sector);
        if (sector.weak || (blank && sector.written != 0)) {
            return false;
        }
    }
    return true;
}

static bool image_is_sound(struct explore_world *world, const struct ota_image *image)
{
    bool sound = explore_world_holds(world, image);
    for (size_t i = 0; sound && i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        sound = is_sound(world, segment->start, segment->start + segment->len_bytes, false);
    }
    return sound;
}

static bool has_sound_image(struct explore_world *world)
{
    return image_is_sound(world, &world->new_image) || image_is_sound(world, &world->old_image) ||
           (world->trial.segments_len != 0 && image_is_sound(world, &world->trial));
}

/* What lies between the regions does not belong to the application. */
static bool erased_is_blank(struct explore_world *world)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(world->target)->boot;
    const uint32_t start = long_word(world, BOOT_NVM_ERASE_START_HI);
    const uint32_t end = long_word(world, BOOT_NVM_ERASE_END_HI);
    bool blank = true;
    for (size_t i = 0; blank && i < boot->regions_len; i++) {
        const struct boot_region *region = &boot->regions[i];
        blank = is_sound(world, region->start > start ? region->start : start,
                         region->end < end ? region->end : end, true);
    }
    return blank;
}

static bool marked_erased(struct explore_world *world)
{
    return word(world, BOOT_NVM_ERASE_STATE) == BOOT_ERASE_DONE;
}

bool explore_truth_asks_cells(struct explore_world *world)
{
    return is_awake(world) && (marked_valid(world) || marked_erased(world));
}

bool explore_truth_kept(struct explore_world *world)
{
    if (!is_awake(world)) {
        return true;
    }
    if (marked_valid(world) && !has_sound_image(world)) {
        return false;
    }
    return !marked_erased(world) || erased_is_blank(world);
}

bool explore_truth_stranded(struct explore_world *world)
{
    return s12x_ecu_base(world->target)->run != ECU_APPLICATION && is_awake(world) &&
           marked_valid(world) && has_sound_image(world);
}
