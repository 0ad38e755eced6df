/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/flash_rig.h - a powered module and the register sequences a driver uses. */
#ifndef FLASH_RIG_H
#define FLASH_RIG_H

#include "sim/s12x_flash_model/s12x_flash.h"

#include <criterion/criterion.h>
#include <string.h>

struct rig {
    struct s12x_flash *flash;
    sim_ns_t now_ns;
    unsigned torn;
    enum s12x_finding last_finding;
    uint32_t last_address;
};

static inline void rig_on_torn(void *ctx, const struct s12x_op *op, uint16_t permille,
                               sim_ns_t now_ns)
{
    struct rig *rig = ctx;
    (void)op;
    (void)permille;
    (void)now_ns;
    rig->torn++;
}

static inline void rig_on_finding(void *ctx, enum s12x_finding finding, uint32_t address,
                                  sim_ns_t now_ns)
{
    struct rig *rig = ctx;
    (void)now_ns;
    rig->last_finding = finding;
    rig->last_address = address;
}

/* New, not yet reset. Pass 0s for defaults. */
static inline void rig_new(struct rig *rig, const struct s12x_flash_cfg *wanted)
{
    struct s12x_flash_cfg cfg = wanted ? *wanted : (struct s12x_flash_cfg){0};
    cfg.part = cfg.part ? cfg.part : &s12x_part_mc9s12xeq512;
    cfg.stream_name = "rig";
    if (!cfg.hooks.ctx) {
        cfg.hooks.ctx = rig;
        cfg.hooks.on_torn = rig_on_torn;
        cfg.hooks.on_finding = rig_on_finding;
    }
    *rig = (struct rig){0};
    rig->flash = s12x_flash_new(&cfg);
    cr_assert_not_null(rig->flash);
}

static inline void rig_set(struct rig *rig, uint8_t offset, uint8_t value)
{
    s12x_flash_reg_write(rig->flash, offset, value, rig->now_ns);
}

static inline uint8_t rig_get(struct rig *rig, uint8_t offset)
{
    return s12x_flash_reg_read(rig->flash, offset, rig->now_ns);
}

/* Reset, and FCLKDIV for 16 MHz. */
static inline void rig_reset(struct rig *rig)
{
    rig->now_ns = s12x_flash_reset(rig->flash, rig->now_ns);
    rig_set(rig, S12X_FCLKDIV, 0x0F);
}

static inline void rig_open(struct rig *rig)
{
    static const uint8_t config[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
    rig_new(rig, NULL);
    cr_assert_eq(s12x_flash_factory_program(rig->flash, 0x7FFF08, config, 8, NULL), 0);
    rig_reset(rig);
}

static inline void rig_close(struct rig *rig)
{
    s12x_flash_free(rig->flash);
}

static inline void rig_ccob(struct rig *rig, uint8_t index, uint16_t word)
{
    rig_set(rig, S12X_FCCOBIX, index);
    rig_set(rig, S12X_FCCOBHI, (uint8_t)(word >> 8));
    rig_set(rig, S12X_FCCOBLO, (uint8_t)word);
}

/* Fills FCCOB 0 and 1 and what follows, and clears CCIF with CCOBIX at ix. */
static inline void rig_launch(struct rig *rig, uint8_t code, uint32_t address,
                              const uint16_t *words, uint8_t words_len, uint8_t ix)
{
    rig_set(rig, S12X_FSTAT, S12X_ACCERR | S12X_FPVIOL);
    rig_ccob(rig, 0, (uint16_t)((uint32_t)code << 8 | (address >> 16 & 0x7F)));
    rig_ccob(rig, 1, (uint16_t)address);
    for (uint8_t i = 0; i < words_len; i++) {
        rig_ccob(rig, (uint8_t)(2 + i), words[i]);
    }
    rig_set(rig, S12X_FCCOBIX, ix);
    rig_set(rig, S12X_FSTAT, S12X_CCIF);
}

/* Runs time to the end of the command; its FSTAT. */
static inline uint8_t rig_wait(struct rig *rig)
{
    while (!(rig_get(rig, S12X_FSTAT) & S12X_CCIF)) {
        rig->now_ns = s12x_flash_next_ns(rig->flash);
    }
    return rig_get(rig, S12X_FSTAT);
}

static inline uint8_t rig_command(struct rig *rig, uint8_t code, uint32_t address,
                                  const uint16_t *words, uint8_t words_len, uint8_t ix)
{
    rig_launch(rig, code, address, words, words_len, ix);
    return rig_wait(rig);
}

/* A phrase in memory order. */
static inline void rig_words(const uint8_t bytes[8], uint16_t words[4])
{
    for (unsigned i = 0; i < 4; i++) {
        words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    }
}

static inline uint8_t rig_program(struct rig *rig, uint32_t address, const uint8_t bytes[8])
{
    uint16_t words[4];
    rig_words(bytes, words);
    return rig_command(rig, S12X_CMD_PROGRAM_P, address, words, 4, 5);
}

static inline uint8_t rig_erase(struct rig *rig, uint32_t address)
{
    return rig_command(rig, S12X_CMD_ERASE_P_SECTOR, address, NULL, 0, 1);
}

static inline void rig_read(struct rig *rig, uint32_t address, void *to, size_t len)
{
    s12x_flash_read(rig->flash, address, to, len, rig->now_ns);
}

static inline uint64_t rig_found(struct rig *rig, enum s12x_finding finding)
{
    return s12x_flash_finding_count(rig->flash, finding);
}

#endif
