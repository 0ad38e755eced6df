/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_power.c - torn and feeble pulses, one draw per affected cell. */
#include "sim/s12x_flash_model/s12x_power.h"

#include "sim/base.h"

/* Permille of the pulse. */
enum {
    PROGRAM_FIRST = 100,
    PROGRAM_SPAN = 800,
    PROGRAM_EDGE = 50,
    ERASE_FIRST = 50,
    ERASE_SPAN = 900,
    ERASE_EDGE_BEFORE = 50,
    ERASE_EDGE_AFTER = 150,
};
/* At this supply and below every changed cell is weak. */
enum { HOPELESS_MV = 2500 };

struct pulse {
    uint32_t first, span, edge_before, edge_after; /* Permille. */
    uint32_t ended;
};

/* Of the bits in due, those that have moved, and those that hang between. */
static void cut_bits(uint64_t due, const struct pulse *pulse, struct prng *prng, uint64_t *moved,
                     uint64_t *weak)
{
    *moved = 0;
    *weak = 0;
    while (due != 0) {
        uint64_t bit = due & (~due + 1);
        due ^= bit;
        uint32_t moment = pulse->first + (uint32_t)prng_below(prng, pulse->span + 1);
        if (pulse->ended >= moment) {
            *moved |= bit;
        }
        if (pulse->ended + pulse->edge_before > moment &&
            pulse->ended < moment + pulse->edge_after) {
            *weak |= bit;
        }
    }
}

static void cut_unit(struct s12x_array *array, uint32_t unit, uint64_t due, uint8_t due_ecc,
                     const struct pulse *pulse, struct prng *prng)
{
    struct s12x_cell cell;
    uint64_t moved;
    uint64_t weak;
    s12x_array_get(array, unit, &cell);
    cut_bits(due, pulse, prng, &moved, &weak);
    cell.data ^= moved;
    cell.weak = (cell.weak & ~moved) | weak;
    cut_bits(due_ecc, pulse, prng, &moved, &weak);
    cell.ecc = (uint8_t)(cell.ecc ^ moved);
    cell.weak_ecc = (uint8_t)((cell.weak_ecc & ~moved) | weak);
    s12x_array_set(array, unit, &cell);
}

void s12x_power_torn_program(struct s12x_array *array, uint32_t unit, uint64_t data,
                             uint32_t permille, struct prng *prng)
{
    CHECK(permille <= 1000);
    struct pulse pulse = {PROGRAM_FIRST, PROGRAM_SPAN, PROGRAM_EDGE, PROGRAM_EDGE, permille};
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    if (permille > 0 && array->programs[unit] < UINT8_MAX) {
        array->programs[unit]++;
    }
    cut_unit(array, unit, cell.data & ~data, (uint8_t)(cell.ecc & ~s12x_array_encode(array, data)),
             &pulse, prng);
}

void s12x_power_torn_erase(struct s12x_array *array, uint32_t sector, uint32_t permille,
                           struct prng *prng)
{
    CHECK(permille <= 1000 && sector < array->sectors);
    if (permille == 0) {
        return;
    }
    struct pulse pulse = {ERASE_FIRST, ERASE_SPAN, ERASE_EDGE_BEFORE, ERASE_EDGE_AFTER, permille};
    uint32_t units = array->sector_bytes / array->unit_bytes;
    for (uint32_t unit = sector * units; unit < (sector + 1) * units; unit++) {
        if (!s12x_array_written(array, unit)) {
            continue;
        }
        struct s12x_cell cell;
        s12x_array_get(array, unit, &cell);
        cut_unit(array, unit, ~cell.data & s12x_array_data_mask(array),
                 (uint8_t)(~cell.ecc & s12x_array_ecc_mask(array)), &pulse, prng);
    }
    array->erase_count[sector]++;
}

static uint64_t draw_bits(uint64_t from, uint32_t ppm, struct prng *prng)
{
    uint64_t drawn = 0;
    while (from != 0) {
        uint64_t bit = from & (~from + 1);
        from ^= bit;
        if (prng_chance_ppm(prng, ppm)) {
            drawn |= bit;
        }
    }
    return drawn;
}

void s12x_power_weaken(struct s12x_array *array, uint32_t unit, uint64_t changed,
                       uint8_t changed_ecc, uint32_t ppm, struct prng *prng)
{
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    cell.weak |= draw_bits(changed, ppm, prng);
    cell.weak_ecc = (uint8_t)(cell.weak_ecc | draw_bits(changed_ecc, ppm, prng));
    s12x_array_set(array, unit, &cell);
}

uint32_t s12x_power_weak_ppm(uint32_t supply_mv, uint32_t safe_mv)
{
    if (supply_mv >= safe_mv) {
        return 0;
    }
    if (supply_mv <= HOPELESS_MV) {
        return 1000000;
    }
    uint64_t lack = safe_mv - supply_mv;
    uint64_t range = safe_mv - HOPELESS_MV;
    return (uint32_t)(UINT64_C(1000000) * lack * lack / (range * range));
}
