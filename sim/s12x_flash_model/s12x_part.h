/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_part.h - parts as rows: geometry, timing, limits.
 *
 * A further part with this module (another S12XE; two blocks of one are an A/B pair with
 * read-while-write) is a new row, not new code. A device with another programming unit or command
 * set (C55, SPI NOR) keeps the interface of s12x_flash.h and brings its own cells and commands.
 * Each row's figures carry their provenance in s12x_part.c and docs/fidelity.md. */
#ifndef SIM_S12X_PART_H
#define SIM_S12X_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { S12X_BLOCKS_MAX = 5, S12X_TIMINGS_MAX = 24 };

/* One physical array: a command on it makes the whole of it unreadable. */
struct s12x_block {
    const char *name;
    uint32_t start; /* Global address. */
    uint32_t size_bytes;
};

/* t = n_op / f_NVMOP + n_bus / f_NVMBUS, plus the same per unit (phrase loaded, phrase verified,
 * word programmed). Typical and maximum; the minimum is typical at the fastest legal FCLK. */
struct s12x_timing_row {
    uint8_t command;
    uint32_t typ_op, typ_bus, typ_op_unit, typ_bus_unit;
    uint32_t max_op, max_bus, max_op_unit, max_bus_unit;
    uint32_t cross_op, cross_bus; /* Added once if the words cross a row of the D-Flash. */
    bool ages; /* Typical time grows to the maximum as the sector nears its endurance. */
    const char *provenance;
};

struct s12x_part {
    const char *name;
    uint16_t part_id;
    struct s12x_block p_blocks[S12X_BLOCKS_MAX]; /* The first holds the configuration field. */
    uint8_t p_blocks_len;
    struct s12x_block d_block; /* size 0: none. */
    uint32_t p_sector_bytes;
    uint32_t p_phrase_bytes;
    uint32_t d_sector_bytes;
    uint32_t d_row_bytes; /* Program D-Flash takes longer across a multiple of it. */
    uint32_t program_once_bytes;
    uint32_t config_field;   /* Global address of 16 bytes. */
    uint32_t prot_low_start; /* Where FPROT's low region starts; its high region ends ... */
    uint32_t prot_high_end;  /* ... here, first address behind. At most 32 KB above. */
    uint32_t eee_ram_start;  /* Global address of the buffer RAM, 4 KB. */
    uint32_t bus_hz_max;
    uint32_t fclk_min_hz, fclk_max_hz;
    uint32_t p_endurance_cycles, d_endurance_cycles;
    uint32_t vdd_safe_mv; /* Below: operations become unreliable. */
    const struct s12x_timing_row *timings;
    size_t timings_len;
};

extern const struct s12x_part s12x_part_mc9s12xeq512;
extern const struct s12x_part s12x_part_mc9s12xeq384;

/* Null if there is no such part. */
const struct s12x_part *s12x_part_find(const char *name);

#endif
