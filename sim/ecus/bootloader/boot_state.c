/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_state.c - what the bootloader keeps in RAM between two requests, as a
 * number: for observers that compare instances. A target that has none leaves this file out. */
#include "sim/ecus/bootloader/bootloader.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_range(uint64_t hash, const struct boot_range *range)
{
    return mix(hash, (uint64_t)range->start << 32 | range->end);
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, uint16_t len)
{
    for (uint16_t i = 0; i < len; i++) {
        hash = mix(hash, bytes[i]);
    }
    return hash;
}

static uint64_t mix_transfer(uint64_t hash, const struct boot_transfer *transfer)
{
    hash = mix(hash, (uint64_t)transfer->state << 16 | (uint64_t)transfer->counter << 8 |
                         (uint64_t)transfer->wrote << 1 | (uint64_t)transfer->foretold);
    hash = mix_range(hash, &transfer->range);
    hash = mix(hash, (uint64_t)transfer->next << 8 | transfer->verified_len);
    for (uint8_t i = 0; i < transfer->verified_len; i++) {
        hash = mix_range(hash, &transfer->verified[i]);
    }
    return transfer->foretold ? mix_bytes(hash, transfer->expected, BOOT_CHECK_MAX) : hash;
}

static uint64_t mix_writer(uint64_t hash, const struct boot_writer *writer)
{
    const struct boot_phrase *open = &writer->open;
    hash = mix(hash, (uint64_t)open->to << 8 | (uint64_t)writer->fresh);
    if (open->to == 0) {
        return hash;
    }
    hash = mix(hash, (uint64_t)open->base << 8 | open->from);
    return mix_bytes(hash, open->bytes, BOOT_PHRASE_LEN);
}

bool bootloader_at_rest(const struct bootloader *boot)
{
    return boot->job == BOOT_JOB_NONE && !boot->stopped && boot->leave == BOOT_LEAVE_NOT;
}

uint64_t bootloader_state_hash(const struct bootloader *boot)
{
    const uint64_t flags =
        (uint64_t)boot->unusable | (uint64_t)boot->answer_due << 1 | (uint64_t)boot->runnable << 2 |
        (uint64_t)boot->hung << 3 | (uint64_t)boot->communication_off << 4 |
        (uint64_t)boot->dtc_setting_off << 5 | (uint64_t)boot->loader.active << 6;
    uint64_t hash = mix(flags, (uint64_t)boot->uds.session << 16 | (uint64_t)boot->lock.open << 8 |
                                   boot->lock.seed_sub);
    hash = mix_range(hash, &boot->loader.checked);
    hash = mix_writer(hash, &boot->writer);
    return mix_transfer(hash, &boot->transfer);
}
