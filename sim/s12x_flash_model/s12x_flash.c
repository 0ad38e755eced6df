/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_flash.c - the module as a whole: life, reset, time. */
#include "sim/s12x_flash_model/s12x_flash.h"

#include "sim/s12x_flash_model/s12x_flash_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OSC_HZ = 16000000, BUS_HZ = 50000000, SUPPLY_MV = 5000 };
/* Own assumption: the fixed part of the reset sequence. */
#define RESET_NS SIM_US(100)
/* What the configuration bytes hold if their phrase cannot be read: everything protected. */
enum { FPROT_ALL = 0x7F, EPROT_ALL = 0x7F };

const char *s12x_finding_text(enum s12x_finding finding)
{
#define TEXT(name, text) text,
    static const char *const texts[] = {S12X_FINDINGS(TEXT)};
#undef TEXT
    CHECK((size_t)finding < ARRAY_SIZE(texts));
    return texts[finding];
}

void s12x_finding(struct s12x_flash *flash, enum s12x_finding finding, uint32_t address)
{
    const struct s12x_hooks *hooks = &flash->cfg.hooks;
    flash->findings[finding]++;
    if (hooks->on_finding) {
        hooks->on_finding(hooks->ctx, finding, address, flash->now_ns);
    }
}

static void init_stream(struct prng *prng, const struct s12x_flash_cfg *cfg, const char *purpose)
{
    char name[96];
    const char *owner = cfg->stream_name ? cfg->stream_name : "s12x";
    snprintf(name, sizeof(name), "%.64s/flash-%s", owner, purpose);
    prng_init(prng, cfg->seed, name);
}

static bool init_arrays(struct s12x_flash *flash)
{
    const struct s12x_part *part = flash->part;
    CHECK(part->p_blocks_len > 0 && part->p_blocks_len <= S12X_BLOCKS_MAX);
    for (uint8_t i = 0; i < part->p_blocks_len; i++) {
        const struct s12x_block *block = &part->p_blocks[i];
        if (!s12x_array_init(&flash->arrays[i], block->start, block->size_bytes,
                             part->p_phrase_bytes, part->p_sector_bytes)) {
            return false;
        }
        flash->arrays_len++;
    }
    if (part->d_block.size_bytes != 0) {
        flash->d = &flash->arrays[flash->arrays_len];
        if (!s12x_array_init(flash->d, part->d_block.start, part->d_block.size_bytes, 2,
                             part->d_sector_bytes)) {
            return false;
        }
        flash->arrays_len++;
    }
    return s12x_array_init(&flash->once, 0, part->program_once_bytes, part->p_phrase_bytes,
                           part->program_once_bytes);
}

struct s12x_flash *s12x_flash_new(const struct s12x_flash_cfg *cfg)
{
    CHECK(cfg->part);
    struct s12x_flash *flash = calloc(1, sizeof(*flash));
    if (!flash) {
        return NULL;
    }
    flash->cfg = *cfg;
    flash->cfg.stream_name = NULL; /* Only needed here; it may not outlive this call. */
    flash->part = cfg->part;
    flash->osc_hz = cfg->osc_hz ? cfg->osc_hz : OSC_HZ;
    flash->bus_hz = cfg->bus_hz ? cfg->bus_hz : BUS_HZ;
    CHECK(flash->bus_hz <= flash->part->bus_hz_max);
    CHECK(flash->osc_hz >= 1000000);
    flash->bus_q24 = s12x_cycle_q24(flash->bus_hz);
    flash->fclk_fastest_q24 = s12x_cycle_q24(flash->part->fclk_max_hz);
    flash->fclk_q24 = flash->fclk_fastest_q24;
    flash->supply_mv = flash->op_min_mv = SUPPLY_MV;
    flash->next_ns = SIM_NEVER;
    flash->lost_power = true;
    for (size_t i = 0; i < flash->part->timings_len; i++) {
        CHECK(flash->part->timings[i].command < S12X_COMMANDS);
        flash->timing[flash->part->timings[i].command] = &flash->part->timings[i];
    }
    init_stream(&flash->torn_bits, cfg, "torn");
    init_stream(&flash->weak_bits, cfg, "weak");
    init_stream(&flash->pulse_bits, cfg, "pulse");
    memset(flash->eee.stored, 0xFF, sizeof(flash->eee.stored));
    if (!init_arrays(flash)) {
        s12x_flash_free(flash);
        return NULL;
    }
    return flash;
}

void s12x_flash_free(struct s12x_flash *flash)
{
    if (!flash) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(flash->arrays); i++) {
        s12x_array_release(&flash->arrays[i]);
    }
    s12x_array_release(&flash->once);
    free(flash);
}

/* The copy's pointers into the original, moved over. */
static struct s12x_array *moved_array(struct s12x_flash *to, const struct s12x_flash *from,
                                      const struct s12x_array *array)
{
    if (!array) {
        return NULL;
    }
    return array == &from->once ? &to->once : &to->arrays[array - from->arrays];
}

struct s12x_flash *s12x_flash_clone(const struct s12x_flash *flash, const struct s12x_hooks *hooks)
{
    struct s12x_flash *copy = malloc(sizeof(*copy));
    if (!copy) {
        return NULL;
    }
    *copy = *flash;
    copy->cfg.hooks = hooks ? *hooks : (struct s12x_hooks){0};
    copy->d = moved_array(copy, flash, flash->d);
    copy->run.array = moved_array(copy, flash, flash->run.array);
    for (uint8_t i = 0; i < flash->loads_len; i++) {
        copy->loads[i].array = moved_array(copy, flash, flash->loads[i].array);
    }
    memset(copy->arrays, 0, sizeof(copy->arrays));
    bool copied = s12x_array_copy(&copy->once, &flash->once);
    for (uint8_t i = 0; i < flash->arrays_len && copied; i++) {
        copied = s12x_array_copy(&copy->arrays[i], &flash->arrays[i]);
    }
    if (!copied) {
        s12x_flash_free(copy);
        return NULL;
    }
    return copy;
}

struct s12x_array *s12x_array_at(struct s12x_flash *flash, uint32_t address, uint32_t *offset)
{
    *offset = 0;
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        struct s12x_array *array = &flash->arrays[i];
        *offset = address - array->start;
        if (*offset < array->size_bytes) {
            return array;
        }
    }
    return NULL;
}

uint32_t s12x_array_bit(const struct s12x_flash *flash, const struct s12x_array *array)
{
    return UINT32_C(1) << (array - flash->arrays);
}

enum s12x_ecc_fault s12x_sense(struct s12x_flash *flash, const struct s12x_array *array,
                               uint32_t unit, uint64_t *data)
{
    return s12x_array_read_unit(array, unit, S12X_MARGIN_NORMAL, &flash->weak_bits, data, NULL);
}

/* Time. */

void s12x_set_next(struct s12x_flash *flash)
{
    flash->next_ns = flash->running ? flash->run.end_ns : SIM_NEVER;
    if (flash->eee.step.kind != S12X_EEE_IDLE) {
        flash->next_ns = sim_min_ns(flash->next_ns, flash->eee.step.end_ns);
    }
}

sim_ns_t s12x_flash_next_ns(const struct s12x_flash *flash)
{
    return flash->next_ns;
}

void s12x_flash_advance(struct s12x_flash *flash, sim_ns_t now_ns)
{
    CHECK(now_ns >= flash->now_ns);
    while (flash->next_ns <= now_ns) {
        flash->now_ns = flash->next_ns;
        if (flash->eee.step.kind != S12X_EEE_IDLE && flash->eee.step.end_ns <= flash->now_ns) {
            s12x_eee_finish_step(flash);
            flash->op_min_mv = flash->supply_mv;
        } else {
            s12x_cmd_finish(flash);
        }
        s12x_set_next(flash);
        s12x_eee_kick(flash, flash->now_ns);
    }
    flash->now_ns = now_ns;
}

/* The configuration field: FPROT, EPROT, FOPT, FSEC in the second half of its 16 bytes. */
static void load_config(struct s12x_flash *flash)
{
    uint32_t offset;
    const struct s12x_array *array = s12x_array_at(flash, flash->part->config_field + 8, &offset);
    CHECK(array && array->unit_bytes == 8);
    uint64_t phrase;
    if (s12x_sense(flash, array, offset / 8, &phrase) == S12X_ECC_DOUBLE) {
        phrase = UINT64_C(0xFFFF) << 48 | (uint64_t)EPROT_ALL << 40 | (uint64_t)FPROT_ALL << 32;
    }
    flash->fprot = (uint8_t)(phrase >> 32);
    flash->eprot = (uint8_t)(phrase >> 40);
    flash->fopt = (uint8_t)(phrase >> 48);
    flash->fsec = (uint8_t)(phrase >> 56);
    flash->protected_p = s12x_prot_p_mask(flash->fprot);
}

void s12x_flash_cut(struct s12x_flash *flash, sim_ns_t now_ns)
{
    s12x_flash_advance(flash, now_ns);
    if (!flash->powered) {
        return;
    }
    if (flash->running) {
        s12x_cmd_cut(flash, now_ns);
    }
    s12x_eee_cut(flash, now_ns);
    s12x_set_next(flash);
}

sim_ns_t s12x_flash_reset(struct s12x_flash *flash, sim_ns_t now_ns)
{
    s12x_flash_advance(flash, now_ns);
    if (flash->powered && flash->running) {
        s12x_finding(flash, S12X_FIND_RESET_WHILE_BUSY, flash->run.op.address);
    }
    s12x_flash_cut(flash, now_ns);
    flash->powered = true;
    flash->fclkdiv = flash->fccobix = flash->feccrix = flash->fcnfg = flash->fercnfg = 0;
    flash->fclk_hz = 0;
    flash->fclk_q24 = flash->fclk_fastest_q24;
    flash->ferstat = 0;
    flash->fstat = S12X_CCIF;
    memset(flash->fccob, 0, sizeof(flash->fccob));
    memset(flash->feccr, 0, sizeof(flash->feccr));
    memset(flash->margin, 0, sizeof(flash->margin));
    flash->loads_len = 0;
    flash->key_failed = false;
    load_config(flash);
    if (flash->d) {
        s12x_eee_copy_down(flash, flash->lost_power);
    }
    flash->lost_power = false;
    flash->ready_ns = now_ns + RESET_NS + (flash->d ? s12x_eee_copy_down_ns(flash) : 0);
    return flash->ready_ns;
}

void s12x_flash_power_off(struct s12x_flash *flash, sim_ns_t now_ns)
{
    s12x_flash_cut(flash, now_ns);
    flash->powered = false;
    flash->lost_power = true;
}

void s12x_flash_set_supply_mv(struct s12x_flash *flash, uint32_t supply_mv, sim_ns_t now_ns)
{
    s12x_flash_advance(flash, now_ns);
    flash->supply_mv = supply_mv;
    if (supply_mv < flash->op_min_mv) {
        flash->op_min_mv = supply_mv;
    }
}

sim_ns_t s12x_flash_command_end_ns(const struct s12x_flash *flash)
{
    return flash->running ? flash->run.end_ns : SIM_NEVER;
}

bool s12x_flash_block_busy(const struct s12x_flash *flash, uint32_t address, sim_ns_t now_ns)
{
    for (uint8_t i = 0; i < flash->arrays_len; i++) {
        const struct s12x_array *array = &flash->arrays[i];
        if (address - array->start < array->size_bytes) {
            return flash->running && now_ns < flash->run.end_ns && (flash->run.busy >> i & 1) != 0;
        }
    }
    return false;
}
