/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_foresee.c - what a loss of power would leave, without it happening: the
 * module is cut, shown, and put back. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

/* Of P-Flash and of D-Flash alike. */
enum { SECTOR_UNITS = 128 };

/* Cells that an operation may change: of one sector. */
struct kept {
    struct s12x_array *array; /* Null: none. */
    uint32_t sector, first, units;
    uint64_t sector_hash;
    uint8_t sector_stale;
    uint32_t erase_count;
    struct s12x_cell cells[SECTOR_UNITS];
    uint8_t programs[SECTOR_UNITS];
};

static void keep(struct kept *kept, struct s12x_array *array, uint32_t first, uint32_t units)
{
    CHECK(array != NULL && units <= SECTOR_UNITS);
    kept->array = array;
    kept->sector = first * array->unit_bytes / array->sector_bytes;
    kept->first = first;
    kept->units = units;
    kept->sector_hash = array->sector_hash[kept->sector];
    kept->sector_stale = array->sector_stale[kept->sector];
    kept->erase_count = array->erase_count[kept->sector];
    for (uint32_t i = 0; i < units; i++) {
        s12x_array_get(array, first + i, &kept->cells[i]);
        kept->programs[i] = array->programs[first + i];
    }
}

static void put_back(const struct kept *kept)
{
    struct s12x_array *array = kept->array;
    if (array == NULL) {
        return;
    }
    for (uint32_t i = 0; i < kept->units; i++) {
        s12x_array_set(array, kept->first + i, &kept->cells[i]);
        array->programs[kept->first + i] = kept->programs[i];
    }
    array->sector_hash[kept->sector] = kept->sector_hash;
    array->sector_stale[kept->sector] = kept->sector_stale;
    array->erase_count[kept->sector] = kept->erase_count;
}

/* False: it may change more than there is room for. */
static bool keep_run(const struct s12x_flash *flash, struct kept *kept)
{
    const struct s12x_run *run = &flash->run;
    kept->array = NULL;
    if (!flash->running || !run->row->alters) {
        return true;
    }
    const uint32_t unit_bytes = run->array != NULL ? run->array->unit_bytes : 1;
    const uint32_t unit = run->offset / unit_bytes;
    switch (run->op.command) {
    case S12X_CMD_PROGRAM_P:
        if (flash->loads_len > 0) {
            return false;
        }
        keep(kept, run->array, unit, 1);
        return true;
    case S12X_CMD_PROGRAM_D: keep(kept, run->array, unit, run->units); return true;
    case S12X_CMD_ERASE_P_SECTOR:
    case S12X_CMD_ERASE_D_SECTOR:
        keep(kept, run->array, unit - unit % SECTOR_UNITS, SECTOR_UNITS);
        return true;
    default: return false;
    }
}

static void keep_step(const struct s12x_flash *flash, struct kept *kept)
{
    kept->array = NULL;
    if (flash->eee.step.kind != S12X_EEE_IDLE) {
        const uint32_t sector = (uint32_t)flash->eee.dfpart + flash->eee.step.sector;
        keep(kept, flash->d, sector * SECTOR_UNITS, SECTOR_UNITS);
    }
}

bool s12x_flash_foresee_cut(struct s12x_flash *flash, uint64_t seed, sim_ns_t now_ns,
                            void (*look)(void *ctx, const struct s12x_flash *flash), void *ctx)
{
    if (!flash->running && flash->eee.step.kind == S12X_EEE_IDLE) {
        look(ctx, flash);
        return true;
    }
    struct kept of_run;
    struct kept of_step;
    if (!keep_run(flash, &of_run)) {
        return false;
    }
    keep_step(flash, &of_step);
    const struct s12x_flash before = *flash;
    flash->cfg.hooks = (struct s12x_hooks){.ctx = NULL};
    s12x_flash_draw_anew(flash, seed, now_ns);
    s12x_flash_set_supply_mv(flash, 0, now_ns);
    s12x_flash_cut(flash, now_ns);
    look(ctx, flash);
    put_back(&of_run);
    put_back(&of_step);
    *flash = before;
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t share_done(sim_ns_t start_ns, sim_ns_t len_ns, sim_ns_t now_ns)
{
    return now_ns > start_ns ? (now_ns - start_ns) * 1000 / len_ns : 0;
}

void s12x_flash_draw_anew(struct s12x_flash *flash, uint64_t seed, sim_ns_t now_ns)
{
    const struct s12x_op *op = &flash->run.op;
    const struct s12x_eee_step *step = &flash->eee.step;
    prng_init(&flash->weak_bits, seed, "weak");
    prng_init(&flash->pulse_bits, seed, "pulse");
    if (flash->running) {
        seed = mix(mix(seed, (uint64_t)op->command << 32 | op->address),
                   share_done(op->start_ns, op->duration_ns, now_ns));
    }
    if (step->kind != S12X_EEE_IDLE) {
        seed =
            mix(mix(seed, (uint64_t)step->kind << 32 | (uint64_t)step->sector << 16 | step->slot),
                share_done(step->start_ns, step->end_ns - step->start_ns, now_ns));
    }
    prng_init(&flash->torn_bits, seed, "torn");
}
