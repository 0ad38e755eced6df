/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_flash.h - the driver of the FTM flash module: one command at a time,
 * started here, finished when CCIF says so. Nothing in it waits.
 *
 * Registers, command codes and causes of error: MC9S12XE reference manual, FTM512K3 chapter. */
#ifndef BOOT_FLASH_H
#define BOOT_FLASH_H

#include "sim/ecus/bootloader/boot_hal.h"

enum { BOOT_SECTOR_LEN = 1024, BOOT_PHRASE_LEN = 8 };

enum boot_flash_outcome {
    BOOT_FLASH_OK,
    BOOT_FLASH_REFUSED, /* ACCERR or FPVIOL: nothing was changed. */
    BOOT_FLASH_FAILED,  /* MGSTAT: the module's own verification found an error. */
};

enum boot_margin { BOOT_MARGIN_NORMAL, BOOT_MARGIN_ONE, BOOT_MARGIN_ZERO, BOOT_MARGIN_COUNT };

/* One array of the part: what a block erase takes and a margin level applies to. */
struct boot_block {
    uint32_t start;
    uint32_t end;
};
enum { BOOT_BLOCKS = 3 };
extern const struct boot_block boot_blocks[BOOT_BLOCKS];
/* The block that holds the address; a programming error if none does. */
const struct boot_block *boot_block_of(uint32_t address);

struct boot_cfg;
/* True if all of [start, end) lies inside one region of the application. */
bool boot_range_allowed(const struct boot_cfg *cfg, uint32_t start, uint32_t end);

/* Writes FCLKDIV, which may be written once after a reset. False: no legal divider, or the module
 * did not take it. */
bool boot_flash_init(const struct boot_hal *hal, uint32_t osc_hz);
/* No command is running. */
bool boot_flash_idle(const struct boot_hal *hal);
/* How the last command ended; asks for idle. */
enum boot_flash_outcome boot_flash_outcome(const struct boot_hal *hal);

void boot_flash_enable_eee(const struct boot_hal *hal);
/* The three that change the array. An address outside the regions here is a programming error:
 * requests were refused long before. */
void boot_flash_program(const struct boot_hal *hal, const struct boot_cfg *cfg, uint32_t address,
                        const uint8_t phrase[BOOT_PHRASE_LEN]);
void boot_flash_erase_sector(const struct boot_hal *hal, const struct boot_cfg *cfg,
                             uint32_t address);
void boot_flash_erase_block(const struct boot_hal *hal, const struct boot_cfg *cfg,
                            const struct boot_block *block);
/* Verifies that the phrases are blank, with the module's own margin. */
void boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases);
/* Sets the level at which the block with this address is read. */
void boot_flash_set_margin(const struct boot_hal *hal, uint32_t address, enum boot_margin margin);

/* True if the ECC found nothing to correct. */
bool boot_flash_read(const struct boot_hal *hal, uint32_t address, uint8_t *to, uint16_t len_bytes);

#endif
