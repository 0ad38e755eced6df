/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_cmd_d.c - commands on D-Flash and emulated EEPROM: causes of refusal,
 * effect, and what a cut leaves. */
#include "sim/s12x_flash_model/s12x_flash_private.h"
#include "sim/s12x_flash_model/s12x_power.h"

enum { DATA_IX = 2 };

/* Sets address, array and offset; false outside the part of D-Flash that belongs to the user. */
static bool locate_d(struct s12x_flash *flash, struct s12x_run *run, uint32_t words)
{
    run->op.address = s12x_cmd_address(flash);
    run->array = s12x_array_at(flash, run->op.address, &run->offset);
    if (!run->array || run->array != flash->d || run->op.address % 2 != 0) {
        return false;
    }
    run->busy = s12x_array_bit(flash, run->array);
    run->units = words;
    return run->offset + words * 2 <= s12x_eee_log_offset(flash);
}

enum s12x_verdict s12x_check_section_d(struct s12x_flash *flash, struct s12x_run *run)
{
    return locate_d(flash, run, flash->fccob[2]) ? S12X_GO : S12X_REFUSE;
}

enum s12x_verdict s12x_check_program_d(struct s12x_flash *flash, struct s12x_run *run)
{
    uint32_t words = (uint32_t)flash->fccobix - DATA_IX + 1;
    if (!locate_d(flash, run, words)) {
        return S12X_REFUSE;
    }
    uint32_t row = flash->part->d_row_bytes;
    run->crosses_row = run->offset / row != (run->offset + words * 2 - 1) / row;
    return S12X_GO;
}

enum s12x_verdict s12x_check_erase_d(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!locate_d(flash, run, 1)) {
        return S12X_REFUSE;
    }
    run->units = 0;
    return S12X_GO;
}

enum s12x_verdict s12x_check_full_partition(struct s12x_flash *flash, struct s12x_run *run)
{
    if (!s12x_eee_limits_ok(flash, flash->fccob[1], flash->fccob[2])) {
        return S12X_REFUSE;
    }
    run->busy = s12x_array_bit(flash, flash->d);
    return S12X_GO;
}

enum s12x_verdict s12x_check_partition(struct s12x_flash *flash, struct s12x_run *run)
{
    return flash->eee.partitioned ? S12X_REFUSE : s12x_check_full_partition(flash, run);
}

enum s12x_verdict s12x_check_eee(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    return flash->eee.partitioned && flash->eee.erpart > 0 ? S12X_GO : S12X_REFUSE;
}

uint8_t s12x_run_full_partition(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint8_t mgstat = 0;
    for (uint32_t sector = 0; sector < flash->d->sectors; sector++) {
        mgstat |= s12x_pulse_erase(flash, flash->d, sector, &pulse);
    }
    s12x_eee_partition(flash, flash->fccob[1], flash->fccob[2]);
    return mgstat;
}

void s12x_tear_full_partition(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    (void)run;
    for (uint32_t sector = 0; sector < flash->d->sectors; sector++) {
        s12x_power_torn_erase(flash->d, sector, permille, &flash->torn_bits);
    }
    flash->eee.partitioned = false;
}

uint8_t s12x_run_partition(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    s12x_eee_partition(flash, flash->fccob[1], flash->fccob[2]);
    return 0;
}

static uint64_t swapped(uint16_t word)
{
    return (uint16_t)(word >> 8 | word << 8);
}

uint8_t s12x_run_program_d(struct s12x_flash *flash, struct s12x_run *run)
{
    struct s12x_pulse pulse = s12x_pulse_now(flash);
    uint8_t mgstat = 0;
    for (uint32_t i = 0; i < run->units; i++) {
        mgstat |= s12x_pulse_program(flash, run->array, run->offset / 2 + i,
                                     swapped(flash->fccob[DATA_IX + i]), &pulse);
    }
    return mgstat;
}

/* Words are programmed one after the other. */
void s12x_tear_program_d(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille)
{
    uint32_t done = permille * run->units;
    for (uint32_t i = 0; i < run->units && done > 0; i++) {
        uint32_t part = done < 1000 ? done : 1000;
        s12x_power_torn_program(run->array, run->offset / 2 + i, swapped(flash->fccob[DATA_IX + i]),
                                part, &flash->torn_bits);
        done -= part;
    }
}

uint8_t s12x_run_enable_eee(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    flash->eee.enabled = true;
    return 0;
}

uint8_t s12x_run_disable_eee(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    flash->eee.enabled = false;
    return 0;
}

uint8_t s12x_run_query(struct s12x_flash *flash, struct s12x_run *run)
{
    (void)run;
    s12x_eee_query(flash, &flash->fccob[1]);
    return 0;
}
