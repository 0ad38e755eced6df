/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_factory.c - the contents with which an S12X ECU leaves its line: boot block,
 * configuration field, partitioned emulated EEPROM, first application. */
#include "sim/ecus/s12x_ecu_private.h"
#include "sim/proto/srec.h"

#include <errno.h>
#include <stdio.h>
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

/* --- The first application ---------------------------------------------------------------------
 */

/* The application regions as one image; what no record covers stays erased. */
struct load {
    const struct boot_cfg *boot;
    const char *path;
    unsigned line;
    uint8_t *bytes[BOOT_REGIONS_MAX];
    bool any;
    bool ended;
};

static const struct boot_region *region_of(const struct boot_cfg *boot, uint32_t address,
                                           size_t *index)
{
    for (size_t i = 0; i < boot->regions_len; i++) {
        if (address >= boot->regions[i].start && address < boot->regions[i].end) {
            *index = i;
            return &boot->regions[i];
        }
    }
    return NULL;
}

static int load_data(struct load *load, const struct srec *rec, struct err *err)
{
    size_t index = 0;
    const struct boot_region *region = region_of(load->boot, rec->address, &index);
    if (region == NULL || rec->len > region->end - rec->address) {
        return err_set(err, ERR_RANGE,
                       "%s:%u: record at 0x%06X lies outside the application regions; link the "
                       "image for this vehicle's regions",
                       load->path, load->line, (unsigned)rec->address);
    }
    CHECK(load->bytes[index] != NULL);
    memcpy(&load->bytes[index][rec->address - region->start], rec->data, rec->len);
    load->any = true;
    return 0;
}

static int load_line(struct load *load, const char *text, size_t len, struct err *err)
{
    struct srec rec;
    if (load->ended) {
        return err_set(err, ERR_SYNTAX, "%s:%u: there is more after the end record", load->path,
                       load->line);
    }
    enum srec_result result =
        srec_parse(text, (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX), &rec);
    if (result != SREC_OK) {
        return err_set(err, ERR_SYNTAX, "%s:%u: not a valid S-record: %s", load->path, load->line,
                       srec_result_text(result));
    }
    if (rec.type >= 1 && rec.type <= 3) {
        return load_data(load, &rec, err);
    }
    load->ended = rec.type >= 7;
    return 0;
}

static int load_file(struct load *load, struct err *err)
{
    FILE *in = fopen(load->path, "r");
    char *text = NULL;
    size_t cap = 0;
    ssize_t len;
    int rc = 0;

    if (in == NULL) {
        return err_set(err, ERR_IO, "%s: cannot be opened: %s", load->path, strerror(errno));
    }
    while (rc == 0 && (len = getline(&text, &cap, in)) >= 0) {
        load->line++;
        while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) {
            len--;
        }
        rc = len == 0 ? 0 : load_line(load, text, (size_t)len, err);
    }
    if (rc == 0 && ferror(in)) {
        rc = err_set(err, ERR_IO, "%s: cannot be read: %s", load->path, strerror(errno));
    } else if (rc == 0 && (!load->any || !load->ended)) {
        rc = err_set(err, ERR_SYNTAX, "%s:%u: %s; is the file complete?", load->path, load->line,
                     load->any ? "no end record (S7, S8 or S9)" : "no data records");
    }
    free(text);
    fclose(in);
    return rc;
}

static bool phrase_blank(const uint8_t *phrase, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (phrase[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

static int program_loaded(struct s12x_ecu *ecu, const struct load *load, struct err *err)
{
    uint32_t phrase = ecu->cfg.flash.part->p_phrase_bytes;
    int rc = 0;
    for (size_t i = 0; i < load->boot->regions_len && rc == 0; i++) {
        uint32_t start = load->boot->regions[i].start;
        uint32_t len = load->boot->regions[i].end - start;
        for (uint32_t at = 0; at < len && rc == 0; at += phrase) {
            if (!phrase_blank(&load->bytes[i][at], phrase)) {
                rc = s12x_flash_factory_program(ecu->flash, start + at, &load->bytes[i][at], phrase,
                                                err);
            }
        }
    }
    return rc;
}

static int allocate(struct load *load, struct err *err)
{
    for (size_t i = 0; i < load->boot->regions_len; i++) {
        size_t len = load->boot->regions[i].end - load->boot->regions[i].start;
        load->bytes[i] = malloc(len);
        if (load->bytes[i] == NULL) {
            return err_set(err, ERR_NOMEM, "%s: out of memory for the image", load->path);
        }
        memset(load->bytes[i], 0xFF, len);
    }
    return 0;
}

int s12x_ecu_load_application(struct s12x_ecu *ecu, const char *path, struct err *err)
{
    struct load load = {.boot = &ecu->cfg.boot, .path = path};
    CHECK(ecu->base.run == ECU_OFF);
    int rc = allocate(&load, err);
    if (rc == 0) {
        rc = load_file(&load, err);
    }
    if (rc == 0) {
        rc = program_loaded(ecu, &load, err);
    }
    if (rc == 0) {
        ecu->station = S12X_STATION_ENABLE_EEE;
    }
    for (size_t i = 0; i < BOOT_REGIONS_MAX; i++) {
        free(load.bytes[i]);
    }
    return rc;
}

/* FCLK = oscillator / (FDIV + 1), wanted just at or below 1 MHz. */
static uint8_t fclkdiv_for(const struct s12x_ecu *ecu)
{
    uint32_t osc_hz = ecu->cfg.flash.osc_hz != 0 ? ecu->cfg.flash.osc_hz : 16000000u;
    return (uint8_t)((osc_hz + 999999u) / 1000000u - 1u);
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
