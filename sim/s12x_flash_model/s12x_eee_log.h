/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_eee_log.h - the layout of the log, shared by its reader (s12x_eee.c)
 * and its writer (s12x_eee_step.c). */
#ifndef SIM_S12X_EEE_LOG_H
#define SIM_S12X_EEE_LOG_H

#include "sim/s12x_flash_model/s12x_flash_private.h"

enum {
    S12X_LOG_ACTIVE = 0xFACF, /* NXP community m-p/660322, BMW FRM3 dumps. */
    S12X_LOG_TAG = 0xB800,    /* Top five bits 10111, below them the word's index. */
    S12X_LOG_TAG_MASK = 0xF800,
    S12X_LOG_PAGE_WORDS = 128,
    S12X_LOG_SECTOR_WORDS = 128,
    S12X_LOG_SLOT_WORDS = 2, /* The header takes as many. */
};

/* Between a value and the cells, which hold the high byte first. */
static inline uint16_t s12x_log_swap(uint64_t word)
{
    return (uint16_t)((word & 0xFF) << 8 | (word >> 8 & 0xFF));
}

static inline uint16_t s12x_log_sectors(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    return (uint16_t)(eee->partitioned && eee->erpart > 0 ? flash->d->sectors - eee->dfpart : 0);
}

/* The unit in D-Flash of a word of a sector. */
static inline uint32_t s12x_log_unit(const struct s12x_flash *flash, uint16_t sector, uint32_t word)
{
    return ((uint32_t)flash->eee.dfpart + sector) * S12X_LOG_SECTOR_WORDS + word;
}

/* The value of a record; its tag follows. */
static inline uint32_t s12x_log_slot_unit(const struct s12x_flash *flash, uint16_t sector,
                                          uint16_t slot)
{
    return s12x_log_unit(flash, sector, S12X_LOG_SLOT_WORDS + (uint32_t)slot * S12X_LOG_SLOT_WORDS);
}

static inline uint32_t s12x_log_word_address(const struct s12x_flash *flash, uint16_t index)
{
    return flash->part->eee_ram_start + index * 2u;
}

bool s12x_log_sector_blank(const struct s12x_flash *flash, uint16_t sector);
/* The active sector with the lowest number above that of after (S12X_EEE_NONE: the lowest of all);
 * S12X_EEE_NONE if there is none. */
uint16_t s12x_log_next(const struct s12x_flash *flash, uint16_t after);
/* Makes a slot useless for good: no correction turns a tag of all zeros into a valid one. */
void s12x_log_spoil(struct s12x_flash *flash, uint16_t sector, uint16_t slot);

#endif
