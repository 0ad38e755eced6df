/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_eee.c - the log of emulated EEPROM: partitioning, reading it
 * at reset, and the buffer RAM that the CPU sees. */
#include "sim/s12x_flash_model/s12x_eee.h"

#include "sim/s12x_flash_model/s12x_eee_log.h"

#include <string.h>

/* Own assumption. */
enum { COPY_DOWN_CYCLES_PER_WORD = 10 };

uint32_t s12x_eee_log_offset(const struct s12x_flash *flash)
{
    return s12x_log_sectors(flash) ? (uint32_t)flash->eee.dfpart * flash->part->d_sector_bytes
                                   : flash->d->size_bytes;
}

/* Own assumption: the emulated part lies at the top of buffer RAM, where EPROT protects it. */
uint16_t s12x_eee_first_word(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    return (uint16_t)(S12X_EEE_WORDS - (eee->partitioned ? eee->erpart * S12X_LOG_PAGE_WORDS : 0));
}

bool s12x_eee_limits_ok(const struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart)
{
    if (!flash->d || dfpart > flash->d->sectors || erpart > S12X_EEE_WORDS / S12X_LOG_PAGE_WORDS) {
        return false;
    }
    uint32_t sectors = flash->d->sectors - dfpart;
    return erpart == 0 || (sectors >= 12 && sectors / erpart >= 8);
}

bool s12x_log_sector_blank(const struct s12x_flash *flash, uint16_t sector)
{
    if (s12x_array_sector_blank(flash->d, (uint32_t)flash->eee.dfpart + sector)) {
        return true;
    }
    for (uint32_t word = 0; word < S12X_LOG_SECTOR_WORDS; word++) {
        if (!s12x_array_blank(flash->d, s12x_log_unit(flash, sector, word))) {
            return false;
        }
    }
    return true;
}

static bool slot_blank(const struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    uint32_t unit = s12x_log_slot_unit(flash, sector, slot);
    return s12x_array_blank(flash->d, unit) && s12x_array_blank(flash->d, unit + 1);
}

static bool any_record(const struct s12x_flash *flash, uint16_t sector)
{
    for (uint16_t slot = 0; slot < S12X_EEE_SLOTS; slot++) {
        if (!slot_blank(flash, sector, slot)) {
            return true;
        }
    }
    return false;
}

static bool weak_word(const struct s12x_flash *flash, uint32_t unit)
{
    struct s12x_cell cell;
    s12x_array_get(flash->d, unit, &cell);
    return cell.weak != 0 || cell.weak_ecc != 0;
}

/* A header that was cut while being written has weak cells and no records behind it. */
static void classify_sector(struct s12x_flash *flash, uint16_t sector)
{
    struct s12x_eee *eee = &flash->eee;
    uint64_t header;
    uint64_t sequence;
    uint32_t unit = s12x_log_unit(flash, sector, 0);
    enum s12x_ecc_fault fault =
        s12x_array_read_unit(flash->d, unit, S12X_MARGIN_NORMAL, &flash->weak_bits, &header, NULL);
    s12x_sense(flash, flash->d, unit + 1, &sequence);
    bool active = fault != S12X_ECC_DOUBLE && s12x_log_swap(header) == S12X_LOG_ACTIVE &&
                  (!weak_word(flash, unit) || any_record(flash, sector));
    eee->sequence[sector] = s12x_log_swap(sequence);
    eee->tidy = false;
    if (active) {
        eee->sector[sector] = S12X_EEE_ACTIVE;
    } else {
        eee->sector[sector] =
            s12x_log_sector_blank(flash, sector) ? S12X_EEE_READY : S12X_EEE_OBSOLETE;
    }
}

static bool newer(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b) > 0;
}

uint16_t s12x_log_next(const struct s12x_flash *flash, uint16_t after)
{
    const struct s12x_eee *eee = &flash->eee;
    uint16_t best = S12X_EEE_NONE;
    for (uint16_t s = 0; s < s12x_log_sectors(flash); s++) {
        if (eee->sector[s] != S12X_EEE_ACTIVE || s == after) {
            continue;
        }
        if (after != S12X_EEE_NONE && !newer(eee->sequence[s], eee->sequence[after])) {
            continue;
        }
        if (best == S12X_EEE_NONE || newer(eee->sequence[best], eee->sequence[s])) {
            best = s;
        }
    }
    return best;
}

void s12x_log_spoil(struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    s12x_array_program(flash->d, s12x_log_slot_unit(flash, sector, slot) + 1, 0);
}

static void read_slot(struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    struct s12x_eee *eee = &flash->eee;
    uint32_t unit = s12x_log_slot_unit(flash, sector, slot);
    uint64_t value;
    uint64_t tag;
    enum s12x_ecc_fault value_fault = s12x_sense(flash, flash->d, unit, &value);
    enum s12x_ecc_fault tag_fault = s12x_sense(flash, flash->d, unit + 1, &tag);
    uint16_t name = s12x_log_swap(tag);
    if (value_fault == S12X_ECC_DOUBLE || tag_fault == S12X_ECC_DOUBLE ||
        (name & S12X_LOG_TAG_MASK) != S12X_LOG_TAG) {
        return;
    }
    uint16_t index = name & (uint16_t)~S12X_LOG_TAG_MASK;
    eee->stored[index] = s12x_log_swap(value);
    eee->home[index] = (uint16_t)(sector * 64 + slot);
}

/* Only the last record can have been cut by a loss of power; it shows by its weak cells. Its place,
 * or S12X_EEE_NONE. */
static uint16_t find_torn_tail(struct s12x_flash *flash)
{
    struct s12x_eee *eee = &flash->eee;
    eee->next_slot = S12X_EEE_SLOTS;
    while (eee->next_slot > 0 && slot_blank(flash, eee->newest, (uint16_t)(eee->next_slot - 1))) {
        eee->next_slot--;
    }
    if (eee->next_slot == 0) {
        return S12X_EEE_NONE;
    }
    uint16_t last = (uint16_t)(eee->next_slot - 1);
    uint32_t unit = s12x_log_slot_unit(flash, eee->newest, last);
    return weak_word(flash, unit) || weak_word(flash, unit + 1) ||
                   s12x_array_blank(flash->d, unit + 1)
               ? last
               : S12X_EEE_NONE;
}

static void read_sectors(struct s12x_flash *flash, uint16_t torn)
{
    const struct s12x_eee *eee = &flash->eee;
    for (uint16_t s = s12x_log_next(flash, S12X_EEE_NONE); s != S12X_EEE_NONE;
         s = s12x_log_next(flash, s)) {
        for (uint16_t slot = 0; slot < S12X_EEE_SLOTS; slot++) {
            if (!(s == eee->newest && slot == torn) && !slot_blank(flash, s, slot)) {
                read_slot(flash, s, slot);
            }
        }
    }
}

/* No cell changes. The place of a record that was cut. */
static uint16_t scan_log(struct s12x_flash *flash)
{
    struct s12x_eee *eee = &flash->eee;
    memset(eee->stored, 0xFF, sizeof(eee->stored));
    memset(eee->home, 0xFF, sizeof(eee->home));
    memset(eee->dirty, 0, sizeof(eee->dirty));
    eee->dirty_len = 0;
    eee->scan = 0;
    eee->newest = S12X_EEE_NONE;
    eee->next_slot = 0;
    eee->step.kind = S12X_EEE_IDLE;
    eee->torn = false;
    for (uint16_t s = 0; s < s12x_log_sectors(flash); s++) {
        classify_sector(flash, s);
    }
    for (uint16_t s = s12x_log_next(flash, S12X_EEE_NONE); s != S12X_EEE_NONE;
         s = s12x_log_next(flash, s)) {
        eee->newest = s;
    }
    const uint16_t torn = eee->newest != S12X_EEE_NONE ? find_torn_tail(flash) : S12X_EEE_NONE;
    read_sectors(flash, torn);
    return torn;
}

static uint64_t hash_log(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    uint64_t unclean = 0;
    for (uint16_t s = 0; s < s12x_log_sectors(flash); s++) {
        unclean += eee->sector[s] == S12X_EEE_OBSOLETE;
        unclean += (uint64_t)(eee->sector[s] == S12X_EEE_DEAD) << 16;
    }
    return s12x_array_mix_bytes(eee->stored, sizeof eee->stored, unclean);
}

uint64_t s12x_eee_log_hash(const struct s12x_flash *flash)
{
    if (!flash->eee.torn) {
        return hash_log(flash);
    }
    struct s12x_flash copy = *flash;
    (void)scan_log(&copy);
    return hash_log(&copy);
}

void s12x_eee_partition(struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart)
{
    struct s12x_eee *eee = &flash->eee;
    CHECK(s12x_eee_limits_ok(flash, dfpart, erpart));
    CHECK(flash->d->sectors <= S12X_EEE_SECTORS_MAX);
    eee->partitioned = true;
    eee->enabled = false;
    eee->dfpart = dfpart;
    eee->erpart = erpart;
    s12x_eee_copy_down(flash, false);
}

void s12x_eee_copy_down(struct s12x_flash *flash, bool lost_power)
{
    struct s12x_eee *eee = &flash->eee;
    eee->enabled = false;
    if (lost_power) {
        memset(eee->ram, 0, sizeof(eee->ram));
    }
    const uint16_t torn = scan_log(flash);
    if (torn != S12X_EEE_NONE) {
        s12x_log_spoil(flash, eee->newest, torn);
    }
    uint16_t first = s12x_eee_first_word(flash);
    memcpy(&eee->ram[first], &eee->stored[first], (S12X_EEE_WORDS - first) * sizeof(eee->ram[0]));
}

sim_ns_t s12x_eee_copy_down_ns(const struct s12x_flash *flash)
{
    uint64_t cycles =
        (uint64_t)s12x_log_sectors(flash) * S12X_LOG_SECTOR_WORDS * COPY_DOWN_CYCLES_PER_WORD;
    return cycles * UINT64_C(1000000000) / flash->bus_hz;
}

uint16_t s12x_eee_pending(const struct s12x_flash *flash)
{
    const struct s12x_eee_step *step = &flash->eee.step;
    return (uint16_t)(flash->eee.dirty_len + (step->kind == S12X_EEE_RECORD && !step->copy));
}

void s12x_eee_query(const struct s12x_flash *flash, uint16_t answer[4])
{
    const struct s12x_eee *eee = &flash->eee;
    if (!eee->partitioned) {
        answer[0] = answer[1] = answer[2] = 0xFFFF;
        answer[3] = 0;
        return;
    }
    uint32_t erases = 0;
    unsigned dead = 0;
    unsigned ready = 0;
    for (uint16_t s = 0; s < s12x_log_sectors(flash); s++) {
        uint32_t count = flash->d->erase_count[eee->dfpart + s];
        erases = count > erases ? count : erases;
        dead += eee->sector[s] == S12X_EEE_DEAD;
        ready += eee->sector[s] == S12X_EEE_READY;
    }
    answer[0] = eee->dfpart;
    answer[1] = eee->erpart;
    answer[2] = (uint16_t)(erases < 0xFFFF ? erases : 0xFFFF);
    answer[3] = (uint16_t)(dead << 8 | ready);
}

static void check_access(struct s12x_flash *flash, uint16_t offset, sim_ns_t now_ns)
{
    CHECK(offset % 2 == 0 && offset < S12X_EEE_WORDS * 2);
    CHECK(flash->powered && now_ns >= flash->ready_ns);
    s12x_flash_advance(flash, now_ns);
}

uint16_t s12x_flash_eee_read(struct s12x_flash *flash, uint16_t offset, sim_ns_t now_ns)
{
    check_access(flash, offset, now_ns);
    return flash->eee.ram[offset / 2];
}

void s12x_flash_eee_write(struct s12x_flash *flash, uint16_t offset, uint16_t value,
                          sim_ns_t now_ns)
{
    struct s12x_eee *eee = &flash->eee;
    check_access(flash, offset, now_ns);
    uint16_t index = offset / 2;
    bool emulated = index >= s12x_eee_first_word(flash);
    if (emulated && s12x_eee_protected(flash, offset)) {
        flash->ferstat |= S12X_EPVIOLIF;
        s12x_finding(flash, S12X_FIND_FPVIOL, s12x_log_word_address(flash, index));
        return;
    }
    eee->ram[index] = value;
    if (!emulated || !eee->enabled) {
        return;
    }
    if (!eee->dirty[index]) {
        eee->dirty[index] = 1;
        eee->dirty_len++;
    }
    s12x_eee_kick(flash, now_ns);
}
