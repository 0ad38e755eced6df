/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_array.c - cells, NOR rules, overlays. */
#include "sim/s12x_flash_model/s12x_array.h"

#include "sim/base.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

uint64_t s12x_array_data_mask(const struct s12x_array *array)
{
    return array->unit_bytes == 8 ? UINT64_MAX : UINT64_C(0xFFFF);
}

uint8_t s12x_array_ecc_mask(const struct s12x_array *array)
{
    return array->unit_bytes == 8 ? 0xFF : 0x3F;
}

uint8_t s12x_array_encode(const struct s12x_array *array, uint64_t data)
{
    return array->unit_bytes == 8 ? s12x_ecc64_encode(data) : s12x_ecc16_encode((uint16_t)data);
}

static uint64_t load(const struct s12x_array *array, const uint8_t *plane, uint32_t unit)
{
    if (array->unit_bytes == 8) {
        uint64_t wide;
        memcpy(&wide, plane + (size_t)unit * 8, 8);
        return le64toh(wide);
    }
    uint16_t narrow;
    memcpy(&narrow, plane + (size_t)unit * 2, 2);
    return le16toh(narrow);
}

static void store(const struct s12x_array *array, uint8_t *plane, uint32_t unit, uint64_t value)
{
    if (array->unit_bytes == 8) {
        uint64_t wide = htole64(value);
        memcpy(plane + (size_t)unit * 8, &wide, 8);
        return;
    }
    uint16_t narrow = htole16((uint16_t)value);
    memcpy(plane + (size_t)unit * 2, &narrow, 2);
}

static uint32_t sector_of(const struct s12x_array *array, uint32_t unit)
{
    return unit * array->unit_bytes / array->sector_bytes;
}

/* Hands out the planes; with memory null it only adds up their size. */
static size_t lay_out(struct s12x_array *array, uint8_t *memory)
{
    size_t size = array->size_bytes;
    size_t units = array->units;
    size_t at = 0;
#define PLANE(member, type, count)                                                                 \
    array->member = memory ? (type *)(void *)(memory + at) : NULL;                                 \
    at += sizeof(type) * (count)
    PLANE(data, uint8_t, size);
    PLANE(sector_hash, uint64_t, (size_t)array->sectors);
    PLANE(erase_count, uint32_t, (size_t)array->sectors);
    PLANE(sector_troubled, uint16_t, (size_t)array->sectors);
    PLANE(ecc, uint8_t, units);
    PLANE(programs, uint8_t, units);
    PLANE(troubled, uint8_t, units);
    PLANE(sector_stale, uint8_t, (size_t)array->sectors);
    array->plain_bytes = at;
    PLANE(weak, uint8_t, size);
    PLANE(weak_ecc, uint8_t, units);
    PLANE(flip, uint8_t, size);
    PLANE(stuck_mask, uint8_t, size);
    PLANE(stuck_value, uint8_t, size);
#undef PLANE
    return at;
}

bool s12x_array_init(struct s12x_array *array, uint32_t start, uint32_t size_bytes,
                     uint32_t unit_bytes, uint32_t sector_bytes)
{
    CHECK(unit_bytes == 8 || unit_bytes == 2);
    CHECK(size_bytes != 0 && sector_bytes != 0 && size_bytes % sector_bytes == 0);
    CHECK(sector_bytes % unit_bytes == 0 && sector_bytes / unit_bytes <= UINT16_MAX);
    *array = (struct s12x_array){.start = start,
                                 .size_bytes = size_bytes,
                                 .unit_bytes = unit_bytes,
                                 .sector_bytes = sector_bytes,
                                 .units = size_bytes / unit_bytes,
                                 .sectors = size_bytes / sector_bytes};
    array->memory_bytes = lay_out(array, NULL);
    array->memory = calloc(1, array->memory_bytes);
    if (!array->memory) {
        return false;
    }
    lay_out(array, array->memory);
    memset(array->data, 0xFF, size_bytes);
    memset(array->ecc, s12x_array_ecc_mask(array), array->units);
    memset(array->sector_stale, true, array->sectors);
    return true;
}

void s12x_array_release(struct s12x_array *array)
{
    free(array->memory);
    *array = (struct s12x_array){0};
}

bool s12x_array_copy(struct s12x_array *to, const struct s12x_array *from)
{
    *to = *from;
    to->memory = calloc(1, from->memory_bytes);
    if (!to->memory) {
        return false;
    }
    lay_out(to, to->memory);
    memcpy(to->memory, from->memory, from->ever_troubled ? from->memory_bytes : from->plain_bytes);
    return true;
}

void s12x_array_get(const struct s12x_array *array, uint32_t unit, struct s12x_cell *cell)
{
    CHECK(unit < array->units);
    cell->data = load(array, array->data, unit);
    cell->ecc = array->ecc[unit];
    cell->weak = 0;
    cell->weak_ecc = 0;
    if (array->troubled[unit]) {
        cell->weak = load(array, array->weak, unit);
        cell->weak_ecc = array->weak_ecc[unit];
    }
}

static void set_troubled(struct s12x_array *array, uint32_t unit, bool troubled)
{
    if (array->troubled[unit] == troubled) {
        return;
    }
    uint16_t *count = &array->sector_troubled[sector_of(array, unit)];
    *count = (uint16_t)(troubled ? *count + 1 : *count - 1);
    array->troubled[unit] = troubled;
    array->ever_troubled |= troubled;
}

static void changed(struct s12x_array *array, uint32_t unit)
{
    array->sector_stale[sector_of(array, unit)] = true;
}

static bool overlaid(const struct s12x_array *array, uint32_t unit)
{
    return array->ever_troubled &&
           (load(array, array->flip, unit) | load(array, array->stuck_mask, unit)) != 0;
}

void s12x_array_set(struct s12x_array *array, uint32_t unit, const struct s12x_cell *cell)
{
    CHECK(unit < array->units);
    changed(array, unit);
    bool unusual = cell->weak != 0 || cell->weak_ecc != 0 ||
                   cell->ecc != s12x_array_encode(array, cell->data) || overlaid(array, unit);
    if (unusual || array->troubled[unit]) {
        store(array, array->weak, unit, cell->weak);
        array->weak_ecc[unit] = cell->weak_ecc;
    }
    store(array, array->data, unit, cell->data);
    array->ecc[unit] = cell->ecc;
    set_troubled(array, unit, unusual);
}

void s12x_array_program(struct s12x_array *array, uint32_t unit, uint64_t data)
{
    CHECK(unit < array->units);
    uint8_t ecc = s12x_array_encode(array, data);
    if (array->programs[unit] < UINT8_MAX) {
        array->programs[unit]++;
    }
    if (!array->troubled[unit] && !s12x_array_written(array, unit)) {
        changed(array, unit);
        store(array, array->data, unit, data);
        array->ecc[unit] = ecc;
        return;
    }
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    cell.data &= data;
    cell.ecc &= ecc;
    cell.weak &= data;
    cell.weak_ecc &= ecc;
    s12x_array_set(array, unit, &cell);
}

static void erase_troubled(struct s12x_array *array, uint32_t first, uint32_t units)
{
    size_t offset = (size_t)first * array->unit_bytes;
    size_t len = (size_t)units * array->unit_bytes;
    memset(array->weak + offset, 0, len);
    memset(array->weak_ecc + first, 0, units);
    memset(array->flip + offset, 0, len);
    for (uint32_t unit = first; unit < first + units; unit++) {
        set_troubled(array, unit, overlaid(array, unit));
    }
}

static bool all_bytes(const uint8_t *bytes, size_t len, uint8_t value)
{
    return bytes[0] == value && memcmp(bytes, bytes + 1, len - 1) == 0;
}

bool s12x_array_sector_blank(const struct s12x_array *array, uint32_t sector)
{
    const uint32_t units = array->sector_bytes / array->unit_bytes;
    return array->sector_troubled[sector] == 0 &&
           all_bytes(array->data + (size_t)sector * array->sector_bytes, array->sector_bytes,
                     0xFF) &&
           all_bytes(array->ecc + (size_t)sector * units, units, s12x_array_ecc_mask(array));
}

/* Erased already: writing it all again would copy each of its pages in a forked world. */
static bool sector_untouched(const struct s12x_array *array, uint32_t sector)
{
    const uint32_t units = array->sector_bytes / array->unit_bytes;
    return s12x_array_sector_blank(array, sector) &&
           all_bytes(array->programs + (size_t)sector * units, units, 0);
}

void s12x_array_erase_sector(struct s12x_array *array, uint32_t sector)
{
    CHECK(sector < array->sectors);
    uint32_t units = array->sector_bytes / array->unit_bytes;
    uint32_t first = sector * units;
    array->erase_count[sector]++;
    if (sector_untouched(array, sector)) {
        return;
    }
    changed(array, first);
    memset(array->data + (size_t)sector * array->sector_bytes, 0xFF, array->sector_bytes);
    memset(array->ecc + first, s12x_array_ecc_mask(array), units);
    memset(array->programs + first, 0, units);
    if (array->sector_troubled[sector]) {
        erase_troubled(array, first, units);
    }
}

static uint64_t sense_weak(uint64_t nominal, uint64_t weak, enum s12x_margin margin,
                           struct prng *weak_bits)
{
    switch (margin) {
    case S12X_MARGIN_ONE: return nominal & ~weak;
    case S12X_MARGIN_ZERO: return nominal | weak;
    case S12X_MARGIN_NORMAL:
        if (weak != 0) {
            return (nominal & ~weak) | (prng_u64(weak_bits) & weak);
        }
        break;
    }
    return nominal;
}

enum s12x_ecc_fault s12x_array_read_unit(const struct s12x_array *array, uint32_t unit,
                                         enum s12x_margin margin, struct prng *weak_bits,
                                         uint64_t *data, uint8_t *raw_ecc)
{
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    *data = cell.data;
    if (raw_ecc) {
        *raw_ecc = cell.ecc;
    }
    if (!array->troubled[unit]) {
        return S12X_ECC_OK;
    }
    uint64_t sensed = sense_weak(cell.data, cell.weak, margin, weak_bits);
    uint8_t ecc = (uint8_t)sense_weak(cell.ecc, cell.weak_ecc, margin, weak_bits);
    sensed ^= load(array, array->flip, unit);
    uint64_t stuck = load(array, array->stuck_mask, unit);
    sensed = (sensed & ~stuck) | (load(array, array->stuck_value, unit) & stuck);
    if (raw_ecc) {
        *raw_ecc = ecc;
    }
    if (array->unit_bytes == 8) {
        *data = sensed;
        return s12x_ecc64_decode(data, ecc);
    }
    uint16_t word = (uint16_t)sensed;
    enum s12x_ecc_fault fault = s12x_ecc16_decode(&word, ecc);
    *data = word;
    return fault;
}

bool s12x_array_blank(const struct s12x_array *array, uint32_t unit)
{
    if (s12x_array_written(array, unit)) {
        return false;
    }
    if (!array->troubled[unit]) {
        return true;
    }
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    uint64_t pulled_down =
        load(array, array->stuck_mask, unit) & ~load(array, array->stuck_value, unit);
    return cell.weak == 0 && cell.weak_ecc == 0 && load(array, array->flip, unit) == 0 &&
           pulled_down == 0;
}

bool s12x_array_written(const struct s12x_array *array, uint32_t unit)
{
    return load(array, array->data, unit) != s12x_array_data_mask(array) ||
           array->ecc[unit] != s12x_array_ecc_mask(array);
}

/* An overlay on a unit that was untroubled: its weak planes may hold old values. */
static void begin_overlay(struct s12x_array *array, uint32_t offset)
{
    CHECK(offset < array->size_bytes);
    uint32_t unit = offset / array->unit_bytes;
    changed(array, unit);
    if (!array->troubled[unit]) {
        store(array, array->weak, unit, 0);
        array->weak_ecc[unit] = 0;
        set_troubled(array, unit, true);
    }
}

void s12x_array_flip(struct s12x_array *array, uint32_t offset, uint8_t xor_mask)
{
    begin_overlay(array, offset);
    array->flip[offset] ^= xor_mask;
}

void s12x_array_stick(struct s12x_array *array, uint32_t offset, uint8_t mask, uint8_t value)
{
    begin_overlay(array, offset);
    array->stuck_mask[offset] |= mask;
    array->stuck_value[offset] = (uint8_t)((array->stuck_value[offset] & ~mask) | (value & mask));
}

void s12x_array_lift(struct s12x_array *array)
{
    if (!array->ever_troubled) {
        return;
    }
    memset(array->flip, 0, array->size_bytes);
    memset(array->stuck_mask, 0, array->size_bytes);
    for (uint32_t unit = 0; unit < array->units; unit++) {
        if (array->troubled[unit]) {
            struct s12x_cell cell;
            s12x_array_get(array, unit, &cell);
            s12x_array_set(array, unit, &cell);
        }
    }
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_unit_damage(const struct s12x_array *array, uint32_t unit, uint64_t hash)
{
    hash = mix(hash, unit);
    hash = mix(hash, load(array, array->weak, unit));
    hash = mix(hash, array->weak_ecc[unit]);
    hash = mix(hash, load(array, array->flip, unit));
    uint64_t stuck = load(array, array->stuck_mask, unit);
    hash = mix(hash, stuck);
    return mix(hash, load(array, array->stuck_value, unit) & stuck);
}

uint64_t s12x_array_hash(const struct s12x_array *array, uint64_t hash)
{
    for (uint32_t i = 0; i + 8 <= array->size_bytes; i += 8) {
        uint64_t wide;
        memcpy(&wide, array->data + i, 8);
        hash = mix(hash, le64toh(wide));
    }
    /* The check bits of an untroubled unit follow from its data. */
    for (uint32_t unit = 0; array->ever_troubled && unit < array->units; unit++) {
        if (array->troubled[unit]) {
            hash = mix(hash_unit_damage(array, unit, hash), array->ecc[unit]);
        }
    }
    return hash;
}

/* Four chains side by side: one alone would wait for its multiplications. */
uint64_t s12x_array_mix_bytes(const void *bytes, size_t len_bytes, uint64_t hash)
{
    const uint8_t *from = bytes;
    uint64_t lane[4] = {hash, hash + 1, hash + 2, hash + 3};
    for (size_t at = 0; at + 32 <= len_bytes; at += 32) {
        for (size_t i = 0; i < 4; i++) {
            uint64_t wide;
            memcpy(&wide, from + at + 8 * i, 8);
            lane[i] = mix(lane[i], le64toh(wide));
        }
    }
    return mix(mix(mix(lane[0], lane[1]), lane[2]), lane[3]);
}

static uint64_t hash_cells(const struct s12x_array *array, uint32_t sector)
{
    const uint32_t units = array->sector_bytes / array->unit_bytes;
    uint64_t hash = s12x_array_mix_bytes(array->data + (size_t)sector * array->sector_bytes,
                                         array->sector_bytes, sector);
    if (array->sector_troubled[sector] == 0) {
        return hash;
    }
    for (uint32_t unit = sector * units; unit < (sector + 1) * units; unit++) {
        if (array->troubled[unit]) {
            hash = mix(hash_unit_damage(array, unit, hash), array->ecc[unit]);
        }
    }
    return hash;
}

uint64_t s12x_array_hash_sector(const struct s12x_array *array, uint32_t sector, uint64_t hash)
{
    CHECK(sector < array->sectors);
    if (array->sector_stale[sector]) {
        array->sector_hash[sector] = hash_cells(array, sector);
        array->sector_stale[sector] = false;
    }
    return mix(hash, array->sector_hash[sector]);
}
