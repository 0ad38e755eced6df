/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_check.c - the check of a segment over what flash holds. After an
 * interruption it is repeated at both user margin levels, so that cells on the edge are found. */
#include "sim/ecus/bootloader/bootloader.h"

#include <string.h>

enum { CHUNK_LEN = 512 }; /* Between two looks at the bus. */

static const struct boot_check_method *method_of(const struct bootloader *boot)
{
    return boot->persona->checks[boot->cfg->check];
}

uint8_t boot_check_len(const struct bootloader *boot)
{
    return method_of(boot)->len;
}

static void hash_begin(struct bootloader *boot)
{
    method_of(boot)->begin(&boot->checker.value);
    boot->checker.at = boot->checker.range.start;
}

static bool hash_equal(struct bootloader *boot)
{
    uint8_t found[BOOT_CHECK_MAX];
    method_of(boot)->end(&boot->checker.value, found);
    return memcmp(found, boot->checker.expected, boot_check_len(boot)) == 0;
}

void boot_check_begin(struct bootloader *boot, const struct boot_range *range,
                      const uint8_t *expected, bool proves)
{
    struct boot_checker *checker = &boot->checker;
    const struct boot_phrase *open = &boot->writer.open;
    checker->range = *range;
    checker->compares = expected != NULL;
    checker->proves = proves;
    if (expected != NULL) {
        memcpy(checker->expected, expected, boot_check_len(boot));
    }
    checker->in_ram = boot_loader_holds(boot, range);
    checker->margins = !boot->writer.fresh && !checker->in_ram;
    checker->margin = BOOT_MARGIN_NORMAL;
    checker->bad = false;
    hash_begin(boot);
    checker->state = expected != NULL ? BOOT_CHECKING_HASH : BOOT_CHECKING_END;
    if (open->to != 0 && open->base + open->to > range->start &&
        open->base + open->from < range->end) {
        boot_write_begin_flush(boot);
        checker->state = BOOT_CHECKING_FLUSH;
    }
}

static enum boot_step flush(struct bootloader *boot)
{
    const enum boot_step step = boot_write_step(boot);
    if (step != BOOT_STEP_DONE || boot->job_nrc != UDS_POSITIVE) {
        return step;
    }
    boot->checker.margins = !boot->writer.fresh;
    boot->checker.state = boot->checker.compares ? BOOT_CHECKING_HASH : BOOT_CHECKING_END;
    return BOOT_STEP_AGAIN;
}

static enum boot_step finish(struct bootloader *boot)
{
    if (!boot->checker.bad) {
        return boot_end_job(boot, UDS_POSITIVE);
    }
    boot->writer.fresh = false; /* The next transfer looks more closely. */
    return boot_end_job(boot, UDS_NRC_PROGRAMMING_FAILURE);
}

static enum boot_step begin_level(struct boot_checker *checker, enum boot_margin margin)
{
    checker->margin = margin;
    checker->block = 0;
    checker->state = BOOT_CHECKING_LEVEL;
    return BOOT_STEP_AGAIN;
}

/* One pass over the range has ended. */
static enum boot_step compare(struct bootloader *boot)
{
    struct boot_checker *checker = &boot->checker;
    checker->bad = checker->bad || !hash_equal(boot);
    const bool more = checker->margins && !checker->bad && checker->margin != BOOT_MARGIN_ZERO;
    if (more) {
        return begin_level(checker, checker->margin == BOOT_MARGIN_NORMAL ? BOOT_MARGIN_ONE
                                                                          : BOOT_MARGIN_ZERO);
    }
    return checker->margin == BOOT_MARGIN_NORMAL ? finish(boot)
                                                 : begin_level(checker, BOOT_MARGIN_NORMAL);
}

static enum boot_step hash(struct bootloader *boot)
{
    struct boot_checker *checker = &boot->checker;
    const uint32_t left = checker->range.end - checker->at;
    if (left == 0 || checker->bad) {
        checker->state = BOOT_CHECKING_COMPARE;
        return BOOT_STEP_AGAIN;
    }
    const uint16_t len = left < CHUNK_LEN ? (uint16_t)left : CHUNK_LEN;
    /* A corrected bit counts as bad: the cell is new, and should not need it. */
    if (checker->in_ram) {
        boot->hal->ram_read(boot->hal->ctx, checker->at, boot->sector, len);
    } else {
        checker->bad = !boot_flash_read(boot->hal, checker->at, boot->sector, len);
    }
    method_of(boot)->add(&checker->value, boot->sector, len);
    checker->at += len;
    return BOOT_STEP_AGAIN;
}

/* Sets the level of each block that the range touches, then reads again or ends. */
static enum boot_step set_level(struct bootloader *boot)
{
    struct boot_checker *checker = &boot->checker;
    if (checker->block > 0 && boot_flash_outcome(boot->hal) != BOOT_FLASH_OK) {
        checker->bad = true;
    }
    while (checker->block < BOOT_BLOCKS) {
        const struct boot_block *block = &boot_blocks[checker->block++];
        if (block->start < checker->range.end && block->end > checker->range.start) {
            boot_flash_set_margin(boot->hal, block->start, checker->margin);
            return BOOT_STEP_WAIT_FLASH;
        }
    }
    if (checker->margin == BOOT_MARGIN_NORMAL) {
        return finish(boot);
    }
    hash_begin(boot);
    checker->state = BOOT_CHECKING_HASH;
    return BOOT_STEP_AGAIN;
}

enum boot_step boot_check_step(struct bootloader *boot)
{
    switch (boot->checker.state) {
    case BOOT_CHECKING_FLUSH: return flush(boot);
    case BOOT_CHECKING_LEVEL: return set_level(boot);
    case BOOT_CHECKING_HASH: return hash(boot);
    case BOOT_CHECKING_COMPARE: return compare(boot);
    case BOOT_CHECKING_END: return finish(boot);
    }
    return boot_end_job(boot, UDS_NRC_PROGRAMMING_FAILURE);
}
