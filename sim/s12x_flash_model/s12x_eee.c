/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_eee.c - the log of emulated EEPROM: reading it at reset, and the
 * background steps that append to it and reclaim its oldest sector.
 *
 * Order of things, so that a cut at any instant loses at most the record being written: the value
 * is programmed before its tag; a sector's records are copied before its header is spoiled, and
 * the header is spoiled before the erase begins; a sector is erased before it is used again. */
#include "sim/s12x_flash_model/s12x_eee.h"

#include "sim/s12x_flash_model/s12x_flash_private.h"
#include "sim/s12x_flash_model/s12x_power.h"

#include <string.h>

enum {
    HEADER_ACTIVE = 0xFACF, /* NXP community m-p/660322, BMW FRM3 dumps. */
    TAG = 0xB800,           /* Top five bits 10111, below them the word's index. */
    TAG_MASK = 0xF800,
    PAGE_WORDS = 128,
    WORDS_PER_SECTOR = 128,
    SLOT_WORDS = 2,
    READY_WANTED = 4, /* Own assumption: below, the oldest sector is reclaimed first. */
    COPY_DOWN_CYCLES_PER_WORD = 10, /* Own assumption. */
};

static uint16_t swap16(uint64_t word)
{
    return (uint16_t)((word & 0xFF) << 8 | (word >> 8 & 0xFF));
}

static uint16_t log_sectors(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    return (uint16_t)(eee->partitioned && eee->erpart > 0 ? flash->d->sectors - eee->dfpart : 0);
}

/* The unit in D-Flash of a word of sector's header or records. */
static uint32_t unit_of(const struct s12x_flash *flash, uint16_t sector, uint32_t word)
{
    return ((uint32_t)flash->eee.dfpart + sector) * WORDS_PER_SECTOR + word;
}

static uint32_t slot_unit(const struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    return unit_of(flash, sector, SLOT_WORDS + (uint32_t)slot * SLOT_WORDS);
}

static uint32_t sector_address(const struct s12x_flash *flash, uint16_t sector)
{
    return flash->d->start + unit_of(flash, sector, 0) * 2;
}

static uint32_t word_address(const struct s12x_flash *flash, uint16_t index)
{
    return flash->part->eee_ram_start + index * 2u;
}

uint32_t s12x_eee_log_offset(const struct s12x_flash *flash)
{
    return log_sectors(flash) ? (uint32_t)flash->eee.dfpart * flash->part->d_sector_bytes
                              : flash->d->size_bytes;
}

/* Own assumption: the emulated part lies at the top of buffer RAM, where EPROT protects it. */
uint16_t s12x_eee_first_word(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    return (uint16_t)(S12X_EEE_WORDS - (eee->partitioned ? eee->erpart * PAGE_WORDS : 0));
}

bool s12x_eee_limits_ok(const struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart)
{
    if (!flash->d || dfpart > flash->d->sectors || erpart > S12X_EEE_WORDS / PAGE_WORDS) {
        return false;
    }
    uint32_t sectors = flash->d->sectors - dfpart;
    return erpart == 0 || (sectors >= 12 && sectors / erpart >= 8);
}

static bool sector_blank(const struct s12x_flash *flash, uint16_t sector)
{
    for (uint32_t word = 0; word < WORDS_PER_SECTOR; word++) {
        if (!s12x_array_blank(flash->d, unit_of(flash, sector, word))) {
            return false;
        }
    }
    return true;
}

static bool slot_blank(const struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    uint32_t unit = slot_unit(flash, sector, slot);
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
    uint32_t unit = unit_of(flash, sector, 0);
    enum s12x_ecc_fault fault =
        s12x_array_read_unit(flash->d, unit, S12X_MARGIN_NORMAL, &flash->weak_bits, &header, NULL);
    s12x_sense(flash, flash->d, unit + 1, &sequence);
    bool active = fault != S12X_ECC_DOUBLE && swap16(header) == HEADER_ACTIVE &&
                  (!weak_word(flash, unit) || any_record(flash, sector));
    eee->sequence[sector] = swap16(sequence);
    if (active) {
        eee->sector[sector] = S12X_EEE_ACTIVE;
    } else {
        eee->sector[sector] = sector_blank(flash, sector) ? S12X_EEE_READY : S12X_EEE_OBSOLETE;
    }
}

static bool newer(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b) > 0;
}

/* The active sector with the lowest number above after (or the lowest of all), S12X_EEE_NONE if
 * there is none. */
static uint16_t next_in_order(const struct s12x_flash *flash, uint16_t after)
{
    const struct s12x_eee *eee = &flash->eee;
    uint16_t best = S12X_EEE_NONE;
    for (uint16_t s = 0; s < log_sectors(flash); s++) {
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

/* Makes a slot useless for good: no correction turns a tag of all zeros into a valid one. */
static void spoil_slot(struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    s12x_array_program(flash->d, slot_unit(flash, sector, slot) + 1, 0);
}

static void read_slot(struct s12x_flash *flash, uint16_t sector, uint16_t slot)
{
    struct s12x_eee *eee = &flash->eee;
    uint32_t unit = slot_unit(flash, sector, slot);
    uint64_t value;
    uint64_t tag;
    enum s12x_ecc_fault value_fault = s12x_sense(flash, flash->d, unit, &value);
    enum s12x_ecc_fault tag_fault = s12x_sense(flash, flash->d, unit + 1, &tag);
    uint16_t name = swap16(tag);
    if (value_fault == S12X_ECC_DOUBLE || tag_fault == S12X_ECC_DOUBLE ||
        (name & TAG_MASK) != TAG) {
        return;
    }
    uint16_t index = name & (uint16_t)~TAG_MASK;
    eee->stored[index] = swap16(value);
    eee->home[index] = (uint16_t)(sector * 64 + slot);
}

/* Only the last record can have been cut by a loss of power; it shows by its weak cells. */
static void drop_torn_tail(struct s12x_flash *flash)
{
    struct s12x_eee *eee = &flash->eee;
    eee->next_slot = S12X_EEE_SLOTS;
    while (eee->next_slot > 0 && slot_blank(flash, eee->newest, (uint16_t)(eee->next_slot - 1))) {
        eee->next_slot--;
    }
    if (eee->next_slot == 0) {
        return;
    }
    uint16_t last = (uint16_t)(eee->next_slot - 1);
    uint32_t unit = slot_unit(flash, eee->newest, last);
    if (weak_word(flash, unit) || weak_word(flash, unit + 1) ||
        s12x_array_blank(flash->d, unit + 1)) {
        spoil_slot(flash, eee->newest, last);
    }
}

static void scan_log(struct s12x_flash *flash)
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
    for (uint16_t s = 0; s < log_sectors(flash); s++) {
        classify_sector(flash, s);
    }
    for (uint16_t s = next_in_order(flash, S12X_EEE_NONE); s != S12X_EEE_NONE;
         s = next_in_order(flash, s)) {
        eee->newest = s;
    }
    if (eee->newest != S12X_EEE_NONE) {
        drop_torn_tail(flash);
    }
    for (uint16_t s = next_in_order(flash, S12X_EEE_NONE); s != S12X_EEE_NONE;
         s = next_in_order(flash, s)) {
        for (uint16_t slot = 0; slot < S12X_EEE_SLOTS; slot++) {
            if (!slot_blank(flash, s, slot)) {
                read_slot(flash, s, slot);
            }
        }
    }
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
    scan_log(flash);
    uint16_t first = s12x_eee_first_word(flash);
    memcpy(&eee->ram[first], &eee->stored[first], (S12X_EEE_WORDS - first) * sizeof(eee->ram[0]));
}

sim_ns_t s12x_eee_copy_down_ns(const struct s12x_flash *flash)
{
    uint64_t cycles = (uint64_t)log_sectors(flash) * WORDS_PER_SECTOR * COPY_DOWN_CYCLES_PER_WORD;
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
    for (uint16_t s = 0; s < log_sectors(flash); s++) {
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

/* --- Choosing the next step ------------------------------------------------------------------ */

static uint16_t count_sectors(const struct s12x_flash *flash, enum s12x_eee_sector state)
{
    uint16_t count = 0;
    for (uint16_t s = 0; s < log_sectors(flash); s++) {
        count = (uint16_t)(count + (flash->eee.sector[s] == state));
    }
    return count;
}

/* The first sector in that state behind the newest, round the ring. */
static uint16_t find_sector(const struct s12x_flash *flash, enum s12x_eee_sector state)
{
    uint16_t sectors = log_sectors(flash);
    uint16_t from =
        flash->eee.newest == S12X_EEE_NONE ? (uint16_t)(sectors - 1) : flash->eee.newest;
    for (uint16_t i = 1; i <= sectors; i++) {
        uint16_t s = (uint16_t)((from + i) % sectors);
        if (flash->eee.sector[s] == state) {
            return s;
        }
    }
    return S12X_EEE_NONE;
}

/* No room to work in: too many sectors are dead. */
static bool give_up(struct s12x_flash *flash)
{
    flash->ferstat |= S12X_ERSERIF;
    flash->eee.enabled = false;
    return false;
}

static bool choose_activate(struct s12x_flash *flash, struct s12x_eee_step *step)
{
    step->sector = find_sector(flash, S12X_EEE_READY);
    if (step->sector == S12X_EEE_NONE) {
        return give_up(flash);
    }
    step->kind = S12X_EEE_ACTIVATE;
    return true;
}

static bool choose_record(struct s12x_flash *flash, struct s12x_eee_step *step, uint16_t index,
                          uint16_t value, bool copy)
{
    struct s12x_eee *eee = &flash->eee;
    if (eee->newest == S12X_EEE_NONE || eee->next_slot >= S12X_EEE_SLOTS) {
        return choose_activate(flash, step);
    }
    step->kind = S12X_EEE_RECORD;
    step->sector = eee->newest;
    step->slot = eee->next_slot++;
    step->index = index;
    step->value = value;
    step->copy = copy;
    return true;
}

static bool choose_reclaim(struct s12x_flash *flash, struct s12x_eee_step *step, uint16_t oldest)
{
    const struct s12x_eee *eee = &flash->eee;
    for (uint16_t index = s12x_eee_first_word(flash); index < S12X_EEE_WORDS; index++) {
        if (eee->home[index] != S12X_EEE_NONE && eee->home[index] / 64 == oldest) {
            return choose_record(flash, step, index, eee->stored[index], true);
        }
    }
    step->kind = S12X_EEE_RETIRE;
    step->sector = oldest;
    return true;
}

/* The tag RAM is a bit map, so words leave it by address and not in the order of writing. */
static bool choose_dirty(struct s12x_flash *flash, struct s12x_eee_step *step)
{
    struct s12x_eee *eee = &flash->eee;
    while (!eee->dirty[eee->scan]) {
        eee->scan = (uint16_t)((eee->scan + 1) % S12X_EEE_WORDS);
    }
    uint16_t index = eee->scan;
    bool chosen = choose_record(flash, step, index, eee->ram[index], false);
    if (chosen && step->kind == S12X_EEE_RECORD) {
        eee->dirty[index] = 0;
        eee->dirty_len--;
    }
    return chosen;
}

static bool choose(struct s12x_flash *flash, struct s12x_eee_step *step)
{
    uint16_t obsolete = find_sector(flash, S12X_EEE_OBSOLETE);
    if (obsolete != S12X_EEE_NONE) {
        step->kind = S12X_EEE_ERASE;
        step->sector = obsolete;
        return true;
    }
    uint16_t usable = (uint16_t)(log_sectors(flash) - count_sectors(flash, S12X_EEE_DEAD));
    uint32_t needed = (uint32_t)flash->eee.erpart * PAGE_WORDS / S12X_EEE_SLOTS + 2;
    if (flash->eee.dirty_len > 0 && usable < needed + READY_WANTED) {
        return give_up(flash);
    }
    if (flash->eee.dirty_len == 0) {
        return false;
    }
    uint16_t oldest = next_in_order(flash, S12X_EEE_NONE);
    if (count_sectors(flash, S12X_EEE_READY) < READY_WANTED && oldest != S12X_EEE_NONE &&
        oldest != flash->eee.newest) {
        return choose_reclaim(flash, step, oldest);
    }
    return choose_dirty(flash, step);
}

static sim_ns_t step_ns(const struct s12x_flash *flash, const struct s12x_eee_step *step)
{
    bool erase = step->kind == S12X_EEE_ERASE;
    uint32_t words = step->kind == S12X_EEE_RETIRE ? 1 : 2;
    return s12x_duration_ns(flash, erase ? S12X_CMD_ERASE_D_SECTOR : S12X_CMD_PROGRAM_D,
                            erase ? 0 : words, false, flash->d,
                            unit_of(flash, step->sector, 0) * 2);
}

void s12x_eee_kick(struct s12x_flash *flash, sim_ns_t now_ns)
{
    struct s12x_eee *eee = &flash->eee;
    struct s12x_eee_step step = {0};
    if (!eee->enabled || flash->running || eee->step.kind != S12X_EEE_IDLE ||
        !choose(flash, &step)) {
        return;
    }
    step.start_ns = now_ns;
    step.end_ns = now_ns + step_ns(flash, &step);
    eee->step = step;
    flash->op_min_mv = flash->supply_mv;
    s12x_set_next(flash);
}

/* --- Finishing and cutting a step ------------------------------------------------------------ */

/* The words a programming step writes, in order; how many. */
static uint32_t step_words(const struct s12x_flash *flash, const struct s12x_eee_step *step,
                           uint32_t unit[2], uint64_t word[2])
{
    switch (step->kind) {
    case S12X_EEE_RECORD:
        unit[0] = slot_unit(flash, step->sector, step->slot);
        unit[1] = unit[0] + 1;
        word[0] = swap16(step->value);
        word[1] = swap16(TAG | (uint64_t)step->index);
        return 2;
    case S12X_EEE_ACTIVATE: {
        uint16_t newest = flash->eee.newest;
        uint16_t number = newest == S12X_EEE_NONE ? 0 : flash->eee.sequence[newest];
        unit[0] = unit_of(flash, step->sector, 1);
        unit[1] = unit[0] - 1;
        word[0] = swap16((uint16_t)(number + 1));
        word[1] = swap16(HEADER_ACTIVE);
        return 2;
    }
    case S12X_EEE_RETIRE:
        unit[0] = unit_of(flash, step->sector, 0);
        word[0] = 0;
        return 1;
    case S12X_EEE_IDLE:
    case S12X_EEE_ERASE: break;
    }
    return 0;
}

static void finish_record(struct s12x_flash *flash, const struct s12x_eee_step *step, bool failed)
{
    struct s12x_eee *eee = &flash->eee;
    if (!failed) {
        eee->stored[step->index] = step->value;
        eee->home[step->index] = (uint16_t)(step->sector * 64 + step->slot);
        return;
    }
    flash->ferstat |= S12X_PGMERIF;
    spoil_slot(flash, step->sector, step->slot);
    if (!step->copy && !eee->dirty[step->index]) {
        eee->dirty[step->index] = 1;
        eee->dirty_len++;
    }
}

static void finish_erase(struct s12x_flash *flash, const struct s12x_eee_step *step)
{
    struct s12x_eee *eee = &flash->eee;
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint8_t failed =
        s12x_pulse_erase(flash, flash->d, (uint32_t)eee->dfpart + step->sector, &pulse);
    if (failed || !sector_blank(flash, step->sector)) {
        eee->sector[step->sector] = S12X_EEE_DEAD;
        flash->ferstat |= S12X_ERSERIF;
        return;
    }
    eee->sector[step->sector] = S12X_EEE_READY;
}

static void finish_activate(struct s12x_flash *flash, const struct s12x_eee_step *step, bool failed)
{
    struct s12x_eee *eee = &flash->eee;
    if (failed) {
        flash->ferstat |= S12X_PGMERIF;
        eee->sector[step->sector] = S12X_EEE_OBSOLETE;
        return;
    }
    uint16_t number = eee->newest == S12X_EEE_NONE ? 0 : eee->sequence[eee->newest];
    eee->sequence[step->sector] = (uint16_t)(number + 1);
    eee->sector[step->sector] = S12X_EEE_ACTIVE;
    eee->newest = step->sector;
    eee->next_slot = 0;
}

static bool program_step(struct s12x_flash *flash, const struct s12x_eee_step *step)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint32_t unit[2];
    uint64_t word[2];
    uint32_t words = step_words(flash, step, unit, word);
    uint8_t mgstat = 0;
    for (uint32_t i = 0; i < words; i++) {
        if (step->kind == S12X_EEE_RETIRE) {
            s12x_array_program(flash->d, unit[i], word[i]); /* Meant to overprogram. */
        } else {
            mgstat |= s12x_pulse_program(flash, flash->d, unit[i], word[i], &pulse);
        }
    }
    return mgstat != 0;
}

void s12x_eee_finish_step(struct s12x_flash *flash)
{
    struct s12x_eee_step step = flash->eee.step;
    flash->eee.step.kind = S12X_EEE_IDLE;
    switch (step.kind) {
    case S12X_EEE_IDLE: break;
    case S12X_EEE_RECORD: finish_record(flash, &step, program_step(flash, &step)); break;
    case S12X_EEE_ACTIVATE: finish_activate(flash, &step, program_step(flash, &step)); break;
    case S12X_EEE_RETIRE:
        program_step(flash, &step);
        flash->eee.sector[step.sector] = S12X_EEE_OBSOLETE;
        break;
    case S12X_EEE_ERASE: finish_erase(flash, &step); break;
    }
}

/* NXP (community td-p/494101): a record cut by power loss is dropped and the old value remains. How
 * the controller recognises it is not published; here an unfinished word never looks sound. */
static void leave_mark(struct s12x_flash *flash, uint32_t unit, uint64_t word)
{
    struct s12x_cell cell;
    s12x_array_get(flash->d, unit, &cell);
    uint64_t missing = cell.data & ~word;
    uint8_t missing_ecc = (uint8_t)(cell.ecc & ~s12x_array_encode(flash->d, word));
    bool begun = s12x_array_written(flash->d, unit);
    if (begun && (missing | missing_ecc) != 0 && (cell.weak | cell.weak_ecc) == 0) {
        cell.weak |= missing & (~missing + 1);
        cell.weak_ecc = missing ? 0 : (uint8_t)(missing_ecc & (~missing_ecc + 1));
        s12x_array_set(flash->d, unit, &cell);
    }
}

static void tear_step(struct s12x_flash *flash, const struct s12x_eee_step *step, uint32_t permille)
{
    uint32_t unit[2];
    uint64_t word[2];
    uint32_t words = step_words(flash, step, unit, word);
    uint32_t done = permille * words;
    for (uint32_t i = 0; i < words && done > 0; i++) {
        uint32_t part = done < 1000 ? done : 1000;
        s12x_power_torn_program(flash->d, unit[i], word[i], part, &flash->torn_bits);
        leave_mark(flash, unit[i], word[i]);
        done -= part;
    }
    if (step->kind == S12X_EEE_ERASE) {
        s12x_power_torn_erase(flash->d, (uint32_t)flash->eee.dfpart + step->sector, permille,
                              &flash->torn_bits);
    }
}

void s12x_eee_cut(struct s12x_flash *flash, sim_ns_t now_ns)
{
    struct s12x_eee *eee = &flash->eee;
    struct s12x_eee_step step = eee->step;
    if (step.kind != S12X_EEE_IDLE) {
        uint64_t permille = (now_ns - step.start_ns) * 1000 / (step.end_ns - step.start_ns);
        CHECK(permille < 1000);
        tear_step(flash, &step, (uint32_t)permille);
        eee->step.kind = S12X_EEE_IDLE;
        const struct s12x_hooks *hooks = &flash->cfg.hooks;
        if (hooks->on_torn) {
            struct s12x_op op = {
                step.kind == S12X_EEE_ERASE ? S12X_CMD_ERASE_D_SECTOR : S12X_CMD_PROGRAM_D,
                sector_address(flash, step.sector), step.start_ns, step.end_ns - step.start_ns};
            hooks->on_torn(hooks->ctx, &op, (uint16_t)permille, now_ns);
        }
    }
    for (uint16_t index = s12x_eee_first_word(flash); index < S12X_EEE_WORDS; index++) {
        if (eee->ram[index] != eee->stored[index]) {
            s12x_finding(flash, S12X_FIND_EEE_LOST, word_address(flash, index));
        }
    }
}

/* --- The CPU's side -------------------------------------------------------------------------- */

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
        s12x_finding(flash, S12X_FIND_FPVIOL, word_address(flash, index));
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
