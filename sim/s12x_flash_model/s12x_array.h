/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_array.h - the cells of one physical array.
 *
 * A unit is what one program pulse writes with its check bits: a phrase of 8 bytes or a word of 2.
 * A cell is strong or weak; a weak one holds its nominal bit, but reads at random at the normal
 * level. Units with nothing unusual (no weak cell, fitting check bits, no overlay) are untroubled
 * and are read by copying. Private to the model. */
#ifndef SIM_S12X_ARRAY_H
#define SIM_S12X_ARRAY_H

#include "sim/prng.h"
#include "sim/s12x_flash_model/s12x_ecc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum s12x_margin { S12X_MARGIN_NORMAL, S12X_MARGIN_ONE, S12X_MARGIN_ZERO };

struct s12x_array {
    uint32_t start, size_bytes;
    uint32_t unit_bytes, sector_bytes;
    uint32_t units, sectors;
    uint8_t *data, *ecc;
    uint8_t *programs; /* Per unit, since the last erase; stays at 255. */
    uint8_t *troubled; /* Per unit. */
    uint16_t *sector_troubled;
    uint32_t *erase_count;
    /* What s12x_array_hash_sector() has come to, while the sector is not stale. */
    uint64_t *sector_hash;
    uint8_t *sector_stale;
    /* Only meaningful where troubled. Overlays are not part of the truth. */
    uint8_t *weak, *weak_ecc;
    uint8_t *flip, *stuck_mask, *stuck_value;
    uint8_t *memory; /* All of the above; the part that every copy needs comes first. */
    size_t plain_bytes, memory_bytes;
    bool ever_troubled; /* The part after plain_bytes has been written to. */
};

/* The truth about one unit. Data bytes in ascending address order, first byte lowest. */
struct s12x_cell {
    uint64_t data, weak;
    uint8_t ecc, weak_ecc;
};

/* Erased. False: out of memory. */
bool s12x_array_init(struct s12x_array *array, uint32_t start, uint32_t size_bytes,
                     uint32_t unit_bytes, uint32_t sector_bytes);
void s12x_array_release(struct s12x_array *array);
bool s12x_array_copy(struct s12x_array *to, const struct s12x_array *from);

uint64_t s12x_array_data_mask(const struct s12x_array *array);
uint8_t s12x_array_ecc_mask(const struct s12x_array *array);
uint8_t s12x_array_encode(const struct s12x_array *array, uint64_t data);

void s12x_array_get(const struct s12x_array *array, uint32_t unit, struct s12x_cell *cell);
void s12x_array_set(struct s12x_array *array, uint32_t unit, const struct s12x_cell *cell);
/* One full pulse: clears bits of data and check bits; cells that become 0 are strong. */
void s12x_array_program(struct s12x_array *array, uint32_t unit, uint64_t data);
void s12x_array_erase_sector(struct s12x_array *array, uint32_t sector);

/* Through the sense amplifiers and the correction. *weak_bits decides weak cells at the normal
 * level. *raw_ecc, if not null, gets the check bits as sensed. */
enum s12x_ecc_fault s12x_array_read_unit(const struct s12x_array *array, uint32_t unit,
                                         enum s12x_margin margin, struct prng *weak_bits,
                                         uint64_t *data, uint8_t *raw_ecc);
/* All ones and none of them weak, overlays included. */
bool s12x_array_blank(const struct s12x_array *array, uint32_t unit);
/* Quickly: so is each unit of the sector. False may mean that one has to look at each. */
bool s12x_array_sector_blank(const struct s12x_array *array, uint32_t sector);
/* True if a program pulse would find cells at 0. */
bool s12x_array_written(const struct s12x_array *array, uint32_t unit);

void s12x_array_flip(struct s12x_array *array, uint32_t offset, uint8_t xor_mask);
void s12x_array_stick(struct s12x_array *array, uint32_t offset, uint8_t mask, uint8_t value);
void s12x_array_lift(struct s12x_array *array);

uint64_t s12x_array_hash(const struct s12x_array *array, uint64_t hash);
/* Kept until a cell of the sector changes: asking again costs nothing. */
uint64_t s12x_array_hash_sector(const struct s12x_array *array, uint32_t sector, uint64_t hash);
/* len_bytes: a multiple of 32. */
uint64_t s12x_array_mix_bytes(const void *bytes, size_t len_bytes, uint64_t hash);

#endif
