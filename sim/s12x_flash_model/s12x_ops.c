/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_ops.c - one program or erase pulse with all that can go wrong, and how
 * long operations take. */
#include "sim/s12x_flash_model/s12x_flash_private.h"
#include "sim/s12x_flash_model/s12x_power.h"

/* Own assumption: each unit of a sector erased past its endurance gets a weak cell with a
 * probability that reaches this at twice the endurance. */
enum { WORN_PPM = 100000 };

static uint32_t address_of(const struct s12x_array *array, uint32_t unit)
{
    return array->start + unit * array->unit_bytes;
}

/* FCLK too fast makes pulses too short; the supply counts at its lowest. */
struct s12x_pulse s12x_pulse_now(const struct s12x_flash *flash)
{
    struct s12x_pulse pulse = {.permille = 1000};
    if (flash->fclk_hz > flash->part->fclk_max_hz) {
        pulse.permille = (uint32_t)(UINT64_C(1000) * flash->part->fclk_max_hz / flash->fclk_hz);
    }
    pulse.weak_ppm = s12x_power_weak_ppm(flash->op_min_mv, flash->part->vdd_safe_mv);
    return pulse;
}

static void accuse_program(struct s12x_flash *flash, const struct s12x_array *array, uint32_t unit)
{
    if (s12x_array_written(array, unit)) {
        s12x_finding(flash, S12X_FIND_REPROGRAM, address_of(array, unit));
    } else if (array->troubled[unit]) {
        struct s12x_cell cell;
        s12x_array_get(array, unit, &cell);
        if (cell.weak | cell.weak_ecc) {
            s12x_finding(flash, S12X_FIND_UNBLANK_PROGRAM, address_of(array, unit));
        }
    }
}

/* The controller reads back what it has programmed. */
static uint8_t verify_unit(struct s12x_flash *flash, const struct s12x_array *array, uint32_t unit,
                           uint64_t expected)
{
    uint64_t data;
    enum s12x_ecc_fault fault = s12x_sense(flash, array, unit, &data);
    if (fault == S12X_ECC_DOUBLE || data != expected) {
        return S12X_MGSTAT1 | S12X_MGSTAT0;
    }
    return fault == S12X_ECC_SINGLE ? S12X_MGSTAT1 : 0;
}

uint8_t s12x_pulse_program(struct s12x_flash *flash, struct s12x_array *array, uint32_t unit,
                           uint64_t data, const struct s12x_pulse *pulse)
{
    bool sound = !array->troubled[unit] && !s12x_array_written(array, unit);
    if (!sound) {
        accuse_program(flash, array, unit);
    }
    if (pulse->permille >= 1000 && pulse->weak_ppm == 0) {
        s12x_array_program(array, unit, data);
        return sound ? 0 : verify_unit(flash, array, unit, data);
    }
    struct s12x_cell before;
    struct s12x_cell after;
    s12x_array_get(array, unit, &before);
    if (pulse->permille < 1000) {
        s12x_power_torn_program(array, unit, data, pulse->permille, &flash->pulse_bits);
    } else {
        s12x_array_program(array, unit, data);
    }
    s12x_array_get(array, unit, &after);
    s12x_power_weaken(array, unit, before.data ^ after.data, before.ecc ^ after.ecc,
                      pulse->weak_ppm, &flash->pulse_bits);
    return verify_unit(flash, array, unit, data);
}

static void weaken_erased(struct s12x_flash *flash, struct s12x_array *array, uint32_t first,
                          uint32_t units, uint32_t ppm)
{
    for (uint32_t unit = first; unit < first + units; unit++) {
        s12x_power_weaken(array, unit, s12x_array_data_mask(array), s12x_array_ecc_mask(array), ppm,
                          &flash->pulse_bits);
    }
}

static void wear(struct s12x_flash *flash, struct s12x_array *array, uint32_t sector,
                 uint32_t first, uint32_t units)
{
    uint32_t endurance =
        array == flash->d ? flash->part->d_endurance_cycles : flash->part->p_endurance_cycles;
    uint32_t count = array->erase_count[sector];
    if (count <= endurance) {
        return;
    }
    s12x_finding(flash, S12X_FIND_WORN_SECTOR, address_of(array, first));
    uint64_t ppm = (uint64_t)(count - endurance) * WORN_PPM / endurance;
    for (uint32_t unit = first; unit < first + units; unit++) {
        if (prng_chance_ppm(&flash->pulse_bits, ppm > 1000000 ? 1000000 : (uint32_t)ppm)) {
            uint64_t bit = UINT64_C(1) << prng_below(&flash->pulse_bits, array->unit_bytes * 8u);
            s12x_power_weaken(array, unit, bit, 0, 1000000, &flash->pulse_bits);
        }
    }
}

/* 0, or MGSTAT bits if a cell of the range does not read erased at the erased margin. */
uint8_t s12x_verify_blank(struct s12x_flash *flash, const struct s12x_array *array,
                          uint32_t first_unit, uint32_t units)
{
    uint8_t mgstat = 0;
    for (uint32_t unit = first_unit; unit < first_unit + units; unit++) {
        if (s12x_array_blank(array, unit)) {
            continue;
        }
        uint64_t data;
        enum s12x_ecc_fault fault =
            s12x_array_read_unit(array, unit, S12X_MARGIN_ONE, &flash->weak_bits, &data, NULL);
        mgstat |= S12X_MGSTAT1;
        if (fault == S12X_ECC_DOUBLE || data != s12x_array_data_mask(array)) {
            mgstat |= S12X_MGSTAT0;
        }
    }
    return mgstat;
}

/* The verify at the end of an erase is an ordinary read: weak cells may pass it. */
static uint8_t verify_erased(struct s12x_flash *flash, const struct s12x_array *array,
                             uint32_t first, uint32_t units)
{
    uint8_t mgstat = 0;
    for (uint32_t unit = first; unit < first + units; unit++) {
        if (array->troubled[unit]) {
            mgstat |= verify_unit(flash, array, unit, s12x_array_data_mask(array));
        }
    }
    return mgstat;
}

uint8_t s12x_pulse_erase(struct s12x_flash *flash, struct s12x_array *array, uint32_t sector,
                         const struct s12x_pulse *pulse)
{
    uint32_t units = array->sector_bytes / array->unit_bytes;
    uint32_t first = sector * units;
    if (pulse->permille < 1000) {
        s12x_power_torn_erase(array, sector, pulse->permille, &flash->pulse_bits);
        return s12x_verify_blank(flash, array, first, units);
    }
    s12x_array_erase_sector(array, sector);
    if (pulse->weak_ppm != 0) {
        weaken_erased(flash, array, first, units, pulse->weak_ppm);
    }
    wear(flash, array, sector, first, units);
    return array->sector_troubled[sector] ? verify_erased(flash, array, first, units) : 0;
}

/* Fixed point, 24 binary places: durations are asked for too often for divisions. */
uint64_t s12x_cycle_q24(uint32_t hz)
{
    CHECK(hz != 0);
    return ((UINT64_C(1000000000) << 24) + hz / 2) / hz;
}

static sim_ns_t cycles_ns(uint64_t cycles, uint64_t cycle_q24)
{
    return (cycles * cycle_q24 + (UINT64_C(1) << 23)) >> 24;
}

/* Typical plus the share of the way to the maximum that the sector's age asks for. */
static uint64_t aged(uint64_t typ, uint64_t max, uint32_t count, uint32_t endurance)
{
    uint64_t age = count < endurance ? count : endurance;
    return typ + (max - typ) * age / endurance;
}

sim_ns_t s12x_duration_ns(const struct s12x_flash *flash, uint8_t command, uint32_t units,
                          bool crosses_row, const struct s12x_array *array, uint32_t offset)
{
    const struct s12x_timing_row *row = flash->timing[command];
    CHECK(row);
    uint64_t op = row->typ_op + (uint64_t)row->typ_op_unit * units;
    uint64_t bus = row->typ_bus + (uint64_t)row->typ_bus_unit * units;
    uint64_t op_q24 = flash->fclk_q24;
    if (flash->cfg.timing == S12X_TIMING_MIN && op_q24 > flash->fclk_fastest_q24) {
        op_q24 = flash->fclk_fastest_q24;
    }
    if (flash->cfg.timing == S12X_TIMING_MAX) {
        op = row->max_op + (uint64_t)row->max_op_unit * units;
        bus = row->max_bus + (uint64_t)row->max_bus_unit * units;
    } else if (row->ages && flash->cfg.timing == S12X_TIMING_TYP) {
        uint32_t count = array->erase_count[offset / array->sector_bytes];
        op = aged(op, row->max_op, count, flash->part->d_endurance_cycles);
        bus = aged(bus, row->max_bus, count, flash->part->d_endurance_cycles);
    }
    if (crosses_row) {
        op += row->cross_op;
        bus += row->cross_bus;
    }
    return cycles_ns(op, op_q24) + cycles_ns(bus, flash->bus_q24);
}
