/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_factory.c - the contents with which an S12X ECU leaves its line: boot block,
 * configuration field, partitioned emulated EEPROM, first application. */
#include "sim/ecus/factory_image.h"
#include "sim/ecus/s12x_ecu_private.h"

#include <stdlib.h>
#include <string.h>

enum { CONFIG_LEN = 16, CONFIG_FPROT = 12, CONFIG_FSEC = 15 };
/* 8 KB from 0x7F8000 and 16 KB up to 0x7FFFFF protected: the most that FPROT offers, and what the
 * paper gives to its bootloader (24 KB). */
enum { FPROT_24_KB = 0xDB };
/* SEC = 10: unsecured, as the phrase FF FF FF FF FF FF FF FE of common tools leaves it. */
enum { FSEC_UNSECURED = 0xFE };
/* All of D-Flash for emulated EEPROM: 128 sectors for 16 pages, the smallest legal ratio of 8. */
enum { DFPART = 0, ERPART = 16 };

#define FCLK_HZ_MAX 1050000u

const struct boot_region s12x_ecu_boot_areas[S12X_BOOT_AREAS] = {
    {0x7F8000, 0x7FA000},
    {0x7FC000, 0x800000},
};

/* Stands for the bootloader's machine code: a pattern that is nowhere blank, so that any erase or
 * write of the boot block shows. */
static void fill_boot_code(uint8_t *bytes, uint32_t start, uint32_t len_bytes)
{
    for (uint32_t i = 0; i < len_bytes; i++) {
        uint32_t address = start + i;
        bytes[i] = (uint8_t)((address * 0x9E3779B1u) >> 24 & 0x7Fu);
    }
}

static void put_config_field(uint8_t field[CONFIG_LEN])
{
    memset(field, 0xFF, CONFIG_LEN);
    field[CONFIG_FPROT] = FPROT_24_KB;
    field[CONFIG_FSEC] = FSEC_UNSECURED;
}

static int program_region(struct s12x_ecu *ecu, const struct boot_region *region, struct err *err)
{
    uint32_t len = region->end - region->start;
    uint32_t config = ecu->cfg.flash.part->config_field;
    uint8_t *bytes = malloc(len);
    if (bytes == NULL) {
        return err_set(err, ERR_NOMEM, "%s: out of memory for the boot block", ecu->name);
    }
    fill_boot_code(bytes, region->start, len);
    if (config >= region->start && config < region->end) {
        put_config_field(&bytes[config - region->start]);
    }
    int rc = s12x_flash_factory_program(ecu->flash, region->start, bytes, len, err);
    free(bytes);
    return rc;
}

int s12x_factory_program(struct s12x_ecu *ecu, struct err *err)
{
    for (size_t i = 0; i < S12X_BOOT_AREAS; i++) {
        int rc = program_region(ecu, &s12x_ecu_boot_areas[i], err);
        if (rc != 0) {
            return rc;
        }
    }
    return s12x_flash_factory_partition(ecu->flash, DFPART, ERPART, err);
}

/* The first application. */

static bool phrase_blank(const uint8_t *phrase, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (phrase[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

static int program_image(struct s12x_ecu *ecu, const struct factory_image *image, struct err *err)
{
    const struct boot_cfg *boot = &ecu->cfg.boot;
    uint32_t phrase = ecu->cfg.flash.part->p_phrase_bytes;
    int rc = 0;
    for (size_t i = 0; i < boot->regions_len && rc == 0; i++) {
        uint32_t start = boot->regions[i].start;
        uint32_t len = boot->regions[i].end - start;
        s12x_flash_factory_erase(ecu->flash, start, len); /* Of an application before this one. */
        for (uint32_t at = 0; at < len && rc == 0; at += phrase) {
            if (!phrase_blank(&image->bytes[i][at], phrase)) {
                rc = s12x_flash_factory_program(ecu->flash, start + at, &image->bytes[i][at],
                                                phrase, err);
            }
        }
    }
    return rc;
}

/* Programs what was read without error, and lets it go in either case. */
static int take_image(struct s12x_ecu *ecu, struct factory_image *image, int rc, struct err *err)
{
    rc = rc != 0 ? rc : program_image(ecu, image, err);
    if (rc == 0) {
        ecu->station = S12X_STATION_ENABLE_EEE;
    }
    factory_image_release(image);
    return rc;
}

int s12x_ecu_load_application(struct s12x_ecu *ecu, const char *path, struct err *err)
{
    struct factory_image image = {.bytes = {NULL}};
    struct err ignored = {.code = 0};
    err = err != NULL ? err : &ignored;
    CHECK(ecu->base.run == ECU_OFF);
    const int rc = factory_image_load(&image, &ecu->cfg.boot, path, err);
    return take_image(ecu, &image, rc, err);
}

int s12x_ecu_load_application_text(struct s12x_ecu *ecu, const char *text, size_t len_bytes,
                                   const char *name, struct err *err)
{
    struct factory_image image = {.bytes = {NULL}};
    struct err ignored = {.code = 0};
    err = err != NULL ? err : &ignored;
    CHECK(ecu->base.run == ECU_OFF);
    const int rc = factory_image_parse(&image, &ecu->cfg.boot, text, len_bytes, name, err);
    return take_image(ecu, &image, rc, err);
}

/* FCLK = oscillator / (FDIV + 1): the smallest divider that keeps FCLK within 1.05 MHz, the rule of
 * the bootloader (MC9S12XEP100RMV1, FCLKDIV). */
static uint8_t fclkdiv_for(const struct s12x_ecu *ecu)
{
    uint32_t osc_hz = ecu->cfg.flash.osc_hz != 0 ? ecu->cfg.flash.osc_hz : 16000000u;
    return (uint8_t)((osc_hz + FCLK_HZ_MAX - 1u) / FCLK_HZ_MAX - 1u);
}

static sim_ns_t or_now_ns(sim_ns_t next_ns, sim_ns_t now_ns)
{
    return next_ns == SIM_NEVER ? now_ns : next_ns;
}

static void launch_enable_eee(struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    s12x_flash_reg_write(ecu->flash, S12X_FCLKDIV, fclkdiv_for(ecu), now_ns);
    s12x_flash_reg_write(ecu->flash, S12X_FCCOBIX, 0, now_ns);
    s12x_flash_reg_write(ecu->flash, S12X_FCCOBHI, S12X_CMD_ENABLE_EEE, now_ns);
    s12x_flash_reg_write(ecu->flash, S12X_FSTAT, S12X_CCIF, now_ns);
}

sim_ns_t s12x_factory_station(struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    s12x_flash_advance(ecu->flash, now_ns);
    sim_ns_t next_ns = s12x_flash_next_ns(ecu->flash);
    switch (ecu->station) {
    case S12X_STATION_ENABLE_EEE:
        launch_enable_eee(ecu, now_ns);
        ecu->station = S12X_STATION_WRITE;
        return or_now_ns(s12x_flash_next_ns(ecu->flash), now_ns);
    case S12X_STATION_WRITE:
        s12x_flash_eee_write(ecu->flash, BOOT_NVM_APPLICATION_VALID, BOOT_VALID, now_ns);
        ecu->station = S12X_STATION_WAIT;
        return or_now_ns(s12x_flash_next_ns(ecu->flash), now_ns);
    case S12X_STATION_WAIT:
        if (next_ns != SIM_NEVER) {
            return next_ns;
        }
        ecu->station = S12X_STATION_DONE;
        return s12x_flash_reset(ecu->flash, now_ns);
    case S12X_STATION_DONE: break;
    }
    CHECK(ecu->station != S12X_STATION_DONE);
    return now_ns;
}
