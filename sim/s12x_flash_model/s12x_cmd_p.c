/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_cmd_p.c - commands on P-Flash, on the Program Once area, and on
 * everything: causes of refusal, effect, and what a cut leaves. */
#include "sim/s12x_flash_model/s12x_flash_private.h"
#include "sim/s12x_flash_model/s12x_power.h"

enum { PAIR_MASK = 0x3FFFF, ONCE_PHRASES = 8, KEY_WORDS = 4, KEYEN_MASK = 0xC0, KEYEN_ON = 0x80 };

static uint32_t every_array(const struct s12x_flash *flash)
{
    return (UINT32_C(1) << flash->arrays_len) - 1;
}

/* Sets address, array and offset; false if there is no P-Flash. */
static bool locate_p(struct s12x_flash *flash, struct s12x_run *run)
{
    run->op.address = s12x_cmd_address(flash);
    run->array = s12x_array_at(flash, run->op.address, &run->offset);
    if (!run->array || run->array == flash->d) {
        return false;
    }
    run->busy = s12x_array_bit(flash, run->array);
    return true;
}

static bool aligned_p(const struct s12x_flash *flash, const struct s12x_run *run)
{
    return run->op.address % flash->part->p_phrase_bytes == 0;
}

enum s12x_verdict s12x_check_all(struct s12x_flash *flash, struct s12x_run *run)
{
    run->busy = every_array(flash);
    return S12X_GO;
}

/* Only address bits 22 to 16 are given: any block that holds part of this 64 KB. */
enum s12x_verdict s12x_check_block(struct s12x_flash *flash, struct s12x_run *run)
{
    run->op.address = (uint32_t)(flash->fccob[0] & 0x7Fu) << 16;
    run->array = s12x_array_at(flash, run->op.address, &run->offset);
    if (!run->array) {
        return S12X_REFUSE;
    }
    run->offset = 0;
    run->units = run->array->units;
    run->busy = s12x_array_bit(flash, run->array);
    return S12X_GO;
}

enum s12x_verdict s12x_check_section_p(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!locate_p(flash, run) || !aligned_p(flash, run)) {
        return S12X_REFUSE;
    }
    run->units = flash->fccob[2];
    uint32_t len = run->units * flash->part->p_phrase_bytes;
    bool crosses = (run->op.address & PAIR_MASK) + len > PAIR_MASK + 1;
    /* Own assumption: a section that runs out of its block is refused too. */
    if (crosses || len > run->array->size_bytes - run->offset) {
        return S12X_REFUSE;
    }
    return S12X_GO;
}

static enum s12x_verdict locate_once(struct s12x_flash *flash, struct s12x_run *run)
{
    uint32_t phrase = flash->fccob[1];
    if (phrase >= ONCE_PHRASES || phrase >= flash->once.units) {
        return S12X_REFUSE;
    }
    run->array = &flash->once;
    run->offset = phrase * flash->once.unit_bytes;
    run->busy = 1; /* It lies in the information register of the first block. */
    return S12X_GO;
}

enum s12x_verdict s12x_check_once(struct s12x_flash *flash, struct s12x_run *run)
{
    return locate_once(flash, run);
}

/* MC9S12XEP100RMV1 p.933: a phrase of all ones may be programmed again. */
enum s12x_verdict s12x_check_program_once(struct s12x_flash *flash, struct s12x_run *run)
{
    if (locate_once(flash, run) != S12X_GO ||
        s12x_array_written(run->array, run->offset / run->array->unit_bytes)) {
        return S12X_REFUSE;
    }
    return S12X_GO;
}

static bool fits_loads(const struct s12x_flash *flash, const struct s12x_run *run)
{
    for (uint8_t i = 0; i < flash->loads_len; i++) {
        if (flash->loads[i].array == run->array ||
            (flash->loads[i].address & PAIR_MASK) != (run->op.address & PAIR_MASK)) {
            return false;
        }
    }
    return true;
}

/* MC9S12XEP100RMV1 Rev 1.19 p.1056. */
static enum s12x_verdict check_phrase(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!locate_p(flash, run) || !aligned_p(flash, run) || !fits_loads(flash, run)) {
        return S12X_REFUSE;
    }
    return s12x_protected(flash, run->op.address, flash->part->p_phrase_bytes) ? S12X_PROTECTED
                                                                               : S12X_GO;
}

enum s12x_verdict s12x_check_load(struct s12x_flash *flash, struct s12x_run *run)
{
    enum s12x_verdict verdict = check_phrase(flash, run);
    run->busy = 0; /* It only fills a buffer. */
    return verdict;
}

enum s12x_verdict s12x_check_program_p(struct s12x_flash *flash, struct s12x_run *run)
{
    enum s12x_verdict verdict = check_phrase(flash, run);
    run->units = flash->loads_len;
    for (uint8_t i = 0; i < flash->loads_len; i++) {
        run->busy |= s12x_array_bit(flash, flash->loads[i].array);
    }
    return verdict;
}

/* Protected emulated EEPROM is flagged in FERSTAT. */
enum s12x_verdict s12x_check_erase_all(struct s12x_flash *flash, struct s12x_run *run)
{
    run->busy = every_array(flash);
    if (s12x_prot_e_mask(flash->eprot) != 0) {
        flash->ferstat |= S12X_EPVIOLIF;
        return S12X_PROTECTED;
    }
    return flash->protected_p != 0 ? S12X_PROTECTED : S12X_GO;
}

enum s12x_verdict s12x_check_erase_block(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!locate_p(flash, run)) {
        return S12X_REFUSE;
    }
    run->offset = 0;
    return s12x_protected(flash, run->array->start, run->array->size_bytes) ? S12X_PROTECTED
                                                                            : S12X_GO;
}

enum s12x_verdict s12x_check_erase_p(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!locate_p(flash, run) || !aligned_p(flash, run)) {
        return S12X_REFUSE;
    }
    uint32_t sector = run->op.address & ~(flash->part->p_sector_bytes - 1);
    return s12x_protected(flash, sector, flash->part->p_sector_bytes) ? S12X_PROTECTED : S12X_GO;
}

/* The phrase with its words in FCCOB 2 to 5, big-endian in memory. */
static uint64_t ccob_phrase(const struct s12x_flash *flash)
{
    uint64_t data = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint16_t word = flash->fccob[2 + i];
        uint16_t swapped = (uint16_t)(word >> 8 | word << 8);
        data |= (uint64_t)swapped << (16 * i);
    }
    return data;
}

/* Own assumption, after the sibling MC9S12G: a wrong key is an access error. */
enum s12x_verdict s12x_check_backdoor(struct s12x_flash *flash, struct s12x_run *run)
{
    run->busy = 1;
    if ((flash->fsec & KEYEN_MASK) != KEYEN_ON || flash->key_failed) {
        return S12X_REFUSE;
    }
    uint32_t offset;
    const struct s12x_array *array = s12x_array_at(flash, flash->part->config_field, &offset);
    uint64_t stored;
    s12x_sense(flash, array, offset / array->unit_bytes, &stored);
    for (unsigned i = 0; i < KEY_WORDS; i++) {
        uint16_t raw = (uint16_t)(stored >> (16 * i));
        uint16_t key = (uint16_t)(raw >> 8 | raw << 8);
        if (key != flash->fccob[1 + i] || key == 0x0000 || key == 0xFFFF) {
            flash->key_failed = true;
        }
    }
    return flash->key_failed ? S12X_REFUSE : S12X_GO;
}

static enum s12x_verdict check_margin(struct s12x_flash *flash, struct s12x_run *run, uint16_t max)
{
    enum s12x_verdict verdict = s12x_check_block(flash, run);
    run->units = 0;
    run->busy = 0;
    return flash->fccob[1] > max ? S12X_REFUSE : verdict;
}

enum s12x_verdict s12x_check_user_margin(struct s12x_flash *flash, struct s12x_run *run)
{
    return check_margin(flash, run, 2);
}

enum s12x_verdict s12x_check_field_margin(struct s12x_flash *flash, struct s12x_run *run)
{
    return check_margin(flash, run, 4);
}

uint8_t s12x_run_verify_all(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    uint8_t mgstat = 0;
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        mgstat |= s12x_verify_blank(flash, &flash->arrays[i], 0, flash->arrays[i].units);
    }
    return mgstat;
}

uint8_t s12x_run_verify(struct s12x_flash *flash, struct s12x_run *run)
{
    return s12x_verify_blank(flash, run->array, run->offset / run->array->unit_bytes, run->units);
}

uint8_t s12x_run_read_once(struct s12x_flash *flash, struct s12x_run *run)
{
    uint64_t data;
    enum s12x_ecc_fault fault =
        s12x_sense(flash, run->array, run->offset / run->array->unit_bytes, &data);
    for (unsigned i = 0; i < 4; i++) {
        uint16_t raw = (uint16_t)(data >> (16 * i));
        flash->fccob[2 + i] = (uint16_t)(raw >> 8 | raw << 8);
    }
    if (fault == S12X_ECC_OK) {
        return 0;
    }
    return fault == S12X_ECC_SINGLE ? S12X_MGSTAT1 : S12X_MGSTAT1 | S12X_MGSTAT0;
}

uint8_t s12x_run_load(struct s12x_flash *flash, struct s12x_run *run)
{
    CHECK(flash->loads_len < S12X_BLOCKS_MAX);
    flash->loads[flash->loads_len++] =
        (struct s12x_load){run->array, run->offset, run->op.address, ccob_phrase(flash)};
    return 0;
}

uint8_t s12x_run_program_p(struct s12x_flash *flash, struct s12x_run *run)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint8_t mgstat = s12x_pulse_program(flash, run->array, run->offset / run->array->unit_bytes,
                                        ccob_phrase(flash) ^ run->fault.flip, &pulse);
    for (uint8_t i = 0; i < flash->loads_len; i++) {
        const struct s12x_load *load = &flash->loads[i];
        mgstat |= s12x_pulse_program(flash, load->array, load->offset / load->array->unit_bytes,
                                     load->data, &pulse);
    }
    flash->loads_len = 0;
    return mgstat;
}

void s12x_tear_program_p(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    s12x_power_torn_program(run->array, run->offset / run->array->unit_bytes,
                            ccob_phrase(flash) ^ run->fault.flip, permille, &flash->torn_bits);
    for (uint8_t i = 0; i < flash->loads_len; i++) {
        const struct s12x_load *load = &flash->loads[i];
        s12x_power_torn_program(load->array, load->offset / load->array->unit_bytes, load->data,
                                permille, &flash->torn_bits);
    }
}

uint8_t s12x_run_program_once(struct s12x_flash *flash, struct s12x_run *run)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    return s12x_pulse_program(flash, run->array, run->offset / run->array->unit_bytes,
                              ccob_phrase(flash), &pulse);
}

void s12x_tear_program_once(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    s12x_power_torn_program(run->array, run->offset / run->array->unit_bytes, ccob_phrase(flash),
                            permille, &flash->torn_bits);
}

static uint8_t erase_array(struct s12x_flash *flash, struct s12x_array *array)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint8_t mgstat = 0;
    for (uint32_t sector = 0; sector < array->sectors; sector++) {
        mgstat |= s12x_pulse_erase(flash, array, sector, &pulse);
    }
    return mgstat;
}

static void tear_array(struct s12x_flash *flash, struct s12x_array *array, uint32_t permille)
{
    for (uint32_t sector = 0; sector < array->sectors; sector++) {
        s12x_power_torn_erase(array, sector, permille, &flash->torn_bits);
    }
}

/* The partition words lie outside the erased arrays (own assumption): an empty log remains. */
uint8_t s12x_run_erase_all(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    uint8_t mgstat = 0;
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        mgstat |= erase_array(flash, &flash->arrays[i]);
    }
    if (flash->eee.partitioned) {
        s12x_eee_partition(flash, flash->eee.dfpart, flash->eee.erpart);
    }
    return mgstat;
}

void s12x_tear_erase_all(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    (void)run;
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        tear_array(flash, &flash->arrays[i], permille);
    }
}

uint8_t s12x_run_erase_block(struct s12x_flash *flash, struct s12x_run *run)
{
    return erase_array(flash, run->array);
}

void s12x_tear_erase_block(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    tear_array(flash, run->array, permille);
}

uint8_t s12x_run_erase_sector(struct s12x_flash *flash, struct s12x_run *run)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    return s12x_pulse_erase(flash, run->array, run->offset / run->array->sector_bytes, &pulse);
}

void s12x_tear_erase_sector(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    s12x_power_torn_erase(run->array, run->offset / run->array->sector_bytes, permille,
                          &flash->torn_bits);
}

uint8_t s12x_run_unsecure(struct s12x_flash *flash, struct s12x_run *run)
{
    uint8_t mgstat = s12x_run_erase_all(flash, run) | s12x_run_verify_all(flash, run);
    if (mgstat == 0) {
        flash->fsec = (uint8_t)((flash->fsec & ~S12X_SEC_MASK) | S12X_SEC_OPEN);
    }
    return mgstat;
}

uint8_t s12x_run_backdoor(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    flash->fsec = (uint8_t)((flash->fsec & ~S12X_SEC_MASK) | S12X_SEC_OPEN);
    return 0;
}

/* Field levels 3 and 4 differ from user levels 1 and 2 in size, which is not modelled. */
uint8_t s12x_run_margin(struct s12x_flash *flash, struct s12x_run *run)
{
    static const enum s12x_margin levels[] = {S12X_MARGIN_NORMAL, S12X_MARGIN_ONE, S12X_MARGIN_ZERO,
                                              S12X_MARGIN_ONE, S12X_MARGIN_ZERO};
    flash->margin[run->array - flash->arrays] = levels[flash->fccob[1]];
    return 0;
}
