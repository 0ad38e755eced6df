/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_lab.c - what the laboratory may see and do: the truth in the cells,
 * factory programming, wear, overlays. No time passes here. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

#include <string.h>

/* For const callers: the array itself is not changed by looking it up. */
static const struct s12x_array *lab_array(const struct s12x_flash *flash, uint32_t address,
                                          uint32_t *offset)
{
    *offset = 0;
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        *offset = address - flash->arrays[i].start;
        if (*offset < flash->arrays[i].size_bytes) {
            return &flash->arrays[i];
        }
    }
    return NULL;
}

void s12x_flash_peek(const struct s12x_flash *flash, uint32_t address, void *to, size_t len_bytes)
{
    uint8_t *out = to;
    memset(out, 0xFF, len_bytes);
    while (len_bytes > 0) {
        uint32_t offset;
        const struct s12x_array *array = lab_array(flash, address, &offset);
        size_t part = 1;
        if (array) {
            part = array->size_bytes - offset < len_bytes ? array->size_bytes - offset : len_bytes;
            memcpy(out, array->data + offset, part);
        }
        out += part;
        address += (uint32_t)part;
        len_bytes -= part;
    }
}

static bool in_p_flash(struct s12x_flash *flash, uint32_t address, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes;) {
        uint32_t offset;
        const struct s12x_array *array = s12x_array_at(flash, address + (uint32_t)i, &offset);
        if (!array || array == flash->d) {
            return false;
        }
        i += array->size_bytes - offset;
    }
    return true;
}

void s12x_flash_unprogram(struct s12x_flash *flash, uint32_t start, uint32_t end)
{
    const uint32_t unit_bytes = flash->part->p_phrase_bytes;
    const uint32_t first = start + (unit_bytes - start % unit_bytes) % unit_bytes;
    for (uint32_t at = first; at + unit_bytes <= end; at += unit_bytes) {
        uint32_t offset;
        struct s12x_array *array = s12x_array_at(flash, at, &offset);
        if (array == NULL || array == flash->d) {
            continue;
        }
        const struct s12x_cell blank = {.data = s12x_array_data_mask(array),
                                        .ecc = s12x_array_ecc_mask(array)};
        s12x_array_set(array, offset / unit_bytes, &blank);
        array->programs[offset / unit_bytes] = 0;
    }
}

void s12x_flash_factory_erase(struct s12x_flash *flash, uint32_t address, size_t len_bytes)
{
    const uint32_t end = address + (uint32_t)len_bytes;
    while (address < end) {
        uint32_t offset;
        struct s12x_array *array = s12x_array_at(flash, address, &offset);
        if (array == NULL) {
            return;
        }
        const uint32_t sector = offset / array->sector_bytes;
        const uint32_t count = array->erase_count[sector];
        s12x_array_erase_sector(array, sector);
        array->erase_count[sector] = count;
        address += array->sector_bytes - offset % array->sector_bytes;
    }
}

int s12x_flash_factory_program(struct s12x_flash *flash, uint32_t address, const void *bytes,
                               size_t len_bytes, struct err *err)
{
    const uint8_t *from = bytes;
    uint32_t unit_bytes = flash->part->p_phrase_bytes;
    if (!in_p_flash(flash, address, len_bytes)) {
        return err_set(err, ERR_RANGE, "0x%06X to 0x%06X is not all P-Flash of the %s", address,
                       (unsigned)(address + len_bytes - 1), flash->part->name);
    }
    /* A phrase that is only partly given is filled up with ones. */
    uint32_t end = address + (uint32_t)len_bytes;
    for (uint32_t at = address - address % unit_bytes; at < end; at += unit_bytes) {
        uint64_t data = UINT64_MAX;
        for (uint32_t i = 0; i < unit_bytes; i++) {
            if (at + i >= address && at + i < end) {
                uint64_t byte = from[at + i - address];
                data = (data & ~(UINT64_C(0xFF) << (8 * i))) | byte << (8 * i);
            }
        }
        uint32_t offset;
        struct s12x_array *array = s12x_array_at(flash, at, &offset);
        s12x_array_program(array, offset / unit_bytes, data);
    }
    return 0;
}

int s12x_flash_factory_partition(struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart,
                                 struct err *err)
{
    if (!s12x_eee_limits_ok(flash, dfpart, erpart)) {
        return err_set(err, ERR_RANGE,
                       "D-Flash of the %s cannot be partitioned %u/%u: at most 128 sectors and 16 "
                       "pages, at least 12 sectors and 8 sectors a page for emulated EEPROM",
                       flash->part->name, dfpart, erpart);
    }
    for (uint32_t sector = 0; sector < flash->d->sectors; sector++) {
        s12x_array_erase_sector(flash->d, sector);
    }
    s12x_eee_partition(flash, dfpart, erpart);
    return 0;
}

static void look_at_unit(const struct s12x_array *array, uint32_t unit,
                         struct s12x_sector_state *state)
{
    state->phrases++;
    state->written += array->programs[unit] > 0 || s12x_array_written(array, unit);
    if (!array->troubled[unit]) {
        return;
    }
    uint32_t stuck = 0;
    for (uint32_t i = 0; i < array->unit_bytes; i++) {
        stuck |= array->stuck_mask[unit * array->unit_bytes + i];
    }
    state->stuck = state->stuck || stuck != 0;
    state->weak = state->weak || stuck == 0;
}

void s12x_flash_look_at_sector(const struct s12x_flash *flash, uint32_t address,
                               struct s12x_sector_state *state)
{
    uint32_t offset;
    const struct s12x_array *array = lab_array(flash, address, &offset);
    *state = (struct s12x_sector_state){.phrases = 0};
    if (array == NULL || array == flash->d) {
        return;
    }
    const uint32_t sector = offset / array->sector_bytes;
    const uint32_t units = array->sector_bytes / array->unit_bytes;
    for (uint32_t i = 0; i < units; i++) {
        look_at_unit(array, sector * units + i, state);
    }
    state->stuck = state->stuck || array->erase_count[sector] > flash->part->p_endurance_cycles;
}

uint32_t s12x_flash_erase_count(const struct s12x_flash *flash, uint32_t address)
{
    uint32_t offset;
    const struct s12x_array *array = lab_array(flash, address, &offset);
    return array ? array->erase_count[offset / array->sector_bytes] : 0;
}

uint32_t s12x_flash_program_count(const struct s12x_flash *flash, uint32_t address)
{
    uint32_t offset;
    const struct s12x_array *array = lab_array(flash, address, &offset);
    return array ? array->programs[offset / array->unit_bytes] : 0;
}

uint64_t s12x_flash_finding_count(const struct s12x_flash *flash, enum s12x_finding finding)
{
    CHECK((size_t)finding < ARRAY_SIZE(flash->findings));
    return flash->findings[finding];
}

uint64_t s12x_flash_command_count(const struct s12x_flash *flash, uint8_t command)
{
    return flash->commands[command];
}

void s12x_flash_set_erase_count(struct s12x_flash *flash, uint32_t address, uint32_t count)
{
    uint32_t offset;
    struct s12x_array *array = s12x_array_at(flash, address, &offset);
    if (array) {
        array->erase_count[offset / array->sector_bytes] = count;
    }
}

void s12x_flash_inject_flip(struct s12x_flash *flash, uint32_t address, uint8_t xor_mask)
{
    uint32_t offset;
    struct s12x_array *array = s12x_array_at(flash, address, &offset);
    if (array) {
        s12x_array_flip(array, offset, xor_mask);
    }
}

void s12x_flash_inject_stuck(struct s12x_flash *flash, uint32_t address, uint8_t stuck_mask,
                             uint8_t stuck_value)
{
    uint32_t offset;
    struct s12x_array *array = s12x_array_at(flash, address, &offset);
    if (array) {
        s12x_array_stick(array, offset, stuck_mask, stuck_value);
    }
}

void s12x_flash_lift_overlays(struct s12x_flash *flash)
{
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        s12x_array_lift(&flash->arrays[i]);
    }
}

void s12x_flash_watch(struct s12x_flash *flash, uint32_t start, uint32_t head_end, uint32_t end)
{
    flash->watch_start = start;
    flash->watch_head_end = head_end;
    flash->watch_end = end;
    flash->watched = S12X_READ_NOTHING;
}

enum s12x_watched s12x_flash_watched(const struct s12x_flash *flash)
{
    return flash->watched;
}

uint64_t s12x_flash_range_hash(const struct s12x_flash *flash, uint32_t start, uint32_t end)
{
    uint64_t hash = start;
    for (uint32_t at = start; at < end;) {
        uint32_t offset;
        const struct s12x_array *array = lab_array(flash, at, &offset);
        if (array == NULL) {
            break;
        }
        const uint32_t sector = offset / array->sector_bytes;
        hash = s12x_array_hash_sector(array, sector, hash);
        at = array->start + (sector + 1) * array->sector_bytes;
    }
    return hash;
}

uint64_t s12x_flash_log_hash(const struct s12x_flash *flash)
{
    return s12x_eee_log_hash(flash);
}

uint64_t s12x_flash_eee_hash(const struct s12x_flash *flash)
{
    const struct s12x_eee *eee = &flash->eee;
    return s12x_array_mix_bytes(eee->ram, sizeof(eee->ram),
                                s12x_eee_log_hash(flash) ^ (uint64_t)eee->enabled);
}

uint64_t s12x_flash_state_hash(const struct s12x_flash *flash)
{
    uint64_t hash = s12x_array_hash(&flash->once, UINT64_C(0xCBF29CE484222325));
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        hash = s12x_array_hash(&flash->arrays[i], hash);
    }
    const struct s12x_eee *eee = &flash->eee;
    uint64_t partition = eee->partitioned ? (uint64_t)eee->dfpart << 16 | eee->erpart : UINT64_MAX;
    return (hash ^ partition) * UINT64_C(0x9E3779B97F4A7C15);
}
