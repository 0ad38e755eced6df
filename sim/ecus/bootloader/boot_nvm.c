/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_nvm.c - words in emulated EEPROM. */
#include "sim/ecus/bootloader/boot_nvm.h"

enum { REG_FSTAT = 0x06, REG_ETAGHI = 0x0C, REG_ETAGLO = 0x0D, MGBUSY = 0x08 };

uint16_t boot_nvm_read(const struct boot_hal *hal, uint16_t word)
{
    return hal->eee_read(hal->ctx, word);
}

void boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value)
{
    if (boot_nvm_read(hal, word) != value) {
        hal->eee_write(hal->ctx, word, value);
    }
}

uint32_t boot_nvm_read_long(const struct boot_hal *hal, uint16_t word)
{
    return ((uint32_t)boot_nvm_read(hal, word) << 16) | boot_nvm_read(hal, (uint16_t)(word + 2));
}

void boot_nvm_write_long(const struct boot_hal *hal, uint16_t word, uint32_t value)
{
    boot_nvm_write(hal, word, (uint16_t)(value >> 16));
    boot_nvm_write(hal, (uint16_t)(word + 2), (uint16_t)value);
}

bool boot_nvm_settled(const struct boot_hal *hal)
{
    /* ETAG counts words that are not in D-Flash yet; the last one has left the count, and is not
     * there yet, while the controller is busy. */
    return hal->flash_reg_read(hal->ctx, REG_ETAGHI) == 0 &&
           hal->flash_reg_read(hal->ctx, REG_ETAGLO) == 0 &&
           (hal->flash_reg_read(hal->ctx, REG_FSTAT) & MGBUSY) == 0;
}
