/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_flash.c - erases and programs as spans, torn ones as marks, and the map
 * of what is left. */
#include "scenarios/engine/timeline_flash.h"

#include <stdio.h>
#include <stdlib.h>

/* ACCERR, FPVIOL, MGSTAT. */
enum { FSTAT_FAILED = 0x33, PROGRESS_STEP = 512 };

/* What a command does to P-Flash, and to how much of it; null: nothing. */
static const char *work_of(uint8_t command, uint32_t *sectors)
{
    *sectors = 1;
    switch (command) {
    case S12X_CMD_PROGRAM_P: return "program";
    case S12X_CMD_ERASE_P_SECTOR: return "erase";
    case S12X_CMD_ERASE_P_BLOCK: *sectors = 128; return "erase block";
    case S12X_CMD_ERASE_ALL:
    case S12X_CMD_UNSECURE: *sectors = UINT32_MAX; return "erase all";
    default: return NULL;
    }
}

static void mark_torn(struct timeline_ecu *own, uint32_t address, uint32_t sectors, bool torn)
{
    const size_t all = ARRAY_SIZE(own->torn);
    const size_t first =
        sectors == UINT32_MAX ? 0 : (address - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES;
    for (size_t i = first; i < all && i - first < sectors; i++) {
        own->torn[i] = torn;
    }
}

static void add_bad(struct timeline_ecu *own, sim_ns_t at_ns, const char *what, const char *work,
                    uint32_t address)
{
    char text[TIMELINE_SPAN_TEXT];
    snprintf(text, sizeof text, "%s %s at 0x%06X", what, work, (unsigned)address);
    timeline_spans_add(&own->flash, at_ns, at_ns, TONE_BAD, text);
}

static void draw_progress(struct timeline_ecu *own, sim_ns_t at_ns)
{
    if (own->programmed_bytes - own->drawn_bytes >= PROGRESS_STEP || own->drawn_bytes == 0) {
        timeline_curve_add(&own->progress, at_ns, (double)own->programmed_bytes);
        own->drawn_bytes = own->programmed_bytes;
    }
}

static void note_done(struct timeline_ecu *own, const struct trace_rec *rec)
{
    uint32_t sectors;
    const uint8_t command = (uint8_t)rec->arg[0];
    const uint32_t address = (uint32_t)rec->arg[1];
    const char *work = work_of(command, &sectors);
    if (work == NULL) {
        return;
    }
    if ((rec->arg[2] & FSTAT_FAILED) != 0) {
        add_bad(own, rec->at_ns, "failed", work, address);
        return;
    }
    timeline_spans_add(&own->flash, own->op_ns, rec->at_ns, TONE_BUSY, work);
    if (command == S12X_CMD_PROGRAM_P) {
        own->programmed_bytes += ECU_BOOK_PHRASE_BYTES;
        draw_progress(own, rec->at_ns);
    } else {
        mark_torn(own, address, sectors, false);
    }
}

static void note_torn(struct timeline_ecu *own, const struct trace_rec *rec)
{
    uint32_t sectors;
    const uint32_t address = (uint32_t)rec->arg[1];
    const char *work = work_of((uint8_t)rec->arg[0], &sectors);
    if (work != NULL) {
        timeline_spans_add(&own->flash, own->op_ns, rec->at_ns, TONE_BUSY, work);
        add_bad(own, rec->at_ns, "torn", work, address);
        mark_torn(own, address, sectors, true);
    }
}

void timeline_flash_note(struct timeline_ecu *own, const struct trace_rec *rec)
{
    if (rec->kind == TRACE_FLASH_LAUNCH) {
        own->op_ns = rec->at_ns;
    } else if (rec->kind == TRACE_FLASH_DONE) {
        note_done(own, rec);
    } else if (rec->kind == TRACE_FLASH_TORN) {
        note_torn(own, rec);
    } else if (rec->kind == TRACE_FINDING) {
        timeline_spans_add(&own->flash, rec->at_ns, rec->at_ns, TONE_WARN,
                           s12x_finding_text((enum s12x_finding)rec->arg[0]));
    }
}

static bool is_boot(uint32_t address)
{
    for (size_t i = 0; i < S12X_BOOT_AREAS; i++) {
        if (address >= s12x_ecu_boot_areas[i].start && address < s12x_ecu_boot_areas[i].end) {
            return true;
        }
    }
    return false;
}

static enum timeline_sector state_of(const struct timeline_ecu *own, const struct s12x_flash *flash,
                                     uint32_t address)
{
    struct s12x_sector_state state;
    s12x_flash_look_at_sector(flash, address, &state);
    if (state.stuck) {
        return SECTOR_BROKEN;
    }
    if (own->torn[(address - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES]) {
        return SECTOR_TORN;
    }
    if (state.weak) {
        return SECTOR_WEAK;
    }
    if (is_boot(address)) {
        return SECTOR_BOOT;
    }
    if (state.written == 0) {
        return SECTOR_ERASED;
    }
    return state.written == state.phrases ? SECTOR_FULL : SECTOR_PART;
}

static void map_piece(const struct timeline_ecu *own, struct timeline *timeline, uint32_t start,
                      uint32_t end)
{
    const struct s12x_flash *flash = s12x_ecu_flash(own->ecu->s12x);
    struct timeline_flash map = {.ecu = (char[]){""},
                                 .base = start,
                                 .sector_bytes = ECU_BOOK_SECTOR_BYTES,
                                 .sectors_len = (end - start) / ECU_BOOK_SECTOR_BYTES};
    char name[64];
    snprintf(name, sizeof name, "%s", own->ecu->ecu->name);
    map.ecu = name;
    map.state = calloc(map.sectors_len + 1, 1);
    map.erased = calloc(map.sectors_len, sizeof *map.erased);
    CHECK(map.state != NULL && map.erased != NULL);
    for (size_t i = 0; i < map.sectors_len; i++) {
        const uint32_t address = start + (uint32_t)i * ECU_BOOK_SECTOR_BYTES;
        map.state[i] = (char)state_of(own, flash, address);
        map.erased[i] = own->ecu->book.erased[(address - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES];
    }
    timeline_add_flash(timeline, &map);
    free(map.state);
    free(map.erased);
}

static const struct s12x_block *lowest_above(const struct s12x_part *part, uint32_t address)
{
    const struct s12x_block *found = NULL;
    for (size_t i = 0; i < part->p_blocks_len; i++) {
        const struct s12x_block *block = &part->p_blocks[i];
        if (block->start >= address && (found == NULL || block->start < found->start)) {
            found = block;
        }
    }
    return found;
}

void timeline_flash_map(const struct timeline_ecu *own, struct timeline *timeline)
{
    const struct s12x_part *part = s12x_ecu_cfg(own->ecu->s12x)->flash.part;
    const struct s12x_block *block = lowest_above(part, 0);
    while (block != NULL) {
        const uint32_t start = block->start;
        uint32_t end = start;
        while (block != NULL && block->start == end) {
            end += block->size_bytes;
            block = lowest_above(part, end);
        }
        map_piece(own, timeline, start, end);
    }
}
