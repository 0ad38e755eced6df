/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_write.c - programming of bytes at any address, so that it may be
 * repeated, interrupted at any instant, and taken up again.
 *
 * The unit is the phrase of 8 bytes, which may be programmed once between two erases. So for each
 * phrase flash is looked at first:
 *   holds what it is to hold   nothing to do
 *   blank                      program, read back
 *   anything else              repair: save the sector, erase it, write it back with the new data
 * After a reset the cells may be torn: "holds" then means at both margin levels too, and "blank" is
 * the module's own verification. In the life in which they were erased a plain read tells.
 *
 * Bytes that do not fill a phrase yet are the open phrase. They are acknowledged, so they are kept
 * in emulated EEPROM until the rest has come; a reset loses nothing.
 *
 * A power cut within a repair may lose up to a sector of acknowledged data, which the check of the
 * segment then finds (37 answers 72) and a new transfer of the segment mends. An 8-bit sum is too
 * weak for that, as the paper says (4.1.2): with it, erase after an interruption. */
#include "sim/ecus/bootloader/bootloader.h"

#include <string.h>

/* Turns that need no hardware, before the main loop gets its chance. */
enum { TURNS_MAX = 32 };

static bool all_blank(const uint8_t phrase[BOOT_PHRASE_LEN])
{
    static const uint8_t blank[BOOT_PHRASE_LEN] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    return memcmp(phrase, blank, BOOT_PHRASE_LEN) == 0;
}

static enum boot_step go(struct bootloader *boot, enum boot_writing state, enum boot_step step)
{
    boot->writer.state = state;
    return step;
}

/* The open phrase as emulated EEPROM has it. */
static void load_open(const struct bootloader *boot, struct boot_phrase *open)
{
    const uint16_t mark = boot_nvm_read(boot->hal, BOOT_NVM_OPEN_MARK);
    open->from = (uint8_t)((mark >> 4) & 0x0Fu);
    open->to = (uint8_t)(mark & 0x0Fu);
    open->base = boot_nvm_read_long(boot->hal, BOOT_NVM_OPEN_ADDRESS_HI);
    for (size_t i = 0; i < BOOT_PHRASE_LEN; i += 2) {
        proto_put_u16(open->bytes + i,
                      boot_nvm_read(boot->hal, (uint16_t)(BOOT_NVM_OPEN_DATA + i)));
    }
    if ((mark & 0xFF00u) != BOOT_OPEN || open->from >= open->to || open->to >= BOOT_PHRASE_LEN ||
        open->base % BOOT_PHRASE_LEN != 0 ||
        !boot_range_allowed(boot->cfg, open->base, open->base + BOOT_PHRASE_LEN)) {
        open->to = 0;
    }
}

void boot_write_load_open(struct bootloader *boot)
{
    load_open(boot, &boot->writer.open);
}

static enum boot_step fail(struct bootloader *boot, enum uds_nrc nrc)
{
    if (nrc == UDS_NRC_PROGRAMMING_FAILURE) {
        boot->writer.fresh = false;
    }
    /* The bytes of this request do not count; those acknowledged before are in EEPROM. */
    boot_write_load_open(boot);
    return boot_end_job(boot, nrc);
}

/* Data that begins before the end of the open phrase is a repetition: what it covers is replaced.
 */
static void join_open(struct boot_writer *writer)
{
    struct boot_phrase *open = &writer->open;
    const uint32_t start = open->base + open->from;
    const uint32_t end = open->base + open->to;
    const uint32_t data_end = writer->address + writer->left;
    if (open->to == 0 || writer->address >= end || data_end <= start) {
        return;
    }
    if (data_end >= end) {
        /* Only bytes before the data stay; none if it begins at or before the first. */
        open->to = writer->address > start ? (uint8_t)(writer->address - open->base) : 0;
    } else if (writer->address >= start) {
        memcpy(open->bytes + (writer->address - open->base), writer->data, writer->left);
        writer->address = data_end;
        writer->left = 0;
    }
}

void boot_write_begin(struct bootloader *boot, uint32_t address, const uint8_t *data, uint16_t len)
{
    struct boot_writer *writer = &boot->writer;
    writer->address = address;
    writer->data = data;
    writer->left = len;
    writer->flush = false;
    writer->state = BOOT_WRITING_TAKE;
    join_open(writer);
    /* Settled before the first step: what is being written is neither blank nor an application. */
    if (boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE) == BOOT_ERASE_DONE) {
        boot_nvm_write(boot->hal, BOOT_NVM_ERASE_STATE, BOOT_ERASE_WRITTEN);
    }
    if (boot_nvm_read(boot->hal, BOOT_NVM_APPLICATION_VALID) == BOOT_VALID) {
        boot_nvm_write(boot->hal, BOOT_NVM_APPLICATION_VALID, BOOT_NOT_VALID);
    }
    boot->runnable = false;
}

void boot_write_begin_flush(struct bootloader *boot)
{
    boot_write_begin(boot, 0, boot->data, 0);
    boot->writer.flush = true;
}

static enum boot_step take(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    struct boot_phrase *open = &writer->open;
    const bool contiguous = open->to == 0 || writer->address == open->base + open->to;
    if (writer->left > 0 && contiguous) {
        const uint8_t offset = (uint8_t)(writer->address % BOOT_PHRASE_LEN);
        const uint8_t room = (uint8_t)(BOOT_PHRASE_LEN - offset);
        const uint8_t len = writer->left < room ? (uint8_t)writer->left : room;
        if (open->to == 0) {
            open->base = writer->address - offset;
            open->from = offset;
        }
        memcpy(open->bytes + offset, writer->data, len);
        open->to = (uint8_t)(offset + len);
        writer->address += len;
        writer->data += len;
        writer->left = (uint16_t)(writer->left - len);
    }
    if (open->to == BOOT_PHRASE_LEN || (open->to != 0 && (writer->left > 0 || writer->flush))) {
        return go(boot, BOOT_WRITING_LOOK, BOOT_STEP_AGAIN);
    }
    return go(boot, BOOT_WRITING_KEEP, BOOT_STEP_AGAIN);
}

static enum boot_step phrase_done(struct bootloader *boot)
{
    boot->writer.open.to = 0;
    return go(boot, BOOT_WRITING_TAKE, BOOT_STEP_AGAIN);
}

static enum boot_step program(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    if (all_blank(writer->target)) {
        return phrase_done(boot); /* Blank cells hold it already, and stay programmable. */
    }
    boot_flash_program(boot->hal, boot->cfg, writer->open.base, writer->target);
    return go(boot, BOOT_WRITING_PROGRAMMED, BOOT_STEP_WAIT_FLASH);
}

static enum boot_step set_margin(struct bootloader *boot, enum boot_margin margin,
                                 enum boot_writing next)
{
    boot->writer.margin = margin;
    boot_flash_set_margin(boot->hal, boot->writer.open.base, margin);
    return go(boot, next, BOOT_STEP_WAIT_FLASH);
}

static bool is_blind(const struct bootloader *boot)
{
    return boot_lab_quirks(boot->cfg->lab)->programs_blindly;
}

static enum boot_step look(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    const struct boot_phrase *open = &writer->open;
    const enum uds_nrc supply = boot_supply_nrc(boot);
    if (supply != UDS_POSITIVE) {
        return fail(boot, supply);
    }
    if (is_blind(boot)) {
        memset(writer->target, 0xFF, BOOT_PHRASE_LEN);
        memcpy(writer->target + open->from, open->bytes + open->from,
               (size_t)(open->to - open->from));
        return program(boot);
    }
    uint8_t found[BOOT_PHRASE_LEN];
    const bool clean = boot_flash_read(boot->hal, open->base, found, BOOT_PHRASE_LEN);
    /* Bytes of the phrase that are not ours stay as they are. */
    memcpy(writer->target, found, BOOT_PHRASE_LEN);
    memcpy(writer->target + open->from, open->bytes + open->from, (size_t)(open->to - open->from));
    if (clean && all_blank(found)) {
        if (writer->fresh) {
            return program(boot);
        }
        boot_flash_verify_blank(boot->hal, open->base, 1);
        return go(boot, BOOT_WRITING_BLANK, BOOT_STEP_WAIT_FLASH);
    }
    if (!clean || memcmp(found, writer->target, BOOT_PHRASE_LEN) != 0) {
        return go(boot, BOOT_WRITING_COPY, BOOT_STEP_AGAIN);
    }
    if (writer->fresh) {
        return phrase_done(boot);
    }
    writer->margin_bad = false;
    return set_margin(boot, BOOT_MARGIN_ONE, BOOT_WRITING_MARGIN);
}

/* Flash holds the phrase without a fault, at the level set now. */
static bool holds(const struct bootloader *boot, uint32_t address, const uint8_t *phrase)
{
    uint8_t found[BOOT_PHRASE_LEN];
    return boot_flash_read(boot->hal, address, found, BOOT_PHRASE_LEN) &&
           memcmp(found, phrase, BOOT_PHRASE_LEN) == 0;
}

static enum boot_step margin_set(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    if (boot_flash_outcome(boot->hal) != BOOT_FLASH_OK) {
        return fail(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    writer->margin_bad = writer->margin_bad || !holds(boot, writer->open.base, writer->target);
    if (writer->margin == BOOT_MARGIN_ONE && !writer->margin_bad) {
        return set_margin(boot, BOOT_MARGIN_ZERO, BOOT_WRITING_MARGIN);
    }
    return set_margin(boot, BOOT_MARGIN_NORMAL, BOOT_WRITING_MARGIN_RESET);
}

static enum boot_step margin_reset(struct bootloader *boot)
{
    if (boot_flash_outcome(boot->hal) != BOOT_FLASH_OK) {
        return fail(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    return boot->writer.margin_bad ? go(boot, BOOT_WRITING_COPY, BOOT_STEP_AGAIN)
                                   : phrase_done(boot);
}

static enum boot_step blank_checked(struct bootloader *boot)
{
    switch (boot_flash_outcome(boot->hal)) {
    case BOOT_FLASH_OK: return program(boot);
    case BOOT_FLASH_FAILED: return go(boot, BOOT_WRITING_COPY, BOOT_STEP_AGAIN);
    case BOOT_FLASH_REFUSED: break;
    }
    return fail(boot, UDS_NRC_PROGRAMMING_FAILURE);
}

static enum boot_step programmed(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    const enum boot_flash_outcome outcome = boot_flash_outcome(boot->hal);
    if (is_blind(boot)) {
        return outcome == BOOT_FLASH_OK ? phrase_done(boot)
                                        : fail(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    if (outcome == BOOT_FLASH_OK && holds(boot, writer->open.base, writer->target)) {
        return phrase_done(boot);
    }
    writer->fresh = false;
    return outcome == BOOT_FLASH_REFUSED ? fail(boot, UDS_NRC_PROGRAMMING_FAILURE)
                                         : go(boot, BOOT_WRITING_COPY, BOOT_STEP_AGAIN);
}

static uint32_t sector_of(const struct boot_writer *writer)
{
    return writer->open.base - writer->open.base % BOOT_SECTOR_LEN;
}

/* What is to be in the sector: what it holds, the phrase in work, and the data that follows. */
static enum boot_step copy_sector(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    const uint32_t sector = sector_of(writer);
    const enum uds_nrc supply = boot_supply_nrc(boot);
    if (supply != UDS_POSITIVE) {
        return fail(boot, supply);
    }
    for (size_t at = 0; at < BOOT_SECTOR_LEN; at += BOOT_PHRASE_LEN) {
        uint8_t *phrase = boot->sector + at;
        (void)boot_flash_read(boot->hal, sector + (uint32_t)at, phrase, BOOT_PHRASE_LEN);
    }
    memcpy(boot->sector + (writer->open.base - sector), writer->target, BOOT_PHRASE_LEN);
    /* Whole phrases only: what stays open must find its phrase blank. */
    const uint32_t sector_end = sector + BOOT_SECTOR_LEN;
    const uint32_t data_end = writer->address + writer->left;
    const uint32_t whole_end = data_end - data_end % BOOT_PHRASE_LEN;
    const uint32_t end = whole_end < sector_end ? whole_end : sector_end;
    if (writer->address >= sector && writer->address < end) {
        memcpy(boot->sector + (writer->address - sector), writer->data,
               (uint16_t)(end - writer->address));
    }
    boot_flash_erase_sector(boot->hal, boot->cfg, sector);
    return go(boot, BOOT_WRITING_ERASED, BOOT_STEP_WAIT_FLASH);
}

/* The sector is lost as it is: whatever was verified in it has to be verified anew. */
static enum boot_step fail_repair(struct bootloader *boot, enum uds_nrc nrc)
{
    const uint32_t sector = sector_of(&boot->writer);
    const struct boot_range lost = {sector, sector + BOOT_SECTOR_LEN};
    boot_transfer_forget(boot, &lost);
    boot->writer.fresh = false;
    return fail(boot, nrc);
}

static enum boot_step erased(struct bootloader *boot)
{
    if (boot_flash_outcome(boot->hal) != BOOT_FLASH_OK) {
        return fail_repair(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    boot_flash_verify_blank(boot->hal, sector_of(&boot->writer), BOOT_SECTOR_LEN / BOOT_PHRASE_LEN);
    return go(boot, BOOT_WRITING_BLANK_SECTOR, BOOT_STEP_WAIT_FLASH);
}

static enum boot_step sector_blank(struct bootloader *boot)
{
    boot->writer.restore = 0;
    return boot_flash_outcome(boot->hal) == BOOT_FLASH_OK
               ? go(boot, BOOT_WRITING_RESTORE, BOOT_STEP_AGAIN)
               : fail_repair(boot, UDS_NRC_PROGRAMMING_FAILURE);
}

static enum boot_step restore(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    while (writer->restore < BOOT_SECTOR_LEN && all_blank(boot->sector + writer->restore)) {
        writer->restore = (uint16_t)(writer->restore + BOOT_PHRASE_LEN);
    }
    if (writer->restore == BOOT_SECTOR_LEN) {
        return phrase_done(boot);
    }
    const enum uds_nrc supply = boot_supply_nrc(boot);
    if (supply != UDS_POSITIVE) {
        return fail_repair(boot, supply);
    }
    boot_flash_program(boot->hal, boot->cfg, sector_of(writer) + writer->restore,
                       boot->sector + writer->restore);
    return go(boot, BOOT_WRITING_RESTORED, BOOT_STEP_WAIT_FLASH);
}

static enum boot_step restored(struct bootloader *boot)
{
    struct boot_writer *writer = &boot->writer;
    if (boot_flash_outcome(boot->hal) != BOOT_FLASH_OK ||
        !holds(boot, sector_of(writer) + writer->restore, boot->sector + writer->restore)) {
        return fail_repair(boot, UDS_NRC_PROGRAMMING_FAILURE);
    }
    writer->restore = (uint16_t)(writer->restore + BOOT_PHRASE_LEN);
    return go(boot, BOOT_WRITING_RESTORE, BOOT_STEP_AGAIN);
}

static bool same_phrase(const struct boot_phrase *a, const struct boot_phrase *b)
{
    return a->base == b->base && a->from == b->from;
}

static enum boot_step keep(struct bootloader *boot)
{
    const struct boot_phrase *open = &boot->writer.open;
    struct boot_phrase kept;
    load_open(boot, &kept);
    if (kept.to != 0 && !(same_phrase(open, &kept) && open->to >= kept.to &&
                          memcmp(open->bytes + open->from, kept.bytes + open->from,
                                 (size_t)(kept.to - open->from)) == 0)) {
        /* What the words say now is in flash, or replaced; what they will say is not there yet. */
        boot_nvm_write(boot->hal, BOOT_NVM_OPEN_MARK, BOOT_OPEN_NONE);
    }
    return open->to == 0 ? go(boot, BOOT_WRITING_KEPT, BOOT_STEP_WAIT_NVM)
                         : go(boot, BOOT_WRITING_KEEP_DATA, BOOT_STEP_WAIT_NVM);
}

static enum boot_step keep_data(struct bootloader *boot)
{
    const struct boot_phrase *open = &boot->writer.open;
    boot_nvm_write_long(boot->hal, BOOT_NVM_OPEN_ADDRESS_HI, open->base);
    for (size_t i = 0; i < BOOT_PHRASE_LEN; i += 2) {
        boot_nvm_write(boot->hal, (uint16_t)(BOOT_NVM_OPEN_DATA + i),
                       proto_get_u16(open->bytes + i));
    }
    return go(boot, BOOT_WRITING_KEEP_MARK, BOOT_STEP_WAIT_NVM);
}

static enum boot_step keep_mark(struct bootloader *boot)
{
    const struct boot_phrase *open = &boot->writer.open;
    boot_nvm_write(boot->hal, BOOT_NVM_OPEN_MARK,
                   (uint16_t)(BOOT_OPEN | (uint16_t)((uint16_t)open->from << 4) | open->to));
    return go(boot, BOOT_WRITING_KEPT, BOOT_STEP_WAIT_NVM);
}

static enum boot_step turn(struct bootloader *boot)
{
    switch (boot->writer.state) {
    case BOOT_WRITING_TAKE: return take(boot);
    case BOOT_WRITING_LOOK: return look(boot);
    case BOOT_WRITING_MARGIN: return margin_set(boot);
    case BOOT_WRITING_MARGIN_RESET: return margin_reset(boot);
    case BOOT_WRITING_BLANK: return blank_checked(boot);
    case BOOT_WRITING_PROGRAMMED: return programmed(boot);
    case BOOT_WRITING_COPY: return copy_sector(boot);
    case BOOT_WRITING_ERASED: return erased(boot);
    case BOOT_WRITING_BLANK_SECTOR: return sector_blank(boot);
    case BOOT_WRITING_RESTORE: return restore(boot);
    case BOOT_WRITING_RESTORED: return restored(boot);
    case BOOT_WRITING_KEEP: return keep(boot);
    case BOOT_WRITING_KEEP_DATA: return keep_data(boot);
    case BOOT_WRITING_KEEP_MARK: return keep_mark(boot);
    case BOOT_WRITING_KEPT: return boot_end_job(boot, UDS_POSITIVE);
    }
    return boot_end_job(boot, UDS_NRC_PROGRAMMING_FAILURE);
}

enum boot_step boot_write_step(struct bootloader *boot)
{
    enum boot_step step = BOOT_STEP_AGAIN;
    for (uint8_t i = 0; i < TURNS_MAX && step == BOOT_STEP_AGAIN; i++) {
        step = turn(boot);
    }
    return step;
}
