/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_erase.c - erase of a range, so that after a power cut at any instant it
 * is known for certain whether it was completed (paper, 4.1.2).
 *
 * Order, each line settled in emulated EEPROM before the next begins:
 *   application not valid, erase state RUNNING, open phrase gone
 *   the range
 *   every sector erased, then everything verified blank
 *   erase state DONE */
#include "sim/ecus/bootloader/bootloader.h"

bool boot_erased_range(const struct bootloader *boot, struct boot_range *range)
{
    const uint16_t state = boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE);
    range->start = boot_nvm_read_long(boot->hal, BOOT_NVM_ERASE_START_HI);
    range->end = boot_nvm_read_long(boot->hal, BOOT_NVM_ERASE_END_HI);
    return state == BOOT_ERASE_DONE || state == BOOT_ERASE_WRITTEN;
}

void boot_erase_begin(struct bootloader *boot, const struct boot_range *range)
{
    boot->eraser.range = *range;
    boot->eraser.state = BOOT_ERASING_RANGE;
    boot->writer.fresh = false;
    boot->writer.open.to = 0;
    boot->runnable = false;
    boot_transfer_forget_taken(boot);
    boot_transfer_reset(boot);
    boot_transfer_forget(boot, range);
    boot_nvm_write(boot->hal, BOOT_NVM_APPLICATION_VALID, BOOT_NOT_VALID);
    boot_nvm_write(boot->hal, BOOT_NVM_ERASE_STATE, BOOT_ERASE_RUNNING);
    boot_nvm_write(boot->hal, BOOT_NVM_OPEN_MARK, BOOT_OPEN_NONE);
}

/* Moves on to the next address inside a region, and gives that region's end within the range.
 * False: the range is done. Regions rise. */
static bool next_piece(struct bootloader *boot, uint32_t *end)
{
    struct boot_eraser *eraser = &boot->eraser;
    for (uint8_t i = 0; i < boot->cfg->regions_len; i++) {
        const struct boot_region *region = &boot->cfg->regions[i];
        if (eraser->at >= region->end) {
            continue;
        }
        if (eraser->at < region->start) {
            eraser->at = region->start;
        }
        *end = region->end < eraser->range.end ? region->end : eraser->range.end;
        return eraser->at < eraser->range.end;
    }
    return false;
}

static enum boot_step erase_next(struct bootloader *boot)
{
    struct boot_eraser *eraser = &boot->eraser;
    uint32_t end;
    if (!next_piece(boot, &end)) {
        eraser->at = eraser->range.start;
        eraser->state = BOOT_ERASING_VERIFY;
        return BOOT_STEP_AGAIN;
    }
    const enum uds_nrc supply = boot_supply_nrc(boot);
    if (supply != UDS_POSITIVE) {
        return boot_end_job(boot, supply);
    }
    const struct boot_block *block = boot_block_of(eraser->at);
    if (eraser->at == block->start && block->end <= end) {
        /* A tenth of a second, where its sectors would take 2.6 s. */
        eraser->unit = block->end - block->start;
        boot_flash_erase_block(boot->hal, boot->cfg, block);
    } else {
        eraser->unit = BOOT_SECTOR_LEN;
        boot_flash_erase_sector(boot->hal, boot->cfg, eraser->at);
    }
    eraser->state = BOOT_ERASING_AFTER;
    return BOOT_STEP_WAIT_FLASH;
}

static enum boot_step verify_next(struct bootloader *boot)
{
    struct boot_eraser *eraser = &boot->eraser;
    uint32_t end;
    if (!next_piece(boot, &end)) {
        boot_nvm_write(boot->hal, BOOT_NVM_ERASE_STATE, BOOT_ERASE_DONE);
        eraser->state = BOOT_ERASING_RECORDED;
        return BOOT_STEP_WAIT_NVM;
    }
    const uint32_t block_end = boot_block_of(eraser->at)->end;
    eraser->unit = (block_end < end ? block_end : end) - eraser->at;
    boot_flash_verify_blank(boot->hal, eraser->at, (uint16_t)(eraser->unit / BOOT_PHRASE_LEN));
    eraser->state = BOOT_ERASING_VERIFIED;
    return BOOT_STEP_WAIT_FLASH;
}

/* A command has ended: go on to the next one. */
static enum boot_step advance(struct bootloader *boot, enum boot_erasing next)
{
    if (boot_flash_outcome(boot->hal) != BOOT_FLASH_OK) {
        return boot_end_job(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    boot->eraser.at += boot->eraser.unit;
    boot->eraser.state = next;
    return next == BOOT_ERASING_NEXT ? erase_next(boot) : verify_next(boot);
}

static enum boot_step record_range(struct bootloader *boot)
{
    struct boot_eraser *eraser = &boot->eraser;
    boot_nvm_write_long(boot->hal, BOOT_NVM_ERASE_START_HI, eraser->range.start);
    boot_nvm_write_long(boot->hal, BOOT_NVM_ERASE_END_HI, eraser->range.end);
    eraser->at = eraser->range.start;
    eraser->state = BOOT_ERASING_NEXT;
    return BOOT_STEP_WAIT_NVM;
}

enum boot_step boot_erase_step(struct bootloader *boot)
{
    switch (boot->eraser.state) {
    case BOOT_ERASING_RANGE: return record_range(boot);
    case BOOT_ERASING_NEXT: return erase_next(boot);
    case BOOT_ERASING_AFTER: return advance(boot, BOOT_ERASING_NEXT);
    case BOOT_ERASING_VERIFY: return verify_next(boot);
    case BOOT_ERASING_VERIFIED: return advance(boot, BOOT_ERASING_VERIFY);
    case BOOT_ERASING_RECORDED: boot->writer.fresh = true; return boot_end_job(boot, UDS_POSITIVE);
    }
    return boot_end_job(boot, UDS_NRC_PROGRAMMING_FAILURE);
}
