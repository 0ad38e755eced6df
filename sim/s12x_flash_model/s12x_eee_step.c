/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_eee_step.c - the background steps of emulated EEPROM: they append
 * records to the log and reclaim its oldest sector.
 *
 * Order of things, so that a cut at any instant loses at most the record being written: the value
 * is programmed before its tag; a sector's records are copied before its header is spoiled, and
 * the header is spoiled before the erase begins; a sector is erased before it is used again. */
#include "sim/s12x_flash_model/s12x_eee_log.h"
#include "sim/s12x_flash_model/s12x_power.h"

/* Own assumption: with fewer ready sectors the oldest is reclaimed before new records. */
enum { READY_WANTED = 4 };

static uint32_t sector_address(const struct s12x_flash *flash, uint16_t sector)
{
    return flash->d->start + s12x_log_unit(flash, sector, 0) * 2;
}

static uint16_t count_sectors(const struct s12x_flash *flash, enum s12x_eee_sector state)
{
    uint16_t count = 0;
    for (uint16_t s = 0; s < s12x_log_sectors(flash); s++) {
        count = (uint16_t)(count + (flash->eee.sector[s] == state));
    }
    return count;
}

/* The first sector in that state behind the newest, round the ring. */
static uint16_t find_sector(const struct s12x_flash *flash, enum s12x_eee_sector state)
{
    uint16_t sectors = s12x_log_sectors(flash);
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
    uint16_t usable = (uint16_t)(s12x_log_sectors(flash) - count_sectors(flash, S12X_EEE_DEAD));
    uint32_t needed = (uint32_t)flash->eee.erpart * S12X_LOG_PAGE_WORDS / S12X_EEE_SLOTS + 2;
    if (flash->eee.dirty_len > 0 && usable < needed + READY_WANTED) {
        return give_up(flash);
    }
    if (flash->eee.dirty_len == 0) {
        return false;
    }
    uint16_t oldest = s12x_log_next(flash, S12X_EEE_NONE);
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
                            s12x_log_unit(flash, step->sector, 0) * 2);
}

static struct s12x_op step_op(const struct s12x_flash *flash, const struct s12x_eee_step *step)
{
    return (struct s12x_op){
        step->kind == S12X_EEE_ERASE ? S12X_CMD_ERASE_D_SECTOR : S12X_CMD_PROGRAM_D,
        sector_address(flash, step->sector), step->start_ns, step->end_ns - step->start_ns};
}

void s12x_eee_kick(struct s12x_flash *flash, sim_ns_t now_ns)
{
    struct s12x_eee *eee = &flash->eee;
    struct s12x_eee_step step = {0};
    if (!eee->enabled || flash->running || eee->step.kind != S12X_EEE_IDLE ||
        (eee->tidy && eee->dirty_len == 0)) {
        return;
    }
    if (!choose(flash, &step)) {
        eee->tidy = eee->dirty_len == 0;
        return;
    }
    step.start_ns = now_ns;
    step.end_ns = now_ns + step_ns(flash, &step);
    eee->step = step;
    flash->op_min_mv = flash->supply_mv;
    s12x_set_next(flash);
    const struct s12x_hooks *hooks = &flash->cfg.hooks;
    if (hooks->on_step) {
        const struct s12x_op op = step_op(flash, &step);
        hooks->on_step(hooks->ctx, &op);
    }
}

/* The words a programming step writes, in order; how many. */
static uint32_t step_words(const struct s12x_flash *flash, const struct s12x_eee_step *step,
                           uint32_t unit[2], uint64_t word[2])
{
    switch (step->kind) {
    case S12X_EEE_RECORD:
        unit[0] = s12x_log_slot_unit(flash, step->sector, step->slot);
        unit[1] = unit[0] + 1;
        word[0] = s12x_log_swap(step->value);
        word[1] = s12x_log_swap(S12X_LOG_TAG | (uint64_t)step->index);
        return 2;
    case S12X_EEE_ACTIVATE: {
        uint16_t newest = flash->eee.newest;
        uint16_t number = newest == S12X_EEE_NONE ? 0 : flash->eee.sequence[newest];
        unit[0] = s12x_log_unit(flash, step->sector, 1);
        unit[1] = unit[0] - 1;
        word[0] = s12x_log_swap((uint16_t)(number + 1));
        word[1] = s12x_log_swap(S12X_LOG_ACTIVE);
        return 2;
    }
    case S12X_EEE_RETIRE:
        unit[0] = s12x_log_unit(flash, step->sector, 0);
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
    s12x_log_spoil(flash, step->sector, step->slot);
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
    if (failed || !s12x_log_sector_blank(flash, step->sector)) {
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
    flash->eee.tidy = false;
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
        eee->torn = true;
        const struct s12x_hooks *hooks = &flash->cfg.hooks;
        if (hooks->on_torn) {
            const struct s12x_op op = step_op(flash, &step);
            hooks->on_torn(hooks->ctx, &op, (uint16_t)permille, now_ns);
        }
    }
    for (uint16_t index = s12x_eee_first_word(flash); index < S12X_EEE_WORDS; index++) {
        if (eee->ram[index] != eee->stored[index]) {
            s12x_finding(flash, S12X_FIND_EEE_LOST, s12x_log_word_address(flash, index));
        }
    }
}
