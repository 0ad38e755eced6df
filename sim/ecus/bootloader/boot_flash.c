/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_flash.c - command sequences of the FTM flash module. */
#include "sim/ecus/bootloader/boot_flash.h"

#include "sim/ecus/bootloader/bootloader.h"

/* Offsets from 0x0100. */
enum {
    REG_FCLKDIV = 0x00,
    REG_FCCOBIX = 0x02,
    REG_FSTAT = 0x06,
    REG_FERSTAT = 0x07,
    REG_FCCOBHI = 0x0A,
    REG_FCCOBLO = 0x0B
};

enum {
    FDIVLD = 0x80,
    CCIF = 0x80,
    ACCERR = 0x20,
    FPVIOL = 0x10,
    MGSTAT = 0x03,
    ECC_FLAGS = 0x03 /* DFDIF, SFDIF. */
};

enum {
    CMD_ERASE_VERIFY_SECTION = 0x03,
    CMD_PROGRAM = 0x06,
    CMD_ERASE_BLOCK = 0x09,
    CMD_ERASE_SECTOR = 0x0A,
    CMD_USER_MARGIN = 0x0D,
    CMD_ENABLE_EEE = 0x13
};

#define OSC_HZ_MIN  UINT32_C(3200000) /* Below lie gaps in which no divider is legal. */
#define FCLK_HZ_MAX UINT32_C(1050000)

enum { FDIV_MAX = 0x7F };

const struct boot_block boot_blocks[BOOT_BLOCKS] = {
    {UINT32_C(0x780000), UINT32_C(0x7A0000)}, /* 1S */
    {UINT32_C(0x7A0000), UINT32_C(0x7C0000)}, /* 1N */
    {UINT32_C(0x7C0000), UINT32_C(0x800000)}, /* 0, which holds this code */
};

const struct boot_block *boot_block_of(uint32_t address)
{
    uint8_t i = 0;
    while (i < BOOT_BLOCKS - 1 && address >= boot_blocks[i].end) {
        i++;
    }
    PROTO_CHECK(address >= boot_blocks[i].start && address < boot_blocks[i].end);
    return &boot_blocks[i];
}

bool boot_range_allowed(const struct boot_cfg *cfg, uint32_t start, uint32_t end)
{
    for (uint8_t i = 0; i < cfg->regions_len; i++) {
        if (start >= cfg->regions[i].start && end <= cfg->regions[i].end && start < end) {
            return true;
        }
    }
    return false;
}

bool boot_flash_init(const struct boot_hal *hal, uint32_t osc_hz)
{
    /* FCLK = OSCCLK / (FDIV + 1). The smallest divider that keeps FCLK within 1.05 MHz is the
     * manual's table, and gives 1.0 MHz for whole megahertz. */
    const uint32_t divider = (osc_hz + FCLK_HZ_MAX - 1) / FCLK_HZ_MAX;
    if (osc_hz < OSC_HZ_MIN || divider - 1 > FDIV_MAX) {
        return false;
    }
    hal->flash_reg_write(hal->ctx, REG_FCLKDIV, (uint8_t)(divider - 1));
    return hal->flash_reg_read(hal->ctx, REG_FCLKDIV) == (uint8_t)(FDIVLD | (divider - 1));
}

bool boot_flash_idle(const struct boot_hal *hal)
{
    return (hal->flash_reg_read(hal->ctx, REG_FSTAT) & CCIF) != 0;
}

enum boot_flash_outcome boot_flash_outcome(const struct boot_hal *hal)
{
    const uint8_t fstat = hal->flash_reg_read(hal->ctx, REG_FSTAT);
    PROTO_CHECK((fstat & CCIF) != 0);
    if ((fstat & (ACCERR | FPVIOL)) != 0) {
        return BOOT_FLASH_REFUSED;
    }
    return (fstat & MGSTAT) != 0 ? BOOT_FLASH_FAILED : BOOT_FLASH_OK;
}

static void put_word(const struct boot_hal *hal, uint8_t index, uint8_t high, uint8_t low)
{
    hal->flash_reg_write(hal->ctx, REG_FCCOBIX, index);
    hal->flash_reg_write(hal->ctx, REG_FCCOBHI, high);
    hal->flash_reg_write(hal->ctx, REG_FCCOBLO, low);
}

/* FCCOB word 0 and, for commands with a whole address, word 1. */
static void begin(const struct boot_hal *hal, uint8_t command, uint32_t address)
{
    const uint8_t fstat = hal->flash_reg_read(hal->ctx, REG_FSTAT);
    PROTO_CHECK((fstat & CCIF) != 0);
    if ((fstat & (ACCERR | FPVIOL)) != 0) {
        /* A command is not launched while an old error is shown. */
        hal->flash_reg_write(hal->ctx, REG_FSTAT, ACCERR | FPVIOL);
    }
    put_word(hal, 0, command, (uint8_t)(address >> 16));
}

static void put_address(const struct boot_hal *hal, uint32_t address)
{
    put_word(hal, 1, (uint8_t)(address >> 8), (uint8_t)address);
}

void boot_flash_enable_eee(const struct boot_hal *hal)
{
    begin(hal, CMD_ENABLE_EEE, 0);
    hal->flash_launch(hal->ctx);
}

void boot_flash_program(const struct boot_hal *hal, const struct boot_cfg *cfg, uint32_t address,
                        const uint8_t phrase[BOOT_PHRASE_LEN])
{
    PROTO_CHECK(address % BOOT_PHRASE_LEN == 0 &&
                boot_range_allowed(cfg, address, address + BOOT_PHRASE_LEN));
    begin(hal, CMD_PROGRAM, address);
    put_address(hal, address);
    for (size_t i = 0; i < BOOT_PHRASE_LEN; i += 2) {
        put_word(hal, (uint8_t)(2 + i / 2), phrase[i], phrase[i + 1]);
    }
    hal->flash_launch(hal->ctx);
}

void boot_flash_erase_sector(const struct boot_hal *hal, const struct boot_cfg *cfg,
                             uint32_t address)
{
    PROTO_CHECK(address % BOOT_SECTOR_LEN == 0 &&
                boot_range_allowed(cfg, address, address + BOOT_SECTOR_LEN));
    begin(hal, CMD_ERASE_SECTOR, address);
    put_address(hal, address);
    hal->flash_launch(hal->ctx);
}

void boot_flash_erase_block(const struct boot_hal *hal, const struct boot_cfg *cfg,
                            const struct boot_block *block)
{
    PROTO_CHECK(boot_range_allowed(cfg, block->start, block->end));
    begin(hal, CMD_ERASE_BLOCK, block->start);
    put_address(hal, block->start);
    hal->flash_launch(hal->ctx);
}

void boot_flash_verify_blank(const struct boot_hal *hal, uint32_t address, uint16_t phrases)
{
    begin(hal, CMD_ERASE_VERIFY_SECTION, address);
    put_address(hal, address);
    put_word(hal, 2, (uint8_t)(phrases >> 8), (uint8_t)phrases);
    hal->flash_launch(hal->ctx);
}

void boot_flash_set_margin(const struct boot_hal *hal, uint32_t address, enum boot_margin margin)
{
    begin(hal, CMD_USER_MARGIN, address);
    put_word(hal, 1, 0, (uint8_t)margin);
    hal->flash_launch(hal->ctx);
}

bool boot_flash_read(const struct boot_hal *hal, uint32_t address, uint8_t *to, uint16_t len_bytes)
{
    /* The flags are clear between calls: whoever finds one clears it. */
    hal->flash_read(hal->ctx, address, to, len_bytes);
    const uint8_t flags = hal->flash_reg_read(hal->ctx, REG_FERSTAT) & ECC_FLAGS;
    if (flags == 0) {
        return true;
    }
    hal->flash_reg_write(hal->ctx, REG_FERSTAT, flags);
    return false;
}
